# Words of the window: its screens, in their order. Units, places, stages and checks are in words.ftl, troubles in errors.ftl.

## Frame

skip = Skip to the content
foot = Move on
back = Back
loading = Reading …
try-again = Try again
save = Save
saved = Saved:
show = Show
copy = Copy
copied = Copied
change = Change
begin = Begin
more = More
more-of = actions for { $name }
all-installations = All installations
installation = Installation
step-of = Step { $n } of 8
standing-nothing = Nothing has been created.
cost-zero = Cost so far: $0
title-error = Error: { $title }
errors-title = There is a problem
prefix-error = Error:
for-engineers = For engineers:
what-to-do = What to do.
rail-home = DIGIT Installer. All installations
rail-main = Main
rail-steps = Steps
rail-installations = Installations
rail-settings = Settings
rail-help = Help
rail-language = Language:
rail-done = , done
rail-needs-you = , needs you
rail-new = New installation
rail-not-created = Not created yet
rail-not-named = Not named yet
language-en = English
language-hi = हिन्दी
switch-to-en = Switch to English
switch-to-hi = हिन्दी में बदलें
step-place = Place
step-sign-in = Sign in
step-modules = Modules
step-details = Details
step-checks = Checks
step-review = Review
step-install = Install
step-hand-over = Hand over
sign-in-not-needed = Not needed
checks-answer = { $passed } of { $all } passed

## Closing the window

close-title = Close the window while something is under way?
close-text = It can go on in the background; a system notification says when it is done, has stopped or needs you. Or it stops at a safe point: nothing is lost, and you go on later.
close-stop = Stop at a safe point
close-background = Keep going in the background

## Home

home-title = Installations
home-empty-title = Install DIGIT
home-empty-lead = This app sets up DIGIT on a cluster, from the first question until all its services are ready. You need no other tool and no commands.
home-lead-calm = { $count ->
    [one] Your installation needs nothing from you.
   *[other] None of your { $n } installations needs you.
}
home-lead-need = { $need ->
    [one] One of your installations needs you. There are { $all } in all.
   *[other] { $m } of your { $all } installations need you.
}
home-lead-need-it = Your installation needs you.
home-new = New installation
home-continue = Continue
home-watch = Watch
home-open = Open
home-elsewhere = Was an installation made on another computer?
home-open-existing = Open it from its cluster
home-not-started = Nothing has been created.
home-running = { $count ->
    [one] { $ready } of { $all } service is ready, { $percent } %.
   *[other] { $ready } of { $all } services are ready, { $percent } %.
}
home-paused = Paused at { $percent } %, { $ready } of { $all } services are ready. Nothing has to be done twice.
home-needs-person = { $ready } of { $all } services are ready. It waits for you, and goes on by itself after that.
home-stopped = Stopped at { $percent } %, { $ready } of { $all } services are ready. Nothing has to be done twice.
home-interrupted = It was interrupted at { $percent } %, { $ready } of { $all } services are ready. Nothing is lost.
home-failed = Something needs you at { $percent } %. { $ready } of { $all } services are ready. What is installed stays.
home-ready = { $count ->
    [one] { $all } service is ready.
   *[other] All { $all } services are ready.
}
home-rehearsed = Rehearsed to the end. Nothing was created; its answers can be carried over.
home-removed = It has been removed. Only its record on this computer is left.
home-draft = { $n } of 8 steps are filled in. Nothing has been created.
menu-log = Show the log
menu-remove = Remove
menu-forget = Delete its record
menu-discard = Delete these answers
draft-title = There are answers that were not used yet
draft-text = { $name }: { $n } of 8 steps are filled in. Go on with these answers, or delete them and begin with the new ones? Esc leaves everything as it is.
draft-afresh = Delete them and begin
draft-go-on = Go on with them
empty-title = You have no installation yet
empty-text = Eight short steps lead you through. You see what will be created before anything happens. You can close the window at any time and go on later.
empty-how-long = How long
empty-how-long-text = The review names a first estimate for your choice
empty-cost = What it costs
empty-cost-text = On your own cluster nothing extra
empty-ready = What to have ready
empty-ready-text = A kubeconfig file with administrator rights, or a Kubernetes that runs on this computer
empty-start = Start an installation
empty-rehearse = Rehearse first
empty-rehearse-hint = A rehearsal goes through every step with simulated results, creates nothing and takes about a minute.

## Step 1: Place

place-title = Where should DIGIT go?
place-lead = Choosing creates nothing. That happens in step 6, when you have seen the whole plan.
place-unsure = Not sure? Choose Rehearsal. It creates nothing, and a real installation can start from its answers.
place-missing = Choose one of the three to go on.
place-fact-size = Size
place-fact-cost = Cost
place-fact-time = Time
place-fact-need = You need
place-cluster-hint = For example in a State Data Centre. Review lists what the whole cluster will share.
place-cluster-size = What the cluster has room for
place-cluster-cost = Nothing extra
place-cluster-time = First estimate in the review
place-cluster-need = A kubeconfig file with administrator rights
place-cluster-use = Use a cluster you have
place-this-computer-hint = A Kubernetes that already runs here: Docker Desktop, Rancher Desktop, Podman Desktop, minikube, k3s or kind.
place-this-computer-size = One machine
place-this-computer-cost = Nothing
place-this-computer-time = First estimate in the review
place-this-computer-need = One of these, switched on
place-this-computer-use = Use this computer
place-rehearsal-hint = Every step with simulated results. For training, on any laptop, without internet. Its answers can be carried over.
place-rehearsal-size = None
place-rehearsal-cost = Nothing
place-rehearsal-time = About a minute
place-rehearsal-need = Nothing
place-rehearsal-use = Rehearse

## Step 2: Sign in, and opening an installation

sign-in-title-cluster = Which cluster?
sign-in-title-this-computer = Which Kubernetes on this computer?
sign-in-lead-cluster = We read your kubeconfig, the file that holds the way into your clusters. We change nothing in it.
sign-in-lead-this-computer = We read your kubeconfig, the file in which Docker Desktop and the others note the way in. We change nothing in it.
sign-in-rehearsal = A rehearsal signs in nowhere. Go on with the modules.
sign-in-use = Use this cluster
sign-in-missing-context = Choose a context to go on.
sign-in-missing-answer = The cluster has not answered yet.
sign-in-missing-rights = You need more rights on this cluster to go on.
sign-in-taken = The installation { $name } is already in this cluster.
sign-in-taken-text = Two installations in one cluster would get into each other’s way.
kubeconfig = Kubeconfig file
kubeconfig-hint = The file that the administrator of the cluster gave you, or the usual one
kubeconfig-reading = Reading the file
kubeconfig-none-yet = At the usual place there is no such file. Name the one that you were given.
choose-file = Choose a file
context = Context
context-hint = (a cluster and who you are on it)
context-user = as { $user }
context-none = This file names no context. Choose another file.
context-exec = Signs in by running a program:
context-exec-consent = We run it only after you agree.
context-agree = Agree and connect
context-connecting = Connecting
context-ready = Ready to use
context-missing = Rights are missing
context-failed = Does not answer as it should
context-consent = Needs your consent
found-title = What we found
found-nothing = Choose a context. We look at the cluster and change nothing.
found-looking = Looking
found-connected = Connected
found-you = You are
found-kubernetes = Kubernetes
found-machines = Machines
found-machines-all = { $count ->
    [one] { $n }, ready
   *[other] { $n }, all ready
}
found-machines-some = { $ready } of { $n } ready
found-memory = Free memory
found-storage = Storage class
found-storage-none = No default one
found-digit = DIGIT on it
found-digit-none = None found
found-entry-none = None yet
found-missing = You may not do what the installation needs:
found-missing-todo = Ask the administrator of the cluster for the role cluster-admin, then try again.
open-title = Open an installation that is already there
open-lead = An installation keeps its record in its cluster. With the kubeconfig of the cluster you can go on from this computer.
open-missing-none = No record of an installation was found in this cluster.
open-sealed = The passwords in the record of { $name } are encrypted. Its recovery kit opens them.
open-missing-kit = Choose the recovery kit and enter its passphrase.
open-kit-file = File of the recovery kit
open-kit-file-hint = It was saved before the installation began
open-passphrase-hint = The one that the kit was saved with
open-standing = Opening changes nothing in the cluster.
open-use = Open { $name }

## Step 3: Modules

modules-title = What should be installed?
modules-lead = Choose what your city needs first. Each module says whether it is ready or needs your team.
product = Product
version = Version
charts-needed = The charts are not on this computer yet.
charts-needed-text = They say how each service is installed. Download them from GitHub, about { $size }, or choose a folder that holds them.
charts-needed-text-unmeasured = They say how each service is installed. Download them from GitHub, or choose a folder that holds them.
charts-download = Download the charts
charts-downloading = Downloading the charts
charts-give-up = Stop the download
charts-attempt = Attempt { $n } of { $all }.
charts-reading = Reading the charts
charts-read-again = Read the folder again
charts-folder = Choose a folder
charts-from-folder = The charts come from the folder
charts-use-download = Use the download instead
module-group-complaints = Complaints and reports
module-group-permits = Permits
module-group-taxes = Taxes and fees
module-group-other = Modules
module-ready = Ready to use
module-services-only = Services only: your team sets it up
modules-use = { $count ->
    [0] Choose a module
    [one] Choose this module
   *[other] Choose these { $n } modules
}
modules-error-none = Choose at least one module
modules-missing-charts = The charts are needed before you can go on.
modules-missing-fetching = The charts are on their way.
goes-in-title = What goes in
goes-in-choose = Choose a module to see what comes along.
goes-in-unknown = Not known until the charts are here.
goes-in-why = { $count ->
    [one] Why this { $n } comes along
   *[other] Why these { $n } come along
}
size-memory = Memory
memory-not-stated = not stated
size-memory-of-free = Memory, of what is free
size-processors = Processors
size-disk = Disks for data
size-machines = Machines at least
size-beneath = Besides: data and settings
size-images = Images to download
size-free = The cluster has { $memory } free.

## Step 4: Details

details-title = Details
details-lead = The first choice of each is the usual one. Passwords and keys are made for you.
details-use = Check everything
city = City or organisation
city-hint = What citizens will read
state = State
state-hint = What citizens will read beside the city
name = Name of this installation
name-hint = Small letters, digits and hyphens, like citya-pilot
details-error-city = Enter the name of the city or organisation, like City A
details-error-state = Enter the name of the state, like State A
details-error-name = Enter a name for this installation, like citya-pilot
data = Where data lives
data-inside = Inside the cluster
data-inside-hint = A database and file storage are made on the cluster’s disks.
data-ours = Ours
data-ours-hint = You give the address of your database and of your file storage.
database = Your database (PostgreSQL)
db-host = Address
db-host-hint = As the cluster reaches it, like db.example
db-port = Port
db-port-hint = Usually 5432
db-name = Name of the database
db-user = User name
db-password-file = File that holds the password
db-password-file-hint = The whole path of a text file on this computer
files = Your file storage (S3)
files-endpoint = Address
files-endpoint-hint = With http:// or https://, like https://files.example
files-bucket = Bucket
files-bucket-hint = It must be there already
files-region = Region
files-region-hint = If you have none, us-east-1
files-key-file = File that holds the access key
files-key-file-hint = Two lines: access key id and secret key
entry = Web entry
entry-load-balancer = A load balancer
entry-load-balancer-hint = The cluster gives the web entry an address of its own.
entry-node-port = The ports of the machines
entry-node-port-hint = DIGIT answers at a port of each machine.
no-domain = Without a domain DIGIT is reached at http:// and the address that the web entry gets. What is sent over it is not encrypted.
demo = This is for a demonstration
demo-hint = Citizens sign in with a fixed code instead of an SMS. Never for real citizens.
sealed = Encrypt the passwords in the cluster’s record
sealed-hint = The installation keeps its record in the cluster, so that another computer can go on. Encrypted, it opens there with the recovery kit only.
made-title = Made for you
made-text = Passwords and keys are generated on this computer. You will never have to type one.
made-rehearsal = A rehearsal asks for the same names as a real installation. They can be carried over.
cluster-has = What this cluster has

## Step 5: Checks

checks-title-running = Checking before we start
checks-title-failed = { $count ->
    [one] One thing to fix first
   *[other] { $n } things to fix first
}
checks-title-passed = Everything is ready to begin
checks-lead-running = We look for everything that could stop the installation half-way.
checks-lead-failed = { $count ->
    [one] { $n } check passed. Nothing has been created, so nothing can break.
   *[other] { $n } checks passed. Nothing has been created, so nothing can break.
}
checks-lead-passed = Next you see the whole plan. Nothing has been created.
checks-missing-running = The next step opens when the checks are done.
checks-missing-failed = { $count ->
    [one] One check must pass before you can go on.
   *[other] { $n } checks must pass before you can go on.
}
checks-missing-error = The checks could not be finished.
checks-accept = Go on without it
checks-finished = Checks finished
checks-finished-of = { $n } of { $all } finished
checks-count-failed = { $n } not passed
checks-count-note = { $n } to take note of
checks-count-passed = { $n } of { $all } passed
checks-look-only = Checks change nothing and cost nothing. A database or file storage of your own is tried by a small pod, which is removed again.
checks-again = They run again by themselves every 30 seconds.
checks-now = Check again now
checks-use = Go to the review
so-far = So far

## Step 6: Review

review-title = Look it over
review-lead = This is the whole plan. Nothing happens until you press the button.
review-answers = Your answers
review-place = Place
review-cluster = Cluster
review-product = Product
review-modules = Modules
review-name = Name
review-city = City
review-data = Data
review-entry = Web entry
review-record = Record
record-open = In the cluster, passwords not encrypted
record-sealed = In the cluster, passwords encrypted; the recovery kit opens it
city-none = not given
review-objects = What will be created
review-leaving = Goes away
review-leaving-text = These services are in the cluster and are no longer chosen. They are removed when everything else is ready. Their disks stay.
review-shared = What the whole cluster will share
review-shared-text = These stand outside the namespaces of DIGIT, so that others in the cluster meet them as well.
review-shared-list = { $count ->
    [one] Show it
   *[other] Show all { $n }
}
review-size = Size, cost and time
review-services = Services
review-cost = Cost
review-cost-cluster = nothing extra
review-cost-rehearsal = nothing is created
review-time = Installing takes
review-stages = Stages
review-while = While it installs
review-while-text = Keep this computer on and connected. You may close the window: it keeps installing in the background, or stops at a safe point. If the computer sleeps, it goes on when it wakes.
review-while-rehearsal = The same steps run as in a real installation, against a simulated cluster. Nothing is created.
review-planning = Putting the plan together
review-missing-plan = The plan is not ready yet.
review-missing-error = There is no plan yet.
of-free = { $part } of { $all } free
needed-of = { $part }, the cluster has { $all }
export-plan = Export this plan
rehearse-plan = Rehearse this plan
install-now = Create and install
install-rehearsal = Start the rehearsal
kit = Recovery kit
kit-text = All passwords and keys in one encrypted file. Save it before anything is created.
kit-where = Saved as { $path }. Keep it away from this computer.
kit-saved = Saved
kit-saved-at = Saved at { $time }
kit-not-saved = Not saved yet
kit-save = Save the recovery kit
kit-save-again = Save again
kit-choose-place = Choose a place and save
kit-error-not-saved = Save the recovery kit before anything is created
kit-error-short = Enter a passphrase of at least { $n } characters
passphrase = Passphrase
passphrase-hint = At least { $n } characters. Whoever opens the kit needs it; we do not keep it.

## Step 7: Install

install-title = Installing DIGIT
install-title-rehearsing = Rehearsing
install-title-rehearsed = The rehearsal is done
install-title-ready = All services are ready
install-title-failed = The installation has stopped
install-title-remove-failed = The removal has stopped
install-title-removing = Removing
install-title-paused = Paused
install-title-needs-person = A person is needed
install-title-stopped = Stopped at a safe point
install-title-interrupted = Interrupted
install-where-failed = { $step }. Stage { $stage } of { $stages }, after { $time }
progress = Progress of the installation
progress-begins = It begins
progress-stage = { $stage }: under way
progress-still = Nothing moves right now
progress-ready = Everything that was planned is done
progress-count = { $count ->
    [one] Stage { $stage } of { $stages }. { $ready } of { $all } service is ready.
   *[other] Stage { $stage } of { $stages }. { $ready } of { $all } services are ready.
}
progress-count-removing = Stage { $stage } of { $stages }.
progress-aria = { $percent } percent. { $headline }. { $count } { $left }
time-left = Time left
done-between = done between { $from } and { $to }
running-for = Running for
since = since { $time }
cost-so-far = Cost so far
cost-nothing-extra = nothing extra
trouble = Trouble
trouble-none = None
troubles-passed = { $count ->
    [one] { $n } passed by itself
   *[other] { $n } passed by themselves
}
stopped-at = Stopped at { $percent } %, { $ready } of { $all } services ready
stages = Stages
why-as-wanted = Was as wanted already
why-done = Done after { $time }
why-running = For { $time }
why-retrying = Try { $n }. { $why }
why-waits = Waits for { $name }
waiting-title = { $name } is waiting.
waiting-normal = That is normal here. If it lasts too long, we stop and tell you what to do.
slept = The computer slept for { $time }. The installation went on by itself.
still-stopped = It stopped at a safe point.
still-interrupted = Nobody works on it right now: the computer or the app was switched off.
still-safe = Everything made so far stays. Nothing has to be done twice.
pause = Pause after this step
pausing = Pausing after this step
go-on = Go on
to-hand-over = Go to the hand-over
standing-running = You may close this window: it goes on in the background, or stops at a safe point.
standing-rehearsal = This is a rehearsal. Nothing has been created.
standing-failed = Stopped at { $time }. You may close this window; nothing is lost.
standing-still = You may close this window; nothing is lost.
standing-ready = { $count ->
    [one] { $n } service is ready.
   *[other] { $n } services are ready.
}
what-is-safe = What is safe.
what-it-costs = What it costs while it waits.
what-to-do-title = What to do
failure-step = { $count ->
    [one] It happened with { $name }.
   *[other] It happened with { $name }, after { $attempts } tries.
}
failure-blocked = { $count ->
    [one] { $n } other step waits for it.
   *[other] { $n } other steps wait for it.
}
failure-safe = { $count ->
    [one] Everything made so far stays, also { $n } ready service. Nothing has to be done twice.
   *[other] Everything made so far stays, also { $n } ready services. Nothing has to be done twice.
}
failure-costs = Nothing extra.
failure-todo = Try again from here. If it stops at the same place, show the log to the person who looks after the cluster.
failure-retry = Retry from here
failure-retry-hint = What is done stays done; only what is missing is tried.
failure-change = Change settings
remove-everything = Remove everything
tree-cluster = The cluster itself
tree-check = A look at the cluster
tree-namespaces = Namespaces and record
tree-crds = Kinds of objects of { $subject }
tree-webhook = { $subject } answers
tree-ahead = What others need of { $subject }
tree-hooks = Preparation of { $subject }
tree-find = Address of the web entry
tree-leave = Removing what was not chosen any more
busy-making = Making it
busy-removing = Taking it away
busy-applying = Making its objects
busy-starting = Starting its pods

## Log

log = Log
log-lead = Everything that was said while it was installed. Passwords and keys are blanked.
log-follow = Follow
log-pause = Pause
log-export = Export
log-hide = Hide
log-show = Show
log-narrow = Log: narrow
log-find = Find
log-source = Source
log-all-sources = All sources
log-levels = Levels
log-no-match = No line matches.
log-following = Following. Scroll up to stop.
log-is-paused = Paused. Lines are still being recorded.
log-scrolled = Not following.
log-at-error = Showing the first error.
log-to-end = Go to the end
log-narrowed = { $n } of { $all } lines
log-lines = { $count ->
    [one] { $n } line
   *[other] { $n } lines
}
log-errors = { $count ->
    [one] { $n } error
   *[other] { $n } errors
}
log-warnings = { $count ->
    [one] { $n } warning
   *[other] { $n } warnings
}
log-saved = Saved as { $path }. Passwords and keys are blanked in it.

## Step 8: Hand over

hand-over-ready = { $count ->
    [one] { $n } service is ready
   *[other] All { $n } services are ready
}
hand-over-rehearsed = The rehearsal is done
hand-over-lead = At { $time } every service of the plan answered that it is ready. It took { $took }.
hand-over-rehearsed-lead = Every step of the plan was gone through against a simulated cluster, in { $took }. Nothing was created.
hand-over-not-ready = Not ready yet
hand-over-back = Back to the installation
hand-over-tried = What has been tried
hand-over-services = Services of the plan are ready
not-tried = Not tried
hand-over-not-tried = Signing in and filing a complaint
hand-over-not-tried-text = This version does not make the first administrator and loads no first data. Somebody who knows DIGIT does that next.
hand-over-door-open = The sign-in is not guarded
hand-over-door-open-text = Anybody who knows a name can sign in as that person without the password. Have whoever looks after the web entry refuse every request under /user that has an argument isInternal, before anybody from outside can reach it.
hand-over-kept = Where things are kept
hand-over-kept-text = The record of this installation is in this folder and, so that another computer can go on, in the cluster itself. Passwords and keys in it are encrypted.
hand-over-address-text = There is no domain yet, so the address begins with http:// and what is sent over it is not encrypted.
hand-over-no-address = The web entry has got no address from the cluster. The person who looks after the cluster can tell why.
address = Address
address-none = None yet
copy-address = Copy the address
copy-folder = Copy the folder
open-digit = Open DIGIT
install-for-real = Install this for real
install-for-real-hint = Starts a new installation with the same answers
install-for-real-text = Your answers are kept. You only choose where DIGIT should go.
to-installation = Go to the installation

## An installation’s pages

page-overview = Overview
page-services = Services
page-log = Log
page-remove = Remove
overview-lead = { $count ->
    [one] { $n } of { $all } service of the plan is ready.
   *[other] { $n } of { $all } services of the plan are ready.
}
overview-reserved = reserved by the plan
overview-claimed = claimed by the plan
overview-not-known = not known
overview-still-removable = You can still remove it: what belongs to it is read from the cluster.
overview-stages = Stages of the last run
overview-facts = Facts
overview-can = What you can do
figures = Figures
services = Services
ready = ready
cost = Cost
created = Created
records = Records
engineers = For engineers
engineers-hint = Each service is a Helm release of its own; helm list shows all of them
remove-hint = Lists first what will be deleted, then asks for the name
services-lead = The services of the plan, and how the last run left them.
services-list = List of services
services-narrow = Narrow the list
services-table = Services, table
services-none = No service matches “{ $text }”
search = Search
group = Group
all-groups = All groups
service = Service
state-of-service = State
namespace = Namespace
show-all = Show all { $n }

## Removal

remove-title = Remove everything?
remove-lead = Only what this installation made, as the cluster shows it now.
remove-list = What will be deleted
remove-seen = { $count ->
    [one] { $n } object, seen at { $time }
   *[other] { $n } objects, seen at { $time }
}
remove-looking = Looking at the cluster. Nothing is changed.
remove-none = Nothing of it was found in the cluster.
remove-unanswered = APIs of the cluster that do not answer: { $names }
remove-unanswered-text = What they hold cannot be seen. It is not in the list, and stays. Have whoever looks after the cluster mend or remove them, then look again.
remove-missing = We look at the cluster first.
look-again = Look again
remove-claims = { $count ->
    [one] { $n } disk (PersistentVolumeClaim)
   *[other] { $n } disks (PersistentVolumeClaim)
}
remove-namespaces = { $count ->
    [one] { $n } namespace
   *[other] { $n } namespaces
}
remove-record = Last of all goes the record that this installation keeps in the cluster, in the namespace digit-installer.
remove-stays = What stays
part = Part
count = Number
what-is-lost = What is lost
lost-data = Citizens’ data
lost-settings = Settings and keys; the recovery kit holds the keys
lost-again = Can be made again
remove-untouched = Everything that others made in the cluster, the recovery kit, and the record of this installation on this computer.
keep-title = Citizens’ data
keep-title-ours = Disks in the cluster
keep-yes = Keep the disks
keep-yes-hint = Database and files stay on their disks in the cluster.
keep-yes-hint-ours = Messages and search stay on their disks in the cluster.
keep-no = Delete the data as well
keep-no-ours = Delete the disks as well
keep-no-hint = It cannot be brought back by anyone.
keep-ours = Database and files are your own. They are not touched.
confirm = Type the name to confirm
confirm-hint = The name is { $name }
remove-error-name = Type { $name } to confirm
remove-afterwards = How long it takes is not measured yet. Afterwards we look again and tell you if anything is left.
keep-everything = Keep everything
remove-name = Remove { $name }
standing-remove = Nothing has been removed.
remove-title-done = It has been removed
remove-nothing-left = Nothing of it is left in the cluster.
remove-nothing-but-disks = Only the disks that you kept are left in the cluster, and the namespaces they are in.
remove-something-left = Something is left in the cluster.
remove-looked = We looked again.
remove-not-looked = Nobody has looked yet whether anything is left.
remove-left = What is left
removed-unanswered-text = What they hold could not be looked at, so it is not proved that nothing of it is left there.
removed-came = New meanwhile, and not from this installation
removed-went = Gone meanwhile, and not from this installation
forget-hint = Deleting the record takes its log and plan from this computer. The recovery kit stays where you saved it.
forget-hint-kept = The record holds the passwords of the disks that you kept. Once it is deleted, only the recovery kit has them, and this app cannot install on these disks again.

## Settings

settings-title = Settings
settings-lead = Each change is kept at once.
settings-saved = Kept
settings-language = Language
language-system = As the system
settings-theme = Theme
theme-system = As the system
theme-light = Light
theme-dark = Dark
settings-proxy = Way to the internet
settings-proxy-hint = For downloads and for clusters. In many offices the way out leads through a proxy.
proxy-system = As the system says
proxy-system-hint = The proxy that is set on this computer, if there is one.
proxy-none = Direct
proxy-none-hint = No proxy, whatever the system says.
proxy-address = A proxy of your own
proxy-address-hint = You give its address.
proxy-given = Address of the proxy
proxy-given-hint = Like http://proxy.example:3128
proxy-error = Enter the address with http:// and a port, like http://proxy.example:3128
settings-records = Records
settings-records-text = Answers, plans and logs of all installations are kept in this folder. Passwords and keys in it are encrypted.
settings-version = DIGIT Installer { $version }

## Help

help-title = Help
help-lead = The words of this app, and where it keeps things.
help-words = Words
word-installation = Installation
word-installation-means = One DIGIT in one place, and its record.
word-rehearsal = Rehearsal
word-rehearsal-means = All steps against a simulated cluster. Nothing is created.
word-product = Product
word-product-means = What DIGIT offers as a whole, in a version that has been put together and pinned.
word-module = Module
word-module-means = What you choose, such as Complaints. It brings the services that it needs.
word-service = Service
word-service-means = One program of DIGIT that runs in the cluster. In Helm’s words: a release.
word-stage = Stage
word-stage-means = Services that go in together, because later ones need them.
word-plan = Plan
word-plan-means = Everything that will happen, decided beforehand. It holds no secret and can be exported.
word-cluster = Cluster
word-cluster-means = Machines that run programs together under Kubernetes.
word-kubeconfig = Kubeconfig
word-kubeconfig-means = The file that holds the way into clusters. The administrator of the cluster gives it to you.
word-context = Context
word-context-means = One cluster and who you are on it; a kubeconfig may hold several.
word-base = Base services (backbone)
word-base-means = Messages, search and cache: what all other services stand on.
word-entry = Web entry (ingress)
word-entry-means = The door through which browsers reach DIGIT.
word-kit = Recovery kit
word-kit-means = All passwords and keys in one encrypted file. Without it, encrypted data cannot be read if this computer is lost.
word-run = Run
word-run-means = One attempt to carry the plan out. It can be paused, and it goes on where it stopped.
help-kept = Where things are kept
kept-folder = On this computer
kept-folder-text = Answers, plans and logs, in the folder below.
kept-cluster = In the cluster
kept-cluster-text = A copy of the record, in the namespace digit-installer, so that another computer can go on.
kept-charts = Charts
kept-charts-text = In the cache folder of your system. They are downloaded once.
kept-keychain = Passwords and keys
kept-keychain-text = In an encrypted file whose key is in the keychain of your system.
help-keys = Keys
key-tab = Tab
key-tab-does = To the next control
key-find = Ctrl + F
key-find-does = Search the log
key-end = End
key-end-does = In the log: follow again
key-escape = Esc
key-escape-does = Leaves a question without a change
