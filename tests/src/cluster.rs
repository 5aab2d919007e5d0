//! Looks at a cluster that do not go through our own code: `kubectl`, and an inventory to compare before and after.

use crate::error::{Error, at};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Runs `kubectl` and gives what it writes to standard output.
///
/// # Errors
/// When it is missing or fails.
pub fn kubectl(kubeconfig: &Path, arguments: &[&str]) -> Result<String, Error> {
    let program = places::program("kubectl")?;
    let out =
        Command::new(&program).arg("--kubeconfig").arg(kubeconfig).args(arguments).output().map_err(at(&program))?;
    if !out.status.success() {
        return Err(Error::Failed {
            command: format!("kubectl {}", arguments.join(" ")),
            status: out.status.to_string(),
            stderr: String::from_utf8_lossy(&out.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&out.stdout).into_owned())
}

/// Asks again until the answer is yes. An error counts as no until the time is up.
///
/// # Errors
/// [`Error::Late`], or the last error.
pub fn wait(what: &str, at_most: Duration, mut ask: impl FnMut() -> Result<bool, Error>) -> Result<(), Error> {
    let deadline = Instant::now() + at_most;
    loop {
        let answer = ask();
        if let Ok(true) = answer {
            return Ok(());
        }
        if Instant::now() > deadline {
            answer?;
            return Err(Error::Late { what: what.to_owned(), seconds: at_most.as_secs() });
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

/// Everything that an installation could leave behind, one `kind namespace/name` each: all objects of all kinds, without
/// what Kubernetes makes and drops by itself (events, leases, endpoints, the objects of every namespace).
///
/// # Errors
/// When the API does not answer.
pub fn inventory(kubeconfig: &Path) -> Result<BTreeSet<String>, Error> {
    const OF_KUBERNETES: &[&str] =
        &["events", "leases.", "endpoints", "endpointslices.", "componentstatuses", "ipaddresses."];
    let kinds = kubectl(kubeconfig, &["api-resources", "--verbs=list,delete", "-o", "name"])?;
    let kinds: Vec<&str> = kinds.lines().filter(|k| !OF_KUBERNETES.iter().any(|own| k.starts_with(own))).collect();
    let row = "jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{'\\n'}{end}";
    let text = kubectl(kubeconfig, &["get", &kinds.join(","), "-A", "-o", row])?;
    let objects = text.lines().filter(|line| {
        let made_for_every_namespace =
            line.ends_with("/kube-root-ca.crt") || line.starts_with("ServiceAccount ") && line.ends_with("/default");
        !made_for_every_namespace
    });
    Ok(objects.map(String::from).collect())
}
