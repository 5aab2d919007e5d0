//! A real control plane on this machine: etcd, kube-apiserver, kube-controller-manager and kube-scheduler on free ports of
//! 127.0.0.1, with nodes that [`crate::fake_node`] plays. Everything is gone when it is dropped.

use crate::certificates;
use crate::error::{Error, at};
use crate::fake_node::{Behaviour, FakeNodes, Rule};
use crate::program::{Kept, Program};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How the control plane is to be.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How nodes, volumes and load balancers behave.
    pub behaviour: Behaviour,
    /// Keep the two admission plug-ins that call webhooks. Nothing answers webhooks on fake nodes, so they are off by default.
    pub webhooks: bool,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    api: u16,
    etcd: u16,
    peer: u16,
    controllers: u16,
    scheduler: u16,
}

/// A running control plane.
pub struct ControlPlane {
    // dropped in this order: who asks before who answers
    nodes: Option<FakeNodes>,
    _scheduler: Kept,
    _controllers: Kept,
    api: Option<Program>,
    _etcd: Program,
    ports: Ports,
    options: Options,
    folder: tempfile::TempDir,
}

impl ControlPlane {
    /// Starts one and waits until its nodes are ready and pods can be created (5 to 15 s).
    ///
    /// # Errors
    /// When a program is missing or does not come up; the end of its log is in the error.
    pub fn start(options: &Options) -> Result<Self, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            // between choosing a free port and using it someone else may take it
            match Self::try_start(options) {
                Err(Error::Program { log, .. }) if log.contains("address already in use") && tries < 3 => {}
                other => return other,
            }
        }
    }

    fn try_start(options: &Options) -> Result<Self, Error> {
        let folder = tempfile::Builder::new().prefix("control-plane-").tempdir().map_err(at(std::env::temp_dir()))?;
        let place = folder.path();
        let ports = Ports::free()?;
        std::fs::create_dir(place.join("log")).map_err(at(place))?;
        certificates::write(place, &format!("https://127.0.0.1:{}", ports.api))?;
        std::fs::write(place.join("egress.yaml"), egress(place)).map_err(at(place))?;

        let mut etcd = start(place, "etcd", &etcd(ports))?;
        etcd.wait_until(60, || http_ok(ports.etcd, "/health"))?;
        let api = start_api(place, ports, options)?;
        let mut controllers = start(place, "kube-controller-manager", &controller_flags(ports))?;
        let mut scheduler = start(place, "kube-scheduler", &scheduler_flags(ports))?;
        controllers.wait_until(60, || listens(ports.controllers))?;
        scheduler.wait_until(60, || listens(ports.scheduler))?;
        let ca = std::fs::read_to_string(place.join("pki/ca.crt")).map_err(at(place))?;
        let nodes = FakeNodes::start(&place.join("kubelet.kubeconfig"), options.behaviour.clone(), ca)?;

        let kept = |program, name: &'static str, flags: Vec<String>| {
            let place = place.to_owned();
            Kept::new(program, move || start(&place, name, &flags))
        };
        let plane = Self {
            nodes: Some(nodes),
            _scheduler: kept(scheduler, "kube-scheduler", scheduler_flags(ports)),
            _controllers: kept(controllers, "kube-controller-manager", controller_flags(ports)),
            api: Some(api),
            _etcd: etcd,
            ports,
            options: options.clone(),
            folder,
        };
        plane.wait_until_usable()?;
        Ok(plane)
    }

    /// Nodes ready, and the controllers alive: without a namespace's service account no pod can be created.
    fn wait_until_usable(&self) -> Result<(), Error> {
        let wanted = self.options.behaviour.nodes as usize;
        crate::cluster::wait("ready nodes and a service account", Duration::from_secs(60), || {
            let ready = self.kubectl(&[
                "get",
                "nodes",
                "-o",
                "jsonpath={.items[*].status.conditions[?(@.type=='Ready')].status}",
            ])?;
            let account = self.kubectl(&[
                "get",
                "serviceaccount",
                "default",
                "-n",
                "default",
                "--ignore-not-found",
                "-o",
                "name",
            ])?;
            Ok(ready.split_whitespace().filter(|s| *s == "True").count() == wanted && !account.is_empty())
        })
    }

    /// The kubeconfig of an administrator (token).
    pub fn kubeconfig(&self) -> PathBuf {
        self.file("admin")
    }

    /// The kubeconfig of an administrator (client certificate).
    pub fn kubeconfig_with_certificate(&self) -> PathBuf {
        self.file("admin-cert")
    }

    /// The kubeconfig of someone who may do nothing: for 403s.
    pub fn kubeconfig_without_rights(&self) -> PathBuf {
        self.file("viewer")
    }

    fn file(&self, user: &str) -> PathBuf {
        self.folder.path().join(format!("{user}.kubeconfig"))
    }

    /// `kubectl` as administrator: what it writes to standard output.
    ///
    /// # Errors
    /// When it fails.
    pub fn kubectl(&self, arguments: &[&str]) -> Result<String, Error> {
        crate::cluster::kubectl(&self.kubeconfig(), arguments)
    }

    /// `kubectl apply` of these objects (YAML).
    ///
    /// # Errors
    /// When it fails.
    pub fn apply(&self, objects: &str) -> Result<(), Error> {
        let file = self.folder.path().join("apply.yaml");
        std::fs::write(&file, objects).map_err(at(&file))?;
        self.kubectl(&["apply", "-f", &file.to_string_lossy()]).map(drop)
    }

    /// Makes pods fail from now on; an empty list ends it.
    pub fn rules(&self, rules: Vec<Rule>) {
        if let Some(nodes) = &self.nodes {
            nodes.rules(rules);
        }
    }

    /// Takes the API server away (kill -9). Nothing else stops.
    pub fn stop_api(&mut self) {
        self.api = None;
    }

    /// Brings the API server back at the same address, with the same data.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_api(&mut self) -> Result<(), Error> {
        if self.api.is_none() {
            self.api = Some(start_api(self.folder.path(), self.ports, &self.options)?);
        }
        Ok(())
    }
}

impl Ports {
    fn free() -> Result<Self, Error> {
        let listeners = (0..5)
            .map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(at("127.0.0.1"))?;
        let mut ports = [0; 5];
        for (port, listener) in ports.iter_mut().zip(&listeners) {
            *port = listener.local_addr().map_err(at("127.0.0.1"))?.port();
        }
        let [api, etcd, peer, controllers, scheduler] = ports;
        Ok(Self { api, etcd, peer, controllers, scheduler })
    }
}

fn start(folder: &Path, name: &str, flags: &[String]) -> Result<Program, Error> {
    let mut command = Command::new(places::program(name)?);
    command.args(flags).current_dir(folder);
    Program::start(command, name, &folder.join("log"))
}

fn start_api(folder: &Path, ports: Ports, options: &Options) -> Result<Program, Error> {
    let mut api = start(folder, "kube-apiserver", &api(ports, options.webhooks))?;
    let kubeconfig = folder.join("admin.kubeconfig");
    api.wait_until(120, || {
        listens(ports.api)
            && crate::cluster::kubectl(&kubeconfig, &["get", "--raw", "/readyz"]).is_ok_and(|t| t == "ok")
    })?;
    Ok(api)
}

/// Traffic from the API server into the cluster goes to a socket where nobody listens: it must not leave this machine.
fn egress(folder: &Path) -> String {
    let socket = folder.join("cluster.sock");
    format!(
        "apiVersion: apiserver.k8s.io/v1beta1\nkind: EgressSelectorConfiguration\negressSelections:\n\
         - {{name: cluster, connection: {{proxyProtocol: HTTPConnect, transport: {{uds: {{udsName: {:?}}}}}}}}}\n",
        socket.display().to_string()
    )
}

fn etcd(ports: Ports) -> Vec<String> {
    let (client, peer) = (format!("http://127.0.0.1:{}", ports.etcd), format!("http://127.0.0.1:{}", ports.peer));
    vec![
        "--data-dir=etcd".into(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
        "--unsafe-no-fsync".into(),
        "--log-level=warn".into(),
    ]
}

fn api(ports: Ports, webhooks: bool) -> Vec<String> {
    let mut flags = vec![
        "--bind-address=127.0.0.1".into(),
        format!("--secure-port={}", ports.api),
        "--advertise-address=127.0.0.1".into(),
        "--endpoint-reconciler-type=none".into(),
        format!("--etcd-servers=http://127.0.0.1:{}", ports.etcd),
        "--tls-cert-file=pki/api.crt".into(),
        "--tls-private-key-file=pki/api.key".into(),
        "--client-ca-file=pki/ca.crt".into(),
        "--token-auth-file=pki/tokens.csv".into(),
        "--authorization-mode=Node,RBAC".into(),
        "--anonymous-auth=true".into(),
        "--service-account-issuer=https://kubernetes.default.svc".into(),
        "--service-account-key-file=pki/sa.pub".into(),
        "--service-account-signing-key-file=pki/sa.key".into(),
        "--service-cluster-ip-range=10.96.0.0/16".into(),
        "--allow-privileged=true".into(),
        "--profiling=false".into(),
        "--egress-selector-config-file=egress.yaml".into(),
    ];
    if !webhooks {
        flags.push("--disable-admission-plugins=MutatingAdmissionWebhook,ValidatingAdmissionWebhook".into());
    }
    flags
}

fn controller_flags(ports: Ports) -> Vec<String> {
    [
        "--bind-address=127.0.0.1",
        &format!("--secure-port={}", ports.controllers),
        "--kubeconfig=kcm.kubeconfig",
        "--authentication-kubeconfig=kcm.kubeconfig",
        "--authorization-kubeconfig=kcm.kubeconfig",
        "--leader-elect=false",
        "--use-service-account-credentials=true",
        "--service-account-private-key-file=pki/sa.key",
        "--root-ca-file=pki/ca.crt",
        "--cluster-signing-cert-file=pki/ca.crt",
        "--cluster-signing-key-file=pki/ca.key",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
        "--profiling=false",
    ]
    .map(String::from)
    .to_vec()
}

fn scheduler_flags(ports: Ports) -> Vec<String> {
    [
        "--bind-address=127.0.0.1",
        &format!("--secure-port={}", ports.scheduler),
        "--kubeconfig=sched.kubeconfig",
        "--authentication-kubeconfig=sched.kubeconfig",
        "--authorization-kubeconfig=sched.kubeconfig",
        "--leader-elect=false",
        "--kube-api-qps=200",
        "--kube-api-burst=400",
        "--profiling=false",
    ]
    .map(String::from)
    .to_vec()
}

fn listens(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

fn http_ok(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.lines().next().is_some_and(|status| status.contains(" 200 ")))
}
