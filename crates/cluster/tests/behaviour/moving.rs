//! What moves by itself: workloads, services, definitions, namespaces that end.

use http::Method;
use serde_json::{Value, json};

use crate::Is::{Eq, Has, Len, None as Missing, Same, Some as There};
use crate::{JSON, MERGE, Step, apply, delete, get, post, step};

use crate::objects::{MAPS, map};

const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/{ns}/deployments";
const DEPLOYMENT: &str = "/apis/apps/v1/namespaces/{ns}/deployments/d?fieldManager=helm";

pub(crate) fn workloads() -> Vec<Step> {
    let twice = json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);
    let once = json!([{"name": "A", "value": "1"}]);
    vec![
        apply(
            "an env name twice",
            DEPLOYMENT,
            deployment("d", twice.clone(), "d"),
            500,
            vec![(
                "/message",
                Has(".spec.template.spec.containers[name=\"main\"].env: duplicate entries for key [name=\"A\"]"),
            )],
        ),
        apply(
            "a pull secret twice",
            DEPLOYMENT,
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"app": "x"}},
                "template": {"metadata": {"labels": {"app": "x"}}, "spec": {"imagePullSecrets": [{"name": "r"}, {"name": "r"}], "containers": [{"name": "m", "image": "i:1"}]}}}}),
            500,
            vec![("/message", Has(".spec.template.spec.imagePullSecrets: duplicate entries for key [name=\"r\"]"))],
        ),
        post(
            "is fine to create",
            DEPLOYMENTS,
            deployment("twice", twice, "twice"),
            201,
            vec![("/spec/template/spec/containers/0/env", Len(2))],
        ),
        apply(
            "selector and labels differ",
            DEPLOYMENT,
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"selector": {"matchLabels": {"app": "x"}},
                "template": {"metadata": {"labels": {"app": "y"}}, "spec": {"containers": [{"name": "m", "image": "i:1"}]}}}}),
            422,
            vec![
                ("/message", Has("`selector` does not match template `labels`")),
                ("/details/causes/0/field", Eq("spec.template.metadata.labels".into())),
            ],
        ),
        apply(
            "a Deployment",
            DEPLOYMENT,
            deployment("d", once.clone(), "d"),
            201,
            vec![
                ("/metadata/generation", Eq(1.into())),
                ("/spec/progressDeadlineSeconds", Eq(600.into())),
                ("/spec/strategy/type", Eq("RollingUpdate".into())),
                ("/spec/template/spec/restartPolicy", Eq("Always".into())),
                ("/spec/template/spec/containers/0/imagePullPolicy", Eq("IfNotPresent".into())),
            ],
        ),
        apply(
            "the same again is the same generation",
            DEPLOYMENT,
            deployment("d", once.clone(), "d"),
            200,
            vec![("/metadata/generation", Eq(1.into()))],
        ),
        apply(
            "its selector may not change",
            DEPLOYMENT,
            deployment("d", once.clone(), "other"),
            422,
            vec![
                ("/reason", Eq("Invalid".into())),
                ("/message", Has("spec.selector: Invalid value:")),
                ("/message", Has("field is immutable")),
            ],
        ),
        get(
            "it gets ready",
            DEPLOYMENT,
            200,
            vec![
                ("/status/readyReplicas", Eq(2.into())),
                ("/status/availableReplicas", Eq(2.into())),
                ("/status/updatedReplicas", Eq(2.into())),
                ("/status/unavailableReplicas", Missing),
                ("/metadata/annotations/deployment.kubernetes.io~1revision", Eq("1".into())),
            ],
        )
        .in_time(),
        get(
            "through a ReplicaSet",
            "/apis/apps/v1/namespaces/{ns}/replicasets?labelSelector=app%3Dd",
            200,
            vec![
                ("/kind", Eq("ReplicaSetList".into())),
                ("/items", Len(1)),
                ("/items/0/metadata/ownerReferences/0/kind", Eq("Deployment".into())),
                ("/items/0/metadata/labels/pod-template-hash", There),
            ],
        ),
        get(
            "and pods",
            "/api/v1/namespaces/{ns}/pods?labelSelector=app%3Dd",
            200,
            vec![
                ("/items", Len(2)),
                ("/items/0/status/phase", Eq("Running".into())),
                ("/items/0/metadata/ownerReferences/0/kind", Eq("ReplicaSet".into())),
                ("/items/0/spec/nodeName", There),
            ],
        ),
        step(
            "a new template is a new generation",
            Method::PATCH,
            DEPLOYMENT,
            MERGE,
            json!({"spec": {"template": {"metadata": {"annotations": {"x": "1"}}}}}),
            200,
            vec![("/metadata/generation", Eq(2.into()))],
        ),
        get(
            "and a new ReplicaSet",
            DEPLOYMENT,
            200,
            vec![
                ("/metadata/annotations/deployment.kubernetes.io~1revision", Eq("2".into())),
                ("/status/observedGeneration", Eq(2.into())),
                ("/status/updatedReplicas", Eq(2.into())),
                ("/status/replicas", Eq(2.into())),
                ("/status/readyReplicas", Eq(2.into())),
            ],
        )
        .in_time(),
        step(
            "scale",
            Method::PATCH,
            "/apis/apps/v1/namespaces/{ns}/deployments/d/scale",
            MERGE,
            json!({"spec": {"replicas": 1}}),
            200,
            vec![("/kind", Eq("Scale".into())), ("/spec/replicas", Eq(1.into()))],
        ),
        delete(
            "delete in the background",
            "/apis/apps/v1/namespaces/{ns}/deployments/d?propagationPolicy=Background",
            Value::Null,
            200,
            vec![("/status", Eq("Success".into())), ("/details/group", Eq("apps".into()))],
        ),
        get(
            "takes ReplicaSets along",
            "/apis/apps/v1/namespaces/{ns}/replicasets?labelSelector=app%3Dd",
            200,
            vec![("/items", Len(0))],
        )
        .in_time(),
        get("and pods too", "/api/v1/namespaces/{ns}/pods?labelSelector=app%3Dd", 200, vec![("/items", Len(0))])
            .in_time(),
        delete(
            "delete in the foreground",
            "/apis/apps/v1/namespaces/{ns}/deployments/twice?propagationPolicy=Foreground",
            Value::Null,
            200,
            vec![
                ("/kind", Eq("Deployment".into())),
                ("/metadata/finalizers/0", Eq("foregroundDeletion".into())),
                ("/metadata/deletionTimestamp", There),
            ],
        ),
        get("ends after what it owns", "/apis/apps/v1/namespaces/{ns}/deployments/twice", 404, vec![]).in_time(),
        post(
            "a StatefulSet",
            "/apis/apps/v1/namespaces/{ns}/statefulsets",
            stateful_set("one", 2),
            201,
            vec![("/spec/podManagementPolicy", Eq("OrderedReady".into()))],
        ),
        apply(
            "most of it may not change",
            "/apis/apps/v1/namespaces/{ns}/statefulsets/s?fieldManager=helm&force=true",
            stateful_set("two", 2),
            422,
            vec![
                ("/message", Has("updates to statefulset spec for fields other than 'replicas'")),
                ("/details/causes/0/field", Eq("spec".into())),
            ],
        ),
        get(
            "it gets ready in order",
            "/apis/apps/v1/namespaces/{ns}/statefulsets/s",
            200,
            vec![("/status/readyReplicas", Eq(2.into()))],
        )
        .in_time(),
        get(
            "with a claim for each",
            "/api/v1/namespaces/{ns}/persistentvolumeclaims/data-s-1",
            200,
            vec![("/status/phase", Eq("Bound".into())), ("/spec/volumeName", There)],
        ),
        get(
            "and pods named by number",
            "/api/v1/namespaces/{ns}/pods/s-0",
            200,
            vec![("/metadata/labels/statefulset.kubernetes.io~1pod-name", Eq("s-0".into()))],
        ),
        post(
            "a Job",
            "/apis/batch/v1/namespaces/{ns}/jobs",
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"},
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "m", "image": "i:1"}]}}}}),
            201,
            vec![
                ("/spec/backoffLimit", Eq(6.into())),
                ("/spec/selector/matchLabels/batch.kubernetes.io~1controller-uid", There),
            ],
        ),
        get(
            "completes",
            "/apis/batch/v1/namespaces/{ns}/jobs/j",
            200,
            vec![("/status/succeeded", Eq(1.into())), ("/status/completionTime", There)],
        )
        .in_time(),
    ]
}

pub(crate) fn others() -> Vec<Step> {
    let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"type": "LoadBalancer", "selector": {"app": "s"}, "ports": [{"port": 80}]}});
    let definition = json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "things.{ns}.example.com"},
        "spec": {"group": "{ns}.example.com", "scope": "Namespaced", "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}});
    let thing = json!({"apiVersion": "{ns}.example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": {"list": [1, 2]}});
    let pod = |name: &str, node: Value| {
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"nodeSelector": node, "containers": [{"name": "main", "image": "stand.in/app:1"}]}})
    };
    let (homeless, settled) = (pod("homeless", json!({"no": "where"})), pod("settled", json!({})));
    const FORWARD: &str = "/api/v1/namespaces/{ns}/pods/homeless/portforward?ports=80";
    const THING: &str = "/apis/{ns}.example.com/v1/namespaces/{ns}/things/t?fieldManager=helm";
    vec![
        post(
            "a Service",
            "/api/v1/namespaces/{ns}/services",
            service,
            201,
            vec![
                ("/spec/clusterIP", There),
                ("/spec/clusterIPs/0", There),
                ("/spec/ports/0/protocol", Eq("TCP".into())),
                ("/spec/ports/0/targetPort", Eq(80.into())),
                ("/spec/ports/0/nodePort", There),
                ("/status/loadBalancer", Eq(json!({}))),
            ],
        ),
        step(
            "its address may not change",
            Method::PATCH,
            "/api/v1/namespaces/{ns}/services/web",
            MERGE,
            json!({"spec": {"clusterIP": "10.96.77.77", "clusterIPs": ["10.96.77.77"]}}),
            422,
            vec![
                ("/reason", Eq("Invalid".into())),
                ("/message", Has("Invalid value: [\"10.96.77.77\"]: may not change once set")),
            ],
        ),
        post("a pod for no node", "/api/v1/namespaces/{ns}/pods", homeless, 201, vec![]),
        get(
            "has no port to forward",
            FORWARD,
            400,
            vec![("/message", Has("pod homeless does not have a host assigned"))],
        ),
        get(
            "nor has one that is not there",
            "/api/v1/namespaces/{ns}/pods/nobody/portforward?ports=80",
            404,
            vec![("/reason", Eq("NotFound".into())), ("/message", Has("pods \"nobody\" not found"))],
        ),
        delete("it goes", "/api/v1/namespaces/{ns}/pods/homeless?gracePeriodSeconds=0", Value::Null, 200, vec![]),
        post("a pod for any node", "/api/v1/namespaces/{ns}/pods", settled, 201, vec![]),
        get(
            "forwards only who can switch protocols",
            "/api/v1/namespaces/{ns}/pods/settled/portforward?ports=80",
            400,
            vec![("/message", Has("Upgrade request required"))],
        )
        .in_time(),
        delete("it goes too", "/api/v1/namespaces/{ns}/pods/settled?gracePeriodSeconds=0", Value::Null, 200, vec![]),
        get(
            "it gets a public one",
            "/api/v1/namespaces/{ns}/services/web",
            200,
            vec![("/status/loadBalancer/ingress/0/hostname", There)],
        )
        .in_time(),
        get(
            "and endpoints",
            "/apis/discovery.k8s.io/v1/namespaces/{ns}/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dweb",
            200,
            vec![("/items/0/endpoints", Len(2)), ("/items/0/endpoints/0/conditions/ready", Eq(true.into()))],
        )
        .in_time(),
        post(
            "a Secret in plain words",
            "/api/v1/namespaces/{ns}/secrets",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "p", "labels": {"x": "1"}}, "stringData": {"a": "b"}}),
            201,
            vec![("/type", Eq("Opaque".into())), ("/data/a", Eq("Yg==".into())), ("/stringData", Missing)],
        ),
        post(
            "another",
            "/api/v1/namespaces/{ns}/secrets",
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "q"}}),
            201,
            vec![],
        ),
        get(
            "by label",
            "/api/v1/namespaces/{ns}/secrets?labelSelector=x%20in%20(1,2)",
            200,
            vec![("/items", Len(1)), ("/items/0/metadata/name", Eq("p".into()))],
        ),
        get(
            "by name",
            "/api/v1/namespaces/{ns}/secrets?fieldSelector=metadata.name%3Dq",
            200,
            vec![("/items", Len(1)), ("/kind", Eq("SecretList".into())), ("/metadata/resourceVersion", There)],
        ),
        delete("all of a label", "/api/v1/namespaces/{ns}/secrets?labelSelector=x%3D1", Value::Null, 200, vec![]),
        get("only those", "/api/v1/namespaces/{ns}/secrets", 200, vec![("/items", Len(1))]),
        post("a definition", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition, 201, vec![]),
        get("is established", "/apis/{ns}.example.com/v1", 200, vec![("/resources/0/kind", Eq("Thing".into()))])
            .in_time(),
        apply(
            "something of it",
            THING,
            thing.clone(),
            201,
            vec![("/metadata/generation", Eq(1.into())), ("/spec/list", Eq(json!([1, 2])))],
        )
        .remember("/metadata/resourceVersion", "thing")
        .in_time(),
        apply("twice", THING, thing, 200, vec![("/metadata/resourceVersion", Same("thing"))]),
        step(
            "put needs a version here",
            Method::PUT,
            THING,
            JSON,
            json!({"apiVersion": "{ns}.example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": {}}),
            422,
            vec![("/message", Has("metadata.resourceVersion: Invalid value"))],
        ),
        delete(
            "the definition goes",
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.{ns}.example.com",
            Value::Null,
            200,
            vec![],
        ),
        get("and its things with it", "/apis/{ns}.example.com/v1/namespaces/{ns}/things", 404, vec![]).in_time(),
    ]
}

pub(crate) fn endings() -> Vec<Step> {
    vec![
        post(
            "something that holds on",
            MAPS,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "hold", "finalizers": ["example.com/hold"]}}),
            201,
            vec![],
        ),
        delete(
            "a namespace",
            "/api/v1/namespaces/{ns}",
            Value::Null,
            200,
            vec![
                ("/kind", Eq("Namespace".into())),
                ("/status/phase", Eq("Terminating".into())),
                ("/metadata/deletionTimestamp", There),
            ],
        ),
        post(
            "takes nothing new",
            MAPS,
            map(json!({})),
            403,
            vec![
                ("/reason", Eq("Forbidden".into())),
                ("/message", Has("because it is being terminated")),
                ("/details/causes/0/reason", Eq("NamespaceTerminating".into())),
            ],
        ),
        get("and loses what it has", "/api/v1/namespaces/{ns}/pods", 200, vec![("/items", Len(0))]).in_time(),
        get(
            "but for what holds on",
            "/api/v1/namespaces/{ns}/configmaps/hold",
            200,
            vec![("/metadata/deletionTimestamp", There)],
        )
        .in_time(),
        step(
            "let go",
            Method::PATCH,
            "/api/v1/namespaces/{ns}/configmaps/hold",
            MERGE,
            json!({"metadata": {"finalizers": null}}),
            200,
            vec![],
        ),
        get("it is gone", "/api/v1/namespaces/{ns}", 404, vec![]).in_time(),
    ]
}

pub(crate) fn deployment(name: &str, env: Value, label: &str) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": 2,
        "selector": {"matchLabels": {"app": label}}, "template": {"metadata": {"labels": {"app": label}},
            "spec": {"containers": [{"name": "main", "image": "example/app:1", "env": env}]}}}})
}

pub(crate) fn stateful_set(service: &str, replicas: u32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "s"}, "spec": {"replicas": replicas, "serviceName": service,
        "selector": {"matchLabels": {"app": "s"}}, "template": {"metadata": {"labels": {"app": "s"}},
            "spec": {"containers": [{"name": "main", "image": "example/app:1"}]}},
        "volumeClaimTemplates": [{"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}]}})
}
