//! Values that only the cluster knows.

use async_trait::async_trait;
use cluster::ObjectRef;
use engine::{Did, Failure, Found, StepContext};
use serde_json::Value;

use super::action::Action;
use super::context::Context;
use super::tell::{failure, nothing_made, tell};
use crate::plan::kinds::ENTRY_SERVICE;

/// A value by its name. There is one: the address of the web entry, once the cluster gave it one.
pub(super) struct Find {
    pub(super) value: String,
}

#[async_trait]
impl Action for Find {
    /// A wait is over at once when there is nothing to wait for.
    async fn look(&self, _: &Context, _: &StepContext) -> Result<Found, Failure> {
        Ok(Found::Different)
    }

    async fn act(&self, run: &Context, cx: &StepContext) -> Result<Did, Failure> {
        let Some(address) = address(run, cx).await.map_err(failure)? else { return Ok(Did::default()) };
        cx.found(&self.value, &address);
        Ok(Did::changed(0, 1))
    }

    async fn undo(&self, _: &Context, _: &StepContext) -> Result<Did, Failure> {
        Ok(nothing_made())
    }
}

/// The web entry's address; none if the plan has no web entry.
async fn address(run: &Context, cx: &StepContext) -> Result<Option<String>, cluster::Error> {
    let rendered = run.planned.rendered.get(ENTRY_SERVICE);
    let services = rendered.into_iter().flat_map(|r| &r.manifests).map(|m| &m.object);
    let entry = services.filter(|o| o["kind"] == "Service").max_by_key(|o| {
        // The controller's own Service has the ports of the web; its admission webhook has one of its own.
        o["spec"]["ports"].as_array().map(|p| p.iter().filter(|p| p["port"] == 80.0 || p["port"] == 80).count())
    });
    let Some(entry) = entry else { return Ok(None) };
    let mut named = ObjectRef::of(entry);
    if named.namespace.is_empty() {
        named.namespace = run.owner(ENTRY_SERVICE).namespace;
    }
    if entry["spec"]["type"] == "LoadBalancer" {
        let awaited = [cluster::wait::Awaited::named(named.clone())];
        run.watch.wait_ready(&awaited, run.wait_context(), &mut |w| tell(cx, w)).await?;
    }
    let service = run.cluster.get(&named).await?.unwrap_or_default();
    let address = match load_balancer_host(&service) {
        Some(host) => Some(format!("http://{}", cluster::object::in_url(&host))),
        None => {
            let nodes = run.cluster.resource("v1", "Node").await?;
            node_address(&service, &run.cluster.list(&nodes, "", "").await?)
        }
    };
    let Some(address) = address else {
        return Err(cluster::Error::NotFound { what: format!("address of {named}") });
    };
    Ok(Some(address))
}

fn load_balancer_host(service: &Value) -> Option<String> {
    let first = service.pointer("/status/loadBalancer/ingress/0")?;
    ["hostname", "ip"].iter().find_map(|key| first.get(key)?.as_str()).map(str::to_owned)
}

/// `http://ADDRESS:PORT` of the first machine that is ready, by its outer address if it has one.
fn node_address(service: &Value, nodes: &[Value]) -> Option<String> {
    let ports = service.pointer("/spec/ports")?.as_array()?;
    let port = ports.iter().find(|p| p["port"] == 80)?.get("nodePort")?.as_u64()?;
    let is_ready = |n: &&Value| {
        n["status"]["conditions"]
            .as_array()
            .is_some_and(|c| c.iter().any(|c| c["type"] == "Ready" && c["status"] == "True"))
    };
    let addresses = nodes.iter().find(is_ready)?["status"]["addresses"].as_array()?;
    let of = |kind: &str| addresses.iter().find(|a| a["type"] == kind)?["address"].as_str();
    let host = of("ExternalIP").or_else(|| of("InternalIP"))?;
    Some(format!("http://{}:{port}", cluster::object::in_url(host)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_has_the_balancers_name_or_a_machines_port() {
        let balanced = json!({"status": {"loadBalancer": {"ingress": [{"hostname": "lb.example"}]}}});
        assert_eq!(load_balancer_host(&balanced).as_deref(), Some("lb.example"));
        assert_eq!(load_balancer_host(&json!({"status": {"loadBalancer": {}}})), None);
        let service = json!({"spec": {"ports": [{"port": 443, "nodePort": 30443}, {"port": 80, "nodePort": 30080}]}});
        let node = |ready: &str, addresses: Value| json!({"status": {"conditions": [{"type": "Ready", "status": ready}], "addresses": addresses}});
        let inner = json!([{"type": "InternalIP", "address": "10.0.0.1"}]);
        let both =
            json!([{"type": "InternalIP", "address": "10.0.0.2"}, {"type": "ExternalIP", "address": "192.0.2.7"}]);
        let nodes = [node("False", inner.clone()), node("True", both)];
        assert_eq!(node_address(&service, &nodes).as_deref(), Some("http://192.0.2.7:30080"));
        assert_eq!(node_address(&service, &[node("True", inner)]).as_deref(), Some("http://10.0.0.1:30080"));
        let six = json!([{"type": "InternalIP", "address": "2001:db8::7"}]);
        assert_eq!(node_address(&service, &[node("True", six)]).as_deref(), Some("http://[2001:db8::7]:30080"));
        assert_eq!(node_address(&service, &[]), None);
    }
}
