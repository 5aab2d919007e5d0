//! Anchors, aliases, tags and directives, as go-yaml v2 scans them.

use super::scan::{Kind, Mark, Scanned, Scanner, Token, is_alpha, is_blank, is_blankz};

impl Scanner {
    fn word(&mut self) -> String {
        let mut word = String::new();
        while is_alpha(self.at(0)) {
            self.read(&mut word);
        }
        word
    }

    pub(super) fn anchor(&mut self, kind: Kind) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        self.skip();
        let text = self.word();
        let c = self.at(0);
        if text.is_empty() || !(is_blankz(c) || matches!(c, '?' | ':' | ',' | ']' | '}' | '%' | '@' | '`')) {
            return self.problem(start, "did not find expected alphabetic or numeric character");
        }
        self.tokens.push_back(Token { kind, start, text, suffix: String::new() });
        Ok(())
    }

    pub(super) fn tag(&mut self) -> Scanned<()> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.mark;
        let (mut handle, mut suffix) = (String::new(), String::new());
        if self.at(1) == '<' {
            self.skip();
            self.skip();
            suffix = self.uri("", start)?;
            if self.at(0) != '>' {
                return self.problem(start, "did not find the expected '>'");
            }
            self.skip();
        } else {
            handle = self.tag_handle(false, start)?;
            if handle.len() > 1 && handle.ends_with('!') {
                suffix = self.uri("", start)?;
            } else {
                suffix.push_str(&self.uri(&handle, start)?);
                handle = "!".to_owned();
                if suffix.is_empty() {
                    std::mem::swap(&mut handle, &mut suffix);
                }
            }
        }
        if !is_blankz(self.at(0)) {
            return self.problem(start, "did not find expected whitespace or line break");
        }
        self.tokens.push_back(Token { kind: Kind::Tag, start, text: handle, suffix });
        Ok(())
    }

    fn tag_handle(&mut self, directive: bool, start: Mark) -> Scanned<String> {
        if self.at(0) != '!' {
            return self.problem(start, "did not find expected '!'");
        }
        let mut handle = String::new();
        self.read(&mut handle);
        handle.push_str(&self.word());
        if self.at(0) == '!' {
            self.read(&mut handle);
        } else if directive && handle != "!" {
            return self.problem(start, "did not find expected '!'");
        }
        Ok(handle)
    }

    /// The rest of a tag behind `head`, whose `!` is left out.
    fn uri(&mut self, head: &str, start: Mark) -> Scanned<String> {
        let mut bytes = head.get(1..).unwrap_or_default().as_bytes().to_vec();
        let mut found = !head.is_empty();
        loop {
            let c = self.at(0);
            if c == '%' {
                let digits: String = [self.at(1), self.at(2)].iter().collect();
                let Ok(byte) = u8::from_str_radix(&digits, 16) else {
                    return self.problem(start, "did not find URI escaped octet");
                };
                bytes.push(byte);
                self.skip();
                self.skip();
                self.skip();
            } else if is_alpha(c) || ";/?:@&=+$,.!~*'()[]".contains(c) {
                bytes.push(c as u8);
                self.skip();
            } else {
                break;
            }
            found = true;
        }
        match String::from_utf8(bytes) {
            Ok(uri) if found => Ok(uri),
            Ok(_) => self.problem(start, "did not find expected tag URI"),
            Err(_) => self.problem(start, "found an incorrect leading UTF-8 octet"),
        }
    }

    pub(super) fn directive(&mut self) -> Scanned<()> {
        let start = self.mark;
        self.skip();
        let name = self.word();
        if name.is_empty() {
            return self.problem(start, "could not find expected directive name");
        }
        if !is_blankz(self.at(0)) {
            return self.problem(start, "found unexpected non-alphabetical character");
        }
        self.blanks();
        let token = match name.as_str() {
            "YAML" => {
                let major = self.version_number(start)?;
                if self.at(0) != '.' {
                    return self.problem(start, "did not find expected digit or '.' character");
                }
                self.skip();
                let minor = self.version_number(start)?;
                Token { kind: Kind::VersionDirective, start, text: format!("{major}.{minor}"), suffix: String::new() }
            }
            "TAG" => {
                let text = self.tag_handle(true, start)?;
                if !is_blank(self.at(0)) {
                    return self.problem(start, "did not find expected whitespace");
                }
                self.blanks();
                let suffix = self.uri("", start)?;
                if !is_blankz(self.at(0)) {
                    return self.problem(start, "did not find expected whitespace or line break");
                }
                Token { kind: Kind::TagDirective, start, text, suffix }
            }
            _ => return self.problem(start, "found unknown directive name"),
        };
        self.rest_of_line(start)?;
        self.tokens.push_back(token);
        Ok(())
    }

    fn version_number(&mut self, start: Mark) -> Scanned<u8> {
        let mut digits = String::new();
        while self.at(0).is_ascii_digit() {
            if digits.len() == 2 {
                return self.problem(start, "found extremely long version number");
            }
            self.read(&mut digits);
        }
        digits.parse().or_else(|_| self.problem(start, "did not find expected version number"))
    }
}
