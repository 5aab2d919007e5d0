//! Whether the cluster can be expected to give the web entry an address of its own. Pure: nobody promises one beforehand, so what is found
//! is a note at most.

use cluster::look::{Node, Pod};
use engine::Cause;
use serde_json::Value;

use super::verdict::Verdict;

/// Parts of names of programs that give addresses to Services.
const GIVERS: [&str; 9] = [
    "cloud-controller-manager",
    "cloud-provider",
    "kube-vip",
    "loxilb",
    "metallb",
    "nsx-ncp",
    "openelb",
    "porter-lb",
    "purelb",
];

/// Beginnings of `spec.providerID` of machines behind which nobody gives addresses. Every other one is a cloud's.
const WITHOUT: [&str; 9] = [
    "kind://",
    "k3s://",
    "rke2://",
    "vsphere://",
    "metal3://",
    "baremetalhost://",
    "proxmox://",
    "byoh://",
    "minikube://",
];

/// How k3s begins the names of the DaemonSets that hold ports of all machines for its own load balancer.
const K3S_HOLDS: &str = "svclb-";

/// Docker's own cluster gives `localhost` to the first who asks.
const DOCKERS: &str = "docker-desktop";

fn is_load_balancer(service: &Value) -> bool {
    service["spec"]["type"] == "LoadBalancer"
}

fn ports(service: &Value) -> Vec<u64> {
    service["spec"]["ports"].as_array().into_iter().flatten().filter_map(|port| port["port"].as_u64()).collect()
}

/// Whether k3s was told to leave out its load balancer: `["server","--disable","traefik,servicelb"]`.
fn is_without_servicelb(arguments: &str) -> bool {
    let arguments: Vec<String> = serde_json::from_str(arguments).unwrap_or_default();
    let mut disabled = Vec::new();
    for (at, argument) in arguments.iter().enumerate() {
        for flag in ["--disable", "--no-deploy"] {
            if argument == flag {
                disabled.extend(arguments.get(at + 1));
            }
        }
    }
    let after = |argument: &'_ String| {
        argument.strip_prefix("--disable=").or_else(|| argument.strip_prefix("--no-deploy=")).map(str::to_owned)
    };
    let lists = disabled.into_iter().cloned().chain(arguments.iter().filter_map(after));
    lists.into_iter().any(|list| list.split(',').any(|one| one.trim() == "servicelb"))
}

/// What is there: machines, pods, and Services.
pub(super) struct Found<'a> {
    pub(super) nodes: &'a [Node],
    pub(super) pods: &'a [Pod],
    pub(super) services: &'a [Value],
}

/// Told only if an address may never come. `wanted`: the plan's Services of type `LoadBalancer`, each with its namespace.
pub(super) fn address(wanted: &[(String, &Value)], found: &Found<'_>) -> Option<Verdict> {
    let name = |service: &Value| service["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let namespace = |service: &Value| service["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
    let is_ours = |there: &Value| wanted.iter().any(|(ns, ours)| *ns == namespace(there) && name(ours) == name(there));
    let has_address = |service: &Value| {
        service["status"]["loadBalancer"]["ingress"].as_array().is_some_and(|addresses| !addresses.is_empty())
    };
    let mut there: Vec<&Value> = found.services.iter().filter(|service| is_load_balancer(service)).collect();
    there.sort_by_key(|service| (namespace(service), name(service)));
    if wanted.is_empty() || there.iter().any(|service| is_ours(service) && has_address(service)) {
        return None;
    }
    let (ours, others): (Vec<&Value>, Vec<&Value>) = there.into_iter().partition(|service| is_ours(service));
    drop(ours);
    let holds = found.pods.iter().any(|pod| pod.workload.rsplit('/').next().is_some_and(|n| n.starts_with(K3S_HOLDS)));
    let k3s: Vec<&str> = found.nodes.iter().filter_map(|node| node.k3s.as_deref()).collect();
    let is_k3s = holds || !k3s.is_empty() || found.nodes.iter().any(|node| node.provider.starts_with("k3s://"));
    if is_k3s && (holds || !k3s.iter().any(|arguments| is_without_servicelb(arguments))) {
        // Its load balancer gives a machine's own ports, each to one Service only.
        let needed: Vec<u64> = wanted.iter().flat_map(|(_, service)| ports(service)).collect();
        let held = |service: &&&Value| ports(service).iter().any(|port| needed.contains(port));
        let by = others.iter().find(held)?;
        let both: Vec<String> =
            ports(by).into_iter().filter(|port| needed.contains(port)).map(|port| port.to_string()).collect();
        let cause = Cause::new("check-address-held").with("by", format!("{}/{}", namespace(by), name(by)));
        return Some(Verdict::TakeNote(cause.with("ports", both.join(", "))));
    }
    let is_giver = |pod: &Pod| GIVERS.iter().any(|giver| pod.workload.contains(giver));
    let is_given = others.iter().any(|service| has_address(service)) || found.pods.iter().any(is_giver);
    let of_cloud = |node: &Node| {
        node.name == DOCKERS
            || (!node.provider.is_empty() && !WITHOUT.iter().any(|kind| node.provider.starts_with(kind)))
    };
    if is_given || found.nodes.iter().any(of_cloud) || found.nodes.is_empty() {
        return None;
    }
    Some(Verdict::TakeNote(Cause::new("check-address")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::place::verdict::testing::{arg, code};

    fn node(name: &str, provider: &str, k3s: Option<&str>) -> Node {
        let (name, provider, k3s) = (name.to_owned(), provider.to_owned(), k3s.map(str::to_owned));
        Node { name, provider, k3s, ready: true, ..Node::default() }
    }

    fn pod(workload: &str) -> Pod {
        Pod { workload: workload.to_owned(), ..Pod::default() }
    }

    /// A Service of type LoadBalancer.
    fn service(namespace: &str, name: &str, ports: &[u64], address: &str) -> Value {
        let ingress = if address.is_empty() { json!([]) } else { json!([{"ip": address}]) };
        json!({"metadata": {"namespace": namespace, "name": name}, "status": {"loadBalancer": {"ingress": ingress}},
            "spec": {"type": "LoadBalancer", "ports": ports.iter().map(|port| json!({"port": port})).collect::<Vec<_>>()}})
    }

    #[test]
    fn where_no_address_can_be_expected_it_is_said_beforehand() {
        let traefik = || service("kube-system", "traefik", &[80, 443], "10.0.0.7");
        let held = || pod("DaemonSet/kube-system/svclb-traefik-1a2b3c");
        let bare = || vec![node("a", "", None), node("b", "", None)];
        let k3s = |arguments: &'static str| vec![node("a", "k3s://a", Some(arguments))];
        type Case<'a> = (&'a str, Vec<Node>, Vec<Pod>, Vec<Value>, &'a str);
        let cases: Vec<Case<'_>> = vec![
            ("a cloud", vec![node("a", "aws:///ap-south-1a/i-1", None)], vec![], vec![], ""),
            ("a cloud without a scheme", vec![node("a", "ocid1.instance.oc1", None)], vec![], vec![], ""),
            ("bare metal", bare(), vec![], vec![], "check-address"),
            ("bare metal with MetalLB", bare(), vec![pod("DaemonSet/metallb-system/speaker")], vec![], ""),
            ("bare metal with kube-vip", bare(), vec![pod("Pod/kube-system/kube-vip-a")], vec![], ""),
            (
                "bare metal with another program",
                bare(),
                vec![pod("Deployment/kube-system/coredns")],
                vec![],
                "check-address",
            ),
            ("somebody has been given an address", bare(), vec![], vec![service("x", "y", &[9], "10.0.0.9")], ""),
            ("somebody waits for one", bare(), vec![], vec![service("x", "y", &[9], "")], "check-address"),
            ("the entry has one", bare(), vec![], vec![service("egov", "entry", &[80], "10.0.0.8")], ""),
            ("the entry waits for one", bare(), vec![], vec![service("egov", "entry", &[80], "")], "check-address"),
            ("kind", vec![node("a", "kind://docker/kind/a", None)], vec![], vec![], "check-address"),
            ("vSphere", vec![node("a", "vsphere://42", None)], vec![], vec![], "check-address"),
            ("Docker's own", vec![node("docker-desktop", "", None)], vec![], vec![], ""),
            ("k3s as it comes", k3s("[\"server\"]"), vec![held()], vec![traefik()], "check-address-held"),
            (
                "k3s whose entry has other ports",
                k3s("[\"server\"]"),
                vec![held()],
                vec![service("x", "y", &[8080], "10.0.0.7")],
                "",
            ),
            ("k3s without its entry", k3s("[\"server\",\"--disable\",\"traefik\"]"), vec![], vec![], ""),
            (
                "k3s without its load balancer",
                k3s("[\"server\",\"--disable\",\"traefik,servicelb\"]"),
                vec![],
                vec![],
                "check-address",
            ),
            (
                "the same, written otherwise",
                k3s("[\"server\",\"--disable=servicelb\"]"),
                vec![],
                vec![],
                "check-address",
            ),
            (
                "the same, with MetalLB",
                k3s("[\"server\",\"--disable=servicelb\"]"),
                vec![pod("DaemonSet/metallb-system/speaker")],
                vec![traefik()],
                "",
            ),
            (
                "k3s that does not say how",
                vec![node("a", "k3s://a", None)],
                vec![],
                vec![traefik()],
                "check-address-held",
            ),
            ("k3s that holds ports and has no provider", bare(), vec![held()], vec![traefik()], "check-address-held"),
            ("no machines are seen", vec![], vec![], vec![], ""),
        ];
        let entry = json!({"metadata": {"name": "entry"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80}, {"port": 443}]}});
        let wanted = [("egov".to_owned(), &entry)];
        for (name, nodes, pods, services, code_wanted) in cases {
            let found = Found { nodes: &nodes, pods: &pods, services: &services };
            assert_eq!(address(&wanted, &found).as_ref().map_or(String::new(), code), code_wanted, "{name}");
            assert!(address(&[], &found).is_none(), "{name}: nobody wants one");
        }
        let (nodes, services) = (k3s("[]"), [traefik()]);
        let verdict = address(&wanted, &Found { nodes: &nodes, pods: &[], services: &services }).unwrap();
        assert_eq!(["by", "ports"].map(|name| arg(&verdict, name)), ["kube-system/traefik", "80, 443"]);
    }
}
