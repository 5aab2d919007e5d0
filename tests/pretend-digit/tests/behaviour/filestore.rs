//! §6.7: files; and the page, which has no paragraph.

use pretend_digit::{Condition, Service};
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::asking::{Asking, Got, outcome};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

fn form(name: &str, kind: &str, bytes: &[u8]) -> Form {
    let part = Part::bytes(bytes.to_vec()).file_name(name.to_owned()).mime_str(kind).unwrap();
    Form::new().part("file", part).text("tenantId", "pg.citya").text("module", "pgr")
}

async fn upload(asking: &Asking, service: Service, form: Form) -> Got {
    let url = format!("{}/filestore/v1/files", asking.digit.address(service));
    asking.ask(asking.http.post(url).multipart(form)).await
}

#[tokio::test]
async fn what_is_uploaded_is_found_by_anybody() {
    let asking = Asking::start().await;
    let got = upload(&asking, Service::Gateway, form("a.png", "image/png", PNG)).await;
    assert_eq!(got.status, 201);
    let file = got.json()["files"][0].clone();
    assert_eq!(file["tenantId"], "pg.citya");
    let id = file["fileStoreId"].as_str().unwrap();
    let path = format!("/filestore/v1/files/url?tenantId=pg.citya&fileStoreIds={id},none");
    let got = asking.get(Service::Gateway, &path).await.json();
    let addresses: Vec<&str> = got[id].as_str().unwrap().split(',').collect();
    assert_eq!((addresses.len(), got["fileStoreIds"].as_array().unwrap().len()), (4, 1));
    assert_eq!(got["fileStoreIds"][0], json!({"id": id, "url": got[id]}));
    for address in addresses {
        let got = asking.http.get(address).send().await.unwrap();
        assert_eq!((got.status().as_u16(), got.bytes().await.unwrap().as_ref()), (200, PNG), "{address}");
    }
    for (tenant, status) in [("pg.citya", 200), ("pg", 400)] {
        let path = format!("/filestore/v1/files/id?tenantId={tenant}&fileStoreId={id}");
        assert_eq!(asking.get(Service::Gateway, &path).await.status, status, "{tenant}");
    }
    let path = "/filestore/v1/files/id?tenantId=pg.citya&fileStoreId=none";
    assert_eq!(asking.get(Service::Filestore, path).await.outcome(), outcome(400, &["NOT_FOUND"]));
    let path = format!("/filestore/v1/files/metadata?tenantId=pg.citya&fileStoreId={id}");
    assert_eq!(asking.get(Service::Filestore, &path).await.json()["contentType"], "image/png");
    let path = "/filestore/v1/files/url?tenantId=pg.citya&fileStoreIds=none";
    let got = asking.get(Service::Filestore, path).await;
    assert_eq!((got.status, got.json()), (200, json!({"fileStoreIds": []})));
    asking.digit.set(Condition::FileAddressesInCluster);
    let path = format!("/filestore/v1/files/url?tenantId=pg.citya&fileStoreIds={id}");
    assert!(asking.get(Service::Filestore, &path).await.json()[id].as_str().unwrap().starts_with("http://minio."));
}

#[tokio::test]
async fn what_an_upload_is_refused_for() {
    let asking = Asking::start().await;
    let part = || Part::bytes(PNG.to_vec()).file_name("a.png").mime_str("image/png").unwrap();
    let invalid = "EG_FILESTORE_INVALID_INPUT";
    for (form, code) in [
        (form("a.exe", "image/png", PNG), invalid),
        (form("a.png", "image/png", b"GIF89a"), invalid),
        (form("a.png", "image/jpeg", PNG), invalid),
        (form("a.pdf", "application/pdf", PNG), invalid),
        (Form::new().part("file", part()).text("module", "pgr"), ""),
        (Form::new().part("file", part()).text("tenantId", "pg"), ""),
        (Form::new().text("tenantId", "pg").text("module", "pgr"), "MissingServletRequestPartException"),
        (form("a.png", "image/png", &[PNG, &vec![0; 6 * 1024 * 1024]].concat()), "MaxUploadSizeExceededException"),
    ] {
        assert_eq!(upload(&asking, Service::Filestore, form).await.outcome(), outcome(400, &[code]));
    }
    asking.digit.set(Condition::BucketMissing);
    let got = upload(&asking, Service::Filestore, form("a.png", "image/png", PNG)).await;
    assert_eq!(got.outcome(), outcome(400, &["RuntimeException"]));
    assert!(got.text.contains("Error in Configuration"));
    assert_eq!(asking.digit.view().files, []);
}

#[tokio::test]
async fn the_page_and_what_can_be_wrong_with_it() {
    let asking = Asking::start().await;
    let page = || asking.get(Service::Entry, "/digit-ui/employee/user/login");
    let configs = || asking.get(Service::Entry, "/digit-ui/globalConfigs.js");
    let script = || asking.get(Service::Entry, "/digit-ui/main.js");
    let got = page().await;
    assert_eq!((got.status, got.content_type.as_deref()), (200, Some("text/html")));
    assert!(got.text.contains("/digit-ui/globalConfigs.js") && got.text.contains("/digit-ui/main.js"));
    assert!(configs().await.text.contains("\"STATE_LEVEL_TENANT_ID\":\"pg\""));
    assert_eq!(script().await.content_type.as_deref(), Some("application/javascript"));
    assert_eq!(asking.get(Service::Gateway, "/digit-ui/employee").await.status, 404);
    assert_eq!(asking.get(Service::Entry, "/health").await.status, 200);
    asking.digit.set(Condition::GlobalConfigsForeign);
    assert!(!configs().await.text.contains("\"pg\""));
    asking.digit.set(Condition::GlobalConfigsMissing);
    assert_eq!(configs().await.status, 404);
    asking.digit.set(Condition::GlobalConfigsElsewhere);
    assert!(page().await.text.contains("https://assets.elsewhere.invalid/"));
    asking.digit.set(Condition::AssetsMissing);
    assert_eq!(script().await.content_type.as_deref(), Some("text/html"));
    asking.digit.set(Condition::PageBlank);
    assert!(!page().await.text.contains("script"));
    asking.digit.set(Condition::Down(Service::Web));
    assert_eq!(page().await.status, 502);
}
