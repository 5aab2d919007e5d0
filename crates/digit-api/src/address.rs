//! Where DIGIT is reached, and joining a path to it without a double slash, which every service of DIGIT refuses.

use std::net::IpAddr;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::Error;

/// An address without path, query, user or password: `https://digit.example.org` or `http://127.0.0.1:8080`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(Url);

impl Address {
    /// Reads an address; slashes at its end are dropped.
    ///
    /// # Errors
    /// [`Error::Address`] when it is no `http` or `https` address, or holds more than scheme, host, port and path.
    pub fn read(text: &str) -> Result<Self, Error> {
        let wrong = |reason| Error::Address { reason };
        let mut url = Url::parse(text.trim()).map_err(|_| wrong("not-an-address"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(wrong("neither-http-nor-https"));
        }
        // A name and password in an address end up in logs; we send neither.
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("holds-a-user"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("holds-a-query"));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address of `path` below this one, with exactly one slash between them and none doubled.
    #[must_use]
    pub fn join(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let parts: Vec<&str> = self.0.path().split('/').chain(path.split('/')).filter(|p| !p.is_empty()).collect();
        let end = if path.ends_with('/') && !parts.is_empty() { "/" } else { "" };
        url.set_path(&format!("/{}{end}", parts.join("/")));
        url
    }

    /// Scheme, host and port: how it is named in a result.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether it is this computer's own.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

/// Whether a URL leads to this computer: such a call must never go through a proxy.
pub(crate) fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.ends_with(".localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    })
}

/// Who can open the address that a check was made through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AddressKind {
    /// The address that people will open.
    Own,
    /// A way that is open on this computer only, and meant to be.
    ThisComputer,
    /// A way inside, used because the address is not public yet.
    Inside,
}

/// The two codes of an installation: `pg` and `pg.citya`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenants {
    /// The state's code.
    pub state: String,
    /// The city's code, below the state's.
    pub city: String,
}

impl Tenants {
    /// Two codes as egov-user allows them: letters and dots, the city below the state.
    ///
    /// # Errors
    /// [`Error::Tenant`] with the code that is not allowed.
    pub fn new(state: &str, city: &str) -> Result<Self, Error> {
        let well = |code: &str| {
            !code.is_empty() && code.split('.').all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_alphabetic()))
        };
        if !well(state) || state.contains('.') {
            return Err(Error::Tenant { code: state.to_owned(), reason: "letters-only" });
        }
        if !well(city) {
            return Err(Error::Tenant { code: city.to_owned(), reason: "letters-only" });
        }
        if !city.strip_prefix(state).is_some_and(|rest| rest.starts_with('.')) {
            return Err(Error::Tenant { code: city.to_owned(), reason: "not-below-the-state" });
        }
        Ok(Self { state: state.to_owned(), city: city.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_with_one_slash() {
        for (base, path, joined) in [
            ("http://127.0.0.1:8080", "/user/_search", "http://127.0.0.1:8080/user/_search"),
            ("http://127.0.0.1:8080/", "/user/_search", "http://127.0.0.1:8080/user/_search"),
            ("http://127.0.0.1:8080///", "user//_search", "http://127.0.0.1:8080/user/_search"),
            ("https://d.example.org/base/", "/digit-ui/", "https://d.example.org/base/digit-ui/"),
            ("https://d.example.org", "/", "https://d.example.org/"),
        ] {
            assert_eq!(Address::read(base).unwrap().join(path).as_str(), joined, "{base} {path}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, reason) in [
            ("digit.example.org", "not-an-address"),
            ("ftp://digit.example.org", "neither-http-nor-https"),
            ("http://admin:secret@digit.example.org", "holds-a-user"),
            ("http://digit.example.org/?a=b", "holds-a-query"),
        ] {
            let Err(Error::Address { reason: found }) = Address::read(text) else { panic!("{text}") };
            assert_eq!(found, reason, "{text}");
        }
    }

    #[test]
    fn this_computer_is_known_by_name_and_number() {
        for (text, loopback) in [
            ("http://localhost:1", true),
            ("http://127.0.0.9", true),
            ("http://[::1]:80", true),
            ("http://x.localhost", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.org", false),
        ] {
            assert_eq!(Address::read(text).unwrap().is_loopback(), loopback, "{text}");
        }
    }

    #[test]
    fn codes_are_letters_and_the_city_lies_below_the_state() {
        for (state, city, well) in [
            ("pg", "pg.citya", true),
            ("pg", "pg.city-a", false),
            ("pg", "pg.city1", false),
            ("p1", "p1.citya", false),
            ("pg", "pgx.citya", false),
            ("pg", "pg", false),
            ("pg", "pg.", false),
            ("", ".citya", false),
        ] {
            assert_eq!(Tenants::new(state, city).is_ok(), well, "{state} {city}");
        }
    }
}
