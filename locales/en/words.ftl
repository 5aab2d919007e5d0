# Words that window and command line share: units, times, places, products, stages, states, checks.
# Messages take strings and plural counts only; figures are written by the table in locales/format-cases.json.

## Units and times

unit-mib = { $n } MiB
unit-gib = { $n } GiB
unit-kb = { $n } kB
unit-mb = { $n } MB
unit-gb = { $n } GB
unit-s = { $n } s
unit-min = { $n } min
unit-min-s = { $m } min { $s } s
unit-h = { $count ->
    [one] { $n } h
   *[other] { $n } h
}
unit-h-min = { $count ->
    [one] { $h } h { $m } min
   *[other] { $h } h { $m } min
}
range-short = less than 2 min
range-min = { $from } to { $to } min
range-h = { $from } to { $to } h
range-unknown = not known yet
date-day = { $day } { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
moment-now = Just now
moment-minutes = { $count ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
moment-today = Today at { $time }
moment-yesterday = Yesterday at { $time }
first-estimate = first estimate
measured = measured
measured-in-part = { $measured } of { $all } steps measured here, the rest a first estimate
images-simulated = none, in a rehearsal
images-there = none: the machines have them all
images-to-download = { $n } of { $all }
images-perhaps = up to { $n } of { $all }
images-size = { $size }
images-size-in-part = { $size } for { $n } of them; the size of the others is not known
images-size-unknown = their size is not known

## Counts

count-services = { $count ->
    [one] { $n } service
   *[other] { $n } services
}
count-objects = { $count ->
    [one] { $n } object
   *[other] { $n } objects
}
count-pods = { $count ->
    [one] in { $n } pod
   *[other] in { $n } pods
}
of = { $part } of { $all }
n-of = { $n } of { $all }
percent = { $n } %

## Places

place-cluster = A cluster you have
place-this-computer = This computer
place-rehearsal = Rehearsal

## Products and modules

product-digit = DIGIT: complaints
    .short = DIGIT
product-urban = DIGIT Urban: services of a city
    .short = Urban
product-practice = Practice product
    .short = Practice
product-line = { $count ->
    [one] { $product } { $version }, { $n } module
   *[other] { $product } { $version }, { $n } modules
}
module-requests = Requests
module-notices = Notices
module-pgr = Complaints
    .tag = PGR
    .hint = Citizens report, staff solve
module-dss = Dashboards
    .tag = DSS
    .hint = Figures for officers
module-bpa = Building plans
    .tag = BPA
    .hint = Apply, inspect, approve
module-edcr = Plan scrutiny
    .tag = eDCR
    .hint = Checks drawings against rules
module-fire-noc = Fire certificate
    .tag = Fire NOC
    .hint = Apply and inspect
module-property-tax = Property tax
    .tag = PT
    .hint = Register, assess and pay
module-trade-license = Trade licence
    .tag = TL
    .hint = Apply, renew and pay
module-water-service = Water charges
    .tag = WS
    .hint = Connections, meters, bills
module-sewerage = Sewerage charges
    .tag = SW
    .hint = Connections and bills
module-echallan = Challans
    .tag = mCollect
    .hint = Fines and other receipts
module-practice = Practice module
    .hint = For rehearsals

## Stages

stage-cluster = Cluster
stage-namespaces = Namespaces
stage-crds = Kinds of objects (CRDs)
stage-settings = Cluster settings
stage-entry = Web entry and certificates
stage-data = Database and file storage
stage-backbone = Base services
stage-core = Core services
stage-business = Shared services
stage-frontend = Web pages
stage-modules = Modules
stage-gateway = Gateway
stage-leave = What was not chosen any more

because-chosen = chosen
because-group = needed by { $of }
because-always = no module can be used without them
because-data = keep the data
because-settings = settings that all services read
because-gateway = leads from the web entry to the services

## States of a step

step-state-pending = Not yet
step-state-running = Running
step-state-waiting = Waiting
step-state-retrying = Trying again
step-state-done = Done
step-state-skipped = Skipped
step-state-failed = Failed
step-state-blocked = Waits for a failed step

## States of an installation

state-not-started = Not started
state-running = Being worked on
state-needs-person = A person is needed
state-paused = Paused
state-stopped = Stopped
state-interrupted = Interrupted
state-failed = Stopped, needs you
state-ready = Services ready
state-rehearsed = Rehearsed
state-removed = Removed
state-unreadable = Cannot be read

## Checks

check-access = The cluster answers, and we know who you are
check-permissions = You may create everything in the plan
check-version = This Kubernetes version has been tried
check-apis = The cluster knows every kind of object in the plan
check-capacity = There is enough free memory and processor time
check-nodes = There are enough machines
check-storage = There is a storage class for the disks
check-names = The names are free
check-other-installation = No other DIGIT is in this cluster
check-kept-disks = No disks of an earlier installation are in the way
check-product-list = The product’s list brings everything that it calls
check-leaving = Nothing that is there goes away
check-entry-door = The web entry guards the sign-in
check-namespaces = No namespace of the plan is being deleted
check-webhooks = Nothing of others stands before what the plan makes
check-address = The web entry can get an address
check-database = Your database can be used
check-files = Your file storage can be used
check-passed = Passed
check-take-note = Take note
check-not-passed = Not passed
check-accepted = Accepted by you
check-not-tried = Not tried
check-checking = Checking
check-not-yet = Not yet
check-group-access = Access
check-group-room = Room in the cluster
check-group-names = Names
check-group-data = Your database and file storage
check-group-product = What goes in
check-group-other = More checks

## Levels of the log

level-error = Error
level-warning = Warning
level-info = Info
level-debug = Debug

## What holds a whole run up, and is tried again by itself

held-disk-full = The disk of this computer is full. Make room on it: then the installation goes on by itself. Nothing is lost.
held-server-not-answering = The cluster does not answer. It is asked again every few seconds, and nothing is lost. If this lasts, look at your network or VPN, and at the cluster.
held-server-not-trusted = Something answers in the cluster's place, with a certificate that is not the cluster's. It is asked again every few seconds, and nothing is lost. If this lasts, ask whoever runs the network.
held-sign-in-failed = The cluster does not accept your sign-in any more. It is tried again every few seconds, and nothing is lost. If this lasts, sign in again as you did for this cluster.
held-sign-in-rejected = The cluster does not know you any more. It is tried again every few seconds, and nothing is lost. Sign in again as you did for this cluster: then it goes on by itself.
held-sign-in-program-missing = The program that signs you in to the cluster is not there any more. It is tried again every few seconds, and nothing is lost. Install it again: then it goes on by itself.
held-network-portal = This network wants you to sign in first. It is tried again every few seconds, and nothing is lost. Open a page in the browser and sign in: then it goes on by itself.
held-proxy-sign-in = The proxy on the way to the cluster wants a name and a password. It is tried again every few seconds, and nothing is lost. If this lasts, ask whoever looks after the network.
held-proxy-failing = The proxy on the way to the cluster does not let us through. It is tried again every few seconds, and nothing is lost. If this lasts, look at your network and its proxy.
held-server-busy = The cluster is busy and asks us to slow down. It is asked again every few seconds, and nothing is lost.
held-server-error = The cluster answers with errors. It is asked again every few seconds, and nothing is lost. If this lasts, ask whoever runs the cluster.
held-answer-garbled = The cluster's answers arrive broken. It is asked again every few seconds, and nothing is lost. If this lasts, look at your network or proxy.
held-person-sign-in = The cluster does not accept your sign-in any more. Sign in again as you did for this cluster: then it goes on by itself. Nothing is lost.
held-person-trust = Something answers in the cluster’s place, with a certificate that is not the cluster’s. Ask whoever runs the network. When the cluster answers again, it goes on by itself. Nothing is lost.
held-person-network = The cluster cannot be reached. Look at your network, VPN or the page that this network wants you to sign in on. When the cluster answers again, it goes on by itself. Nothing is lost.
held-other = Something holds everything up. It is tried again by itself, and nothing is lost.
