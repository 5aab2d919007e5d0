//! The level of a raw log line, from the ways of writing it that occur in DIGIT: Spring, logback, log4j, JSON, klog,
//! nginx, Flyway, PostgreSQL, logfmt and a few more.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::line::Level;

/// The level that a line tells, without colours; `None` if it tells none, as the lines of a stack trace do: then the
/// level of the line before it from the same source is right, and [`Level::Info`] if there was none.
pub fn guess(text: &str) -> Option<Level> {
    let trimmed = text.trim_start();
    if trimmed.starts_with('{') {
        return json(trimmed);
    }
    klog(text).or_else(|| logfmt(text)).or_else(|| access_log(text)).or_else(|| word(text)).or_else(|| outcry(trimmed))
}

fn of_word(word: &str) -> Option<Level> {
    Some(match word.to_ascii_lowercase().as_str() {
        "error" | "err" | "fatal" | "panic" | "severe" | "critical" | "crit" | "emerg" | "alert" | "dpanic" => {
            Level::Error
        }
        "warn" | "warning" => Level::Warning,
        "info" | "notice" | "log" | "information" | "detail" | "hint" | "statement" | "config" => Level::Info,
        "debug" | "trace" | "fine" | "finer" | "finest" | "verbose" => Level::Debug,
        _ => return None,
    })
}

fn json(text: &str) -> Option<Level> {
    let Value::Object(fields) = serde_json::from_str(text).ok()? else { return None };
    let names = ["level", "severity", "log.level", "lvl", "@l", "loglevel", "levelname"];
    match names.iter().find_map(|name| fields.get(*name))? {
        Value::String(word) => of_word(word.trim()),
        // Pino's and bunyan's numbers.
        Value::Number(n) => Some(match n.as_u64()? {
            0..30 => Level::Debug,
            30..40 => Level::Info,
            40..50 => Level::Warning,
            _ => Level::Error,
        }),
        _ => None,
    }
}

/// `E1124 22:00:00.000000       1 file.go:12] text`
fn klog(text: &str) -> Option<Level> {
    static FORM: LazyLock<Option<Regex>> =
        LazyLock::new(|| regex(r"^([EFWID])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [^ ]+:\d+\]"));
    Some(match FORM.as_ref()?.captures(text)?.get(1)?.as_str() {
        "E" | "F" => Level::Error,
        "W" => Level::Warning,
        "I" => Level::Info,
        _ => Level::Debug,
    })
}

/// `time=… level=error msg=…`
fn logfmt(text: &str) -> Option<Level> {
    static FORM: LazyLock<Option<Regex>> =
        LazyLock::new(|| regex(r#"(?:^|[ \t])(?:level|lvl|severity)="?([A-Za-z]+)\b"#));
    of_word(FORM.as_ref()?.captures(text)?.get(1)?.as_str())
}

/// `10.0.0.1 - - [24/Nov/2026:22:00:00 +0000] "GET / HTTP/1.1" 502 …`
fn access_log(text: &str) -> Option<Level> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r#"^\S+ \S+ \S+ \[[^\]]+\] "[^"]*" (\d)\d\d "#));
    Some(if FORM.as_ref()?.captures(text)?.get(1)?.as_str() == "5" { Level::Error } else { Level::Info })
}

/// A level in capitals or in brackets, at the beginning or after a time: `2026-11-24 22:00:00.123  INFO 1 --- [main]`,
/// `[2026-11-24 22:00:00,123] WARN [x]`, `2026/11/24 22:00:00 [error] 29#29:`, `ERROR: Migration failed`.
fn word(text: &str) -> Option<Level> {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        regex(concat!(
            r"^(?:[^A-Za-z]*\d\d:\d\d.{0,80}?|[\[( ]*)",
            r"(?:\b(ERROR|FATAL|PANIC|SEVERE|CRITICAL|WARN|WARNING|INFO|NOTICE|LOG|DETAIL|HINT|STATEMENT|CONFIG|DEBUG|TRACE",
            r"|FINE|FINER|FINEST)\b",
            r"|\[ *(?i:(emerg|alert|crit|critical|error|err|fatal|warn|warning|notice|info|debug|trace)) *\])",
        ))
    });
    // A `T` between date and time is no letter of a word.
    static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"\b(\d{4}-\d\d-\d\d)T(\d\d:\d\d)"));
    let head = &text[..text.floor_char_boundary(200)];
    let head = DATE.as_ref()?.replace(head, "$1 $2");
    let found = FORM.as_ref()?.captures(&head)?;
    of_word(found.get(1).or(found.get(2))?.as_str())
}

/// What programs write in their last breath.
fn outcry(text: &str) -> Option<Level> {
    const ERRORS: [&str; 9] = [
        "Exception in thread ",
        "Caused by: ",
        "Traceback (most recent call last)",
        "panic: ",
        "fatal: ",
        "npm ERR!",
        "java.lang.OutOfMemoryError",
        "Error: ",
        "error: ",
    ];
    const WARNINGS: [&str; 3] = ["Warning: ", "warning: ", "npm WARN"];
    let begins = |with: &[&str]| with.iter().any(|w| text.starts_with(w));
    if begins(&ERRORS) {
        Some(Level::Error)
    } else if begins(&WARNINGS) {
        Some(Level::Warning)
    } else {
        None
    }
}

/// The forms are fixed and tried by the table below, so `None` never happens; it only saves an unwrap.
fn regex(form: &str) -> Option<Regex> {
    Regex::new(form).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_of_lines() {
        use Level::*;
        for (line, level) in [
            // Spring Boot 1, 2 and 3
            ("2026-11-24 22:01:02.123  INFO 1 --- [           main] org.egov.Main   : Started", Some(Info)),
            (
                "2026-11-24T22:01:02.123Z ERROR 1 --- [main] o.s.boot.SpringApplication : Application run failed",
                Some(Error),
            ),
            (
                "2026-11-24T22:01:02.123+05:30  WARN 1 --- [pool-1-thread-1] c.z.h.HikariDataSource : ERROR in text",
                Some(Warning),
            ),
            ("2026-11-24 22:01:02,123 DEBUG [http-nio-8080-exec-1] c.e.Filter - x", Some(Debug)),
            // logback without a date, log4j, Kafka, Elasticsearch, zap
            ("22:01:02.123 [main] ERROR org.egov.Main - failed", Some(Error)),
            ("[2026-11-24 22:01:02,123] WARN [Controller id=1] Broker lost (kafka.controller)", Some(Warning)),
            ("[2026-11-24T22:01:02,123][WARN ][o.e.c.r.a.DiskThresholdMonitor] [es-0] high disk", Some(Warning)),
            ("2026-11-24T22:01:02.123Z\tERROR\tcontroller/x.go:3\tfailed", Some(Error)),
            ("2026-11-24 22:01:02 - root - CRITICAL - x", Some(Error)),
            ("ERROR:root:x", Some(Error)),
            // JSON
            (r#"{"level":"warn","ts":1,"msg":"ERROR"}"#, Some(Warning)),
            (r#"{"@timestamp":"x","log.level":"ERROR","message":"m"}"#, Some(Error)),
            (r#"{"severity":"INFO"}"#, Some(Info)),
            (r#"{"level":50,"msg":"pino"}"#, Some(Error)),
            (r#"{"level":30,"msg":"pino"}"#, Some(Info)),
            (r#"{"ERROR": "no level"}"#, None),
            (r#"{"not json"#, None),
            // klog
            ("I1124 22:01:02.123456       1 main.go:12] starting", Some(Info)),
            ("W1124 22:01:02.123456       1 reflector.go:533] failed to list", Some(Warning)),
            ("E1124 22:01:02.123456  123456 leaderelection.go:330] error", Some(Error)),
            ("F1124 22:01:02.123456       1 x.go:1] gone", Some(Error)),
            // nginx
            ("2026/11/24 22:01:02 [error] 29#29: *1 connect() failed", Some(Error)),
            ("2026/11/24 22:01:02 [warn] 29#29: buffered", Some(Warning)),
            ("2026/11/24 22:01:02 [notice] 1#1: start worker process 29", Some(Info)),
            ("2026/11/24 22:01:02 [emerg] 1#1: host not found in upstream", Some(Error)),
            (r#"10.0.0.1 - - [24/Nov/2026:22:01:02 +0000] "GET /ERROR HTTP/1.1" 200 612 "-""#, Some(Info)),
            (r#"10.0.0.1 - - [24/Nov/2026:22:01:02 +0000] "POST /x HTTP/1.1" 502 150 "-""#, Some(Error)),
            (r#"10.0.0.1 - - [24/Nov/2026:22:01:02 +0000] "POST /x HTTP/1.1" 404 150 "-""#, Some(Info)),
            // Flyway
            ("ERROR: Migration of schema \"public\" to version 2017 failed!", Some(Error)),
            ("WARNING: Flyway upgrade recommended", Some(Warning)),
            ("INFO: Successfully applied 3 migrations", Some(Info)),
            ("DEBUG: Scanning", Some(Debug)),
            ("Successfully validated 12 migrations", None),
            // PostgreSQL
            ("2026-11-24 22:01:02.123 UTC [1] LOG:  database system is ready", Some(Info)),
            ("2026-11-24 22:01:02.123 UTC [77] FATAL:  password authentication failed", Some(Error)),
            ("2026-11-24 22:01:02.123 UTC [77] STATEMENT:  select 'ERROR'", Some(Info)),
            // logfmt
            (r#"time="2026-11-24T22:01:02Z" level=error msg="x""#, Some(Error)),
            ("ts=2026-11-24T22:01:02Z caller=x.go level=info msg=ERROR", Some(Info)),
            ("t=1 lvl=warn msg=x", Some(Warning)),
            // last breaths and stack traces
            ("Exception in thread \"main\" java.lang.NullPointerException", Some(Error)),
            ("Caused by: java.net.ConnectException: Connection refused", Some(Error)),
            ("\tat org.egov.Main.main(Main.java:12)", None),
            ("panic: runtime error: index out of range", Some(Error)),
            ("npm ERR! code ELIFECYCLE", Some(Error)),
            ("Error: Cannot find module 'x'", Some(Error)),
            // words are not levels everywhere
            ("the last request had no ERROR", None),
            ("INFORMATION_SCHEMA is read", None),
            ("[main] something", None),
            ("", None),
            ("नमस्ते", None),
        ] {
            assert_eq!(guess(line), level, "{line}");
        }
    }
}
