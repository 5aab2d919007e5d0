//! Product lists: which services a version has, in which groups, and what the groups need.
//!
//! Read as leniently as DIGIT's own deployer reads them, and more: both spellings of the file's name, images with
//! registry and port, `-db:` images (the same service's migration), services named twice, unknown keys.

use serde::Deserialize;

use crate::Error;

/// A product list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductList {
    /// The version it says it is.
    pub version: Option<String>,
    /// Its groups, in its order.
    pub groups: Vec<Group>,
    /// Services that it names more than once; the first mention counts.
    pub duplicates: Vec<String>,
}

/// A group of services; those whose name begins with `m_` are modules that a person can choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Groups that it needs.
    pub needs: Vec<String>,
    /// Its services.
    pub services: Vec<Listed>,
}

impl Group {
    /// Whether a person can choose it.
    #[must_use]
    pub fn is_module(&self) -> bool {
        self.name.starts_with("m_")
    }
}

/// One service as a list names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The service: the last part of the image's path, without `-db`.
    pub name: String,
    /// What stands before the name, for example `egovio` or `mirror.example:5000/egovio`. Charts decide for themselves
    /// where they pull from; this is kept for people who look.
    pub repository: Option<String>,
    /// The tag of the service's image and of its migration's.
    pub tag: Option<String>,
}

impl Listed {
    /// Reads `name`, `registry:port/path/name:tag` or `…/name-db:tag`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        let (repository, rest) = match text.rsplit_once('/') {
            Some((repository, rest)) => (Some(repository.to_owned()), rest),
            None => (None, text),
        };
        let (name, tag) = match rest.split_once(':') {
            Some((name, tag)) => (name.strip_suffix("-db").unwrap_or(name), Some(tag.to_owned())),
            None => (rest, None),
        };
        Self { name: name.to_owned(), repository, tag: tag.filter(|t| !t.is_empty()) }
    }
}

/// The version that a list's file name says, if it is one: DIGIT spells the prefix in two ways.
#[must_use]
pub fn version_of(file_name: &str) -> Option<&str> {
    let rest = file_name.strip_prefix("dependancy_chart-").or_else(|| file_name.strip_prefix("dependency_chart-"))?;
    rest.strip_suffix(".yaml").or_else(|| rest.strip_suffix(".yml"))
}

/// Reads a list; `name` is what errors call it.
///
/// # Errors
/// [`Error::ListBroken`] with the line, [`Error::ListGroup`] if a group needs one that is not there or, round about,
/// itself.
pub fn read(name: &str, text: &[u8]) -> Result<ProductList, Error> {
    let broken = |line, detail: String| Error::ListBroken { list: name.to_owned(), line, detail };
    let text = std::str::from_utf8(text).map_err(|error| {
        let line = text[..error.valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        broken(line, "not UTF-8".to_owned())
    })?;
    let file: File = yaml_serde::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| broken(error.location().map_or(0, |at| at.line()), error.to_string()))?;
    let mut list = ProductList { version: file.version, groups: Vec::new(), duplicates: Vec::new() };
    let mut seen = std::collections::BTreeSet::new();
    for module in file.modules {
        if list.groups.iter().any(|g| g.name == module.name) {
            return Err(broken(line_of(text, &module.name), format!("group {} is there twice", module.name)));
        }
        let mut group = Group { name: module.name, needs: module.dependencies.unwrap_or_default(), services: vec![] };
        for service in module.services.unwrap_or_default() {
            let listed = Listed::parse(&service);
            if listed.name.is_empty() || listed.name.contains(char::is_whitespace) {
                return Err(broken(line_of(text, &service), format!("{service:?} names no service")));
            }
            if seen.insert(listed.name.clone()) {
                group.services.push(listed);
            } else {
                list.duplicates.push(listed.name);
            }
        }
        list.groups.push(group);
    }
    list.check_groups(name)?;
    Ok(list)
}

/// Line of the first mention, from 1; 0 if there is none.
fn line_of(text: &str, word: &str) -> usize {
    if word.is_empty() {
        return 0;
    }
    text.lines().position(|line| line.contains(word)).map_or(0, |at| at + 1)
}

impl ProductList {
    /// The group of that name.
    #[must_use]
    pub fn group(&self, name: &str) -> Option<&Group> {
        self.groups.iter().find(|g| g.name == name)
    }

    /// What a person can choose.
    pub fn modules(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|g| g.is_module())
    }

    /// All services, in the list's order.
    pub fn services(&self) -> impl Iterator<Item = &Listed> {
        self.groups.iter().flat_map(|g| &g.services)
    }

    fn check_groups(&self, list: &str) -> Result<(), Error> {
        let bad = |group: &str, needs: &str, problem| Error::ListGroup {
            list: list.to_owned(),
            group: group.to_owned(),
            needs: needs.to_owned(),
            problem,
        };
        for group in &self.groups {
            for needs in &group.needs {
                if self.group(needs).is_none() {
                    return Err(bad(&group.name, needs, "missing"));
                }
            }
        }
        // Groups whose needs are all placed can be placed; what is left over goes round in circles.
        let mut placed: Vec<&str> = Vec::new();
        while placed.len() < self.groups.len() {
            let before = placed.len();
            for group in &self.groups {
                if !placed.contains(&group.name.as_str()) && group.needs.iter().all(|n| placed.contains(&n.as_str())) {
                    placed.push(&group.name);
                }
            }
            if placed.len() == before {
                let Some(group) = self.groups.iter().find(|g| !placed.contains(&g.name.as_str())) else { break };
                let needs = group.needs.iter().find(|n| !placed.contains(&n.as_str())).cloned().unwrap_or_default();
                return Err(bad(&group.name, &needs, "circular"));
            }
        }
        Ok(())
    }
}

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    version: Option<String>,
    modules: Vec<Module>,
}

#[derive(Deserialize)]
struct Module {
    name: String,
    #[serde(default)]
    dependencies: Option<Vec<String>>,
    #[serde(default)]
    services: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_read_from_every_spelling_of_an_image() {
        let cases = [
            ("redis", "redis", None, None),
            ("egovio/egov-user:master-fa75ba8", "egov-user", Some("egovio"), Some("master-fa75ba8")),
            ("egovio/egov-hrms-db:v1.3.0-1", "egov-hrms", Some("egovio"), Some("v1.3.0-1")),
            ("mirror.example:5000/egovio/x:1", "x", Some("mirror.example:5000/egovio"), Some("1")),
            ("mirror.example:5000/x", "x", Some("mirror.example:5000"), None),
            ("egovio/employee:v1-33  ", "employee", Some("egovio"), Some("v1-33")),
            ("x-db", "x-db", None, None),
        ];
        for (text, name, repository, tag) in cases {
            let read = Listed::parse(text);
            assert_eq!((read.name.as_str(), read.repository.as_deref(), read.tag.as_deref()), (name, repository, tag));
        }
    }

    #[test]
    fn the_version_is_read_from_both_spellings_of_the_file_name() {
        assert_eq!(version_of("dependancy_chart-digit-v2.9.2.yaml"), Some("digit-v2.9.2"));
        assert_eq!(version_of("dependency_chart-digit-core-v2.9.yaml"), Some("digit-core-v2.9"));
        assert_eq!(version_of("values.yaml"), None);
    }

    #[test]
    fn broken_lists_say_where() {
        let broken = |text: &str| read("l.yaml", text.as_bytes()).unwrap_err();
        let Error::ListBroken { line, .. } =
            broken("version: x\nmodules:\n  - name: a\n    services:\n      - b\n     - c\n")
        else {
            panic!()
        };
        assert!((5..=6).contains(&line), "{line}");
        assert_eq!(broken("version: x\n").code(), "list-broken");
        assert_eq!(broken("").code(), "list-broken");
        assert_eq!(broken("modules: [{name: a, services: {x: y}}]").code(), "list-broken");
        let Error::ListBroken { line, detail, .. } = broken("modules:\n- name: a\n- name: b\n- name: a\n") else {
            panic!()
        };
        assert_eq!((line, detail.as_str()), (2, "group a is there twice"));
        assert_eq!(read("l", b"modules:\n- \xff").unwrap_err().code(), "list-broken");
    }

    #[test]
    fn groups_that_need_nothing_known_or_each_other_are_refused() {
        let problem = |text: &str| match read("l", text.as_bytes()).unwrap_err() {
            Error::ListGroup { group, needs, problem, .. } => (group, needs, problem),
            other => panic!("{other}"),
        };
        assert_eq!(problem("modules: [{name: a, dependencies: [b]}]"), ("a".to_owned(), "b".to_owned(), "missing"));
        assert_eq!(
            problem("modules: [{name: a, dependencies: [b]}, {name: b, dependencies: [a]}, {name: c}]"),
            ("a".to_owned(), "b".to_owned(), "circular")
        );
    }

    #[test]
    fn the_first_mention_of_a_service_counts() {
        let list =
            read("l", b"modules: [{name: a, services: ['e/x:1', y]}, {name: m_b, services: ['e/x-db:2']}]").unwrap();
        assert_eq!(list.duplicates, ["x"]);
        assert_eq!(list.services().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["x", "y"]);
        assert_eq!(list.modules().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["m_b"]);
    }
}
