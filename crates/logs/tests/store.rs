//! The store on a real disk.

#![allow(clippy::unwrap_used)]

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use logs::*;
use proptest::prelude::*;

fn line(level: Level, source: &str, text: &str) -> LogLine {
    LogLine { level, source: source.to_owned(), at: Timestamp::UNIX_EPOCH, step: None, text: text.to_owned() }
}

fn all(log: &Log) -> Vec<Numbered> {
    log.page(&Filter::default(), Anchor::Index(0), usize::MAX).unwrap().lines
}

fn texts(lines: &[Numbered]) -> Vec<&str> {
    lines.iter().map(|l| l.line.text.as_str()).collect()
}

fn small(segment: u64, total: u64) -> Options {
    Options { segment, total, ..Options::default() }
}

#[test]
fn lines_are_read_at_once_and_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Options::default()).unwrap();
    let mut first = line(Level::Error, "egov-user", "a \"quoted\" \\ line\nof two");
    first.step = Some("release:egov-user".to_owned());
    log.append(first.clone()).unwrap();
    log.append(line(Level::Info, "cluster", "नमस्ते")).unwrap();
    let read = all(&log);
    assert_eq!(read[0], Numbered { no: 0, line: first });
    drop(log);
    let log = Log::open(dir.path(), Options::default()).unwrap();
    assert_eq!(all(&log), read);
    assert_eq!(log.sources(), ["egov-user", "cluster"]);
}

#[test]
fn secrets_go_before_anything_is_cut_or_written() {
    let dir = tempfile::tempdir().unwrap();
    let redact: Redact = Arc::new(|text| Cow::Owned(text.replace("hunter2hunter2", "***")));
    let log = Log::open(dir.path(), Options { line: 20, redact, ..Options::default() }).unwrap();
    log.append(line(Level::Info, "s", "password=\x1b[31mhunter2\x1b[0mhunter2 and more and more")).unwrap();
    assert_eq!(texts(&all(&log)), ["password=*** and mor …+10"]);
    let on_disk = std::fs::read_to_string(dir.path().join("000000000000.jsonl")).unwrap();
    assert!(!on_disk.contains("hunter2"));
}

#[test]
fn old_files_go_and_numbers_stay() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small(1000, 3000)).unwrap();
    for n in 0..200 {
        log.append(line(Level::Info, "s", &format!("line {n}"))).unwrap();
    }
    let dropped = log.dropped();
    assert!(dropped > 100 && log.size() <= 4000, "{dropped} {}", log.size());
    let page = log.page(&Filter::default(), Anchor::Index(0), 1).unwrap();
    assert_eq!((page.lines[0].no, page.dropped, page.total, page.end), (dropped, dropped, 200 - dropped, 200));
    assert_eq!(page.lines[0].line.text, format!("line {dropped}"));
    drop(log);
    let log = Log::open(dir.path(), small(1000, 3000)).unwrap();
    assert_eq!(log.dropped(), dropped);
    log.append(line(Level::Info, "s", "next")).unwrap();
    assert_eq!(all(&log).last().unwrap().no, 200);
}

#[test]
fn a_view_that_was_asked_before_forgets_what_was_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small(1000, 3000)).unwrap();
    let filter = Filter { text: "LINE".into(), ..Filter::default() };
    for n in 0..200 {
        log.append(line(Level::Info, "s", &format!("line {n}"))).unwrap();
        let page = log.page(&filter, Anchor::Index(0), 1).unwrap();
        assert_eq!((page.total, page.counts.info), (n + 1 - page.dropped, n + 1 - page.dropped));
        assert_eq!(page.lines[0].no, page.dropped);
    }
}

#[test]
fn windows_count_levels_that_are_not_chosen() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Options::default()).unwrap();
    for n in 0..100 {
        let level = [Level::Error, Level::Warning, Level::Info, Level::Debug][n % 4];
        log.append(line(level, if n % 2 == 0 { "even" } else { "odd" }, &format!("Straße {n}"))).unwrap();
    }
    let filter = Filter { levels: [Level::Error].into(), sources: ["even".to_owned()].into(), text: "STRASSE".into() };
    assert_eq!(log.page(&filter, Anchor::End, 10).unwrap().total, 0);
    let filter = Filter { text: "sTRAßE".into(), ..filter };
    let page = log.page(&filter, Anchor::Index(20), 3).unwrap();
    assert_eq!((page.first, page.total), (20, 25));
    assert_eq!(page.counts, Counts { error: 25, warning: 0, info: 25, debug: 0 });
    assert_eq!(texts(&page.lines), ["Straße 80", "Straße 84", "Straße 88"]);
    let page = log.page(&filter, Anchor::Line(82), 1).unwrap();
    assert_eq!((page.first, page.lines[0].no), (21, 84));
    let page = log.page(&filter, Anchor::End, 2).unwrap();
    assert_eq!((page.first, texts(&page.lines)), (23, vec!["Straße 92", "Straße 96"]));
    let page = log.page(&filter, Anchor::Index(1000), 2).unwrap();
    assert_eq!((page.first, page.lines.len()), (25, 0));
}

#[test]
fn many_may_write_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), small(20_000, u64::MAX)).unwrap();
    std::thread::scope(|s| {
        for t in 0..8 {
            let log = log.clone();
            s.spawn(move || {
                for n in 0..500 {
                    log.append(line(Level::Info, &format!("t{t}"), &format!("{n}"))).unwrap();
                    if n % 100 == 0 {
                        log.page(&Filter { text: "9".into(), ..Filter::default() }, Anchor::End, 5).unwrap();
                    }
                }
            });
        }
    });
    for t in 0..8 {
        let filter = Filter { sources: [format!("t{t}")].into(), ..Filter::default() };
        let page = log.page(&filter, Anchor::Index(0), 1000).unwrap();
        let expected: Vec<String> = (0..500).map(|n| n.to_string()).collect();
        assert_eq!(texts(&page.lines), expected);
    }
}

#[test]
fn another_process_reads_while_this_one_writes() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs");
    let reader = Log::read_only(&path).unwrap();
    assert_eq!(all(&reader), []);
    let log = Log::open(&path, small(300, 2000)).unwrap();
    for n in 0..50 {
        log.append(line(Level::Info, "s", &n.to_string())).unwrap();
        log.flush().unwrap();
        reader.refresh().unwrap();
        assert_eq!(all(&reader), all(&log));
    }
    assert!(reader.dropped() > 0);
    assert_eq!(reader.append(line(Level::Info, "s", "x")).unwrap_err().code(), "log-read-only");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_gets_each_line_once() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Options::default()).unwrap();
    log.append(line(Level::Info, "s", "before")).unwrap();
    let filter = Filter { levels: [Level::Error].into(), ..Filter::default() };
    let mut follow = log.follow(filter, 1);
    let writer = std::thread::spawn(move || {
        for n in 0..300 {
            let level = if n % 3 == 0 { Level::Error } else { Level::Info };
            log.append(line(level, "s", &n.to_string())).unwrap();
        }
    });
    let mut seen = Vec::new();
    while seen.len() < 100 {
        seen.extend(follow.next(7).await.unwrap());
    }
    writer.join().unwrap();
    let expected: Vec<String> = (0..300).step_by(3).map(|n| n.to_string()).collect();
    assert_eq!(texts(&seen), expected);
}

#[test]
fn an_export_is_plain_text() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Options::default()).unwrap();
    for n in 0..4500 {
        log.append(line(if n % 2 == 0 { Level::Warning } else { Level::Debug }, "egov-user", &format!("n{n}")))
            .unwrap();
    }
    let mut text = Vec::new();
    let filter = Filter { levels: [Level::Warning].into(), ..Filter::default() };
    assert_eq!(log.export(&filter, &mut text).unwrap(), 2250);
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("1970-01-01T00:00:00Z WARN  egov-user n0\n1970-01-01T00:00:00Z WARN  egov-user n2\n"));
    assert_eq!(text.lines().count(), 2250);
}

#[test]
fn lines_wait_in_memory_while_they_cannot_be_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("logs");
    let log = Log::open(&path, Options::default()).unwrap();
    std::fs::remove_dir(&path).unwrap();
    log.append(line(Level::Info, "s", "waits")).unwrap();
    assert_eq!(log.flush().unwrap_err().code(), "log-file");
    assert_eq!(log.page(&Filter::default(), Anchor::End, 9).unwrap().total, 0);
    let big = "x".repeat(10_000);
    for _ in 0..500 {
        log.append(line(Level::Info, "s", &big)).unwrap();
    }
    let lost = log.lost();
    assert!(lost > 50, "{lost}");
    std::fs::create_dir(&path).unwrap();
    log.flush().unwrap();
    let page = log.page(&Filter { text: "waits".into(), ..Filter::default() }, Anchor::End, 9).unwrap();
    assert_eq!(texts(&page.lines), ["waits"]);
    assert_eq!(log.page(&Filter::default(), Anchor::End, 1).unwrap().total, 501 - lost);
}

#[test]
fn a_million_lines_are_searched_and_paged() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(dir.path(), Options::default()).unwrap();
    let lines = |n: u32| {
        let level = if n.is_multiple_of(1000) { Level::Error } else { Level::Info };
        line(
            level,
            "egov-user",
            &format!("2026-11-24 22:01:02.123  INFO 1 --- [main] org.egov.Main : request {n} done"),
        )
    };
    log.append_all((0..1_000_000).map(lines)).unwrap();
    let filter = Filter { text: "REQUEST 999".into(), ..Filter::default() };
    let page = log.page(&filter, Anchor::End, 50).unwrap();
    assert_eq!((page.total, page.lines[49].no), (1111, 999_999));
    // What was searched stays: the files may be gone, and only what was added is looked at.
    log.flush().unwrap();
    let (away, kept) = (dir.path().join("away"), dir.path().join("000000000000.jsonl"));
    std::fs::rename(&kept, &away).unwrap();
    log.append(lines(999_000)).unwrap();
    // Whoever counts all lines in between takes nothing from it.
    assert_eq!(log.page(&Filter::default(), Anchor::End, 0).unwrap().total, 1_000_001);
    let page = log.page(&filter, Anchor::Index(500), 50).unwrap();
    assert_eq!((page.total, page.lines.len(), page.counts.error), (1112, 50, 2));
    std::fs::rename(&away, &kept).unwrap();
}

/// What the store must do, done simply.
fn model(lines: &[Numbered], filter: &Filter) -> Vec<Numbered> {
    let is_in = |l: &&Numbered| {
        (filter.levels.is_empty() || filter.levels.contains(&l.line.level))
            && (filter.sources.is_empty() || filter.sources.contains(&l.line.source))
            && l.line.text.to_lowercase().contains(&filter.text.to_lowercase())
    };
    lines.iter().filter(is_in).cloned().collect()
}

fn level() -> impl Strategy<Value = Level> {
    prop_oneof![Just(Level::Error), Just(Level::Warning), Just(Level::Info), Just(Level::Debug)]
}

fn filter() -> impl Strategy<Value = Filter> {
    let sources = proptest::collection::btree_set("[abc]", 0..3);
    (proptest::collection::btree_set(level(), 0..3), sources, "[ab\"]{0,2}").prop_map(|(levels, sources, text)| {
        Filter { levels: levels.into_iter().collect::<BTreeSet<_>>(), sources, text }
    })
}

fn last_file(dir: &Path) -> std::path::PathBuf {
    std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).max().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_window_is_what_filtering_all_lines_gives(
        lines in proptest::collection::vec((level(), "[abc]", "[aAbB\"\\\\,:]{0,12}"), 1..60),
        filters in proptest::collection::vec((filter(), 0..70u64, 0..20usize), 1..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(dir.path(), small(700, u64::MAX)).unwrap();
        let (early, late) = lines.split_at(lines.len() / 2);
        for part in [early, late] {
            for (level, source, text) in part {
                log.append(line(*level, source, text)).unwrap();
            }
            let everything = all(&log);
            for (filter, at, limit) in &filters {
                let expected = model(&everything, filter);
                let page = log.page(filter, Anchor::Index(*at), *limit).unwrap();
                prop_assert_eq!(page.total, expected.len() as u64);
                let window: Vec<_> = expected.iter().skip(*at as usize).take(*limit).cloned().collect();
                prop_assert_eq!(page.lines, window);
                let from: Vec<_> = expected.iter().filter(|l| l.no >= *at).take(*limit).cloned().collect();
                prop_assert_eq!(log.since(filter, *at, *limit).unwrap(), from);
                let c = page.counts;
                let any_level = Filter { levels: BTreeSet::new(), ..filter.clone() };
                prop_assert_eq!((c.error + c.warning + c.info + c.debug) as usize, model(&everything, &any_level).len());
            }
        }
        prop_assert_eq!(all(&log).len(), lines.len());
        drop(log);
        let again = Log::open(dir.path(), small(700, u64::MAX)).unwrap();
        prop_assert_eq!(all(&again).len(), lines.len());
    }

    #[test]
    fn a_torn_last_line_is_healed(count in 1..30u64, cut in 0..200u64, zeros in 0..50usize) {
        let dir = tempfile::tempdir().unwrap();
        let log = Log::open(dir.path(), small(600, u64::MAX)).unwrap();
        for n in 0..count {
            log.append(line(Level::Info, "s", &format!("line {n}"))).unwrap();
        }
        let before = all(&log);
        drop(log);
        let path = last_file(dir.path());
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.truncate(bytes.len() - (cut as usize).min(bytes.len()));
        bytes.extend(std::iter::repeat_n(0, zeros));
        std::fs::write(&path, &bytes).unwrap();
        let log = Log::open(dir.path(), small(600, u64::MAX)).unwrap();
        let after = all(&log);
        prop_assert!(before.starts_with(&after));
        log.append(line(Level::Info, "s", "next")).unwrap();
        let mut expected = after.clone();
        expected.push(Numbered { no: after.len() as u64, line: line(Level::Info, "s", "next") });
        prop_assert_eq!(&all(&log), &expected);
        drop(log);
        prop_assert_eq!(&all(&Log::read_only(dir.path()).unwrap()), &expected);
    }
}
