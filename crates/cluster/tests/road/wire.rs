//! The same over TCP and through kube's whole client, as to a server elsewhere; and what is said on the way.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::pretend::Pretend;
use cluster::road::Ask;
use cluster::{Cluster, Target, connect};
use http::header::AUTHORIZATION;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use kube::client::Body;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::place::{digit, gateway, heard, program};

/// What stands on a port of this computer in front of a pretend cluster.
struct Front {
    address: String,
    /// What has been upgraded until now passes nothing on any more, and stays open.
    stalls: Arc<AtomicUsize>,
    upgrades: Arc<AtomicUsize>,
}

/// How many upgrades have stalled, and how many there were.
pub(crate) type Known = (Arc<AtomicUsize>, Arc<AtomicUsize>);

async fn front(pretend: &Pretend) -> Front {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stalls, upgrades) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (client, known) = (pretend.client(), (stalls.clone(), upgrades.clone()));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (client, known) = (client.clone(), known.clone());
            let service = hyper::service::service_fn(move |request| pass(client.clone(), known.clone(), request));
            let server = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::spawn(server.with_upgrades());
        }
    });
    Front { address, stalls, upgrades }
}

/// Passes a request on, and what follows an upgrade.
pub(crate) async fn pass(
    client: kube::Client,
    (stalls, upgrades): Known,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, kube::Error> {
    let near = hyper::upgrade::on(&mut request);
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(kube::Error::HyperError)?.to_bytes();
    let mut answer = client.send(Request::from_parts(head, Body::from(body.to_vec()))).await?;
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        let (far, number) = (hyper::upgrade::on(&mut answer), upgrades.fetch_add(1, Ordering::SeqCst) + 1);
        tokio::spawn(async move {
            let (mut near, mut far) = (TokioIo::new(near.await.unwrap()), TokioIo::new(far.await.unwrap()));
            let (mut one, mut two) = ([0; 4096], [0; 4096]);
            // Whatever is sent to an end that is gone is lost; what that end said last still comes through.
            loop {
                tokio::select! {
                    read = near.read(&mut one) => match read {
                        Ok(count) if count > 0 => {
                            if stalls.load(Ordering::SeqCst) < number {
                                let _ = far.write_all(&one[..count]).await;
                            }
                        }
                        _ => return,
                    },
                    read = far.read(&mut two) => match read {
                        Ok(count) if count > 0 => {
                            if stalls.load(Ordering::SeqCst) < number {
                                let _ = near.write_all(&two[..count]).await;
                                let _ = near.flush().await;
                            }
                        }
                        _ => break,
                    },
                }
            }
            let _ = near.shutdown().await;
        });
    }
    Ok(answer)
}

async fn through(front: &Front) -> Cluster {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{server: '{}'}}}}]\nusers: [{{name: u, user: {{}}}}]\n",
        front.address
    );
    std::fs::write(&path, text).unwrap();
    connect(&Target { kubeconfig: Some(path), ..Target::default() }).await.unwrap()
}

#[tokio::test]
async fn a_road_leads_over_tcp_and_leaves_a_connection_that_passes_nothing_on() {
    let (pretend, _) = digit(1).await;
    let seen = program(&pretend, |arrived, _| async move { Ok(Response::new(arrived.request.into_body())) });
    let front = front(&pretend).await;
    let road = through(&front).await.road_to(gateway());
    let file: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let put = Ask::new(Method::PUT, "/file").body(HeaderValue::from_static("image/png"), file.clone()).repeatable();
    let within = Duration::from_secs(60);
    assert!(road.call(&put, within).await.unwrap().body == file);
    // The connection stays, and nothing comes through: nobody says so.
    let before = front.upgrades.load(Ordering::SeqCst);
    front.stalls.store(before, Ordering::SeqCst);
    assert!(road.call(&put.clone().time_out(Duration::from_secs(2)), within).await.unwrap().body == file);
    assert!(front.upgrades.load(Ordering::SeqCst) > before);
    // What may be sent only once is not sent again.
    let asked = heard(&seen).len();
    let before = front.upgrades.load(Ordering::SeqCst);
    front.stalls.store(usize::MAX, Ordering::SeqCst);
    let once = Ask::new(Method::POST, "/file");
    let error = road.call(&once, Duration::from_secs(3)).await.unwrap_err();
    assert_eq!(error.code(), "maybe-done");
    assert_eq!((front.upgrades.load(Ordering::SeqCst), heard(&seen).len()), (before + 1, asked));
}

/// All that libraries say to whoever listens to logs.
struct Listener;

static SAID: Mutex<Vec<String>> = Mutex::new(Vec::new());
static SPOKE: AtomicBool = AtomicBool::new(false);

impl log::Log for Listener {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }
    fn log(&self, record: &log::Record<'_>) {
        SPOKE.store(true, Ordering::SeqCst);
        let words = format!("{} {}", record.target(), record.args());
        // Bytes may be shown as numbers, too.
        if ["pass-word", "70617373", "112, 97, 115, 115"].iter().any(|secret| words.contains(secret)) {
            SAID.lock().unwrap().push(words);
        }
    }
    fn flush(&self) {}
}

#[tokio::test]
async fn nothing_that_is_sent_or_answered_is_said_to_logs() {
    log::set_logger(&Listener).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let (pretend, cluster) = digit(1).await;
    program(&pretend, |arrived, _| async move {
        Ok(Response::builder().header("set-cookie", "pass-word").body(arrived.request.into_body()).unwrap())
    });
    let ask = Ask::new(Method::POST, "/user/oauth/token?password=pass-word")
        .header(AUTHORIZATION, HeaderValue::from_static("Basic pass-word"))
        .body(HeaderValue::from_static("text/plain"), "pass-word");
    let told = Arc::new(Mutex::new(vec![]));
    let ears = told.clone();
    let cluster = cluster.with_listener(Arc::new(move |trouble| ears.lock().unwrap().push(format!("{trouble:?}"))));
    let road = cluster.road_to(gateway());
    let reply = road.call(&ask, Duration::from_secs(30)).await.unwrap();
    assert_eq!(reply.body, "pass-word");
    let shown = format!("{ask:?} {reply:?} {road:?}");
    pretend.set_programs(vec![]);
    let error = road.call(&ask, Duration::from_secs(1)).await.unwrap_err();
    let mut all = SAID.lock().unwrap().clone();
    all.extend(told.lock().unwrap().iter().filter(|words| words.contains("pass-word")).cloned());
    all.extend([shown, format!("{error:?} {error}")].into_iter().filter(|words| words.contains("pass-word")));
    assert!(!told.lock().unwrap().is_empty() && SPOKE.load(Ordering::SeqCst), "nobody spoke");
    assert_eq!(all, Vec::<String>::new());
}
