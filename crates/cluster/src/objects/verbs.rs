//! What can be done with objects of any kind, and which resource is behind a kind.

use std::collections::HashMap;

use http::Method;
use serde_json::Value;

use crate::connect::api::{Call, Cluster, encode};
use crate::error::{Error, Result};
use crate::object::{ObjectRef, Resource, root};

impl Cluster {
    /// The resource behind a kind. Asks the server for the group version once, and again when a kind is not in it:
    /// CRDs come while we work.
    pub async fn resource(&self, api_version: &str, kind: &str) -> Result<Resource> {
        let known =
            |kinds: &HashMap<String, Vec<Resource>>| kinds.get(api_version)?.iter().find(|r| r.kind == kind).cloned();
        if let Some(found) = self.kinds.read().ok().and_then(|kinds| known(&kinds)) {
            return Ok(found);
        }
        let served = self.group_version(api_version).await?;
        let not_served = || Error::NotServed { api_version: api_version.to_owned(), kind: kind.to_owned() };
        served.into_iter().find(|r| r.kind == kind).ok_or_else(not_served)
    }

    /// Kinds served under a group version; empty if it is not served.
    pub async fn group_version(&self, api_version: &str) -> Result<Vec<Resource>> {
        let list = match self.call(&Call::get(root(api_version))).await {
            Ok(list) => list,
            Err(Error::NotFound { .. }) => return Ok(vec![]),
            Err(other) => return Err(other),
        };
        let resources = parse_resources(api_version, &list);
        if let Ok(mut kinds) = self.kinds.write() {
            kinds.insert(api_version.to_owned(), resources.clone());
        }
        Ok(resources)
    }

    /// One object; none if it, or its kind, is not there.
    pub async fn get(&self, object: &ObjectRef) -> Result<Option<Value>> {
        let resource = match self.resource(&object.api_version, &object.kind).await {
            Ok(resource) => resource,
            Err(Error::NotServed { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        match self.call(&Call::get(resource.object_path(&object.namespace, &object.name)).about(object)).await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// All objects of a kind, in one namespace or (empty) in all. `query` is, for example, `labelSelector=owner%3Dhelm`.
    pub async fn list(&self, resource: &Resource, namespace: &str, query: &str) -> Result<Vec<Value>> {
        self.list_as(resource, namespace, query, "application/json").await
    }

    async fn list_as(
        &self,
        resource: &Resource,
        namespace: &str,
        query: &str,
        accept: &'static str,
    ) -> Result<Vec<Value>> {
        let mut found = Vec::new();
        let mut next = String::new();
        loop {
            let mut path = format!("{}?limit=500", resource.path(namespace));
            if !query.is_empty() {
                path.push('&');
                path.push_str(query);
            }
            if !next.is_empty() {
                path.push_str("&continue=");
                path.push_str(&encode(&next));
            }
            let mut page = match self.call(&Call { accept, ..Call::get(path) }).await {
                // The list changed too much while we paged: from the start.
                Err(Error::Unexpected { status: 410, .. }) if !next.is_empty() => {
                    found.clear();
                    next.clear();
                    continue;
                }
                other => other?,
            };
            if let Value::Array(items) = page["items"].take() {
                // Items of a list do not say what they are.
                found.extend(items.into_iter().map(|mut item| {
                    item["apiVersion"] = resource.api_version.clone().into();
                    item["kind"] = resource.kind.clone().into();
                    item
                }));
            }
            match page["metadata"]["continue"].as_str() {
                Some(token) if !token.is_empty() => token.clone_into(&mut next),
                _ => return Ok(found),
            }
        }
    }

    /// As [`list`](Cluster::list), but only the metadata of each object where the server can leave out the rest.
    pub async fn list_metadata(&self, resource: &Resource, namespace: &str, query: &str) -> Result<Vec<Value>> {
        self.list_as(resource, namespace, query, METADATA).await
    }

    /// Creates an object as it is.
    pub async fn create(&self, object: &Value) -> Result<Value> {
        let name = ObjectRef::of(object);
        let resource = self.resource(&name.api_version, &name.kind).await?;
        let call = Call::new(Method::POST, format!("{}?fieldManager={FIELD_MANAGER}", resource.path(&name.namespace)));
        self.call(&call.json(object).about(&name)).await
    }

    /// Replaces an object; its `metadata.resourceVersion`, if given, must be the current one.
    pub async fn replace(&self, object: &Value) -> Result<Value> {
        let name = ObjectRef::of(object);
        let resource = self.resource(&name.api_version, &name.kind).await?;
        let path = format!("{}?fieldManager={FIELD_MANAGER}", resource.object_path(&name.namespace, &name.name));
        self.call(&Call::new(Method::PUT, path).json(object).about(&name)).await
    }

    /// Changes fields of an object (JSON merge patch).
    pub async fn merge(&self, object: &ObjectRef, patch: &Value) -> Result<Value> {
        let resource = self.resource(&object.api_version, &object.kind).await?;
        let path = format!("{}?fieldManager={FIELD_MANAGER}", resource.object_path(&object.namespace, &object.name));
        let mut call = Call::new(Method::PATCH, path).json(patch).about(object);
        call.content_type = "application/merge-patch+json";
        self.call(&call).await
    }

    /// Deletes an object, its dependents in the background, whichever object bears that name by then. `false`: it was not there.
    pub async fn delete(&self, object: &ObjectRef) -> Result<bool> {
        self.delete_exactly(object, "").await
    }

    /// Deletes the object of that name that was seen: another one that was made in its place since stays. `false`: it was not there
    /// any more. An empty `uid` is any.
    pub async fn delete_exactly(&self, object: &ObjectRef, uid: &str) -> Result<bool> {
        let resource = match self.resource(&object.api_version, &object.kind).await {
            Ok(resource) => resource,
            Err(Error::NotServed { .. }) => return Ok(false),
            Err(other) => return Err(other),
        };
        let mut options =
            serde_json::json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
        if !uid.is_empty() {
            options["preconditions"] = serde_json::json!({"uid": uid});
        }
        let call = Call::new(Method::DELETE, resource.object_path(&object.namespace, &object.name))
            .json(&options)
            .about(object);
        match self.call(&call).await {
            Ok(_) => Ok(true),
            Err(Error::NotFound { .. }) => Ok(false),
            // The one that was seen is gone, another bears its name.
            Err(Error::ChangedMeanwhile { .. }) if !uid.is_empty() => Ok(false),
            Err(other) => Err(other),
        }
    }
}

/// Asks for metadata alone, and takes whole objects from a server that cannot leave out the rest.
const METADATA: &str = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";

/// The field manager under which we write: Helm's, so that Helm's CLI can go on with what we installed.
pub const FIELD_MANAGER: &str = "helm";

/// Kinds in an `APIResourceList`; sub-resources are left out.
pub(crate) fn parse_resources(api_version: &str, list: &Value) -> Vec<Resource> {
    let listed = list["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
    listed
        .iter()
        .filter_map(|entry| {
            let plural = entry["name"].as_str().filter(|name| !name.contains('/'))?;
            let verbs = entry["verbs"].as_array().map(Vec::as_slice).unwrap_or_default();
            Some(Resource {
                api_version: api_version.to_owned(),
                kind: entry["kind"].as_str()?.to_owned(),
                plural: plural.to_owned(),
                namespaced: entry["namespaced"].as_bool().unwrap_or(false),
                verbs: verbs.iter().filter_map(|verb| verb.as_str().map(str::to_owned)).collect(),
            })
        })
        .collect()
}
