//! Downloads from a server on this machine that cuts, stalls, lies and refuses.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[path = "common/small.rs"]
mod small;

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use catalog::source::download::{Download, RetryLimits};
use catalog::source::{Limits, Progress, SourceSpec, read};
use catalog::{Error, combinations, is_data_at_hand, open_data, source};

/// How the server answers one request.
#[derive(Clone)]
enum Answer {
    /// With everything, or with the rest if a range of the tagged bytes was asked for.
    Whole,
    /// As `Whole`, but the connection ends after that many bytes.
    Cut(usize),
    /// As `Whole`, but nothing comes after that many bytes.
    Stall(usize),
    /// Everything from the first byte, whatever was asked for, and without a tag.
    Plain,
    /// Says that there are fewer bytes than there are.
    Short,
    /// Other bytes.
    Other(Vec<u8>),
    /// A status with a `Retry-After`.
    Status(u16, Option<u32>),
    /// The connection ends before any answer.
    Nothing,
}

struct Server {
    address: String,
    /// `Range` of each request, empty if it had none.
    ranges: Arc<Mutex<Vec<String>>>,
}

fn serve(bytes: Vec<u8>, answers: Vec<Answer>) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/{{repository}}/{{commit}}", listener.local_addr().unwrap());
    let ranges = Arc::new(Mutex::new(Vec::new()));
    let seen = ranges.clone();
    thread::spawn(move || {
        for answer in answers {
            let Ok((stream, _)) = listener.accept() else { return };
            let (bytes, seen) = (bytes.clone(), seen.clone());
            // A stalled connection must not hold up the next one.
            thread::spawn(move || respond(stream, &bytes, &answer, &seen));
        }
    });
    Server { address, ranges }
}

fn respond(mut stream: TcpStream, bytes: &[u8], answer: &Answer, seen: &Mutex<Vec<String>>) {
    let mut range = String::new();
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("range")
        {
            range = value.to_owned();
        }
    }
    seen.lock().unwrap().push(range.clone());
    let from: usize = range.strip_prefix("bytes=").and_then(|r| r.strip_suffix('-')?.parse().ok()).unwrap_or(0);
    let mut send = |head: String, body: &[u8]| {
        let _ = stream.write_all(format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").as_bytes());
        let _ = stream.write_all(body);
        let _ = stream.flush();
    };
    let rest = &bytes[from.min(bytes.len())..];
    let head = if from > 0 {
        let (last, all) = (bytes.len() - 1, bytes.len());
        format!(
            "206 Partial\r\nETag: \"one\"\r\nContent-Range: bytes {from}-{last}/{all}\r\nContent-Length: {}",
            rest.len()
        )
    } else {
        format!("200 OK\r\nETag: \"one\"\r\nContent-Length: {}", rest.len())
    };
    match answer {
        Answer::Whole => send(head, rest),
        Answer::Cut(after) => send(head, &rest[..*after]),
        Answer::Stall(after) => {
            send(head, &rest[..*after]);
            thread::sleep(Duration::from_secs(20));
        }
        Answer::Plain => send(format!("200 OK\r\nContent-Length: {}", bytes.len()), bytes),
        Answer::Short => send(format!("200 OK\r\nContent-Length: {}", bytes.len() / 2), bytes),
        Answer::Other(other) => send(format!("200 OK\r\nContent-Length: {}", other.len()), other),
        Answer::Status(status, after) => {
            let after = after.map(|s| format!("\r\nRetry-After: {s}")).unwrap_or_default();
            send(format!("{status} No{after}\r\nContent-Length: 0"), b"");
        }
        Answer::Nothing => {}
    }
}

struct Outcome {
    result: Result<(), Error>,
    ranges: Vec<String>,
    pauses: Vec<Duration>,
    progress: Vec<Progress>,
    left: Vec<String>,
}

fn files(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap().replace(small::NAME, "NAME"))
        .collect();
    names.sort();
    names
}

async fn download(cache: &std::path::Path, answers: Vec<Answer>) -> Outcome {
    let server = serve(small::archive(), answers);
    let pauses = Arc::new(Mutex::new(Vec::new()));
    let heard = pauses.clone();
    let download = Download {
        client: reqwest::Client::builder().no_proxy().build().unwrap(),
        template: server.address.clone(),
        cache: cache.to_owned(),
        retries: RetryLimits {
            tries: 4,
            pause: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            stall: Duration::from_millis(300),
        },
        sleep: Arc::new(move |pause| {
            heard.lock().unwrap().push(pause);
            Box::pin(async {})
        }),
    };
    let progress = Mutex::new(Vec::new());
    let result = read(&SourceSpec::Download(download), &small::pins(), Limits::default(), &|p| {
        progress.lock().unwrap().push(p);
    })
    .await
    .map(|trees| assert_eq!(trees.len(), 2));
    let ranges = server.ranges.lock().unwrap().clone();
    let pauses = pauses.lock().unwrap().clone();
    Outcome { result, ranges, pauses, progress: progress.into_inner().unwrap(), left: files(cache) }
}

#[tokio::test]
async fn an_archive_is_downloaded_once_and_then_kept() {
    let cache = tempfile::tempdir().unwrap();
    let first = download(cache.path(), vec![Answer::Whole]).await;
    first.result.unwrap();
    assert!(first.left.contains(&"NAME.tar.gz".to_owned()) && !first.left.contains(&"NAME.tar.gz.part".to_owned()));
    let all = small::archive().len() as u64;
    assert_eq!(first.progress.last(), Some(&Progress { done: all, total: Some(all), attempt: 1, attempts: 4 }));
    let again = download(cache.path(), vec![]).await;
    again.result.unwrap();
    assert!(again.ranges.is_empty());
    assert!(source::holds(cache.path(), &small::pins()));
}

#[tokio::test]
async fn a_kept_archive_that_was_changed_is_downloaded_again() {
    let cache = tempfile::tempdir().unwrap();
    fs::write(cache.path().join(format!("{}.tar.gz", small::NAME)), b"gone bad").unwrap();
    let outcome = download(cache.path(), vec![Answer::Whole]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.ranges, [""]);
}

#[tokio::test]
async fn a_download_that_is_cut_or_stalls_goes_on_where_it_stopped() {
    for broken in [Answer::Cut(5000), Answer::Stall(5000)] {
        let cache = tempfile::tempdir().unwrap();
        let outcome = download(cache.path(), vec![broken, Answer::Cut(3000), Answer::Whole]).await;
        outcome.result.unwrap();
        assert_eq!(outcome.ranges, ["", "bytes=5000-", "bytes=8000-"]);
        assert_eq!(outcome.pauses, [Duration::from_secs(1), Duration::from_secs(2)]);
        // Which attempt it is is told when the one before has failed, with what there is by then.
        let mut told: Vec<(u32, u64)> = outcome.progress.iter().map(|p| (p.attempt, p.done)).collect();
        told.dedup_by_key(|(attempt, _)| *attempt);
        assert!(matches!(told[..], [(1, _), (2, 5000), (3, 8000)]), "{told:?}");
    }
}

#[tokio::test]
async fn a_later_run_goes_on_as_well() {
    let cache = tempfile::tempdir().unwrap();
    let first =
        download(cache.path(), vec![Answer::Cut(100), Answer::Cut(100), Answer::Cut(100), Answer::Cut(100)]).await;
    let Error::Download { tries, status, .. } = first.result.unwrap_err() else { panic!() };
    assert_eq!((tries, status), (4, None));
    let second = download(cache.path(), vec![Answer::Whole]).await;
    second.result.unwrap();
    assert_eq!(second.ranges, ["bytes=400-"]);
}

#[tokio::test]
async fn without_a_tag_or_without_ranges_it_begins_again() {
    let cache = tempfile::tempdir().unwrap();
    let outcome = download(cache.path(), vec![Answer::Cut(5000), Answer::Plain]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.ranges, ["", "bytes=5000-"]);
}

#[tokio::test]
async fn a_lie_about_the_length_is_found_out_and_tried_again() {
    let cache = tempfile::tempdir().unwrap();
    let outcome = download(cache.path(), vec![Answer::Short, Answer::Whole]).await;
    outcome.result.unwrap();
    assert_eq!(outcome.ranges, ["", ""]);
    let always = download(tempfile::tempdir().unwrap().path(), vec![Answer::Short; 4]).await;
    assert_eq!(always.result.unwrap_err().code(), "download-failed");
    assert_eq!(always.left, [""; 0], "nothing that is half is kept");
}

#[tokio::test]
async fn a_busy_server_is_asked_again_after_the_time_it_names() {
    let cache = tempfile::tempdir().unwrap();
    let answers = vec![Answer::Status(429, Some(7)), Answer::Status(503, Some(3600)), Answer::Nothing, Answer::Whole];
    let outcome = download(cache.path(), answers).await;
    outcome.result.unwrap();
    let seconds: Vec<u64> = outcome.pauses.iter().map(Duration::as_secs).collect();
    assert_eq!(seconds, [7, 30, 30]);
}

#[tokio::test]
async fn a_server_that_stays_busy_gives_its_last_status() {
    let outcome = download(tempfile::tempdir().unwrap().path(), vec![Answer::Status(503, None); 4]).await;
    let Error::Download { status, tries, url, .. } = outcome.result.unwrap_err() else { panic!() };
    assert_eq!((status, tries), (Some(503), 4));
    assert!(url.ends_with("/repo/0123456789012345678901234567890123456789"), "{url}");
}

#[tokio::test]
async fn what_is_wrong_is_not_asked_for_again() {
    let other = small::entry(&format!("{}/charts/c.txt", small::NAME), tar::EntryType::Regular, "", b"c");
    for (answer, code) in [
        (Answer::Status(404, None), "download-failed"),
        (Answer::Other(small::archive_with(&[other])), "wrong-hash"),
        (
            Answer::Other(small::archive_with(&[small::entry("../x", tar::EntryType::Regular, "", b"x")])),
            "archive-path",
        ),
    ] {
        let cache = tempfile::tempdir().unwrap();
        let outcome = download(cache.path(), vec![answer, Answer::Whole]).await;
        assert_eq!(outcome.result.unwrap_err().code(), code);
        assert_eq!(outcome.ranges.len(), 1);
        assert_eq!(outcome.left, [""; 0], "{code}: nothing that is wrong is kept");
    }
}

#[tokio::test]
async fn master_data_and_configuration_are_downloaded_verified_and_kept() {
    let combinations::Origin::Pinned { data, .. } = combinations::DIGIT.origin else { panic!() };
    let archive = |pin: combinations::Pin| {
        Answer::Other(fs::read(common::digit().join(format!("{}.tar.gz", pin.source_name()))).unwrap())
    };
    let cache = tempfile::tempdir().unwrap();
    let open = async |answers: Vec<Answer>| {
        let server = serve(Vec::new(), answers);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let download = Download { template: server.address, ..Download::github(client, cache.path().to_owned()) };
        open_data(&combinations::DIGIT, &SourceSpec::Download(download), &|_| {}).await
    };
    // One for the other: it is not what was pinned, and is not kept.
    let error = open(vec![archive(data.configuration)]).await.unwrap_err();
    assert_eq!(error.code(), "source-path-missing");
    assert!(!is_data_at_hand(&combinations::DIGIT, cache.path()));
    assert!(open(vec![archive(data.masters), archive(data.configuration)]).await.unwrap().is_some());
    assert!(is_data_at_hand(&combinations::DIGIT, cache.path()));
    // Nobody is asked again.
    assert!(open(Vec::new()).await.unwrap().is_some());
}
