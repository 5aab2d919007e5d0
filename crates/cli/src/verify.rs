//! `digit verify`: whether a DIGIT works, check by check.

use install::acceptance::{Acceptance, Because, Check, Outcome, Verdict};
use install::words::Words;
use install::{Verifying, read_text};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::args::Verify;
use crate::carry::confirm;
use crate::output::complain;
use crate::session::{Session, Trouble};

/// 0 only if it works.
pub(crate) async fn verify(session: &Session, asked: Verify) -> Result<u8, Trouble> {
    let path = asked.password_file;
    let text = read_text(&path).map_err(|error| Trouble::File { path, error })?;
    let what = Verifying {
        address: asked.address,
        user: asked.user,
        password: SecretString::from(text.lines().next().unwrap_or_default().to_owned()),
        state: asked.state,
        city: asked.city,
        read_only: asked.read_only,
    };
    drop(text);
    let origin = what.origin()?;
    if !what.read_only && !confirm(session, "cli-confirm-verify", &origin, asked.yes).await? {
        return Ok(4);
    }
    let tell = |check: &Check| {
        if asked.json {
            session.out.json(check);
        } else {
            session.out.line(&shown(&session.words, check));
        }
    };
    let looked = tokio::select! {
        looked = session.installer.verify(&what, &tell) => looked?,
        () = session.interrupted() => {
            complain(&session.words.text("cli-verify-cut-off", &[]));
            return Ok(130);
        }
    };
    if asked.json {
        session.out.json(&json!({ "verdict": looked.verdict, "notes": looked.notes }));
    } else {
        session.out.line(&end(&session.words, &looked, &origin));
    }
    Ok(u8::from(!matches!(looked.verdict, Verdict::Works | Verdict::WorksHere)))
}

/// The name of a code in the words: as it is written in JSON.
fn code(of: &impl serde::Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(Value::String(code)) => code,
        _ => String::new(),
    }
}

/// What follows the first line of a check stands below its name.
const BELOW: &str = "\n                  ";

/// A check with the time it took, and what stands in its way.
fn shown(words: &Words, check: &Check) -> String {
    let state = match &check.outcome {
        Outcome::Passed(_) => "check-passed",
        Outcome::Failed { .. } => "check-not-passed",
        Outcome::NotTried(_) => "check-not-tried",
    };
    let title = words.text(&format!("verify-{}", code(&check.code)), &[]);
    let seconds = format!("{:.1}", check.took_ms as f64 / 1000.0);
    let took = words.text("cli-verify-took", &[("seconds", &seconds)]);
    let mut text = format!("{:<17} {title} ({took})", words.text(state, &[]));
    match &check.outcome {
        Outcome::Passed(_) => {}
        Outcome::Failed { cause, remedy } => {
            let pairs: Vec<(&str, &str)> = cause.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            text += BELOW;
            text += &words.text(&format!("digit-{}", cause.code), &pairs);
            if let Some(remedy) = remedy {
                text += BELOW;
                text += &words.text(&format!("remedy-{}", code(remedy)), &[]);
            }
            if let Some(said) = cause.args.get("said") {
                text += BELOW;
                text += &words.text("cli-verify-said", &[("said", said)]);
            }
        }
        Outcome::NotTried(Because::Needs(other)) => {
            let other = words.text(&format!("verify-{}", code(other)), &[]);
            text += BELOW;
            text += &words.text("not-tried-needs", &[("check", &other)]);
        }
        Outcome::NotTried(because) => {
            text += BELOW;
            text += &words.text(&format!("not-tried-{}", code(because)), &[]);
        }
    }
    text
}

fn end(words: &Words, looked: &Acceptance, origin: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for note in &looked.notes {
        let pairs: Vec<(&str, &str)> = note.args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        lines.push(format!(
            "{:<17} {}",
            words.text("check-take-note", &[]),
            words.text(&format!("digit-{}", note.code), &pairs)
        ));
    }
    lines.push(words.text(&format!("verdict-{}", code(&looked.verdict)), &[("address", origin)]));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use install::acceptance::CheckCode;

    use super::*;

    const EXPLAIN: &str = include_str!("../../digit-api/src/fault/explain.rs");

    /// The remedies that the sources of `digit-api` name, as they are written in JSON.
    fn remedies() -> Vec<String> {
        let list = EXPLAIN.split("pub enum Remedy {").nth(1).and_then(|rest| rest.split('}').next()).unwrap();
        let names = list.lines().map(str::trim).filter(|line| line.ends_with(',') && !line.starts_with("//"));
        let kebab = |name: &str| {
            let mut out = String::new();
            for c in name.trim_end_matches(',').chars() {
                if c.is_ascii_uppercase() && !out.is_empty() {
                    out.push('-');
                }
                out.push(c.to_ascii_lowercase());
            }
            out
        };
        names.map(kebab).collect()
    }

    /// The causes that they conclude from an answer: what stands before a remedy.
    fn causes() -> Vec<String> {
        let before = EXPLAIN.split(", Remedy::").filter_map(|part| part.rsplit('"').nth(1));
        let is_code = |text: &&str| !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '-');
        before.filter(is_code).map(str::to_owned).collect()
    }

    #[test]
    fn everything_that_digit_may_be_found_to_be_has_words_in_both_languages() {
        let (remedies, causes) = (remedies(), causes());
        assert!(remedies.len() > 20 && causes.len() > 50, "{} {}", remedies.len(), causes.len());
        let none = std::collections::BTreeMap::new();
        for words in [Words::of("en"), Words::of("hi")] {
            let has = |id: &str| assert!(words.message(id, None, &none).is_some(), "{id}");
            remedies.iter().for_each(|code| has(&format!("remedy-{code}")));
            causes.iter().for_each(|code| has(&format!("digit-{code}")));
            CheckCode::ALL.iter().for_each(|check| has(&format!("verify-{}", code(check))));
            for verdict in [Verdict::Works, Verdict::WorksHere, Verdict::WorksInside, Verdict::DoesNotWork] {
                has(&format!("verdict-{}", code(&verdict)));
            }
            for because in [Because::Demo, Because::NotADemo, Because::ReadOnly, Because::NoTime, Because::NoEntry] {
                has(&format!("not-tried-{}", code(&because)));
            }
        }
    }

    #[test]
    fn a_check_says_what_was_found_and_what_to_do() {
        let words = Words::of("en");
        let of = |outcome: serde_json::Value| -> Check {
            let outcome = match outcome {
                Value::Null => Outcome::NotTried(Because::Needs(CheckCode::SignIn)),
                args => Outcome::Failed {
                    cause: serde_json::from_value(json!({"code": "roles-missing", "args": args})).unwrap(),
                    remedy: None,
                },
            };
            Check { code: CheckCode::Roles, at: "http://127.0.0.1:1".into(), took_ms: 1234, outcome }
        };
        assert_eq!(
            shown(&words, &of(json!({"user": "clerk", "roles": "CSR@pg.citya"}))),
            "Not passed        The administrator has all roles (1.2 s)\n                  clerk lacks roles: CSR@pg.citya"
        );
        assert_eq!(
            shown(&words, &of(Value::Null)),
            "Not tried         The administrator has all roles (1.2 s)\n                  Needs this first: The administrator signs in"
        );
    }
}
