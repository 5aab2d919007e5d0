//! Words for people, from the message files that the window reads too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::ErrorView;
use crate::home::settings::{Language, system_language};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};
use unic_langid::LanguageIdentifier;

static LOCALES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../locales");

/// One language, with English behind it.
pub struct Words {
    bundles: Vec<FluentBundle<FluentResource>>,
}

/// The language to speak: what was set, else the system's if we speak it, else English.
pub fn language(set: Language, system: Option<&str>) -> &'static str {
    match set {
        Language::En => "en",
        Language::Hi => "hi",
        Language::System => match system.and_then(|s| s.split(['-', '_']).next()) {
            Some("hi") => "hi",
            _ => "en",
        },
    }
}

impl Words {
    /// Words of the language that was set, or the system's.
    pub fn chosen(set: Language) -> Self {
        Words::of(language(set, system_language().as_deref()))
    }

    /// Words of a language.
    pub fn of(language: &str) -> Self {
        let mut languages = vec![language];
        if language != "en" {
            languages.push("en");
        }
        Words { bundles: languages.into_iter().map(bundle).collect() }
    }

    /// A message; its id if there is none, so that nothing is hidden.
    pub fn text(&self, id: &str, args: &[(&str, &str)]) -> String {
        self.find(id, None, args).unwrap_or_else(|| id.to_owned())
    }

    /// A message whose data come as a map; `None` if there is none.
    pub fn message(&self, id: &str, attribute: Option<&str>, args: &BTreeMap<String, String>) -> Option<String> {
        let args: Vec<(&str, &str)> = args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        self.find(id, attribute, &args)
    }

    /// What happened, what is safe, what to do: a line each.
    pub fn error(&self, error: &ErrorView) -> String {
        let said = self.three(&format!("error-{}", error.code), &error.code, &error.args);
        let mut lines: Vec<String> = said.lines().map(str::to_owned).collect();
        // What it consists of stands under what happened, before what to do.
        let details = error.details.iter().map(|detail| format!("  - {}", self.difference(&detail.code, &detail.args)));
        let first = lines.len().min(1);
        lines.splice(first..first, details);
        lines.join("\n")
    }

    /// One thing in which two plans differ.
    fn difference(&self, code: &str, args: &BTreeMap<String, String>) -> String {
        let id = format!("difference-{code}");
        self.message(&id, None, args).unwrap_or_else(|| self.text("difference-other", &[]))
    }

    /// Why nothing moves, by the code of [`engine::Report::held`].
    pub fn held(&self, code: &str) -> String {
        let known = self.find(&format!("held-{code}"), None, &[]);
        known.unwrap_or_else(|| self.text("held-other", &[]))
    }

    /// The same for what went wrong with a step.
    pub fn cause(&self, code: &str, args: &BTreeMap<String, String>) -> String {
        let id = format!("cause-{code}");
        if self.message(&id, None, args).is_some() {
            self.three(&id, code, args)
        } else {
            self.three(&format!("error-{code}"), code, args)
        }
    }

    fn three(&self, id: &str, code: &str, args: &BTreeMap<String, String>) -> String {
        let Some(happened) = self.message(id, None, args) else {
            let data: Vec<String> = args.iter().map(|(k, v)| format!("{k}: {v}")).collect();
            return self.text("error-unknown", &[("code", code), ("data", &data.join(", "))]);
        };
        let rest = ["safe", "todo"].iter().filter_map(|a| self.message(id, Some(a), args));
        std::iter::once(happened).chain(rest).collect::<Vec<_>>().join("\n")
    }

    fn find(&self, id: &str, attribute: Option<&str>, args: &[(&str, &str)]) -> Option<String> {
        let mut values = FluentArgs::new();
        for (name, value) in args {
            // Plural rules need numbers; everything else is text.
            match value.parse::<i64>() {
                Ok(n) if !value.starts_with('0') || *value == "0" => values.set(*name, FluentValue::from(n)),
                _ => values.set(*name, FluentValue::String(Cow::Borrowed(value))),
            }
        }
        self.bundles.iter().find_map(|bundle| {
            let message = bundle.get_message(id)?;
            let pattern = match attribute {
                None => message.value()?,
                Some(name) => message.get_attribute(name)?.value(),
            };
            let mut errors = Vec::new();
            Some(bundle.format_pattern(pattern, Some(&values), &mut errors).into_owned())
        })
    }
}

fn bundle(language: &str) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = language.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![id]);
    bundle.set_use_isolating(false);
    let files = LOCALES.get_dir(language).into_iter().flat_map(Dir::files);
    for text in files.filter_map(|f| f.contents_utf8()) {
        // A broken message file is caught by `cargo xtask check`; here its good messages are used.
        let resource = match FluentResource::try_new(text.to_owned()) {
            Ok(resource) | Err((resource, _)) => resource,
        };
        let _ = bundle.add_resource(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::kinds;

    #[test]
    fn what_was_set_wins_and_english_is_last() {
        for (set, system, wanted) in [
            (Language::Hi, Some("en-IN"), "hi"),
            (Language::En, Some("hi-IN"), "en"),
            (Language::System, Some("hi_IN"), "hi"),
            (Language::System, Some("fr-FR"), "en"),
            (Language::System, None, "en"),
        ] {
            assert_eq!(language(set, system), wanted);
        }
    }

    #[test]
    fn errors_have_their_words_in_both_languages() {
        let view = ErrorView {
            code: "no-installation".to_owned(),
            args: BTreeMap::from([("name".to_owned(), "springfield".to_owned())]),
            field: None,
            details: Vec::new(),
        };
        let (english, hindi) = (Words::of("en").error(&view), Words::of("hi").error(&view));
        assert!(english.contains("springfield") && hindi.contains("springfield"));
        assert_ne!(english, hindi);
        assert_eq!(english.lines().count(), 3, "{english}");
    }

    #[test]
    fn every_kind_of_step_has_its_words_in_both_languages() {
        let removal = crate::run::removal::steps(false, true, true);
        let of_removal = removal.iter().map(|step| format!("stage-{}", step.stage));
        let of_kind = |kind: &&str| [format!("kind-{kind}"), format!("tree-{kind}")];
        // A release is called what its service is called.
        let kinds = kinds::OF_PLAN.iter().filter(|kind| **kind != "release").chain([&kinds::LEAVE]);
        let wanted: Vec<String> = kinds.flat_map(of_kind).chain(of_removal).collect();
        for language in ["en", "hi"] {
            let bundle = bundle(language);
            let missing: Vec<&String> = wanted.iter().filter(|id| bundle.get_message(id).is_none()).collect();
            assert_eq!(missing, Vec::<&String>::new(), "{language}");
        }
    }

    #[test]
    fn an_unknown_code_is_said_and_not_hidden() {
        let view =
            ErrorView { code: "of-tomorrow".to_owned(), args: BTreeMap::new(), field: None, details: Vec::new() };
        assert!(Words::of("en").error(&view).contains("of-tomorrow"));
    }
}
