//! What the texts of kubelet, container runtime, registries and API server mean: tables of words, tried in order.

/// Words (all in lower case) that give away why an image could not be pulled. The first row with a word in the message wins: what is
/// plainly said before what is only implied (a 401 page may mention a time-out, a rate limit comes with `denied`).
const IMAGE: &[(&str, &[&str])] = &[
    ("image-rate-limited", &["toomanyrequests", "429 too many requests", "rate limit"]),
    (
        "image-platform-missing",
        &[
            "no match for platform",
            "no matching manifest",
            "does not match the specified platform",
            "no image found in manifest list for",
        ],
    ),
    (
        "registry-unreachable",
        &[
            "i/o timeout",
            "no such host",
            "connection refused",
            "connection reset",
            "network is unreachable",
            "no route to host",
            "tls handshake timeout",
            "server misbehaving",
            "context deadline exceeded",
            "x509:",
            "unexpected eof",
            "500 internal server error",
            "502 bad gateway",
            "503 service unavailable",
            "504 gateway",
            "http response to https client",
        ],
    ),
    // Docker Hub answers "pull access denied, repository does not exist or may require authorization" for what is not there.
    ("image-not-found", &["repository does not exist", "not found", "manifest unknown", "name unknown", "404"]),
    (
        "image-unauthorized",
        &[
            "unauthorized",
            "401",
            "403 forbidden",
            "authentication required",
            "no basic auth credentials",
            "denied",
            "authorization failed",
        ],
    ),
];

/// Words in an API server's refusal to create a pod or claim.
const REFUSED: &[(&str, &[&str])] = &[
    ("quota-exceeded", &["exceeded quota", "failed quota"]),
    ("webhook-unavailable", &["failed calling webhook", "failed to call webhook"]),
    ("admission-denied", &["admission webhook", "validatingadmissionpolicy", "denied the request"]),
    ("pod-security-denied", &["violates podsecurity"]),
    ("config-missing", &["serviceaccount"]),
];

fn first(table: &[(&'static str, &[&str])], message: &str) -> Option<&'static str> {
    let message = message.to_lowercase();
    table.iter().find(|(_, words)| words.iter().any(|word| message.contains(word))).map(|(code, _)| *code)
}

/// Why an image could not be pulled.
pub(crate) fn image(message: &str) -> &'static str {
    first(IMAGE, message).unwrap_or("image-pull-failed")
}

/// Why something could not be created.
pub(crate) fn refused(message: &str) -> &'static str {
    match first(REFUSED, message) {
        Some("config-missing") if !message.contains("not found") => "create-failed",
        code => code.unwrap_or("create-failed"),
    }
}

/// Something that a pod refers to and that is not there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) key: String,
}

/// Reads `secret "x" not found`, `couldn't find key k in ConfigMap ns/x`, `references non-existent config key: k`,
/// `serviceaccount "x" not found`.
pub(crate) fn missing(message: &str) -> Option<Missing> {
    if let Some(rest) = message.split("couldn't find key ").nth(1) {
        let mut words = rest.split_whitespace();
        let key = words.next()?.to_owned();
        let kind = kind_of(words.nth(1)?)?;
        let name = words.next()?.trim_end_matches(['.', ',', ';']);
        return Some(Missing { kind, name: name.rsplit('/').next()?.to_owned(), key });
    }
    for (mark, kind) in [
        ("secret \"", "Secret"),
        ("configmap \"", "ConfigMap"),
        ("secrets \"", "Secret"),
        ("configmaps \"", "ConfigMap"),
        ("serviceaccount \"", "ServiceAccount"),
        ("serviceaccounts \"", "ServiceAccount"),
    ] {
        // The last one: API errors first name the pod itself.
        if let Some((_, rest)) = message.rsplit_once(mark)
            && let Some((name, rest)) = rest.split_once('"')
            && rest.contains("not found")
        {
            return Some(Missing { kind, name: name.to_owned(), key: String::new() });
        }
    }
    // Kubelet's mount errors: `object "egov"/"egov-config" not registered` only means that its cache is cold.
    None
}

fn kind_of(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "secret" => Some("Secret"),
        "configmap" => Some("ConfigMap"),
        _ => None,
    }
}

/// The name in `... webhook "x" ...`.
pub(crate) fn webhook(message: &str) -> &str {
    crate::json::between(message, "webhook \"", "\"").unwrap_or_default()
}

/// The name in `exceeded quota: x, ...`.
pub(crate) fn quota(message: &str) -> &str {
    message.split("exceeded quota: ").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default()
}

/// Docker Hub's rate-limit answer names the account that asked; evidence goes into reports that leave the house.
pub(crate) fn without_accounts(text: &str) -> String {
    match text.split_once("pull rate limit as '") {
        Some((before, rest)) => {
            let after = rest.split_once('\'').map_or("", |(_, after)| after);
            let after = after.split_once(". ").map_or("", |(_, after)| after);
            format!("{before}pull rate limit. {after}").trim_end().to_owned()
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pull_errors_are_told_apart() {
        let cases = [
            (
                "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/egovio/x:1\": failed to resolve reference \"docker.io/egovio/x:1\": docker.io/egovio/x:1: not found",
                "image-not-found",
            ),
            (
                "Error response from daemon: pull access denied for egovio/x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
                "image-not-found",
            ),
            (
                "failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://auth.docker.io/token: 401 Unauthorized",
                "image-unauthorized",
            ),
            ("unexpected status code 403 Forbidden", "image-unauthorized"),
            (
                "failed to copy: httpReadSeeker: failed open: unexpected status code 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit",
                "image-rate-limited",
            ),
            ("dial tcp: lookup registry-1.docker.io: no such host", "registry-unreachable"),
            ("net/http: TLS handshake timeout", "registry-unreachable"),
            (
                "tls: failed to verify certificate: x509: certificate signed by unknown authority",
                "registry-unreachable",
            ),
            ("unexpected status code 503 Service Unavailable", "registry-unreachable"),
            ("no match for platform in manifest: not found", "image-platform-missing"),
            ("Back-off pulling image \"egovio/x:1\"", "image-pull-failed"),
        ];
        for (message, code) in cases {
            assert_eq!(image(message), code, "{message}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let of = |kind, name: &str, key: &str| Some(Missing { kind, name: name.into(), key: key.into() });
        let cases = [
            ("secret \"db\" not found", of("Secret", "db", "")),
            ("configmap \"egov-config\" not found", of("ConfigMap", "egov-config", "")),
            ("couldn't find key db-url in ConfigMap egov/egov-config", of("ConfigMap", "egov-config", "db-url")),
            ("couldn't find key password in Secret egov/db", of("Secret", "db", "password")),
            (
                "Error creating: pods \"x-7d\" is forbidden: error looking up service account egov/x: serviceaccount \"x\" not found",
                of("ServiceAccount", "x", ""),
            ),
            (
                "MountVolume.SetUp failed for volume \"keys\" : secret \"git-creds\" not found",
                of("Secret", "git-creds", ""),
            ),
            ("MountVolume.SetUp failed for volume \"c\" : object \"egov\"/\"c\" not registered", None),
        ];
        for (message, wanted) in cases {
            assert_eq!(missing(message), wanted, "{message}");
        }
    }

    #[test]
    fn refusals_are_told_apart() {
        let cases = [
            (
                "pods \"x\" is forbidden: exceeded quota: compute, requested: memory=512Mi, used: memory=4Gi, limited: memory=4Gi",
                "quota-exceeded",
            ),
            (
                "Internal error occurred: failed calling webhook \"validate.nginx.ingress.kubernetes.io\": connection refused",
                "webhook-unavailable",
            ),
            ("admission webhook \"policy.example\" denied the request: no latest tags", "admission-denied"),
            ("pods \"x\" is forbidden: violates PodSecurity \"restricted:latest\": privileged", "pod-security-denied"),
            (
                "pods \"x\" is forbidden: error looking up service account egov/x: serviceaccount \"x\" not found",
                "config-missing",
            ),
            ("pods \"x\" is forbidden: something else", "create-failed"),
        ];
        for (message, code) in cases {
            assert_eq!(refused(message), code, "{message}");
        }
        assert_eq!(quota(cases[0].0), "compute");
        assert_eq!(webhook(cases[1].0), "validate.nginx.ingress.kubernetes.io");
    }

    #[test]
    fn accounts_stay_out_of_evidence() {
        let line = "toomanyrequests: You have reached your pull rate limit as 'cityadmin': dckr_jti_abc. You may increase the limit by upgrading.";
        assert_eq!(
            without_accounts(line),
            "toomanyrequests: You have reached your pull rate limit. You may increase the limit by upgrading."
        );
    }
}
