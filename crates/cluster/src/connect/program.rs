//! Where a sign-in program is. A program that was started from the desktop does not see what the shell adds to `PATH`.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// Where installers put programs for shells to find, beneath the home folder.
const IN_HOME: &[&str] = &[
    ".local/bin",
    "bin",
    "google-cloud-sdk/bin",
    ".krew/bin",
    ".azure-kubelogin",
    "go/bin",
    ".cargo/bin",
    ".asdf/shims",
    ".local/share/mise/shims",
    ".nix-profile/bin",
    ".rd/bin",
    ".docker/bin",
    "scoop/shims",
    "AppData/Local/Microsoft/WinGet/Links",
    "AppData/Local/Google/Cloud SDK/google-cloud-sdk/bin",
    "AppData/Local/Programs/Azure CLI/wbin",
];

/// The same for everybody on this computer.
const FOR_ALL: &[&str] = if cfg!(windows) {
    &[
        r"C:\Program Files\Amazon\AWSCLIV2",
        r"C:\Program Files\Microsoft SDKs\Azure\CLI2\wbin",
        r"C:\Program Files (x86)\Google\Cloud SDK\google-cloud-sdk\bin",
        r"C:\ProgramData\chocolatey\bin",
    ]
} else {
    &[
        "/usr/local/bin",
        "/usr/bin",
        "/bin",
        "/opt/homebrew/bin",
        "/opt/local/bin",
        "/home/linuxbrew/.linuxbrew/bin",
        "/snap/bin",
        "/usr/lib/google-cloud-sdk/bin",
        "/usr/local/google-cloud-sdk/bin",
        "/opt/google-cloud-sdk/bin",
        "/run/current-system/sw/bin",
        "/nix/var/nix/profiles/default/bin",
    ]
};

/// A `PATH` that shells would have: ours, then the usual places.
pub(super) fn search_path(path: Option<&OsStr>, home: Option<&Path>) -> OsString {
    let own: Vec<PathBuf> = path.map(std::env::split_paths).into_iter().flatten().collect();
    let usual = home.into_iter().flat_map(|home| IN_HOME.iter().map(move |folder| home.join(folder)));
    let usual = usual.chain(FOR_ALL.iter().map(PathBuf::from));
    let more: Vec<PathBuf> = usual.filter(|folder| !own.contains(folder)).collect();
    std::env::join_paths(own.iter().chain(&more)).unwrap_or_else(|_| path.unwrap_or_default().to_owned())
}

/// The program that a command means, if it is there: a path as it is, a name where programs are. None is taken from the folder we are in.
pub(super) fn find(command: &str, path: &OsStr) -> Option<PathBuf> {
    let absolute: Vec<PathBuf> = std::env::split_paths(path).filter(|folder| folder.is_absolute()).collect();
    let path = std::env::join_paths(absolute).ok()?;
    which::which_in_global(command, Some(&path)).ok()?.next()
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn program(path: &Path, mode: u32) {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_program_is_found_where_shells_find_it() {
        let folder = tempfile::tempdir().unwrap();
        let (home, desktop) = (folder.path().join("home"), folder.path().join("desktop"));
        program(&home.join(".local/bin/digit-sign-in"), 0o755);
        program(&home.join("google-cloud-sdk/bin/digit-sign-in-too"), 0o755);
        program(&home.join("bin/digit-not-a-program"), 0o644);
        program(&desktop.join("digit-sign-in-too"), 0o755);
        let path = search_path(Some(desktop.as_os_str()), Some(&home));
        for (command, expected) in [
            ("digit-sign-in".to_owned(), Some(home.join(".local/bin/digit-sign-in"))),
            ("digit-sign-in-too".to_owned(), Some(desktop.join("digit-sign-in-too"))),
            ("digit-not-a-program".to_owned(), None),
            ("digit-no-such-program".to_owned(), None),
            (desktop.join("digit-sign-in-too").display().to_string(), Some(desktop.join("digit-sign-in-too"))),
            (desktop.join("none").display().to_string(), None),
        ] {
            assert_eq!(find(&command, &path), expected, "{command}");
        }
        assert_eq!(find("digit-sign-in", desktop.as_os_str()), None);
        assert_eq!(find("sh", OsStr::new("")), None);
    }

    #[test]
    fn our_own_path_comes_first_and_nothing_twice() {
        let path = search_path(Some(OsStr::new("/usr/local/bin:/x")), None);
        let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        assert_eq!(folders[..2], [PathBuf::from("/usr/local/bin"), PathBuf::from("/x")]);
        assert_eq!(folders.iter().filter(|folder| folder.as_path() == Path::new("/usr/local/bin")).count(), 1);
    }
}
