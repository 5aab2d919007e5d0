//! What a context means: where its server is, whom to trust, who we are. Reads the files that it names, and nothing of other contexts.
//!
//! What client-go refuses is refused here too, with the field and the entry it stands in.

use std::path::PathBuf;

use http::{HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use secrecy::{ExposeSecret as _, SecretString};

use super::address::{self, Credentials, ProxyAddress, Server};
use super::file::{ClusterEntry, Exec, File, NamedCluster, NamedContext, NamedUser, User};
use super::pem;
use crate::error::{Error, Fault, Result};

/// Everything that a context says.
#[derive(Debug)]
pub(super) struct Access {
    pub(super) server: Server,
    /// The proxy that the kubeconfig names for this cluster.
    pub(super) proxy: Option<ProxyAddress>,
    pub(super) trusted: Trusted,
    pub(super) identity: Option<Identity>,
    pub(super) credential: Credential,
    /// Whom to act for.
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    /// Where the cluster and the user stand, for what is found out about them later.
    pub(super) entries: (Entry, Entry),
}

/// How the server's certificate is judged. Nothing of it counts for a server without TLS.
#[derive(Debug, Default)]
pub(super) struct Trusted {
    /// None: whom the system trusts.
    pub(super) authorities: Option<Vec<CertificateDer<'static>>>,
    /// The name it must be for, if not the address's.
    pub(super) name: Option<ServerName<'static>>,
}

/// A certificate of ours with its key.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Who we say we are, beside a certificate.
#[derive(Debug)]
pub(super) enum Credential {
    None,
    Token(SecretString),
    /// A file that is read again and again; what counts while it cannot be read.
    TokenFile(PathBuf, Option<SecretString>),
    Password(Credentials),
    Program(Box<Program>),
}

/// A program that signs in.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) exec: Exec,
    /// What it is told about the cluster, if the kubeconfig wants that.
    pub(super) cluster: Option<serde_json::Value>,
}

/// The extension of a cluster entry that is meant for sign-in programs.
const FOR_PROGRAMS: &str = "client.authentication.k8s.io/exec";

/// An entry that faults are told of.
#[derive(Debug)]
pub(super) struct Entry {
    path: PathBuf,
    /// `cluster NAME` or `user NAME`.
    name: String,
}

impl Entry {
    pub(super) fn fault(&self, field: &str, fault: Fault) -> Error {
        Error::KubeconfigField { path: self.path.clone(), field: format!("{}: {field}", self.name), fault }
    }

    /// The bytes that a field holds, or those of the file that the other names.
    fn data(&self, data: &str, file: &str, name: &str) -> Result<Option<Vec<u8>>> {
        let data_name = format!("{name}-data");
        if !data.is_empty() && !file.is_empty() {
            return Err(self.fault(&data_name, Fault::Beside { other: name.to_owned() }));
        }
        if !data.is_empty() {
            return pem::decode(data).map(Some).ok_or_else(|| self.fault(&data_name, Fault::NotBase64));
        }
        if file.is_empty() { Ok(None) } else { self.read(file, name).map(Some) }
    }

    fn read(&self, file: &str, field: &str) -> Result<Vec<u8>> {
        let unreadable =
            |error: std::io::Error| Fault::File { file: file.to_owned(), reason: error.kind().to_string() };
        std::fs::read(file).map_err(|error| self.fault(field, unreadable(error)))
    }
}

/// What a context of the file says.
pub(super) fn access(file: &File, context: &NamedContext) -> Result<Access> {
    let named = &context.context;
    let no_cluster = || Error::KubeconfigField {
        path: context.origin.clone(),
        field: format!("context {}: cluster {}", context.name, named.cluster),
        fault: Fault::Missing,
    };
    let cluster = file.clusters.iter().find(|cluster| cluster.name == named.cluster).ok_or_else(no_cluster)?;
    // client-go does without a user that is not there: whoever is asked for one more knows us by something else.
    let nobody = NamedUser { name: named.user.clone(), origin: context.origin.clone(), ..NamedUser::default() };
    let user = file.users.iter().find(|user| user.name == named.user).unwrap_or(&nobody);
    of(cluster, user)
}

fn of(cluster: &NamedCluster, user: &NamedUser) -> Result<Access> {
    let at_cluster = Entry { path: cluster.origin.clone(), name: format!("cluster {}", cluster.name) };
    let at_user = Entry { path: user.origin.clone(), name: format!("user {}", user.name) };
    let entry = &cluster.cluster;
    if entry.server.is_empty() {
        return Err(at_cluster.fault("server", Fault::Missing));
    }
    let server = address::server(&entry.server).ok_or_else(|| at_cluster.fault("server", Fault::NotAddress))?;
    let proxy = proxy(&at_cluster, entry)?;
    let authorities =
        at_cluster.data(&entry.certificate_authority_data, &entry.certificate_authority, "certificate-authority")?;
    check(&at_user, &user.user)?;
    let headers = headers(&at_user, &user.user)?;
    if !server.is_tls() {
        // Over plain HTTP anybody on the way reads a credential. client-go gives none, and runs no program that would.
        let credential = Credential::None;
        let entries = (at_cluster, at_user);
        return Ok(Access { server, proxy, trusted: Trusted::default(), identity: None, credential, headers, entries });
    }
    if entry.insecure_skip_tls_verify {
        return Err(Error::KubeconfigInsecure { cluster: cluster.name.clone() });
    }
    let trusted = Trusted {
        authorities: match &authorities {
            None => None,
            Some(bytes) => {
                let found = pem::certificates(bytes);
                if found.is_empty() {
                    return Err(at_cluster.fault("certificate-authority", Fault::NoCertificate));
                }
                Some(found)
            }
        },
        name: match entry.tls_server_name.as_str() {
            "" => None,
            name => {
                let name = ServerName::try_from(name.to_owned());
                Some(name.map_err(|_| at_cluster.fault("tls-server-name", Fault::NotAddress))?)
            }
        },
    };
    let identity = identity(&at_user, &user.user)?;
    let mut credential = credential(&at_user, &user.user)?;
    if let Credential::Program(program) = &mut credential {
        // A certificate is enough to sign in.
        if identity.is_some() {
            credential = Credential::None;
        } else if program.exec.provide_cluster_info {
            program.cluster = Some(for_programs(entry, authorities.as_deref()));
        }
    }
    if let Some(credentials) = &server.credentials {
        credential = Credential::Password(credentials.clone());
    }
    Ok(Access { server, proxy, trusted, identity, credential, headers, entries: (at_cluster, at_user) })
}

/// A proxy of the kubeconfig's has its scheme, as client-go wants it.
fn proxy(at: &Entry, entry: &ClusterEntry) -> Result<Option<ProxyAddress>> {
    if entry.proxy_url.is_empty() {
        return Ok(None);
    }
    let scheme = entry.proxy_url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_known = scheme.is_some_and(|scheme| ["http", "https", "socks5"].contains(&scheme.as_str()));
    let found = address::proxy(&entry.proxy_url).filter(|_| is_known);
    found.map(Some).ok_or_else(|| at.fault("proxy-url", Fault::NotAddress))
}

/// What no server has to be asked for: things that cannot go together, and things that are missing.
fn check(at: &Entry, user: &User) -> Result<()> {
    if user.token.is_some() && (!user.username.is_empty() || user.password.is_some()) {
        return Err(at.fault("token", Fault::Beside { other: "username".to_owned() }));
    }
    let has_certificate = !user.client_certificate.is_empty() || !user.client_certificate_data.is_empty();
    if has_certificate && user.client_key.is_empty() && user.client_key_data.is_none() {
        return Err(at.fault("client-key", Fault::Missing));
    }
    let acts =
        !user.impersonate_uid.is_empty() || !user.impersonate_groups.is_empty() || !user.impersonate_extra.is_empty();
    if acts && user.impersonate.is_empty() {
        return Err(at.fault("as", Fault::Missing));
    }
    let Some(exec) = &user.exec else { return Ok(()) };
    if user.auth_provider.is_some() {
        return Err(at.fault("exec", Fault::Beside { other: "auth-provider".to_owned() }));
    }
    if exec.command.is_empty() {
        return Err(at.fault("exec.command", Fault::Missing));
    }
    if exec.api_version.is_empty() {
        return Err(at.fault("exec.apiVersion", Fault::Missing));
    }
    if exec.env.iter().any(|variable| variable.name.is_empty()) {
        return Err(at.fault("exec.env: name", Fault::Missing));
    }
    match exec.interactive_mode.as_str() {
        // What came before the field existed.
        "" if ["v1beta1", "v1alpha1"].iter().any(|version| exec.api_version.ends_with(version)) => {}
        "" => return Err(at.fault("exec.interactiveMode", Fault::Missing)),
        "Never" | "IfAvailable" | "Always" => {}
        _ => {
            return Err(
                at.fault("exec.interactiveMode", Fault::Unknown { instead: "Never, IfAvailable, Always".to_owned() })
            );
        }
    }
    Ok(())
}

/// The headers that say whom we act for.
fn headers(at: &Entry, user: &User) -> Result<Vec<(HeaderName, HeaderValue)>> {
    let mut headers = Vec::new();
    let mut add = |name: HeaderName, value: &str, field: &str| {
        let value = HeaderValue::from_str(value).map_err(|_| at.fault(field, Fault::NotHeader))?;
        headers.push((name, value));
        Ok(())
    };
    if user.impersonate.is_empty() {
        return Ok(headers);
    }
    add(HeaderName::from_static("impersonate-user"), &user.impersonate, "as")?;
    if !user.impersonate_uid.is_empty() {
        add(HeaderName::from_static("impersonate-uid"), &user.impersonate_uid, "as-uid")?;
    }
    for group in &user.impersonate_groups {
        add(HeaderName::from_static("impersonate-group"), group, "as-groups")?;
    }
    for (key, values) in &user.impersonate_extra {
        let name = format!("impersonate-extra-{}", escaped(key));
        let name: HeaderName = name.parse().map_err(|_| at.fault("as-user-extra", Fault::NotHeader))?;
        for value in values.iter().flatten() {
            add(name.clone(), value, "as-user-extra")?;
        }
    }
    Ok(headers)
}

/// What may stand in a header's name.
const HEADER_NAME: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'*')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// As Kubernetes wants the key of an extra: what may not stand in a header's name is percent-encoded.
fn escaped(key: &str) -> String {
    utf8_percent_encode(key, HEADER_NAME).to_string()
}

/// The certificate that we show, if one is named. A key alone is none.
fn identity(at: &Entry, user: &User) -> Result<Option<Identity>> {
    let Some(certificate) = at.data(&user.client_certificate_data, &user.client_certificate, "client-certificate")?
    else {
        return Ok(None);
    };
    let key_data = user.client_key_data.as_ref().map(SecretString::expose_secret).unwrap_or_default();
    let key = at.data(key_data, &user.client_key, "client-key")?.unwrap_or_default();
    let chain = pem::certificates(&certificate);
    if chain.is_empty() {
        return Err(at.fault("client-certificate", Fault::NoCertificate));
    }
    let key = pem::key(&key).map_err(|fault| at.fault("client-key", fault))?;
    Ok(Some(Identity { chain, key }))
}

/// Which of the ways to sign in counts, as in client-go: a token's file before the token, a token before a program.
fn credential(at: &Entry, user: &User) -> Result<Credential> {
    if let Some(provider) = user.auth_provider.as_ref().filter(|provider| provider.name != "oidc") {
        return Err(unsupported(&provider.name));
    }
    if let Some(exec) = &user.exec
        && !["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"]
            .contains(&exec.api_version.as_str())
    {
        let instead = "client.authentication.k8s.io/v1beta1".to_owned();
        return Err(at.fault("exec.apiVersion", Fault::Unknown { instead }));
    }
    let has_password = !user.username.is_empty() || user.password.is_some();
    if !user.token_file.is_empty() {
        if has_password {
            return Err(at.fault("tokenFile", Fault::Beside { other: "username".to_owned() }));
        }
        if user.token.is_none() {
            let bytes = at.read(&user.token_file, "tokenFile")?;
            let text = String::from_utf8_lossy(&bytes);
            if text.trim().is_empty() {
                return Err(at.fault("tokenFile", Fault::Empty { file: user.token_file.clone() }));
            }
            token_of(at, &text.trim().to_owned().into(), "tokenFile")?;
        }
        return Ok(Credential::TokenFile(PathBuf::from(&user.token_file), user.token.clone()));
    }
    if let Some(token) = &user.token {
        return token_of(at, token, "token");
    }
    if has_password {
        let password = user.password.clone().unwrap_or_default();
        return Ok(Credential::Password(Credentials { user: user.username.clone(), password }));
    }
    if let Some(provider) = &user.auth_provider {
        // It is renewed by nobody here: that takes the program that came after it.
        let token = provider.config.get("id-token").filter(|token| !token.expose_secret().is_empty());
        return token_of(at, token.ok_or_else(|| unsupported(&provider.name))?, "auth-provider.id-token");
    }
    Ok(match &user.exec {
        Some(exec) => Credential::Program(Box::new(Program { exec: exec.clone(), cluster: None })),
        None => Credential::None,
    })
}

/// A way to sign in that Kubernetes' tools have given up, and the program that has taken its place.
fn unsupported(provider: &str) -> Error {
    let instead = match provider {
        "azure" | "oidc" => "kubelogin",
        "gcp" => "gke-gcloud-auth-plugin",
        _ => "–",
    };
    Error::SignInUnsupported { provider: provider.to_owned(), instead: instead.to_owned() }
}

/// A token that can be sent.
fn token_of(at: &Entry, token: &SecretString, field: &str) -> Result<Credential> {
    match HeaderValue::from_str(token.expose_secret()) {
        Ok(_) => Ok(Credential::Token(token.clone())),
        Err(_) => Err(at.fault(field, Fault::NotHeader)),
    }
}

/// What a program is told about the cluster.
fn for_programs(entry: &ClusterEntry, authorities: Option<&[u8]>) -> serde_json::Value {
    use base64::Engine as _;
    let mut told = serde_json::json!({"server": entry.server});
    for (name, value) in [("tls-server-name", &entry.tls_server_name), ("proxy-url", &entry.proxy_url)] {
        if !value.is_empty() {
            told[name] = value.as_str().into();
        }
    }
    if let Some(authorities) = authorities {
        told["certificate-authority-data"] = base64::engine::general_purpose::STANDARD.encode(authorities).into();
    }
    if entry.disable_compression {
        told["disable-compression"] = true.into();
    }
    if let Some(extension) = entry.extensions.iter().find(|extension| extension.name == FOR_PROGRAMS) {
        told["config"] = extension.extension.clone();
    }
    told
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{file, kubeconfig};
    use super::*;

    fn of(cluster: &str, user: &str) -> Result<Access> {
        let text = format!(
            "current-context: a\ncontexts: [{{name: a, context: {{cluster: c, user: u}}}}]\n\
             clusters: [{{name: c, cluster: {{{cluster}}}}}]\nusers: [{{name: u, user: {{{user}}}}}]\n"
        );
        let file = file::parse(text.as_bytes(), Path::new("config")).unwrap();
        access(&file, kubeconfig::choose(&file, None).unwrap())
    }

    /// In a word, who we say we are.
    fn who(access: &Access) -> String {
        let certificate = if access.identity.is_some() { "certificate " } else { "" };
        let credential = match &access.credential {
            Credential::None => "none".to_owned(),
            Credential::Token(token) => format!("token {}", token.expose_secret()),
            Credential::TokenFile(_, spare) => {
                format!("file, else {:?}", spare.as_ref().map(SecretString::expose_secret))
            }
            Credential::Password(given) => format!("password {} {}", given.user, given.password.expose_secret()),
            Credential::Program(program) => format!("program {}", program.exec.command),
        };
        format!("{certificate}{credential}")
    }

    fn base64(text: &str) -> String {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.encode(text)
    }

    const TLS: &str = "server: 'https://one:6443'";
    const EXEC: &str = "exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, interactiveMode: Never}";

    #[test]
    fn which_of_the_ways_to_sign_in_counts() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            format!("tokenFile: '{}'", path.display())
        };
        let (token, empty, broken) = (write("token", "t\n"), write("empty", " \n"), write("broken", "a\nb"));
        let missing = "tokenFile: /none/token";
        let made = rcgen::generate_simple_self_signed(vec!["u".to_owned()]).unwrap();
        let (chain, key) = (base64(&made.cert.pem()), base64(&made.signing_key.serialize_pem()));
        let certificate = format!("client-certificate-data: {chain}, client-key-data: {key}");
        let v1beta1 = EXEC.replace("io/v1", "io/v1beta1").replace(", interactiveMode: Never", "");
        let cases = [
            (String::new(), Ok("none")),
            ("token: t".to_owned(), Ok("token t")),
            (token.clone(), Ok("file, else None")),
            (format!("token: t, {token}"), Ok("file, else Some(\"t\")")),
            (format!("token: t, {missing}"), Ok("file, else Some(\"t\")")),
            (format!("token: t, {empty}"), Ok("file, else Some(\"t\")")),
            (missing.to_owned(), Err("kubeconfig-field-file")),
            (empty, Err("kubeconfig-field-empty-file")),
            (broken, Err("kubeconfig-field-characters")),
            ("token: \"a\\nb\"".to_owned(), Err("kubeconfig-field-characters")),
            ("username: n, password: p".to_owned(), Ok("password n p")),
            ("username: n".to_owned(), Ok("password n ")),
            ("token: t, username: n, password: p".to_owned(), Err("kubeconfig-field-beside")),
            (format!("{token}, username: n"), Err("kubeconfig-field-beside")),
            (EXEC.to_owned(), Ok("program aws")),
            (v1beta1.clone(), Ok("program aws")),
            (format!("token: t, {EXEC}"), Ok("token t")),
            (format!("token: '', {EXEC}"), Ok("program aws")),
            (format!("{token}, {EXEC}"), Ok("file, else None")),
            (format!("username: n, {EXEC}"), Ok("password n ")),
            (certificate.clone(), Ok("certificate none")),
            (format!("{certificate}, token: t"), Ok("certificate token t")),
            (format!("{certificate}, {EXEC}"), Ok("certificate none")),
            (format!("client-key-data: {key}, token: t"), Ok("token t")),
            (format!("client-certificate-data: {chain}"), Err("kubeconfig-field-missing")),
            (format!("client-certificate-data: {chain}, client-key-data: {chain}"), Err("kubeconfig-field-key")),
            (format!("client-certificate-data: {key}, client-key-data: {key}"), Err("kubeconfig-field-certificate")),
            (format!("client-certificate-data: '%', client-key-data: {key}"), Err("kubeconfig-field-base64")),
            (format!("{certificate}, client-key: k"), Err("kubeconfig-field-beside")),
            (format!("client-certificate: /none/c, client-key-data: {key}"), Err("kubeconfig-field-file")),
            (EXEC.replace("command: aws, ", ""), Err("kubeconfig-field-missing")),
            (EXEC.replace(", interactiveMode: Never", ""), Err("kubeconfig-field-missing")),
            (EXEC.replace("Never", "never"), Err("kubeconfig-field-unknown")),
            (EXEC.replace("io/v1", "io/v1alpha1"), Err("kubeconfig-field-unknown")),
            (format!("token: t, {}", EXEC.replace("io/v1", "io/v1alpha1")), Err("kubeconfig-field-unknown")),
            (EXEC.replace("command: aws", "command: aws, env: [{value: v}]"), Err("kubeconfig-field-missing")),
            ("auth-provider: {name: azure}".to_owned(), Err("sign-in-unsupported")),
            ("token: t, auth-provider: {name: gcp}".to_owned(), Err("sign-in-unsupported")),
            ("auth-provider: {name: oidc}".to_owned(), Err("sign-in-unsupported")),
            ("auth-provider: {name: oidc, config: {id-token: i}}".to_owned(), Ok("token i")),
            ("token: t, auth-provider: {name: oidc, config: {id-token: i}}".to_owned(), Ok("token t")),
            (format!("auth-provider: {{name: oidc}}, {EXEC}"), Err("kubeconfig-field-beside")),
            ("as-groups: [g]".to_owned(), Err("kubeconfig-field-missing")),
            ("as: \"a\\nb\"".to_owned(), Err("kubeconfig-field-characters")),
        ];
        for (user, expected) in cases {
            let found = of(TLS, &user).map(|access| who(&access)).map_err(|error| error.code());
            assert_eq!(found.as_deref().map_err(|code| *code), expected, "{user}");
            // Nobody on the way without TLS reads any of it; what cannot go together cannot go together there either.
            let plain = of("server: 'http://one:8080'", &user).map(|access| who(&access)).map_err(|error| error.code());
            assert!(plain.is_err() || plain.as_deref() == Ok("none"), "{user}: {plain:?}");
        }
        let named = of("server: 'https://n:p@one:6443'", "token: t").unwrap();
        assert_eq!((who(&named).as_str(), named.server.shown().as_str()), ("password n p", "https://one:6443"));
    }

    #[test]
    fn what_a_cluster_entry_says() {
        let made = rcgen::generate_simple_self_signed(vec!["one".to_owned()]).unwrap();
        let authority = base64(&made.cert.pem());
        let cases = [
            (TLS.to_owned(), Ok(None)),
            (format!("{TLS}, certificate-authority-data: ''"), Ok(None)),
            (format!("{TLS}, certificate-authority-data: {authority}"), Ok(Some(1))),
            (
                format!("{TLS}, certificate-authority-data: \"{}\\n{}\"", &authority[..64], &authority[64..]),
                Ok(Some(1)),
            ),
            (
                format!("{TLS}, certificate-authority-data: '{} {}'", &authority[..64], &authority[64..]),
                Err("kubeconfig-field-base64"),
            ),
            (format!("{TLS}, certificate-authority-data: eA=="), Err("kubeconfig-field-certificate")),
            (
                format!("{TLS}, certificate-authority-data: {authority}, certificate-authority: ca.pem"),
                Err("kubeconfig-field-beside"),
            ),
            (format!("{TLS}, certificate-authority: /none/ca.pem"), Err("kubeconfig-field-file")),
            (format!("{TLS}, insecure-skip-tls-verify: true"), Err("kubeconfig-insecure")),
            ("server: 'http://one', insecure-skip-tls-verify: true".to_owned(), Ok(None)),
            (format!("{TLS}, tls-server-name: two"), Ok(None)),
            (format!("{TLS}, tls-server-name: 'a b'"), Err("kubeconfig-field-address")),
            (format!("{TLS}, proxy-url: 'http://proxy:3128'"), Ok(None)),
            (format!("{TLS}, proxy-url: 'socks5://proxy'"), Ok(None)),
            (format!("{TLS}, proxy-url: 'proxy:3128'"), Err("kubeconfig-field-address")),
            (format!("{TLS}, proxy-url: 'socks5h://proxy'"), Err("kubeconfig-field-address")),
            ("server: 'one/path'".to_owned(), Err("kubeconfig-field-address")),
            (String::new(), Err("kubeconfig-field-missing")),
        ];
        for (cluster, expected) in cases {
            let found = of(&cluster, "token: t").map_err(|error| error.code());
            assert_eq!(found.map(|access| access.trusted.authorities.map(|all| all.len())), expected, "{cluster}");
        }
    }

    #[test]
    fn a_program_is_told_about_the_cluster_if_the_kubeconfig_wants_that() {
        let cluster = format!(
            "{TLS}, tls-server-name: two, proxy-url: 'http://proxy:1', \
             extensions: [{{name: other, extension: 1}}, {{name: client.authentication.k8s.io/exec, extension: {{a: b}}}}]"
        );
        let told = |user: &str| match of(&cluster, user).unwrap().credential {
            Credential::Program(program) => program.cluster,
            other => panic!("{other:?}"),
        };
        assert_eq!(told(EXEC), None);
        assert_eq!(
            told(&EXEC.replace("command", "provideClusterInfo: true, command")).unwrap(),
            serde_json::json!({"server": "https://one:6443", "tls-server-name": "two", "proxy-url": "http://proxy:1", "config": {"a": "b"}})
        );
    }

    #[test]
    fn whom_we_act_for_goes_into_headers() {
        let access =
            of(TLS, "token: t, as: somebody, as-uid: '7', as-groups: [g, h], as-user-extra: {a/b: [x, y]}").unwrap();
        let headers: Vec<_> =
            access.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        assert_eq!(
            headers,
            [
                "impersonate-user: somebody",
                "impersonate-uid: 7",
                "impersonate-group: g",
                "impersonate-group: h",
                "impersonate-extra-a%2fb: x",
                "impersonate-extra-a%2fb: y"
            ]
        );
    }
}
