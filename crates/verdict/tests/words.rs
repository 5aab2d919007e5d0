//! Every cause has words in both languages, and no words are left over.

use std::collections::BTreeSet;
use std::path::Path;

fn messages(language: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../locales").join(language).join("causes.ftl");
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[test]
fn every_cause_says_what_happened_what_is_safe_and_what_to_do() {
    let codes: BTreeSet<String> = verdict::codes::ALL.iter().map(|rule| format!("cause-{}", rule.code)).collect();
    for language in ["en", "hi"] {
        let text = messages(language);
        let mut seen = BTreeSet::new();
        for block in text.split("\ncause-").skip(1) {
            let (code, rest) = block.split_once(" =").unwrap();
            let body = rest.split("\n\n").next().unwrap();
            for attribute in ["\n    .safe = ", "\n    .todo = "] {
                assert!(body.contains(attribute), "{language}: cause-{code} lacks {attribute}");
            }
            let known = verdict::codes::rule(code).unwrap_or_else(|| panic!("{language}: no cause {code}")).args;
            for used in body.split("{ $").skip(1) {
                let name = used.split([' ', '-']).next().unwrap();
                assert!(known.contains(&name), "{language}: cause-{code} uses ${name}, which it does not get");
            }
            assert!(seen.insert(format!("cause-{code}")), "{language}: cause-{code} twice");
        }
        assert_eq!(codes.difference(&seen).collect::<Vec<_>>(), Vec::<&String>::new(), "{language}: no words");
    }
}
