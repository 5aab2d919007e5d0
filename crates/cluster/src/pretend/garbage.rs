//! What goes when something else goes: contents of namespaces, objects whose owners are gone.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::json::{child, list, name, text, time, uid};
use super::pace;
use super::store::Key;
use super::workloads::{end, leaves};
use super::world::World;

/// New namespaces get what every namespace has; ending ones lose everything, then go.
pub(super) fn namespaces(world: &mut World) {
    for space in world.store.all("", "namespaces", "") {
        let named = name(&space).to_owned();
        if text(&space, "/status/phase") != "Terminating" {
            if world.store.find("", "serviceaccounts", &named, "default").is_none() {
                world.make("", "serviceaccounts", json!({"metadata": {"name": "default", "namespace": named}}));
            }
            if world.store.find("", "configmaps", &named, "kube-root-ca.crt").is_none() {
                let data = json!({"ca.crt": "-----BEGIN CERTIFICATE-----\nrehearsal\n-----END CERTIFICATE-----\n"});
                world.make(
                    "",
                    "configmaps",
                    json!({"metadata": {"name": "kube-root-ca.crt", "namespace": named}, "data": data}),
                );
            }
            continue;
        }
        let inside: Vec<(Key, Arc<Value>)> = contents(world, &named);
        for (key, object) in &inside {
            drop_or_end(world, key, object);
        }
        let told = time(&space, "/metadata/deletionTimestamp").unwrap_or(world.now);
        if contents(world, &named).is_empty() && world.passed(told, pace::END) {
            world.store.remove(&Key::new("", "namespaces", "", &named));
        }
    }
}

fn contents(world: &World, space: &str) -> Vec<(Key, Arc<Value>)> {
    world
        .store
        .everything()
        .filter(|(key, _)| key.namespace == space)
        .map(|(key, object)| (key.clone(), Arc::clone(object)))
        .collect()
}

/// Pods end in their own time, what has finalizers waits for those who set them, everything else goes at once.
fn drop_or_end(world: &mut World, key: &Key, object: &Value) {
    if key.group.is_empty() && key.plural == "pods" {
        end(world, object);
    } else if list(object, "/metadata/finalizers").is_empty() {
        world.store.remove(key);
    } else if !leaves(object) {
        let mut told = object.clone();
        told["metadata"]["deletionTimestamp"] = super::json::seconds(world.now).into();
        world.store.put(key.clone(), told);
    }
}

/// Background and foreground deletion.
pub(super) fn orphans(world: &mut World) {
    let living: HashSet<String> = world.store.everything().map(|(_, object)| uid(object).to_owned()).collect();
    // Owners that go only after what they own.
    let waiting: HashSet<String> = world
        .store
        .everything()
        .filter(|(_, object)| {
            leaves(object) && list(object, "/metadata/finalizers").iter().any(|f| f == "foregroundDeletion")
        })
        .map(|(_, object)| uid(object).to_owned())
        .collect();
    let owned: Vec<(Key, Arc<Value>)> = world
        .store
        .everything()
        .filter(|(_, object)| !list(object, "/metadata/ownerReferences").is_empty())
        .map(|(key, object)| (key.clone(), Arc::clone(object)))
        .collect();
    let mut held: HashSet<String> = HashSet::new();
    for (key, object) in owned {
        let owners: Vec<&str> = list(&object, "/metadata/ownerReferences").iter().map(|r| text(r, "/uid")).collect();
        let alone = owners.iter().all(|owner| !living.contains(*owner) || waiting.contains(*owner));
        if alone {
            drop_or_end(world, &key, &object);
        }
        if world.store.get(&key).is_some() {
            held.extend(owners.iter().filter(|o| waiting.contains(**o)).map(|&o| o.to_owned()));
        }
    }
    let done: Vec<(Key, Arc<Value>)> = world
        .store
        .everything()
        .filter(|(_, object)| waiting.contains(uid(object)) && !held.contains(uid(object)))
        .map(|(key, object)| (key.clone(), Arc::clone(object)))
        .collect();
    for (key, object) in done {
        let mut left = list(&object, "/metadata/finalizers").to_vec();
        left.retain(|f| f != "foregroundDeletion");
        if left.is_empty() {
            world.store.remove(&key);
        } else {
            let mut object = (*object).clone();
            child(&mut object, &["metadata"]).insert("finalizers".into(), left.into());
            world.store.put(key, object);
        }
    }
}
