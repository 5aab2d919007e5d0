//! What the system's own settings say about proxies.

use super::address::Server;

/// A proxy of the system's, with what it is not for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SystemProxy {
    /// As it stands in the settings.
    pub(super) address: String,
    /// Patterns of hosts that are reached directly: `*` stands for anything, `<local>` for names without a dot.
    pub(super) except: Vec<String>,
}

impl SystemProxy {
    pub(super) fn is_excepted(&self, host: &str, port: u16) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']').to_lowercase();
        let with_port = format!("{host}:{port}");
        self.except.iter().map(|pattern| pattern.to_lowercase()).any(|pattern| match pattern.as_str() {
            "<local>" => !host.contains('.') && !host.contains(':'),
            // Takes this computer from what is never sent to a proxy. That we do not.
            "<-loopback>" | "" => false,
            pattern => {
                let pattern = pattern.split_once("://").map_or(pattern, |(_, rest)| rest);
                fits(pattern.as_bytes(), host.as_bytes()) || fits(pattern.as_bytes(), with_port.as_bytes())
            }
        })
    }
}

/// Whether a text fits a pattern in which `*` stands for anything.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    // Where the last star stands, and how much of the text it has taken.
    let (mut p, mut t, mut star) = (0, 0, None);
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(known) if known == byte => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    t = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

/// What Windows' settings mean: `proxy:8080` for everything, or `http=a:1;https=b:2;socks=c:3` for each by itself; exceptions are
/// separated by semicolons.
#[cfg(any(windows, test))]
fn windows(proxies: &str, exceptions: &str, is_tls: bool) -> Option<SystemProxy> {
    let parts: Vec<&str> =
        proxies.split(|c: char| c == ';' || c.is_whitespace()).filter(|part| !part.is_empty()).collect();
    let of = |name: &str| {
        let mut named = parts.iter().filter_map(|part| part.split_once('='));
        let found = named.find(|(known, address)| known.eq_ignore_ascii_case(name) && !address.is_empty());
        found.map(|(_, address)| address)
    };
    let socks = || {
        of("socks").map(|address| match address.contains("://") {
            true => address.to_owned(),
            false => format!("socks5://{address}"),
        })
    };
    let for_all = parts.iter().find(|part| !part.contains('=')).map(|address| (*address).to_owned());
    let address = of(if is_tls { "https" } else { "http" }).map(str::to_owned).or(for_all).or_else(socks)?;
    let except = exceptions.split(';').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect();
    Some(SystemProxy { address, except })
}

/// What the system says for a server. Its settings may change while we run, and are read each time.
#[cfg(windows)]
pub(super) fn of(server: &Server) -> Option<SystemProxy> {
    let key =
        windows_registry::CURRENT_USER.open(r"Software\Microsoft\Windows\CurrentVersion\Internet Settings").ok()?;
    if key.get_u32("ProxyEnable").unwrap_or(0) == 0 {
        return None;
    }
    let proxies = key.get_string("ProxyServer").ok()?;
    windows(&proxies, &key.get_string("ProxyOverride").unwrap_or_default(), server.is_tls())
}

/// What the system says for a server. Its settings may change while we run, and are read each time.
#[cfg(target_os = "macos")]
pub(super) fn of(server: &Server) -> Option<SystemProxy> {
    let found = hyper_util::client::proxy::matcher::Matcher::from_system().intercept(&server.uri)?;
    Some(SystemProxy { address: found.uri().to_string(), except: Vec::new() })
}

/// Linux has no settings but the environment.
#[cfg(not(any(windows, target_os = "macos")))]
pub(super) fn of(_: &Server) -> Option<SystemProxy> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_windows_settings_mean() {
        let cases = [
            ("proxy:8080", true, Some("proxy:8080")),
            ("http://proxy:8080", true, Some("http://proxy:8080")),
            ("http=a:1;https=b:2;socks=c:3", true, Some("b:2")),
            ("http=a:1;https=b:2;socks=c:3", false, Some("a:1")),
            ("HTTPS=b:2", true, Some("b:2")),
            ("http=a:1", true, None),
            ("socks=c:3", true, Some("socks5://c:3")),
            ("http=a:1 proxy:8080", true, Some("proxy:8080")),
            ("https=;http=a:1", true, None),
            ("", true, None),
            (" ; ", true, None),
        ];
        for (proxies, is_tls, expected) in cases {
            let found = windows(proxies, "", is_tls);
            assert_eq!(found.map(|found| found.address).as_deref(), expected, "{proxies} {is_tls}");
        }
    }

    #[test]
    fn what_windows_excepts() {
        let list = "10.*; *.inside.example;<local>;;server:6443;172.16.*.1;https://named.example;<-loopback>";
        let found = windows("proxy:8080", list, true).unwrap();
        for (host, port, expected) in [
            ("10.1.2.3", 443, true),
            ("110.1.2.3", 443, false),
            ("a.inside.example", 443, true),
            ("inside.example", 443, false),
            ("A.INSIDE.example", 443, true),
            ("kube", 443, true),
            ("kube.example", 443, false),
            ("server", 6443, true),
            ("172.16.9.1", 443, true),
            ("172.16.9.2", 443, false),
            ("named.example", 443, true),
            ("[fd00::1]", 443, false),
        ] {
            assert_eq!(found.is_excepted(host, port), expected, "{host}");
        }
        let all = windows("proxy:8080", "*", true).unwrap();
        assert!(all.is_excepted("a.example", 443) && all.is_excepted("[fd00::1]", 443));
    }
}
