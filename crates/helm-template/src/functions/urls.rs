//! URLs: `urlParse` and `urlJoin`, as Go's `net/url` takes them apart and puts them together.

use super::Param::{Map as M, Text as T};
use super::{Args, Function, FunctionError};
use crate::value::{Map, Value};

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("urlParse", &[T], |_, a| {
        let raw = a.str(0);
        let url = Url::parse(&raw)
            .map_err(|(part, why)| FunctionError(format!("unable to parse url: parse {part:?}: {why}")))?;
        let fields = [
            ("scheme", url.scheme.clone()),
            ("host", url.host.clone()),
            ("hostname", url.hostname().to_owned()),
            ("path", url.path.clone()),
            ("query", url.query.clone()),
            ("opaque", url.opaque.clone()),
            ("fragment", url.fragment.clone()),
            ("userinfo", url.user.as_ref().map(User::text).unwrap_or_default()),
        ];
        Ok(Value::Map(fields.into_iter().map(|(key, text)| (key, Value::text(text))).collect()))
    }),
    Function::new("urlJoin", &[M], |_, a| {
        let map = a.map(0);
        let user = match field(&map, "userinfo")? {
            info if info.is_empty() => None,
            info => {
                let around = format!("proto://{info}@host");
                let url = Url::parse(&around).map_err(|(part, why)| {
                    FunctionError(format!("unable to parse userinfo in dict: parse {part:?}: {why}"))
                })?;
                url.user
            }
        };
        let url = Url {
            scheme: field(&map, "scheme")?,
            host: field(&map, "host")?,
            path: field(&map, "path")?,
            query: field(&map, "query")?,
            opaque: field(&map, "opaque")?,
            fragment: field(&map, "fragment")?,
            user,
        };
        Ok(Value::text(url.text()))
    }),
];

fn field(map: &Map, key: &str) -> Result<String, FunctionError> {
    match map.get(key) {
        None => Ok(String::new()),
        Some(Value::Str(text)) => Ok(text.to_string()),
        Some(Value::Nil) => Err(FunctionError::new("runtime error: invalid memory address or nil pointer dereference")),
        Some(other) => {
            Err(FunctionError(format!("unable to parse {key} key, must be of type string, but {} found", other.kind())))
        }
    }
}

#[derive(Debug, Default)]
struct Url {
    scheme: String,
    opaque: String,
    user: Option<User>,
    host: String,
    path: String,
    query: String,
    fragment: String,
}

#[derive(Debug)]
struct User {
    name: String,
    password: Option<String>,
}

impl User {
    fn text(&self) -> String {
        let name = escape(&self.name, Part::User);
        match &self.password {
            Some(password) => format!("{name}:{}", escape(password, Part::User)),
            None => name,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Path,
    User,
    Host,
    Fragment,
}

impl Part {
    fn keeps(self, byte: u8) -> bool {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            return true;
        }
        let others: &[u8] = match self {
            Part::Path => b"$&+,/:;=@",
            Part::User => b"$&+,;=",
            Part::Host => b"!$&'()*+,;=:[]<>\"",
            Part::Fragment => b"$&+,/:;=?@!()*",
        };
        others.contains(&byte)
    }
}

fn escape(text: &str, part: Part) -> String {
    let mut out = Vec::with_capacity(text.len());
    for byte in text.bytes() {
        if part.keeps(byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn unescape(text: &str, part: Part) -> Result<String, String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some(&byte) = rest.first() {
        if byte == b'%' {
            let shown = String::from_utf8_lossy(&rest[..rest.len().min(3)]).into_owned();
            let invalid = || format!("invalid URL escape {shown:?}");
            let code = std::str::from_utf8(rest.get(1..3).ok_or_else(invalid)?).map_err(|_| invalid())?;
            let code =
                Some(code).filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit())).ok_or_else(invalid)?;
            let code = u8::from_str_radix(code, 16).map_err(|_| invalid())?;
            // In a host only characters beyond ASCII may be escaped.
            if part == Part::Host && code < 0x80 && code != b'%' {
                return Err(invalid());
            }
            out.push(code);
            rest = &rest[3..];
            continue;
        }
        if part == Part::Host && byte.is_ascii() && !part.keeps(byte) {
            return Err(format!("invalid character {:?} in host name", char::from(byte).to_string()));
        }
        out.push(byte);
        rest = &rest[1..];
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Url {
    /// The URL, or what part of it is wrong and why.
    fn parse(raw: &str) -> Result<Url, (String, String)> {
        let (front, fragment) = raw.split_once('#').unwrap_or((raw, ""));
        let mut url = Url::parse_front(front).map_err(|why| (front.to_owned(), why))?;
        url.fragment = unescape(fragment, Part::Fragment).map_err(|why| (raw.to_owned(), why))?;
        Ok(url)
    }

    fn parse_front(raw: &str) -> Result<Url, String> {
        if raw.bytes().any(|byte| byte < b' ' || byte == 0x7f) {
            return Err("net/url: invalid control character in URL".to_owned());
        }
        let mut url = Url::default();
        if raw == "*" {
            url.path = "*".to_owned();
            return Ok(url);
        }
        let (scheme, rest) = scheme(raw)?;
        url.scheme = scheme.to_ascii_lowercase();
        let (mut rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        url.query = query.to_owned();
        if !rest.starts_with('/') {
            if !url.scheme.is_empty() {
                url.opaque = rest.to_owned();
                return Ok(url);
            }
            if rest.split('/').next().is_some_and(|segment| segment.contains(':')) {
                return Err("first path segment in URL cannot contain colon".to_owned());
            }
        }
        let has_authority = !url.scheme.is_empty() || !rest.starts_with("///");
        if let Some(tail) = rest.strip_prefix("//").filter(|_| has_authority) {
            let end = tail.find('/').unwrap_or(tail.len());
            (url.user, url.host) = authority(&tail[..end])?;
            rest = &tail[end..];
        }
        url.path = unescape(rest, Part::Path)?;
        Ok(url)
    }

    fn hostname(&self) -> &str {
        let host = match self.host.rfind(':') {
            Some(colon) if is_port(&self.host[colon..]) => &self.host[..colon],
            _ => &self.host,
        };
        host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
    }

    fn text(&self) -> String {
        let mut out = String::new();
        if !self.scheme.is_empty() {
            out = format!("{}:", self.scheme);
        }
        if self.opaque.is_empty() {
            let named = !self.scheme.is_empty() || !self.host.is_empty() || self.user.is_some();
            if named && (!self.host.is_empty() || !self.path.is_empty() || self.user.is_some()) {
                out.push_str("//");
                if let Some(user) = &self.user {
                    out += &format!("{}@", user.text());
                }
                out += &escape(&self.host, Part::Host);
            }
            let path = if self.path == "*" { "*".to_owned() } else { escape(&self.path, Part::Path) };
            if !path.is_empty() && !path.starts_with('/') && !self.host.is_empty() {
                out.push('/');
            }
            if out.is_empty() && path.split('/').next().is_some_and(|segment| segment.contains(':')) {
                out.push_str("./");
            }
            out += &path;
        } else {
            out += &self.opaque;
        }
        if !self.query.is_empty() {
            out += &format!("?{}", self.query);
        }
        if !self.fragment.is_empty() {
            out += &format!("#{}", escape(&self.fragment, Part::Fragment));
        }
        out
    }
}

/// The scheme (may be empty) and the rest.
fn scheme(raw: &str) -> Result<(&str, &str), String> {
    let end = raw.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)).count();
    let starts_well = raw.as_bytes().first().is_some_and(u8::is_ascii_alphabetic);
    match raw.as_bytes().get(end) {
        Some(b':') if end == 0 => Err("missing protocol scheme".to_owned()),
        Some(b':') if starts_well => Ok((&raw[..end], &raw[end + 1..])),
        _ => Ok(("", raw)),
    }
}

fn authority(text: &str) -> Result<(Option<User>, String), String> {
    let Some((info, host_text)) = text.rsplit_once('@') else { return Ok((None, host(text)?)) };
    let host = host(host_text)?;
    let fine = |c: char| c.is_ascii_alphanumeric() || "-._:~!$&'()*+,;=%@".contains(c);
    if !info.chars().all(fine) {
        return Err("net/url: invalid userinfo".to_owned());
    }
    let user = match info.split_once(':') {
        Some((name, password)) => {
            User { name: unescape(name, Part::User)?, password: Some(unescape(password, Part::User)?) }
        }
        None => User { name: unescape(info, Part::User)?, password: None },
    };
    Ok((Some(user), host))
}

fn host(text: &str) -> Result<String, String> {
    let port = match (text.rfind('['), text.rfind(']')) {
        (Some(open), _) if open > 0 => return Err("invalid IP-literal".to_owned()),
        (Some(_), None) => return Err("missing ']' in host".to_owned()),
        (Some(_), Some(close)) => {
            let address = &text[1..close];
            let address = address.split_once("%25").map_or(address, |(address, _)| address);
            if address.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("invalid IP-literal".to_owned());
            }
            &text[close + 1..]
        }
        (None, _) => text.rfind(':').map_or("", |colon| &text[colon..]),
    };
    if !is_port(port) {
        return Err(format!("invalid port {port:?} after host"));
    }
    unescape(text, Part::Host)
}
