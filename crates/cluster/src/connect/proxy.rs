//! Which proxy a cluster is reached through.

use std::net::IpAddr;

/// What was chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Proxy {
    /// As the kubeconfig says, else as the environment says (`HTTPS_PROXY`, `NO_PROXY`).
    #[default]
    System,
    /// As the kubeconfig says, else none.
    None,
    /// As the kubeconfig says, else this address.
    Address(String),
}

/// The proxy to use for `host`, if any. `in_file` is the kubeconfig's `proxy-url`, which always wins: whoever wrote it
/// knew that cluster. `env` reads an environment variable.
pub fn proxy_for(
    host: &str,
    in_file: Option<&str>,
    choice: &Proxy,
    env: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let env = |upper: &str| env(upper).or_else(|| env(&upper.to_lowercase())).filter(|value| !value.trim().is_empty());
    if let Some(address) = in_file.filter(|address| !address.is_empty()) {
        return Some(address.to_owned());
    }
    match choice {
        Proxy::None => None,
        Proxy::Address(address) => (!is_loopback(host)).then(|| address.clone()),
        Proxy::System => {
            env("HTTPS_PROXY").filter(|_| !is_loopback(host) && !excepted(host, &env("NO_PROXY").unwrap_or_default()))
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || bare(host).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Whether `NO_PROXY` names the host: `*`, the host itself, a parent domain (with or without a leading dot), an address
/// or a range of addresses. Ports in the list are ignored.
fn excepted(host: &str, list: &str) -> bool {
    let host = bare(host).to_lowercase();
    list.split(',').map(|entry| entry.trim().to_lowercase()).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Some((network, bits)) = entry.split_once('/') {
            return in_range(&host, network, bits);
        }
        let name = entry.trim_start_matches("*.").trim_start_matches('.');
        let name = name.rsplit_once(':').filter(|(before, _)| !before.contains(':')).map_or(name, |(before, _)| before);
        host == bare(name) || host.strip_suffix(name).is_some_and(|before| before.ends_with('.'))
    })
}

fn in_range(host: &str, network: &str, bits: &str) -> bool {
    let (Ok(host), Ok(network), Ok(bits)) = (host.parse::<IpAddr>(), network.parse::<IpAddr>(), bits.parse::<u32>())
    else {
        return false;
    };
    let prefix = |value: u128, width: u32| value.checked_shr(width.saturating_sub(bits)).unwrap_or(0);
    match (host, network) {
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

    #[test]
    fn the_file_wins_then_the_choice_then_the_environment() {
        let env = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://proxy:3128".to_owned()),
            "no_proxy" => Some("inside.example, 10.0.0.0/8".to_owned()),
            _ => None,
        };
        let system = Proxy::System;
        let address = Proxy::Address("http://mine:1".to_owned());
        let cases = [
            ("k8s.example", Some("http://file:1"), &Proxy::None, Some("http://file:1")),
            ("k8s.example", None, &Proxy::None, None),
            ("k8s.example", None, &address, Some("http://mine:1")),
            ("127.0.0.1", None, &address, None),
            ("k8s.example", None, &system, Some("http://proxy:3128")),
            ("k8s.inside.example", None, &system, None),
            ("10.1.2.3", None, &system, None),
            ("11.1.2.3", None, &system, Some("http://proxy:3128")),
            ("localhost", None, &system, None),
            ("[::1]", None, &system, None),
        ];
        for (host, file, choice, expected) in cases {
            assert_eq!(proxy_for(host, file, choice, env).as_deref(), expected, "{host} {file:?} {choice:?}");
        }
    }

    #[test]
    fn exceptions() {
        let cases = [
            ("a.example", "*", true),
            ("a.example", "example", true),
            ("a.example", ".example", true),
            ("a.example", "*.example", true),
            ("aexample", "example", false),
            ("a.example", "a.example:6443", true),
            ("a.example", "b.example", false),
            ("10.96.0.1", "10.96.0.0/12", true),
            ("10.0.0.1", "0.0.0.0/0", true),
            ("10.0.0.1", "10.0.0.1/32", true),
            ("10.0.0.2", "10.0.0.1/32", false),
            ("fd00::1", "fd00::/8", true),
            ("10.0.0.1", "fd00::/8", false),
            ("a.example", "", false),
        ];
        for (host, list, expected) in cases {
            assert_eq!(excepted(host, list), expected, "{host} {list}");
        }
    }
}
