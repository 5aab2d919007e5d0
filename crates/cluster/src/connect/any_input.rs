//! Whatever a person brings as a kubeconfig and as proxy settings: it is read or refused, never a panic, and never a secret in what is
//! said about it.

use std::path::Path;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use kube::client::middleware::BaseUriLayer;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};
use tower::{Layer as _, Service};

use super::client::{Found, Target, find};
use super::context::Credential;
use super::file::{self, File};
use super::kubeconfig;
use super::proxy::Proxy;

/// Stands for every secret.
const CANARY: &str = "c4n4ry";

/// Certificate and key of somebody, PEM.
fn pair() -> &'static (String, String) {
    static PAIR: std::sync::OnceLock<(String, String)> = std::sync::OnceLock::new();
    PAIR.get_or_init(|| {
        let made = rcgen::generate_simple_self_signed(vec!["one".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    })
}

fn texts(known: &[&str]) -> impl Strategy<Value = Value> + use<> {
    // The first is what most have.
    let first = Value::from(*known.first().unwrap());
    let known: Vec<Value> = known.iter().map(|text| Value::from(*text)).collect();
    prop_oneof![
        200 => Just(first),
        200 => select(known), 6 => ".{0,12}".prop_map(Value::from), 1 => odd()]
}

/// What is of another type than anybody expects.
fn odd() -> impl Strategy<Value = Value> {
    let deep = (0..60usize).prop_map(|depth| (0..depth).fold(json!(1), |inner, _| json!([inner])));
    prop_oneof![
        select(vec![json!(null), json!(5), json!(true), json!([]), json!({}), json!(1.5), json!(["a", null])]),
        deep
    ]
}

fn names() -> impl Strategy<Value = Value> {
    texts(&["a", "a", "a", "a", "a", "a", "b", "c", "", "ü"])
}

fn addresses() -> impl Strategy<Value = Value> {
    let secret = format!("https://someone:{CANARY}@one:6443");
    texts(&[
        "https://one:6443",
        "https://one:6443",
        "https://127.0.0.1:6443",
        "HTTPS://[::1]:6443/",
        "https://one/k8s/clusters/c-1/",
        "https://one/p?x=1#y",
        "https://one//",
        "http://one:8080",
        "one:6443",
        "10.0.0.5",
        "localhost:8080",
        "//one",
        "https://",
        "https:one",
        "://",
        "https://one:99999",
        "https://one: 6443",
        "https://[::1",
        "https://[fe80::1%25eth0]:6443",
        "https://%zz",
        "ftp://one",
        "",
        "/",
        "*",
        "https://one/%",
        "https://one/\u{7f}",
        &secret,
    ])
}

fn data() -> impl Strategy<Value = Value> {
    let (certificate, key) = pair();
    let encoded = |text: &str| STANDARD.encode(text);
    let broken = encoded(certificate).as_bytes().chunks(60).map(String::from_utf8_lossy).collect::<Vec<_>>().join("\n");
    let parameters = format!("-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{key}");
    texts(&[
        &encoded(certificate),
        &encoded(certificate),
        &encoded(key),
        &encoded(key),
        &encoded(&parameters),
        &broken,
        &encoded(&format!("{key}{certificate}")),
        &encoded(&certificate[..certificate.len() / 2]),
        &encoded("-----BEGIN "),
        &encoded("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
        &encoded("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----"),
        &encoded(CANARY),
        CANARY,
        "",
        "=",
    ])
}

fn files() -> impl Strategy<Value = Value> {
    texts(&["", "", "none.pem", "/", ".", "/dev/null", "a\u{0}b"])
}

fn secrets() -> impl Strategy<Value = Value> {
    let many = [CANARY.to_owned(), format!("{CANARY}\n"), format!("ü{CANARY}"), String::new()];
    texts(&many.iter().map(String::as_str).collect::<Vec<_>>())
}

fn proxies() -> impl Strategy<Value = Value> {
    let (http, socks) = (format!("http://user:{CANARY}@proxy:1"), format!("socks5://user:{CANARY}@proxy"));
    texts(&[
        "",
        "",
        "http://proxy:3128",
        "https://proxy",
        "socks5://proxy:1080",
        "socks5h://proxy",
        "proxy:3128",
        "ftp://proxy",
        "http://",
        "http://:1",
        "http://proxy:0",
        "[::1]:1",
        "http://user:%zz@proxy",
        "@",
        ":",
        "proxy:x",
        &http,
        &socks,
    ])
}

/// An object with some of these fields.
fn object(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let each: Vec<_> = fields
        .into_iter()
        .map(|(name, value)| prop_oneof![5 => Just(None), 1 => value.prop_map(move |value| Some((name, value)))])
        .collect();
    let whole = each.prop_map(|fields| {
        Value::Object(fields.into_iter().flatten().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
    });
    prop_oneof![200 => whole, 1 => odd()].boxed()
}

/// A list of named entries.
fn list(what: &'static str, entry: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    let one = (
        entry,
        prop_oneof![40 => Just(None), 1 => names().prop_map(Some)],
        prop_oneof![200 => Just(None), 1 => odd().prop_map(Some)],
    );
    let named = move |(n, (entry, name, odd)): (usize, (Value, Option<Value>, Option<Value>))| {
        let own = ["a", "b", "c", "d"].get(n).copied().unwrap_or_default();
        odd.unwrap_or_else(|| json!({"name": name.unwrap_or_else(|| own.into()), what: entry}))
    };
    let whole = proptest::collection::vec(one, 1..4)
        .prop_map(move |entries| entries.into_iter().enumerate().map(named).collect::<Vec<_>>().into());
    prop_oneof![100 => whole, 1 => odd()].boxed()
}

fn users() -> BoxedStrategy<Value> {
    let version =
        || texts(&["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1", "v1alpha1", ""]);
    let variable = (names(), secrets()).prop_map(|(name, value)| json!([{"name": name, "value": value}]));
    let exec = object(vec![
        ("apiVersion", version().boxed()),
        ("command", texts(&["aws", "./aws", "", "/none"]).boxed()),
        ("args", secrets().prop_map(|secret| json!([secret])).boxed()),
        ("env", variable.boxed()),
        ("interactiveMode", texts(&["Never", "IfAvailable", "Always", "", "never"]).boxed()),
        ("installHint", texts(&["brew install aws", "\u{1b}[1m"]).boxed()),
        ("provideClusterInfo", texts(&["yes", "no"]).boxed()),
    ]);
    let provider = object(vec![
        ("name", texts(&["oidc", "azure", "gcp", "", "own"]).boxed()),
        ("config", secrets().prop_map(|secret| json!({"id-token": secret})).boxed()),
    ]);
    let user = object(vec![
        ("token", secrets().boxed()),
        ("tokenFile", files().boxed()),
        ("username", names().boxed()),
        ("password", secrets().boxed()),
        ("client-certificate", files().boxed()),
        ("client-certificate-data", data().boxed()),
        ("client-key", files().boxed()),
        ("client-key-data", data().boxed()),
        ("as", texts(&["somebody", "", "a\nb"]).boxed()),
        ("as-groups", names().prop_map(|name| json!([name])).boxed()),
        ("as-user-extra", (".{0,5}", names()).prop_map(|(key, name)| json!({key: [name]})).boxed()),
        ("auth-provider", provider),
        ("exec", exec),
    ]);
    // Most have one way to sign in.
    let token = secrets().prop_map(|token| json!({"token": token}));
    let certificate = (data(), data()).prop_map(|(c, k)| json!({"client-certificate-data": c, "client-key-data": k}));
    list("user", prop_oneof![2 => user, 2 => token, 1 => certificate].boxed())
}

fn kubeconfigs() -> impl Strategy<Value = Value> {
    let cluster = object(vec![
        ("certificate-authority", files().boxed()),
        ("certificate-authority-data", data().boxed()),
        ("insecure-skip-tls-verify", texts(&["yes", "no", "off", "no", "no"]).boxed()),
        ("tls-server-name", texts(&["one", "", "a b", "127.0.0.1"]).boxed()),
        ("proxy-url", proxies().boxed()),
    ]);
    let cluster = (cluster, addresses()).prop_map(|(mut cluster, address)| {
        if let Value::Object(fields) = &mut cluster {
            fields.insert("server".to_owned(), address);
        }
        cluster
    });
    let context = (names(), names()).prop_map(|(cluster, user)| json!({"cluster": cluster, "user": user}));
    let context = prop_oneof![100 => context, 1 => odd()];
    let parts = (
        list("cluster", cluster.boxed()),
        list("context", context.boxed()),
        users(),
        names(),
        prop_oneof![100 => Just(json!("Config")), 1 => Just(json!("Secret")), 1 => odd()],
    );
    let whole = parts.prop_map(|(clusters, contexts, users, current, kind)| {
        json!({"apiVersion": "v1", "kind": kind, "clusters": clusters, "contexts": contexts, "users": users, "current-context": current})
    });
    prop_oneof![60 => whole, 1 => odd()]
}

/// What editors, shells and lost connections make of a file.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let damage = prop_oneof![
        40 => Just((0, 0.0, String::new())),
        1 => (Just(1), 0.0..1.0, Just(String::new())),
        1 => (Just(2), 0.0..1.0, ".{0,3}"),
        1 => (Just(3), 0.0..1.0, Just(String::new())),
        1 => (Just(4), 0.0..1.0, Just(String::new())),
        1 => (Just(5), 0.0..1.0, Just(String::new())),
        1 => (Just(6), 0.0..1.0, Just(String::new())),
    ];
    (kubeconfigs(), any::<bool>(), damage).prop_map(|(tree, is_yaml, (kind, at, inserted))| {
        let text = if is_yaml { yaml_serde::to_string(&tree).unwrap() } else { tree.to_string() };
        let cut = (0..=(text.len() as f64 * at) as usize).rev().find(|at| text.is_char_boundary(*at)).unwrap();
        let utf16 =
            || "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        match kind {
            1 => text.as_bytes()[..cut].to_vec(),
            2 => format!("{}{inserted}{}", &text[..cut], &text[cut..]).into_bytes(),
            3 => utf16(),
            4 => utf16()[..cut.min(utf16().len())].to_vec(),
            5 => format!("---\n{text}\n---\n{text}").replace('\n', "\r\n").into_bytes(),
            6 => [&text.as_bytes()[..cut], &[0xff, 0xc3], &text.as_bytes()[cut..]].concat(),
            _ => text.into_bytes(),
        }
    })
}

fn settings() -> impl Strategy<Value = (Proxy, Vec<(&'static str, String)>)> {
    let text = |value: Value| value.as_str().unwrap_or_default().to_owned();
    let exceptions = prop_oneof![
        select(vec![
            "",
            "*",
            "one",
            ".one,",
            "10.0.0.0/8,127.0.0.1",
            ",,",
            "<local>",
            "[::1]:1",
            "a/b",
            "10.0.0.0/99",
            ":",
            "one:6443"
        ])
        .prop_map(str::to_owned),
        ".{0,10}"
    ];
    let choice = prop_oneof![
        4 => Just(Proxy::System),
        1 => Just(Proxy::None),
        2 => proxies().prop_map(move |address| Proxy::Address(text(address))),
    ];
    (choice, proxies(), proxies(), exceptions).prop_map(move |(choice, https, http, except)| {
        (choice, vec![("HTTPS_PROXY", text(https)), ("http_proxy", text(http)), ("NO_PROXY", except)])
    })
}

/// Refuses what comes, after the address of it was put together.
#[derive(Clone)]
struct Nobody;

impl Service<Request<()>> for Nobody {
    type Response = http::Uri;
    type Error = std::convert::Infallible;
    type Future = std::future::Ready<Result<http::Uri, Self::Error>>;
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }
    fn call(&mut self, request: Request<()>) -> Self::Future {
        std::future::ready(Ok(request.into_parts().0.uri))
    }
}

/// How far an input came.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Came {
    Unread,
    Unusable,
    Unbuilt,
    Built,
}

fn try_it(files: &[Vec<u8>], choice: Proxy, env: &[(&'static str, String)]) -> Came {
    let well = |error: &crate::Error| {
        let said = format!("{error} {error:?} {:?} {:?} {}", error.args(), error.evidence(), error.code());
        assert!(!said.contains(CANARY), "{said}");
    };
    let mut merged = File::default();
    for bytes in files {
        match file::parse(bytes, Path::new("config")) {
            Ok(file) => kubeconfig::merge(&mut merged, file),
            Err(error) => {
                well(&error);
                return Came::Unread;
            }
        }
    }
    let target = Target { proxy: choice, ..Target::default() };
    let env = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone());
    let found: Found = match find(&merged, &target, env) {
        Ok(found) => found,
        Err(error) => {
            well(&error);
            return Came::Unusable;
        }
    };
    let server = &found.access.server;
    assert!(!server.shown().contains(CANARY), "{}", server.shown());
    assert!(found.proxy.as_ref().is_none_or(|proxy| !proxy.shown().contains(CANARY)));
    let is_bare = matches!(found.access.credential, Credential::None) && found.access.identity.is_none();
    assert!(server.is_tls() || is_bare, "a credential for {}", server.shown());
    let request = Request::get("/api/v1/namespaces?limit=500").body(()).unwrap();
    let whole = BaseUriLayer::new(server.uri.clone()).layer(Nobody).call(request).into_inner().unwrap();
    assert!(whole.to_string().ends_with("/api/v1/namespaces?limit=500"), "{whole}");
    match found.build() {
        Ok(_) => Came::Built,
        Err(error) => {
            well(&error);
            Came::Unbuilt
        }
    }
}

#[test]
fn no_input_ends_in_a_panic_and_none_of_its_secrets_is_told() {
    let cases = if std::env::var_os("DIGIT_TEST_FULL").is_some() { 100_000 } else { 400 };
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let counts = std::cell::RefCell::new(std::collections::BTreeMap::new());
    let inputs = (
        prop_oneof![4 => proptest::collection::vec(bytes(), 1), 1 => proptest::collection::vec(bytes(), 0..4)],
        settings(),
    );
    proptest::test_runner::TestRunner::new(config)
        .run(&inputs, |(files, (choice, env))| {
            let came = runtime.block_on(async {
                let came = try_it(&files, choice, &env);
                tokio::task::yield_now().await;
                came
            });
            *counts.borrow_mut().entry(came).or_insert(0) += 1;
            Ok(())
        })
        .unwrap();
    // Whatever is generated, much of it has to come to each end, or this tests nothing.
    let counts = counts.into_inner();
    for came in [Came::Unread, Came::Unusable, Came::Built] {
        assert!(counts.get(&came).copied().unwrap_or_default() >= cases / 40, "{counts:?}");
    }
}
