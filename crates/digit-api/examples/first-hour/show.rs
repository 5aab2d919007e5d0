//! What is printed: a line a part and a check, or JSON.

use std::fmt::Display;
use std::io::Write as _;
use std::time::{Duration, Instant};

use cause::Cause;
use digit_api::acceptance::{Acceptance, Check, Outcome};
use digit_api::{Done, Error, How, News};
use serde::Serialize;
use serde_json::{Value, json};

/// Prints, and knows since when.
pub(crate) struct Show {
    json: bool,
    began: Instant,
}

impl Show {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, began: Instant::now() }
    }

    fn line(&self, value: &Value, text: &str) {
        if self.json { print(value) } else { print(&text) }
    }

    pub(crate) fn news(&self, news: &News) {
        if self.json {
            print(&json!({"news": news}));
        }
    }

    pub(crate) fn done(&self, done: &Done, took: Duration) {
        let counts =
            if done.how == How::NotWanted { String::new() } else { format!("{} of {}", done.found, done.wanted) };
        let text = format!("{}  {:<20} {:<11} {counts}", seconds(took), name(&done.part), name(&done.how));
        self.line(&json!({"done": done, "took-ms": took.as_millis() as u64}), text.trim_end());
        for note in &done.notes {
            self.note(note);
        }
    }

    fn note(&self, note: &Cause) {
        if !self.json {
            print(&format_args!("            {}", shown(note)));
        }
    }

    pub(crate) fn check(&self, check: &Check) {
        let (how, more) = match &check.outcome {
            Outcome::Passed(data) => {
                ("passed", data.iter().map(|(n, v)| format!("{n}={v}")).collect::<Vec<_>>().join(" "))
            }
            Outcome::Failed { cause, remedy } => {
                ("FAILED", format!("{} -> {} ({})", shown(cause), name(remedy), check.at))
            }
            Outcome::NotTried(because) => ("not tried", name(because)),
        };
        let text =
            format!("{}  {:<20} {how:<11} {more}", seconds(Duration::from_millis(check.took_ms)), name(&check.code));
        self.line(&json!({"check": check}), text.trim_end());
    }

    pub(crate) fn error(&self, error: &Error) {
        let (cause, remedy) = (error.cause(), error.remedy());
        let text = format!("{}  {} -> {}", seconds(self.began.elapsed()), shown(&cause), name(&remedy));
        self.line(&json!({"error": {"cause": cause, "remedy": remedy}, "verdict": "does-not-work"}), &text);
    }

    pub(crate) fn end(&self, acceptance: &Acceptance) {
        for note in &acceptance.notes {
            self.note(note);
        }
        let text = format!("{}  {}", seconds(self.began.elapsed()), name(&acceptance.verdict));
        self.line(&json!({"verdict": acceptance.verdict, "notes": acceptance.notes}), &text);
    }
}

fn seconds(took: Duration) -> String {
    format!("{:>8.2} s", took.as_secs_f64())
}

fn shown(cause: &Cause) -> String {
    let args = cause.args.iter().map(|(name, value)| format!(" {name}={value:?}"));
    format!("{}{}", cause.code, args.collect::<String>())
}

/// How a value is written in JSON: its name.
fn name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(name)) => name,
        Ok(Value::Null) | Err(_) => "-".to_owned(),
        Ok(other) => other.to_string(),
    }
}

/// A line. Whoever reads may stop reading: what is done goes on all the same.
fn print(line: &dyn Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
