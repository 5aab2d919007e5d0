//! Which machines of a cluster a plan's pods can use, and why they cannot use the others. Pure.

use std::collections::{BTreeMap, BTreeSet};

use catalog::images::Image;
use cluster::look::{Node, Taint};
use engine::Cause;
use serde_json::Value;

use super::verdict::Verdict;

/// Whether a pod that tolerates this may stand on a machine with that taint.
pub(super) fn tolerates(tolerations: &[Value], taint: &Taint) -> bool {
    let text = |toleration: &Value, key: &str| toleration[key].as_str().unwrap_or_default().to_owned();
    tolerations.iter().any(|toleration| {
        let (key, effect) = (text(toleration, "key"), text(toleration, "effect"));
        let exists = text(toleration, "operator") == "Exists";
        let same_key = key == taint.key || (key.is_empty() && exists);
        let same_effect = effect.is_empty() || effect == taint.effect;
        same_key && same_effect && (exists || text(toleration, "value") == taint.value)
    })
}

/// For which processors the images of a plan are built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Builds {
    /// What a registry said, by the image as it is written.
    pub(crate) asked: BTreeMap<String, BTreeSet<String>>,
    /// Whether everything is taken for built for everything.
    pub(crate) everything: bool,
}

impl Builds {
    /// Images that run everywhere.
    pub(crate) fn of_everything() -> Self {
        Builds { everything: true, ..Builds::default() }
    }

    /// Whether an image runs there, as far as is known. One that nothing is known of does.
    pub(crate) fn runs_on(&self, image: &str, architecture: &str) -> bool {
        if architecture.is_empty() || self.everything {
            return true;
        }
        if let Some(said) = self.asked.get(image) {
            return said.contains(architecture);
        }
        let known = Image::parse(image).and_then(|image| catalog::processors::built_for(&image));
        known.is_none_or(|processors| processors.contains(&architecture))
    }

    /// Those of the images that do not run on every one of these processors.
    pub(crate) fn lacking<'a>(&self, images: &'a [String], architectures: &BTreeSet<&str>) -> Vec<&'a String> {
        let lacks = |image: &&String| architectures.iter().any(|one| !self.runs_on(image, one));
        images.iter().filter(lacks).collect()
    }
}

/// The processors of the machines on which ordinary pods are placed.
pub(crate) fn processors(nodes: &[Node]) -> BTreeSet<&str> {
    nodes.iter().filter(|node| node.is_open()).map(|node| node.architecture.as_str()).collect()
}

const LINUX: &str = "linux";

/// Machines as they stand to a plan. Each is counted once, where it is first found wanting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sorted<'a> {
    usable: u32,
    not_ready: u32,
    cordoned: u32,
    tainted: Vec<&'a Node>,
    windows: Vec<&'a Node>,
    other_processor: Vec<&'a Node>,
}

fn sorted<'a>(nodes: &'a [Node], images: &[String], builds: &Builds) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    for node in nodes {
        if !node.ready {
            sorted.not_ready += 1;
        } else if node.cordoned {
            sorted.cordoned += 1;
        } else if !node.taints.is_empty() {
            sorted.tainted.push(node);
        } else if node.os != LINUX {
            sorted.windows.push(node);
        } else if images.iter().any(|image| !builds.runs_on(image, &node.architecture)) {
            sorted.other_processor.push(node);
        } else {
            sorted.usable += 1;
        }
    }
    sorted
}

/// Machines whose names a message tells; the rest is counted.
const NAMED: usize = 5;

fn names(nodes: &[&Node]) -> String {
    let mut names: Vec<&str> = nodes.iter().take(NAMED).map(|node| node.name.as_str()).collect();
    if nodes.len() > NAMED {
        names.push("…");
    }
    names.join(", ")
}

fn count(nodes: &[&Node]) -> u32 {
    u32::try_from(nodes.len()).unwrap_or(u32::MAX)
}

/// A cause that also says which machines do not count, and why.
fn with_left_out(cause: Cause, sorted: &Sorted<'_>) -> Cause {
    let taint = sorted.tainted.first().and_then(|node| node.taints.first());
    let taint = taint.map_or("-".to_owned(), |taint| match taint.value.as_str() {
        "" => format!("{}:{}", taint.key, taint.effect),
        value => format!("{}={value}:{}", taint.key, taint.effect),
    });
    cause
        .with("not-ready", sorted.not_ready)
        .with("cordoned", sorted.cordoned)
        .with("tainted", count(&sorted.tainted))
        .with("taint", taint)
        .with("windows", count(&sorted.windows))
        .with("other-processor", count(&sorted.other_processor))
}

/// Whether there is a machine that all of a plan's images run on, or whether there is none for another reason than its processor.
pub(crate) fn has_processor(nodes: &[Node], images: &[String], builds: &Builds) -> bool {
    let sorted = sorted(nodes, images, builds);
    sorted.usable > 0 || sorted.other_processor.is_empty()
}

/// What a person is told beside what finds no room: which machines were not counted.
pub(crate) fn left_out(cause: Cause, nodes: &[Node], images: &[String], builds: &Builds) -> Cause {
    with_left_out(cause, &sorted(nodes, images, builds))
}

/// Whether there are machines enough. `needed`: the most that pods of one workload need, since they must stand apart.
pub(crate) fn nodes(needed: u32, nodes: &[Node], images: &[String], builds: &Builds) -> Verdict {
    let sorted = sorted(nodes, images, builds);
    if nodes.iter().all(|node| !node.ready) {
        return Verdict::NotPassed(Cause::new("check-no-nodes"));
    }
    let of_other_processor = |code: &'static str| {
        let found: BTreeSet<&str> = sorted.other_processor.iter().map(|node| node.architecture.as_str()).collect();
        let lacking = builds.lacking(images, &found);
        Cause::new(code)
            .with("processor", found.iter().copied().collect::<Vec<_>>().join(", "))
            .with("count", lacking.len())
            .with("first", lacking.first().map_or("-", |image| image.as_str()))
            .with("machines", count(&sorted.other_processor))
            .with("names", names(&sorted.other_processor))
    };
    if sorted.usable == 0 && !sorted.other_processor.is_empty() {
        return Verdict::NotPassed(of_other_processor("check-nodes-processor"));
    }
    if sorted.usable == 0 {
        return Verdict::NotPassed(with_left_out(Cause::new("check-nodes-unusable"), &sorted));
    }
    if needed > sorted.usable {
        let cause = Cause::new("check-nodes").with("needed", needed).with("ready", sorted.usable);
        return Verdict::Short(with_left_out(cause, &sorted));
    }
    // Nothing keeps pods from these, where they cannot start.
    if !sorted.other_processor.is_empty() {
        return Verdict::Short(of_other_processor("check-nodes-mixed"));
    }
    if !sorted.windows.is_empty() {
        let cause = Cause::new("check-nodes-windows").with("machines", count(&sorted.windows));
        return Verdict::Short(cause.with("names", names(&sorted.windows)));
    }
    Verdict::Passed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::place::verdict::testing::{arg, code, kind};

    const ONE: &str = "docker.io/egovio/egov-hrms:DIGIT-2.9-LTS-4553648f56-9";
    const BOTH: &str = "docker.io/egovio/egov-idgen:v2.9.2-4a60f20";

    fn node(name: &str, architecture: &str) -> Node {
        Node {
            name: name.to_owned(),
            ready: true,
            schedulable: true,
            os: "linux".to_owned(),
            architecture: architecture.to_owned(),
            ..Node::default()
        }
    }

    fn taint(key: &str, value: &str, effect: &str) -> Taint {
        Taint { key: key.to_owned(), value: value.to_owned(), effect: effect.to_owned() }
    }

    fn tainted(name: &str) -> Node {
        Node { schedulable: false, taints: vec![taint("gpu", "yes", "NoSchedule")], ..node(name, "amd64") }
    }

    fn cordoned(name: &str) -> Node {
        Node { schedulable: false, cordoned: true, ..node(name, "amd64") }
    }

    fn windows(name: &str) -> Node {
        Node { os: "windows".to_owned(), ..node(name, "amd64") }
    }

    fn away(name: &str) -> Node {
        Node { ready: false, ..node(name, "amd64") }
    }

    #[test]
    fn machines_that_cannot_be_used_do_not_count_and_it_is_said_why() {
        let good = |n: usize| (0..n).map(|i| node(&format!("g{i}"), "amd64")).collect::<Vec<_>>();
        let and = |n: usize, more: &[Node]| [good(n), more.to_vec()].concat();
        let arm = |name: &str| node(name, "arm64");
        type Case<'a> = (&'a str, u32, Vec<Node>, &'a [&'a str], &'a str, &'a str);
        let cases: [Case<'_>; 19] = [
            ("enough", 3, good(3), &[ONE], "passed", "passed"),
            ("more than enough", 1, good(5), &[ONE], "passed", "passed"),
            ("too few", 3, good(2), &[ONE], "short", "check-nodes"),
            ("none", 1, vec![], &[ONE], "not passed", "check-no-nodes"),
            ("none, and three wanted", 3, vec![], &[], "not passed", "check-no-nodes"),
            ("all away", 1, vec![away("a")], &[ONE], "not passed", "check-no-nodes"),
            ("one of three is closed", 3, and(2, &[cordoned("a")]), &[ONE], "short", "check-nodes"),
            ("one of three has a taint", 3, and(2, &[tainted("a")]), &[ONE], "short", "check-nodes"),
            ("a closed one too many", 3, and(3, &[cordoned("a"), tainted("b"), away("c")]), &[ONE], "passed", "passed"),
            ("all are closed", 1, vec![cordoned("a"), cordoned("b")], &[ONE], "not passed", "check-nodes-unusable"),
            ("all have a taint", 1, vec![tainted("a"), away("b")], &[ONE], "not passed", "check-nodes-unusable"),
            ("all run Windows", 1, vec![windows("a")], &[ONE], "not passed", "check-nodes-unusable"),
            ("one runs Windows and takes pods", 1, and(1, &[windows("a")]), &[ONE], "short", "check-nodes-windows"),
            (
                "one runs Windows and keeps pods away",
                1,
                and(1, &[Node { os: "windows".to_owned(), ..tainted("a") }]),
                &[ONE],
                "passed",
                "passed",
            ),
            (
                "all of another processor",
                3,
                vec![arm("a"), arm("b"), arm("c")],
                &[ONE, BOTH],
                "not passed",
                "check-nodes-processor",
            ),
            (
                "of another, for which all is built",
                2,
                vec![arm("a"), arm("b")],
                &[BOTH, "postgres:15"],
                "passed",
                "passed",
            ),
            ("one of another, which takes pods", 2, and(2, &[arm("a")]), &[BOTH, ONE], "short", "check-nodes-mixed"),
            (
                "one of another, which is closed",
                2,
                and(2, &[Node { schedulable: false, cordoned: true, ..arm("a") }]),
                &[ONE],
                "passed",
                "passed",
            ),
            ("one that does not say", 1, vec![node("a", "")], &[ONE], "passed", "passed"),
        ];
        for (name, needed, machines, images, how, wanted) in cases {
            let images: Vec<String> = images.iter().map(ToString::to_string).collect();
            let verdict = nodes(needed, &machines, &images, &Builds::default());
            assert_eq!((kind(&verdict), code(&verdict).as_str()), (how, wanted), "{name}");
        }
        let images = [ONE.to_owned(), BOTH.to_owned()];
        let few = nodes(
            3,
            &[node("a", "amd64"), cordoned("b"), tainted("c"), away("d"), windows("e")],
            &images,
            &Builds::default(),
        );
        let said = ["needed", "ready", "not-ready", "cordoned", "tainted", "taint", "windows", "other-processor"];
        assert_eq!(said.map(|name| arg(&few, name)), ["3", "1", "1", "1", "1", "gpu=yes:NoSchedule", "1", "0"]);
        let other = nodes(1, &[arm("a"), arm("b")], &images, &Builds::default());
        let said = ["processor", "count", "first", "machines", "names"];
        assert_eq!(said.map(|name| arg(&other, name)), ["arm64", "1", ONE, "2", "a, b"]);
    }

    #[test]
    fn what_a_registry_says_counts_more_than_what_is_known() {
        let set = |all: &[&str]| all.iter().map(ToString::to_string).collect::<BTreeSet<String>>();
        let asked = BTreeMap::from([
            (ONE.to_owned(), set(&["amd64", "arm64"])),
            (BOTH.to_owned(), set(&["amd64"])),
            ("postgres:15".to_owned(), set(&["amd64"])),
        ]);
        let builds = Builds { asked, ..Builds::default() };
        for (image, architecture, wanted) in [
            (ONE, "arm64", true),
            (BOTH, "arm64", false),
            ("postgres:15", "arm64", false),
            ("postgres:16", "arm64", true),
            (BOTH, "amd64", true),
            (BOTH, "", true),
        ] {
            assert_eq!(builds.runs_on(image, architecture), wanted, "{image} {architecture}");
        }
        let images = [ONE, BOTH, "postgres:16"].map(str::to_owned);
        assert_eq!(builds.lacking(&images, &["amd64", "arm64"].into()), [BOTH]);
        let machines = [node("a", "amd64"), node("b", "arm64"), cordoned("c"), windows("d")];
        assert_eq!(processors(&machines), ["amd64", "arm64"].into());
        assert!(Builds::of_everything().runs_on(BOTH, "arm64"));
        for (machines, wanted) in [
            (vec![node("a", "amd64"), node("b", "arm64")], true),
            (vec![node("b", "arm64")], false),
            (vec![cordoned("a"), node("b", "arm64")], false),
            (vec![cordoned("a")], true),
            (vec![], true),
        ] {
            assert_eq!(has_processor(&machines, &images, &builds), wanted, "{machines:?}");
        }
    }

    #[test]
    fn a_taint_is_tolerated_as_kubernetes_has_it() {
        let no = taint("gpu", "yes", "NoSchedule");
        for (toleration, wanted) in [
            (json!({"key": "gpu", "value": "yes"}), true),
            (json!({"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}), true),
            (json!({"key": "gpu", "operator": "Exists"}), true),
            (json!({"operator": "Exists"}), true),
            (json!({"operator": "Exists", "effect": "NoExecute"}), false),
            (json!({"key": "gpu", "value": "no"}), false),
            (json!({"key": "gpu"}), false),
            (json!({"value": "yes"}), false),
            (json!({}), false),
        ] {
            assert_eq!(tolerates(std::slice::from_ref(&toleration), &no), wanted, "{toleration}");
        }
    }
}
