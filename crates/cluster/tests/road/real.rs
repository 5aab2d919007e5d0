//! The same through a real API server. Its nodes are played and have no kubelet to forward to; what leaves it for the cluster goes to a
//! socket where nobody listens, so this test listens there, and is the kubelet of every node.

use std::sync::Arc;
use std::time::Duration;

use cluster::pretend::Pretend;
use cluster::road::{Ask, Destination};
use cluster::{Cluster, connect};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::net::UnixListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::place::{digit, program, ready};
use super::support;
use super::wire::pass;

const KUBELET: &str = ":10250";
/// Beside the kubeconfig: where the server sends what goes to nodes, pods and services.
const SOCKET: &str = "cluster.sock";

/// What `viewer` lacks of what a destination needs; asked again for a while, because a server takes a moment to know a new role.
async fn lacks(viewer: &Cluster, to: &Destination, expected: &[String]) {
    let mut missing: Vec<String> = vec![];
    for _ in 0..100 {
        missing = viewer.missing(&to.needs()).await.unwrap().iter().map(ToString::to_string).collect();
        if missing == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(missing, expected);
}

/// Whoever serves here forwards every port of every pod to one pod of a pretend cluster.
async fn kubelet(pretend: &Pretend, pod: String) {
    let socket = support::kubeconfig().with_file_name(SOCKET);
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).unwrap();
    let own = rcgen::generate_simple_self_signed(["kubelet".to_owned()]).unwrap();
    let key = PrivatePkcs8KeyDer::from(own.signing_key.serialize_der());
    let tls = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key.into())
        .unwrap();
    let (tls, client) = (TlsAcceptor::from(Arc::new(tls)), pretend.client());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (tls, client, pod) = (tls.clone(), client.clone(), pod.clone());
            let service = service_fn(move |request| tunnel(request, tls.clone(), client.clone(), pod.clone()));
            let server = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(server.with_upgrades());
        }
    });
}

/// A tunnel to a kubelet; nobody else is here.
async fn tunnel(
    mut request: Request<Incoming>,
    tls: TlsAcceptor,
    client: kube::Client,
    pod: String,
) -> Result<Response<Body>, std::convert::Infallible> {
    let mut answer = Response::new(Body::empty());
    if request.method() != Method::CONNECT || !request.uri().to_string().ends_with(KUBELET) {
        *answer.status_mut() = StatusCode::BAD_GATEWAY;
        return Ok(answer);
    }
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let stream = tls.accept(TokioIo::new(upgrade.await.unwrap())).await.unwrap();
        let service = service_fn(move |mut request: Request<Incoming>| {
            let port = request.uri().query().unwrap_or_default().replace("port=", "ports=");
            let own = format!("/api/v1/namespaces/egov/pods/{pod}/portforward?{port}");
            assert!(request.uri().path().starts_with("/portForward/"), "{}", request.uri());
            *request.uri_mut() = own.parse().unwrap();
            pass(client.clone(), Default::default(), request)
        });
        let server = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        let _ = server.with_upgrades().await;
    });
    Ok(answer)
}

/// A service with a ready pod in the real cluster.
async fn served(cluster: &Cluster) -> String {
    let space = support::namespace(cluster, "road").await;
    let mut objects = [
        json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "gateway"},
            "spec": {"selector": {"app": "gateway"}, "ports": [{"name": "web", "port": 80, "targetPort": "http"}]}}),
        support::deployment("gateway", 1),
    ];
    objects[1]["spec"]["template"]["spec"]["containers"][0]["ports"] = json!([{"name": "http", "containerPort": 8081}]);
    for object in &mut objects {
        object["metadata"]["namespace"] = space.clone().into();
        cluster.create(object).await.unwrap();
    }
    space
}

/// Lets `viewer` do something with ports of pods, and see what is needed to find them.
async fn permit(cluster: &Cluster, space: &str, verbs: &[&str]) {
    let named = format!("road-{}", verbs.join("-"));
    let meta = json!({"name": named, "namespace": space});
    let rules = json!([{"apiGroups": [""], "resources": ["services"], "verbs": ["get"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}, {"apiGroups": [""], "resources": ["pods/portforward"], "verbs": verbs}]);
    let objects: [Value; 2] = [
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": meta, "rules": rules}),
        json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": meta,
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": named},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "viewer"}]}),
    ];
    for object in objects {
        cluster.create(&object).await.unwrap();
    }
}

#[tokio::test]
async fn a_road_leads_through_a_real_server_to_who_has_the_rights_that_it_names() {
    let (pretend, own) = digit(1).await;
    program(&pretend, |arrived, _| async move { Ok(Response::new(arrived.request.into_body())) });
    kubelet(&pretend, ready(&own).await.remove(0)).await;
    let cluster = support::cluster().await;
    let space = served(&cluster).await;
    let within = Duration::from_secs(90);
    let file: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    let ask = Ask::new(Method::POST, "/file").body(HeaderValue::from_static("image/png"), file.clone());
    let to = Destination::service(&space, "gateway", "web");
    assert!(cluster.road_to(to.clone()).call(&ask, within).await.unwrap().body == file);
    // Nobody listens there; a node says so, and the server passes it on.
    let nobody = Destination::service(&space, "gateway", 80);
    pretend.set_programs(vec![]);
    let error = cluster.road_to(nobody).call(&ask, Duration::from_secs(3)).await.unwrap_err();
    assert!(error.code() == "no-answer" && error.to_string().contains("connection refused"), "{error}");
    program(&pretend, |_, _| async { Ok(Response::new("yes".into())) });

    let viewer = connect(&support::target(support::kubeconfig_of("viewer"))).await.unwrap();
    let road = viewer.road_to(to.clone());
    assert_eq!(road.call(&ask, within).await.unwrap_err().code(), "forbidden");
    permit(&cluster, &space, &["get"]).await;
    let create = format!("create pods/portforward ({space})");
    lacks(&viewer, &to, std::slice::from_ref(&create)).await;
    let error = road.call(&ask, within).await.unwrap_err();
    assert_eq!((error.code(), &error.args()["what"]), ("forbidden", &create));
    permit(&cluster, &space, &["create"]).await;
    lacks(&viewer, &to, &[]).await;
    assert_eq!(road.call(&ask, within).await.unwrap().body, "yes");
    std::fs::remove_file(support::kubeconfig().with_file_name(SOCKET)).unwrap();
}
