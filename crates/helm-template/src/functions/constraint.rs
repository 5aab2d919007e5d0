//! Version constraints as `Masterminds/semver` v3 understands them: `>=1.20-0`, `^1.2`, `~1.2.x`, `1 - 2`, `<1 || >2`.

use std::sync::LazyLock;

use regex::Regex;

use super::FunctionError;
use super::version::{Version, compare_pre};

const OPERATORS: &str = r"=||!=|>|<|>=|=>|<=|=<|~|~>|\^";
const VERSION: &str = concat!(
    r"v?([0-9|x|X|\*]+)(\.[0-9|x|X|\*]+)?(\.[0-9|x|X|\*]+)?",
    r"(-([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?",
    r"(\+([0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*))?"
);

struct Expressions {
    one: Regex,
    range: Regex,
    find: Regex,
    valid: Regex,
}

/// `None` cannot happen while the expressions are right; the tests compile them.
static EXPRESSIONS: LazyLock<Option<Expressions>> = LazyLock::new(|| {
    let regex = |text: String| Regex::new(&text).ok();
    Some(Expressions {
        one: regex(format!(r"^\s*({OPERATORS})\s*({VERSION})\s*$"))?,
        range: regex(format!(r"\s*({VERSION})\s+-\s+({VERSION})\s*"))?,
        find: regex(format!(r"({OPERATORS})\s*({VERSION})"))?,
        valid: regex(format!(r"^(\s*({OPERATORS})\s*({VERSION})\s*)((?:\s+|,\s*)({OPERATORS})\s*({VERSION})\s*)*$"))?,
    })
});

/// Alternatives of which one must hold; each holds if all its parts do.
pub(super) struct Constraints(Vec<Vec<Constraint>>);

struct Constraint {
    operator: String,
    version: Version,
    /// A part is a wildcard or missing: which one.
    dirty: bool,
    minor_dirty: bool,
    patch_dirty: bool,
}

impl Constraints {
    /// What `text` demands.
    ///
    /// # Errors
    /// With the library's words.
    pub(super) fn parse(text: &str) -> Result<Constraints, FunctionError> {
        if text.len() > 512 {
            return Err(FunctionError::new("constraint string is too long (max 512 bytes)"));
        }
        let expressions = EXPRESSIONS.as_ref().ok_or_else(|| FunctionError::new("constraint parser error"))?;
        let text = expand_ranges(text, &expressions.range);
        let alternatives: Vec<&str> = text.split("||").collect();
        if alternatives.len() > 32 {
            return Err(FunctionError::new("too many constraint groups (max 32)"));
        }
        let mut all = Vec::new();
        for alternative in alternatives {
            if !expressions.valid.is_match(alternative) {
                return Err(FunctionError(format!("improper constraint: {alternative:?}")));
            }
            let parts = expressions.find.find_iter(alternative);
            all.push(parts.map(|part| Constraint::parse(part.as_str(), &expressions.one)).collect::<Result<_, _>>()?);
        }
        Ok(Constraints(all))
    }

    /// Whether `version` satisfies them. A pre-release counts only for an alternative that names one itself.
    pub(super) fn check(&self, version: &Version) -> bool {
        self.0.iter().any(|all| {
            let with_pre = all.iter().any(|part| !part.version.pre.is_empty());
            (version.pre.is_empty() || with_pre) && all.iter().all(|part| part.check(version))
        })
    }
}

/// `1.2 - 1.4` becomes `>= 1.2, <= 1.4 `.
fn expand_ranges(text: &str, range: &Regex) -> String {
    let mut out = text.to_owned();
    for found in range.captures_iter(text) {
        let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
        out = out.replacen(part(0), &format!(">= {}, <= {} ", part(1), part(11)), 1);
    }
    out
}

fn is_wildcard(part: &str) -> bool {
    matches!(part, "x" | "X" | "*")
}

impl Constraint {
    fn parse(text: &str, one: &Regex) -> Result<Constraint, FunctionError> {
        let found = one.captures(text).ok_or_else(|| FunctionError(format!("improper constraint: {text:?}")))?;
        let part = |at: usize| found.get(at).map_or("", |part| part.as_str());
        let open = |part: &str| part.is_empty() || is_wildcard(part.trim_start_matches('.'));
        let (mut dirty, mut minor_dirty, mut patch_dirty) = (true, false, false);
        let version = if open(part(3)) {
            format!("0.0.0{}", part(6))
        } else if open(part(4)) {
            minor_dirty = true;
            format!("{}.0.0{}", part(3), part(6))
        } else if open(part(5)) {
            patch_dirty = true;
            format!("{}{}.0{}", part(3), part(4), part(6))
        } else {
            dirty = false;
            part(2).to_owned()
        };
        let version = Version::parse(&version).map_err(|_| FunctionError::new("constraint parser error"))?;
        Ok(Constraint { operator: part(1).to_owned(), version, dirty, minor_dirty, patch_dirty })
    }

    fn check(&self, v: &Version) -> bool {
        let order = v.compare(&self.version);
        match self.operator.as_str() {
            "!=" => self.differs(v),
            ">" => self.is_exceeded_by(v),
            "<" => order.is_lt(),
            ">=" | "=>" => order.is_ge(),
            "<=" | "=<" if !self.dirty => order.is_le(),
            "<=" | "=<" => {
                let c = &self.version;
                v.major < c.major || (v.major == c.major && (self.minor_dirty || v.minor <= c.minor))
            }
            "~" | "~>" => self.tilde(v),
            "^" => self.caret(v),
            _ if self.dirty => self.tilde(v),
            _ => order.is_eq(),
        }
    }

    fn differs(&self, v: &Version) -> bool {
        let c = &self.version;
        if !self.dirty {
            return v.compare(c).is_ne();
        }
        if c.major != v.major || (c.minor != v.minor && !self.minor_dirty) {
            return true;
        }
        if self.minor_dirty {
            return false;
        }
        if c.patch != v.patch && !self.patch_dirty {
            return true;
        }
        if self.patch_dirty {
            return (!v.pre.is_empty() || !c.pre.is_empty()) && compare_pre(&v.pre, &c.pre).is_ne();
        }
        v.compare(c).is_ne()
    }

    fn is_exceeded_by(&self, v: &Version) -> bool {
        let c = &self.version;
        if !self.dirty || v.major != c.major {
            return if self.dirty { v.major > c.major } else { v.compare(c).is_gt() };
        }
        if self.minor_dirty {
            return false;
        }
        if self.patch_dirty { v.minor > c.minor } else { v.compare(c).is_gt() }
    }

    fn tilde(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() {
            return false;
        }
        // ~0.0.0 allows everything.
        if (c.major, c.minor, c.patch) == (0, 0, 0) && !self.minor_dirty && !self.patch_dirty {
            return true;
        }
        v.major == c.major && (v.minor == c.minor || self.minor_dirty)
    }

    fn caret(&self, v: &Version) -> bool {
        let c = &self.version;
        if v.compare(c).is_lt() {
            return false;
        }
        if c.major > 0 || self.minor_dirty {
            return v.major == c.major;
        }
        if v.major > 0 {
            return false;
        }
        if c.minor > 0 || self.patch_dirty {
            return v.minor == c.minor;
        }
        v.minor == 0 && c.patch == v.patch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_as_the_library_does() {
        let cases = [
            (">=1.20-0", "v1.36.3", true),
            (">=1.20-0", "1.20.0-alpha.1", true),
            (">=1.20", "1.21.0-alpha.1", false),
            (">=1.21-0", "1.20.9", false),
            ("<1.19-0", "1.18.20", true),
            ("^1.2", "1.9.0", true),
            ("^1.2", "2.0.0", false),
            ("^0.2.3", "0.2.9", true),
            ("^0.2.3", "0.3.0", false),
            ("^0.0.3", "0.0.4", false),
            ("^0", "0.9.0", true),
            ("~1.2.3", "1.2.9", true),
            ("~1.2.3", "1.3.0", false),
            ("~1", "1.9.9", true),
            ("1.2.x", "1.2.8", true),
            ("1.x", "1.2.8", true),
            ("*", "9.9.9", true),
            ("1.2", "1.2.7", true),
            ("=1.2.3", "1.2.4", false),
            ("!=1.2.x", "1.2.3", false),
            ("!=1.2.3", "1.2.4", true),
            (">1.2", "1.2.9", false),
            (">1.2", "1.3.0", true),
            (">11", "11.1.0", false),
            ("<=1.2", "1.2.9", true),
            ("<=1.2", "1.3.0", false),
            ("1.2 - 1.4", "1.4.9", true),
            ("1.2 - 1.4", "1.5.0", false),
            (">=1.14-0 <1.19-0", "1.18.2", true),
            (">=1.14-0, <1.19-0", "1.19.2", false),
            ("<1.0 || >=2.0", "2.1.0", true),
            ("<1.0 || >=2.0", "1.1.0", false),
            ("~0.0.0", "5.0.0", true),
        ];
        for (constraint, version, expected) in cases {
            let constraints = Constraints::parse(constraint).unwrap();
            assert_eq!(constraints.check(&Version::parse(version).unwrap()), expected, "{constraint} {version}");
        }
    }

    #[test]
    fn refuses_with_the_librarys_words() {
        let error = |text: &str| Constraints::parse(text).err().map(|error| error.0);
        assert_eq!(error("nope"), Some("improper constraint: \"nope\"".to_owned()));
        assert_eq!(error(">=1.2.3 ||"), Some("improper constraint: \"\"".to_owned()));
        let error = |text: &str| Version::parse(text).err().map(|error| error.0);
        assert_eq!(error(""), Some("invalid semantic version".to_owned()));
        assert_eq!(error("1.2.3.4"), Some("invalid semantic version".to_owned()));
        assert_eq!(error("1.2.3-01"), Some("version segment starts with 0".to_owned()));
        assert_eq!(error("1.2.3-0.a"), None);
    }
}
