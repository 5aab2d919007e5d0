//! Addresses that are signed beforehand, so that whoever calls one needs no key (AWS Signature Version 4). Pure.

use aws_lc_rs::hmac;
use jiff::Timestamp;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

/// With what an address is signed.
pub(crate) struct Signing<'a> {
    pub(crate) access_key: &'a SecretString,
    pub(crate) secret_key: &'a SecretString,
    pub(crate) region: &'a str,
    pub(crate) now: Timestamp,
    /// Seconds that it is good for.
    pub(crate) good_for: u32,
}

/// Path and query of a request to an S3-compatible store. `host` is the header's value; `path` is not encoded yet.
pub(crate) fn presigned(method: &str, host: &str, path: &str, signing: &Signing<'_>) -> SecretString {
    let time = signing.now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let day = time.get(..8).unwrap_or_default();
    let scope = format!("{day}/{}/s3/aws4_request", signing.region);
    let path = encoded(path, PATH);
    let credential = encoded(&format!("{}/{scope}", signing.access_key.expose_secret()), VALUE);
    // In the order of their names, as they are signed.
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={time}&X-Amz-Expires={}&X-Amz-SignedHeaders=host",
        signing.good_for
    );
    let request = format!("{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD");
    let hash = hex::encode(Sha256::digest(request.as_bytes()));
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{hash}");
    let mut key = format!("AWS4{}", signing.secret_key.expose_secret()).into_bytes();
    for part in [day, signing.region, "s3", "aws4_request"] {
        key = mac(&key, part);
    }
    let signature = hex::encode(mac(&key, &to_sign));
    format!("{path}?{query}&X-Amz-Signature={signature}").into()
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes()).as_ref().to_vec()
}

/// What stands as it is in a value of a signed query.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The same in a path.
const PATH: &AsciiSet = &VALUE.remove(b'/');

fn encoded(text: &str, kept: &'static AsciiSet) -> String {
    utf8_percent_encode(text, kept).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS' own documentation ("Authenticating Requests: Using Query Parameters").
    #[test]
    fn an_address_is_signed_as_in_the_documentation() {
        let signing = Signing {
            access_key: &"AKIAIOSFODNN7EXAMPLE".to_owned().into(),
            secret_key: &"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned().into(),
            region: "us-east-1",
            now: "2013-05-24T00:00:00Z".parse().unwrap(),
            good_for: 86400,
        };
        let signed = presigned("GET", "examplebucket.s3.amazonaws.com", "/test.txt", &signing);
        assert_eq!(
            signed.expose_secret(),
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
             &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
             &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
             &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        );
    }
}
