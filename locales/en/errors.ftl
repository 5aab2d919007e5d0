# Troubles by code: what happened; `.safe` what is safe; `.todo` one thing to do. What can stand in the way of
# something in the cluster is in causes.ftl.

## Whatever we have no words for

trouble-unknown = Something went wrong that we have no words for yet
    .safe = What was made so far stays as it is.
    .todo = Try again. If it happens again, show the line for engineers to the person who helps you.
error-unknown = Something went wrong that we have no words for yet: { $code } { $data }
error-internal = The app made a mistake: { $detail }
    .safe = What was made so far stays as it is.
    .todo = Show this to the person who helps you.

## Answers

error-answers-unknown-key = The answers hold something that we do not know: { $detail }
    .safe = Nothing was changed.
    .todo = Correct the name, or take it out.
error-answers-missing-key = Something is missing in the answers: { $detail }
    .safe = Nothing was changed.
    .todo = Add it.
error-answers-wrong-type = Something in the answers is of another kind than it should be: { $detail }
    .safe = Nothing was changed.
    .todo = Correct it.
error-answers-empty = The answers file is empty
    .safe = Nothing was changed.
    .todo = Write the answers into it: digit answers --example cluster shows one, with comments.
error-answers-unreadable = The answers cannot be read: { $detail }
    .safe = Nothing was changed.
    .todo = Correct the file. It is YAML.
error-name-not-a-label = The name { $name } cannot be used in a cluster
    .safe = Nothing was changed.
    .todo = Use small letters, digits and hyphens, at most 40, beginning with a letter, like citya-pilot
error-name-taken = The name { $name } is already used for another cluster or product
    .safe = Nothing was changed.
    .todo = Enter another name, like { $name }-2
error-another-in-cluster = The cluster holds another installation of the name { $name } than this computer
    .safe = Nothing was changed.
    .todo = If nobody needs what this computer knows of { $name }, delete its record on Home, or its folder. Then open the one in the cluster.
error-record-sealed = The passwords of { $name } are encrypted in the cluster
    .safe = Nothing was changed.
    .todo = Open it with its recovery kit and the passphrase of the kit.
error-not-the-kit = This file is not the recovery kit of { $name }
    .safe = Nothing was changed.
    .todo = Choose the kit that was saved for { $name }.
error-no-module = No module was chosen
    .safe = Nothing was changed.
    .todo = Choose at least one module
error-domain-not-a-host = { $domain } is no address that a browser could open
    .safe = Nothing was changed.
    .todo = Enter the address without https:// and without a slash, like complaints.citya.example
error-database-no-host = The address of the database is missing
    .safe = Nothing was changed.
    .todo = Enter the address of the database, like db.example
error-database-not-a-name = { $value } is no name that a database can have
    .safe = Nothing was changed.
    .todo = Use letters, digits and underscores, beginning with a letter
error-no-such-file = There is no file { $path }
    .safe = Nothing was changed.
    .todo = Enter the whole path of a file that is there
error-files-no-scheme = The address of the file storage does not say how to reach it
    .safe = Nothing was changed.
    .todo = Begin the address with http:// or https://, like https://files.example
error-files-keys-incomplete = { $path } does not hold an access key
    .safe = Nothing was changed.
    .todo = Write two lines into it: the access key id and the secret key
error-unknown-level = There is no level { $level }
    .safe = Nothing was changed.
    .todo = Use error, warning, info or debug

## Installations and their files

error-no-installation = There is no installation { $name } on this computer
    .safe = Nothing was changed.
    .todo = Look at the list of installations, or open it from its cluster.
error-busy = Somebody is working on { $name } right now
    .safe = Nothing was changed.
    .todo = Wait until that is done, or close the other window.
error-taken-over = Another computer, { $holder }, has taken { $name } over
    .safe = What was made so far stays as it is. This computer has stopped and changes nothing more.
    .todo = See on that computer how far it is. When it is done, you can go on here too.
error-in-use = Somebody is working on it right now: another window, or the command line
    .safe = Nothing was changed.
    .todo = Wait until that is done, or close the other window.
error-checks-not-passed = These checks do not pass: { $names }
    .safe = Nothing was changed.
    .todo = Look at the checks and do what they say.
error-file = { $path } cannot be used: { $detail }
    .safe = Nothing was changed.
    .todo = See that the folder can be written to and that the disk has room.
error-file-unreadable = { $path } does not hold what it should
    .safe = Nothing was changed.
    .todo = It may come from a newer version of this app, or it is damaged. Show this to the person who helps you.
error-plan-unusable = This plan was made by another version of this app, or was changed
    .safe = Nothing was changed.
    .todo = Make the plan again.
error-plan-not-writable = The plan cannot be written down
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-unplannable = The chart of { $service } says something that cannot be planned: { $detail }
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-circle = Services need each other in a circle: { $steps }
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-steps-in-a-circle = The plan contradicts itself
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-duplicate-step = The plan contradicts itself
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-unknown-need = The plan contradicts itself
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-unknown-step = The plan names a step that this version does not know
    .safe = What was made so far stays as it is.
    .todo = Use the version of this app that made the plan.
error-unknown-step-kind = A newer version of this app planned a step that this one does not know ({ $kind })
    .safe = Nothing was changed.
    .todo = Use the newer version.
error-no-cluster-yet = This step needs the cluster, which is not there
    .safe = What was made so far stays as it is.
    .todo = Retry from here: the cluster is made before it.
error-step-panicked = The app made a mistake in this step
    .safe = What was made so far stays as it is.
    .todo = Retry from here. If it happens again, show the log to the person who helps you.
error-run-panicked = The app made a mistake and the run on { $name } ended
    .safe = What was made so far stays as it is, and is written down.
    .todo = Resume. If it happens again, show the log to the person who helps you.
error-no-record = No installation keeps a record in this cluster
    .safe = Nothing was changed.
    .todo = Choose the cluster in which it was installed.
error-no-home = This computer names no folder for the data of apps
    .safe = Nothing was changed.
    .todo = Set DIGIT_HOME to a folder that can be written to.
error-network = The network settings cannot be used: { $detail }
    .safe = Nothing was changed.
    .todo = Look at the proxy in Settings.
error-disk-full = The disk is full
    .safe = What was made so far stays as it is.
    .todo = Make room on this computer, then go on.
error-journal-io = The record of what was done cannot be written
    .safe = What was made so far stays as it is.
    .todo = See that the folder for records can be written to, then go on.
error-lock-io = The folder for records cannot be locked
    .safe = Nothing was changed.
    .todo = See that it lies on a disk of this computer and can be written to.
error-journal-newer = The record was written by a newer version of this app
    .safe = Nothing was changed.
    .todo = Use the newer version.
error-not-a-journal = The record of what was done is damaged
    .safe = Nothing was changed.
    .todo = Open the installation from its cluster: a copy of the record is kept there.
error-journal-damaged = The record of what was done is damaged
    .safe = Nothing was changed.
    .todo = Open the installation from its cluster: a copy of the record is kept there.
error-journal-impossible = The record of what was done contradicts itself (line { $line })
    .safe = Nothing was changed.
    .todo = Open the installation from its cluster: a copy of the record is kept there.
error-log-file = The log cannot be read or written
    .safe = What was made so far stays as it is.
    .todo = See that the folder for records can be written to and that the disk has room.
error-log-read-only = Somebody else writes this log right now
    .safe = What was made so far stays as it is.
    .todo = Wait until that is done.
error-log-export = The log could not be saved
    .safe = Nothing was changed.
    .todo = Choose another folder.

## Products and charts

error-unknown-product = There is no { $product } { $version } in the catalog
    .safe = Nothing was changed.
    .todo = Choose a product from the list.
error-unknown-module = { $product } has no module { $module }
    .safe = Nothing was changed.
    .todo = Choose from: { $known }
error-source-missing = The folder { $folder } does not hold the charts
    .safe = Nothing was changed.
    .todo = Choose the folder that holds { $name }.tar.gz
error-source-unreadable = { $path } cannot be read: { $detail }
    .safe = Nothing was changed.
    .todo = See that the file is there and that you may read it.
error-source-path-missing = The charts are not complete: { $path } is missing
    .safe = Nothing was changed.
    .todo = Get the archive again.
error-archive-truncated = The archive { $archive } ends too early
    .safe = Nothing was changed.
    .todo = Copy or download it again.
error-archive-damaged = The archive { $archive } is damaged
    .safe = Nothing was changed.
    .todo = Copy or download it again.
error-archive-path = The archive { $archive } holds a path that leads out of it: { $path }
    .safe = Nothing was changed.
    .todo = Do not use it. Get the archive from GitHub or from this app.
error-archive-too-large = The archive { $archive } unpacks to far more than charts need
    .safe = Nothing was changed.
    .todo = Do not use it. Get the archive from GitHub or from this app.
error-wrong-hash = The charts are not the ones that were tested: { $path } differs
    .safe = Nothing was changed.
    .todo = Get the archive again, or use the download.
error-download-failed = The charts could not be downloaded, after { $tries } tries
    .safe = Nothing was changed.
    .todo = See that this computer reaches github.com. In an office, look at the proxy in Settings. Or choose a folder that holds the charts.
error-data-broken = The master data are not as services read them: { $file }, line { $line }: { $detail }
    .safe = Nothing was changed.
    .todo = Get the archive again, or use the download.
error-data-too-large = { $file } of the master data is larger than a file of it can be
    .safe = Nothing was changed.
    .todo = Get the archive again, or use the download.
error-data-missing = The master data are not complete: { $file } is missing
    .safe = Nothing was changed.
    .todo = Get the archive again, or use the download.
error-city-refused = { $field ->
    [state] The name of the state
    [city] The name of the city
    [languages] The choice of languages
   *[other] The logo
} cannot be used: { $reason ->
    [empty] it is empty
    [too-long] it is too long
    [characters] it has characters that DIGIT does not take
    [locale] there is no such language
    [twice] a language is named twice
    [address] it is no address of a picture
    [kind] it is no picture
   *[other] it is too large
}
    .safe = Nothing was changed.
    .todo = Correct it in Details.
error-digit-address-unusable = This is no address at which DIGIT could be: { $reason ->
    [not-an-address] it is none
    [neither-http-nor-https] it begins with neither http nor https
   *[other] it holds more than the place: a name, a password or a question
}
    .safe = Nothing was changed.
    .todo = Write it as a browser shows it, for example https://digit.example.org
error-digit-tenant-unusable = { $code } is no code of a state or city: { $reason ->
    [letters-only] only letters and dots are taken
   *[other] it is not below its state
}
    .safe = Nothing was changed.
    .todo = Codes have letters and dots, and a city’s begins with its state’s: pg and pg.citya
error-digit-no-http = No connection can be made from here: { $detail }
    .safe = Nothing was changed.
    .todo = Look at the proxy in Settings.
error-digit-not-remembered = What must be remembered cannot be kept on this computer: { $detail }
    .safe = What DIGIT holds stays as it is, and is found again the next time.
    .todo = Make room on the disk, then do the same again.
error-list-broken = The product list { $list } cannot be understood, line { $line }
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-list-group = In the product list { $list } the group { $group } needs { $needs }, which does not work out
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-service-without-chart = The product list names services that have no chart: { $services }
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-unknown-service = There is no service { $service }
    .safe = Nothing was changed.
    .todo = Choose a service from the list.
error-chart-broken = The chart { $chart } cannot be put together
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-values-broken = The values in { $file } cannot be understood, line { $line }
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-unresolved = Services refer to things that nobody makes: { $references }
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-services-circular = Services need each other in a circle: { $services }
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-patch-misfit = A correction that we make to { $file } does not fit any more
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-chart-read = The chart of { $service } cannot be used: { $file } cannot be read ({ $message })
    .safe = Nothing was changed.
    .todo = See that the file is there and may be read.
error-chart-archive-broken = The chart of { $service } cannot be used: its archive is broken ({ $message })
    .safe = Nothing was changed.
    .todo = Get the archive again.
error-chart-archive-escapes = The chart of { $service } cannot be used: { $file } in its archive would land outside of the chart
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-chart-archive-too-big = The chart of { $service } cannot be used: with { $file } its archive unpacks to more than { $limit } bytes
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-chart-invalid =
    { $line ->
        [none] The chart of { $service } cannot be used, { $file }: { $message }
       *[other] The chart of { $service } cannot be used, { $file }, line { $line }: { $message }
    }
    .safe = Nothing was changed.
    .todo = Change it there, or show this to the person who made the chart.
error-chart-yaml =
    { $line ->
        [none] The chart of { $service } cannot be used, { $file }: { $message }
       *[other] The chart of { $service } cannot be used, { $file }, line { $line }: { $message }
    }
    .safe = Nothing was changed.
    .todo = Change it there, or show this to the person who made the file.
error-chart-dependency-missing = The chart of { $service } names charts in { $file } that are not in charts/: { $message }
    .safe = Nothing was changed.
    .todo = Put them there with “helm dependency update”, or show this to the person who made the chart.
error-chart-kube-version = The chart of { $service } wants Kubernetes { $wanted }, and this is { $version }
    .safe = Nothing was changed.
    .todo = Choose another cluster, or show this to the person who made the chart.
error-template-parse =
    { $line ->
        [none] The chart of { $service } holds a template that cannot be read, { $file }: { $message }
       *[other] The chart of { $service } holds a template that cannot be read, { $file }, line { $line }: { $message }
    }
    .safe = Nothing was changed.
    .todo = Change it there, or show this to the person who made the chart.
error-template-refused =
    { $line ->
        [none] The chart of { $service } refuses, { $file }: { $message }
       *[other] The chart of { $service } refuses, { $file }, line { $line }: { $message }
    }
    .safe = Nothing was changed.
    .todo = Change the values as the chart says, or show this to the person who made it.
error-template-execution =
    { $line ->
        [none] The chart of { $service } cannot be filled in, { $file }: { $message }
       *[other] The chart of { $service } cannot be filled in, { $file }, line { $line }: { $message }
    }
    .safe = Nothing was changed.
    .todo = Look whether a value is missing or of another kind than the chart wants, or show this to the person who made it.
error-template-manifest =
    { $line ->
        [none] The chart of { $service } prints something that is not an object of Kubernetes, { $file }: { $message }
       *[other] The chart of { $service } prints something that is not an object of Kubernetes, { $file }, line { $line } of what it prints: { $message }
    }
    .safe = Nothing was changed.
    .todo = Look at the indentation there, or show this to the person who made the chart.
error-values-set = A value that was given for { $service } cannot be read: { $message }
    .safe = Nothing was changed.
    .todo = Write it as name=value.
error-values-schema = The chart of { $service } does not allow these values: { $message }
    .safe = Nothing was changed.
    .todo = Change the values as it says, or show this to the person who made the chart.
error-values-mismatch = The values of { $service } do not fit its charts: { $message }
    .safe = Nothing was changed.
    .todo = Change the values, or show this to the person who made the chart.

## Clusters

error-kubeconfig-missing = There is no kubeconfig at { $path }
    .safe = Nothing was changed.
    .todo = Choose the file that the administrator of the cluster gave you.
error-kubeconfig-unreadable = The kubeconfig { $path } cannot be read
    .safe = Nothing was changed.
    .todo = See that you may read the file.
error-kubeconfig-empty = The kubeconfig { $path } is empty
    .safe = Nothing was changed.
    .todo = Choose another file.
error-kubeconfig-no-text = The kubeconfig { $path } is no text
    .safe = Nothing was changed.
    .todo = Choose another file, or ask for it again.
error-kubeconfig-not-yaml = The kubeconfig { $path } cannot be understood at line { $line }
    .safe = Nothing was changed.
    .todo = It may have been cut off or changed by hand. Ask for it again, or put that line right.
error-kubeconfig-other-kind = { $path } is no kubeconfig, but something else: { $kind }
    .safe = Nothing was changed.
    .todo = Choose another file. A kubeconfig has the kind Config.
error-kubeconfig-name-twice = The kubeconfig { $path } has two entries with the name { $name } in its list { $list }
    .safe = Nothing was changed.
    .todo = Take one of the two away, or rename it.
error-kubeconfig-field-missing = Something is missing in the kubeconfig { $path }: { $field }
    .safe = Nothing was changed.
    .todo = Ask whoever gave you the file for a whole one, or choose another context.
error-kubeconfig-field-type = A value in the kubeconfig { $path } is not of the kind that it has to be: { $field }
    .safe = Nothing was changed.
    .todo = A number may need quotes around it, or something is indented wrongly. Put it right, or ask for the file again.
error-kubeconfig-field-base64 = A value in the kubeconfig { $path } is damaged: { $field }
    .safe = Nothing was changed.
    .todo = It has to be whole base64, without spaces in it. Ask for the file again.
error-kubeconfig-field-certificate = There is no certificate where the kubeconfig { $path } has to have one: { $field }
    .safe = Nothing was changed.
    .todo = Ask whoever gave you the file for it again.
error-kubeconfig-field-key = There is no key that can be used where the kubeconfig { $path } has to have one: { $field }
    .safe = Nothing was changed.
    .todo = Ask whoever gave you the file for it again.
error-kubeconfig-key-locked = The key in the kubeconfig { $path } is locked with a passphrase: { $field }
    .safe = Nothing was changed.
    .todo = Kubernetes' tools cannot use such a key. Ask for one without a passphrase.
error-kubeconfig-key-of-another = The key in the kubeconfig { $path } does not belong to the certificate beside it: { $field }
    .safe = Nothing was changed.
    .todo = Two files may have been mixed up. Ask whoever gave you the file for it again.
error-kubeconfig-field-address = This is no address that can be used in the kubeconfig { $path }: { $field }
    .safe = Nothing was changed.
    .todo = An address looks like https://kube.example:6443, that of a proxy like http://proxy.example:3128. Put it right, or ask for the file again.
error-kubeconfig-field-characters = A value in the kubeconfig { $path } holds characters that cannot be sent, for example a line break: { $field }
    .safe = Nothing was changed.
    .todo = Put it right, or ask for the file again.
error-kubeconfig-field-beside = The kubeconfig { $path } has both { $field } and { $other }, and only one of them may be there
    .safe = Nothing was changed.
    .todo = Take away the one that does not count.
error-kubeconfig-field-unknown = A value in the kubeconfig { $path } is unknown to us: { $field }
    .safe = Nothing was changed.
    .todo = It may be: { $instead }. The program that wrote the file may have to be renewed; let it write the file again.
error-kubeconfig-field-file = The kubeconfig { $path } names the file { $file }, which cannot be read: { $field }
    .safe = Nothing was changed.
    .todo = It has to be on this computer too, and you have to be allowed to read it. Or ask for a kubeconfig that holds everything itself.
error-kubeconfig-field-empty-file = The kubeconfig { $path } names the file { $file }, which is empty: { $field }
    .safe = Nothing was changed.
    .todo = Ask whoever writes that file, or for another kubeconfig.
error-kubeconfig-insecure = The kubeconfig says that nobody is to check whether it really is your cluster that answers (insecure-skip-tls-verify at { $cluster })
    .safe = Nothing was changed, and nobody was asked. Passwords of your installation would go to whoever answers.
    .todo = Ask the administrator for a kubeconfig with the cluster's certificate authority. If its certificate is one that browsers trust, take that line away.
error-context-not-named = The kubeconfig has no current context
    .safe = Nothing was changed.
    .todo = Choose from: { $known }
error-context-unknown = The kubeconfig has no context { $context }
    .safe = Nothing was changed.
    .todo = Choose from: { $known }
error-server-not-answering = { $server } does not answer
    .safe = Nothing was changed.
    .todo = Is the cluster switched on? Is the VPN on? Then try again.
error-server-not-trusted = We cannot be sure that { $server } is your cluster: its certificate does not fit the kubeconfig ({ $reason })
    .safe = Nothing was changed.
    .todo = The certificate that we were shown was made by: { $issuer }. If that is your office's network or its firewall, ask whoever looks after it to leave this address alone. Else ask the administrator of the cluster for a new kubeconfig.
error-server-wants-tls = { $server } was spoken to without encryption, and did not understand that
    .safe = Nothing was changed, and no password or token was sent.
    .todo = Most clusters want https:// in front of the address: put it in front of the server's address in the kubeconfig, or ask for the file again.
error-proxy-invalid = { $proxy } is no address of a proxy
    .safe = Nothing was changed.
    .todo = Put it right in Settings. It looks like http://proxy.example:3128.
error-proxy-sign-in = The proxy { $proxy } on the way to { $server } wants a name and a password, or does not accept those it was given
    .safe = Nothing was changed.
    .todo = Ask whoever looks after the network. They go into the proxy's address, like http://name:password@proxy.example:3128.
error-proxy-failing = The proxy { $proxy } does not lead to { $server }
    .safe = Nothing was changed.
    .todo = Is it the right proxy for this network, and does it let you through to that address? A cluster in your own network needs none: choose Direct in Settings, or name the cluster in NO_PROXY.
error-sign-in-unsupported = The kubeconfig signs in by { $provider }, which Kubernetes has given up
    .safe = Nothing was changed.
    .todo = What has taken its place: { $instead }. Install it and let your provider's program write the kubeconfig again, or ask the administrator of the cluster.
error-sign-in-failed = The program { $command } did not sign you in
    .safe = Nothing was changed.
    .todo = Run it once by hand, or ask the administrator of the cluster.
error-sign-in-program-missing = The program { $command }, which signs you in to the cluster, is not on this computer
    .safe = Nothing was changed.
    .todo = Install it. Whoever made the kubeconfig wrote about that: { $hint }
error-network-portal = Something else than { $server } answers: with a page for people, or by sending us elsewhere (status { $status })
    .safe = Nothing was changed.
    .todo = Many public networks want you to sign in first: open a page in the browser. Else look at your proxy.
error-not-kubernetes = { $server } answers, but it is no Kubernetes: it does not know { $what }
    .safe = Nothing was changed.
    .todo = Look at the address in the kubeconfig, its port and path too, and whether a proxy leads elsewhere.
error-sign-in-rejected = { $server } does not know you
    .safe = Nothing was changed.
    .todo = Your sign-in may have ended. Ask for a new kubeconfig.
error-forbidden = You may not do this in the cluster: { $what }
    .safe = What was made so far stays as it is.
    .todo = Ask the administrator of the cluster for the role cluster-admin, then try again.
error-quota-exceeded = The cluster allows no more of this: { $what }
    .safe = What was made so far stays as it is.
    .todo = Ask the administrator of the cluster for a higher quota.
error-api-not-served = The cluster does not know { $kind } ({ $api-version })
    .safe = Nothing was changed.
    .todo = Use a cluster with a Kubernetes version that has been tried.
error-not-found = { $what } is not there
    .safe = What was made so far stays as it is.
    .todo = Retry from here.
error-already-there = { $what } is there already
    .safe = What was made so far stays as it is.
    .todo = Retry from here.
error-changed-meanwhile = Somebody changed { $what } at the same time
    .safe = What was made so far stays as it is.
    .todo = Retry from here.
error-someone-elses = { $object } is there and belongs to somebody else ({ $owner })
    .safe = What was made so far stays as it is.
    .todo = Remove it if nobody needs it, or use another cluster. We never touch what is not ours.
error-contested = Somebody else keeps changing { $object }: { $managers }
    .safe = What was made so far stays as it is.
    .todo = Ask them to let go of it, then retry from here.
error-immutable = The cluster does not let { $what } be changed
    .safe = What was made so far stays as it is.
    .todo = Remove it, then retry from here.
error-invalid-object = The cluster refuses { $what }
    .safe = What was made so far stays as it is.
    .todo = Show the log to the person who helps you.
error-webhook-failing = A guard in the cluster does not answer, so { $what } could not be made
    .safe = What was made so far stays as it is.
    .todo = Retry from here in a minute.
error-unexpected-answer = The cluster gave an answer that we do not understand
    .safe = What was made so far stays as it is.
    .todo = Retry from here. If it happens again, show the log to the person who helps you.
error-answer-too-large = The answer to { $what } is larger than the { $limit } bytes that we read
    .safe = What was made so far stays as it is.
    .todo = Show the log to the person who helps you.
error-no-such-port = { $service } has no port { $port }. It has: { $known }
    .safe = What was made so far stays as it is.
    .todo = Show the log to the person who helps you.
error-no-ready-pod = Nothing of { $service } is ready to answer
    .safe = What was made so far stays as it is.
    .todo = Look why its pods do not get ready, then retry from here.
error-websocket-blocked = Something between this computer and { $server } lets no WebSocket through
    .safe = What was made so far stays as it is.
    .todo = Ask whoever looks after your proxy or network to let WebSockets pass to that address, or use another network.
error-no-answer = { $what } was not answered in time
    .safe = What was made so far stays as it is.
    .todo = Retry from here. If it happens again, look at the log of that service.
error-maybe-done = { $what } was sent, and no answer came: it may have been carried out
    .safe = It was not sent a second time.
    .todo = Go on from here: what is there is looked at first.
error-stopped = It was stopped
    .safe = What was made so far stays as it is.
    .todo = Go on when you like.
error-not-ready = { $object } did not get ready in time
    .safe = What was made so far stays as it is.
    .todo = Show its lines in the log to the person who looks after the cluster, then retry from here.
error-record-broken = The record { $name } in the cluster is damaged
    .safe = Nothing was changed.
    .todo = Show this to the person who helps you.
error-record-too-large = The record { $name } is too large for the cluster
    .safe = What was made so far stays as it is.
    .todo = Show this to the person who helps you.
error-lease-held = Another computer works on this installation: { $holder }
    .safe = Nothing was changed.
    .todo = Wait until that is done.
error-lease-lost = This computer no longer holds the installation: its lease in the cluster is gone or newer
    .safe = What was made so far stays as it is. This computer has stopped and changes nothing more.
    .todo = See whether somebody works on it from another computer, or has removed it. If nobody does, go on from here.
error-server-busy = The cluster has too much to do
    .safe = What was made so far stays as it is.
    .todo = It is tried again by itself.
error-server-error = The cluster had a trouble of its own
    .safe = What was made so far stays as it is.
    .todo = It is tried again by itself.
error-answer-garbled = The answer of the cluster was cut off
    .safe = What was made so far stays as it is.
    .todo = It is tried again by itself.
error-namespace-missing = The namespace is not there yet
    .safe = What was made so far stays as it is.
    .todo = It is tried again by itself.
error-object-terminating = Something of the same name is still being removed
    .safe = What was made so far stays as it is.
    .todo = It is tried again by itself.
error-starting = It is starting
    .safe = What was made so far stays as it is.
    .todo = It is tried again by itself.

## Passwords and keys

error-no-key-source = There is no safe place for passwords on this computer
    .safe = Nothing was changed.
    .todo = Switch on the keychain of the system, or set DIGIT_PASSPHRASE_FILE to a file with a passphrase.
error-keychain-unavailable = The keychain of this computer does not answer
    .safe = Nothing was changed.
    .todo = Sign in to your desktop again, then try again.
error-keychain-locked = The keychain of this computer is locked
    .safe = Nothing was changed.
    .todo = Unlock it, then try again.
error-keychain-timeout = The keychain of this computer takes too long
    .safe = Nothing was changed.
    .todo = Look for a question of the system behind this window, then try again.
error-vault-key-missing = The key to the passwords of this installation is not in the keychain
    .safe = Nothing was changed.
    .todo = Use the computer on which it was made, or its recovery kit.
error-needs-passphrase = The passphrase is needed
    .safe = Nothing was changed.
    .todo = Enter the passphrase.
error-wrong-passphrase = The passphrase does not fit
    .safe = Nothing was changed.
    .todo = Enter the passphrase with which it was saved.
error-vault-wrong-key = The key in the keychain does not fit this installation
    .safe = Nothing was changed.
    .todo = Use the computer on which it was made, or its recovery kit.
error-vault-damaged = The file with the passwords is damaged
    .safe = Nothing was changed.
    .todo = Use the recovery kit.
error-vault-newer = The file with the passwords was written by a newer version of this app
    .safe = Nothing was changed.
    .todo = Use the newer version.
error-vault-exists = There are passwords for an installation of this name already
    .safe = Nothing was changed.
    .todo = Choose another name.
error-write-once = Something is wrong with the passwords of this installation
    .safe = What was made so far stays as it is.
    .todo = Show this to the person who helps you.
error-encryption-failed = Something is wrong with the passwords of this installation
    .safe = What was made so far stays as it is.
    .todo = Show this to the person who helps you.
error-vault-file = The file with the passwords cannot be read or written
    .safe = What was made so far stays as it is.
    .todo = See that the folder for records can be written to and that the disk has room.
error-no-such-part = A plan has no part { $part }: it has { $parts }
    .safe = Nothing was changed.
    .todo = Leave out --until, or name one of the parts.

## What a check found

cause-check-permissions = You ({ $user }) may not do everything that the plan needs: { $missing }{ $more ->
        [0] { "" }
       *[other] {" "}and { $more } more
    }
    .safe = Nothing was changed.
    .todo = Ask the administrator of the cluster for these rights, or for the role cluster-admin.
cause-check-permissions-to-grant = You ({ $user }) may not make the roles of the plan. You need either { $by }, or everything that these roles hand out; of that you lack { $rules }{ $more ->
        [0] { "" }
       *[other] {" "}and { $more } more
    }
    .safe = Nothing was changed.
    .todo = Ask the administrator of the cluster for one of the two, or for the role cluster-admin.
cause-check-version = Kubernetes { $version } has not been tried yet
    .safe = Nothing was changed.
    .todo = It will probably work: { $from } to { $to } have been tried. You may go on.
cause-check-version-old = Kubernetes { $version } is too old: what a plan uses is not all there
    .safe = Nothing was changed.
    .todo = Have the cluster brought to a version from { $from } to { $to }, or use another cluster. You may go on at your own risk.
cause-check-version-new = Kubernetes { $version } is much newer than what has been tried
    .safe = Nothing was changed.
    .todo = Look for a newer DIGIT Installer, or use a cluster with a version from { $from } to { $to }. You may go on at your own risk.
cause-check-apis = The cluster does not know what the plan uses: { $missing }
    .safe = Nothing was changed.
    .todo = Use a cluster with a Kubernetes version that has been tried.
cause-check-capacity = { $count ->
        [one] { $first } finds no room
       *[other] { $count } workloads find no room, { $first } the first
    }: { $needed } GiB of memory and { $cpu-needed } processors are still needed, { $free } GiB and { $cpu-free } are free, spread over { $machines ->
        [one] one machine
       *[other] { $machines } machines
    }{ machines-left-out }
    .safe = Nothing was changed.
    .todo = Add machines, choose fewer modules, or go on: services without room then wait and do not start.
cause-check-nodes = { $needed ->
    [one] 1 machine is needed
   *[other] { $needed } machines are needed
}, { $ready ->
    [one] 1 can be used
   *[other] { $ready } can be used
}{ machines-left-out }
    .safe = Nothing was changed.
    .todo = Add machines, have those opened that are not counted, or go on: services without room then wait and do not start.
# Follows a sentence: machines that were not counted, and why.
machines-left-out = { $not-ready ->
        [0] { "" }
       *[other] ; not ready: { $not-ready }
    }{ $cordoned ->
        [0] { "" }
       *[other] ; closed for new pods (cordoned): { $cordoned }
    }{ $tainted ->
        [0] { "" }
       *[other] ; with a taint ({ $taint }) that keeps most of the plan away: { $tainted }
    }{ $windows ->
        [0] { "" }
       *[other] ; with Windows: { $windows }
    }{ $other-processor ->
        [0] { "" }
       *[other] ; with a processor that some of the images are not built for: { $other-processor }
    }
cause-check-nodes-unusable = Machines are ready, and none of them takes the plan’s services{ machines-left-out }
    .safe = Nothing was changed.
    .todo = Add Linux machines that take pods, or ask the administrator of the cluster to open some of these: kubectl uncordon, or kubectl taint with a minus at its end.
cause-check-nodes-processor = { $count ->
        [one] 1 image of the plan is
       *[other] { $count } images of the plan are
    } not built for the processors of this cluster’s machines ({ $processor }), { $first } the first
    .safe = Nothing was changed.
    .todo = Use machines with x86-64 (Intel or AMD) processors. Kubernetes calls them amd64.
cause-check-nodes-mixed = { $machines ->
        [one] 1 machine has
       *[other] { $machines } machines have
    } a processor ({ $processor }) that { $count ->
        [one] 1 image is
       *[other] { $count } images are
    } not built for, { $first } the first, and nothing keeps services from being placed there, where they would not start: { $names }
    .safe = Nothing was changed.
    .todo = Have these machines closed for new pods (kubectl cordon), or given a taint of the effect NoSchedule. If you go on, services that are placed there do not start.
cause-check-nodes-windows = { $machines ->
        [one] 1 machine runs
       *[other] { $machines } machines run
    } Windows, and nothing keeps services from being placed there, where they would not start: { $names }
    .safe = Nothing was changed.
    .todo = Have these machines given the taint os=windows:NoSchedule, or closed for new pods (kubectl cordon). If you go on, services that are placed there do not start.
cause-check-no-nodes = No machine of the cluster is ready
    .safe = Nothing was changed.
    .todo = Switch the machines on, or ask the administrator of the cluster.
cause-check-storage = The cluster has no default storage class, and the data needs { $disk } GiB of disks
    .safe = Nothing was changed.
    .todo = Ask the administrator of the cluster to set one, or use a database and file storage of your own.
cause-check-other-installation = The installation { $name } is already in this cluster
    .safe = Nothing was changed.
    .todo = Open it (on Home, or by digit open-existing), or use another cluster.
cause-check-kept-disks = The installation { $name } was removed and its disks were kept: { $count }, in { $namespaces }
    .safe = Nothing was changed. The data on them is still there.
    .todo = Install { $name } again on the computer that removed it: the passwords of the data are there. If nobody needs the data, ask the administrator of the cluster to delete these namespaces.
cause-check-product-list = The list of { $product } { $version } leaves out services that others of it call: { $services }
    .safe = Nothing was changed.
    .todo = You may go on. Everything will be installed, but what needs these services will not work.
cause-check-leaving = The cluster holds services of this installation that are no longer chosen: { $services }
    .safe = Nothing was changed. Their disks stay.
    .todo = You may go on. They are removed when everything else is ready. To keep them, choose their modules again.
cause-check-entry-door = Nothing of ours guards the sign-in: through another web entry, anybody who knows a name can sign in as that person without the password
    .safe = Nothing was changed.
    .todo = You may go on. Have whoever looks after the web entry refuse every request under /user that has an argument isInternal, before anybody from outside can reach it.
cause-check-names = Objects with the names that we need belong to somebody else: { $all }
    .safe = Nothing was changed.
    .todo = Remove them if nobody needs them, or use another cluster. We never touch what is not ours.
cause-check-namespaces = { $count ->
        [one] The namespace { $names } is
       *[other] The namespaces { $names } are
    } just being deleted, and nothing can be made there
    .safe = Nothing was changed.
    .todo = Wait a minute and look again. If it stays, ask the administrator of the cluster what holds it.
cause-check-namespaces-stuck = { $count ->
        [one] The namespace { $names } is
       *[other] The namespaces { $names } are
    } being deleted, and nothing can be made there. Kubernetes says what holds it: { $said }
    .safe = Nothing was changed.
    .todo = Ask the administrator of the cluster to take away what is named here (a finalizer that nobody takes off, or an APIService without a server), then look again.
cause-check-webhooks = { $count ->
        [one] A webhook of somebody else
       *[other] { $count } webhooks of others
    } must agree to what the plan makes, and cannot be asked: { $names }. Nobody answers at the Service { $service } of { $config }, which is asked about { $objects ->
        [one] 1 object, { $example }
       *[other] { $objects } objects, for example { $example }
    }
    .safe = Nothing was changed.
    .todo = Have the program behind it started again. If it was removed long ago, ask the administrator of the cluster to delete { $config }, or to set its failurePolicy to Ignore. If you go on, what it is asked about is refused until then.
cause-check-address = Nobody in this cluster seems to give addresses to Services: the web entry may wait for its address for ever
    .safe = Nothing was changed.
    .todo = Choose “The ports of the machines” as the web entry (entry: node-port), or have a load balancer installed, for example MetalLB. If you know that there is one, go on.
cause-check-address-held = { $by } holds port { $ports } of all machines: the load balancer of k3s gives each port to one Service only, and the web entry may wait for its address for ever
    .safe = Nothing was changed.
    .todo = Choose “The ports of the machines” as the web entry (entry: node-port), or have k3s started without its own entry (--disable traefik).

## What trying a database or file storage of one's own found

cause-check-try-no-address = The cluster finds no address for { $host }
    .safe = Nothing was changed.
    .todo = Check the name for a typing mistake. Pods must be able to find it: a name that only your own computer knows is not enough.
cause-check-try-refused = Nothing answers at { $host }, port { $port }
    .safe = Nothing was changed.
    .todo = Check the port, see that the server runs, and that it listens on the network and not on its own machine alone.
cause-check-try-timed-out = { $host }, port { $port }, cannot be reached from the cluster: nothing came back
    .safe = Nothing was changed.
    .todo = Ask whoever looks after the network to let the cluster's machines through to this address and port. A firewall or a security group often stands between.
cause-check-try-image = It was not tried: the cluster could not get the image { $image } ({ $said })
    .safe = Nothing was changed. Whether it works is not known.
    .todo = See that the cluster's machines reach the image's registry: the installation needs it too.
cause-check-try-no-machine = It was not tried: no machine had room for it ({ $said })
    .safe = Nothing was changed. Whether it works is not known.
    .todo = See that machines are ready and have room, then check again.
cause-check-try-not-made = It was not tried: the cluster did not let the pod start ({ $said })
    .safe = Nothing was changed. Whether it works is not known.
    .todo = Show the text in brackets to the administrator of the cluster. You may go on without.
cause-check-try-too-long = It was not tried: it took too long until { $image } could run
    .safe = Nothing was changed. Whether it works is not known.
    .todo = Check again: what has been downloaded by now need not be downloaded again.
cause-check-try-ended = It was not tried: the pod ended before it had an answer (code { $code }; { $said })
    .safe = Nothing was changed. Whether it works is not known.
    .todo = Check again. If it stays so, show this to the person who helps you.
cause-check-try-no-client = It was not tried: nothing in this plan has a program that could
    .safe = Nothing was changed. Whether it works is not known.
    .todo = You may go on without.
cause-check-database-not-postgresql = What answers at { $host }, port { $port }, is not PostgreSQL
    .safe = Nothing was changed.
    .todo = Check the port. PostgreSQL's usual one is 5432.
cause-check-database-starting = The database server { $host } is starting and takes nobody yet
    .safe = Nothing was changed.
    .todo = Wait a minute and check again.
cause-check-database-sign-in = The database does not let { $user } in: { $said }
    .safe = Nothing was changed.
    .todo = Check the user and the password. If both are right, see that the server accepts this user from the cluster's addresses.
cause-check-database-missing = The server { $host } has no database { $name }
    .safe = Nothing was changed.
    .todo = Have it made, with { $user } as its owner, or check the name for a typing mistake.
cause-check-database-no-entry = { $user } may not use the database { $name }
    .safe = Nothing was changed.
    .todo = Ask the administrator of the database for the right CONNECT, or make { $user } its owner.
cause-check-database-no-tables = { $user } may not make tables in the database { $name } ({ $said })
    .safe = Nothing was changed.
    .todo = Make { $user } the owner of the database. Since version 15 others may not make tables unless they are allowed to.
cause-check-database-read-only = The database { $name } can only be read
    .safe = Nothing was changed.
    .todo = Name the main server: this one is probably a copy.
cause-check-database-old = The database server is version { $version }; DIGIT needs { $oldest } or newer
    .safe = Nothing was changed.
    .todo = Use a newer server. You may go on at your own risk.
cause-check-files-no-store = What answers at { $endpoint } is no S3 storage
    .safe = Nothing was changed.
    .todo = Check the address, and whether it begins with http or https.
cause-check-files-not-trusted = The certificate of { $endpoint } is not trusted ({ $said })
    .safe = Nothing was changed.
    .todo = DIGIT accepts certificates of public authorities only. Give the storage one, or use the name that is in its certificate.
cause-check-files-no-tls = What answers at { $endpoint } does not speak https ({ $said })
    .safe = Nothing was changed.
    .todo = Check the port, or begin the address with http:// if the storage is inside your own network.
cause-check-files-no-bucket = There is no bucket { $bucket }
    .safe = Nothing was changed.
    .todo = Have it made, or check the name for a typing mistake.
cause-check-files-key = The storage does not accept the access key ({ $said })
    .safe = Nothing was changed.
    .todo = Check the two lines of the key file: first the access key id, then the secret key.
cause-check-files-clock = The storage says that our clock is wrong
    .safe = Nothing was changed.
    .todo = Set the clock of this computer, or that of the storage.
cause-check-files-region = The bucket { $bucket } is not in the region { $region }, or not at { $endpoint } ({ $said })
    .safe = Nothing was changed.
    .todo = Check region and address.
cause-check-files-no-write = The access key may not write into the bucket { $bucket } ({ $said })
    .safe = Nothing was changed.
    .todo = Ask whoever looks after the storage for the right to write (s3:PutObject).
cause-check-files-no-read = The access key may not read what it wrote into the bucket { $bucket } ({ $said })
    .safe = Only a small object, { $object }, was written to try it.
    .todo = Ask whoever looks after the storage for the right to read (s3:GetObject).
cause-check-files-no-delete = The access key may write and read, but not delete
    .safe = A small object, { $object }, that was written to try it stays in the bucket { $bucket }.
    .todo = You may go on.
cause-check-files-odd = The storage gave an answer that we do not know: { $said }
    .safe = At most a small object, { $object }, was written to try it.
    .todo = Show this to whoever looks after the storage.

## In what two plans differ

error-plan-outdated = What you reviewed is not what would be done now
    .safe = Nothing was changed.
    .todo = Look at the new plan, and start the install from there.
difference-name = The name was { $was } and is { $is }
difference-answer = Another answer: { $field }
difference-combination = Other charts: { $was } before, { $is } now
difference-cluster = It is another cluster
difference-version = The cluster’s Kubernetes was { $was } and is { $is }
difference-apis-added = The cluster serves { $count } more kinds: { $names }
difference-apis-gone = The cluster no longer serves { $count } kinds: { $names }
difference-services-added = { $count ->
    [one] One more service
   *[other] { $count } more services
}: { $names }
difference-services-leaving = What is in the cluster and would be removed now: { $names }
difference-services-gone = { $count ->
    [one] One service less
   *[other] { $count } services less
}: { $names }
difference-services-changed = { $count ->
    [one] One service changes
   *[other] { $count } services change
}: { $names }
difference-other = Steps or objects of the plan

error-given-up = The download was stopped
    .safe = Nothing was changed. What arrived is kept.
    .todo = Start it again when you like: it goes on from there.
