//! How pods come to the files, in git-sync's place: the parts mounted, a container that comes first and unpacks them, and
//! the folder that it unpacks to, where git-sync put it. Pure.

use serde_json::{Value, json};

use super::pack::{KEY, Packed, Repository, USER};

/// The folder in which git-sync puts a repository, and charts look for it.
pub const ROOT: &str = "/work-dir";
/// Where the parts are mounted.
const PARTS: &str = "/parts";
/// The volume of [`ROOT`], called as git-sync's is.
const WORKDIR: &str = "workdir";

/// Takes hash, name of the link, folder of the parts and [`ROOT`]. Nothing is written but below the last. The link comes
/// last out of the archive: if it is there, all of it is.
pub const SCRIPT: &str = r#"set -eu
if command -v sha256sum >/dev/null 2>&1; then
  sum=$(cat "$3"/* | sha256sum)
  if [ "${sum%% *}" != "$1" ]; then echo "the parts have the SHA-256 ${sum%% *}, not $1" >&2; exit 1; fi
else
  cat "$3"/* | gzip -d >/dev/null
fi
cat "$3"/* | gzip -d | tar -xof - -C "$4"
if [ ! -d "$4/$2/." ]; then echo "$4/$2 is not there" >&2; exit 1; fi
"#;

/// What pods must know of files that were packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// Of which repository.
    pub repository: Repository,
    /// SHA-256 of all parts together, in hex digits.
    pub sha256: String,
    /// Names of the ConfigMaps, in their order.
    pub parts: Vec<String>,
    /// Bytes that the files need on a disk.
    pub unpacked: u64,
}

impl From<&Packed> for Carried {
    fn from(packed: &Packed) -> Self {
        Self {
            repository: packed.repository,
            sha256: packed.sha256.clone(),
            parts: packed.parts.iter().map(|part| part.name.clone()).collect(),
            unpacked: packed.unpacked,
        }
    }
}

/// How an installation's pods unpack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unpacking {
    /// An image with `sh`, `cat`, `gzip` and `tar`, and best with `sha256sum`.
    pub image: String,
    /// What there is to unpack. A service that reads a repository which is not here goes on pulling it.
    pub carried: Vec<Carried>,
}

impl Unpacking {
    /// What there is of a repository.
    #[must_use]
    pub fn of(&self, repository: Repository) -> Option<&Carried> {
        self.carried.iter().find(|carried| carried.repository == repository)
    }
}

/// What a pod's specification gets.
#[derive(Debug, Clone, PartialEq)]
pub struct Fragment {
    /// The container that comes first.
    pub init_container: Value,
    /// The folder that is unpacked to, and the parts.
    pub volumes: Vec<Value>,
    /// Where the service's own container sees the folder.
    pub mount: Value,
    /// The group that volumes belong to.
    pub fs_group: u32,
}

/// The fragment for one repository.
#[must_use]
pub fn fragment(carried: &Carried, image: &str) -> Fragment {
    // Names that sort as the parts do, however many there are.
    let source = |(at, name): (usize, &String)| json!({"configMap": {"name": name, "items": [{"key": KEY, "path": format!("{at:04}")}]}});
    let sources: Vec<Value> = carried.parts.iter().enumerate().map(source).collect();
    let mount = json!({"name": WORKDIR, "mountPath": ROOT});
    Fragment {
        init_container: json!({
            "name": format!("unpack-{}", carried.repository.folder()),
            "image": image,
            "imagePullPolicy": "IfNotPresent",
            "command": ["sh", "-c", SCRIPT, "unpack", carried.sha256, carried.repository.folder(), PARTS, ROOT],
            "securityContext": {
                "runAsUser": USER,
                "runAsGroup": USER,
                "runAsNonRoot": true,
                "allowPrivilegeEscalation": false,
                "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]},
            },
            "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}},
            "volumeMounts": [mount, {"name": "parts", "mountPath": PARTS, "readOnly": true}],
        }),
        volumes: vec![
            json!({"name": WORKDIR, "emptyDir": {"sizeLimit": format!("{}Mi", size_limit(carried.unpacked))}}),
            json!({"name": "parts", "projected": {"defaultMode": 0o444, "sources": sources}}),
        ],
        mount,
        fs_group: USER,
    }
}

/// MiB that the folder may have: a pod that goes over is thrown out, so twice what is needed.
fn size_limit(unpacked: u64) -> u64 {
    (unpacked * 2).div_ceil(1 << 20).max(8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(parts: usize) -> Carried {
        let name = |at| format!("configs-0123456789abcdef-{at}");
        Carried {
            repository: Repository::Configuration,
            sha256: "0".repeat(64),
            parts: (0..parts).map(name).collect(),
            unpacked: 5 << 20,
        }
    }

    #[test]
    fn a_pod_gets_folder_parts_and_a_careful_container() {
        let Fragment { init_container, volumes, mount, fs_group } = fragment(&carried(2), "image:1");
        assert_eq!(mount, json!({"name": "workdir", "mountPath": "/work-dir"}));
        assert_eq!(fs_group, 65533);
        assert_eq!(volumes[0], json!({"name": "workdir", "emptyDir": {"sizeLimit": "10Mi"}}));
        let sources = &volumes[1]["projected"]["sources"];
        assert_eq!(sources[1]["configMap"]["name"], "configs-0123456789abcdef-1");
        assert_eq!(sources[1]["configMap"]["items"], json!([{"key": "part", "path": "0001"}]));
        assert_eq!(init_container["name"], "unpack-configs");
        assert_eq!(init_container["image"], "image:1");
        assert_eq!(init_container["securityContext"]["runAsUser"], 65533);
        assert_eq!(init_container["securityContext"]["readOnlyRootFilesystem"], true);
        assert_eq!(init_container["volumeMounts"][0], mount);
        // Charts put it through their templates.
        assert!(!init_container.to_string().contains("{{"));
    }

    #[test]
    fn parts_come_in_their_order_however_many_there_are() {
        let fragment = fragment(&carried(120), "image:1");
        let paths: Vec<&str> = fragment.volumes[1]["projected"]["sources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|source| source["configMap"]["items"][0]["path"].as_str().unwrap())
            .collect();
        assert!(paths.is_sorted());
        assert_eq!((paths.len(), size_limit(1)), (120, 8));
    }
}
