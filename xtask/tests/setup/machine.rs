//! A machine with nothing on it: every program that set-up may call is a stand-in that writes down how it was called and does
//! what is expected of it.
#![allow(clippy::unwrap_used, reason = "a machine that cannot be made fails the test")]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the stand-ins need themselves.
const SHELL: &[&str] = &["cat", "chmod", "cp", "grep", "mkdir", "sh"];

/// The variables that a call is written down with.
const SHOWN: &str = "DEBIAN_FRONTEND CGO_ENABLED GOFLAGS GOTOOLCHAIN GOWORK CARGO_TARGET_DIR CARGO_PROFILE_RELEASE_LTO \
                     CARGO_PROFILE_RELEASE_DEBUG CARGO_PROFILE_RELEASE_OPT_LEVEL CARGO_PROFILE_RELEASE_CODEGEN_UNITS";

const STAND_INS: &[(&str, &str)] = &[
    ("node", "echo v20.19.0"),
    (
        "npm",
        r#"
case "$1 $2" in
  "--version ") echo 10.8.2 ;;
  "ci "*) [ -f package-lock.json ] && mkdir -p node_modules ;;
  "run build") [ -d node_modules ] && mkdir -p dist ;;
  *) exit 1 ;;
esac"#,
    ),
    (
        "go",
        r#"
case "$1" in
  version) echo go version go1.26.0 linux/amd64 ;;
  mod) mkdir -p MACHINE/modules/helmfile
    echo '{"Dir": "MACHINE/modules/helmfile", "Sum": "h1:coUoYKmxceeLbm4y43dJ1Dh3crrwniAx8LtBxPcu7+Y="}' ;;
  build)
    while [ "$1" != -o ]; do shift; done
    [ -d "$2" ] || exit 1
    into=$2; shift 2
    for package; do
      case "$package" in tool) package=helm ;; .) package=${PWD##*/} ;; esac
      echo > "$into${package##*/}"
    done ;;
  *) exit 1 ;;
esac"#,
    ),
    (
        "python3",
        r#"
case "$*" in
  --version) echo Python 3.11.2 ;;
  "-m ensurepip --version") grep -qx python3-venv MACHINE/packages ;;
  "-m venv --clear "*) mkdir -p "$4/bin" && cp MACHINE/bin/python3 "$4/bin/python" ;;
  "-m pip install "*) ;;
  *) exit 1 ;;
esac"#,
    ),
    (
        "cargo",
        r#"
case "$1" in
  fmt) grep -qx rustfmt MACHINE/components ;;
  clippy) grep -qx clippy MACHINE/components ;;
  install)
    program=$4
    while [ "$1" != --root ]; do shift; done
    mkdir -p "$2/bin" && echo > "$2/bin/$program" ;;
  *) exit 1 ;;
esac"#,
    ),
    ("rustup", "shift 2; for c; do echo $c >> MACHINE/components; done"),
    (
        "dpkg-query",
        r#"
shift 2; status=0
for p; do if grep -qx "$p" MACHINE/packages; then echo "$p installed"; else status=1; fi; done
exit $status"#,
    ),
    (
        "apt-get",
        r#"
if [ "$1" = install ]; then
  for p; do echo "$p" >> MACHINE/packages; done
  if grep -qx etcd-server MACHINE/packages; then cp MACHINE/bin/node MACHINE/bin/etcd; fi
fi"#,
    ),
    ("id", "cat MACHINE/user"),
    ("sudo", "shift; \"$@\""),
];

/// Lives in a temporary folder and goes with it.
pub(crate) struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// With what a person brings, a minimal Rust, root, and a clone; no cache, no home, no package.
    pub(crate) fn new() -> Self {
        let machine = Self { folder: tempfile::Builder::new().prefix("machine").tempdir().unwrap() };
        for folder in [
            "bin",
            "tmp",
            "clone/ui",
            "clone/tests/helm",
            "clone/tests/helm-cli",
            "clone/tests/kubernetes",
            "shared/testbed/standin",
            "shared/digit",
        ] {
            std::fs::create_dir_all(machine.at(folder)).unwrap();
        }
        for (file, text) in [
            ("clone/Cargo.lock", ""),
            ("clone/ui/package-lock.json", "{}"),
            ("clone/tests/helm/requirements.txt", "helm-python-sdk\n"),
            ("packages", ""),
            ("components", ""),
            ("user", "0\n"),
        ] {
            std::fs::write(machine.at(file), text).unwrap();
        }
        for program in SHELL {
            machine.link(program);
        }
        for (program, does) in STAND_INS {
            machine.put(program, does);
        }
        machine
    }

    /// A place on it.
    pub(crate) fn at(&self, place: &str) -> PathBuf {
        self.folder.path().join(place)
    }

    /// Takes a program away.
    pub(crate) fn without(self, program: &str) -> Self {
        std::fs::remove_file(self.at("bin").join(program)).unwrap();
        self
    }

    /// Another user than root.
    pub(crate) fn without_root(self) -> Self {
        std::fs::write(self.at("user"), "1000\n").unwrap();
        self
    }

    /// A program of the real system.
    pub(crate) fn link(&self, program: &str) {
        let real = ["/usr/bin", "/bin"].iter().map(|f| Path::new(f).join(program)).find(|p| p.is_file()).unwrap();
        std::os::unix::fs::symlink(real, self.at("bin").join(program)).unwrap();
    }

    /// A program that does this instead.
    pub(crate) fn put(&self, program: &str, does: &str) {
        let text = format!(
            r#"#!/bin/sh
{{
  printf '%s' "${{0##*/}}"
  for argument; do case "$argument" in *' '*) printf " '%s'" "$argument" ;; *) printf ' %s' "$argument" ;; esac; done
  printf '  (%s' "$PWD"
  for name in {SHOWN}; do eval "value=\${{$name-}}"; [ -z "$value" ] || printf ' %s=%s' "$name" "$value"; done
  echo ')'
}} >> MACHINE/calls
{does}
"#
        );
        let file = self.at("bin").join(program);
        // not through a link into the real system
        let _ = std::fs::remove_file(&file);
        std::fs::write(&file, text.replace("MACHINE", &self.folder.path().display().to_string())).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// A program with nothing of our own environment around it.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", self.at("bin"))
            .env("HOME", self.at("home/of/nobody"))
            .env("TMPDIR", self.at("tmp"))
            .env("DIGIT_DEV_CACHE", self.at("cache/not/yet/there"))
            .env("DIGIT_SHARED", self.at("shared"))
            .current_dir(self.folder.path());
        command
    }

    /// Our tasks, of the clone on this machine.
    pub(crate) fn xtask(&self, arguments: &[&str]) -> Output {
        let mut xtask = self.command(env!("CARGO_BIN_EXE_xtask"));
        xtask.args(arguments).env("CARGO_MANIFEST_DIR", self.at("clone/xtask")).output().unwrap()
    }

    /// The calls since the last time, in their order, with short names for places.
    pub(crate) fn calls(&self) -> String {
        let calls = std::fs::read_to_string(self.at("calls")).unwrap_or_default();
        let _ = std::fs::remove_file(self.at("calls"));
        self.short(&calls)
    }

    /// A text with short names for places, and the random parts of temporary names left out.
    pub(crate) fn short(&self, text: &str) -> String {
        let machine = self.folder.path().display().to_string();
        let text = text.replace(&format!("{machine}/cache/not/yet/there"), "CACHE");
        let text = text.replace(&format!("{machine}/clone"), "CLONE").replace(&machine, "MACHINE");
        let text = text.replace(&places::root().display().to_string(), "CLONE");
        // dpkg-query's format has the end of a line in it
        let text = text.replace("}\n'", "}\\n'");
        let mut parts = text.split("/.tmp");
        let mut short = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            short.push_str("/TEMPORARY");
            short.push_str(part.trim_start_matches(|c: char| c.is_ascii_alphanumeric()));
        }
        short
    }
}

/// What a program said, both ways.
pub(crate) fn said(out: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}
