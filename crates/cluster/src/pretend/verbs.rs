//! Create, read, change, delete: what each does to the store, and how it is answered.

use serde_json::{Value, json};

use super::admit;
use super::answer::Refusal;
use super::apply::{self, Applier};
use super::json::{child, list, name, namespace, number, seconds, text, uid};
use super::kinds::Kind;
use super::patch;
use super::select::Selector;
use super::store::{Key, after};
use super::world::World;

/// HTTP status and body.
pub(super) type Answer = Result<(u16, Value), Refusal>;

/// What a request says besides its object.
#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    pub(super) dry: bool,
    pub(super) manager: String,
    pub(super) force: bool,
    pub(super) sub: String,
    /// The version of the API that was asked.
    pub(super) version: String,
}

/// How a patch is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PatchKind {
    Apply,
    Merge,
    Strategic,
    Json,
}

/// The object as one API version shows it.
pub(super) fn shown(kind: &Kind, version: &str, object: &Value) -> Value {
    let mut object = object.clone();
    object["apiVersion"] = kind.api_version(version).into();
    object["kind"] = kind.kind.clone().into();
    object
}

pub(super) fn get(world: &World, kind: &Kind, key: &Key, options: &Options) -> Answer {
    let object = world.store.get(key).ok_or_else(|| Refusal::not_found(kind, &key.name))?;
    if options.sub == "scale" {
        return Ok((200, scale(object)));
    }
    Ok((200, shown(kind, &options.version, object)))
}

pub(super) fn list_all(world: &World, kind: &Kind, space: &str, selector: &Selector, version: &str) -> Value {
    let items: Vec<Value> = world
        .store
        .all(&kind.group, &kind.plural, space)
        .iter()
        .filter(|object| selector.matches(object))
        .map(|object| shown(kind, version, object))
        .collect();
    json!({"kind": format!("{}List", kind.kind), "apiVersion": kind.api_version(version),
        "metadata": {"resourceVersion": world.store.version().to_string()}, "items": items})
}

fn scale(object: &Value) -> Value {
    let selector = super::json::map(object, "/spec/selector/matchLabels").map(|labels| {
        labels.iter().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect::<Vec<_>>().join(",")
    });
    json!({"kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {"name": name(object), "namespace": namespace(object), "uid": uid(object), "resourceVersion": object["metadata"]["resourceVersion"]},
        "spec": {"replicas": object["spec"]["replicas"]},
        "status": {"replicas": number(object, "/status/replicas").unwrap_or(0), "selector": selector.unwrap_or_default()}})
}

/// Questions: answered yes. A rehearsal is where nothing can be broken.
pub(super) fn ask(kind: &Kind, mut question: Value) -> Value {
    question["status"] = match kind.plural.as_str() {
        "selfsubjectaccessreviews" => json!({"allowed": true, "reason": "rehearsal"}),
        "selfsubjectreviews" => {
            json!({"userInfo": {"username": "rehearsal", "groups": ["system:masters", "system:authenticated"]}})
        }
        _ => json!({"resourceRules": [{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}],
            "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}], "incomplete": false}),
    };
    question["kind"] = kind.kind.clone().into();
    question["apiVersion"] = kind.api_version("v1").into();
    question
}

/// Whether things can be made in a namespace.
fn room(world: &World, kind: &Kind, space: &str, named: &str) -> Result<(), Refusal> {
    if !kind.namespaced {
        return Ok(());
    }
    let Some(namespaces) = world.store.kind("", "namespaces") else { return Err(Refusal::no_such_path()) };
    let Some(found) = world.store.find("", "namespaces", "", space) else {
        return Err(Refusal::not_found(namespaces, space));
    };
    if text(found, "/status/phase") == "Terminating" {
        let message = format!("unable to create new content in namespace {space} because it is being terminated");
        let mut refusal = Refusal::forbidden(kind, named, &message);
        refusal.details["causes"] = json!([{"reason": "NamespaceTerminating", "message": format!("namespace {space} is being terminated"), "field": "metadata.namespace"}]);
        return Err(refusal);
    }
    Ok(())
}

pub(super) fn create(world: &mut World, kind: &Kind, space: &str, body: Value, options: &Options) -> Answer {
    let mut object = body;
    if !object.is_object() || text(&object, "/kind").is_empty() {
        return Err(Refusal::bad_request("Object 'Kind' is missing in request body"));
    }
    if text(&object, "/kind") != kind.kind {
        let message = format!(
            "{} in version \"{}\" cannot be handled as a {}: converting ({}) is not possible",
            text(&object, "/kind"),
            options.version,
            kind.kind,
            text(&object, "/kind")
        );
        return Err(Refusal::bad_request(message));
    }
    let given = namespace(&object);
    if kind.namespaced && !given.is_empty() && given != space {
        return Err(Refusal::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if !text(&object, "/metadata/resourceVersion").is_empty() {
        return Err(Refusal::bad_request("resourceVersion should not be set on objects to be created"));
    }
    if name(&object).is_empty() {
        let prefix = text(&object, "/metadata/generateName").to_owned();
        if prefix.is_empty() {
            let cause = (
                "name".to_owned(),
                "Required value: name or generateName is required".to_owned(),
                "FieldValueRequired",
            );
            return Err(Refusal::invalid(kind, "", &[cause]));
        }
        let named = format!("{prefix}{}", world.store.draw_suffix());
        child(&mut object, &["metadata"]).insert("name".into(), named.into());
    }
    let named = name(&object).to_owned();
    room(world, kind, space, &named)?;
    if world.store.find(&kind.group, &kind.plural, space, &named).is_some() {
        return Err(Refusal::already_exists(kind, &named));
    }
    let object = settle_new(world, kind, space, object, options)?;
    let mut object = object;
    apply::note_update(None, &mut object, &options.manager, world.now);
    Ok((201, keep(world, kind, object, options)))
}

/// Gives a new object what the server gives it.
fn settle_new(
    world: &mut World,
    kind: &Kind,
    space: &str,
    mut object: Value,
    options: &Options,
) -> Result<Value, Refusal> {
    let uid = world.store.draw_uid();
    let created = seconds(world.now);
    let metadata = child(&mut object, &["metadata"]);
    if kind.namespaced {
        metadata.insert("namespace".into(), space.into());
    } else {
        metadata.remove("namespace");
    }
    metadata.insert("uid".into(), uid.into());
    metadata.insert("creationTimestamp".into(), created.into());
    for field in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "resourceVersion", "generation"] {
        metadata.remove(field);
    }
    if kind.subresources.iter().any(|s| s == "status")
        && let Some(object) = object.as_object_mut()
    {
        object.remove("status");
    }
    object["apiVersion"] = kind.api_version(&options.version).into();
    admit::defaults(&world.store, kind, &mut object);
    if let Some(generation) = admit::generation(kind, None, &object) {
        child(&mut object, &["metadata"]).insert("generation".into(), generation.into());
    }
    admit::validate(kind, None, &object)?;
    Ok(object)
}

/// Keeps the object unless it is a dry run; what is answered.
fn keep(world: &mut World, kind: &Kind, object: Value, options: &Options) -> Value {
    if options.dry {
        return shown(kind, &options.version, &object);
    }
    let object = world.store.put(Key::of(kind, &object), object);
    shown(kind, &options.version, &object)
}

/// Takes a changed object: what may not be changed that way stays, then it is checked and kept.
fn replace(
    world: &mut World,
    kind: &Kind,
    before: &Value,
    mut changed: Value,
    options: &Options,
    applied: bool,
) -> Answer {
    let named = name(before).to_owned();
    let asked = text(&changed, "/metadata/resourceVersion").to_owned();
    if !asked.is_empty() && asked != text(before, "/metadata/resourceVersion") {
        return Err(Refusal::modified(kind, &named));
    }
    let wanted_uid = uid(&changed);
    if !wanted_uid.is_empty() && wanted_uid != uid(before) {
        let message =
            format!("Precondition failed: UID in precondition: {wanted_uid}, UID in object meta: {}", uid(before));
        return Err(Refusal::precondition(kind, &named, &message));
    }
    let metadata = child(&mut changed, &["metadata"]);
    for field in [
        "uid",
        "creationTimestamp",
        "generation",
        "resourceVersion",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "namespace",
        "name",
    ] {
        match before["metadata"].get(field) {
            Some(value) => metadata.insert(field.to_owned(), value.clone()),
            None => metadata.remove(field),
        };
    }
    let has_status = kind.subresources.iter().any(|s| s == "status");
    if options.sub == "status" {
        let status = changed.get("status").cloned();
        let managed = changed["metadata"].get("managedFields").cloned();
        changed = before.clone();
        if let Some(status) = status {
            changed["status"] = status;
        }
        if let Some(managed) = managed.filter(|_| applied) {
            changed["metadata"]["managedFields"] = managed;
        }
    } else if has_status && let Some(changed) = changed.as_object_mut() {
        match before.get("status") {
            Some(status) => changed.insert("status".into(), status.clone()),
            None => changed.remove("status"),
        };
    }
    changed["apiVersion"] = before["apiVersion"].clone();
    changed["kind"] = before["kind"].clone();
    admit::defaults(&world.store, kind, &mut changed);
    if let Some(generation) = admit::generation(kind, Some(before), &changed) {
        child(&mut changed, &["metadata"]).insert("generation".into(), generation.into());
    }
    admit::validate(kind, Some(before), &changed)?;
    if !applied && options.sub.is_empty() {
        apply::note_update(Some(before), &mut changed, &options.manager, world.now);
    }
    if changed == *before {
        return Ok((200, shown(kind, &options.version, before)));
    }
    let leaves = !text(&changed, "/metadata/deletionTimestamp").is_empty()
        && list(&changed, "/metadata/finalizers").is_empty()
        && !matches!(kind.plural.as_str(), "pods" | "namespaces");
    if leaves && !options.dry {
        world.store.remove(&Key::of(kind, before));
        return Ok((200, shown(kind, &options.version, &changed)));
    }
    Ok((200, keep(world, kind, changed, options)))
}

pub(super) fn update(world: &mut World, kind: &Kind, key: &Key, body: Value, options: &Options) -> Answer {
    let before = world.store.get(key).cloned().ok_or_else(|| Refusal::not_found(kind, &key.name))?;
    if name(&body) != key.name {
        let message =
            format!("the name of the object ({}) does not match the name on the URL ({})", name(&body), key.name);
        return Err(Refusal::bad_request(message));
    }
    match options.sub.as_str() {
        "scale" => rescale(world, kind, &before, &body, options),
        "finalize" => {
            world.store.remove(key);
            Ok((200, shown(kind, &options.version, &body)))
        }
        _ => {
            // Kinds of definitions want to be told what was seen; built-in ones take a replacement as it is.
            let custom = kind.group.contains('.') && !kind.group.ends_with(".k8s.io");
            if custom && text(&body, "/metadata/resourceVersion").is_empty() {
                let message = "Invalid value: 0x0: must be specified for an update".to_owned();
                return Err(Refusal::invalid(
                    kind,
                    &key.name,
                    &[("metadata.resourceVersion".into(), message, "FieldValueInvalid")],
                ));
            }
            replace(world, kind, &before, body, options, false)
        }
    }
}

fn rescale(world: &mut World, kind: &Kind, before: &Value, wanted: &Value, options: &Options) -> Answer {
    let mut changed = before.clone();
    child(&mut changed, &["spec"]).insert("replicas".into(), number(wanted, "/spec/replicas").unwrap_or(0).into());
    let main = Options { sub: String::new(), ..options.clone() };
    let (code, object) = replace(world, kind, before, changed, &main, false)?;
    Ok((code, scale(&object)))
}

pub(super) fn patch(
    world: &mut World,
    kind: &Kind,
    key: &Key,
    how: PatchKind,
    body: &Value,
    options: &Options,
) -> Answer {
    let before = world.store.get(key).cloned();
    if how == PatchKind::Apply {
        return applied(world, kind, key, before.as_deref(), body, options);
    }
    let before = before.ok_or_else(|| Refusal::not_found(kind, &key.name))?;
    let mut changed = if options.sub == "scale" { scale(&before) } else { shown(kind, &options.version, &before) };
    match how {
        PatchKind::Json => patch::operations(&mut changed, body)?,
        PatchKind::Strategic => patch::strategic(&mut changed, body),
        _ => patch::merge(&mut changed, body),
    }
    if options.sub == "scale" {
        return rescale(world, kind, &before, &changed, options);
    }
    // A patch that names a version is refused when that is not the live one; one that does not is about whatever is there.
    replace(world, kind, &before, changed, options, false)
}

fn applied(
    world: &mut World,
    kind: &Kind,
    key: &Key,
    before: Option<&Value>,
    body: &Value,
    options: &Options,
) -> Answer {
    if options.manager.is_empty() {
        return Err(Refusal::no_manager());
    }
    if text(body, "/kind") != kind.kind || text(body, "/apiVersion") != kind.api_version(&options.version) {
        return Err(Refusal::bad_request(format!(
            "incorrect object kind or version in apply patch: {} {}",
            text(body, "/apiVersion"),
            text(body, "/kind")
        )));
    }
    if !super::json::list(body, "/metadata/managedFields").is_empty() {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    if !name(body).is_empty() && name(body) != key.name {
        let message =
            format!("the name of the object ({}) does not match the name on the URL ({})", name(body), key.name);
        return Err(Refusal::bad_request(message));
    }
    let mut wanted = body.clone();
    child(&mut wanted, &["metadata"]).insert("name".into(), key.name.clone().into());
    let applier = Applier { manager: &options.manager, force: options.force, now: world.now };
    if before.is_none() {
        room(world, kind, &key.namespace, &key.name)?;
    }
    let merged = apply::apply(kind, before, &wanted, applier)?;
    match before {
        Some(before) => {
            let mut merged = merged;
            if text(body, "/metadata/resourceVersion").is_empty() {
                child(&mut merged, &["metadata"]).remove("resourceVersion");
            }
            replace(world, kind, before, merged, options, true)
        }
        None => {
            let object = settle_new(world, kind, &key.namespace, merged, options)?;
            Ok((201, keep(world, kind, object, options)))
        }
    }
}

/// Deletes; answers with what is left of the object, or with success when nothing is.
pub(super) fn delete(world: &mut World, kind: &Kind, key: &Key, wish: &Value, options: &Options) -> Answer {
    let before = world.store.get(key).cloned().ok_or_else(|| Refusal::not_found(kind, &key.name))?;
    let wanted_uid = text(wish, "/preconditions/uid");
    if !wanted_uid.is_empty() && wanted_uid != uid(&before) {
        let message =
            format!("Precondition failed: UID in precondition: {wanted_uid}, UID in object meta: {}", uid(&before));
        return Err(Refusal::precondition(kind, &key.name, &message));
    }
    let mut object = (*before).clone();
    let grace = number(wish, "/gracePeriodSeconds");
    let already = !text(&object, "/metadata/deletionTimestamp").is_empty();
    if kind.plural == "namespaces" {
        if already {
            let message = "The system is ensuring all content is removed from this namespace.  Upon completion, this namespace will automatically be purged by the system.";
            return Err(Refusal::precondition(kind, &key.name, message));
        }
        object["metadata"]["deletionTimestamp"] = seconds(world.now).into();
        object["status"]["phase"] = "Terminating".into();
        return Ok((200, keep(world, kind, object, options)));
    }
    if kind.plural == "pods" {
        let bound = !text(&object, "/spec/nodeName").is_empty();
        let over = matches!(text(&object, "/status/phase"), "Succeeded" | "Failed");
        let grace = grace.or_else(|| number(&object, "/spec/terminationGracePeriodSeconds")).unwrap_or(30);
        if grace > 0 && bound && !over {
            if !already {
                #[allow(clippy::cast_precision_loss, reason = "a grace period is small")]
                let end = after(world.now, grace as f64);
                object["metadata"]["deletionTimestamp"] = seconds(end).into();
                object["metadata"]["deletionGracePeriodSeconds"] = grace.into();
            }
            return Ok((200, keep(world, kind, object, options)));
        }
    }
    let policy = match text(wish, "/propagationPolicy") {
        "" if wish.pointer("/orphanDependents") == Some(&Value::Bool(true)) => "Orphan",
        policy => policy,
    };
    let mut finalizers = list(&object, "/metadata/finalizers").to_vec();
    match policy {
        "Foreground" if !finalizers.iter().any(|f| f == "foregroundDeletion") => {
            finalizers.push("foregroundDeletion".into());
        }
        "Orphan" if !options.dry => world.orphan(uid(&before)),
        _ => {}
    }
    if !finalizers.is_empty() {
        object["metadata"]["finalizers"] = finalizers.into();
        if !already {
            object["metadata"]["deletionTimestamp"] = seconds(world.now).into();
            object["metadata"]["deletionGracePeriodSeconds"] = 0.into();
        }
        return Ok((200, keep(world, kind, object, options)));
    }
    if !options.dry {
        world.drop_object(kind, key);
    }
    let mut details = json!({"name": key.name, "kind": kind.plural, "uid": uid(&before)});
    if !kind.group.is_empty() {
        details["group"] = kind.group.clone().into();
    }
    Ok((200, json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details})))
}

pub(super) fn delete_all(
    world: &mut World,
    kind: &Kind,
    space: &str,
    selector: &Selector,
    wish: &Value,
    options: &Options,
) -> Answer {
    let found = list_all(world, kind, space, selector, &options.version);
    for object in list(&found, "/items") {
        delete(world, kind, &Key::of(kind, object), wish, options)?;
    }
    Ok((200, found))
}
