//! Sample employees, at HRMS: for demos only.

use futures::FutureExt as _;
use serde_json::Value;

use cause::Cause;

use super::people::how;
use crate::Error;
use crate::address::Tenants;
use crate::client::{Client, Session};
use crate::fault::Remedy;
use crate::news::{Done, News, Part, Tell};

/// Has these employees there.
///
/// # Errors
/// What HRMS answers; `employee-half-made` when it says that one exists and no search finds it: its account is there and the employee was
/// lost on the way, so that only another code, or taking the account away, helps; `employee-not-stored` when it was taken and is not found.
pub async fn employees(
    client: &Client,
    session: &Session,
    tenants: &Tenants,
    wanted: &[Value],
    tell: &Tell<'_>,
) -> Result<Done, Error> {
    let total = wanted.len() as u64;
    let mut new = 0;
    for (done, employee) in (1..).zip(wanted) {
        let code = employee.get("code").and_then(Value::as_str).unwrap_or_default();
        let search = || {
            async {
                Ok(client
                    .employees(session, &tenants.city, Some(code))
                    .await
                    .map_err(Error::despite_roles)?
                    .into_iter()
                    .next())
            }
            .boxed()
        };
        if search().await?.is_none() {
            let made = client.create_employee(session, &tenants.city, employee).await.map_err(Error::despite_roles);
            let exists = made.as_ref().is_err_and(|e| e.code() == "employee-exists");
            let doubt = match made {
                Err(error) if !exists && !error.may_have_worked() => return Err(error),
                other => other.err(),
            };
            if client.until_found(search).await?.is_none() {
                let cause = |of| Cause::new(of).with("code", code).with("tenant", &tenants.city);
                return Err(match doubt {
                    Some(_) if exists => Error::found(cause("employee-half-made"), Remedy::TakeAnotherName),
                    Some(error) => error,
                    None => Error::found(cause("employee-not-stored"), Remedy::CheckPersister),
                });
            }
            // One that exists already was made by us before a crash, or by somebody else: not now.
            new += u64::from(!exists);
        }
        tell(News::Progress { part: Part::Employees, done, total });
    }
    Ok(Done { part: Part::Employees, how: how(new, total), wanted: total, found: total, notes: Vec::new() })
}
