//! A page's HTML, read for what a visitor needs: a title, an element that the application fills, scripts and styles.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{Token, Tokenizer};

/// What a page holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) title: Option<String>,
    /// Whether there is the element that the application fills.
    pub(crate) has_root: bool,
    /// Addresses of its scripts, as written.
    pub(crate) scripts: Vec<String>,
    /// Addresses of its styles, as written.
    pub(crate) styles: Vec<String>,
    /// Scripts that stand in the page itself.
    pub(crate) inline: Vec<String>,
    /// Where relative addresses begin, if the page says so.
    pub(crate) base: Option<String>,
}

/// The element's id in DIGIT's pages.
const ROOT: &str = "root";

impl Page {
    /// Reads a page as a browser does: whatever it is, something is read.
    pub(crate) fn read(html: &str) -> Self {
        let mut emitter = DefaultEmitter::default();
        // What stands between script tags is no HTML.
        emitter.naively_switch_states(true);
        let mut page = Page::default();
        let mut within: Option<Vec<u8>> = None;
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            match token {
                Token::StartTag(tag) => {
                    let name: &[u8] = &tag.name;
                    let attribute = |wanted: &str| {
                        let found = tag.attributes.iter().find(|(name, _)| name.as_slice() == wanted.as_bytes());
                        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
                    };
                    page.has_root |= attribute("id").is_some_and(|id| id == ROOT);
                    match name {
                        b"script" => match attribute("src").filter(|s| !s.trim().is_empty()) {
                            Some(src) => page.scripts.push(src),
                            None => within = Some(name.to_vec()),
                        },
                        b"title" if page.title.is_none() => within = Some(name.to_vec()),
                        b"link" => {
                            let is_style = attribute("rel").is_some_and(|r| {
                                r.split_ascii_whitespace().any(|r| r.eq_ignore_ascii_case("stylesheet"))
                            });
                            page.styles.extend(attribute("href").filter(|_| is_style));
                        }
                        b"base" if page.base.is_none() => page.base = attribute("href"),
                        _ => {}
                    }
                }
                Token::String(text) => {
                    let text = String::from_utf8_lossy(&text).into_owned();
                    match within.as_deref() {
                        Some(b"title") => page.title.get_or_insert_default().push_str(&text),
                        Some(_) => page.inline.push(text),
                        None => {}
                    }
                }
                Token::EndTag(tag) if within.as_deref() == Some(&tag.name) => within = None,
                _ => {}
            }
        }
        page
    }
}

/// What a script says of `globalConfigs`, which DIGIT's pages read their settings from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Configs {
    /// It does not define them.
    None,
    /// It defines them, for this state.
    Ours,
    /// It defines them, and does not name this state.
    OfAnother,
}

/// Reads a script for `globalConfigs = …` with the state's code in quotes.
pub(crate) fn configs(script: &str, state: &str) -> Configs {
    let defines = script.match_indices("globalConfigs").any(|(at, word)| {
        let rest = script[at + word.len()..].trim_start_matches(['"', '\'', ']']).trim_start();
        (rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>")) || rest.starts_with(':')
    });
    let quoted = ['"', '\'', '`'].iter().any(|q| script.contains(&format!("{q}{state}{q}")));
    match (defines, quoted) {
        (false, _) => Configs::None,
        (true, true) => Configs::Ours,
        (true, false) => Configs::OfAnother,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_read_for_what_a_visitor_needs() {
        let page = Page::read(
            "<!DOCTYPE html><html><head><base href='/digit-ui/'><title> DIGIT &amp; more</title>\
             <link rel=\"icon\" href=i.png><link rel='preload StyleSheet' href=main.css>\
             <script src='/a.js'></script><script>var x = '<div id=\"root\">'; if (a < b) {}</script></head>\
             <body><!-- <script src=no.js></script> --><div class=x id=root></div><SCRIPT SRC=b.js></SCRIPT></body></html>",
        );
        assert_eq!(page.title.as_deref(), Some(" DIGIT & more"));
        assert!(page.has_root);
        assert_eq!(page.scripts, ["/a.js", "b.js"]);
        assert_eq!(page.styles, ["main.css"]);
        assert_eq!(page.inline.concat(), "var x = '<div id=\"root\">'; if (a < b) {}");
        assert_eq!(page.base.as_deref(), Some("/digit-ui/"));
    }

    #[test]
    fn what_stands_in_a_script_is_no_element() {
        let page =
            Page::read("<html><head><script>var x = '<div id=\"root\"></div>';</script></head><body></body></html>");
        assert!(!page.has_root);
        assert_eq!(Page::read(""), Page::default());
    }

    #[test]
    fn settings_are_known_by_their_definition_and_their_state() {
        for (script, found) in [
            ("var globalConfigs = (function () { var s = 'pg'; })();", Configs::Ours),
            ("window.globalConfigs={getConfig:k=>({STATE_LEVEL_TENANT_ID:\"pg\"})[k]}", Configs::Ours),
            ("window[\"globalConfigs\"] = {s: `pg`}", Configs::Ours),
            ("var globalConfigs = (function () { var s = 'zz'; })();", Configs::OfAnother),
            ("var globalConfigs = (function () { var s = 'pg.citya'; })();", Configs::OfAnother),
            ("window.globalConfigs?.getConfig('pg')", Configs::None),
            ("if (window.globalConfigs == 'pg') {}", Configs::None),
            ("", Configs::None),
        ] {
            assert_eq!(configs(script, "pg"), found, "{script}");
        }
    }
}
