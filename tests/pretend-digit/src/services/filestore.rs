//! egov-filestore (§6.7), and the object store that its addresses point at.

use http::Method;
use serde_json::{Map, Value, json};

use crate::wire::answer::Answer;
use crate::wire::errors;
use crate::wire::request::{Part, Request};
use crate::world::{StoredFile, World};
use crate::{Condition, Service};

use super::spring::{missing_parameter, needs_tables, wrong_method};

/// The chart's limit; 5 MB is the source's.
const MOST: usize = 6 * 1024 * 1024;
/// Where files lie in the store.
const BUCKET: &str = "pretend-files";
/// Where the store is for a pod.
const IN_CLUSTER: &str = "http://minio.minio.svc.cluster.local:9000";

/// An extension that is taken, its content type, and how its files begin. The list itself is not on the page.
const KINDS: &[(&str, &str, &[&[u8]])] = &[
    ("png", "image/png", &[b"\x89PNG\r\n\x1a\n"]),
    ("jpg", "image/jpeg", &[b"\xff\xd8\xff"]),
    ("jpeg", "image/jpeg", &[b"\xff\xd8\xff"]),
    ("pdf", "application/pdf", &[b"%PDF-"]),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", &[b"PK\x03\x04"]),
    ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &[b"PK\x03\x04"]),
];

pub(crate) fn answer(world: &mut World, path: &str, request: &Request) -> Option<Answer> {
    let get = || if request.method == Method::GET { Ok(()) } else { Err(wrong_method(request)) };
    let done = match path {
        "/v1/files" => upload(world, request),
        "/v1/files/id" => get().and_then(|()| file(world, request)),
        "/v1/files/url" => get().and_then(|()| addresses(world, request)),
        "/v1/files/metadata" => get().and_then(|()| metadata(world, request)),
        "/v1/files/tag" => get().and_then(|()| tagged(world, request)),
        _ => return None,
    };
    Some(done.unwrap_or_else(|refused| refused))
}

/// `POST /filestore/v1/files`: 201.
fn upload(world: &mut World, request: &Request) -> Result<Answer, Answer> {
    if request.method != Method::POST {
        return Err(wrong_method(request));
    }
    if request.content_type().as_deref() != Some("multipart/form-data") {
        return Err(errors::fault("MultipartException", "Current request is not a multipart request"));
    }
    if request.body.len() > MOST {
        return Err(errors::fault("MaxUploadSizeExceededException", "Maximum upload size exceeded"));
    }
    let field = |name: &str| {
        let part = request.parts.iter().find(|p| p.name == name && p.file_name.is_none());
        let text = part.map(|p| String::from_utf8_lossy(&p.bytes).into_owned());
        text.or_else(|| request.query(name).map(str::to_owned)).filter(|t| !t.is_empty())
    };
    let files: Vec<&Part> = request.parts.iter().filter(|p| p.name == "file" && p.file_name.is_some()).collect();
    if files.is_empty() {
        return Err(errors::fault("MissingServletRequestPartException", "Required part 'file' is not present."));
    }
    let Some(tenant) = field("tenantId") else { return Err(missing_parameter("tenantId")) };
    let Some(module) = field("module") else { return Err(missing_parameter("module")) };
    for part in &files {
        fits(part)?;
    }
    if world.has(&Condition::BucketMissing) || world.down(Service::ObjectStore) {
        return Err(errors::fault("RuntimeException", "Error in Configuration"));
    }
    needs_tables(world, Service::Filestore)?;
    let mut stored = Vec::new();
    for part in files {
        let id = world.draw.uuid();
        stored.push(json!({"fileStoreId": id, "tenantId": tenant}));
        world.files.insert(
            id,
            StoredFile {
                tenant: tenant.clone(),
                module: module.clone(),
                tag: field("tag"),
                name: part.file_name.clone().unwrap_or_default(),
                content_type: part.content_type.clone().unwrap_or_default(),
                bytes: part.bytes.to_vec(),
            },
        );
    }
    Ok(Answer::json(201, &json!({"files": stored})))
}

/// Extension, content and content type must belong together.
fn fits(part: &Part) -> Result<(), Answer> {
    let refused = |text: &str| Err(errors::refused("EG_FILESTORE_INVALID_INPUT", text));
    let extension = extension(part.file_name.as_deref().unwrap_or_default());
    let Some((_, kind, begins)) = KINDS.iter().find(|(e, ..)| *e == extension) else {
        return refused("Inalvid input provided for file, the extension is not allowed");
    };
    if !begins.iter().any(|b| part.bytes.starts_with(b)) {
        return refused("Invalid input provided for file, its content does not match its extension");
    }
    if part.content_type.as_deref() != Some(*kind) {
        return refused("Invalid input provided for file, its content type does not match its extension");
    }
    Ok(())
}

fn extension(name: &str) -> String {
    name.rsplit_once('.').map(|(_, e)| e.to_ascii_lowercase()).unwrap_or_default()
}

/// `GET /filestore/v1/files/id`: the bytes.
fn file(world: &World, request: &Request) -> Result<Answer, Answer> {
    let file = asked(world, request, "fileStoreId")?;
    if world.has(&Condition::BucketMissing) || world.down(Service::ObjectStore) {
        return Err(errors::fault("RuntimeException", "Error in Configuration"));
    }
    // Names come from whoever uploaded: nothing of them but what is plain goes into a header.
    let name: String = file.name.chars().filter(|c| c.is_ascii_alphanumeric() || ".-_".contains(*c)).collect();
    let answer = Answer::bytes(200, &file.content_type, file.bytes.clone());
    Ok(answer.with("content-disposition", format!("attachment; filename=\"{name}\"")))
}

/// The file of an id and its tenant; another tenant's is not found.
fn asked<'a>(world: &'a World, request: &Request, parameter: &str) -> Result<&'a StoredFile, Answer> {
    let Some(tenant) = request.query("tenantId") else { return Err(missing_parameter("tenantId")) };
    let Some(id) = request.query(parameter) else { return Err(missing_parameter(parameter)) };
    needs_tables(world, Service::Filestore)?;
    world.files.get(id).filter(|f| f.tenant == tenant).ok_or_else(|| errors::refused("NOT_FOUND", "File not found"))
}

/// `GET …/url`: by id, and as a list; four addresses for an image. An unknown id is left out.
fn addresses(world: &World, request: &Request) -> Result<Answer, Answer> {
    let Some(tenant) = request.query("tenantId") else { return Err(missing_parameter("tenantId")) };
    needs_tables(world, Service::Filestore)?;
    let mut by_id = Map::new();
    let mut list = Vec::new();
    for id in request.query_list("fileStoreIds") {
        let Some(file) = world.files.get(&id).filter(|f| f.tenant == tenant) else { continue };
        let url = Value::String(address(world, &id, file));
        list.push(json!({"id": id, "url": url}));
        by_id.insert(id, url);
    }
    by_id.insert("fileStoreIds".to_owned(), Value::Array(list));
    Ok(Answer::ok(Value::Object(by_id)))
}

fn address(world: &World, id: &str, file: &StoredFile) -> String {
    let in_cluster = world.has(&Condition::FileAddressesInCluster);
    let store = if in_cluster { IN_CLUSTER } else { world.store_address.as_str() };
    let extension = extension(&file.name);
    let one = |size: &str| {
        format!("{store}/{BUCKET}/{}/{}/{id}{size}.{extension}?X-Amz-Expires=86400", file.tenant, file.module)
    };
    if file.content_type.starts_with("image/") {
        return ["", "_large", "_medium", "_small"].map(one).join(",");
    }
    one("")
}

/// `GET …/metadata`: straight only (the gateway has 401 for it). Its fields are not on the page.
fn metadata(world: &World, request: &Request) -> Result<Answer, Answer> {
    let file = asked(world, request, "fileStoreId")?;
    Ok(Answer::ok(json!({
        "resource": null, "contentType": file.content_type, "fileName": file.name, "tenantId": file.tenant,
        "fileSize": file.bytes.len().to_string(),
    })))
}

/// `GET …/tag`. Its form is not on the page.
fn tagged(world: &World, request: &Request) -> Result<Answer, Answer> {
    let Some(tenant) = request.query("tenantId") else { return Err(missing_parameter("tenantId")) };
    let Some(tag) = request.query("tag") else { return Err(missing_parameter("tag")) };
    needs_tables(world, Service::Filestore)?;
    let found: Vec<Value> = world
        .files
        .iter()
        .filter(|(_, f)| f.tenant == tenant && f.tag.as_deref() == Some(tag))
        .map(|(id, f)| json!({"url": format!("/filestore/v1/files/id?fileStoreId={id}&tenantId={tenant}"), "contentType": f.content_type}))
        .collect();
    Ok(Answer::ok(json!({"files": found})))
}

/// The object store itself: a file by the address that filestore gave; the smaller pictures are the picture.
pub(crate) fn object(world: &World, request: &Request) -> Answer {
    let gone = || Answer::bytes(404, "application/xml", b"<Error><Code>NoSuchKey</Code></Error>".to_vec());
    if request.method != Method::GET && request.method != Method::HEAD {
        return Answer::bytes(403, "application/xml", b"<Error><Code>AccessDenied</Code></Error>".to_vec());
    }
    let parts: Vec<&str> = request.path.split('/').collect();
    let ["", bucket, tenant, module, name] = parts[..] else { return gone() };
    let id = name.split(['_', '.']).next().unwrap_or_default();
    match world.files.get(id) {
        Some(f) if bucket == BUCKET && f.tenant == tenant && f.module == module => {
            Answer::bytes(200, &f.content_type, f.bytes.clone())
        }
        _ => gone(),
    }
}
