//! Message files are complete: every message, attribute and term exists in every language, and none asks for an argument
//! that the first language does not give.

use crate::sh;
use anyhow::{Context, Result, bail};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The languages, the one that is complete by definition first.
const LANGUAGES: &[&str] = &["en", "hi"];

/// `message`, `message.attribute` or `-term`, each with the arguments that it uses.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// Checks `locales/`.
///
/// # Errors
/// Names every message that is missing, doubled, unreadable, or asks for an unknown argument.
pub(crate) fn check() -> Result<String> {
    let folder = places::root().join("locales");
    let mut wrong = Vec::new();
    let mut languages = Vec::new();
    for language in LANGUAGES {
        languages.push((*language, read(&folder.join(language), &mut wrong)?));
    }
    wrong.extend(differences(&languages));
    if !wrong.is_empty() {
        bail!("{} faults in message files:\n  {}", wrong.len(), wrong.join("\n  "));
    }
    let count = languages.first().map_or(0, |(_, m)| m.len());
    if count == 0 {
        bail!("no messages in {}", folder.display());
    }
    Ok(format!("{count} messages in {} languages", LANGUAGES.len()))
}

/// Reads all files of one language; messages are one name space across its files.
fn read(folder: &Path, wrong: &mut Vec<String>) -> Result<Messages> {
    let mut all = Messages::new();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| entry.map(|e| e.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "ftl")) {
        let name = file.strip_prefix(places::root()).unwrap_or(file).display().to_string();
        collect(&name, &sh::read_file(file)?, &mut all, wrong);
    }
    Ok(all)
}

fn collect(file: &str, text: &str, all: &mut Messages, wrong: &mut Vec<String>) {
    let resource = match fluent_syntax::parser::parse(text) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            wrong.extend(errors.iter().map(|e| {
                let line = text.get(..e.pos.start).map_or(0, |before| before.lines().count());
                format!("{file}:{line}: {}", e.kind)
            }));
            resource
        }
    };
    let mut add = |name: String, pattern: &Pattern<&str>| {
        let mut arguments = BTreeSet::new();
        in_pattern(pattern, &mut arguments);
        if all.insert(name.clone(), arguments).is_some() {
            wrong.push(format!("{file}: {name} is there twice"));
        }
    };
    for entry in &resource.body {
        let (id, value, attributes) = match entry {
            Entry::Message(m) => (m.id.name.to_owned(), m.value.as_ref(), &m.attributes),
            Entry::Term(t) => (format!("-{}", t.id.name), Some(&t.value), &t.attributes),
            _ => continue,
        };
        if let Some(value) = value {
            add(id.clone(), value);
        }
        for attribute in attributes {
            add(format!("{id}.{}", attribute.id.name), &attribute.value);
        }
    }
}

fn in_pattern(pattern: &Pattern<&str>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            in_expression(expression, found);
        }
    }
}

fn in_expression(expression: &Expression<&str>, found: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => in_inline(inline, found),
        Expression::Select { selector, variants } => {
            in_inline(selector, found);
            for variant in variants {
                in_pattern(&variant.value, found);
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, found: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => in_expression(expression, found),
        InlineExpression::FunctionReference { arguments, .. } => {
            for argument in &arguments.positional {
                in_inline(argument, found);
            }
        }
        _ => {}
    }
}

fn differences(languages: &[(&str, Messages)]) -> Vec<String> {
    let Some(((first, whole), others)) = languages.split_first() else { return Vec::new() };
    let mut wrong = Vec::new();
    for (language, messages) in others {
        wrong.extend(whole.keys().filter(|k| !messages.contains_key(*k)).map(|k| format!("{language} lacks {k}")));
        for (name, arguments) in messages {
            match whole.get(name) {
                None => wrong.push(format!("{first} lacks {name}, which {language} has")),
                Some(given) => wrong.extend(
                    arguments
                        .difference(given)
                        .map(|a| format!("{language}: {name} asks for ${a}, which {first} does not")),
                ),
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(en: &str, hi: &str) -> Vec<String> {
        let mut wrong = Vec::new();
        let languages = [("en", en), ("hi", hi)].map(|(language, text)| {
            let mut all = Messages::new();
            collect(language, text, &mut all, &mut wrong);
            (language, all)
        });
        wrong.extend(differences(&languages));
        wrong
    }

    #[test]
    fn faults_are_found() {
        for (en, hi, fault) in [
            ("a = A\n", "a = अ\n", ""),
            ("a = A\nb = B\n", "a = अ\n", "hi lacks b"),
            ("a = A\n", "a = अ\nb = ब\n", "en lacks b, which hi has"),
            ("a = A\n    .label = L\n", "a = अ\n", "hi lacks a.label"),
            ("-t = T\n", "a = अ\n", "hi lacks -t"),
            ("a = A\na = B\n", "a = अ\n", "en: a is there twice"),
            ("a = { $n }\n", "a = अ\n", ""),
            ("a = A\n", "a = { $n }\n", "hi: a asks for $n, which en does not"),
            ("a = { $n ->\n    [one] x\n   *[other] { $m }\n }\n", "a = { $m }\n", ""),
            ("a = { NUMBER($n) }\n", "a = { $n }\n", ""),
        ] {
            let found = faults(en, hi);
            assert_eq!(found.first().map_or("", String::as_str), fault, "{en:?} {hi:?} {found:?}");
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_names_the_line() {
        let found = faults("a = A\nb = { $\n", "a = अ\n");
        assert!(found[0].starts_with("en:2:"), "{found:?}");
    }
}
