//! The rules of the web entry against a real nginx with ModSecurity: what gets past them to what stands behind.
//!
//! Everything talks through sockets of the system, in a folder that is gone afterwards.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[allow(dead_code, reason = "others use the rest")]
mod rendering;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use catalog::{Settings, combinations, entry};
use rendering::Plan;

/// Debian's module of nginx, and the recommended configuration that comes with it.
const MODULE: &str = "/usr/lib/nginx/modules/ngx_http_modsecurity_module.so";
const RECOMMENDED: &str = "/etc/nginx/modsecurity.conf";

/// The rules as the plan has them.
fn rendered() -> String {
    let plan = Plan::of(&combinations::DIGIT, &Settings::in_cluster(None, "http://late-entry.invalid".to_owned()));
    let config = plan.objects[entry::SERVICE].iter().find(|o| !o["data"]["modsecurity-snippet"].is_null()).unwrap();
    config["data"]["modsecurity-snippet"].as_str().unwrap().to_owned()
}

struct Nginx {
    process: Child,
    folder: tempfile::TempDir,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Nginx {
    /// With the controller's way of putting the rules into its configuration, and something behind that says 200.
    fn start(modsecurity: &str) -> Self {
        assert!(Path::new(MODULE).is_file(), "libnginx-mod-http-modsecurity is not installed: {MODULE} is missing");
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path().display().to_string();
        let listener = UnixListener::bind(folder.path().join("behind")).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(stream));
            }
        });
        let temp: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {at}/{kind};\n"))
            .concat();
        // Locations as the controller makes them of the Ingresses: without regard to case, with each one's largest body.
        let locations = [("^/filestore", "8m"), ("^/digit-files", "16m"), ("^/user", "1m"), ("^/", "1m")]
            .map(|(path, body)| {
                format!(
                    "location ~* \"{path}\" {{ client_max_body_size {body}; proxy_pass http://unix:{at}/behind; }}\n"
                )
            })
            .concat();
        let config = format!(
            "load_module {MODULE};\ndaemon off;\nmaster_process off;\npid {at}/pid;\nerror_log {at}/log;\nevents {{}}\n\
             http {{\naccess_log off;\n{temp}modsecurity on;\n{modsecurity}\nserver {{ listen unix:{at}/front;\n{locations}}} }}\n"
        );
        fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let nginx = if Path::new("/usr/sbin/nginx").exists() { "/usr/sbin/nginx" } else { "nginx" };
        let mut process = Command::new(nginx)
            .args(["-p", &at, "-c", &format!("{at}/nginx.conf"), "-e", &format!("{at}/log")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is not installed");
        let deadline = Instant::now() + Duration::from_secs(30);
        while UnixStream::connect(folder.path().join("front")).is_err() {
            let log = || fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            assert!(process.try_wait().unwrap().is_none(), "nginx ended: {}", log());
            assert!(Instant::now() < deadline, "nginx does not answer: {}", log());
            thread::sleep(Duration::from_millis(20));
        }
        Self { process, folder }
    }

    /// The status of the answer.
    fn ask(&self, request: &[u8]) -> u16 {
        let mut stream = UnixStream::connect(self.folder.path().join("front")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A refusal may come before all was sent.
        let _ = stream.write_all(request);
        let mut said = Vec::new();
        let _ = stream.read_to_end(&mut said);
        let line = String::from_utf8_lossy(&said[..said.len().min(40)]).into_owned();
        line.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_else(|| panic!("{line:?}"))
    }
}

/// Reads one request and says 200.
fn answer(mut stream: UnixStream) {
    let mut said = Vec::new();
    let mut buffer = [0; 65536];
    loop {
        let text = String::from_utf8_lossy(&said).to_lowercase();
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
            let mut left = length.unwrap_or(0usize).saturating_sub(said.len() - end - 4);
            while left > 0 {
                match stream.read(&mut buffer) {
                    Ok(read) if read > 0 => left = left.saturating_sub(read),
                    _ => return,
                }
            }
            break;
        }
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => said.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
}

const TOKEN: &str = "/user/oauth/token";
const FORM: &str = "application/x-www-form-urlencoded";
const SIGN_IN: &str =
    "username=admin&password=eGov%40%23%24%25123&grant_type=password&scope=read&tenantId=pg&userType=EMPLOYEE";

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    let mut all = format!(
        "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    all.extend_from_slice(body);
    all
}

fn form(content_type: &str, body: &str) -> Vec<u8> {
    request("POST", TOKEN, &[("Content-Type", content_type)], body.as_bytes())
}

fn json(path: &str, body: &str) -> Vec<u8> {
    request("POST", path, &[("Content-Type", "application/json;charset=UTF-8")], body.as_bytes())
}

const PLAIN: &str = "multipart/form-data; boundary=XbX";

fn parts(parts: &[&str]) -> String {
    parts.iter().map(|headers| format!("--XbX\r\n{headers}\r\n\r\ntrue\r\n")).collect::<String>() + "--XbX--\r\n"
}

fn part(name: &str) -> String {
    format!("Content-Disposition: form-data; name={name}")
}

fn chunked(body: &str) -> Vec<u8> {
    let chunks: String = body.chars().map(|c| format!("1\r\n{c}\r\n")).collect();
    format!(
        "POST {TOKEN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {FORM}\r\nTransfer-Encoding: chunked\r\n\r\n\
         {chunks}0\r\n\r\n"
    )
    .into_bytes()
}

/// What people and DIGIT's own pages do.
fn good() -> Vec<(String, Vec<u8>)> {
    let upload = |path: &str, size: usize| {
        let mut body = b"--XbX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"isInternal.png\"\r\n\
                         Content-Type: image/png\r\n\r\nisInternal=true&"
            .to_vec();
        body.resize(size, b'x');
        body.extend_from_slice(b"\r\n--XbX--\r\n");
        request("POST", path, &[("Content-Type", PLAIN)], &body)
    };
    let of = |name: &str, request: Vec<u8>| (name.to_owned(), request);
    let typed = "Content-Disposition: form-data; name=\"username\"\r\nContent-Type: text/plain; charset=UTF-8";
    let large = format!("{{\"a\": \"{}\"}}", "x".repeat(200_000));
    vec![
        of("a sign-in", form(FORM, SIGN_IN)),
        of("a sign-in that names its characters", form(&format!("{FORM}; charset=UTF-8"), SIGN_IN)),
        of("a sign-in in parts", form(PLAIN, &parts(&[&part("\"username\""), &part("\"grant_type\""), typed]))),
        of("a sign-in in chunks", chunked(SIGN_IN)),
        of(
            "a search",
            json("/user/_search", r#"{"RequestInfo": {"userInfo": {"isInternal": false}}, "tenantId": "pg"}"#),
        ),
        of("a large update", json("/user/users/_updatenovalidate", &large)),
        of("a signing out", json("/user/_logout?tenantId=pg", "{}")),
        of("a health check", request("GET", "/user/health", &[], b"")),
        of("a question before", request("OPTIONS", TOKEN, &[], b"")),
        of("a number that is asked for", json("/user-otp/v1/_send?isInternal=true", "{}")),
        of(
            "another service",
            request("POST", "/pgr-services/x?isInternal=true", &[("Content-Type", FORM)], b"isInternal=true"),
        ),
        of("a file of 5 MB", upload("/filestore/v1/files", 5 << 20)),
        of(
            "a file straight to the store",
            request("PUT", "/digit-files/pg/x?X-Amz-Signature=1", &[], &vec![b'x'; 12 << 20]),
        ),
    ]
}

/// What must not get through.
fn evasions() -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let mut bad = |name: &str, request: Vec<u8>| all.push((name.to_owned(), request));
    let with = |more: &str| form(FORM, &format!("{SIGN_IN}{more}"));
    bad("as it is", with("&isInternal=true"));
    bad("first", form(FORM, &format!("isInternal=true&{SIGN_IN}")));
    bad("twice", form(FORM, &format!("isInternal=false&{SIGN_IN}&isInternal=true")));
    bad("far behind", form(FORM, &format!("p={}&isInternal=true", "x".repeat(600_000))));
    bad("after many", form(FORM, &format!("{}isInternal=true", "a=1&".repeat(3000))));
    for name in [
        "ISINTERNAL=true",
        "isinternal=1",
        "%69s%49nternal=true",
        "%2569sInternal=true",
        "%252569sInternal=true",
        "isInternal",
        "+isInternal=true",
        "isInternal%00=true",
        "isInternal[]=true",
        "a.isInternal=true",
    ] {
        bad(name, with(&format!("&{name}")));
    }
    bad("behind a semicolon", with(";isInternal=true"));
    bad("behind an encoded ampersand", with("%26isInternal=true"));
    bad("in chunks", chunked(&format!("{SIGN_IN}&isInternal=true")));
    bad("by PUT", request("PUT", TOKEN, &[("Content-Type", FORM)], b"isInternal=true"));

    // In the address.
    for query in
        ["?isInternal=true", "?%69sInternal=true", "?a=b;isInternal=true", ";isInternal=true", "?%2569sinternal"]
    {
        bad(query, request("POST", &format!("{TOKEN}{query}"), &[("Content-Type", FORM)], SIGN_IN.as_bytes()));
    }
    bad("by GET", request("GET", &format!("{TOKEN}?isInternal=true&username=a"), &[], b""));
    for path in [
        "/%75ser/oauth/token",
        "/%2575ser/oauth/token",
        "/USER/oauth/token",
        "//user/oauth/token",
        "/./user/oauth/token",
        "/user/./oauth/token",
        "/user//oauth/token",
        "/user;x=1/oauth/token",
        "/user%3bx/oauth/token",
        "/user%3Fx/oauth/token",
        "/user/..;/user/oauth/token",
        "/x/..;/user/oauth/token",
        "/x/../user/oauth/token",
        "/x/%2e%2e/user/oauth/token",
        "/%2fuser/oauth/token",
        "/user%2foauth%2ftoken",
        "/user%5coauth/token",
        "/user/oauth/token/",
        "/user/oauth/token/../../../filestore/..;/user/oauth/token",
        "/filestore/%2e%2e%3b/user/oauth/token",
        "http://x/user/oauth/token",
        "/user",
        "/user/citizen/_create",
    ] {
        bad(path, request("POST", path, &[("Content-Type", FORM)], b"isInternal=true"));
    }

    // Under another type, or with characters that hide the name.
    for name in
        ["text/plain", "Application/X-WWW-Form-URLEncoded", "\tapplication/x-www-form-urlencoded", "application/jsonx"]
    {
        bad(name, form(name, "isInternal=true"));
    }
    bad("a list of types", form(&format!("application/json, {FORM}"), "isInternal=true"));
    bad("no type", request("POST", TOKEN, &[], b"isInternal=true"));
    bad(
        "two types",
        request("POST", TOKEN, &[("Content-Type", "application/json"), ("Content-Type", FORM)], b"isInternal=true"),
    );
    bad("packed", request("POST", TOKEN, &[("Content-Type", FORM), ("Content-Encoding", "gzip")], SIGN_IN.as_bytes()));
    // isInternal in the characters of IBM's large machines.
    let hidden = "%89%A2%C9%95%A3%85%99%95%81%93=true";
    for charset in ["=ibm037", " = ibm037", "=\"ibm037\"", "='ibm037'", "=utf-8; charset=ibm037", "=UTF-16BE"] {
        bad(charset, form(&format!("{FORM}; charset{charset}"), hidden));
    }
    bad("UTF-16", form(&format!("{FORM};\tCHARSET=UTF-16BE"), "%00i%00s%00I%00n%00t%00e%00r%00n%00a%00l=%00t"));

    // In parts.
    let mail = "\"=?UTF-8?B?aXNJbnRlcm5hbA==?=\"";
    for name in [
        "\"isInternal\"",
        "isinternal",
        "\"isInternal\"; filename=\"a\"",
        mail,
        "\"a\"; filename=\"=?UTF-8?B?aXNJbnRlcm5hbA==?=\"",
        "\"is\\Internal\"",
        "\"x\"; name=\"isInternal\"",
        "\"x\"; name*=UTF-8''%69sInt%65rnal",
        "\"x\"\r\nContent-Disposition: form-data; name=\"isInternal\"",
    ] {
        bad(name, form(PLAIN, &parts(&[&part("\"username\""), &part(name)])));
    }
    for header in [
        "Content-Disposition: form-data; name*=UTF-8''%69sInt%65rnal",
        "Content-Disposition: form-data; name*0=\"isInt\"; name*1=\"ernal\"",
        "Content-Disposition: form-data;\r\n name=\"isInternal\"",
        "X-Other: a\r\nContent-Disposition: form-data; name=\"a\"",
    ] {
        bad(header, form(PLAIN, &parts(&[header])));
    }
    let hidden = parts(&[&part(mail)]);
    for name in [
        "multipart/mixed; boundary=XbX",
        "\tmultipart/form-data; boundary=XbX",
        "multipart/form-data; boundary=XbX; boundary=YY",
        "multipart/form-data; boundary=\"XbX\"",
        "multipart/form-data; BOUNDARY=XbX",
        "multipart/form-data; charset=utf-16; boundary=XbX",
        "multipart/form-data",
    ] {
        bad(name, form(name, &hidden));
    }
    bad("no end", form(PLAIN, hidden.strip_suffix("--\r\n").unwrap()));
    bad("something before", form(PLAIN, &format!("before\r\n{hidden}")));
    bad("something behind", form(PLAIN, &format!("{}{hidden}", parts(&[&part("a")]))));
    bad("bare line ends", form(PLAIN, &hidden.replace("\r\n", "\n")));

    // Nobody reads it there today.
    bad("in JSON", json(TOKEN, r#"{"isInternal": true}"#));
    bad("in JSON, escaped", json(TOKEN, r#"{"\u0069sinternal": true}"#));
    all
}

#[test]
fn the_door_is_open_without_the_rules() {
    let nginx = Nginx::start("");
    for (name, request) in evasions().into_iter().take(5) {
        assert_eq!(nginx.ask(&request), 200, "{name}");
    }
}

#[test]
fn nobody_gets_past_the_rules_and_everybody_else_does() {
    let rules = format!("modsecurity_rules '\n{}\n';\n", rendered());
    let recommended = format!("modsecurity_rules_file {RECOMMENDED};\n");
    // Versions of the controller put the rules in place of the recommended configuration, before it, or behind it.
    for (place, config) in [
        ("alone", rules.clone()),
        ("before", format!("{rules}{recommended}")),
        ("behind", format!("{recommended}{rules}")),
    ] {
        let nginx = Nginx::start(&config);
        let refused: Vec<String> =
            good().into_iter().filter(|(_, request)| nginx.ask(request) != 200).map(|(name, _)| name).collect();
        assert!(refused.is_empty(), "{place}: refused {refused:?}");
        let passed: Vec<String> = evasions()
            .into_iter()
            .filter(|(_, request)| !matches!(nginx.ask(request), 400 | 403))
            .map(|(name, _)| name)
            .collect();
        assert!(passed.is_empty(), "{place}: let through {passed:#?}");
        let log = fs::read_to_string(nginx.folder.path().join("log")).unwrap();
        let told = log.lines().find(|line| line.contains("eGov%40"));
        assert_eq!(told, None, "{place}: a password stands in the log");
    }
}
