# Words of the command line only.

cli-file = { $path } cannot be used: { $detail }. Nothing was changed.
cli-helm-says = Helm says it so: { $detail }
cli-no-example = There is no example for { $target }. There are examples for cluster, this-computer and rehearsal.
cli-needs-yes = Nobody can be asked here. Add --yes to go on without asking. Nothing was changed.
cli-confirm-install = Type { $name } to install it:
cli-confirm-resume = Type { $name } to go on with it:
cli-confirm-remove = This removes everything of it. Type { $name } to remove it:
cli-confirm-verify = This files one complaint at { $name }, marked as ours, resolves it, and uploads a photo. Type { $name } to go on, or use --read-only:
cli-verify-took = { $seconds } s
cli-verify-said = DIGIT says it so: { $said }
cli-verify-cut-off = Ended. A complaint that was filed is found again the next time.
cli-interrupted = Stopping. What was made to try something is being removed. Once more ends at once.
cli-stopping = Stopping at a safe point. Everything made so far stays. Once more ends at once.
cli-ended-at-once = Ended at once. digit resume goes on from what is known.
cli-available = on this computer
cli-to-download = downloaded when it is needed
cli-ready-to-use = ready to use
cli-services-only = services only
cli-plan-title = { $name }: { $product } { $version }
cli-plan-sizes = { $services ->
    [one] 1 service
   *[other] { $services } services
}, { $workloads ->
    [one] 1 workload
   *[other] { $workloads } workloads
}, { $pods ->
    [one] 1 pod
   *[other] { $pods } pods
}, { $images ->
    [one] 1 image
   *[other] { $images } images
}. They ask for { $memory } GiB of memory, { $disk } GiB of disks and at least { $nodes ->
    [one] 1 machine
   *[other] { $nodes } machines
}.
cli-plan-objects = Objects: { $objects }
cli-plan-id = Plan { $id }
cli-time = Installing takes { $range }.
cli-time-first-estimate = Installing takes { $range } (first estimate).
cli-time-in-part = Installing takes { $range } ({ $basis }).
cli-images = Images to download: { $images }
cli-images-sized = Images to download: { $images }; { $size }
cli-time-left = { $range } left
cli-services-ready = { $total ->
    [one] { $ready } of 1 service is ready
   *[other] { $ready } of { $total } services are ready
}
cli-waiting = waiting for { $on }
cli-ready-after = ready after { $time }
cli-done-after = done after { $time }
cli-and-more = { $names } and { $count } more
cli-address = Address: { $address }
cli-nothing-left = We looked again: nothing of it is left.
cli-left = We looked again. Still there: { $left }
time-under-two-minutes = less than 2 min
time-range-minutes = { $low } to { $high } min
time-seconds = { $count } s
time-minutes = { $count } min
kind-cluster = the cluster itself
kind-check = a look at the cluster
kind-namespaces = namespaces
kind-crds = custom resource definitions of { $subject }
kind-ahead = what others need of { $subject }
kind-hooks = preparation of { $subject }
kind-release = { $subject }
kind-webhook = admission checks of { $subject }
kind-find = address of the web entry
kind-leave = removing what was not chosen any more
cli-plan-leaving = Goes away, its disks stay: { $services }
image-not-reached = registry not reached
image-timed-out = registry did not answer in time
image-sign-in = registry wants a user name and password
image-not-there = not in the registry
image-too-many-requests = registry was asked too often
image-refused = registry refused
image-garbled = registry gave an answer that we do not know
image-not-asked = not asked, the time was up
cli-goes-on = It goes on.
cli-output-lost = The results cannot be written to standard output: { $detail }. Nothing more is written there; the work itself goes on.
cli-nothing-changed = Stopped. Nothing was changed.
cli-nobody-came = A person was needed for { $time } and none came. Stopping at a safe point. Everything made so far stays.
cli-still-removable = It can still be removed: digit remove { $id }
cli-go-on = To go on, or to retry from here: digit resume { $id }
cli-removal-nothing = Nothing of it is in the cluster.
cli-removal-objects = Objects that go: { $names }
cli-removal-namespaces = Namespaces that go: { $names }
cli-removal-disks = Disks that go, with what is on them: { $names }
cli-removal-disks-kept = Disks that stay: { $names }
cli-removal-namespaces-kept = Namespaces that stay: { $names }
cli-gone-after = gone after { $time }
time-under-a-second = less than 1 s
cli-not-confirmed = That is not { $name }. Nothing was changed.
cli-none-here = There is no installation on this computer.
cli-may-accept = To go on without this check: --accept { $name }
cli-kit-written = The passwords and keys of { $name } are in { $path }, encrypted with the passphrase. Keep both, and not in the same place.
