//! What a call that failed says about why.

use std::error::Error as StdError;

use rustls::CertificateError;

use super::retry::Refusal;

/// What a failed call says about why, from the chain of its causes.
pub(crate) fn refusal(error: &(dyn StdError + 'static)) -> Refusal {
    let mut link = Some(error);
    let mut last = String::new();
    let mut garbled = false;
    while let Some(cause) = link {
        if let Some(own) = own(cause) {
            return own;
        }
        garbled |= cause.downcast_ref::<serde_json::Error>().is_some();
        link = cause.source();
        last = cause.to_string();
    }
    if garbled { Refusal::Garbled { reason: last } } else { Refusal::Lost { reason: last } }
}

/// What we said ourselves: as it is, or behind what TLS and the system's input and output wrap around it.
fn own(cause: &(dyn StdError + 'static)) -> Option<Refusal> {
    if let Some(own) = cause.downcast_ref::<Refusal>() {
        return Some(own.clone());
    }
    if let Some(inner) = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        return own(inner);
    }
    match cause.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(CertificateError::Other(other)) => other.0.downcast_ref::<Refusal>().cloned(),
        error @ rustls::Error::InvalidCertificate(_) => {
            Some(Refusal::NotTrusted { reason: error.to_string(), issuer: String::new() })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Arc;

    use rustls::OtherError;

    use super::*;

    #[test]
    fn what_we_said_ourselves_is_found_behind_what_is_wrapped_around_it() {
        let own = || Refusal::NotTrusted { reason: "unknown issuer".to_owned(), issuer: "Firewall".to_owned() };
        let tls = |error: CertificateError| rustls::Error::InvalidCertificate(error);
        let judged = tls(CertificateError::Other(OtherError(Arc::new(own()))));
        let lost = Refusal::Lost { reason: "reset".to_owned() };
        let cases: Vec<(Box<dyn StdError>, Refusal)> = vec![
            (Box::new(own()), own()),
            (Box::new(judged.clone()), own()),
            (Box::new(io::Error::other(judged.clone())), own()),
            (Box::new(io::Error::other(io::Error::other(judged))), own()),
            (
                Box::new(tls(CertificateError::Expired)),
                Refusal::NotTrusted { reason: tls(CertificateError::Expired).to_string(), issuer: String::new() },
            ),
            (Box::new(io::Error::other("reset")), lost),
            (
                Box::new(serde_json::from_str::<u8>("x").unwrap_err()),
                Refusal::Garbled { reason: serde_json::from_str::<u8>("x").unwrap_err().to_string() },
            ),
        ];
        for (error, expected) in cases {
            assert_eq!(refusal(&*error), expected);
        }
    }
}
