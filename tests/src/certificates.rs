//! The certificates, keys and tokens of one control plane, and the kubeconfigs that use them.

use crate::error::{Error, at};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use std::path::Path;

/// Who may say what to the API.
const USERS: &[(&str, &str, &str)] = &[
    // name in our files, user name, group
    ("admin", "admin", "system:masters"),
    ("kcm", "system:kube-controller-manager", ""),
    ("sched", "system:kube-scheduler", ""),
    ("kubelet", "fake-kubelet", "system:masters"),
    ("viewer", "viewer", ""),
];

/// Writes all of them: `pki/` and `NAME.kubeconfig` for each user, `admin-cert.kubeconfig` with a client certificate.
pub(crate) fn write(folder: &Path, server: &str) -> Result<(), Error> {
    let pki = folder.join("pki");
    std::fs::create_dir_all(&pki).map_err(at(&pki))?;

    let ca_key = KeyPair::generate()?;
    let mut ca = named("test-ca", None)?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    let ca_pem = ca.self_signed(&ca_key)?.pem();
    private(&pki.join("ca.crt"), &ca_pem)?;
    private(&pki.join("ca.key"), &ca_key.serialize_pem())?;
    let issuer = Issuer::new(ca, ca_key);

    let names = ["127.0.0.1", "10.96.0.1", "localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"];
    let mut api = CertificateParams::new(names.map(String::from))?;
    api.distinguished_name.push(DnType::CommonName, "kube-apiserver");
    api.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let (certificate, key) = signed(&api, &issuer)?;
    private(&pki.join("api.crt"), &certificate)?;
    private(&pki.join("api.key"), &key)?;

    let accounts = KeyPair::generate()?;
    private(&pki.join("sa.key"), &accounts.serialize_pem())?;
    private(&pki.join("sa.pub"), &accounts.public_key_pem())?;

    let mut tokens = String::new();
    for (name, user, group) in USERS {
        let token = format!("{:032x}", rand::random::<u128>());
        let group = if group.is_empty() { String::new() } else { format!(",\"{group}\"") };
        tokens.push_str(&format!("{token},{user},{name}{group}\n"));
        kubeconfig(folder, name, server, &ca_pem, &format!("{{token: {token}}}"))?;
    }
    private(&pki.join("tokens.csv"), &tokens)?;

    let mut admin = named("admin-cert", Some("system:masters"))?;
    admin.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let (certificate, key) = signed(&admin, &issuer)?;
    let user = format!(
        "{{client-certificate-data: {}, client-key-data: {}}}",
        STANDARD.encode(&certificate),
        STANDARD.encode(&key)
    );
    kubeconfig(folder, "admin-cert", server, &ca_pem, &user)
}

/// A certificate that signs itself, as webhooks' own tools make them: certificate and key.
pub(crate) fn self_signed(names: &[String]) -> Result<(String, String), Error> {
    let key = KeyPair::generate()?;
    let mut certificate = CertificateParams::new(names.to_vec())?;
    certificate.distinguished_name.push(DnType::CommonName, "stand-in");
    Ok((certificate.self_signed(&key)?.pem(), key.serialize_pem()))
}

fn named(common_name: &str, organization: Option<&str>) -> Result<CertificateParams, Error> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CommonName, common_name);
    if let Some(organization) = organization {
        params.distinguished_name.push(DnType::OrganizationName, organization);
    }
    Ok(params)
}

fn signed(params: &CertificateParams, issuer: &Issuer<'_, KeyPair>) -> Result<(String, String), Error> {
    let key = KeyPair::generate()?;
    Ok((params.signed_by(&key, issuer)?.pem(), key.serialize_pem()))
}

fn kubeconfig(folder: &Path, name: &str, server: &str, ca: &str, user: &str) -> Result<(), Error> {
    let ca = STANDARD.encode(ca);
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: {name}\n\
         clusters: [{{name: test, cluster: {{server: \"{server}\", certificate-authority-data: {ca}}}}}]\n\
         users: [{{name: {name}, user: {user}}}]\n\
         contexts: [{{name: {name}, context: {{cluster: test, user: {name}}}}}]\n"
    );
    private(&folder.join(format!("{name}.kubeconfig")), &text)
}

/// Writes a file that only its owner may read.
fn private(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(at(path))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(at(path))?;
    }
    Ok(())
}
