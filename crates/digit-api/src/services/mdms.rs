//! Master data, at egov-mdms-service. Nothing is an error there: what is missing is simply not in the answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::Error;
use crate::client::{Ask, Client, request_info};
use crate::fault::Service;

const SEARCH: &str = "/egov-mdms-service/v1/_search";

/// Module to masters to entries.
pub(crate) type Masters = BTreeMap<String, BTreeMap<String, Vec<Value>>>;

impl Client {
    /// The masters that are asked for, (module, master), as a tenant has them. One that is not there is not in the answer.
    pub(crate) async fn masters(&self, tenant: &str, wanted: &BTreeSet<(&str, &str)>) -> Result<Masters, Error> {
        let mut modules: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
        for (module, master) in wanted {
            modules.entry(module).or_default().push(json!({"name": master}));
        }
        let details: Vec<Value> = modules
            .into_iter()
            .map(|(module, masters)| json!({"moduleName": module, "masterDetails": masters}))
            .collect();
        let body = json!({
            "RequestInfo": request_info(None, self.now_ms()),
            "MdmsCriteria": {"tenantId": tenant, "moduleDetails": details},
        });
        let answer = self.ask(Ask::post(Service::EgovMdmsService, SEARCH, body).repeatable()).await?;
        let Some(modules) = answer.get("MdmsRes").and_then(Value::as_object) else {
            return Err(crate::user::not_understood(SEARCH, "MdmsRes"));
        };
        let entries = |master: &Value| master.as_array().cloned().unwrap_or_default();
        let masters = |module: &Value| {
            let masters = module.as_object().into_iter().flatten();
            masters.map(|(name, master)| (name.clone(), entries(master))).collect()
        };
        Ok(modules.iter().map(|(name, module)| (name.clone(), masters(module))).collect())
    }
}
