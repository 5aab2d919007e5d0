# What can stand in the way of something in the cluster: what happened, what is safe, what to do.
# Codes: crates/verdict/src/codes.rs. Data comes as strings.

cause-image-not-found = The image { $image } is not in its registry.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Ask whoever looks after the cluster whether it reaches the internet, then Retry from here.

cause-image-unauthorized = The registry does not let the cluster have the image { $image }.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Ask whoever looks after the cluster to let its machines download this image, then Retry from here.

cause-image-platform-missing = The image { $image } is not made for the kind of processor that the nodes have.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Use nodes with x86-64 (Intel or AMD) processors.

cause-image-name-invalid = The image name { $image } is not written as a name can be.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Retry from here. If it fails again, export the log for whoever helps you.

cause-image-rate-limited = The registry limits how many images it gives, and the limit is reached.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait: the limit ends after some hours. Then Retry from here.

cause-registry-unreachable = The nodes cannot reach the registry for the image { $image }.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Ask whoever runs the network to let the nodes reach the registry, or name a registry of your own in Change settings.

cause-image-pull-failed = The image { $image } could not be fetched.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Retry from here. If it fails again, export the log for whoever helps you.

cause-crash-loop = { $container } starts and ends again and again ({ $restarts } times so far).
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Look at its last log lines below, then Retry from here.

cause-restart-expected = { $container } ended once while it started. In a new database it does: it starts again by itself.
    .safe = Nothing is wrong. Everything else goes on.
    .todo = Nothing to do yet.

cause-init-crash-loop = The preparation { $container } fails again and again ({ $restarts } times so far), so the service does not start.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Look at its last log lines below. Database preparations fail most often because of a wrong database address or password.

cause-out-of-memory = { $container } needs more memory than it may use ({ $limit }) and was ended.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Choose a larger size in Change settings, then Retry from here.

cause-wrong-architecture = { $container } is made for another kind of processor than its node has.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Use nodes with x86-64 (Intel or AMD) processors.

cause-container-start-failed = { $container } could not be started by its node.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Retry from here. If it fails again, export the log for whoever helps you.

cause-probe-failing = { $container } runs but does not answer as it should.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Give it a little longer with Retry from here. If that does not help, look at its last log lines below.

cause-pod-failed = { $pod } ended with an error ({ $reason }).
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Look at its last log lines below, then Retry from here.

cause-evicted = A node had to send { $pod } away because it ran short of disk or memory.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Add a node, or nodes with more disk and memory.

cause-config-missing = { $pod } needs the { $kind } { $name }, and it is not there or lacks an entry.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Retry from here: it is created again. If it is a Secret that your team keeps, ask them to create it.

cause-volume-mount-failed = The disk { $volume } could not be attached for { $pod }.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Wait a few minutes: disks move slowly between nodes. If it stays, check the cluster's storage driver.

cause-insufficient-memory = No node has enough free memory for { $pod }.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Add a node or choose fewer modules, then Retry from here.

cause-insufficient-cpu = No node has enough free processor time for { $pod }.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Add a node or choose fewer modules, then Retry from here.

cause-insufficient-resource = No node has enough free { $resource } for { $pod }.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Add a node that has it, then Retry from here.

cause-too-many-pods = The nodes may not take more pods, so { $pod } finds no place.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Add a node, then Retry from here.

cause-nodes-not-ready = The nodes are not ready yet, so { $pod } waits.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait a few minutes. If they do not come, check the nodes of the cluster.

cause-node-taints = All nodes are kept for other uses (taint { $taint }), so { $pod } finds no place.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Ask whoever runs the cluster for nodes that DIGIT may use.

cause-node-selector-unmatched = No node is of the kind that { $pod } asks for.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Ask whoever runs the cluster to label a node for it.

cause-pod-anti-affinity = { $pod } wants a node apart from its siblings, and there are not enough nodes.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Add a node, or choose the size for one machine in Change settings.

cause-host-port-taken = { $pod } needs a port on a node, and it is taken on every node.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Free the port, or choose another web entry in Change settings.

cause-volume-zone-conflict = The disk of { $pod } is in another zone than the nodes with free room.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Add a node in the zone of the disk.

cause-no-nodes = The cluster has no nodes yet, so { $pod } waits.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait for the nodes to join. If none comes in a quarter of an hour, check the node group.

cause-unschedulable = No node can take { $pod }.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Look at the evidence below, or export the log for whoever helps you.

cause-no-default-storage-class = { $claim } needs a disk, and the cluster has no default kind of storage.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Choose a storage class in Change settings, or ask whoever runs the cluster to name a default one.

cause-storage-class-missing = { $claim } asks for storage of the class { $class }, which the cluster does not have.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Choose another storage class in Change settings.

cause-provisioner-missing = { $claim } waits for a disk from { $provisioner }, and nothing answers.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Install that storage driver in the cluster, or check that it runs.

cause-volume-provisioning-failed = The disk for { $claim } could not be made.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Check the permissions of the storage driver and the disk quota, then Retry from here.

cause-volume-pending = The disk for { $claim } is not there yet.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait a few minutes. If it does not come, check the cluster's storage.

cause-volume-lost = The disk of { $claim } is gone.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Restore it from a backup; do not Retry before.

cause-volume-waits-for-pod = { $claim } gets its disk when the first pod uses it.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Nothing to do.

cause-claim-missing = { $pod } uses the disk { $claim }, which nobody asked for.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Retry from here. If it fails again, export the log for whoever helps you.

cause-quota-exceeded = The namespace may not use more: its quota { $quota } is used up, so { $name } cannot start.
    .safe = The cluster has refused the change; what ran before still runs.
    .todo = Ask whoever runs the cluster to raise the quota, then Retry from here.

cause-admission-denied = A rule of this cluster ({ $webhook }) does not allow { $name }.
    .safe = The cluster has refused the change; what ran before still runs.
    .todo = Show the evidence below to whoever runs the cluster and ask for an exception.

cause-pod-security-denied = The security level of the namespace does not allow { $name }.
    .safe = The cluster has refused the change; what ran before still runs.
    .todo = Ask whoever runs the cluster to set the namespace's Pod Security level to one that allows it.

cause-webhook-unavailable = The cluster wants to ask { $webhook } before it makes { $name }, and that does not answer.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait a moment and Retry from here: it may be starting.

cause-create-failed = The cluster does not make the pods of { $name }.
    .safe = The cluster has refused the change; what ran before still runs.
    .todo = Look at the evidence below, then Retry from here.

cause-deadline-exceeded = { $name } did not get ready in the time that Kubernetes gives it.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Give it more time with Retry from here.

cause-job-failed = The task { $name } was tried as often as it may be and failed each time.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Look at its last log lines below, then Retry from here.

cause-job-deadline-exceeded = The task { $name } took longer than it may.
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Retry from here.

cause-job-retrying = The task { $name } failed { $failed } times and is tried again.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Nothing to do yet.

cause-paused = { $name } was told to pause.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Ask whoever paused it to let it go on.

cause-terminating = { $name } is being removed.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait until it is gone.

cause-finalizers = { $name } is to go and waits for somebody to let it go ({ $finalizers }).
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = See that the program behind it runs, or ask whoever runs the cluster.

cause-load-balancer-pending = The public address for { $name } is not there yet.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait a few minutes. In a cluster without load balancers choose another web entry in Change settings.

cause-load-balancer-failed = The cloud could not make a public address for { $name }.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Check the load balancer quota and permissions, then Retry from here.

cause-crd-names-conflict = The cluster already has something with the names of { $name }.
    .safe = The cluster has refused the change; what ran before still runs.
    .todo = Ask whoever runs the cluster which program brought it.

cause-crd-not-established = The cluster has not taken in the new kind { $name } yet.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait a moment.

cause-webhook-certificate-missing = { $name } has no certificate yet, so the cluster cannot ask it.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Wait a few minutes. If it stays, Retry from here.

cause-api-unavailable = The cluster cannot reach the part that serves { $name }.
    .safe = Nothing is lost. Services that are running keep running.
    .todo = Check that its service runs, or ask whoever runs the cluster.

cause-namespace-terminating = The namespace { $name } is being removed and does not end.
    .safe = Nothing is wrong with what is already installed. Waiting does no harm.
    .todo = Look at the evidence below for what holds it, or ask whoever runs the cluster.

cause-namespace-held-by-api = The namespace { $name } is empty and does not go: an API of the cluster does not answer.
    .safe = Everything in it is gone. It goes by itself when that API answers again.
    .todo = Ask whoever runs the cluster to mend that API, or to take it out of the cluster. It is named here: { $message }

cause-resource-not-ready = { $kind } { $name } is not ready ({ $reason }).
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Look at the evidence below, then Retry from here.

cause-resource-stalled = { $kind } { $name } does not go on ({ $reason }).
    .safe = No data is lost. Everything else goes on as far as it can.
    .todo = Look at the evidence below, or export the log for whoever helps you.
