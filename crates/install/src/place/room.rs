//! Whether a plan's pods find room on the machines there are. Pure.
//!
//! What an installation already runs is part of the plan and not in its way: its pods count once, where they stand, and only
//! what is still missing has to be placed. Pods are put on machines one by one, the largest first, each on the machine with the
//! most room, as Kubernetes does it: a sum over all machines would find room where no pod fits.

use std::collections::{BTreeMap, BTreeSet};

use cluster::look::{Node, Pod, pod_requests};
use serde_json::Value;

use super::affinity::Asked;
use super::machines::{Builds, tolerates};
use crate::plan::{WORKLOADS, name_of, pod_spec, replicas, stands_apart};

/// The pods of one workload of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// `Kind/namespace/name`.
    pub(crate) workload: String,
    /// How many; `None`: one on every machine.
    pub(crate) count: Option<u32>,
    /// Memory of each, in bytes.
    pub(crate) memory: u64,
    /// Processors of each, in thousandths.
    pub(crate) cpu: u64,
    /// Whether no two may stand on one machine.
    pub(crate) apart: bool,
    /// What they ask of a machine.
    pub(crate) asked: Asked,
    /// Taints that keep it from no machine, as the pods have them.
    pub(crate) tolerations: Vec<Value>,
    /// As they are written.
    pub(crate) images: BTreeSet<String>,
}

impl Wanted {
    /// Whether a machine takes its pods at all, full or not.
    fn may_stand_on(&self, node: &Node, builds: &Builds) -> bool {
        node.ready
            && !node.cordoned
            && node.os == "linux"
            && node.taints.iter().all(|taint| tolerates(&self.tolerations, taint))
            && self.asked.admits(node)
            && self.images.iter().all(|image| builds.runs_on(image, &node.architecture))
    }
}

/// What does not find room.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Room {
    /// Workloads of which at least one pod finds no place, in the order in which they were tried.
    pub(crate) without: Vec<String>,
    /// What all missing pods ask for: memory in bytes, processors in thousandths.
    pub(crate) missing: (u64, u64),
    /// What is free on all machines that can be used, before the missing ones are placed.
    pub(crate) free: (u64, u64),
    /// The most machines that pods of one workload need, since they must stand apart.
    pub(crate) machines: u32,
}

/// What the workloads among some objects ask for. `namespace` is that of the objects that name none.
pub(crate) fn wanted<'a>(objects: impl IntoIterator<Item = (&'a str, &'a Value)>) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (namespace, object) in objects {
        let (Some(spec), true) = (pod_spec(object), WORKLOADS.contains(&object["kind"].as_str().unwrap_or_default()))
        else {
            continue;
        };
        let (memory, cpu) = pod_requests(spec);
        let is_each = object["kind"] == "DaemonSet";
        wanted.push(Wanted {
            workload: named(object, namespace),
            count: (!is_each).then(|| replicas(object)),
            memory,
            cpu,
            apart: stands_apart(spec),
            asked: Asked::of(spec),
            tolerations: spec["tolerations"].as_array().cloned().unwrap_or_default(),
            images: catalog::images::names(object).map(str::to_owned).collect(),
        });
    }
    wanted
}

fn named(object: &Value, namespace: &str) -> String {
    let mut object = object.clone();
    if object["metadata"]["namespace"].as_str().is_none_or(str::is_empty) {
        object["metadata"]["namespace"] = namespace.into();
    }
    name_of(&object)
}

/// One machine while pods are placed on it.
struct Machine<'a> {
    node: &'a Node,
    name: &'a str,
    memory: u64,
    cpu: u64,
    pods: u64,
    /// Workloads with a pod here.
    has: BTreeSet<&'a str>,
}

impl<'a> Machine<'a> {
    fn takes(&self, one: &Wanted, builds: &Builds) -> bool {
        let fits =
            one.may_stand_on(self.node, builds) && self.memory >= one.memory && self.cpu >= one.cpu && self.pods > 0;
        fits && !(one.apart && self.has.contains(one.workload.as_str()))
    }

    fn take(&mut self, workload: &'a str, memory: u64, cpu: u64) {
        self.memory = self.memory.saturating_sub(memory);
        self.cpu = self.cpu.saturating_sub(cpu);
        self.pods = self.pods.saturating_sub(1);
        self.has.insert(workload);
    }
}

/// Places pods on machines that are ready and may be used.
pub(crate) fn room(nodes: &[Node], pods: &[Pod], wanted: &[Wanted], builds: &Builds) -> Room {
    let mut machines: Vec<Machine<'_>> = nodes
        .iter()
        .filter(|n| n.is_open() || wanted.iter().any(|one| one.may_stand_on(n, builds)))
        .map(|n| Machine { node: n, name: &n.name, memory: n.memory, cpu: n.cpu, pods: n.pods, has: BTreeSet::new() })
        .collect();
    let by_workload: BTreeMap<&str, &Wanted> = wanted.iter().map(|w| (w.workload.as_str(), w)).collect();
    // What stands already: others' pods with what they ask for, our own with what the plan asks for.
    let mut standing: BTreeMap<&str, u32> = BTreeMap::new();
    for pod in pods {
        let Some(machine) = machines.iter_mut().find(|m| m.name == pod.node) else { continue };
        match by_workload.get(pod.workload.as_str()) {
            None => machine.take(&pod.workload, pod.memory, pod.cpu),
            Some(ours) => {
                let count = standing.entry(&ours.workload).or_default();
                // One too many is on its way out: a change that puts a new one beside the old.
                if ours.count.is_none_or(|wanted| *count < wanted) {
                    *count += 1;
                    machine.take(&ours.workload, ours.memory, ours.cpu);
                }
            }
        }
    }
    // Room that ordinary pods cannot have is none that a person is told of.
    let sum = |of: fn(&Machine<'_>) -> u64| machines.iter().filter(|m| m.node.is_open()).map(of).sum::<u64>();
    let mut out = Room { free: (sum(|m| m.memory), sum(|m| m.cpu)), ..Room::default() };
    out.machines = wanted.iter().filter(|w| w.apart).filter_map(|w| w.count).max().unwrap_or(1).max(1);

    let mut missing: Vec<(&Wanted, Option<&str>)> = Vec::new();
    for one in wanted {
        match one.count {
            Some(count) => {
                let there = standing.get(one.workload.as_str()).copied().unwrap_or_default();
                missing.extend((there..count).map(|_| (one, None)));
            }
            None => {
                let without = machines
                    .iter()
                    .filter(|m| one.may_stand_on(m.node, builds) && !m.has.contains(one.workload.as_str()));
                missing.extend(without.map(|m| (one, Some(m.name))));
            }
        }
    }
    let whole = (sum(|m| m.memory).max(1) as f64, sum(|m| m.cpu).max(1) as f64);
    let share = |one: &Wanted| (one.memory as f64 / whole.0).max(one.cpu as f64 / whole.1);
    // Those that can stand on one machine only come first, then the largest.
    missing.sort_by(|(a, on_a), (b, on_b)| {
        on_b.is_some().cmp(&on_a.is_some()).then(share(b).total_cmp(&share(a))).then(a.workload.cmp(&b.workload))
    });
    for (one, only) in missing {
        out.missing.0 += one.memory;
        out.missing.1 += one.cpu;
        let may = machines.iter_mut().filter(|m| only.is_none_or(|name| m.name == name) && m.takes(one, builds));
        let roomiest = may.max_by(|a, b| {
            let left =
                |m: &Machine<'_>| ((m.memory - one.memory) as f64 / whole.0).min((m.cpu - one.cpu) as f64 / whole.1);
            left(a).total_cmp(&left(b)).then(b.name.cmp(a.name))
        });
        match roomiest {
            Some(machine) => machine.take(&one.workload, one.memory, one.cpu),
            None if out.without.contains(&one.workload) => {}
            None => out.without.push(one.workload.clone()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIB: u64 = 1 << 30;

    /// A machine of `memory` GiB and 4 processors.
    fn node(name: &str, memory: u64) -> Node {
        Node {
            name: name.to_owned(),
            ready: true,
            schedulable: true,
            memory: memory * GIB,
            cpu: 4000,
            pods: 110,
            architecture: "amd64".to_owned(),
            os: "linux".to_owned(),
            ..Node::default()
        }
    }

    fn pod(node: &str, workload: &str, memory: u64) -> Pod {
        Pod { node: node.to_owned(), workload: workload.to_owned(), memory: memory * GIB, cpu: 100 }
    }

    fn want(workload: &str, count: u32, memory: u64) -> Wanted {
        let workload = workload.to_owned();
        Wanted { workload, count: Some(count), memory: memory * GIB, cpu: 100, ..Wanted::default() }
    }

    fn placed(nodes: &[Node], pods: &[Pod], wanted: &[Wanted]) -> Room {
        room(nodes, pods, wanted, &Builds::default())
    }

    fn three() -> Vec<Node> {
        vec![node("a", 16), node("b", 16), node("c", 16)]
    }

    #[test]
    fn what_the_installation_itself_runs_is_not_in_its_way() {
        let plan = [want("D/n/a", 8, 4), want("D/n/b", 2, 2)];
        let on = |n: usize| ["a", "b", "c"][n % 3];
        for standing in 0..=8 {
            let pods: Vec<Pod> = (0..standing).map(|n| pod(on(n), "D/n/a", 4)).collect();
            let room = placed(&three(), &pods, &plan);
            assert_eq!(room.without, Vec::<String>::new(), "{standing} stand already");
            assert_eq!(room.missing.0, (36 - 4 * standing as u64) * GIB, "{standing} stand already");
        }
        // Somebody else's pods of the same size are.
        let others: Vec<Pod> = (0..8).map(|n| pod(on(n), "D/m/x", 4)).collect();
        assert_eq!(placed(&three(), &others, &plan).without, ["D/n/a", "D/n/b"]);
    }

    #[test]
    fn room_is_found_on_one_machine_and_not_in_a_sum() {
        type Case<'a> = (&'a str, Vec<Node>, Vec<Pod>, Vec<Wanted>, &'a [&'a str]);
        let cases: [Case<'_>; 9] = [
            ("nothing", vec![], vec![], vec![want("D/n/a", 1, 1)], &["D/n/a"]),
            ("exactly full", vec![node("a", 16)], vec![], vec![want("D/n/a", 4, 4)], &[]),
            ("one too many", vec![node("a", 16)], vec![], vec![want("D/n/a", 5, 4)], &["D/n/a"]),
            // 3 × 6 GiB are free and no machine has 8.
            (
                "in pieces",
                three(),
                ["a", "b", "c"].iter().map(|n| pod(n, "D/m/x", 10)).collect(),
                vec![want("D/n/a", 1, 8)],
                &["D/n/a"],
            ),
            ("small ones fill up", three(), vec![], vec![want("D/n/s", 24, 1), want("D/n/l", 3, 8)], &[]),
            (
                "apart",
                vec![node("a", 64), node("b", 64)],
                vec![],
                vec![Wanted { apart: true, ..want("S/n/k", 3, 1) }],
                &["S/n/k"],
            ),
            (
                "one of three stands",
                three(),
                vec![pod("b", "S/n/k", 1)],
                vec![Wanted { apart: true, ..want("S/n/k", 3, 1) }],
                &[],
            ),
            (
                "on every machine",
                vec![node("a", 16), node("b", 2)],
                vec![pod("b", "D/m/x", 2)],
                vec![Wanted { count: None, ..want("DaemonSet/n/d", 1, 1) }],
                &["DaemonSet/n/d"],
            ),
            (
                "one too many on its way out",
                vec![node("a", 16)],
                vec![pod("a", "D/n/a", 8), pod("a", "D/n/a", 8)],
                vec![want("D/n/a", 1, 8), want("D/n/b", 1, 8)],
                &[],
            ),
        ];
        for (name, nodes, pods, plan, without) in cases {
            assert_eq!(placed(&nodes, &pods, &plan).without, without, "{name}");
        }
    }

    #[test]
    fn machines_that_cannot_be_used_have_no_room_and_hold_no_pod_of_ours() {
        let cordoned = Node { schedulable: false, cordoned: true, ..node("a", 16) };
        let away = Node { ready: false, ..node("b", 16) };
        let full = Node { pods: 1, ..node("c", 16) };
        let plan = [want("D/n/a", 2, 1)];
        for (nodes, pods, fits) in [
            (vec![cordoned.clone(), node("c", 16)], vec![pod("a", "D/n/a", 1)], true),
            (vec![cordoned, away], vec![pod("a", "D/n/a", 1), pod("b", "D/n/a", 1)], false),
            (vec![full.clone()], vec![], false),
            (vec![full, node("d", 2)], vec![], true),
        ] {
            assert_eq!(placed(&nodes, &pods, &plan).without.is_empty(), fits, "{nodes:?}");
        }
    }

    #[test]
    fn workloads_are_read_from_objects() {
        let spec = serde_json::json!({"containers": [{"resources": {"requests": {"memory": "1Gi", "cpu": "250m"}}}],
            "affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}});
        let set = serde_json::json!({"kind": "StatefulSet", "metadata": {"name": "k"}, "spec": {"replicas": 3, "template": {"spec": spec}}});
        let each = serde_json::json!({"kind": "DaemonSet", "metadata": {"name": "d", "namespace": "m"}, "spec": {"template": {"spec": spec}}});
        let job = serde_json::json!({"kind": "Job", "metadata": {"name": "j"}, "spec": {"template": {"spec": spec}}});
        let read = wanted([("n", &set), ("n", &each), ("n", &job)]);
        let apart = |workload: &str, count| Wanted {
            workload: workload.into(),
            count,
            memory: GIB,
            cpu: 250,
            apart: true,
            ..Wanted::default()
        };
        assert_eq!(read, [apart("StatefulSet/n/k", Some(3)), apart("DaemonSet/m/d", None)]);
    }

    #[test]
    fn pods_go_only_where_they_are_let_and_can_run() {
        use cluster::look::Taint;
        let taint = Taint { key: "gpu".to_owned(), value: String::new(), effect: "NoSchedule".to_owned() };
        let tainted = Node { schedulable: false, taints: vec![taint], ..node("b", 16) };
        let windows = Node { os: "windows".to_owned(), ..node("c", 16) };
        let arm = Node { architecture: "arm64".to_owned(), ..node("d", 16) };
        let ssd = Node { labels: BTreeMap::from([("disk".to_owned(), "ssd".to_owned())]), ..node("e", 16) };
        let one = || want("D/n/a", 1, 4);
        let image = |name: &str| Wanted { images: BTreeSet::from([name.to_owned()]), ..one() };
        let only_amd64 = || image("egovio/egov-hrms:DIGIT-2.9-LTS-4553648f56-9");
        let tolerating =
            || Wanted { tolerations: vec![serde_json::json!({"key": "gpu", "operator": "Exists"})], ..one() };
        let on_ssd = || Wanted { asked: Asked::of(&serde_json::json!({"nodeSelector": {"disk": "ssd"}})), ..one() };
        let each = |plan: Wanted| Wanted { count: None, ..plan };
        let cases: [(&str, Vec<Node>, Wanted, bool); 12] = [
            ("a taint that it does not tolerate", vec![tainted.clone()], one(), false),
            ("a taint that it tolerates", vec![tainted.clone()], tolerating(), true),
            ("Windows", vec![windows.clone()], one(), false),
            ("a processor that it is not built for", vec![arm.clone()], only_amd64(), false),
            ("one that it is built for too", vec![arm.clone()], image("egovio/egov-idgen:v2.9.2-4a60f20"), true),
            ("one of which nothing is known", vec![arm.clone()], image("postgres:15"), true),
            ("one that it is built for beside it", vec![arm.clone(), node("a", 16)], only_amd64(), true),
            ("a label that is missing", vec![node("a", 64)], on_ssd(), false),
            ("a label that is there", vec![node("a", 1), ssd], on_ssd(), true),
            // One on every machine is one on every machine that takes it.
            ("each, past a taint", vec![node("a", 16), tainted.clone()], each(one()), true),
            (
                "each, also there, and full",
                vec![node("a", 16), Node { memory: 0, ..tainted }],
                each(tolerating()),
                false,
            ),
            ("each, past Windows and another processor", vec![node("a", 16), windows, arm], each(only_amd64()), true),
        ];
        for (name, nodes, plan, fits) in cases {
            assert_eq!(placed(&nodes, &[], std::slice::from_ref(&plan)).without.is_empty(), fits, "{name}");
        }
    }
}
