//! Addresses that people write: of servers and of proxies, with a scheme or without, with a password in them or without.

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};
use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// Longer is no address: paths are put behind it, and a URI has a limit.
const LONGEST: usize = 2048;

/// A name and a password, as they stand in an address before the `@`.
#[derive(Debug, Clone)]
pub(super) struct Credentials {
    pub(super) user: String,
    pub(super) password: SecretString,
}

/// Where a server is.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Scheme, host, port if one is named, path without a slash at its end.
    pub(super) uri: Uri,
    pub(super) credentials: Option<Credentials>,
}

impl Server {
    /// Whether it is reached over TLS.
    pub(super) fn is_tls(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    pub(super) fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// The port that is named, else the scheme's.
    pub(super) fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.is_tls() { 443 } else { 80 })
    }

    /// For people.
    pub(super) fn shown(&self) -> String {
        self.uri.to_string().trim_end_matches('/').to_owned()
    }
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Speech {
    /// HTTP, with `CONNECT`.
    Http,
    /// The same inside TLS.
    Https,
    /// SOCKS 5, and names are looked up by the proxy.
    Socks5,
}

impl Speech {
    fn scheme(self) -> &'static str {
        match self {
            Speech::Http => "http",
            Speech::Https => "https",
            Speech::Socks5 => "socks5",
        }
    }
}

/// Where a proxy is.
#[derive(Debug, Clone)]
pub(super) struct ProxyAddress {
    pub(super) speech: Speech,
    /// Host and port.
    pub(super) authority: Authority,
    pub(super) credentials: Option<Credentials>,
}

impl ProxyAddress {
    /// For people.
    pub(super) fn shown(&self) -> String {
        format!("{}://{}", self.speech.scheme(), self.authority)
    }
}

/// An address in its parts; the scheme in small letters, nothing of what follows the path.
struct Parts<'a> {
    scheme: Option<String>,
    userinfo: Option<&'a str>,
    authority: &'a str,
    path: &'a str,
}

fn parts(address: &str) -> Option<Parts<'_>> {
    if address.len() > LONGEST || !address.is_ascii() {
        return None;
    }
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme.to_ascii_lowercase()), rest),
        _ => (None, address),
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let (userinfo, authority) = match authority.rsplit_once('@') {
        Some((userinfo, authority)) => (Some(userinfo), authority),
        None => (None, authority),
    };
    Some(Parts { scheme, userinfo, authority, path })
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// Host and port of an authority without a password. An address of IPv6 stands in brackets.
fn authority(text: &str, port: Option<u16>) -> Option<Authority> {
    let found: Authority = text.parse().ok()?;
    let is_well = |c: char| c.is_ascii_alphanumeric() || "-._~:[]%".contains(c);
    if found.host().is_empty() || !found.as_str().chars().all(is_well) {
        return None;
    }
    let rest = found.as_str().get(found.host().len()..)?;
    match (rest.strip_prefix(':'), port) {
        (Some(given), _) if !given.is_empty() => given.parse::<u16>().ok().filter(|port| *port > 0).map(|_| found),
        (_, Some(port)) => format!("{}:{port}", found.host()).parse().ok(),
        _ => found.host().parse().ok(),
    }
}

fn credentials(userinfo: &str) -> Option<Credentials> {
    let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
    let decoded = |text| percent_decode_str(text).decode_utf8().ok();
    Some(Credentials { user: decoded(user)?.into_owned(), password: decoded(password)?.into_owned().into() })
}

/// The server that an address names. As in client-go, one without a scheme is reached without TLS, and has no path.
pub(super) fn server(address: &str) -> Option<Server> {
    let parts = parts(address)?;
    let scheme = match parts.scheme.as_deref() {
        Some("https") => Scheme::HTTPS,
        Some("http") => Scheme::HTTP,
        None if parts.path.is_empty() || parts.path == "/" => Scheme::HTTP,
        _ => return None,
    };
    let path: PathAndQuery = match parts.path.trim_end_matches('/') {
        "" => PathAndQuery::from_static("/"),
        path => path.parse().ok()?,
    };
    let uri = Uri::builder().scheme(scheme).authority(authority(parts.authority, None)?).path_and_query(path);
    let credentials = match parts.userinfo {
        Some(userinfo) => Some(credentials(userinfo)?),
        None => None,
    };
    Some(Server { uri: uri.build().ok()?, credentials })
}

/// The proxy that an address names; without a scheme it speaks HTTP, as everywhere.
pub(super) fn proxy(address: &str) -> Option<ProxyAddress> {
    let parts = parts(address.trim())?;
    let (speech, port) = match parts.scheme.as_deref() {
        None | Some("http") => (Speech::Http, 80),
        Some("https") => (Speech::Https, 443),
        Some("socks5" | "socks5h") => (Speech::Socks5, 1080),
        Some(_) => return None,
    };
    let credentials = match parts.userinfo {
        Some(userinfo) => Some(credentials(userinfo)?),
        None => None,
    };
    Some(ProxyAddress { speech, authority: authority(parts.authority, Some(port))?, credentials })
}

/// An address as it may be shown, whatever it is.
pub(super) fn without_password(address: &str) -> String {
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(scheme, rest)| (scheme, rest));
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let shown = match rest.get(..end).unwrap_or_default().rfind('@') {
        Some(at) => rest.get(at + 1..).unwrap_or_default(),
        None => rest,
    };
    if scheme.is_empty() { shown.to_owned() } else { format!("{scheme}://{shown}") }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn servers() {
        let cases = [
            ("https://one:6443", Some("https://one:6443")),
            ("HTTPS://One:6443/", Some("https://One:6443")),
            ("https://one", Some("https://one")),
            ("https://one:", Some("https://one")),
            ("https://one/k8s/clusters/c-1/", Some("https://one/k8s/clusters/c-1")),
            ("https://one:6443/p?x=1#f", Some("https://one:6443/p")),
            ("https://[::1]:6443", Some("https://[::1]:6443")),
            ("https://someone:p%40ss@one", Some("https://one")),
            ("http://one:8080", Some("http://one:8080")),
            // no scheme: no TLS
            ("10.0.0.5:6443", Some("http://10.0.0.5:6443")),
            ("localhost:8080/", Some("http://localhost:8080")),
            ("one", Some("http://one")),
            ("one/path", None),
            ("//one:6443", None),
            ("https:one", None),
            ("https:/one", None),
            ("ftp://one", None),
            ("https://", None),
            ("https://:6443", None),
            ("https://one:6443 ", None),
            (" https://one", None),
            ("https://one:99999", None),
            ("https://one:x", None),
            ("https://one:6443:6443", None),
            ("https://o ne", None),
            ("https://einś", None),
            ("https://one/a b", None),
            ("https://::1:6443", None),
            ("", None),
            ("://", None),
        ];
        for (address, expected) in cases {
            assert_eq!(server(address).map(|server| server.shown()).as_deref(), expected, "{address}");
        }
        assert!(server(&format!("https://one/{}", "x".repeat(LONGEST))).is_none());
        let named = server("https://someone:p%40ss@one").unwrap().credentials.unwrap();
        assert_eq!((named.user.as_str(), named.password.expose_secret()), ("someone", "p@ss"));
        assert_eq!(server("https://one").unwrap().port(), 443);
        assert_eq!(server("one").unwrap().port(), 80);
    }

    #[test]
    fn proxies() {
        let cases = [
            ("proxy.example:3128", Some("http://proxy.example:3128")),
            ("http://proxy.example:3128/", Some("http://proxy.example:3128")),
            ("http://proxy.example", Some("http://proxy.example:80")),
            ("https://proxy.example", Some("https://proxy.example:443")),
            ("socks5://proxy.example", Some("socks5://proxy.example:1080")),
            ("socks5h://127.0.0.1:9050", Some("socks5://127.0.0.1:9050")),
            ("http://user:pa@ss@proxy.example:1", Some("http://proxy.example:1")),
            ("user:secret@proxy.example:1", Some("http://proxy.example:1")),
            ("[::1]:3128", Some("http://[::1]:3128")),
            (" proxy.example:1 ", Some("http://proxy.example:1")),
            ("localhost", Some("http://localhost:80")),
            ("ftp://proxy.example", None),
            ("socks4://proxy.example", None),
            ("http://", None),
            ("http://:3128", None),
            ("http://proxy example", None),
            ("http://proxy.example:0", None),
            ("", None),
        ];
        for (address, expected) in cases {
            assert_eq!(proxy(address).map(|proxy| proxy.shown()).as_deref(), expected, "{address}");
        }
        let named = proxy("http://user:pa%40ss@proxy.example:1").unwrap().credentials.unwrap();
        assert_eq!((named.user.as_str(), named.password.expose_secret()), ("user", "pa@ss"));
    }

    #[test]
    fn a_password_is_not_shown() {
        for (address, expected) in [
            ("https://someone:secret@one:6443/p", "https://one:6443/p"),
            ("someone:secret@one", "one"),
            ("https://one/@x", "https://one/@x"),
            ("https://a:b@c:d@one", "https://one"),
            ("", ""),
        ] {
            assert_eq!(without_password(address), expected);
        }
    }
}
