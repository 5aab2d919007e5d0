//! A registry on this machine, asked about images.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use catalog::Error;
use catalog::images::Image;
use catalog::registry::{Known, Registries, Silence};
use catalog::survey::{Limits, survey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A registry that wants a token for everything, and what it was asked.
struct Registry {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

fn digest(value: &Value) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(value.to_string())))
}

/// Serves documents by path; one that begins with `HTTP ` is a status instead.
fn serve(documents: BTreeMap<String, String>) -> Registry {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (heard, home) = (asked.clone(), address.clone());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let path = lines.next().unwrap().unwrap().split(' ').nth(1).unwrap().to_owned();
            let headers: Vec<String> = lines.map_while(Result::ok).take_while(|l| !l.is_empty()).collect();
            let signed = headers.iter().any(|h| h.eq_ignore_ascii_case("authorization: Bearer let-me-in"));
            heard.lock().unwrap().push(path.clone());
            let (head, body) = if path.starts_with("/token") {
                ("200 OK".to_owned(), json!({"token": "let-me-in"}).to_string())
            } else if !signed {
                let realm = format!("Bearer realm=\"{home}/token\",service=\"here\",scope=\"repository:a/b:pull\"");
                (format!("401 Unauthorized\r\nWWW-Authenticate: {realm}"), String::new())
            } else if let Some(status) = documents.get(&path).and_then(|d| d.strip_prefix("HTTP ")) {
                (status.to_owned(), String::new())
            } else if let Some(body) = documents.get(&path) {
                ("200 OK".to_owned(), body.clone())
            } else {
                ("404 Not Found".to_owned(), String::new())
            };
            let length = body.len();
            let _ = write!(stream, "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
        }
    });
    Registry { address, asked }
}

async fn look(registry: &Registry, name: &str) -> Result<Known, Error> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let image = Image::parse(&format!("registry.example/{name}")).unwrap();
    Registries::new(client).at("registry.example", &registry.address).look(&image).await
}

fn manifest(sizes: &[u64]) -> Value {
    let layers: Vec<Value> = sizes.iter().map(|s| json!({"digest": "sha256:00", "size": s})).collect();
    json!({"config": {"digest": "sha256:c0", "size": 1}, "layers": layers})
}

#[tokio::test]
async fn an_index_gives_every_platform_with_its_size() {
    let (amd, arm) = (manifest(&[10, 20]), manifest(&[5]));
    let index = json!({"manifests": [
        {"digest": digest(&amd), "size": 1, "platform": {"os": "linux", "architecture": "amd64"}},
        {"digest": digest(&arm), "size": 1, "platform": {"os": "linux", "architecture": "arm64", "variant": "v8"}},
        {"digest": "sha256:00", "size": 1, "platform": {"os": "unknown", "architecture": "unknown"}},
    ]});
    let at = |what: &str| format!("/v2/a/b/manifests/{what}");
    let registry = serve(BTreeMap::from([
        (at("1"), index.to_string()),
        (at(&digest(&amd)), amd.to_string()),
        (at(&digest(&arm)), arm.to_string()),
    ]));
    let known = look(&registry, "a/b:1").await.unwrap();
    assert_eq!(known.digest, digest(&index));
    assert_eq!(known.platforms, BTreeMap::from([("linux/amd64".to_owned(), 31), ("linux/arm64/v8".to_owned(), 6)]));
    let asked = registry.asked.lock().unwrap().clone();
    assert_eq!(asked[1], "/token?service=here&scope=repository%3Aa%2Fb%3Apull");
    assert_eq!(asked.iter().filter(|a| a.starts_with("/token")).count(), 1, "one token is enough");

    let asked_before = asked.len();
    assert_eq!(processors(&registry, "a/b:1").await, ["amd64", "arm64"]);
    // Refused, the token, and the index alone: what each platform weighs is not asked for.
    assert_eq!(registry.asked.lock().unwrap().len(), asked_before + 3);
}

async fn processors(registry: &Registry, name: &str) -> Vec<String> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let registries = Registries::new(client).at("registry.example", &registry.address);
    let images = [Image::parse(&format!("registry.example/{name}")).unwrap()];
    let found = catalog::survey::processors(&registries, &images, Limits::default()).await;
    found.into_iter().flat_map(Result::unwrap).collect()
}

#[tokio::test]
async fn a_single_image_says_its_platform_in_its_configuration() {
    let one = manifest(&[7]);
    let config = json!({"os": "linux", "architecture": "amd64", "rootfs": {}});
    let registry = serve(BTreeMap::from([
        ("/v2/a/b/manifests/1".to_owned(), one.to_string()),
        ("/v2/a/b/blobs/sha256:c0".to_owned(), config.to_string()),
    ]));
    let known = look(&registry, "a/b:1").await.unwrap();
    assert_eq!(known.platforms, BTreeMap::from([("linux/amd64".to_owned(), 8)]));
    assert_eq!(processors(&registry, "a/b:1").await, ["amd64"]);
}

#[tokio::test]
async fn a_size_is_of_the_largest_build_that_fits_and_docker_hub_is_not_asked_for_a_manifest() {
    let (amd, arm) = (manifest(&[10, 20]), manifest(&[5]));
    let platform = |architecture: &str| json!({"os": "linux", "architecture": architecture});
    let index = json!({"manifests": [
        {"digest": digest(&amd), "size": 1, "platform": platform("amd64")},
        {"digest": digest(&arm), "size": 1, "platform": platform("arm64")},
    ]});
    let at = |what: &str| format!("/v2/a/b/manifests/{what}");
    let build = |os: &str, architecture: &str, size: u64| json!({"os": os, "architecture": architecture, "size": size, "digest": "sha256:00"});
    let hub = |builds: Vec<Value>| json!({"name": "1", "full_size": 999, "images": builds}).to_string();
    let both = vec![
        build("linux", "amd64", 70),
        build("linux", "arm64", 60),
        build("windows", "amd64", 900),
        build("unknown", "unknown", 3),
    ];
    let registry = serve(BTreeMap::from([
        (at("1"), index.to_string()),
        (at(&digest(&amd)), amd.to_string()),
        (at(&digest(&arm)), arm.to_string()),
        (at("2"), manifest(&[7]).to_string()),
        ("/v2/repositories/library/both/tags/1".to_owned(), hub(both)),
        ("/v2/repositories/a/one/tags/1".to_owned(), hub(vec![build("linux", "amd64", 50)])),
        ("/v2/repositories/a/none/tags/1".to_owned(), hub(vec![])),
        ("/v2/repositories/a/often/tags/1".to_owned(), "HTTP 429 Too Many Requests".to_owned()),
        ("/v2/repositories/a/odd/tags/1".to_owned(), "[]".to_owned()),
    ]));
    let header = [(reqwest::header::AUTHORIZATION, reqwest::header::HeaderValue::from_static("Bearer let-me-in"))];
    let client = reqwest::Client::builder().no_proxy().default_headers(header.into_iter().collect()).build().unwrap();
    let registries =
        Registries::new(client).at("registry.example", &registry.address).at("hub.docker.com", &registry.address);
    for (name, processors, size) in [
        ("registry.example/a/b:1", &["amd64"][..], Ok(31)),
        ("registry.example/a/b:1", &["arm64"], Ok(6)),
        ("registry.example/a/b:1", &["arm64", "amd64"], Ok(31)),
        ("registry.example/a/b:1", &["riscv64"], Err(Silence::Garbled)),
        ("registry.example/a/b:2", &["amd64"], Ok(8)),
        ("both:1", &["amd64"], Ok(70)),
        ("both:1", &["arm64"], Ok(60)),
        ("both:1", &["riscv64"], Err(Silence::Garbled)),
        ("a/one:1", &["arm64"], Ok(50)),
        ("a/none:1", &["amd64"], Err(Silence::Garbled)),
        ("a/often:1", &["amd64"], Err(Silence::TooManyRequests)),
        ("a/odd:1", &["amd64"], Err(Silence::Garbled)),
        ("a/gone:1", &["amd64"], Err(Silence::NotThere)),
        ("a/b@sha256:00", &["amd64"], Err(Silence::NotThere)),
    ] {
        let image = [Image::parse(name).unwrap()];
        let processors = processors.iter().map(ToString::to_string).collect();
        let found = catalog::survey::sizes(&registries, &image, &processors, Limits::default()).await;
        assert_eq!(found, [size], "{name} {processors:?}");
    }
    let asked = registry.asked.lock().unwrap().clone();
    let of_hub = |path: &&String| path.contains("/both") || path.contains("/one") || path.contains("/none");
    assert!(asked.iter().filter(of_hub).all(|path| path.starts_with("/v2/repositories/")), "{asked:?}");
}

#[tokio::test]
async fn what_is_not_there_or_not_what_was_asked_for_is_an_error() {
    let wanted = format!("sha256:{}", "ab".repeat(32));
    let registry = serve(BTreeMap::from([(format!("/v2/a/b/manifests/{wanted}"), manifest(&[1]).to_string())]));
    let Error::Registry { status, image, why, .. } = look(&registry, "a/b:2").await.unwrap_err() else { panic!() };
    assert_eq!((status, image.as_str(), why), (Some(404), "registry.example/a/b:2", Silence::NotThere));
    let Error::Registry { status, detail, .. } = look(&registry, &format!("a/b@{wanted}")).await.unwrap_err() else {
        panic!()
    };
    assert!(status.is_none() && detail.contains("asked for"), "{detail}");
    let nobody = Registry { address: "http://127.0.0.1:1".to_owned(), asked: Arc::default() };
    let Error::Registry { status, why, .. } = look(&nobody, "a/b:1").await.unwrap_err() else { panic!() };
    assert_eq!((status, why), (None, Silence::NotReached));
}

/// A port that takes connections and never answers, and how many came.
fn silent() -> (String, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let came = Arc::new(Mutex::new(0));
    let count = came.clone();
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            *count.lock().unwrap() += 1;
            kept.push(stream);
        }
    });
    (address, came)
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_asked_once_and_the_others_answer_all_the_same() {
    let one = manifest(&[7]);
    let config = json!({"os": "linux", "architecture": "amd64"});
    let at = |name: &str| format!("/v2/{name}/manifests/1");
    let blob = |name: &str| format!("/v2/{name}/blobs/sha256:c0");
    let good = serve(BTreeMap::from([
        (at("a/x"), one.to_string()),
        (blob("a/x"), config.to_string()),
        (at("a/y"), "HTTP 403 Forbidden".to_owned()),
        (at("a/w"), "no manifest".to_owned()),
        (at("a/v"), "HTTP 500 Internal Server Error".to_owned()),
        (at("a/u"), one.to_string()),
        (blob("a/u"), config.to_string()),
    ]));
    let busy = serve(BTreeMap::from([
        (at("b/x"), one.to_string()),
        (blob("b/x"), config.to_string()),
        (at("b/y"), "HTTP 429 Too Many Requests".to_owned()),
    ]));
    let (never, came) = silent();
    let registries = Registries::new(reqwest::Client::builder().no_proxy().build().unwrap())
        .at("good.example", &good.address)
        .at("busy.example", &busy.address)
        .at("never.example", &never)
        .at("closed.example", "http://127.0.0.1:1");
    let known = Ok(8);
    let cases = [
        ("good.example/a/x:1", known),
        ("good.example/a/y:1", Err(Silence::SignIn)),
        ("good.example/a/z:1", Err(Silence::NotThere)),
        ("good.example/a/w:1", Err(Silence::Garbled)),
        ("good.example/a/v:1", Err(Silence::Refused)),
        ("good.example/a/u:1", known),
        ("busy.example/b/x:1", known),
        ("busy.example/b/y:1", Err(Silence::TooManyRequests)),
        ("busy.example/b/x:1", Err(Silence::TooManyRequests)),
        ("never.example/c/x:1", Err(Silence::TimedOut)),
        ("never.example/c/y:1", Err(Silence::TimedOut)),
        ("never.example/c/z:1", Err(Silence::TimedOut)),
        ("closed.example/d/x:1", Err(Silence::NotReached)),
        ("closed.example/d/y:1", Err(Silence::NotReached)),
    ];
    let images: Vec<Image> = cases.iter().map(|(name, _)| Image::parse(name).unwrap()).collect();
    let (one, all) = (Duration::from_secs(2), Duration::from_secs(20));
    let begun = Instant::now();
    let found = survey(&registries, &images, Limits { side_by_side: 1, one, all }).await;
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    for ((name, wanted), found) in cases.iter().zip(&found) {
        assert_eq!(&found.as_ref().map(|k| k.platforms["linux/amd64"]).map_err(|why| *why), wanted, "{name}");
    }
    assert_eq!(*came.lock().unwrap(), 1);
    // What there is no time for is said to be not asked.
    let limits = Limits { side_by_side: 1, one: all, all: Duration::from_millis(300) };
    let found = survey(&registries, &images[9..11], limits).await;
    assert_eq!(found, [Err(Silence::NotAsked), Err(Silence::NotAsked)]);
}
