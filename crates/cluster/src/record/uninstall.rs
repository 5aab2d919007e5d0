//! What one release, or one chart's definitions, leave in a cluster: found by the marks of their owner, to be taken away with
//! [`Cluster::remove`].

use std::collections::BTreeSet;

use helm_template::Hook;
use serde_json::Value;

use super::labels::INSTALLATION_LABEL;
use super::remove::{RemovalPlan, Stage, is_ours, stage, uid};
use crate::connect::api::Cluster;
use crate::error::{Error, Result};
use crate::object::{ObjectRef, annotation, group, label, text};
use crate::objects::apply::{Owner, prepare};

/// The annotation by which a chart asks that an object stays when its release goes.
const POLICY: &str = "helm.sh/resource-policy";

/// The objects of a record's manifest.
pub fn objects_in(manifest: &str) -> Vec<Value> {
    use serde::Deserialize as _;
    let documents = yaml_serde::Deserializer::from_str(manifest);
    documents.filter_map(|document| Value::deserialize(document).ok()).filter(Value::is_object).collect()
}

/// Objects of these hooks. Definitions stay: everything that anybody made of them would go with them.
pub fn objects_of_hooks(hooks: &[Hook]) -> Vec<&Value> {
    let objects = hooks.iter().map(|hook| &hook.manifest.object);
    objects.filter(|object| object["kind"] != "CustomResourceDefinition").collect()
}

impl Cluster {
    /// Which of these objects are there and this owner's, in the stages in which they go. As with Helm, what the chart wants kept
    /// stays, and so do claims that a StatefulSet made. Changes nothing.
    pub async fn plan_uninstall(&self, owner: &Owner, objects: &[&Value]) -> Result<RemovalPlan> {
        let mut plan = RemovalPlan::default();
        let releases = BTreeSet::from([(owner.namespace.clone(), owner.release.clone())]);
        for &object in objects {
            let named = ObjectRef::of(object);
            let resource = match self.resource(&named.api_version, &named.kind).await {
                Ok(resource) => resource,
                // Its definition is gone, and what was made of it with that.
                Err(Error::NotServed { .. }) => continue,
                Err(other) => return Err(other),
            };
            let named = ObjectRef::of(&prepare(object, owner, resource.namespaced));
            let Some(found) = self.get(&named).await? else { continue };
            if is_ours(&found, &releases) && annotation(&found, POLICY).is_none_or(|policy| policy.trim() != "keep") {
                plan.add(stage(&found, &custom(&found)), named, uid(&found));
            }
        }
        Ok(plan)
    }

    /// The revisions that a release's records hold.
    pub async fn plan_forgetting(&self, owner: &Owner) -> Result<RemovalPlan> {
        let mut plan = RemovalPlan::default();
        for record in self.releases(&owner.namespace, Some(&owner.release)).await? {
            let secret = format!("sh.helm.release.v1.{}.v{}", record.name, record.revision);
            plan.add(Stage::Records, ObjectRef::new("v1", "Secret", &record.namespace, &secret), record.uid);
        }
        Ok(plan)
    }

    /// Which of these definitions are this owner's and used by nobody but in `namespaces`, with what is made of them there.
    /// Changes nothing.
    pub async fn plan_undefining(
        &self,
        owner: &Owner,
        definitions: &[Value],
        namespaces: &BTreeSet<String>,
    ) -> Result<RemovalPlan> {
        let mut plan = RemovalPlan::default();
        let releases = BTreeSet::from([(owner.namespace.clone(), owner.release.clone())]);
        for definition in definitions {
            let named = ObjectRef { namespace: String::new(), ..ObjectRef::of(definition) };
            let Some(found) = self.get(&named).await? else { continue };
            // One that a hook made is not taken away, as with Helm.
            if !is_ours(&found, &releases) || annotation(&found, "helm.sh/hook").is_some() {
                continue;
            }
            // Whoever may use it cannot be asked for, so it stays.
            let Some(instances) = self.instances(&found).await? else { continue };
            let (ours, others): (Vec<&Value>, Vec<&Value>) =
                instances.iter().partition(|o| namespaces.contains(text(o, "/metadata/namespace")));
            for object in ours {
                plan.add(Stage::CustomResources, ObjectRef::of(object), uid(object));
            }
            if others.is_empty() {
                plan.add(Stage::Definitions, named, uid(&found));
            }
        }
        Ok(plan)
    }

    /// The groups of the definitions that these releases own, each as namespace and name.
    pub async fn groups_defined_by(&self, releases: &BTreeSet<(String, String)>) -> Result<BTreeSet<String>> {
        let definitions = self.resource("apiextensions.k8s.io/v1", "CustomResourceDefinition").await?;
        let all = self.list_metadata(&definitions, "", "").await?;
        // A definition is called by its plural and its group.
        let groups = all.iter().filter(|found| is_ours(found, releases)).filter_map(|found| {
            let (_, group) = text(found, "/metadata/name").split_once('.')?;
            Some(group.to_owned())
        });
        Ok(groups.collect())
    }

    /// Which of these namespaces the installation made. Changes nothing.
    pub async fn plan_leaving(&self, installation: &str, namespaces: &BTreeSet<String>) -> Result<RemovalPlan> {
        let mut plan = RemovalPlan::default();
        for name in namespaces {
            let named = ObjectRef::new("v1", "Namespace", "", name);
            let found = self.get(&named).await?;
            if let Some(found) = found.filter(|found| label(found, INSTALLATION_LABEL) == Some(installation)) {
                plan.add(Stage::Namespaces, named, uid(&found));
            }
        }
        Ok(plan)
    }
}

/// The object's group, if it is one that a definition brings: those of the API itself have no dot, or are Kubernetes' own.
fn custom(object: &Value) -> BTreeSet<String> {
    let of = group(text(object, "/apiVersion"));
    if of.contains('.') && !of.ends_with(".k8s.io") { BTreeSet::from([of.to_owned()]) } else { BTreeSet::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_records_manifest_is_read_object_by_object() {
        let manifest = "---\n# Source: web/a.yaml\nkind: ConfigMap\nmetadata: {name: a}\n---\n# Source: web/b.yaml\n\n---\n# Source: \
                        web/c.yaml\nkind: Secret\nmetadata:\n  name: c\n";
        let names: Vec<String> = objects_in(manifest).iter().map(|o| text(o, "/metadata/name").to_owned()).collect();
        assert_eq!(names, ["a", "c"]);
    }
}
