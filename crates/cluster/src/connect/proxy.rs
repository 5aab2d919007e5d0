//! Which proxy a cluster is reached through.

use std::net::IpAddr;

use super::address::{self, ProxyAddress, Server};
use super::system_proxy::SystemProxy;
use crate::error::{Error, Result};

/// What was chosen.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As the kubeconfig says, else as the environment says (`HTTPS_PROXY`, `NO_PROXY`), else as the system says.
    #[default]
    System,
    /// As the kubeconfig says, else none.
    None,
    /// As the kubeconfig says, else this address.
    Address(String),
}

/// Without a password that may stand in the address.
impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Proxy::System => write!(f, "System"),
            Proxy::None => write!(f, "None"),
            Proxy::Address(address) => write!(f, "Address({:?})", address::without_password(address)),
        }
    }
}

/// The proxy to use for a server whose kubeconfig names none, if any. `env` reads an environment variable, `system` what the system says.
///
/// The environment is read as Go reads it: the capital letters first, an address that is none is passed over.
pub(super) fn proxy_for(
    server: &Server,
    choice: &Proxy,
    env: impl Fn(&str) -> Option<String>,
    system: impl FnOnce(&Server) -> Option<SystemProxy>,
) -> Result<Option<ProxyAddress>> {
    let env = |name: &str| {
        let filled = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        filled(name).or_else(|| filled(&name.to_lowercase()))
    };
    match choice {
        Proxy::None => Ok(None),
        _ if is_loopback(server.host()) => Ok(None),
        Proxy::Address(given) => {
            let invalid = || Error::ProxyInvalid { proxy: address::without_password(given) };
            address::proxy(given).map(Some).ok_or_else(invalid)
        }
        Proxy::System => {
            let except = env("NO_PROXY").unwrap_or_default();
            if is_excepted(server.host(), server.port(), &except) {
                return Ok(None);
            }
            let named = env(if server.is_tls() { "HTTPS_PROXY" } else { "HTTP_PROXY" });
            if let Some(named) = named {
                return Ok(address::proxy(&named));
            }
            let found = system(server).filter(|found| !found.is_excepted(server.host(), server.port()));
            Ok(found.and_then(|found| address::proxy(&found.address)))
        }
    }
}

/// Whatever says what: nobody's proxy leads to this computer.
fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || bare(host).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether a list names the host, as Go's: `*`, a name and what lies beneath it (beneath it only, if it begins with a dot or `*.`), an
/// address, a range of addresses; a name or an address for one port, if one is given. What is none of these is passed over.
pub(super) fn is_excepted(host: &str, port: u16, list: &str) -> bool {
    let host = bare(host).to_lowercase();
    let address = host.parse::<IpAddr>().ok();
    list.split(',').map(|entry| entry.trim().to_lowercase()).any(|entry| names(&entry, &host, address, port))
}

fn names(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/')
        && let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>())
    {
        return address.is_some_and(|address| is_in_range(address, network, bits));
    }
    let (name, for_port) = split_port(entry);
    if for_port.is_some_and(|given| given != port.to_string()) {
        return false;
    }
    match (bare(name).parse::<IpAddr>(), address) {
        (Ok(named), Some(address)) => return named.to_canonical() == address.to_canonical(),
        (Ok(_), None) | (Err(_), Some(_)) => return false,
        (Err(_), None) => {}
    }
    let name = name.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(name);
    match name.strip_prefix('.') {
        Some(parent) => !parent.is_empty() && host.strip_suffix(name).is_some_and(|before| !before.is_empty()),
        None if name.is_empty() => false,
        None => host == name || host.strip_suffix(name).is_some_and(|before| before.ends_with('.')),
    }
}

/// `host:port`, `[address]:port`, or either without a port.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || (name.starts_with('[') && name.ends_with(']')) => {
            (name, Some(port).filter(|port| !port.is_empty()))
        }
        _ => (entry, None),
    }
}

fn is_in_range(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let prefix = |value: u128, width: u32| value.checked_shr(width.saturating_sub(bits)).unwrap_or(0);
    match (address.to_canonical(), network) {
        (IpAddr::V4(a), IpAddr::V4(b)) if bits <= 32 => {
            prefix(a.to_bits().into(), 32) == prefix(b.to_bits().into(), 32)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) if bits <= 128 => prefix(a.to_bits(), 128) == prefix(b.to_bits(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(address: &str, choice: &Proxy, env: &[(&str, &str)], system: Option<SystemProxy>) -> Option<String> {
        let env = |name: &str| env.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let server = address::server(address).unwrap();
        proxy_for(&server, choice, env, |_| system).unwrap().map(|proxy| proxy.shown())
    }

    #[test]
    fn the_environment_is_read_as_client_go_reads_it() {
        let http = "http://proxy:3128";
        type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], Option<&'a str>);
        let cases: &[Case<'_>] = &[
            ("https://k8s.example", &[("HTTPS_PROXY", http)], Some(http)),
            ("https://k8s.example", &[("https_proxy", http)], Some(http)),
            ("https://k8s.example", &[("HTTPS_PROXY", http), ("https_proxy", "http://other:1")], Some(http)),
            ("https://k8s.example", &[("HTTPS_PROXY", " "), ("https_proxy", http)], Some(http)),
            ("https://k8s.example", &[("HTTPS_PROXY", "proxy:3128")], Some(http)),
            ("https://k8s.example", &[("HTTPS_PROXY", "https://proxy")], Some("https://proxy:443")),
            ("https://k8s.example", &[("HTTPS_PROXY", "socks5://proxy")], Some("socks5://proxy:1080")),
            ("https://k8s.example", &[("HTTPS_PROXY", "http://user:secret@proxy:3128")], Some(http)),
            ("https://k8s.example", &[("HTTPS_PROXY", "not an address")], None),
            // for a server without TLS another variable counts, and none for both
            ("https://k8s.example", &[("HTTP_PROXY", http)], None),
            ("https://k8s.example", &[("ALL_PROXY", http)], None),
            ("http://k8s.example", &[("HTTPS_PROXY", http)], None),
            ("http://k8s.example", &[("HTTP_PROXY", http)], Some(http)),
            ("k8s.example:8080", &[("http_proxy", http)], Some(http)),
            // this computer
            ("https://localhost:6443", &[("HTTPS_PROXY", http)], None),
            ("https://127.0.0.53:6443", &[("HTTPS_PROXY", http)], None),
            ("https://[::1]:6443", &[("HTTPS_PROXY", http)], None),
            // exceptions
            ("https://k8s.example", &[("HTTPS_PROXY", http), ("NO_PROXY", "k8s.example")], None),
            ("https://k8s.example", &[("HTTPS_PROXY", http), ("no_proxy", "localhost,.example,")], None),
            ("https://k8s.example", &[("HTTPS_PROXY", http), ("NO_PROXY", "x"), ("no_proxy", "*")], Some(http)),
            ("https://10.1.2.3:6443", &[("HTTPS_PROXY", http), ("NO_PROXY", "10.0.0.0/8,")], None),
            ("https://k8s.example:6443", &[("HTTPS_PROXY", http), ("NO_PROXY", "k8s.example:443")], Some(http)),
            ("https://k8s.example", &[("HTTPS_PROXY", http), ("NO_PROXY", "k8s.example:443")], None),
        ];
        for (server, env, expected) in cases {
            assert_eq!(of(server, &Proxy::System, env, None).as_deref(), *expected, "{server} {env:?}");
        }
    }

    #[test]
    fn the_choice_then_the_environment_then_the_system() {
        let env = [("HTTPS_PROXY", "http://env:1")];
        let system = || Some(SystemProxy { address: "system:1".to_owned(), except: vec!["*.inside".to_owned()] });
        let mine = Proxy::Address("mine:1".to_owned());
        let far = "https://k8s.example";
        for (server, choice, env, system, expected) in [
            (far, &Proxy::None, &env[..], system(), None),
            (far, &mine, &env[..], system(), Some("http://mine:1")),
            ("https://127.0.0.1", &mine, &env[..], system(), None),
            (far, &Proxy::System, &env[..], system(), Some("http://env:1")),
            (far, &Proxy::System, &[][..], system(), Some("http://system:1")),
            (far, &Proxy::System, &[][..], None, None),
            (far, &Proxy::System, &[("NO_PROXY", ".example")][..], system(), None),
            ("https://k8s.inside", &Proxy::System, &[][..], system(), None),
            ("https://localhost", &Proxy::System, &[][..], system(), None),
        ] {
            assert_eq!(of(server, choice, env, system).as_deref(), expected, "{server} {choice:?} {env:?}");
        }
    }

    #[test]
    fn a_chosen_address_that_is_none_is_refused_without_its_password() {
        let server = address::server("https://k8s.example").unwrap();
        let given = Proxy::Address("ftp://user:c4n4ry@proxy:21".to_owned());
        let error = proxy_for(&server, &given, |_| None, |_| None).unwrap_err();
        assert_eq!(error, Error::ProxyInvalid { proxy: "ftp://proxy:21".to_owned() });
        assert!(!format!("{given:?}").contains("c4n4ry"));
    }

    #[test]
    fn exceptions() {
        let cases = [
            ("a.example", "*", true),
            ("10.0.0.1", "*", true),
            ("a.example", " * ", true),
            ("a.example", "example", true),
            ("a.example", "EXAMPLE", true),
            ("a.example", ".example", true),
            ("a.example", "*.example", true),
            ("example", ".example", false),
            ("example", "*.example", false),
            ("example", "example", true),
            ("aexample", "example", false),
            ("a.example", "a.example:6443", true),
            ("a.example", "a.example:443", false),
            ("a.example", "a.example:", true),
            ("a.example", "b.example", false),
            ("a.example", "x,,  ,a.example", true),
            ("a.example", "x;a.example", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1", "10.0.0.1:6443", true),
            ("10.0.0.1", "10.0.0.1:443", false),
            ("10.96.0.1", "10.96.0.0/12", true),
            ("10.0.0.1", "0.0.0.0/0", true),
            ("10.0.0.1", "10.0.0.1/32", true),
            ("10.0.0.2", "10.0.0.1/32", false),
            ("10.0.0.2", "10.0.0.0/33", false),
            ("10.0.0.2", "0.0.2", false),
            ("fd00::1", "fd00::/8", true),
            ("[fd00::1]", "fd00::/8", true),
            ("fd00::1", "[fd00::1]:6443", true),
            ("fd00::1", "[fd00::1]", true),
            ("fd00::1", "fd00::1", true),
            ("10.0.0.1", "fd00::/8", false),
            ("a.example", "10.0.0.0/8", false),
            ("a.example", "http://a.example", false),
            ("a.example", ":6443", false),
            ("a.example", ".", false),
            ("a.example", "", false),
        ];
        for (host, list, expected) in cases {
            assert_eq!(is_excepted(host, 6443, list), expected, "{host} {list}");
        }
    }
}
