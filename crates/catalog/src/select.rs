//! Modules to services: what comes along, why, and in which stage. Pure.

use std::collections::BTreeMap;

use crate::Error;
use crate::product::{Listed, ProductList};

/// Stages of an installation, in their order. Words for people hang on these.
pub mod stages {
    /// Namespaces.
    pub const NAMESPACES: &str = "namespaces";
    /// Custom resource definitions.
    pub const CRDS: &str = "crds";
    /// The web entry and certificates. Before the settings, because those hold an Ingress, and the address that the web
    /// entry gets.
    pub const ENTRY: &str = "entry";
    /// Settings that all services read (`cluster-configs`).
    pub const SETTINGS: &str = "settings";
    /// Our database and file store.
    pub const DATA: &str = "data";
    /// Kafka, Elasticsearch, Kibana, Redis.
    pub const BACKBONE: &str = "backbone";
    /// Core services.
    pub const CORE: &str = "core";
    /// Services that several modules share.
    pub const BUSINESS: &str = "business";
    /// Web pages.
    pub const FRONTEND: &str = "frontend";
    /// What was chosen.
    pub const MODULES: &str = "modules";
    /// The gateway, which reads its routes when it starts.
    pub const GATEWAY: &str = "gateway";

    /// All of them.
    pub const ALL: [&str; 11] =
        [NAMESPACES, CRDS, ENTRY, SETTINGS, DATA, BACKBONE, CORE, BUSINESS, FRONTEND, MODULES, GATEWAY];

    /// Place of a stage in the order; stages of later versions come last.
    #[must_use]
    pub fn rank(stage: &str) -> usize {
        ALL.iter().position(|s| *s == stage).unwrap_or(ALL.len())
    }
}

/// The chart of settings that all services read.
pub const SETTINGS_SERVICE: &str = "cluster-configs";
/// Our database.
pub const DATABASE_SERVICE: &str = "digit-postgresql";
/// Our file store.
pub const FILES_SERVICE: &str = "digit-files";

/// What of the data lives inside the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InCluster {
    /// The database.
    pub database: bool,
    /// The file store.
    pub files: bool,
}

/// Services that are installed, stage by stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// The chosen modules, in the list's order.
    pub modules: Vec<String>,
    /// Services, in an order by stage, then as the list names them.
    pub services: Vec<Selected>,
    /// Group to the groups that it needs, directly or through others.
    pub groups: BTreeMap<String, Vec<String>>,
    /// Services of the list that do not come along.
    pub left_out: Vec<String>,
}

impl Selection {
    /// The service of that name.
    #[must_use]
    pub fn service(&self, name: &str) -> Option<&Selected> {
        self.services.iter().find(|s| s.name == name)
    }

    /// Whether it has the service.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.service(name).is_some()
    }
}

/// One service of a selection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Its name, also of its release.
    pub name: String,
    /// The group it is in; empty for services of our own.
    pub group: String,
    /// Its stage.
    pub stage: &'static str,
    /// Namespace of its release.
    pub namespace: String,
    /// Tag of its image, if the list has one.
    pub tag: Option<String>,
    /// Why it comes along.
    pub because: Because,
}

/// Why a service comes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Because {
    /// `chosen`, `group` (a group that is needed holds it), `always` (web pages), `data`, `settings`.
    pub code: &'static str,
    /// The module, group or product that asks for it.
    pub of: String,
}

/// What the modules bring along.
///
/// The web pages come along always: some lists name them only for some modules, and no module can be used without.
///
/// # Errors
/// [`Error::UnknownModule`], [`Error::NoModule`].
pub fn select(
    product: &str,
    list: &ProductList,
    modules: &[String],
    data: InCluster,
    namespace: &dyn Fn(&str) -> String,
) -> Result<Selection, Error> {
    if modules.is_empty() {
        return Err(Error::NoModule);
    }
    for module in modules {
        if !list.modules().any(|m| m.name == *module) {
            return Err(Error::UnknownModule {
                product: product.to_owned(),
                module: module.clone(),
                known: list.modules().map(|m| m.name.clone()).collect(),
            });
        }
    }
    // Group to who asks for it first, in the list's order of modules.
    let mut asked: BTreeMap<&str, Because> = BTreeMap::new();
    let mut open: Vec<(&str, Because)> = list
        .modules()
        .filter(|m| modules.contains(&m.name))
        .map(|m| (m.name.as_str(), Because { code: "chosen", of: m.name.clone() }))
        .collect();
    let chosen: Vec<String> = open.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut at = 0;
    let mut frontend_asked = false;
    loop {
        while at < open.len() {
            let (name, because) = open[at].clone();
            at += 1;
            if asked.contains_key(name) {
                continue;
            }
            asked.insert(name, because);
            if let Some(group) = list.group(name) {
                open.extend(group.needs.iter().map(|n| (n.as_str(), Because { code: "group", of: name.to_owned() })));
            }
        }
        if frontend_asked {
            break;
        }
        frontend_asked = true;
        if let Some(group) = list.group("frontend") {
            open.push((&group.name, Because { code: "always", of: product.to_owned() }));
        }
    }

    let own = |name: &str, stage, code| Selected {
        name: name.to_owned(),
        group: String::new(),
        stage,
        namespace: namespace(name),
        tag: None,
        because: Because { code, of: product.to_owned() },
    };
    let mut services = vec![own(SETTINGS_SERVICE, stages::SETTINGS, "settings")];
    if data.database {
        services.push(own(DATABASE_SERVICE, stages::DATA, "data"));
    }
    if data.files {
        services.push(own(FILES_SERVICE, stages::DATA, "data"));
    }
    for group in &list.groups {
        let Some(because) = asked.get(group.name.as_str()) else { continue };
        services.extend(group.services.iter().map(|listed: &Listed| Selected {
            name: listed.name.clone(),
            group: group.name.clone(),
            stage: stage_of(&listed.name, &group.name),
            namespace: namespace(&listed.name),
            tag: listed.tag.clone(),
            because: because.clone(),
        }));
    }
    services.sort_by_key(|s| stages::rank(s.stage));
    let groups = list.groups.iter().map(|g| (g.name.clone(), all_needs(list, &g.name))).collect();
    let left_out =
        list.services().filter(|l| !services.iter().any(|s| s.name == l.name)).map(|l| l.name.clone()).collect();
    Ok(Selection { modules: chosen, services, groups, left_out })
}

/// The groups that a group needs, directly or through others.
fn all_needs(list: &ProductList, group: &str) -> Vec<String> {
    let mut needs: Vec<String> = Vec::new();
    let mut open = vec![group];
    while let Some(name) = open.pop() {
        for need in list.group(name).map(|g| g.needs.as_slice()).unwrap_or_default() {
            if !needs.contains(need) {
                needs.push(need.clone());
                open.push(need);
            }
        }
    }
    needs
}

/// The stage of a listed service. Lists put the web entry, certificates and Redis into one group, and the gateway among
/// the services that it routes to.
fn stage_of(service: &str, group: &str) -> &'static str {
    match (service, group) {
        ("ingress-nginx" | "cert-manager", _) => stages::ENTRY,
        ("gateway" | "zuul" | "practice-gateway", _) => stages::GATEWAY,
        (_, "backbone" | "authn-authz") => stages::BACKBONE,
        (_, "core") => stages::CORE,
        (_, "frontend") => stages::FRONTEND,
        (_, group) if group.starts_with("m_") => stages::MODULES,
        _ => stages::BUSINESS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::product;

    const LIST: &str = "
modules:
- {name: backbone, services: [kafka]}
- {name: authn-authz, services: [redis, ingress-nginx, cert-manager]}
- {name: core, dependencies: [backbone, authn-authz], services: ['e/user:1', 'e/gateway:2']}
- {name: common, dependencies: [core], services: [hrms]}
- {name: frontend, dependencies: [common], services: [ui]}
- {name: m_a, dependencies: [core], services: ['e/a-db:3']}
- {name: m_b, dependencies: [core, common], services: [b]}
";
    const BOTH: InCluster = InCluster { database: true, files: true };

    fn selected(modules: &[&str], data: InCluster) -> Selection {
        let list = product::read("l", LIST.as_bytes()).unwrap();
        let modules: Vec<String> = modules.iter().map(|m| (*m).to_owned()).collect();
        select("X", &list, &modules, data, &|_| "n".to_owned()).unwrap()
    }

    #[test]
    fn services_come_stage_by_stage_with_their_reasons() {
        let selection = selected(&["m_a"], BOTH);
        let lines: Vec<String> = selection
            .services
            .iter()
            .map(|s| format!("{} {} {}:{}", s.stage, s.name, s.because.code, s.because.of))
            .collect();
        assert_eq!(
            lines,
            [
                "entry ingress-nginx group:core",
                "entry cert-manager group:core",
                "settings cluster-configs settings:X",
                "data digit-postgresql data:X",
                "data digit-files data:X",
                "backbone kafka group:core",
                "backbone redis group:core",
                "core user group:m_a",
                "business hrms group:frontend",
                "frontend ui always:X",
                "modules a chosen:m_a",
                "gateway gateway group:m_a",
            ]
        );
        assert_eq!(selection.service("a").unwrap().tag.as_deref(), Some("3"));
    }

    #[test]
    fn what_lives_elsewhere_does_not_come_along() {
        let selection = selected(&["m_b"], InCluster { database: false, files: false });
        assert!(!selection.has(DATABASE_SERVICE) && !selection.has(FILES_SERVICE) && !selection.has("a"));
        assert_eq!(selection.left_out, ["a"]);
        assert_eq!(selection.groups["m_b"], ["core", "common", "backbone", "authn-authz"]);
        assert_eq!(selection.service("hrms").unwrap().because, Because { code: "group", of: "m_b".to_owned() });
    }

    #[test]
    fn unknown_and_missing_modules_are_refused() {
        let list = product::read("l", LIST.as_bytes()).unwrap();
        let refused = |modules: &[&str]| {
            let modules: Vec<String> = modules.iter().map(|m| (*m).to_owned()).collect();
            select("X", &list, &modules, BOTH, &|_| "n".to_owned()).unwrap_err().code()
        };
        assert_eq!(refused(&[]), "no-module");
        assert_eq!(refused(&["m_c"]), "unknown-module");
        assert_eq!(refused(&["core"]), "unknown-module");
    }
}
