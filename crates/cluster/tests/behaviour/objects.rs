//! Single objects: made, read, applied, patched, deleted.

use http::Method;
use serde_json::{Value, json};

use crate::Is::{Eq, Has, Len, None as Missing, Other, Same, Some as There};
use crate::{JSON, JSON_PATCH, MERGE, Step, apply, delete, get, post, step};

pub(crate) fn map(data: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data})
}

const MAP: &str = "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=helm";
pub(crate) const MAPS: &str = "/api/v1/namespaces/{ns}/configmaps";

pub(crate) fn basics() -> Vec<Step> {
    vec![
        post(
            "a namespace",
            "/api/v1/namespaces",
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{ns}"}}),
            201,
            vec![
                ("/status/phase", Eq("Active".into())),
                ("/metadata/labels/kubernetes.io~1metadata.name", There),
                ("/metadata/uid", There),
            ],
        ),
        post(
            "the same again",
            "/api/v1/namespaces",
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "{ns}"}}),
            409,
            vec![
                ("/reason", Eq("AlreadyExists".into())),
                ("/kind", Eq("Status".into())),
                ("/message", Has("already exists")),
                ("/details/kind", Eq("namespaces".into())),
            ],
        ),
        get(
            "what is not there",
            "/api/v1/namespaces/{ns}/configmaps/none",
            404,
            vec![
                ("/reason", Eq("NotFound".into())),
                ("/message", Eq("configmaps \"none\" not found".into())),
                ("/details", Eq(json!({"name": "none", "kind": "configmaps"}))),
            ],
        ),
        get("a kind that is not served", "/apis/policy/v1beta1/namespaces/{ns}/poddisruptionbudgets", 404, vec![]),
        post(
            "in a namespace that is not there",
            "/api/v1/namespaces/{ns}-none/configmaps",
            map(json!({})),
            404,
            vec![("/message", Has("namespaces \""))],
        ),
        apply(
            "apply in a namespace that is not there",
            "/api/v1/namespaces/{ns}-none/configmaps/a?fieldManager=helm",
            map(json!({})),
            404,
            vec![("/message", Has("not found")), ("/details/kind", Eq("namespaces".into()))],
        ),
        post(
            "another kind than the path says",
            MAPS,
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}),
            400,
            vec![("/reason", Eq("BadRequest".into()))],
        ),
        post(
            "a name that is none",
            MAPS,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "Not_A_Name"}}),
            422,
            vec![("/reason", Eq("Invalid".into())), ("/details/causes/0/field", Eq("metadata.name".into()))],
        ),
        post(
            "a generated name",
            MAPS,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "gen-"}}),
            201,
            vec![("/metadata/name", Has("gen-"))],
        ),
        step(
            "a patch of no known type",
            Method::PATCH,
            MAP,
            "text/plain",
            json!({}),
            415,
            vec![("/reason", Eq("UnsupportedMediaType".into()))],
        ),
        post(
            "may I?",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
            json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": {"verb": "create", "resource": "pods"}}}),
            201,
            vec![("/status/allowed", Eq(true.into()))],
        ),
        post(
            "who am I?",
            "/apis/authentication.k8s.io/v1/selfsubjectreviews",
            json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}),
            201,
            vec![("/status/userInfo/username", There)],
        ),
        get("version", "/version", 200, vec![("/major", Eq("1".into())), ("/gitVersion", Has("v1."))]),
        get("core versions", "/api", 200, vec![("/kind", Eq("APIVersions".into())), ("/versions/0", Eq("v1".into()))]),
        get(
            "groups",
            "/apis",
            200,
            vec![("/kind", Eq("APIGroupList".into())), ("/groups/0/preferredVersion/groupVersion", There)],
        ),
        get(
            "one group",
            "/apis/apps",
            200,
            vec![("/kind", Eq("APIGroup".into())), ("/preferredVersion/version", Eq("v1".into()))],
        ),
        get(
            "resources",
            "/apis/apps/v1",
            200,
            vec![("/kind", Eq("APIResourceList".into())), ("/groupVersion", Eq("apps/v1".into()))],
        ),
        get("kube-system has a uid", "/api/v1/namespaces/kube-system", 200, vec![("/metadata/uid", There)]),
        get(
            "nodes have room",
            "/api/v1/nodes",
            200,
            vec![("/items/0/status/allocatable/memory", There), ("/items/0/status/capacity/cpu", There)],
        ),
    ]
}

pub(crate) fn applying() -> Vec<Step> {
    vec![
        apply(
            "dry run of a new object",
            "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=helm&dryRun=All",
            map(json!({"a": "1"})),
            201,
            vec![("/data/a", Eq("1".into()))],
        ),
        get("leaves nothing", MAP, 404, vec![]),
        apply(
            "apply without a manager",
            "/api/v1/namespaces/{ns}/configmaps/a",
            map(json!({})),
            422,
            vec![
                ("/reason", Eq("Invalid".into())),
                ("/message", Has("fieldManager: Required value: is required for apply patch")),
            ],
        ),
        apply(
            "first apply makes it",
            MAP,
            map(json!({"a": "1", "b": "1"})),
            201,
            vec![
                ("/metadata/managedFields/0/manager", Eq("helm".into())),
                ("/metadata/managedFields/0/operation", Eq("Apply".into())),
                ("/metadata/managedFields/0/fieldsV1/f:data", Eq(json!({"f:a": {}, "f:b": {}}))),
                ("/metadata/generation", Missing),
            ],
        )
        .remember("/metadata/resourceVersion", "v1"),
        apply(
            "the same again changes nothing",
            MAP,
            map(json!({"a": "1", "b": "1"})),
            200,
            vec![("/metadata/resourceVersion", Same("v1"))],
        ),
        apply(
            "dry run of a change",
            "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=helm&dryRun=All",
            map(json!({"a": "9", "b": "1"})),
            200,
            vec![("/data/a", Eq("9".into()))],
        ),
        get("changes nothing", MAP, 200, vec![("/data/a", Eq("1".into())), ("/metadata/resourceVersion", Same("v1"))]),
        apply(
            "another manager, another value",
            "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=other",
            map(json!({"a": "2"})),
            409,
            vec![
                ("/reason", Eq("Conflict".into())),
                ("/message", Eq("Apply failed with 1 conflict: conflict with \"helm\": .data.a".into())),
                (
                    "/details/causes",
                    Eq(
                        json!([{"reason": "FieldManagerConflict", "message": "conflict with \"helm\"", "field": ".data.a"}]),
                    ),
                ),
            ],
        ),
        apply(
            "two conflicts",
            "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=other",
            map(json!({"a": "2", "b": "2"})),
            409,
            vec![
                (
                    "/message",
                    Eq("Apply failed with 2 conflicts: conflicts with \"helm\":\n- .data.a\n- .data.b".into()),
                ),
                ("/details/causes", Len(2)),
            ],
        ),
        apply(
            "another manager, the same value: shared",
            "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=other",
            map(json!({"a": "1"})),
            200,
            vec![("/metadata/managedFields", Len(2))],
        ),
        apply(
            "by force",
            "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=other&force=true",
            map(json!({"a": "2"})),
            200,
            vec![("/data/a", Eq("2".into()))],
        ),
        apply(
            "what a manager gives up is gone",
            MAP,
            map(json!({"c": "1"})),
            200,
            vec![("/data/b", Missing), ("/data/a", Eq("2".into())), ("/data/c", Eq("1".into()))],
        ),
        step(
            "a merge patch",
            Method::PATCH,
            MAP,
            MERGE,
            json!({"data": {"a": null, "d": "1"}}),
            200,
            vec![("/data", Eq(json!({"c": "1", "d": "1"})))],
        )
        .remember("/metadata/resourceVersion", "patched"),
        step(
            "a JSON patch whose test fails",
            Method::PATCH,
            MAP,
            JSON_PATCH,
            json!([{"op": "test", "path": "/data/c", "value": "7"}]),
            422,
            vec![],
        ),
        step(
            "a JSON patch",
            Method::PATCH,
            MAP,
            JSON_PATCH,
            json!([{"op": "add", "path": "/data/e", "value": "1"}]),
            200,
            vec![("/data/e", Eq("1".into())), ("/metadata/resourceVersion", Other("patched"))],
        ),
        step(
            "put with an old version",
            Method::PUT,
            MAP,
            JSON,
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "resourceVersion": "1"}, "data": {}}),
            409,
            vec![
                ("/reason", Eq("Conflict".into())),
                (
                    "/message",
                    Has("the object has been modified; please apply your changes to the latest version and try again"),
                ),
            ],
        ),
        step(
            "put without a version",
            Method::PUT,
            MAP,
            JSON,
            map(json!({"z": "1"})),
            200,
            vec![("/data", Eq(json!({"z": "1"})))],
        ),
        apply(
            "conflict with one who does not apply",
            "/api/v1/namespaces/{ns}/configmaps/a?fieldManager=third",
            map(json!({"z": "2"})),
            409,
            vec![("/message", Has("conflict with \"helm\" using v1: .data.z"))],
        ),
        delete(
            "not the one that was meant",
            MAP,
            json!({"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "x"}}),
            409,
            vec![("/reason", Eq("Conflict".into()))],
        ),
        delete(
            "gone",
            "/api/v1/namespaces/{ns}/configmaps/a",
            Value::Null,
            200,
            vec![
                ("/kind", Eq("Status".into())),
                ("/status", Eq("Success".into())),
                ("/details/name", Eq("a".into())),
                ("/details/kind", Eq("configmaps".into())),
            ],
        ),
        delete("and gone it is", "/api/v1/namespaces/{ns}/configmaps/a", Value::Null, 404, vec![]),
    ]
}
