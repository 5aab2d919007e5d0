//! Employees, at egov-hrms. 202 means that the account is made and the employee is on Kafka.

use serde_json::{Value, json};

use super::list;
use crate::Error;
use crate::client::{Ask, Client, Session, request_info};
use crate::fault::Service;

const SEARCH: &str = "/egov-hrms/employees/_search";
const CREATE: &str = "/egov-hrms/employees/_create";

impl Client {
    /// Employees of a city: the one with this code, or the first few.
    pub(crate) async fn employees(
        &self,
        session: &Session,
        city: &str,
        code: Option<&str>,
    ) -> Result<Vec<Value>, Error> {
        let body = json!({"RequestInfo": request_info(Some(session), self.now_ms())});
        let ask = Ask::post(Service::EgovHrms, SEARCH, body).query(&[("tenantId", city)]);
        let ask = match code {
            Some(code) => ask.query(&[("codes", code)]),
            None => ask.query(&[("limit", "5"), ("offset", "0")]),
        };
        let answer = self.ask(ask.repeatable().hiding(&session.token)).await?;
        let found = list(&answer, "Employees", SEARCH)?.iter();
        Ok(found.filter(|e| code.is_none() || e.get("code").and_then(Value::as_str) == code).cloned().collect())
    }

    /// Makes an employee. A second one of that code or number is refused.
    pub(crate) async fn create_employee(&self, session: &Session, city: &str, employee: &Value) -> Result<(), Error> {
        let body = json!({
            "RequestInfo": request_info(Some(session), self.now_ms()),
            "Employees": [employee],
        });
        let ask = Ask::post(Service::EgovHrms, CREATE, body).query(&[("tenantId", city)]);
        self.ask(ask.hiding(&session.token)).await.map(|_| ())
    }
}
