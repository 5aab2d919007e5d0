//! Whom we take for the server: TLS as client-go does it, with one thing more to say when somebody else answers.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, SignatureScheme};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::context::Identity;
use super::retry::Refusal;

/// Why there is no TLS to be had with what the kubeconfig names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoTls {
    /// None of the authorities is one.
    Authorities,
    /// The key is not the certificate's.
    KeyOfAnother,
    /// The key is of a kind that nobody uses.
    Key,
    /// The system's authorities cannot be read.
    System(String),
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// How TLS is spoken with a server.
pub(super) fn tls(
    authorities: Option<&[CertificateDer<'static>]>,
    identity: Option<Identity>,
) -> Result<ClientConfig, NoTls> {
    let other = |error: rustls::Error| NoTls::System(error.to_string());
    let verifier = match authorities {
        Some(authorities) => Trust::in_these(authorities)?,
        None => Trust { pinned: Vec::new(), inner: of_the_system().map_err(other)? },
    };
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(other)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier));
    match identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => Ok(builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(own(identity)?)))),
    }
}

/// Our certificate with its key. Rustls itself would refuse certificates of X.509 version 1, which Kubernetes takes and openssl makes.
fn own(Identity { chain, key }: Identity) -> Result<CertifiedKey, NoTls> {
    let key = provider().key_provider.load_private_key(key).map_err(|_| NoTls::Key)?;
    let leaf = chain.first().and_then(|leaf| X509Certificate::from_der(leaf).ok());
    if let (Some((_, leaf)), Some(public)) = (leaf, key.public_key())
        && leaf.public_key().raw != public.as_ref()
    {
        return Err(NoTls::KeyOfAnother);
    }
    Ok(CertifiedKey::new(chain, key))
}

/// Whom the system trusts. Reading that takes a while, so it is done once.
fn of_the_system() -> Result<Arc<dyn ServerCertVerifier>, rustls::Error> {
    static SYSTEM: OnceLock<Result<Arc<rustls_platform_verifier::Verifier>, rustls::Error>> = OnceLock::new();
    let known = SYSTEM.get_or_init(|| rustls_platform_verifier::Verifier::new(provider()).map(Arc::new));
    Ok(known.clone()?)
}

/// Trusts whoever has a certificate of one of the authorities, and whoever shows the very certificate that is named as one: a self-signed
/// one, or a server's own.
#[derive(Debug)]
struct Trust {
    pinned: Vec<CertificateDer<'static>>,
    inner: Arc<dyn ServerCertVerifier>,
}

impl Trust {
    fn in_these(authorities: &[CertificateDer<'static>]) -> Result<Trust, NoTls> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities.iter().cloned());
        let inner = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider()).build();
        let inner = inner.map_err(|_| NoTls::Authorities)?;
        Ok(Trust { pinned: authorities.to_vec(), inner })
    }

    fn judge(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.pinned.iter().any(|pinned| pinned.as_ref() == shown.as_ref()) {
            return self.inner.verify_server_cert(shown, between, name, stapled, now);
        }
        verify_server_name(&ParsedCertificate::try_from(shown)?, name)?;
        let (_, certificate) = X509Certificate::from_der(shown).map_err(|_| CertificateError::BadEncoding)?;
        let at = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        let validity = certificate.validity();
        if at < validity.not_before.timestamp() {
            return Err(CertificateError::NotValidYet.into());
        }
        if at > validity.not_after.timestamp() {
            return Err(CertificateError::Expired.into());
        }
        let usage = certificate.extended_key_usage().ok().flatten();
        if usage.is_some_and(|usage| !usage.value.server_auth && !usage.value.any) {
            return Err(CertificateError::InvalidPurpose.into());
        }
        Ok(ServerCertVerified::assertion())
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        stapled: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.judge(shown, between, name, stapled, now).map_err(|error| {
            let refused = Refusal::NotTrusted { reason: error.to_string(), issuer: issuer(shown) };
            CertificateError::Other(OtherError(Arc::new(refused))).into()
        })
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, shown, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, shown, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Who made a certificate, by the name it bears: an office's firewall that reads along is known by it.
fn issuer(shown: &CertificateDer<'_>) -> String {
    let Ok((_, certificate)) = X509Certificate::from_der(shown) else { return String::new() };
    let issuer = certificate.issuer();
    let names = issuer.iter_common_name().chain(issuer.iter_organization());
    names.filter_map(|name| name.as_str().ok()).next().unwrap_or_default().chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};

    use super::super::pem;
    use super::*;

    struct Made {
        certificate: CertificateDer<'static>,
        key: KeyPair,
        params: CertificateParams,
    }

    fn params(name: &str, host: &str, is_ca: bool) -> CertificateParams {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = if is_ca { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
        params
    }

    fn self_signed(params: CertificateParams) -> Made {
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Made { certificate, key, params }
    }

    fn signed(params: CertificateParams, by: &Made) -> Made {
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&by.params, &by.key);
        let certificate = params.signed_by(&key, &issuer).unwrap().der().clone();
        Made { certificate, key, params }
    }

    fn is_trusted(authorities: &[&Made], shown: &Made, host: &str) -> Result<(), String> {
        let authorities: Vec<_> = authorities.iter().map(|made| made.certificate.clone()).collect();
        let trust = Trust::in_these(&authorities).map_err(|error| format!("{error:?}"))?;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_790_000_000));
        let host = ServerName::try_from(host.to_owned()).unwrap();
        trust.judge(&shown.certificate, &[], &host, &[], now).map(|_| ()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_named_certificate_is_trusted_as_an_authority_and_as_itself() {
        let authority = self_signed(params("authority", "ca", true));
        let leaf = signed(params("leaf", "one", false), &authority);
        let own = self_signed(params("own", "one", false));
        let own_ca = self_signed(params("own", "one", true));
        let stranger = self_signed(params("stranger", "one", false));
        let mut old = params("old", "one", false);
        old.not_after = rcgen::date_time_ymd(2020, 1, 1);
        let old = self_signed(old);
        let mut early = params("early", "one", false);
        early.not_before = rcgen::date_time_ymd(2080, 1, 1);
        let early = self_signed(early);
        let mut client = params("client", "one", false);
        client.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let client = self_signed(client);
        for (case, authorities, shown, host, is_well) in [
            ("of the authority", vec![&authority], &leaf, "one", true),
            ("of the second authority", vec![&stranger, &authority], &leaf, "one", true),
            ("the server's own, named instead of its authority", vec![&leaf], &leaf, "one", true),
            ("self-signed", vec![&own], &own, "one", true),
            ("self-signed, and an authority", vec![&own_ca], &own_ca, "one", true),
            ("for another name", vec![&authority], &leaf, "two", false),
            ("itself, for another name", vec![&own], &own, "two", false),
            ("of somebody else", vec![&authority], &stranger, "one", false),
            ("ended", vec![&old], &old, "one", false),
            ("not begun", vec![&early], &early, "one", false),
            ("for clients", vec![&client], &client, "one", false),
        ] {
            assert_eq!(is_trusted(&authorities, shown, host).is_ok(), is_well, "{case}");
        }
    }

    #[test]
    fn who_answers_instead_is_named() {
        let authority = self_signed(params("Firewall of the office", "ca", true));
        let leaf = signed(params("leaf", "one", false), &authority);
        assert_eq!(issuer(&leaf.certificate), "Firewall of the office");
        assert_eq!(issuer(&CertificateDer::from(vec![1, 2, 3])), "");
    }

    #[test]
    fn a_key_of_another_certificate_is_refused() {
        let (one, other) = (self_signed(params("one", "one", false)), self_signed(params("two", "two", false)));
        let with = |key: &KeyPair| {
            let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
            let identity = Identity { chain: vec![one.certificate.clone()], key };
            tls(Some(std::slice::from_ref(&one.certificate)), Some(identity)).map(|_| ())
        };
        assert_eq!(with(&one.key), Ok(()));
        assert_eq!(with(&other.key), Err(NoTls::KeyOfAnother));
    }

    /// Of X.509 version 1, with the curve's parameters before the key, as openssl makes both. It guards nothing.
    const VERSION_1: &str = "-----BEGIN CERTIFICATE-----\n\
        MIIBFzCBvQIUWASrfvK6yBQ/Tn4Cn0yy23IfjO8wCgYIKoZIzj0EAwIwDTELMAkG\n\
        A1UEAwwCdjEwIBcNMjYxMjAxMDg1OTIyWhgPMjEyNjExMDcwODU5MjJaMA0xCzAJ\n\
        BgNVBAMMAnYxMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYgERra46IS/+g/+I\n\
        BBlBKfhmdM/MFNrmIuH149tQlTjOPKAPbTNCNy+hWSLLJd/gg3UY+0mQ7N1YJEyc\n\
        9ObCvTAKBggqhkjOPQQDAgNJADBGAiEA9/nimXmRI7j2a/kkUwZffZPv8Av/oQL/\n\
        EcUfiLG46Z8CIQDp6cX8p8Xc3y+RrQ/GZCnyUNLvCypt72cWQaT+h4YKzQ==\n\
        -----END CERTIFICATE-----\n\
        -----BEGIN EC PARAMETERS-----\n\
        BggqhkjOPQMBBw==\n\
        -----END EC PARAMETERS-----\n\
        -----BEGIN EC PRIVATE KEY-----\n\
        MHcCAQEEIGNMpkbnpDM/2E6W8kZFwr2caugjL0dzJqmf5D09mGjCoAoGCCqGSM49\n\
        AwEHoUQDQgAEYgERra46IS/+g/+IBBlBKfhmdM/MFNrmIuH149tQlTjOPKAPbTNC\n\
        Ny+hWSLLJd/gg3UY+0mQ7N1YJEyc9ObCvQ==\n\
        -----END EC PRIVATE KEY-----\n";

    #[test]
    fn a_client_certificate_of_version_1_is_one() {
        let chain = pem::certificates(VERSION_1.as_bytes());
        let identity = Identity { chain, key: pem::key(VERSION_1.as_bytes()).unwrap() };
        let server = self_signed(params("one", "one", false));
        assert!(tls(Some(std::slice::from_ref(&server.certificate)), Some(identity)).is_ok());
    }
}
