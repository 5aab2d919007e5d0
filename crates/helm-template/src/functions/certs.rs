//! Keys and certificates: `genPrivateKey`, `genCA`, `genSelfSignedCert`, `genSignedCert`, their `WithKey` twins and
//! `buildCustomCert`, with the fields that sprig gives them.
//!
//! A certificate is valid from the rendering's `now`. What is drawn is one JSON text with both PEMs; secret arguments
//! stand in the draw's key as digests.

use std::any::Any as StdAny;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::{Mutex, PoisonError};
use std::thread::JoinHandle;

use aws_lc_rs::encoding::{AsDer, EcPrivateKeyRfc5915Der};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    PKCS_RSA_SHA256, RsaKeySize, SanType, SerialNumber,
};
use x509_parser::pem::Pem;

use super::Param::{Int, List as L, Object as Obj, Text as T};
use super::crypto::{digest, drawn};
use super::encoding::base64_decode;
use super::{Args, Env, Function, FunctionError};
use crate::value::{List, Map, Object, Value};

type Answer<T = Value> = Result<T, FunctionError>;

const CERTIFICATE: &str = "sprig.certificate";

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("genPrivateKey", &[T], |env, a| {
        let kind = a.str(0);
        match kind.as_str() {
            "" | "rsa" | "ecdsa" | "ed25519" => {
                Ok(Value::text(drawn(env, "genPrivateKey", a, &|| Ok(private_key(&kind)?.pem))?))
            }
            "dsa" => Ok(Value::text(drawn(env, "genPrivateKey", a, &|| {
                Ok(pem("DSA PRIVATE KEY", &super::dsa::private_key_der()?))
            })?)),
            _ => Ok(Value::text(format!("Unknown type {kind}"))),
        }
    }),
    Function::new("buildCustomCert", &[T, T], |_, a| custom(&a.text(0), &a.text(1))),
    Function::new("genCA", &[T, Int], |env, a| {
        let draft = Draft { ca: true, ..Draft::read(env, a, None, 1)? };
        draft.draw(env, "genCA", a, None, None)
    }),
    Function::new("genCAWithKey", &[T, Int, T], |env, a| {
        let draft = Draft { ca: true, ..Draft::read(env, a, None, 1)? };
        draft.draw(env, "genCAWithKey", &a[..2], None, Some(&given_key(&a.str(2))?))
    }),
    Function::new("genSelfSignedCert", &[T, L, L, Int], |env, a| {
        Draft::read(env, a, Some((1, 2)), 3)?.draw(env, "genSelfSignedCert", a, None, None)
    }),
    Function::new("genSelfSignedCertWithKey", &[T, L, L, Int, T], |env, a| {
        let key = given_key(&a.str(4))?;
        Draft::read(env, a, Some((1, 2)), 3)?.draw(env, "genSelfSignedCertWithKey", &a[..4], None, Some(&key))
    }),
    Function::new("genSignedCert", &[T, L, L, Int, Obj(CERTIFICATE)], |env, a| {
        let draft = Draft::read(env, a, Some((1, 2)), 3)?;
        draft.draw(env, "genSignedCert", &a[..4], certificate(&a.any(4)).as_ref(), None)
    }),
    Function::new("genSignedCertWithKey", &[T, L, L, Int, Obj(CERTIFICATE), T], |env, a| {
        let draft = Draft::read(env, a, Some((1, 2)), 3)?;
        let key = given_key(&a.str(5))?;
        draft.draw(env, "genSignedCertWithKey", &a[..4], certificate(&a.any(4)).as_ref(), Some(&key))
    }),
];

/// What templates get: `.Cert` and `.Key`, both PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Certificate {
    cert: String,
    key: String,
}

impl Object for Certificate {
    fn type_name(&self) -> String {
        CERTIFICATE.to_owned()
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> Vec<u8> {
        format!("{{{} {}}}", self.cert, self.key).into_bytes()
    }

    fn data(&self) -> Value {
        let fields = [("Cert", Value::text(self.cert.as_str())), ("Key", Value::text(self.key.as_str()))];
        Value::Map(fields.into_iter().collect::<Map>())
    }

    fn field(&self, name: &str) -> Option<Value> {
        match name {
            "Cert" => Some(Value::text(self.cert.as_str())),
            "Key" => Some(Value::text(self.key.as_str())),
            _ => None,
        }
    }

    fn as_any(&self) -> &dyn StdAny {
        self
    }
}

fn certificate(value: &Value) -> Option<Certificate> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref::<Certificate>().cloned(),
        _ => None,
    }
}

/// A key that can sign, with the PEM that Go writes for it.
struct Key {
    pair: KeyPair,
    pem: String,
}

fn pem(label: &str, der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    let mut out = format!("-----BEGIN {label}-----\n");
    for at in (0..body.len()).step_by(64) {
        out += &body[at..body.len().min(at + 64)];
        out.push('\n');
    }
    out + &format!("-----END {label}-----\n")
}

/// The first PEM block of a text.
fn first_block(text: &[u8]) -> Option<Pem> {
    Pem::iter_from_buffer(text).find_map(Result::ok)
}

fn failed(what: &str) -> FunctionError {
    FunctionError(format!("error generating {what}"))
}

impl Key {
    fn rsa(size: RsaKeySize) -> Answer<Key> {
        Key::written(KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, size).map_err(|_| failed("rsa key"))?)
    }

    /// With the PEM for its kind: PKCS#1, SEC 1 or PKCS#8.
    fn written(pair: KeyPair) -> Answer<Key> {
        let der = pair.serialized_der();
        let unreadable = || FunctionError::new("the key cannot be written");
        let algorithm = pair.algorithm();
        let pem = if algorithm == &PKCS_RSA_SHA256 {
            pem("RSA PRIVATE KEY", inner_key(der).unwrap_or(der))
        } else if algorithm == &PKCS_ED25519 {
            let key = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| unreadable())?;
            pem("PRIVATE KEY", key.to_pkcs8v1().map_err(|_| unreadable())?.as_ref())
        } else {
            let signing = match algorithm {
                a if a == &PKCS_ECDSA_P256_SHA256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
                a if a == &PKCS_ECDSA_P384_SHA384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
                _ => return Err(unreadable()),
            };
            let key = EcdsaKeyPair::from_private_key_der(signing, der).map_err(|_| unreadable())?;
            let der: EcPrivateKeyRfc5915Der<'_> = key.private_key().as_der().map_err(|_| unreadable())?;
            pem("EC PRIVATE KEY", der.as_ref())
        };
        Ok(Key { pair, pem })
    }
}

/// An RSA key of 2048 bits. They take long, and an authority's key is followed by that of the certificate it signs: a
/// second thread makes one ahead, used once, whoever asks next.
fn rsa_pair(for_authority: bool) -> Answer<KeyPair> {
    static AHEAD: Mutex<Option<JoinHandle<Option<KeyPair>>>> = Mutex::new(None);
    let make = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).ok();
    let ahead = AHEAD.lock().unwrap_or_else(PoisonError::into_inner).take();
    if for_authority && ahead.is_none() {
        let spare = std::thread::Builder::new().name("rsa key ahead".to_owned()).spawn(make).ok();
        *AHEAD.lock().unwrap_or_else(PoisonError::into_inner) = spare;
    }
    ahead.and_then(|thread| thread.join().ok().flatten()).or_else(make).ok_or_else(|| failed("rsa key"))
}

fn private_key(kind: &str) -> Answer<Key> {
    let algorithm = match kind {
        "ecdsa" => &PKCS_ECDSA_P256_SHA256,
        "ed25519" => &PKCS_ED25519,
        _ => return Key::rsa(RsaKeySize::_4096),
    };
    Key::written(KeyPair::generate_for(algorithm).map_err(|_| failed("private key"))?)
}

/// The octets of the inner key of a PKCS#8 document.
fn inner_key(der: &[u8]) -> Option<&[u8]> {
    let (_, body, _) = element(der)?;
    let (version, _, rest) = element(body)?;
    let (_, _, rest) = element(rest)?;
    let (tag, key, _) = element(rest)?;
    (version == 0x02 && tag == 0x04).then_some(key)
}

/// The tag and content of the DER element at the front, and what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (len, rest) = match first {
        0..=127 => (usize::from(first), rest),
        _ => {
            let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (bytes.iter().fold(0, |len, &byte| len << 8 | usize::from(byte)), rest)
        }
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((tag, content, rest))
}

/// As sprig reads a private key from PEM.
fn parse_key(text: &str) -> Answer<Key> {
    let block = first_block(text.as_bytes()).ok_or_else(|| FunctionError::new("no PEM data in input"))?;
    let what = match block.label.as_str() {
        "PRIVATE KEY" => "decoding PEM as PKCS#8",
        "RSA PRIVATE KEY" => "parsing RSA private key from PEM",
        "EC PRIVATE KEY" => "parsing EC private key from PEM",
        label => match label.strip_suffix(" PRIVATE KEY") {
            Some(kind) => return Err(FunctionError(format!("invalid private key type {kind}"))),
            None => return Err(FunctionError(format!("no private key data in PEM block of type {label}"))),
        },
    };
    let pair =
        KeyPair::try_from(block.contents.as_slice()).map_err(|error| FunctionError(format!("{what}: {error}")))?;
    Key::written(pair)
}

/// A key argument of a `WithKey` function.
fn given_key(text: &str) -> Answer<Key> {
    parse_key(text).map_err(|FunctionError(why)| FunctionError(format!("parsing private key: {why}")))
}

fn custom(cert: &[u8], key: &[u8]) -> Answer {
    let cert = base64_decode(cert).map_err(|_| FunctionError::new("unable to decode base64 certificate"))?;
    let key = base64_decode(key).map_err(|_| FunctionError::new("unable to decode base64 private key"))?;
    let block = first_block(&cert).ok_or_else(|| FunctionError::new("unable to decode certificate"))?;
    block
        .parse_x509()
        .map_err(|error| FunctionError(format!("error parsing certificate: decodedCert.Bytes: {error}")))?;
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let key = text(key);
    parse_key(&key).map_err(|FunctionError(why)| FunctionError(format!("error parsing private key: {why}")))?;
    Ok(Value::Object(Rc::new(Certificate { cert: text(cert), key })))
}

/// What a certificate is to say.
struct Draft {
    name: String,
    alternatives: Vec<SanType>,
    from: i64,
    days: i64,
    ca: bool,
}

impl Draft {
    fn read(env: &Env<'_>, a: &[Value], lists: Option<(usize, usize)>, days: usize) -> Answer<Draft> {
        let mut alternatives = Vec::new();
        if let Some((ips, names)) = lists {
            // Go writes names before addresses; it reads addresses first.
            let addresses = addresses(&a.list(ips))?;
            alternatives = host_names(&a.list(names))?;
            alternatives.extend(addresses);
        }
        Ok(Draft { name: a.str(0), alternatives, from: env.now.as_second(), days: a.int(days), ca: false })
    }

    /// Draws the certificate: signed by `issuer` or by itself, for `key` or a new one of 2048 bits RSA.
    fn draw(
        &self,
        env: &mut Env<'_>,
        function: &'static str,
        arguments: &[Value],
        issuer: Option<&Certificate>,
        key: Option<&Key>,
    ) -> Answer {
        let mut names = arguments.to_vec();
        names.extend(issuer.iter().map(|issuer| digest(issuer.cert.as_bytes())));
        names.extend(key.iter().map(|key| digest(key.pem.as_bytes())));
        let text = drawn(env, function, &names, &|| {
            // Here and not before: a plan has blanks in place of authorities, and signs nothing with them.
            let issuer = issuer.map(|issuer| self.issuer(issuer)).transpose()?;
            let fresh;
            let key = match key {
                Some(key) => key,
                None => {
                    fresh = Key::written(rsa_pair(self.ca)?)?;
                    &fresh
                }
            };
            let params = self.params(issuer.is_some())?;
            let cert = match &issuer {
                Some(issuer) => params.signed_by(&key.pair, issuer),
                None => params.self_signed(&key.pair),
            };
            let cert = cert.map_err(|error| FunctionError(format!("error creating certificate: {error}")))?;
            Ok(serde_json::json!({ "Cert": pem("CERTIFICATE", cert.der()), "Key": key.pem }).to_string())
        })?;
        let kept: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        match (kept["Cert"].as_str(), kept["Key"].as_str()) {
            (Some(cert), Some(key)) => {
                Ok(Value::Object(Rc::new(Certificate { cert: cert.to_owned(), key: key.to_owned() })))
            }
            _ => Err(FunctionError::new("the kept value is not a certificate with its key")),
        }
    }

    /// The signer, and its certificate as DER.
    fn issuer(&self, ca: &Certificate) -> Answer<Issuer<'static, KeyPair>> {
        let block =
            first_block(ca.cert.as_bytes()).ok_or_else(|| FunctionError::new("unable to decode certificate"))?;
        let key = parse_key(&ca.key)
            .map_err(|FunctionError(why)| FunctionError(format!("error parsing private key: {why}")))?;
        let issuer = Issuer::from_ca_cert_der(&block.contents.as_slice().into(), key.pair)
            .map_err(|error| FunctionError(format!("error parsing certificate: decodedSignerCert.Bytes: {error}")))?;
        Ok(issuer)
    }

    fn params(&self, has_issuer: bool) -> Answer<CertificateParams> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        if !self.name.is_empty() {
            params.distinguished_name.push(DnType::CommonName, common_name(&self.name));
        }
        // The years 1970 to 9999, which is what a certificate can say and more than enough.
        let moment = |seconds: i64| {
            let seconds = u64::try_from(seconds).ok().filter(|&seconds| seconds <= 253_402_300_799)?;
            Some(rcgen::date_time_ymd(1970, 1, 1) + std::time::Duration::from_secs(seconds))
        };
        let outside = || FunctionError::new("x509: the certificate ends outside the years that can be written");
        params.not_before = moment(self.from).ok_or_else(outside)?;
        let end = self.days.checked_mul(86_400).and_then(|days| self.from.checked_add(days)).ok_or_else(outside)?;
        params.not_after = moment(end).ok_or_else(outside)?;
        let mut serial = [0; 16];
        aws_lc_rs::rand::fill(&mut serial).map_err(|_| failed("serial number"))?;
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        params.subject_alt_names.clone_from(&self.alternatives);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        if self.ca {
            params.key_usages.push(KeyUsagePurpose::KeyCertSign);
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        } else {
            // Basic constraints that say "no CA", without the key identifier that rcgen would add.
            let mut no_ca = CustomExtension::from_oid_content(&[2, 5, 29, 19], vec![0x30, 0x00]);
            no_ca.set_criticality(true);
            params.custom_extensions.push(no_ca);
        }
        params.use_authority_key_identifier_extension = has_issuer;
        Ok(params)
    }
}

/// Go writes a name as `PrintableString` where that can hold it.
fn common_name(name: &str) -> DnValue {
    let printable = |c: char| c.is_ascii_alphanumeric() || " '()+,-./:=?".contains(c);
    match name.try_into() {
        Ok(text) if name.chars().all(printable) => DnValue::PrintableString(text),
        _ => DnValue::Utf8String(name.to_owned()),
    }
}

fn addresses(list: &List) -> Answer<Vec<SanType>> {
    let read = |item: &Value| {
        let Some(text) = item.as_text() else {
            return Err(FunctionError(format!("error parsing ip: {} is not a string", printed(item))));
        };
        let address: IpAddr = text.to_str().parse().map_err(|_| FunctionError(format!("error parsing ip: {text}")))?;
        Ok(SanType::IpAddress(address))
    };
    list.iter().map(read).collect()
}

fn host_names(list: &List) -> Answer<Vec<SanType>> {
    let read = |item: &Value| {
        let Some(text) = item.as_text() else {
            let shown = printed(item);
            return Err(FunctionError(format!("error processing alternate dns name: {shown} is not a string")));
        };
        let text = text.to_string();
        let name = text.as_str().try_into().map_err(|_| {
            FunctionError(format!("error creating certificate: x509: {text:?} cannot be encoded as an IA5String"))
        })?;
        Ok(SanType::DnsName(name))
    };
    list.iter().map(read).collect()
}

fn printed(value: &Value) -> String {
    String::from_utf8_lossy(&value.print()).into_owned()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;

    use x509_parser::prelude::{GeneralName, X509Certificate};

    use super::super::judged::run;
    use super::*;
    use crate::{Draw, DrawKey};

    /// Keeps what was drawn, as an installation does.
    #[derive(Default)]
    struct Kept(RefCell<BTreeMap<DrawKey, String>>);

    impl Draw for Kept {
        fn draw(&self, key: &DrawKey, make: &mut dyn FnMut() -> String) -> String {
            if let Some(known) = self.0.borrow().get(key) {
                return known.clone();
            }
            let made = make();
            self.0.borrow_mut().insert(key.clone(), made.clone());
            made
        }
    }

    const SIGNED: &str = r#"$ca := genCA "my-ca" 365 }}{{ $c := genSignedCert "svc.ns" (list "10.0.0.1" "::1") (list "svc"
        "*.svc") 30 $ca }}{{ $ca.Cert }}|{{ $c.Cert }}|{{ $c.Key "#;

    #[test]
    fn certificates_have_the_fields_that_sprig_gives_them() {
        let out = run(SIGNED, &Kept::default()).unwrap();
        let parts: Vec<&str> = out.split('|').collect();
        let (ca, leaf) = (first_block(parts[0].as_bytes()).unwrap(), first_block(parts[1].as_bytes()).unwrap());
        let (ca, leaf) = (ca.parse_x509().unwrap(), leaf.parse_x509().unwrap());
        assert!(parts[2].starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));

        assert_eq!((ca.subject().to_string(), ca.issuer().to_string()), ("CN=my-ca".into(), "CN=my-ca".into()));
        assert_eq!((leaf.subject().to_string(), leaf.issuer().to_string()), ("CN=svc.ns".into(), "CN=my-ca".into()));
        let days = |cert: &X509Certificate<'_>| {
            (cert.validity.not_after.timestamp() - cert.validity.not_before.timestamp()) / 86_400
        };
        assert_eq!((days(&ca), days(&leaf)), (365, 30));
        assert_eq!(leaf.validity.not_before.timestamp(), 1_709_651_229, "the rendering's now");
        assert!(ca.is_ca() && !leaf.is_ca());
        assert!(leaf.basic_constraints().unwrap().unwrap().critical);

        let usage = |cert: &X509Certificate<'_>| {
            let usage = cert.key_usage().unwrap().unwrap().value;
            (usage.digital_signature(), usage.key_encipherment(), usage.key_cert_sign())
        };
        assert_eq!((usage(&ca), usage(&leaf)), ((true, true, true), (true, true, false)));
        let extended = leaf.extended_key_usage().unwrap().unwrap().value;
        assert!(extended.server_auth && extended.client_auth);

        let names = &leaf.subject_alternative_name().unwrap().unwrap().value.general_names;
        assert!(matches!(names[..2], [GeneralName::DNSName("svc"), GeneralName::DNSName("*.svc")]));
        assert_eq!(names[2], GeneralName::IPAddress(&[10, 0, 0, 1]));
        assert_eq!(names.len(), 4);
    }

    #[test]
    fn what_was_drawn_is_kept_and_no_secret_is_in_its_key() {
        let kept = Kept::default();
        let first = run(SIGNED, &kept).unwrap();
        assert_eq!(run(SIGNED, &kept).unwrap(), first);
        assert_eq!(kept.0.borrow().len(), 2);

        let secrets = r#"$ca := genCA "a" 1 }}{{ (genSignedCertWithKey "b" nil nil 1 $ca $ca.Key).Cert | len }}
            {{ htpasswd "me" "hunter2" }}{{ bcrypt "hunter2" }}{{ encryptAES "hunter2" "plain" }}{{ shuffle "hunter2" "#;
        run(secrets, &kept).unwrap();
        for key in kept.0.borrow().keys() {
            let text = format!("{key:?}");
            assert!(!text.contains("PRIVATE") && !text.contains("hunter2") && !text.contains("plain"), "{text}");
        }
    }

    #[test]
    fn a_second_call_draws_again() {
        let out = run(r#"randAlphaNum 20 }} {{ randAlphaNum 20 }} {{ randAlphaNum 21 "#, &Kept::default()).unwrap();
        let words: Vec<&str> = out.split(' ').collect();
        assert_eq!(words.iter().map(|word| word.len()).collect::<Vec<_>>(), [20, 20, 21]);
        assert_ne!(words[0], words[1]);
    }

    #[test]
    fn given_keys_are_used_and_certificates_of_ones_own_are_checked() {
        for kind in ["ecdsa", "ed25519"] {
            let expression = format!(
                r#"$k := genPrivateKey "{kind}" }}}}{{{{ $ca := genCAWithKey "a" 1 $k }}}}{{{{ eq $k $ca.Key }}}} {{{{
                $own := buildCustomCert (b64enc $ca.Cert) (b64enc $ca.Key) }}}}{{{{ eq $own.Cert $ca.Cert "#
            );
            assert_eq!(run(&expression, &Kept::default()), Ok("true true".to_owned()), "{kind}");
        }
    }
}
