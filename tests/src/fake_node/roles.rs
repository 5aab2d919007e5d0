//! What some of DIGIT's images do through the API, played: kube-webhook-certgen (a Secret, then the CA into webhooks),
//! cert-manager's CA injector, and the job that makes Kibana's token.

use super::node;
use super::seen::Seen;
use crate::certificates;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use k8s_openapi::api::admissionregistration::v1::{MutatingWebhookConfiguration, ValidatingWebhookConfiguration};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Container, Secret};
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::sync::Arc;

pub(super) struct Roles {
    /// Jobs whose work is done.
    done: HashSet<String>,
    ca: String,
}

/// What a job's container is there for.
#[derive(Debug, PartialEq, Eq)]
enum Role {
    MakeCertificate {
        namespace: String,
        secret: String,
        hosts: Vec<String>,
    },
    InjectCa {
        namespace: String,
        secret: String,
        webhook: String,
        validating: bool,
        mutating: bool,
        policy: Option<String>,
    },
    MakeToken {
        secret: String,
    },
    None,
}

impl Roles {
    pub(super) fn new(ca: String) -> Self {
        Self { done: HashSet::new(), ca }
    }

    pub(super) async fn turn(&mut self, client: &Client, seen: &Seen) -> Result<(), crate::Error> {
        for job in seen.jobs.state() {
            let uid = job.uid().unwrap_or_default();
            let status = job.status.clone().unwrap_or_default();
            if self.done.contains(&uid) || (status.active.is_none() && status.succeeded.is_none()) {
                continue;
            }
            if play(client, &job).await? {
                self.done.insert(uid);
            }
        }
        let injector = seen.deployments.state().iter().any(|d| {
            d.name_any().contains("cainjector")
                && d.status.as_ref().and_then(|s| s.ready_replicas).unwrap_or_default() > 0
        });
        if injector {
            self.inject_everywhere(client, seen.validating.state()).await?;
            self.inject_everywhere(client, seen.mutating.state()).await?;
        }
        Ok(())
    }

    /// Into every webhook that asks cert-manager for its CA and has none.
    async fn inject_everywhere<K>(&self, client: &Client, webhooks: Vec<Arc<K>>) -> Result<(), crate::Error>
    where
        K: kube::Resource<DynamicType = ()> + Clone + Debug + serde::de::DeserializeOwned + serde::Serialize,
    {
        for webhook in webhooks {
            let asks = webhook.annotations().keys().any(|k| k.starts_with("cert-manager.io/inject-ca-from"));
            let has = serde_json::to_value(&*webhook)?["webhooks"]
                .as_array()
                .is_some_and(|hooks| hooks.iter().all(|h| h["clientConfig"]["caBundle"].is_string()));
            if asks && !has {
                inject::<K>(client, &webhook.name_any(), &STANDARD.encode(&self.ca), None).await?;
            }
        }
        Ok(())
    }
}

/// Does a job's work; says whether there is nothing left to do for it.
async fn play(client: &Client, job: &Job) -> Result<bool, crate::Error> {
    let namespace = job.namespace().unwrap_or_default();
    let container = job.spec.as_ref().and_then(|s| s.template.spec.as_ref()).and_then(|s| s.containers.first());
    match container.map_or(Role::None, |c| role(c, &namespace, &job.name_any())) {
        Role::MakeCertificate { namespace, secret, hosts } => {
            let (certificate, key) = certificates::self_signed(&hosts)?;
            let data = json!({"ca": STANDARD.encode(&certificate), "cert": STANDARD.encode(&certificate), "key": STANDARD.encode(key)});
            make(client, &namespace, &secret, data).await?;
        }
        Role::InjectCa { namespace, secret, webhook, validating, mutating, policy } => {
            let secrets = Api::<Secret>::namespaced(client.clone(), &namespace);
            let Some(secret) = secrets.get_opt(&secret).await? else { return Ok(false) };
            let Some(ca) = secret.data.and_then(|d| d.get("ca").map(|ca| STANDARD.encode(&ca.0))) else {
                return Ok(false);
            };
            if validating {
                inject::<ValidatingWebhookConfiguration>(client, &webhook, &ca, policy.as_deref()).await?;
            }
            if mutating {
                inject::<MutatingWebhookConfiguration>(client, &webhook, &ca, policy.as_deref()).await?;
            }
        }
        Role::MakeToken { secret } => {
            make(client, &namespace, &secret, json!({"token": STANDARD.encode("stand-in")})).await?;
        }
        Role::None => {}
    }
    Ok(true)
}

fn role(container: &Container, namespace: &str, job: &str) -> Role {
    let arguments: &[String] = container.args.as_deref().unwrap_or_default();
    let options: HashMap<&str, String> = arguments
        .iter()
        .filter_map(|a| a.strip_prefix("--")?.split_once('='))
        .map(|(name, value)| (name, value.replace("$(POD_NAMESPACE)", namespace)))
        .collect();
    let option = |name: &str| options.get(name).cloned().unwrap_or_default();
    let certgen = container.image.as_deref().is_some_and(|i| i.contains("webhook-certgen"));
    match arguments.first().map(String::as_str) {
        Some("create") if certgen => Role::MakeCertificate {
            namespace: option("namespace"),
            secret: option("secret-name"),
            hosts: option("host").split(',').map(String::from).collect(),
        },
        Some("patch") if certgen => Role::InjectCa {
            namespace: option("namespace"),
            secret: option("secret-name"),
            webhook: option("webhook-name"),
            validating: option("patch-validating") != "false",
            mutating: option("patch-mutating") != "false",
            policy: options.get("patch-failure-policy").cloned(),
        },
        _ if arguments.last().is_some_and(|a| a == "create")
            && arguments.iter().any(|a| a.contains("manage-es-token.js")) =>
        {
            Role::MakeToken { secret: format!("{}-es-token", job.strip_prefix("pre-install-").unwrap_or(job)) }
        }
        _ => Role::None,
    }
}

async fn make(client: &Client, namespace: &str, name: &str, data: Value) -> Result<(), crate::Error> {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data});
    let secrets = Api::<Secret>::namespaced(client.clone(), namespace);
    Ok(node::there_already(secrets.create(&PostParams::default(), &node::read(secret)?).await)?)
}

async fn inject<K>(client: &Client, name: &str, ca: &str, policy: Option<&str>) -> Result<(), crate::Error>
where
    K: kube::Resource<DynamicType = ()> + Clone + Debug + serde::de::DeserializeOwned + serde::Serialize,
{
    let api = Api::<K>::all(client.clone());
    let Some(webhook) = api.get_opt(name).await? else { return Ok(()) };
    let mut object = serde_json::to_value(&webhook)?;
    let hooks = object["webhooks"].as_array_mut().map(std::mem::take).unwrap_or_default();
    let hooks: Vec<Value> = hooks
        .into_iter()
        .map(|mut hook| {
            hook["clientConfig"]["caBundle"] = json!(ca);
            if let Some(policy) = policy {
                hook["failurePolicy"] = json!(policy);
            }
            hook
        })
        .collect();
    let patch = Patch::Merge(json!({"webhooks": hooks}));
    api.patch(name, &PatchParams::default(), &patch).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(image: &str, arguments: &[&str]) -> Container {
        Container {
            image: Some(image.into()),
            args: Some(arguments.iter().map(|a| (*a).to_owned()).collect()),
            ..Container::default()
        }
    }

    #[test]
    fn jobs_are_known_by_image_and_arguments() {
        let certgen = "registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1";
        let create = ["create", "--host=a,a.$(POD_NAMESPACE).svc", "--namespace=$(POD_NAMESPACE)", "--secret-name=s"];
        let patch = [
            "patch",
            "--webhook-name=w",
            "--namespace=x",
            "--patch-mutating=false",
            "--secret-name=s",
            "--patch-failure-policy=Fail",
        ];
        for (image, arguments, expected) in [
            (
                certgen,
                &create[..],
                Role::MakeCertificate {
                    namespace: "n".into(),
                    secret: "s".into(),
                    hosts: vec!["a".into(), "a.n.svc".into()],
                },
            ),
            (
                certgen,
                &patch[..],
                Role::InjectCa {
                    namespace: "x".into(),
                    secret: "s".into(),
                    webhook: "w".into(),
                    validating: true,
                    mutating: false,
                    policy: Some("Fail".into()),
                },
            ),
            (
                "kibana:8",
                &["/helm-scripts/manage-es-token.js", "create"][..],
                Role::MakeToken { secret: "kibana-es-token".into() },
            ),
            ("kibana:8", &["/helm-scripts/manage-es-token.js", "clean"][..], Role::None),
            ("egovio/pgr-services-db:v2", &["create"][..], Role::None),
        ] {
            assert_eq!(role(&container(image, arguments), "n", "pre-install-kibana"), expected);
        }
    }
}
