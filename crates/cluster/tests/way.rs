//! What is in the way to a server: proxies that lead there or do not, portals, firewalls that read along, servers that want TLS.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cluster::proxy::Proxy;
use cluster::{Error, Patience, Target, connect};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Stands for every secret.
const CANARY: &str = "c4n4ry";

/// Serves each connection by this.
async fn serve<F, G>(one: F) -> u16
where
    F: Fn(TcpStream) -> G + Send + Sync + 'static,
    G: Future<Output = ()> + Send,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            one(stream).await;
        }
    });
    port
}

/// What comes until an empty line.
async fn head(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => bytes.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn answer(status: &str, kind: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

async fn say(stream: &mut (impl AsyncWrite + Unpin), text: &str) {
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// A server that answers every request with this.
async fn server(text: String) -> u16 {
    serve(move |mut stream| {
        let text = text.clone();
        async move {
            head(&mut stream).await;
            say(&mut stream, &text).await;
        }
    })
    .await
}

fn version() -> String {
    answer("200 OK", "application/json", r#"{"major": "1", "minor": "36", "gitVersion": "v1.36.0"}"#)
}

/// Asks a server for its version, with what the cluster entry of its kubeconfig says.
async fn ask(folder: &Path, cluster: &str, proxy: Proxy) -> Result<String, Error> {
    let path = folder.join("config");
    let text = format!(
        "current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n\
         clusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{token: {CANARY}}}}}]\n"
    );
    std::fs::write(&path, text).unwrap();
    let target = Target { kubeconfig: Some(path), proxy, ..Target::default() };
    let cluster = connect(&target).await?.with_patience(Patience::For(Duration::ZERO));
    cluster.version().await
}

/// What was told, and that no secret is in it.
fn code(asked: Result<String, Error>) -> &'static str {
    asked.map_or_else(
        |error| {
            let said = format!("{error} {error:?} {:?} {:?}", error.args(), error.evidence());
            assert!(!said.contains(CANARY), "{said}");
            error.code()
        },
        |_| "answered",
    )
}

#[tokio::test]
async fn what_an_http_proxy_says_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let port = server(version()).await;
    let basic = STANDARD.encode(format!("user:{CANARY}@"));
    for (said, expected) in [
        ("HTTP/1.1 200 Connection established\r\n\r\n", "answered"),
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy-sign-in"),
        ("HTTP/1.1 403 Forbidden\r\n\r\n", "proxy-failing"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "proxy-failing"),
        ("<html>", "proxy-failing"),
        ("", "proxy-failing"),
    ] {
        let heads = Arc::new(Mutex::new(String::new()));
        let heard = heads.clone();
        let proxy = serve(move |mut stream| {
            let heard = heard.clone();
            async move {
                *heard.lock().unwrap() = head(&mut stream).await;
                stream.write_all(said.as_bytes()).await.unwrap();
                if said.contains("200") {
                    let mut there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
                }
            }
        })
        .await;
        let address = format!("user:{CANARY}%40@127.0.0.1:{proxy}");
        let asked = ask(folder.path(), "server: 'http://kube.example'", Proxy::Address(address.clone())).await;
        assert_eq!(code(asked), expected, "{said:?}");
        let heard = heads.lock().unwrap().clone();
        assert!(heard.starts_with("CONNECT kube.example:80 HTTP/1.1\r\n"), "{heard}");
        assert!(heard.contains(&format!("Proxy-Authorization: Basic {basic}\r\n")), "{heard}");
        // The kubeconfig's comes first, and for this computer too.
        let named = format!("server: 'http://127.0.0.1:1', proxy-url: 'http://{address}'");
        assert_eq!(code(ask(folder.path(), &named, Proxy::Address("127.0.0.1:1".to_owned())).await), expected);
    }
    let gone = Proxy::Address(format!("http://user:{CANARY}@127.0.0.1:1"));
    assert_eq!(code(ask(folder.path(), "server: 'https://kube.example'", gone).await), "proxy-failing");
    let none = Proxy::Address(format!("ftp://user:{CANARY}@127.0.0.1:1"));
    assert_eq!(code(ask(folder.path(), "server: 'https://kube.example'", none).await), "proxy-invalid");
}

#[tokio::test]
async fn a_socks_proxy_is_told_the_name_and_the_password() {
    let folder = tempfile::tempdir().unwrap();
    let port = server(version()).await;
    for (accepts, expected) in [(true, "answered"), (false, "proxy-sign-in")] {
        let proxy = serve(move |mut stream| async move {
            // Methods offered: a name and a password. Then both, then where to.
            let mut methods = [0; 3];
            stream.read_exact(&mut methods).await.unwrap();
            assert_eq!(methods, [5, 1, 2]);
            stream.write_all(&[5, 2]).await.unwrap();
            let mut said = vec![0; 1 + 1 + 4 + 1 + CANARY.len()];
            stream.read_exact(&mut said).await.unwrap();
            assert_eq!(said, [&[1, 4], &b"user"[..], &[6], CANARY.as_bytes()].concat());
            stream.write_all(&[1, u8::from(!accepts)]).await.unwrap();
            if accepts {
                let mut to = vec![0; 4 + 1 + "kube.example".len() + 2];
                stream.read_exact(&mut to).await.unwrap();
                assert_eq!(to, [&[5, 1, 0, 3, 12], &b"kube.example"[..], &[0, 80]].concat());
                stream.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await.unwrap();
                let mut there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut there).await;
            }
        })
        .await;
        let entry = format!("server: 'http://kube.example', proxy-url: 'socks5://user:{CANARY}@127.0.0.1:{proxy}'");
        assert_eq!(code(ask(folder.path(), &entry, Proxy::None).await), expected);
    }
}

#[tokio::test]
async fn who_answers_in_the_servers_place_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let page = answer("200 OK", "text/html; charset=utf-8", "<html>Please sign in</html>");
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://portal.example/\r\ncontent-length: 0\r\n\r\n".to_owned();
    let wants_tls = answer("400 Bad Request", "text/plain", "Client sent an HTTP request to an HTTPS server.\n");
    for (text, expected) in [
        (version(), "answered"),
        (page, "network-portal"),
        (moved, "network-portal"),
        (answer("403 Forbidden", "text/html", "<html>blocked</html>"), "network-portal"),
        (answer("502 Bad Gateway", "text/html", "<html>nginx</html>"), "unexpected-answer"),
        (answer("403 Forbidden", "application/json", "{}"), "forbidden"),
        (wants_tls, "server-wants-tls"),
        // An alert of TLS, and nothing at all.
        ("\u{15}\u{3}\u{1}\u{0}\u{2}\u{2}F".to_owned(), "server-wants-tls"),
        (String::new(), "server-wants-tls"),
    ] {
        let port = server(text.clone()).await;
        let entry = format!("server: '127.0.0.1:{port}'");
        assert_eq!(code(ask(folder.path(), &entry, Proxy::None).await), expected, "{text:?}");
    }
    assert_eq!(code(ask(folder.path(), "server: '127.0.0.1:1'", Proxy::None).await), "server-not-answering");
}

#[tokio::test]
async fn a_firewall_that_reads_along_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let made = |name: &str, is_ca: bool| {
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = if is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
        (params, KeyPair::generate().unwrap())
    };
    let (params, key) = made("authority of the cluster", true);
    let authority = STANDARD.encode(params.self_signed(&key).unwrap().pem());
    let (firewall, firewall_key) = made("Firewall of the office", true);
    let (shown, shown_key) = made("kube", false);
    let shown = shown.signed_by(&shown_key, &Issuer::from_params(&firewall, &firewall_key)).unwrap().der().clone();
    let provider = Arc::new(tokio_rustls::rustls::crypto::aws_lc_rs::default_provider());
    let tls = tokio_rustls::rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![shown.clone()], shown_key.serialize_der().try_into().unwrap())
        .unwrap();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls));
    let port = serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut stream) = acceptor.accept(stream).await {
                head(&mut stream).await;
                say(&mut stream, &version()).await;
            }
        }
    })
    .await;
    let entry = format!("server: 'https://127.0.0.1:{port}', certificate-authority-data: {authority}");
    let error = ask(folder.path(), &entry, Proxy::None).await.unwrap_err();
    assert_eq!(error.args()["issuer"], "Firewall of the office", "{error:?}");
    assert_eq!(code(Err(error)), "server-not-trusted");
    // The very certificate in place of an authority is trusted.
    let pinned = STANDARD
        .encode(format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(&shown)));
    let entry = format!("server: 'https://127.0.0.1:{port}', certificate-authority-data: {pinned}");
    assert_eq!(code(ask(folder.path(), &entry, Proxy::None).await), "answered");
    let entry = format!("server: 'https://127.0.0.1:{port}', insecure-skip-tls-verify: true");
    assert_eq!(code(ask(folder.path(), &entry, Proxy::None).await), "kubeconfig-insecure");
}
