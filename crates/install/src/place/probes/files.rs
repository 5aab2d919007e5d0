//! An S3-compatible store of one's own: can pods reach it, is its certificate trusted, does it know our key, is the
//! bucket there, and may objects be written, read and deleted. What the pod sends is signed here; it gets no key.

use cluster::OneOff;
use engine::Cause;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::presign::{Signing, presigned};
use super::program::{Try, on_the_way, script, strange, what};
use crate::answers::OurFiles;
use crate::error::Error;
use crate::place::verdict::Verdict;
use crate::plan::Planned;
use crate::plan::kinds::ENTRY_SERVICE;

const SCRIPT: &str = include_str!("files.sh");
/// The user `www-data` of the image.
const USER: i64 = 101;
/// Seconds that what is signed is good for: longer than a try can take.
const GOOD_FOR: u32 = 900;

pub(super) fn to_try(ours: &OurFiles, planned: &Planned, simulated: bool, now: Timestamp) -> Result<Try, Error> {
    let (access_key, secret_key) = if simulated {
        (SecretString::default(), SecretString::default())
    } else {
        crate::home::read_keys(&ours.key_file)?
    };
    let signing =
        Signing { access_key: &access_key, secret_key: &secret_key, region: &ours.region, now, good_for: GOOD_FOR };
    let Some(server) = Server::of(&ours.endpoint) else {
        return Err(Error::answer("files-no-scheme", "files.endpoint", &[("endpoint", &ours.endpoint)]));
    };
    let object = format!("digit-installer-try-{:08x}", rand::random::<u32>());
    let one = match client_image(planned) {
        None => Err(Cause::new("check-try-no-client")),
        Some(image) => Ok(OneOff {
            image,
            user: USER,
            script: script(SCRIPT),
            env: vec![
                ("HOST".to_owned(), server.host.clone()),
                ("PORT".to_owned(), server.port.to_string()),
                ("TLS".to_owned(), server.tls.clone()),
            ],
            secret_env: ["PUT", "GET", "DELETE"]
                .map(|method| (method.to_owned(), request(method, &server, &ours.bucket, &object, &signing)))
                .to_vec(),
        }),
    };
    let what = what(planned, ours, &ours.key_file);
    let (ours, host, port) = (ours.clone(), server.host, server.port);
    let meaning = Box::new(move |code, said: &str| meaning(code, said, &ours, &host, port, &object));
    Ok(Try { check: "files", what, one, meaning })
}

/// The web entry's image: every plan with a file store has it, and it has bash, openssl and the usual authorities.
fn client_image(planned: &Planned) -> Option<String> {
    let manifests = planned.rendered.get(ENTRY_SERVICE)?.manifests.iter().map(|m| &m.object);
    let mut entry = manifests.filter(|o| o["kind"] == "Deployment");
    let image = |o: &Value| o.pointer("/spec/template/spec/containers/0/image")?.as_str().map(str::to_owned);
    entry.find_map(image)
}

/// Where a store answers.
struct Server {
    host: String,
    port: u16,
    /// As in the header `Host`: with the port where it is not the usual one.
    header: String,
    /// Path of the endpoint, without a slash at its end.
    path: String,
    /// Arguments for openssl; empty without TLS.
    tls: String,
}

impl Server {
    fn of(endpoint: &str) -> Option<Self> {
        let url = reqwest::Url::parse(endpoint).ok()?;
        let header_host = url.host_str()?.to_owned();
        let host = header_host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let header = url.port().map_or_else(|| header_host.clone(), |port| format!("{header_host}:{port}"));
        let is_address = host.parse::<std::net::IpAddr>().is_ok();
        let tls = match (url.scheme(), is_address) {
            ("https", true) => format!("-verify_ip {host}"),
            ("https", false) => format!("-servername {host} -verify_hostname {host}"),
            _ => String::new(),
        };
        let port = url.port_or_known_default()?;
        Some(Server { host, port, header, path: url.path().trim_end_matches('/').to_owned(), tls })
    }
}

/// A whole request, signed.
fn request(method: &str, server: &Server, bucket: &str, object: &str, signing: &Signing<'_>) -> SecretString {
    let path = format!("{}/{bucket}/{object}", server.path);
    let signed = presigned(method, &server.header, &path, signing);
    let body = if method == "PUT" { "digit" } else { "" };
    let length = if method == "PUT" { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
    format!(
        "{method} {} HTTP/1.1\r\nHost: {}\r\n{length}Connection: close\r\n\r\n{body}",
        signed.expose_secret(),
        server.header
    )
    .into()
}

/// What an end of the script means. `said` is then the answer's status and S3's own code.
fn meaning(code: i64, said: &str, ours: &OurFiles, host: &str, port: u16, object: &str) -> Verdict {
    if let Some(verdict) = on_the_way(code, host, port) {
        return verdict;
    }
    let cause = |code: &str| {
        let cause = Cause::new(code).with("bucket", &ours.bucket).with("region", &ours.region);
        let cause = cause.with("endpoint", &ours.endpoint).with("object", object);
        cause.with("said", if said.is_empty() { "-" } else { said })
    };
    let (status, answer) = said.split_once(' ').unwrap_or((said, ""));
    let code = match (code, status, answer) {
        (0, ..) => return Verdict::Passed,
        (13, ..) => "check-files-no-store",
        (14, ..) => "check-files-not-trusted",
        (15, ..) => "check-files-no-tls",
        (20..=22, _, "NoSuchBucket") => "check-files-no-bucket",
        (20..=22, _, "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken") => "check-files-key",
        (20..=22, _, "RequestTimeTooSkewed") => "check-files-clock",
        (20..=22, "301" | "307" | "308", _)
        | (20..=22, _, "AuthorizationHeaderMalformed" | "AuthorizationQueryParametersError" | "PermanentRedirect") => {
            "check-files-region"
        }
        (20, "401" | "403", _) => "check-files-no-write",
        (21, "401" | "403", _) => "check-files-no-read",
        // Writing and reading is what DIGIT needs; what was written to try it stays, and is named.
        (22, ..) => return Verdict::TakeNote(cause("check-files-no-delete")),
        (20 | 21, ..) => "check-files-odd",
        _ => return strange(code, said),
    };
    Verdict::NotPassed(cause(code))
}

#[cfg(test)]
mod tests {
    use super::super::program::tests::read;
    use super::*;

    fn ours() -> OurFiles {
        OurFiles {
            endpoint: "https://s3.example".into(),
            bucket: "digit".into(),
            region: "ap-south-1".into(),
            key_file: "/none".into(),
        }
    }

    #[test]
    fn every_end_means_one_thing() {
        for (code, said, wanted) in [
            (0, "", "passed"),
            (10, "", "not check-try-no-address"),
            (11, "", "not check-try-refused"),
            (12, "", "not check-try-timed-out"),
            (13, "SSH-2.0", "not check-files-no-store"),
            (14, "verify error", "not check-files-not-trusted"),
            (15, "wrong version number", "not check-files-no-tls"),
            (20, "404 NoSuchBucket", "not check-files-no-bucket"),
            (20, "403 InvalidAccessKeyId", "not check-files-key"),
            (20, "403 SignatureDoesNotMatch", "not check-files-key"),
            (20, "403 RequestTimeTooSkewed", "not check-files-clock"),
            (20, "301 PermanentRedirect", "not check-files-region"),
            (20, "400 AuthorizationQueryParametersError", "not check-files-region"),
            (20, "403 AccessDenied", "not check-files-no-write"),
            (20, "403", "not check-files-no-write"),
            (20, "500 InternalError", "not check-files-odd"),
            (21, "403 AccessDenied", "not check-files-no-read"),
            (21, "404 NoSuchKey", "not check-files-odd"),
            (22, "403 AccessDenied", "note check-files-no-delete"),
            (1, "", "note check-try-ended"),
            (127, "", "note check-try-ended"),
        ] {
            assert_eq!(read(&meaning(code, said, &ours(), "s3.example", 443, "o")), wanted, "{code} {said}");
        }
    }

    #[test]
    fn an_endpoint_says_where_and_how() {
        for (endpoint, host, port, header, path, tls) in [
            ("http://minio.example:9000", "minio.example", 9000, "minio.example:9000", "", ""),
            (
                "https://s3.example/",
                "s3.example",
                443,
                "s3.example",
                "",
                "-servername s3.example -verify_hostname s3.example",
            ),
            ("https://10.0.0.7/base/", "10.0.0.7", 443, "10.0.0.7", "/base", "-verify_ip 10.0.0.7"),
            ("http://[::1]:80", "::1", 80, "[::1]", "", ""),
        ] {
            let server = Server::of(endpoint).unwrap();
            assert_eq!(
                (server.host.as_str(), server.port, server.header.as_str(), server.path.as_str(), server.tls.as_str()),
                (host, port, header, path, tls)
            );
        }
        assert!(Server::of("minio").is_none());
    }

    /// The script against a store on a real port that answers each of its requests in turn.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_script_ends_as_the_store_answers() {
        use super::super::program::tests::run;
        use std::io::{Read as _, Write as _};
        let fail = |status: &str, code: &str| {
            format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n<Error><Code>{code}</Code></Error>")
        };
        let fine = || "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned();
        let signing = Signing {
            access_key: &"key".to_owned().into(),
            secret_key: &"secret".to_owned().into(),
            region: "r",
            now: Timestamp::UNIX_EPOCH,
            good_for: 60,
        };
        for (answers, code, said) in [
            (vec![fine(), fine(), fine()], 0, ""),
            (vec![fail("404 Not Found", "NoSuchBucket")], 20, "404 NoSuchBucket"),
            (vec![fail("403 Forbidden", "SignatureDoesNotMatch")], 20, "403 SignatureDoesNotMatch"),
            (vec![fine(), fail("403 Forbidden", "AccessDenied")], 21, "403 AccessDenied"),
            (vec![fine(), fine(), fail("403 Forbidden", "AccessDenied")], 22, "403 AccessDenied"),
            (vec!["SSH-2.0-x\r\n".to_owned()], 13, "SSH-2.0-x"),
        ] {
            let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let server = Server::of(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
            let requests = ["PUT", "GET", "DELETE"]
                .map(|method| request(method, &server, "digit", "o", &signing).expose_secret().to_owned());
            let [put, get, delete] = requests.clone();
            let serving = std::thread::spawn(move || {
                // The script knocks once before it speaks.
                drop(listener.accept().unwrap());
                for (answer, request) in answers.iter().zip(requests) {
                    let (mut stream, _) = listener.accept().unwrap();
                    let mut heard = vec![0; request.len()];
                    stream.read_exact(&mut heard).unwrap();
                    assert_eq!(String::from_utf8_lossy(&heard), request);
                    stream.write_all(answer.as_bytes()).unwrap();
                }
            });
            let port = server.port.to_string();
            let env = [
                ("HOST", server.host.as_str()),
                ("PORT", &port),
                ("TLS", ""),
                ("PUT", &put),
                ("GET", &get),
                ("DELETE", &delete),
            ];
            let (ended, heard) = run(&script(SCRIPT), &env, &[]);
            assert_eq!((ended, heard.as_str()), (code, said));
            serving.join().unwrap();
        }
    }
}
