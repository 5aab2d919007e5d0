//! What may be sent again. Pure.

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lost {
    /// Nothing of it reached the program: there was no connection, or it was not begun to be sent.
    Unsent(String),
    /// It was sent, at least in part, and may have been carried out.
    MaybeDone(String),
}

impl Lost {
    /// What was in the way.
    pub(super) fn reason(&self) -> &str {
        match self {
            Lost::Unsent(reason) | Lost::MaybeDone(reason) => reason,
        }
    }

    /// The same with what the forward itself says about its end, if it says something: a node knows whether a connection came about.
    pub(super) fn told(self, by_node: Option<&str>) -> Self {
        let Some(said) = by_node else { return self };
        // Nodes say it at length, and nothing of it was sent by us.
        let words: String = said.chars().take(400).collect();
        let lower = said.to_lowercase();
        if matches!(self, Lost::Unsent(_)) || NEVER_CONNECTED.iter().any(|never| lower.contains(never)) {
            Lost::Unsent(words)
        } else {
            Lost::MaybeDone(words)
        }
    }

    /// Whether it may be sent again: what never arrived may always, what may have been carried out only if carrying it out twice is the
    /// same as once.
    pub(super) fn may_repeat(&self, repeatable: bool) -> bool {
        match self {
            Lost::Unsent(_) => true,
            Lost::MaybeDone(_) => repeatable,
        }
    }
}

/// How those who forward in a node (containerd, CRI-O, Docker's through socat) say that no connection to the program came about. Each is
/// said before the first byte is passed on; a connection that breaks later reads `connection reset by peer` or `broken pipe`.
const NEVER_CONNECTED: &[&str] = &[
    "connection refused",
    "failed to connect to localhost",
    "failed to find sandbox",
    "network namespace for sandbox",
    "no such container",
    "pod does not exist",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_never_arrived_or_may_be_done_twice_is_sent_again() {
        let (unsent, maybe) = (Lost::Unsent(String::new()), Lost::MaybeDone(String::new()));
        for (lost, repeatable, expected) in
            [(&unsent, false, true), (&unsent, true, true), (&maybe, true, true), (&maybe, false, false)]
        {
            assert_eq!(lost.may_repeat(repeatable), expected, "{lost:?} {repeatable}");
        }
    }

    #[test]
    fn a_node_tells_whether_a_connection_came_about() {
        let cases = [
            (None, false),
            (
                Some(
                    r#"error forwarding port 8080 to pod 3f, uid : failed to execute portforward in network namespace "/var/run/netns/cni-1": failed to connect to localhost:8080 inside namespace "3f", IPv4: dial tcp4 127.0.0.1:8080: connect: connection refused IPv6: dial tcp6: address localhost: no suitable address found"#,
                ),
                true,
            ),
            (
                Some(
                    r#"error forwarding port 8080 to pod 3f, uid : failed to execute portforward in network namespace "/var/run/netns/cni-1": failed to connect to localhost:8080 inside namespace "3f", IPv4: dial tcp4 127.0.0.1:8080: i/o timeout IPv6: dial tcp6"#,
                ),
                true,
            ),
            (
                Some(
                    "error forwarding port 8082 to pod b4, uid : exit status 1: 2026/11/24 15:35:32 socat[45088] E connect(5, AF=2 127.0.0.1:8082, 16): Connection refused",
                ),
                true,
            ),
            (
                Some(r#"error forwarding port 8080 to pod 16, uid : failed to find sandbox "16" in store: not found"#),
                true,
            ),
            (Some(r#"error forwarding port 80 to pod 51, uid : Error: No such container: 5176"#), true),
            (Some(r#"error forwarding port 8080 to pod 3f, uid : network namespace for sandbox "3f" is closed"#), true),
            (
                Some(
                    r#"error forwarding port 5432 to pod 3f, uid : failed to execute portforward in network namespace "/var/run/netns/cni-1": read tcp4 127.0.0.1:36712->127.0.0.1:5432: read: connection reset by peer"#,
                ),
                false,
            ),
            (Some("error forwarding port 80 to pod 3f, uid : write tcp: broken pipe"), false),
            (Some("lost connection to pod"), false),
        ];
        for (said, never) in cases {
            let lost = Lost::MaybeDone("closed".to_owned()).told(said);
            assert_eq!(matches!(lost, Lost::Unsent(_)), never, "{said:?}");
            assert_eq!(lost.reason(), said.unwrap_or("closed"));
            assert!(matches!(Lost::Unsent("closed".to_owned()).told(said), Lost::Unsent(_)), "{said:?}");
        }
    }
}
