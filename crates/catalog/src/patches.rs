//! What DIGIT's charts and values need to be installable, as data: each patch with its id, its reason and where it acts.
//!
//! Most act in the values (see [`crate::values`]); where values cannot reach, the chart's source is changed by an edit
//! whose text must be found exactly once, so that a patch that fits no longer is an error and never silently nothing.

use std::collections::BTreeMap;

use crate::Error;

/// One patch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patch {
    /// Its id, `P1` and so on.
    pub id: &'static str,
    /// Why it is needed.
    pub reason: &'static str,
    /// Where it acts.
    pub acts: Acts,
}

/// Where a patch acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acts {
    /// In the chart's source.
    Source(&'static [Edit]),
    /// In the values.
    Values,
    /// In which services come along and in which order.
    Selection,
    /// In what the charts are told about the cluster: API versions that are added to the discovered ones.
    Capabilities(&'static [&'static str]),
    /// When objects are sent to the cluster.
    Apply,
}

/// A change of a file of the charts' folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edit {
    /// Folder of the chart.
    pub chart: &'static str,
    /// File in it.
    pub file: &'static str,
    /// Text that must be there exactly once.
    pub from: &'static str,
    /// Text that takes its place.
    pub to: &'static str,
}

/// All patches of the pinned combinations.
pub const ALL: &[Patch] = &[
    Patch {
        id: "P1",
        reason: "the file service's Ingress names the old gateway zuul, which no list has, and has no TLS",
        acts: Acts::Source(&[
            Edit {
                chart: "core-services/egov-filestore",
                file: "templates/ingress.yaml",
                from: "            name: zuul\n",
                to: "            name: gateway\n",
            },
            Edit {
                chart: "core-services/egov-filestore",
                file: "templates/ingress.yaml",
                from: "        pathType: Prefix  ",
                to: "        pathType: Prefix\n{{- if ne .Values.global.setup \"quickstart\" }}\n  tls:\n  - hosts:\n    \
                     - {{ .Values.global.domain }}\n    secretName: {{ .Values.global.domain }}-tls-certs\n{{- end }}\n",
            },
        ]),
    },
    Patch { id: "P2", reason: "DIGIT's own order is inverted, and lists name services twice", acts: Acts::Selection },
    Patch {
        id: "P3",
        reason: "the lists beside the charts do not resolve; lists of two other branches do",
        acts: Acts::Selection,
    },
    Patch {
        id: "P4",
        reason: "releases are named after their service, not release-name: Kafka's address and Secret follow",
        acts: Acts::Values,
    },
    Patch {
        id: "P5",
        reason: "cron jobs take batch/v2alpha1 unless batch/v1beta1 is served; with it they take batch/v1",
        acts: Acts::Capabilities(&["batch/v1beta1"]),
    },
    Patch {
        id: "P6",
        reason: "pods carry the time of rendering, so that each apply restarts all; they carry a hash of the settings \
                 instead",
        acts: Acts::Values,
    },
    Patch {
        id: "P7",
        reason: "ten services name a variable twice, which server-side apply refuses as it does for every list with keys; the \
                 last one counts",
        acts: Acts::Apply,
    },
    Patch {
        id: "P8",
        reason: "e-mail for certificates, bucket, region and database address are left as placeholders or are eGov's own",
        acts: Acts::Values,
    },
    Patch {
        id: "P9",
        reason: "passwords, Kafka's cluster id and the encryption keys change with each rendering unless they are given",
        acts: Acts::Values,
    },
    Patch {
        id: "P10",
        reason: "the file service's Secret holds dummy keys; it is made only from real ones",
        acts: Acts::Values,
    },
    Patch {
        id: "P11",
        reason: "definitions, settings, web entry and certificates, backbone, core and the rest go in by stages",
        acts: Acts::Selection,
    },
    Patch { id: "P12", reason: "jobs of ingress-nginx and Kibana are hooks, and run as such", acts: Acts::Apply },
    Patch {
        id: "P13",
        reason: "configuration is pulled over ssh with a key that nobody has, by an image of a frozen registry; the \
                 repositories are public and are pulled over https",
        acts: Acts::Values,
    },
    Patch {
        id: "P14",
        reason: "the modules of the folder urban go into a namespace that has no settings; they go into egov",
        acts: Acts::Values,
    },
    Patch {
        id: "P15",
        reason: "namespaces are made only as needed and by a step of their own; text messages go to the log by default",
        acts: Acts::Values,
    },
    Patch {
        id: "P16",
        reason: "the web pages take their settings from a script on eGov's bucket; they get their own",
        acts: Acts::Values,
    },
    Patch {
        id: "P17",
        reason: "an issuer without an e-mail is rendered with a null, which its schema refuses: also when Helm upgrades \
                 from the record; it is rendered with an empty text",
        acts: Acts::Source(&[
            Edit {
                chart: "backbone-services/cert-manager",
                file: "templates/clusterissuer.yaml",
                from: "email: {{ .Values.clusterIssuer.stage.acme.email }}",
                to: "email: {{ .Values.clusterIssuer.stage.acme.email | quote }}",
            },
            Edit {
                chart: "backbone-services/cert-manager",
                file: "templates/clusterissuer.yaml",
                from: "email: {{ .Values.clusterIssuer.prod.acme.email }}",
                to: "email: {{ .Values.clusterIssuer.prod.acme.email | quote }}",
            },
        ]),
    },
    Patch {
        id: "P18",
        reason: "the services' built-in database driver refuses our database, and their traces go nowhere",
        acts: Acts::Values,
    },
    Patch {
        id: "P19",
        reason: "services ask eGov's own servers, or send citizens there, where no variable names one of ours",
        acts: Acts::Values,
    },
    Patch {
        id: "P20",
        reason: "Redis keeps who is signed in, in its pod: its loss signs everybody out. It gets a disk, on which it \
                 writes down every change, and never runs twice on it",
        acts: Acts::Source(&[Edit {
            chart: "backbone-services/redis",
            file: "templates/deployment.yaml",
            from: "{{- template \"common.deployment\" . -}}",
            to: "{{- $deployment := include \"common.deployment\" . | fromYaml -}}\n\
                 {{- $_ := set $deployment.spec \"strategy\" (dict \"type\" \"Recreate\") }}\n\
                 {{ toYaml $deployment }}\n\
                 ---\n\
                 apiVersion: v1\n\
                 kind: PersistentVolumeClaim\n\
                 metadata:\n  name: redis\n  namespace: {{ .Values.namespace }}\n  labels:\n    app: redis\n\
                 spec:\n  accessModes:\n    - ReadWriteOnce\n  resources:\n    requests:\n      \
                 storage: {{ .Values.storage }}\n",
        }]),
    },
    Patch {
        id: "P21",
        reason: "with isInternal among the arguments of a sign-in egov-user gives anybody's token without a password; \
                 the web entry refuses such",
        acts: Acts::Values,
    },
];

/// The patch of an installation whose master data and configuration go along ([`Settings::data`](crate::Settings)), and
/// of no other.
pub const CARRIED: Patch = Patch {
    id: "P22",
    reason: "pods pull master data and configuration whenever they start, from a branch that drifts: a place without \
             internet has none; they are unpacked from the plan",
    acts: Acts::Values,
};

/// API versions that are added to those that the cluster serves (P5).
pub fn extra_api_versions() -> impl Iterator<Item = &'static str> {
    ALL.iter()
        .flat_map(|patch| match patch.acts {
            Acts::Capabilities(versions) => versions,
            _ => &[],
        })
        .copied()
}

/// Makes the source patches in a chart's files. `folder` is the chart's; files of dependencies are patched only in the
/// folder that they come from, and no patch needs that yet.
///
/// # Errors
/// [`Error::PatchMisfit`] if a text is not there exactly once.
pub fn apply(folder: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
    apply_all(ALL, folder, files)
}

fn apply_all(patches: &[Patch], folder: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Error> {
    for patch in patches {
        let Acts::Source(edits) = patch.acts else { continue };
        for edit in edits.iter().filter(|e| e.chart == folder) {
            let misfit = |found| Error::PatchMisfit { patch: patch.id, file: format!("{folder}/{}", edit.file), found };
            let content = files.get_mut(edit.file).ok_or_else(|| misfit(0))?;
            let text = std::str::from_utf8(content).map_err(|_| misfit(0))?;
            let found = text.matches(edit.from).count();
            if found != 1 {
                return Err(misfit(found));
            }
            *content = text.replacen(edit.from, edit.to, 1).into_bytes();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: Patch = Patch {
        id: "P0",
        reason: "",
        acts: Acts::Source(&[Edit { chart: "a/b", file: "t.yaml", from: "x\n", to: "y\n" }]),
    };

    fn patched(folder: &str, content: &str) -> Result<String, Error> {
        let mut files = BTreeMap::from([("t.yaml".to_owned(), content.as_bytes().to_vec())]);
        apply_all(&[PATCH], folder, &mut files)?;
        Ok(String::from_utf8(files.remove("t.yaml").unwrap()).unwrap())
    }

    #[test]
    fn an_edit_fits_exactly_once_or_is_an_error() {
        assert_eq!(patched("a/b", "w\nx\nz\n").unwrap(), "w\ny\nz\n");
        assert_eq!(patched("a/c", "w\n").unwrap(), "w\n");
        for (content, times) in [("w\n", 0), ("x\nx\n", 2)] {
            let Error::PatchMisfit { found, .. } = patched("a/b", content).unwrap_err() else { panic!() };
            assert_eq!(found, times);
        }
    }

    #[test]
    fn patches_are_named_once_and_in_order() {
        let ids: Vec<String> = ALL.iter().map(|p| p.id.to_owned()).collect();
        let wanted: Vec<String> = (1..=21).map(|n| format!("P{n}")).collect();
        assert_eq!(ids, wanted);
    }
}
