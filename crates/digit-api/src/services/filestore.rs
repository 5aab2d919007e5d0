//! Files, at egov-filestore. Uploading and the addresses are open to everybody; a second upload is a second file.

use reqwest::Method;
use serde_json::Value;

use super::list;
use crate::Error;
use crate::client::{Ask, Body, Client, Door};
use crate::fault::Service;

const FILES: &str = "/filestore/v1/files";
const URL: &str = "/filestore/v1/files/url";

impl Client {
    /// Uploads a picture and gives its id.
    pub(crate) async fn upload(&self, tenant: &str, png: Vec<u8>) -> Result<String, Error> {
        let fields = vec![("tenantId", tenant.to_owned()), ("module", "PGR".to_owned())];
        let ask = Ask {
            service: Service::EgovFilestore,
            door: Door::Gateway,
            method: Method::POST,
            path: FILES,
            query: Vec::new(),
            body: Body::File { name: "acceptance.png", media: "image/png", bytes: png, fields },
            repeatable: false,
            within: None,
            secrets: Vec::new(),
        };
        let answer = self.ask(ask).await?;
        let id = list(&answer, "files", FILES)?.first().and_then(|f| f.get("fileStoreId")).and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| crate::user::not_understood(FILES, "fileStoreId"))
    }

    /// The addresses under which a browser opens a file; for a picture four: the picture and three smaller ones. None for an unknown id.
    pub(crate) async fn file_addresses(&self, tenant: &str, id: &str) -> Result<Vec<String>, Error> {
        let ask = Ask::get(Service::EgovFilestore, URL).query(&[("tenantId", tenant), ("fileStoreIds", id)]);
        let answer = self.ask(ask).await?;
        let listed = list(&answer, "fileStoreIds", URL)?.iter();
        let ours = listed.filter(|f| f.get("id").and_then(Value::as_str) == Some(id));
        let urls = ours.filter_map(|f| f.get("url").and_then(Value::as_str));
        Ok(urls
            .flat_map(|u| {
                u.split(",http")
                    .enumerate()
                    .map(|(i, part)| if i == 0 { part.to_owned() } else { format!("http{part}") })
            })
            .collect())
    }
}
