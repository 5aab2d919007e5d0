//! Complaints, at pgr-services. A number in an answer is not yet a complaint: only a search that finds it is.

use serde_json::{Value, json};

use super::list;
use crate::Error;
use crate::client::{Ask, Client, Session, request_info};
use crate::fault::Service;

const CREATE: &str = "/pgr-services/v2/request/_create";
const SEARCH: &str = "/pgr-services/v2/request/_search";
const UPDATE: &str = "/pgr-services/v2/request/_update";

/// A complaint as PGR gives it, whole: an update sends all of it back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Complaint(pub(crate) Value);

impl Complaint {
    fn text(&self, field: &str) -> &str {
        self.0.get(field).and_then(Value::as_str).unwrap_or_default()
    }

    pub(crate) fn number(&self) -> &str {
        self.text("serviceRequestId")
    }

    pub(crate) fn status(&self) -> &str {
        self.text("applicationStatus")
    }

    pub(crate) fn description(&self) -> &str {
        self.text("description")
    }
}

/// A complaint to be filed by an employee with CSR for a citizen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewComplaint<'a> {
    pub(crate) city: &'a str,
    pub(crate) service_code: &'a str,
    pub(crate) locality: &'a str,
    pub(crate) description: &'a str,
    pub(crate) citizen_name: &'a str,
    pub(crate) citizen_mobile: &'a str,
}

/// How a complaint is looked for: by its number, or among those of a citizen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum By<'a> {
    Number(&'a str),
    Mobile(&'a str),
}

impl Client {
    /// Files a complaint and gives its number. Not repeatable: each is a new one.
    pub(crate) async fn file(&self, session: &Session, new: &NewComplaint<'_>) -> Result<String, Error> {
        let body = json!({
            "RequestInfo": request_info(Some(session), self.now_ms()),
            "service": {
                "tenantId": new.city,
                "serviceCode": new.service_code,
                "description": new.description,
                "source": "web",
                // Without geoLocation and locality.code PGR answers 200 and the complaint is lost.
                "address": {"tenantId": new.city, "city": new.city, "locality": {"code": new.locality}, "geoLocation": {}},
                "citizen": {"name": new.citizen_name, "mobileNumber": new.citizen_mobile},
                "additionalDetail": {},
            },
            "workflow": {"action": "APPLY", "verificationDocuments": []},
        });
        let answer = self.ask(Ask::post(Service::PgrServices, CREATE, body).hiding(&session.token)).await?;
        let complaints = complaints(&answer, CREATE)?;
        let number = complaints.first().map(Complaint::number).filter(|n| !n.is_empty());
        number.map(str::to_owned).ok_or_else(|| crate::user::not_understood(CREATE, "serviceRequestId"))
    }

    /// Looks for complaints of a city.
    pub(crate) async fn complaints(&self, session: &Session, city: &str, by: By<'_>) -> Result<Vec<Complaint>, Error> {
        let body = json!({"RequestInfo": request_info(Some(session), self.now_ms())});
        let (name, value) = match by {
            By::Number(number) => ("serviceRequestId", number),
            By::Mobile(mobile) => ("mobileNumber", mobile),
        };
        let ask = Ask::post(Service::PgrServices, SEARCH, body).query(&[("tenantId", city), (name, value)]);
        let answer = self.ask(ask.repeatable().hiding(&session.token)).await?;
        complaints(&answer, SEARCH)
    }

    /// Moves a complaint on. Without assignees: the pinned PGR cannot ask HRMS for one.
    pub(crate) async fn act_on(&self, session: &Session, complaint: &Complaint, action: &str) -> Result<(), Error> {
        let body = json!({
            "RequestInfo": request_info(Some(session), self.now_ms()),
            "service": complaint.0,
            "workflow": {"action": action, "verificationDocuments": []},
        });
        self.ask(Ask::post(Service::PgrServices, UPDATE, body).hiding(&session.token)).await.map(|_| ())
    }
}

fn complaints(answer: &Value, call: &str) -> Result<Vec<Complaint>, Error> {
    let wrappers = list(answer, "ServiceWrappers", call)?;
    Ok(wrappers.iter().filter_map(|w| w.get("service")).cloned().map(Complaint).collect())
}
