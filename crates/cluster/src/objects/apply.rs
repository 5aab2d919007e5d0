//! One object, made so: server-side apply with Helm's name and ownership, and a look that changes nothing.

use http::Method;
use serde_json::{Map, Value, json};

use super::lists::merge_doubled;
use super::verbs::FIELD_MANAGER;
use crate::connect::api::{Call, Cluster};
use crate::error::{Claim, Error, Result};
use crate::object::{ObjectRef, annotation, label};

/// The release that an object belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// Name of the release.
    pub release: String,
    /// Namespace of the release; objects that have a namespace and name none go there.
    pub namespace: String,
}

/// What is done with an object of that name that nobody owns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unowned {
    /// Make it ours: an older deployer applied it without Helm.
    Adopt,
    /// Leave it alone and say so.
    Refuse,
}

/// What applying did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// It was not there.
    Created,
    /// It was there and differed.
    Changed,
    /// It was as wanted; nothing restarts.
    Unchanged,
}

/// How an object stands before it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is not there.
    Absent,
    /// Applying would change nothing.
    AsWanted,
    /// Applying would change it.
    Different,
    /// It belongs to somebody else.
    SomeoneElses {
        /// Who.
        owner: String,
    },
}

impl Cluster {
    /// Makes the object so and returns it as it is then. Never touches what belongs to another release.
    pub async fn apply(&self, object: &Value, owner: &Owner, unowned: Unowned) -> Result<(Applied, Value)> {
        let (name, wanted) = self.prepared(object, owner).await?;
        let before = self.get(&name).await?;
        let adopting = self.claimable(&name, before.as_ref(), owner, unowned)?;
        let after = match self.patch(&name, &wanted, adopting, false).await {
            // After Helm's CLI has touched an object, its own name stands against us.
            Err(Error::Contested { claims, .. }) if ours_alone(&claims) => {
                self.patch(&name, &wanted, true, false).await?
            }
            other => other?,
        };
        let applied = match before {
            None => Applied::Created,
            Some(before) if content(&before) == content(&after) => Applied::Unchanged,
            Some(_) => Applied::Changed,
        };
        Ok((applied, after))
    }

    /// Makes an object that a look just now found absent, and returns it as it is then: one call where [`Self::apply`]
    /// needs two. If it came to be meanwhile and somebody else holds a field of it, it is looked at after all.
    pub async fn apply_new(&self, object: &Value, owner: &Owner, unowned: Unowned) -> Result<(Applied, Value)> {
        let (name, wanted) = self.prepared(object, owner).await?;
        match self.patch(&name, &wanted, false, false).await {
            Err(Error::Contested { .. }) => self.apply(object, owner, unowned).await,
            made => Ok((Applied::Created, made?)),
        }
    }

    /// How the object stands, without changing it.
    pub async fn standing(&self, object: &Value, owner: &Owner, unowned: Unowned) -> Result<Standing> {
        let (name, wanted) = match self.prepared(object, owner).await {
            Ok(prepared) => prepared,
            // Its CRD is not there yet, so neither is it.
            Err(Error::NotServed { .. }) => return Ok(Standing::Absent),
            Err(other) => return Err(other),
        };
        let Some(before) = self.get(&name).await? else { return Ok(Standing::Absent) };
        match self.claimable(&name, Some(&before), owner, unowned) {
            Ok(_) => {}
            Err(Error::SomeoneElses { owner, .. }) => return Ok(Standing::SomeoneElses { owner }),
            Err(other) => return Err(other),
        }
        match self.patch(&name, &wanted, true, true).await {
            Ok(after) if content(&after) == content(&before) => Ok(Standing::AsWanted),
            Ok(_) | Err(Error::Immutable { .. } | Error::Invalid { .. }) => Ok(Standing::Different),
            Err(other) => Err(other),
        }
    }

    async fn prepared(&self, object: &Value, owner: &Owner) -> Result<(ObjectRef, Value)> {
        let named = ObjectRef::of(object);
        let resource = self.resource(&named.api_version, &named.kind).await?;
        let wanted = prepare(object, owner, resource.namespaced);
        Ok((ObjectRef::of(&wanted), wanted))
    }

    /// Whether the object is there, nobody's, and may be adopted; an error if it is somebody else's.
    fn claimable(&self, name: &ObjectRef, before: Option<&Value>, owner: &Owner, unowned: Unowned) -> Result<bool> {
        let Some(before) = before else { return Ok(false) };
        match belongs(before, owner, unowned) {
            Belongs::Ours => Ok(false),
            Belongs::Nobodys => Ok(true),
            Belongs::To(owner) => Err(Error::SomeoneElses { object: name.to_string(), owner }),
        }
    }

    async fn patch(&self, name: &ObjectRef, wanted: &Value, force: bool, dry: bool) -> Result<Value> {
        let resource = self.resource(&name.api_version, &name.kind).await?;
        let dry = if dry { "&dryRun=All" } else { "" };
        let path = format!(
            "{}?fieldManager={FIELD_MANAGER}&fieldValidation=Strict&force={force}{dry}",
            resource.object_path(&name.namespace, &name.name)
        );
        let mut call = Call::new(Method::PATCH, path).json(wanted).about(name);
        // YAML is a superset of JSON; the server knows no JSON form of an apply patch.
        call.content_type = "application/apply-patch+yaml";
        self.call(&call).await
    }
}

enum Belongs {
    Ours,
    Nobodys,
    To(String),
}

/// Whose an object is. Namespaces are shared and nobody's.
fn belongs(object: &Value, owner: &Owner, unowned: Unowned) -> Belongs {
    if object["kind"] == "Namespace" {
        return Belongs::Ours;
    }
    let release = annotation(object, "meta.helm.sh/release-name");
    let namespace = annotation(object, "meta.helm.sh/release-namespace").unwrap_or_default();
    match release {
        Some(release) if release == owner.release && namespace == owner.namespace => Belongs::Ours,
        Some(release) => Belongs::To(format!("{namespace}/{release}")),
        None if unowned == Unowned::Adopt => Belongs::Nobodys,
        None => Belongs::To(makers(object)),
    }
}

/// Who made an object that no release owns: its label, else its field managers.
fn makers(object: &Value) -> String {
    if let Some(by) = label(object, "app.kubernetes.io/managed-by") {
        return by.to_owned();
    }
    let fields = object["metadata"]["managedFields"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<&str> =
        fields.iter().filter(|f| f.get("subresource").is_none()).filter_map(|f| f["manager"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(", ")
}

/// Whether every claim against us is Helm's, which is our own name.
fn ours_alone(claims: &[Claim]) -> bool {
    !claims.is_empty() && claims.iter().all(|claim| claim.manager == FIELD_MANAGER)
}

/// The object as it is sent: with its namespace, Helm's ownership, no status, and each item of a keyed list once.
/// Namespaces get no owner: they are shared, and removing one release must not take them away.
pub fn prepare(object: &Value, owner: &Owner, namespaced: bool) -> Value {
    let mut wanted = object.clone();
    merge_doubled(&mut wanted);
    whole_numbers(&mut wanted);
    drop_nulls(&mut wanted);
    let kind = wanted["kind"].as_str().unwrap_or_default().to_owned();
    let Some(top) = wanted.as_object_mut() else { return wanted };
    top.remove("status");
    let meta = child(top, "metadata");
    for fleeting in ["managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"] {
        meta.remove(fleeting);
    }
    if namespaced {
        let given = meta.get("namespace").and_then(Value::as_str).filter(|namespace| !namespace.is_empty());
        let namespace = given.unwrap_or(&owner.namespace).to_owned();
        meta.insert("namespace".to_owned(), namespace.into());
    } else {
        meta.remove("namespace");
    }
    if kind != "Namespace" {
        child(meta, "labels").insert("app.kubernetes.io/managed-by".to_owned(), "Helm".into());
        let annotations = child(meta, "annotations");
        annotations.insert("meta.helm.sh/release-name".to_owned(), owner.release.clone().into());
        annotations.insert("meta.helm.sh/release-namespace".to_owned(), owner.namespace.clone().into());
    }
    wanted
}

/// The map under a key, made if it is missing or null.
fn child<'a>(parent: &'a mut Map<String, Value>, key: &str) -> &'a mut Map<String, Value> {
    if !parent.get(key).is_some_and(Value::is_object) {
        parent.insert(key.to_owned(), json!({}));
    }
    match parent.get_mut(key) {
        Some(Value::Object(map)) => map,
        _ => unreachable!("it was made a map above"),
    }
}

/// Turns numbers like `5.0` into `5`: values that were read as Helm reads YAML are floats, and the server refuses those
/// where it wants whole numbers.
pub fn whole_numbers(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let whole =
                number.as_f64().filter(|n| number.is_f64() && n.fract() == 0.0 && n.abs() < 9_007_199_254_740_992.0);
            if let Some(whole) = whole {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(map) => map.values_mut().for_each(whole_numbers),
        _ => {}
    }
}

/// Takes fields out that are null. Templates print `email:` for an empty value, which YAML reads as null: built-in kinds
/// take that as absent, the schema of a custom resource refuses it.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.retain(|_, inner| !inner.is_null());
            map.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// An object without what the server and its controllers count and note by themselves, in between too.
fn content(object: &Value) -> Value {
    let mut content = object.clone();
    if let Some(top) = content.as_object_mut() {
        top.remove("status");
    }
    if let Some(meta) = content.get_mut("metadata").and_then(Value::as_object_mut) {
        for noted in ["managedFields", "resourceVersion", "generation"] {
            meta.remove(noted);
        }
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("deployment.kubernetes.io/revision");
        }
    }
    content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner() -> Owner {
        Owner { release: "egov-user".to_owned(), namespace: "egov".to_owned() }
    }

    #[test]
    fn what_is_sent_has_namespace_and_owner_and_nothing_of_the_servers() {
        let given = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "a", "labels": null, "creationTimestamp": null}, "spec": {}, "status": {"x": 1}});
        assert_eq!(
            prepare(&given, &owner(), true),
            json!({"apiVersion": "v1", "kind": "Service", "metadata": {
                "name": "a", "namespace": "egov", "labels": {"app.kubernetes.io/managed-by": "Helm"},
                "annotations": {"meta.helm.sh/release-name": "egov-user", "meta.helm.sh/release-namespace": "egov"}}, "spec": {}})
        );
        let elsewhere = json!({"kind": "Service", "metadata": {"name": "a", "namespace": "backbone"}});
        assert_eq!(prepare(&elsewhere, &owner(), true)["metadata"]["namespace"], "backbone");
        let wide = json!({"kind": "ClusterRole", "metadata": {"name": "a", "namespace": "egov"}});
        assert_eq!(prepare(&wide, &owner(), false)["metadata"].get("namespace"), None);
        let namespace = json!({"kind": "Namespace", "metadata": {"name": "egov"}});
        assert_eq!(prepare(&namespace, &owner(), false), namespace);
    }

    #[test]
    fn whole_numbers_are_sent_as_such() {
        let mut value = json!({"a": [1.0, 1.5, -3.0, 7], "b": {"c": 1e20, "d": "1.0"}});
        whole_numbers(&mut value);
        assert_eq!(value.to_string(), r#"{"a":[1,1.5,-3,7],"b":{"c":1e20,"d":"1.0"}}"#.replace("1e20", "1e+20"));
    }

    #[test]
    fn a_null_is_the_same_as_nothing() {
        let mut value = json!({"a": null, "b": {"c": null, "d": 1}, "e": [{"f": null}, null]});
        drop_nulls(&mut value);
        assert_eq!(value, json!({"b": {"d": 1}, "e": [{}, null]}));
    }

    #[test]
    fn whose_an_object_is() {
        let named = |release: &str, namespace: &str| json!({"kind": "Service", "metadata": {"annotations": {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": namespace}}});
        let bare = json!({"kind": "Service", "metadata": {"managedFields": [{"manager": "kubectl-client-side-apply"}, {"manager": "k3s", "subresource": "status"}]}});
        let labelled = json!({"kind": "Service", "metadata": {"labels": {"app.kubernetes.io/managed-by": "argocd"}}});
        let cases = [
            (named("egov-user", "egov"), Unowned::Refuse, "ours"),
            (named("other", "egov"), Unowned::Adopt, "egov/other"),
            (named("egov-user", "elsewhere"), Unowned::Adopt, "elsewhere/egov-user"),
            (bare.clone(), Unowned::Adopt, "nobody"),
            (bare, Unowned::Refuse, "kubectl-client-side-apply"),
            (labelled, Unowned::Refuse, "argocd"),
            (json!({"kind": "Namespace", "metadata": {}}), Unowned::Refuse, "ours"),
        ];
        for (object, unowned, expected) in cases {
            let found = match belongs(&object, &owner(), unowned) {
                Belongs::Ours => "ours".to_owned(),
                Belongs::Nobodys => "nobody".to_owned(),
                Belongs::To(owner) => owner,
            };
            assert_eq!(found, expected, "{object}");
        }
    }

    #[test]
    fn only_helms_own_claims_are_overridden() {
        let claim = |manager: &str| Claim { manager: manager.to_owned(), field: ".spec.replicas".to_owned() };
        let cases = [
            (vec![], false),
            (vec![claim("helm")], true),
            (vec![claim("helm"), claim("helm")], true),
            (vec![claim("helm"), claim("kubectl")], false),
        ];
        for (claims, expected) in cases {
            assert_eq!(ours_alone(&claims), expected, "{claims:?}");
        }
    }
}
