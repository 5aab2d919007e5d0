//! PersistentVolumeClaims: bound, or why not.

use serde_json::Value;

use crate::json::{list, name, subject, text, time};
use crate::trouble::{Scene, Trouble};
use crate::{Cause, Phase, Verdict, events, messages};

/// A claim on its own.
pub(crate) fn claim(claim: &Value, scene: &Scene<'_>) -> Verdict {
    match trouble(claim, scene) {
        Some(trouble) if trouble.cause.code == "volume-waits-for-pod" => Verdict {
            phase: Phase::Ready,
            cause: Some(trouble.cause),
            evidence: trouble.evidence,
            ..Verdict::ready(0, 1)
        },
        Some(trouble) => trouble.verdict(scene.at, 0, 1),
        None if text(claim, "/status/phase") == "Bound" => Verdict::ready(1, 1),
        None => Verdict::progressing(0, 1),
    }
}

/// What is wrong with the first unbound claim of a pod.
pub(crate) fn of_pod(pod: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    list(pod, "/spec/volumes")
        .iter()
        .map(|v| text(v, "/persistentVolumeClaim/claimName"))
        .filter(|n| !n.is_empty())
        .filter_map(|wanted| {
            scene.children.iter().find(|child| {
                text(child, "/kind") == "PersistentVolumeClaim"
                    && name(child) == wanted
                    && text(child, "/metadata/namespace") == text(pod, "/metadata/namespace")
            })
        })
        .filter_map(|claim| trouble(claim, scene))
        .find(|trouble| trouble.cause.code != "volume-waits-for-pod")
}

fn trouble(claim: &Value, scene: &Scene<'_>) -> Option<Trouble> {
    let phase = text(claim, "/status/phase");
    if phase == "Bound" {
        return None;
    }
    let since = time(claim, "/metadata/creationTimestamp").unwrap_or(scene.at.now);
    let cause = |code| Cause::new(code).with("claim", name(claim));
    if phase == "Lost" {
        return Some(Trouble::new(cause("volume-lost"), since).evidence(format!("{}: phase Lost", subject(claim))));
    }
    let events = events::about(claim, scene.events);
    let class = text(claim, "/spec/storageClassName");
    for event in events.iter().rev() {
        let line = event.line(&subject(claim));
        let began = event.first.map_or(since, |first| first.max(since));
        let trouble = match event.reason {
            "WaitForFirstConsumer" => Trouble::new(cause("volume-waits-for-pod"), since),
            "FailedBinding" if class.is_empty() => Trouble::new(cause("no-default-storage-class"), began),
            "ProvisioningFailed" if event.message.contains("not found") => {
                Trouble::new(cause("storage-class-missing").with("class", class), began)
            }
            "ProvisioningFailed" => Trouble::new(cause("volume-provisioning-failed").with("class", class), began),
            // The claim is in the hands of a CSI driver. If that driver does not run nobody answers, and this event is all there is.
            "ExternalProvisioning" => {
                let provisioner = provisioner(event.message);
                Trouble::new(cause("provisioner-missing").with("class", class).with("provisioner", provisioner), began)
            }
            "FailedCreate" => Trouble::new(cause(messages::refused(event.message)), began),
            _ => continue,
        };
        return Some(trouble.evidence(line));
    }
    if let Some(of) = scene.children.iter().find(|c| text(c, "/kind") == "StorageClass" && name(c) == class)
        && text(of, "/volumeBindingMode") == "WaitForFirstConsumer"
        && text(claim, "/metadata/annotations/volume.kubernetes.io~1selected-node").is_empty()
    {
        return Some(Trouble::new(cause("volume-waits-for-pod"), since));
    }
    Some(Trouble::new(cause("volume-pending"), since).evidence(format!("{}: phase {phase}", subject(claim))))
}

/// The name in `Waiting for a volume to be created either by the external provisioner 'x' or …`.
fn provisioner(message: &str) -> &str {
    message.split(['\'', '"']).nth(1).unwrap_or_default()
}
