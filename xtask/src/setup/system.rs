//! Packages of the system. Installed on Debian and its relatives; named elsewhere.

use crate::sh;
use anyhow::{Context, Result, bail};
use std::process::Command;

/// The window is built on WebKitGTK; its tests run it on a screen of their own, with a key ring of their own.
const PACKAGES: &[&str] = &[
    // to build
    "build-essential",
    "curl",
    "file",
    "libayatana-appindicator3-dev",
    "librsvg2-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "libxdo-dev",
    "pkg-config",
    // to run the window without a screen
    "at-spi2-core",
    "dbus-x11",
    "fonts-dejavu-core",
    "fonts-noto-core",
    "webkit2gtk-driver",
    "xauth",
    "xdotool",
    "xvfb",
    // to test the window's pages, the vault, the control plane and the web entry's rules
    "chromium",
    "etcd-server",
    "gnome-keyring",
    "libnginx-mod-http-modsecurity",
    "libsecret-tools",
    "nginx",
];

/// A kubelet with containers, for `test --full`.
const REAL_NODE: &[&str] = &[
    "bash-static",
    "busybox-static",
    "containerd",
    "containernetworking-plugins",
    "curl",
    "iproute2",
    "iptables",
    "openssl",
    "procps",
    "python3-yaml",
    "runc",
];

pub(super) fn install() -> Result<String> {
    installed(PACKAGES)
}

/// What Debian's own Python lacks to make an environment.
pub(super) fn install_for_environments() -> Result<String> {
    installed(&["python3-venv"])
}

pub(super) fn install_for_real_node() -> Result<String> {
    installed(REAL_NODE)
}

fn installed(wanted: &[&'static str]) -> Result<String> {
    if !cfg!(target_os = "linux") {
        return Ok(String::from("the window's own web view comes with this system; nothing to install"));
    }
    if !sh::on_path("apt-get") || !sh::on_path("dpkg-query") {
        println!(
            "This is not Debian or a relative of it. Needed here, under the names of Debian:\n  {}",
            wanted.join("\n  ")
        );
        return Ok("left to you".into());
    }
    let missing = missing(wanted)?;
    if missing.is_empty() {
        return Ok(format!("all {} there", wanted.len()));
    }
    println!("Installing {} packages: {}", missing.len(), missing.join(" "));
    let apt = || as_root("apt-get").with_context(|| format!("install these yourself: {}", missing.join(" ")));
    sh::run(apt()?.args(["update", "-qq"]))?;
    sh::run(
        apt()?
            .args(["install", "-y", "-qq", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"])
            .args(&missing)
            .stdout(std::process::Stdio::null()),
    )?;
    let still = self::missing(wanted)?;
    if !still.is_empty() {
        bail!("still missing after the installation: {}", still.join(" "));
    }
    Ok(format!("{} installed", missing.len()))
}

fn missing(wanted: &[&'static str]) -> Result<Vec<&'static str>> {
    // dpkg-query ends with 1 when it knows a name not at all; what it knows it still prints
    let out = sh::command("dpkg-query").args(["-W", "-f=${Package} ${db:Status-Status}\n"]).args(wanted).output()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    Ok(wanted.iter().copied().filter(|p| !text.lines().any(|l| l == format!("{p} installed"))).collect())
}

/// `apt-get` as root: as it is, or through sudo.
fn as_root(program: &str) -> Result<Command> {
    let root = sh::read(sh::command("id").arg("-u"))?.trim() == "0";
    let mut command = if root {
        sh::command(program)
    } else if sh::on_path("sudo") {
        let mut sudo = sh::command("sudo");
        sudo.args(["--preserve-env=DEBIAN_FRONTEND", program]);
        sudo
    } else {
        bail!("installing packages needs root, and there is no sudo");
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    Ok(command)
}
