//! Messages of pages and notices, at egov-localization. Its search is open to everybody.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::list;
use crate::Error;
use crate::client::{Ask, Client, Session, request_info};
use crate::fault::Service;
use crate::seed::Batch;

const SEARCH: &str = "/localization/messages/v1/_search";
pub(crate) const UPSERT: &str = "/localization/messages/v1/_upsert";

impl Client {
    /// Code to text of one module in one language, as this tenant sees it. (A city sees its own messages or, only if it has none, the state's.)
    ///
    /// # Errors
    /// When localization refuses or does not answer.
    pub async fn messages(&self, tenant: &str, module: &str, locale: &str) -> Result<BTreeMap<String, String>, Error> {
        let query = [("locale", locale), ("tenantId", tenant), ("module", module)];
        let body = json!({"RequestInfo": request_info(None, self.now_ms())});
        let ask = Ask::post(Service::EgovLocalization, SEARCH, body).query(&query).repeatable();
        let answer = self.ask(ask.within(self.patience.slow_answer)).await?;
        let text = |m: &Value, field| m.get(field).and_then(Value::as_str).map(str::to_owned);
        let found = list(&answer, "messages", SEARCH)?;
        // Asked for one module, but who answers may think otherwise.
        let ours = found.iter().filter(|m| m.get("module").and_then(Value::as_str).is_none_or(|m| m == module));
        Ok(ours.filter_map(|m| Some((text(m, "code")?, text(m, "message")?))).collect())
    }

    /// Puts a batch in: new ones are added, known ones changed. Safe to repeat: the second time changes nothing.
    pub(crate) async fn upsert(&self, session: &Session, batch: &Batch) -> Result<(), Error> {
        let body = batch.body(&request_info(Some(session), self.now_ms()));
        let ask = Ask::post(Service::EgovLocalization, UPSERT, body).repeatable().hiding(&session.token);
        self.ask(ask.within(self.patience.slow_answer)).await.map(|_| ())
    }
}
