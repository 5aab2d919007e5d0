//! Looking at a real control plane, and server-side apply against it.

#![allow(clippy::unwrap_used)]

mod support;

use cluster::{Applied, Error, Need, Owner, Patience, Standing, Target, Unowned, connect};
use serde_json::json;
use support::{cluster, deployment, kubeconfig, kubeconfig_of, named, namespace, target};

fn owner(namespace: &str) -> Owner {
    Owner { release: "web".to_owned(), namespace: namespace.to_owned() }
}

#[tokio::test]
async fn a_look_tells_version_machines_and_who_we_are() {
    let overview = cluster().await.overview().await.unwrap();
    assert!(overview.version.starts_with("v1."), "{}", overview.version);
    assert_eq!(overview.uid.len(), 36);
    assert_eq!(overview.user, "admin");
    let usable: Vec<_> = overview.nodes.iter().filter(|n| n.ready && n.schedulable).collect();
    assert!(!usable.is_empty());
    assert!(usable.iter().all(|n| n.memory > 1 << 30 && n.cpu >= 1000 && n.pods > 0), "{usable:?}");
    assert!(overview.storage_classes.iter().any(|class| class.default), "{:?}", overview.storage_classes);
}

#[tokio::test]
async fn what_is_served_is_told_as_helm_tells_it() {
    let served = cluster().await.served().await.unwrap();
    let versions = served.api_versions();
    for expected in
        ["v1", "v1/Pod", "apps/v1", "apps/v1/Deployment", "networking.k8s.io/v1/Ingress", "batch/v1/CronJob"]
    {
        assert!(versions.contains(expected), "{expected}");
    }
    assert!(!versions.contains("batch/v2alpha1"));
    let role = served.resource("rbac.authorization.k8s.io/v1", "ClusterRole").unwrap();
    assert_eq!((role.plural.as_str(), role.namespaced), ("clusterroles", false));
}

#[tokio::test]
async fn certificates_and_tokens_sign_in() {
    for (user, name) in [("admin", "admin"), ("admin-cert", "admin-cert"), ("viewer", "viewer")] {
        let cluster = connect(&target(kubeconfig_of(user))).await.unwrap();
        assert_eq!(cluster.whoami().await.unwrap(), name);
    }
}

#[tokio::test]
async fn who_may_do_nothing_is_told_what_is_missing() {
    let needs = [
        Need::new("create", "apps", "deployments", ""),
        Need::new("get", "", "pods/log", "egov"),
        Need::new("patch", "", "namespaces", ""),
    ];
    assert_eq!(cluster().await.missing(&needs).await.unwrap(), vec![]);
    let viewer = connect(&target(kubeconfig_of("viewer"))).await.unwrap();
    let missing: Vec<_> = viewer.missing(&needs).await.unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(missing, ["create deployments.apps", "get pods/log (egov)", "patch namespaces"]);
    let error = viewer
        .create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "never"}}))
        .await
        .unwrap_err();
    assert_eq!(error.code(), "forbidden");
}

#[tokio::test]
async fn wrong_tokens_wrong_authorities_and_silent_servers_are_told_apart() {
    let dir = tempfile::tempdir().unwrap();
    let good = std::fs::read_to_string(kubeconfig()).unwrap();
    let (server, authority, token) =
        (part(&good, "server: "), part(&good, "certificate-authority-data: "), part(&good, "token: "));
    let other_authority = cluster_ca_of_nobody();
    let cases = [
        (good.replace(token, "0123456789abcdef"), "sign-in-rejected"),
        (good.replace(authority, &other_authority), "server-not-trusted"),
        (good.replace(server.trim_matches('"'), "https://127.0.0.1:1"), "server-not-answering"),
    ];
    for (text, code) in cases {
        let path = dir.path().join(code);
        std::fs::write(&path, text).unwrap();
        let cluster =
            connect(&target(path)).await.unwrap().with_patience(Patience::For(std::time::Duration::from_millis(600)));
        let error = match cluster.version().await {
            // `/version` answers anybody.
            Ok(_) => cluster.whoami().await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.code(), code, "{error}");
        assert!(!error.to_string().contains(token));
    }
}

fn part<'a>(text: &'a str, after: &str) -> &'a str {
    let rest = &text[text.find(after).unwrap() + after.len()..];
    &rest[..rest.find([',', '}', '\n']).unwrap()]
}

/// A certificate authority that signed nothing here.
fn cluster_ca_of_nobody() -> String {
    include_str!("support/other-ca.b64").trim().to_owned()
}

#[cfg(unix)]
#[tokio::test]
async fn a_token_that_is_not_accepted_any_more_is_fetched_again() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let good = std::fs::read_to_string(kubeconfig()).unwrap();
    let token = part(&good, "token: ");
    let program = dir.path().join("sign-in");
    let said = dir.path().join("token");
    std::fs::write(&said, "not-this-one").unwrap();
    let script = format!(
        "#!/bin/sh\nprintf '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"kind\":\"ExecCredential\",\"status\":{{\"token\":\"%s\"}}}}' \"$(cat {})\"\n",
        said.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let exec = format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {}, interactiveMode: Never}}}}",
        program.display()
    );
    let path = dir.path().join("config");
    std::fs::write(&path, good.replace(&format!("{{token: {token}}}"), &exec)).unwrap();

    let cluster = connect(&target(path.clone())).await.unwrap();
    assert_eq!(cluster.whoami().await.unwrap_err().code(), "sign-in-rejected");
    std::fs::write(&said, token).unwrap();
    assert_eq!(cluster.whoami().await.unwrap(), "admin");

    std::fs::write(&program, "#!/bin/sh\necho 'SECRET on stdout'; echo 'session expired' >&2; exit 3\n").unwrap();
    let error = connect(&target(path.clone())).await.err().unwrap();
    assert_eq!(error.code(), "sign-in-failed");
    // In a word of ours: whatever it prints may hold a secret.
    assert!(error.to_string().ends_with("exit status: 3, expired"), "{error}");
    std::fs::remove_file(&program).unwrap();
    assert_eq!(connect(&target(path)).await.err().unwrap().code(), "sign-in-program-missing");
}

#[tokio::test]
async fn an_unknown_context_is_refused_before_anything_is_asked() {
    let wrong = Target { context: Some("nowhere".to_owned()), ..target(kubeconfig()) };
    assert_eq!(connect(&wrong).await.err().unwrap().code(), "context-unknown");
}

#[tokio::test]
async fn applying_creates_changes_and_then_leaves_alone() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "apply").await;
    let owner = owner(&namespace);
    let mut wanted = deployment("web", 1);
    // Two values for one name, as ten of DIGIT's charts have it.
    wanted["spec"]["template"]["spec"]["containers"][0]["env"] =
        json!([{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]);

    assert_eq!(cluster.standing(&wanted, &owner, Unowned::Refuse).await.unwrap(), Standing::Absent);
    let (applied, object) = cluster.apply(&wanted, &owner, Unowned::Refuse).await.unwrap();
    assert_eq!(applied, Applied::Created);
    assert_eq!(object["metadata"]["namespace"], json!(namespace));
    assert_eq!(object["metadata"]["annotations"]["meta.helm.sh/release-name"], "web");
    assert_eq!(object["spec"]["template"]["spec"]["containers"][0]["env"], json!([{"name": "A", "value": "2"}]));

    assert_eq!(cluster.standing(&wanted, &owner, Unowned::Refuse).await.unwrap(), Standing::AsWanted);
    let (applied, again) = cluster.apply(&wanted, &owner, Unowned::Refuse).await.unwrap();
    assert_eq!(applied, Applied::Unchanged);
    assert_eq!(again["metadata"]["generation"], object["metadata"]["generation"]);

    wanted["spec"]["replicas"] = json!(2);
    assert_eq!(cluster.standing(&wanted, &owner, Unowned::Refuse).await.unwrap(), Standing::Different);
    assert_eq!(cluster.apply(&wanted, &owner, Unowned::Refuse).await.unwrap().0, Applied::Changed);

    wanted["spec"]["selector"]["matchLabels"] = json!({"app": "other"});
    wanted["spec"]["template"]["metadata"]["labels"] = json!({"app": "other"});
    assert_eq!(cluster.apply(&wanted, &owner, Unowned::Refuse).await.unwrap_err().code(), "immutable");
    assert_eq!(cluster.standing(&wanted, &owner, Unowned::Refuse).await.unwrap(), Standing::Different);
}

#[tokio::test]
async fn what_belongs_to_somebody_else_is_not_touched() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "owners").await;
    let map = |value: &str| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": namespace}, "data": {"a": value}});
    let name = named("v1", "ConfigMap", &namespace, "settings");
    cluster
        .apply(&map("theirs"), &Owner { release: "theirs".to_owned(), namespace: namespace.clone() }, Unowned::Refuse)
        .await
        .unwrap();
    let error = cluster.apply(&map("ours"), &owner(&namespace), Unowned::Adopt).await.unwrap_err();
    assert_eq!(error, Error::SomeoneElses { object: name.to_string(), owner: format!("{namespace}/theirs") });
    let standing = cluster.standing(&map("ours"), &owner(&namespace), Unowned::Adopt).await.unwrap();
    assert_eq!(standing, Standing::SomeoneElses { owner: format!("{namespace}/theirs") });
    assert_eq!(cluster.get(&name).await.unwrap().unwrap()["data"]["a"], "theirs");
}

#[tokio::test]
async fn objects_without_an_owner_are_adopted_if_asked_for() {
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "adopt").await;
    let mut old = deployment("web", 1);
    old["metadata"]["namespace"] = json!(namespace);
    cluster.create(&old).await.unwrap();
    let mut wanted = deployment("web", 1);
    wanted["spec"]["template"]["spec"]["containers"][0]["image"] = json!("stand.in/app:2");
    assert_eq!(cluster.apply(&wanted, &owner(&namespace), Unowned::Refuse).await.unwrap_err().code(), "someone-elses");
    let (applied, object) = cluster.apply(&wanted, &owner(&namespace), Unowned::Adopt).await.unwrap();
    assert_eq!(applied, Applied::Changed);
    assert_eq!(object["spec"]["template"]["spec"]["containers"][0]["image"], "stand.in/app:2");
    assert_eq!(object["metadata"]["annotations"]["meta.helm.sh/release-name"], "web");
    // Ours now, however it is asked for.
    assert_eq!(cluster.apply(&wanted, &owner(&namespace), Unowned::Refuse).await.unwrap().0, Applied::Unchanged);
}

#[tokio::test]
async fn fields_that_others_write_are_reported_and_helms_own_are_taken_over() {
    use kube::api::{Api, DynamicObject, Patch, PatchParams};
    let cluster = cluster().await;
    let namespace = namespace(&cluster, "claims").await;
    let wanted = deployment("web", 1);
    cluster.apply(&wanted, &owner(&namespace), Unowned::Refuse).await.unwrap();
    let kind = kube::core::ApiResource::from_gvk(&kube::core::GroupVersionKind::gvk("apps", "v1", "Deployment"));
    let api: Api<DynamicObject> = Api::namespaced_with(cluster.client().clone(), &namespace, &kind);
    let scale = |manager: &str, replicas: u32| {
        let (api, params) =
            (api.clone(), PatchParams { field_manager: Some(manager.to_owned()), ..PatchParams::default() });
        async move { api.patch("web", &params, &Patch::Merge(json!({"spec": {"replicas": replicas}}))).await.unwrap() }
    };
    // Helm's CLI writes under the same name, but by update, not by apply.
    scale("helm", 3).await;
    assert_eq!(cluster.apply(&wanted, &owner(&namespace), Unowned::Refuse).await.unwrap().1["spec"]["replicas"], 1);
    scale("kubectl-scale", 2).await;
    let error = cluster.apply(&wanted, &owner(&namespace), Unowned::Refuse).await.unwrap_err();
    let Error::Contested { object, claims } = &error else { panic!("{error}") };
    assert_eq!(*object, format!("Deployment/{namespace}/web"));
    assert_eq!(
        claims.iter().map(|c| (c.manager.as_str(), c.field.as_str())).collect::<Vec<_>>(),
        [("kubectl-scale", ".spec.replicas")]
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_waited_for() {
    let cluster = cluster().await.with_patience(Patience::Endless);
    let begun = std::time::Instant::now();
    for object in [
        named("v1", "Namespace", "", "never"),
        named("v1", "ConfigMap", "never", "a"),
        named("x.example.org/v1", "Y", "never", "a"),
    ] {
        assert_eq!(cluster.get(&object).await.unwrap(), None, "{object}");
        assert!(!cluster.delete(&object).await.unwrap(), "{object}");
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(2));
}

#[tokio::test]
async fn a_kind_that_is_not_served_is_an_error_of_its_own() {
    let cluster = cluster().await;
    let old = json!({"apiVersion": "batch/v2alpha1", "kind": "CronJob", "metadata": {"name": "x"}});
    let error = cluster.apply(&old, &owner("default"), Unowned::Refuse).await.unwrap_err();
    assert_eq!(error, Error::NotServed { api_version: "batch/v2alpha1".to_owned(), kind: "CronJob".to_owned() });
}
