//! A million lines of 120 bytes: how long the first search for a text takes, how long the next page of it, and how much memory the
//! open store wants. The bench itself demands the figures that a person does not notice.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may")]

use std::time::{Duration, Instant};

use logs::{Anchor, Filter, Level, Log, LogLine, Options};

const LINES: u32 = 1_000_000;
const LENGTH: usize = 120;
/// A first search, in a store that is open, for what some lines hold or none.
const SEARCH: Duration = Duration::from_millis(50);
/// The same for what stands in every line, so that each is looked at by itself.
const EVERYWHERE: Duration = Duration::from_millis(100);
/// Memory of the open store with two views, in MB.
const MEMORY: u64 = 150;

fn line(n: u32) -> LogLine {
    let level = if n.is_multiple_of(1000) { Level::Error } else { Level::Info };
    let text = format!("2026-11-24 22:01:02.123  INFO 1 --- [main] org.egov.Main : request {n} done");
    let at = jiff::Timestamp::UNIX_EPOCH;
    LogLine { level, source: format!("service-{}", n % 40), at, step: None, text: format!("{text:.<LENGTH$}") }
}

/// What the process holds, in MB; `None`: this system does not say.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? / 1024)
}

fn main() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Options { total: 1 << 30, ..Options::default() }).unwrap();
    log.append_all((0..LINES).map(line)).unwrap();
    log.flush().unwrap();
    drop(log);

    let before = memory();
    let began = Instant::now();
    let log = Log::read_only(dir.path()).unwrap();
    let opened = began.elapsed();
    let all = log.page(&Filter::default(), Anchor::End, 50).unwrap();
    assert_eq!(all.total, u64::from(LINES));

    let mut said = Vec::new();
    let mut late = Vec::new();
    // Hardly ever, now and then, never, always, and what stands in every line beside its text.
    for (text, hits, within) in [
        ("REQUEST 99999", 11, SEARCH),
        ("request 99", 11_111, SEARCH),
        ("nowhere", 0, SEARCH),
        ("done", LINES, EVERYWHERE),
        ("service", 0, EVERYWHERE),
    ] {
        let filter = Filter { text: text.to_owned(), ..Filter::default() };
        let began = Instant::now();
        let page = log.page(&filter, Anchor::End, 50).unwrap();
        let took = began.elapsed();
        assert_eq!(page.total, u64::from(hits), "{text}");
        late.extend((took > within).then(|| format!("{text:?} took {took:?}")));
        said.push(format!("{text:?} {} ms", took.as_millis()));
    }
    let filter = Filter { text: "done".to_owned(), ..Filter::default() };
    log.page(&filter, Anchor::End, 50).unwrap();
    let began = Instant::now();
    log.page(&filter, Anchor::Index(500_000), 50).unwrap();
    log.page(&Filter::default(), Anchor::End, 0).unwrap();
    let again = began.elapsed();
    let grown = memory().zip(before).map(|(now, before)| now.saturating_sub(before));
    println!(
        "bench: a log of 1,000,000 lines of 120 bytes: opened in {} ms; first search for {}; the next page with the counts {} ms; \
         memory {}",
        opened.as_millis(),
        said.join(", "),
        again.as_millis(),
        grown.map_or_else(|| "not known".to_owned(), |grown| format!("+{grown} MB"))
    );
    assert!(late.is_empty(), "{late:?}");
    assert!(grown.is_none_or(|grown| grown <= MEMORY), "{grown:?} MB");
}
