//! How the client speaks, against small servers that answer what they are told to.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use digit_api::seed::Message;
use digit_api::user::{SignIn, UserType};
use digit_api::{Address, Addresses, Client, LARGEST_BODY, Patience};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server that answers each request with the next of these; the last one again and again. Keeps what it was sent.
async fn server(answers: Vec<String>) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = seen.clone();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut text = Vec::new();
            let mut part = [0; 8192];
            loop {
                let n = stream.read(&mut part).await.unwrap_or(0);
                text.extend_from_slice(&part[..n]);
                let whole = String::from_utf8_lossy(&text);
                let wanted = whole
                    .to_lowercase()
                    .split("content-length: ")
                    .nth(1)
                    .and_then(|l| l.split('\r').next()?.parse::<usize>().ok());
                let body = whole.split_once("\r\n\r\n").map(|(_, body)| body.len());
                // A greeting of TLS is no request: it is answered as it is.
                if n == 0
                    || !text.starts_with(b"P") && !text.starts_with(b"G") && !text.starts_with(b"C")
                    || body.is_some_and(|b| b >= wanted.unwrap_or(0))
                {
                    break;
                }
            }
            let nth = {
                let mut kept = kept.lock().unwrap();
                kept.push(String::from_utf8_lossy(&text).into_owned());
                kept.len() - 1
            };
            let _ = stream.write_all(answers[nth.min(answers.len() - 1)].as_bytes()).await;
        }
    });
    (address, seen)
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}connection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn client(gateway: &str, patience: Patience) -> Client {
    let gateway = Address::read(gateway).unwrap();
    let addresses = Addresses { web: gateway.clone(), user_service: Some(gateway.clone()), gateway };
    Client::new(addresses, patience, &|| reqwest::Client::builder().tls_certs_only([])).unwrap()
}

fn who() -> SignIn {
    SignIn {
        tenant: "pg.citya".to_owned(),
        user_name: "admin".to_owned(),
        password: "Hush@Hush77".to_owned().into(),
        user_type: UserType::Employee,
    }
}

#[tokio::test]
async fn no_token_and_no_password_follows_a_redirect() {
    let (elsewhere, seen) = server(vec![answer("200 OK", "", "{}")]).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let redirect = answer(status, &format!("location: {elsewhere}/user/oauth/token?a=Hush\r\n"), "");
        let (gateway, _) = server(vec![redirect]).await;
        let error = client(&gateway, common::patience()).sign_in(&who()).await.unwrap_err();
        assert_eq!(error.code(), "redirected-elsewhere", "{status}");
        assert_eq!(error.cause().args["between"], elsewhere, "its path and query may be secret");
    }
    assert!(seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_said_back_of_a_secret_is_blanked() {
    let echo = r#"{"Errors":[{"code":"X","message":"password Hush@Hush77 of admin is no good"}]}"#;
    let (gateway, _) = server(vec![answer("400 Bad Request", "", echo)]).await;
    let error = client(&gateway, common::patience()).sign_in(&who()).await.unwrap_err();
    assert!(!format!("{error} {error:?}").contains("Hush@"), "{error}");
    assert!(error.cause().args["said"].contains("password … of admin"), "{error}");
}

#[tokio::test]
async fn it_comes_again_when_it_is_told_to_and_not_before() {
    let token = r#"{"access_token":"t","UserRequest":{"roles":[{"code":"GRO","tenantId":"pg.citya"}]}}"#;
    let busy = answer("429 Too Many Requests", "retry-after: 1\r\n", "");
    let (gateway, seen) = server(vec![busy, answer("200 OK", "", token)]).await;
    let patience = Patience { longest_pause: Duration::from_secs(3), ..common::patience() };
    let began = Instant::now();
    client(&gateway, patience).sign_in(&who()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    assert_eq!(seen.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn wrong_tries_of_others_do_not_keep_the_right_password_out() {
    let fault =
        r#"{"error":"server_error","error_description":"because the return value of \"User.getId()\" is null"}"#;
    let fault = answer("500 Internal Server Error", "", fault);
    let (gateway, _) = server(vec![fault.clone(), answer("200 OK", "", r#"{"access_token":"t"}"#)]).await;
    client(&gateway, common::patience()).sign_in(&who()).await.unwrap();
    let (gateway, seen) = server(vec![fault]).await;
    let error = client(&gateway, common::patience()).sign_in(&who()).await.unwrap_err();
    assert_eq!((error.code(), seen.lock().unwrap().len()), ("fifth-wrong-password", 2));
}

#[tokio::test]
async fn a_call_that_is_no_search_is_made_once_whatever_is_answered() {
    for status in ["429 Too Many Requests", "502 Bad Gateway", "503 Service Unavailable", "500 Internal Server Error"] {
        let (gateway, seen) = server(vec![answer(status, "", "")]).await;
        let user = digit_api::user::NewUser {
            user_name: "x".to_owned(),
            name: "x".to_owned(),
            mobile_number: "0000000000".to_owned(),
            email: None,
            gender: None,
            user_type: UserType::Employee,
            password: "Hush@Hush77".to_owned().into(),
            roles: vec![],
            tenant: "pg".to_owned(),
        };
        client(&gateway, common::patience()).create_user(&user).await.unwrap_err();
        assert_eq!(seen.lock().unwrap().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn the_form_and_the_client_are_those_of_digits_own_pages() {
    let (gateway, seen) = server(vec![answer("200 OK", "", r#"{"access_token":"t"}"#)]).await;
    client(&gateway, common::patience()).sign_in(&who()).await.unwrap();
    let sent = seen.lock().unwrap()[0].clone();
    assert!(sent.starts_with("POST /user/oauth/token HTTP/1.1"), "{sent}");
    assert!(sent.to_lowercase().contains("authorization: basic zwdvdi11c2vylwnsawvuddo="), "{sent}");
    for field in [
        "grant_type=password",
        "scope=read",
        "username=admin",
        "password=Hush%40Hush77",
        "tenantId=pg.citya",
        "userType=EMPLOYEE",
    ] {
        assert!(sent.contains(field), "{field} in {sent}");
    }
    assert!(!sent.contains("isInternal"));
}

#[tokio::test]
async fn two_hundred_is_not_believed_without_what_it_must_hold() {
    for (body, code) in [
        ("{}", "answer-not-understood"),
        ("", "answer-not-understood"),
        ("[", "answer-not-understood"),
        ("<html><title>Welcome to the hotel</title></html>", "proxy-in-between"),
        (r#"{"ResponseInfo":{"status":"FAILED"},"Errors":[{"code":"X","message":"no"}]}"#, "answered-failed"),
        (r#"{"Errors":[{"code":"X","message":"no"}]}"#, "answer-not-understood"),
    ] {
        let (gateway, _) = server(vec![answer("200 OK", "", body)]).await;
        let error = client(&gateway, common::patience()).sign_in(&who()).await.unwrap_err();
        assert_eq!(error.code(), code, "{body}");
    }
}

#[tokio::test]
async fn a_proxy_is_named_by_what_it_says_of_itself() {
    let page = "<html><head><title>Blocked by policy</title></head></html>";
    let (gateway, _) =
        server(vec![answer("502 Bad Gateway", "via: 1.1 office-proxy\r\ncontent-type: text/html\r\n", page)]).await;
    let cause = client(&gateway, common::patience()).sign_in(&who()).await.unwrap_err().cause();
    assert_eq!(cause.code, "proxy-in-between");
    assert_eq!(
        (cause.args["between"].as_str(), cause.args["said"].as_str()),
        ("1.1 office-proxy", "Blocked by policy")
    );
    let (gateway, _) =
        server(vec![answer("407 Proxy Authentication Required", "proxy-authenticate: Basic realm=\"office\"\r\n", "")])
            .await;
    let cause = client(&gateway, common::patience()).sign_in(&who()).await.unwrap_err().cause();
    assert_eq!((cause.code.as_str(), cause.args["between"].as_str()), ("proxy-in-between", "Basic realm=\"office\""));
}

/// Whoever builds the client gives a proxy; loopback never goes through it.
#[tokio::test]
async fn loopback_goes_through_no_proxy() {
    let (proxy, through) = server(vec![answer("502 Bad Gateway", "", "")]).await;
    let (gateway, seen) = server(vec![answer("200 OK", "", r#"{"access_token":"t"}"#)]).await;
    let build = |address: &str| {
        let address = Address::read(address).unwrap();
        let addresses = Addresses { web: address.clone(), user_service: None, gateway: address };
        let builder = || reqwest::Client::builder().tls_certs_only([]).proxy(reqwest::Proxy::all(&proxy).unwrap());
        Client::new(addresses, common::patience(), &builder).unwrap()
    };
    build(&gateway).sign_in(&who()).await.unwrap();
    assert_eq!((seen.lock().unwrap().len(), through.lock().unwrap().len()), (1, 0));
    build("http://digit.invalid").sign_in(&who()).await.unwrap_err();
    assert!(!through.lock().unwrap().is_empty(), "what is elsewhere goes through it");
}

#[tokio::test]
async fn no_batch_comes_near_the_gateways_limit() {
    let long =
        |i| Message { module: "m".into(), locale: "l".into(), code: format!("C{i}"), message: "\u{1}".repeat(500) };
    let cut = digit_api::seed::batches("pg", &(0..300).map(long).collect::<Vec<_>>());
    // A control character takes six bytes in JSON.
    assert!(cut.len() > 1);
    for batch in cut {
        let bytes: usize = batch.messages.iter().map(|(code, text)| code.len() + text.len() * 6).sum();
        assert!(bytes < LARGEST_BODY - 60_000, "{bytes}");
    }
}

#[tokio::test]
async fn nobody_there_and_no_such_name_are_told_apart() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for (address, code) in
        [(format!("http://{free}"), "connection-refused"), ("http://digit.invalid".to_owned(), "address-unknown")]
    {
        let error = client(&address, common::patience()).sign_in(&who()).await.unwrap_err();
        assert_eq!(error.code(), code, "{address}: {error}");
    }
    // No TLS where it is expected.
    let (plain, _) = server(vec![answer("400 Bad Request", "", "")]).await;
    let error = client(&plain.replace("http:", "https:"), common::patience()).sign_in(&who()).await.unwrap_err();
    assert_eq!(error.code(), "certificate-not-trusted", "{error}");
}
