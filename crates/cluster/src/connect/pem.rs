//! Certificates and keys as kubeconfigs hold them: PEM, in whatever order and with whatever beside, as Go reads them.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use rustls::pki_types::pem::{self, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::error::Fault;

/// As Go decodes: what is padded, whatever the last bits are.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

const BEGIN: &str = "-----BEGIN ";

/// Decodes what a `-data` field holds. Line breaks count for nothing, other white space does.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text.bytes().filter(|byte| !b"\r\n".contains(byte)).collect();
    BASE64.decode(text).ok()
}

/// The blocks of a PEM text with their labels, whether they can be read or not.
fn blocks(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let starts: Vec<usize> = text
        .match_indices(BEGIN)
        .map(|(at, _)| at)
        .filter(|at| *at == 0 || text.as_bytes().get(at - 1).is_some_and(|before| b"\r\n".contains(before)))
        .collect();
    let block = |(n, start): (usize, &usize)| {
        let end = starts.get(n + 1).copied().unwrap_or(text.len());
        let block = text.get(*start..end)?;
        let label = block.strip_prefix(BEGIN)?.split("-----").next()?;
        Some((label.to_owned(), format!("{}\n", block.trim_end())))
    };
    starts.iter().enumerate().filter_map(block).collect()
}

fn der(block: &str) -> Option<(SectionKind, Vec<u8>)> {
    pem::from_buf(&mut block.as_bytes()).ok().flatten()
}

/// The certificates in a PEM text, each that can be read.
pub(super) fn certificates(bytes: &[u8]) -> Vec<CertificateDer<'static>> {
    let certificate = |(label, block): (String, String)| match der(&block) {
        Some((SectionKind::Certificate, der)) if label == "CERTIFICATE" => Some(CertificateDer::from(der)),
        _ => None,
    };
    let is_one = |der: &CertificateDer<'_>| x509_parser::parse_x509_certificate(der).is_ok();
    blocks(bytes).into_iter().filter_map(certificate).filter(is_one).collect()
}

/// The first private key in a PEM text. What else stands there is passed over: the curve's parameters, a certificate.
pub(super) fn key(bytes: &[u8]) -> Result<PrivateKeyDer<'static>, Fault> {
    let is_key = |label: &str| label == "PRIVATE KEY" || label.ends_with(" PRIVATE KEY");
    let (label, block) = blocks(bytes).into_iter().find(|(label, _)| is_key(label)).ok_or(Fault::NoKey)?;
    if label.starts_with("ENCRYPTED") || block.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(Fault::KeyLocked);
    }
    // What kind it is stands in it; labels are wrong at times.
    der(&block).and_then(|(_, der)| PrivateKeyDer::try_from(der).ok()).ok_or(Fault::NoKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: &str = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(vec!["one".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn base64_as_go_decodes_it() {
        for (text, expected) in [
            ("eHl6", Some("xyz")),
            ("eH\nl6\r\n", Some("xyz")),
            ("eA==", Some("x")),
            ("eB==", Some("x")),
            ("eA", None),
            ("eH l6", None),
            ("%%", None),
            ("", Some("")),
        ] {
            assert_eq!(decode(text).map(|bytes| String::from_utf8(bytes).unwrap()).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn certificates_are_found_among_other_things() {
        let (certificate, key) = pair();
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let cut = "-----BEGIN CERTIFICATE-----\nMIIB";
        for (text, count) in [
            (certificate.clone(), 1),
            (certificate.trim_end().to_owned(), 1),
            (certificate.replace('\n', "\r\n"), 1),
            (format!("Bag Attributes\n    friendlyName: x\n{key}{certificate}{broken}{certificate}"), 2),
            (format!("{cut}\n{certificate}"), 1),
            (broken.to_owned(), 0),
            (cut.to_owned(), 0),
            (key, 0),
            ("nothing".to_owned(), 0),
            (String::new(), 0),
        ] {
            assert_eq!(certificates(text.as_bytes()).len(), count, "{text}");
        }
    }

    #[test]
    fn keys_are_found_among_other_things() {
        let (certificate, made) = pair();
        let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n";
        let mislabelled = made.replace("PRIVATE KEY", "RSA PRIVATE KEY");
        for (text, expected) in [
            (made.clone(), None),
            (format!("{PARAMETERS}{made}"), None),
            (format!("{certificate}{PARAMETERS}{made}"), None),
            (mislabelled, None),
            (made.replace('\n', "\r\n"), None),
            (locked.to_owned(), Some(Fault::KeyLocked)),
            (old.to_owned(), Some(Fault::KeyLocked)),
            (certificate, Some(Fault::NoKey)),
            (PARAMETERS.to_owned(), Some(Fault::NoKey)),
            ("-----BEGIN PRIVATE KEY-----\n!!\n-----END PRIVATE KEY-----\n".to_owned(), Some(Fault::NoKey)),
            (String::new(), Some(Fault::NoKey)),
        ] {
            assert_eq!(key(text.as_bytes()).err(), expected, "{text}");
        }
    }
}
