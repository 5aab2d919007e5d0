//! Certificates judged by what they say, as no two are alike.

use std::collections::BTreeMap;

use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use x509_parser::pem::Pem;
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The PEM blocks of a Secret's text, by key: values in base64 as in `tls.crt: LS0t…`.
pub fn pems(text: &str) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for line in text.lines() {
        let Some((key, value)) = line.trim().split_once(": ") else { continue };
        let value = value.trim().trim_matches('"');
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(value)
            && bytes.starts_with(b"-----BEGIN")
        {
            found.insert(key.to_owned(), bytes);
        }
    }
    found
}

/// Everything about a certificate that does not differ from one drawing to the next.
fn facts(pem: &[u8]) -> Result<String, String> {
    let (_, pem) = x509_parser::pem::parse_x509_pem(pem).map_err(|error| error.to_string())?;
    let certificate = pem.parse_x509().map_err(|error| error.to_string())?;
    let validity = certificate.validity();
    let lasts = validity.not_after.timestamp() - validity.not_before.timestamp();
    let mut extensions: Vec<String> = certificate
        .extensions()
        .iter()
        // Key identifiers follow from the key.
        .filter(|extension| !matches!(extension.oid.to_id_string().as_str(), "2.5.29.14" | "2.5.29.35"))
        .map(|extension| format!("{} {} {:?}", extension.oid, extension.critical, extension.parsed_extension()))
        .collect();
    // Their order means nothing.
    extensions.sort();
    Ok(format!(
        "version {:?}, subject {}, issuer {}, {lasts} s, key {} of {} bytes, signed by {}, {extensions:?}",
        certificate.version(),
        certificate.subject(),
        certificate.issuer(),
        certificate.public_key().algorithm.algorithm,
        certificate.public_key().subject_public_key.data.len(),
        certificate.signature_algorithm.algorithm,
    ))
}

/// Compares the PEM blocks of two renderings of one Secret, and looks whether ours belong together.
pub fn differences(theirs: &str, ours: &str) -> Vec<String> {
    let (theirs, ours) = (pems(theirs), pems(ours));
    let mut wrong = Vec::new();
    for (key, theirs) in &theirs {
        let Some(ours) = ours.get(key) else {
            wrong.push(format!("{key}: no PEM"));
            continue;
        };
        if theirs.starts_with(b"-----BEGIN CERTIFICATE") {
            match (facts(theirs), facts(ours)) {
                (Ok(theirs), Ok(ours)) if theirs == ours => {}
                (theirs, ours) => wrong.push(format!("{key}:\n  judge {theirs:?}\n  ours  {ours:?}")),
            }
        }
    }
    if let Err(reason) = belong_together(&ours) {
        wrong.push(reason);
    }
    wrong
}

/// The certificate is signed by the authority beside it, and the key is the certificate's.
fn belong_together(pems: &BTreeMap<String, Vec<u8>>) -> Result<(), String> {
    let (Some(authority), Some(certificate), Some(key)) =
        (pems.get("ca.crt"), pems.get("tls.crt"), pems.get("tls.key"))
    else {
        return Ok(());
    };
    let block = |bytes: &[u8]| -> Result<Pem, String> {
        x509_parser::pem::parse_x509_pem(bytes).map(|(_, pem)| pem).map_err(|error| error.to_string())
    };
    let (authority, certificate, key) = (block(authority)?, block(certificate)?, block(key)?);
    let parse = |pem: &'_ Pem| X509Certificate::from_der(&pem.contents).is_ok();
    if !parse(&authority) || !parse(&certificate) {
        return Err("not certificates".to_owned());
    }
    let authority = authority.parse_x509().map_err(|error| error.to_string())?;
    let certificate = certificate.parse_x509().map_err(|error| error.to_string())?;
    let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &*authority.public_key().subject_public_key.data);
    public
        .verify(certificate.tbs_certificate.as_ref(), &certificate.signature_value.data)
        .map_err(|_| "tls.crt is not signed by ca.crt".to_owned())?;
    let pair = KeyPair::from_der(&key.contents).map_err(|error| error.to_string())?;
    if pair.public_key().as_ref() != &*certificate.public_key().subject_public_key.data {
        return Err("tls.key is not the key of tls.crt".to_owned());
    }
    Ok(())
}
