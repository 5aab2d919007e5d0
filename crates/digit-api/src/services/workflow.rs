//! The ways a complaint goes, at egov-workflow-v2. A search keeps its answer for 15 minutes, an empty one too: never poll.

use serde_json::{Value, json};

use super::list;
use crate::Error;
use crate::client::{Ask, Client, Session, request_info};
use crate::fault::Service;

const SEARCH: &str = "/egov-workflow-v2/egov-wf/businessservice/_search";
const CREATE: &str = "/egov-workflow-v2/egov-wf/businessservice/_create";
const PROCESS: &str = "/egov-workflow-v2/egov-wf/process/_search";

impl Client {
    /// One search for a business service. Each one that is answered fills the cache: look once before making, once some seconds after.
    pub(crate) async fn business_service(
        &self,
        session: &Session,
        tenant: &str,
        name: &str,
    ) -> Result<Option<Value>, Error> {
        let body = json!({"RequestInfo": request_info(Some(session), self.now_ms())});
        let query = [("tenantId", tenant), ("businessServices", name)];
        let ask = Ask::post(Service::EgovWorkflowV2, SEARCH, body).query(&query).repeatable();
        let answer = self.ask(ask.hiding(&session.token)).await?;
        let found = list(&answer, "BusinessServices", SEARCH)?;
        Ok(found.iter().find(|b| b.get("businessService").and_then(Value::as_str) == Some(name)).cloned())
    }

    /// Makes a business service. A second one is answered alike and never stored: look first.
    pub(crate) async fn create_business_service(&self, session: &Session, definition: &Value) -> Result<(), Error> {
        let body = json!({
            "RequestInfo": request_info(Some(session), self.now_ms()),
            "BusinessServices": [definition],
        });
        self.ask(Ask::post(Service::EgovWorkflowV2, CREATE, body).hiding(&session.token)).await.map(|_| ())
    }

    /// Whether workflow has stored anything of a complaint. It comes there on another topic than the complaint itself.
    pub(crate) async fn has_process(&self, session: &Session, tenant: &str, number: &str) -> Result<bool, Error> {
        let body = json!({"RequestInfo": request_info(Some(session), self.now_ms())});
        let query = [("tenantId", tenant), ("businessIds", number), ("history", "true")];
        let ask = Ask::post(Service::EgovWorkflowV2, PROCESS, body).query(&query).repeatable();
        let answer = self.ask(ask.hiding(&session.token)).await?;
        Ok(!list(&answer, "ProcessInstances", PROCESS)?.is_empty())
    }
}
