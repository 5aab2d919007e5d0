//! What pods do with the parts, done here with the programs that they do it with.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[path = "common/city.rs"]
mod of_city;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use catalog::data::configuration::Wanted;
use catalog::data::pack::{Packed, Repository, pack};
use catalog::data::unpack::{Carried, SCRIPT, fragment};
use catalog::source::{Entry, Tree};
use catalog::{Settings, combinations, open_data_folder, open_folder};
use of_city::city;
use tempfile::TempDir;

/// A folder of programs, and nothing else is found.
struct Programs {
    what: &'static str,
    folder: TempDir,
}

fn on_path(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// The system's own programs, and busybox's where it is; each with and without `sha256sum`.
fn programs() -> Vec<Programs> {
    let mut all = Vec::new();
    for (what, busybox, sum) in [
        ("the system's", false, true),
        ("the system's, without sha256sum", false, false),
        ("busybox's", true, true),
        ("busybox's, without sha256sum", true, false),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let busybox_at = on_path("busybox");
        if busybox && busybox_at.is_none() {
            eprintln!("no busybox on this computer: {what} programs are not tried");
            continue;
        }
        for name in ["sh", "cat", "gzip", "tar", "sha256sum"].into_iter().filter(|name| sum || *name != "sha256sum") {
            let program = if busybox { busybox_at.clone().unwrap() } else { on_path(name).unwrap() };
            symlink(program, folder.path().join(name)).unwrap();
        }
        all.push(Programs { what, folder });
    }
    all
}

/// Parts as they are mounted: a folder whose files are links into another.
fn mounted(parts: &[Vec<u8>]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("..data")).unwrap();
    for (at, part) in parts.iter().enumerate() {
        fs::write(folder.path().join(format!("..data/{at:04}")), part).unwrap();
        symlink(format!("..data/{at:04}"), folder.path().join(format!("{at:04}"))).unwrap();
    }
    folder
}

fn run(programs: &Programs, packed: &Packed, parts: &Path, root: &Path) -> Output {
    // The command as pods have it, with this computer's folders.
    let container = fragment(&Carried::from(packed), "image:1").init_container;
    let command: Vec<&str> =
        container["command"].as_array().unwrap().iter().map(|part| part.as_str().unwrap()).collect();
    let (own, folders) = command.split_at(6);
    assert_eq!((own[2], folders), (SCRIPT, ["/parts", "/work-dir"].as_slice()));
    Command::new(programs.folder.path().join(own[0]))
        .args(&own[1..])
        .args([parts, root])
        .env_clear()
        .env("PATH", programs.folder.path())
        .output()
        .unwrap()
}

/// All files below a folder, by their paths in it.
fn files(folder: &Path, below: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        let about = fs::symlink_metadata(entry.path()).unwrap();
        if about.is_dir() {
            assert_eq!(about.permissions().mode() & 0o555, 0o555, "{path}");
            files(&entry.path(), &format!("{path}/"), found);
        } else {
            assert!(about.is_file(), "{path}");
            assert_eq!(about.permissions().mode() & 0o777, 0o644, "{path}");
            found.insert(path, fs::read(entry.path()).unwrap());
        }
    }
}

fn parts(packed: &Packed) -> Vec<Vec<u8>> {
    packed.parts.iter().map(|part| part.content.clone()).collect()
}

fn holds(root: &Path, repository: Repository, wanted: &Tree, what: &str) {
    let mut names: Vec<String> =
        fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_by_key(String::len);
    assert_eq!(names.len(), 2, "{what}: {names:?}");
    // As git-sync leaves it: a link beside the folder that it leads to.
    let link = root.join(repository.folder());
    let target = fs::read_link(&link).unwrap();
    assert_eq!((target.components().count(), target.to_str().unwrap().len()), (1, 40), "{what}");
    let mut found = BTreeMap::new();
    files(&link, "", &mut found);
    let wanted: BTreeMap<String, Vec<u8>> = wanted.iter().map(|(path, e)| (path.clone(), e.content.clone())).collect();
    assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{what}");
    assert!(found == wanted, "{what}: other bytes");
}

/// Files that make several parts, with long paths and every byte.
fn large() -> Tree {
    let mut state = 1u64;
    let mut noise = |size: usize| -> Vec<u8> {
        (0..size)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect()
    };
    let long = format!("data/{}/{}.json", "folder-of-a-long-name".repeat(5), "file".repeat(30));
    let all = [("data/a".to_owned(), noise(900_000)), (long, noise(700_000)), ("empty".to_owned(), Vec::new())];
    all.into_iter().map(|(path, content)| (path, Entry { content, executable: false })).collect()
}

#[test]
fn the_pinned_data_come_out_as_they_went_in() {
    let digit = common::digit();
    let bundle = open_folder(&combinations::URBAN, &digit).unwrap();
    let modules: Vec<String> = bundle.list().modules().map(|m| m.name.clone()).collect();
    let selection = bundle.select(&modules, Settings::in_cluster(None, String::new()).brings()).unwrap();
    let data = open_data_folder(&combinations::URBAN, &digit).unwrap().unwrap();
    let packed = bundle.pack(&selection, &data, &city()).unwrap();
    let mut wanted = Wanted::new();
    for reader in bundle.readers(&selection).unwrap() {
        wanted.extend(reader.files.into_iter().map(|file| (file, [reader.service.clone()].into())));
    }
    let masters = data.masters.for_city(&city()).unwrap().into_tree();
    let configuration = data.configuration.take(&wanted).unwrap();
    for programs in programs() {
        for (packed, files) in packed.iter().zip([&masters, &configuration]) {
            let (mounted, root) = (mounted(&parts(packed)), tempfile::tempdir().unwrap());
            let output = run(&programs, packed, mounted.path(), root.path());
            assert!(output.status.success(), "{}: {output:?}", programs.what);
            holds(root.path(), packed.repository, files, programs.what);
            assert!(root.path().join(packed.repository.folder()).join(first(packed.repository)).exists());
        }
    }
}

fn first(repository: Repository) -> &'static str {
    match repository {
        Repository::Masters => "data/pg/tenant/tenants.json",
        Repository::Configuration => "egov-persister/pgr-services-persister.yml",
    }
}

#[test]
fn several_parts_are_put_together_and_a_second_try_finds_what_a_first_one_left() {
    let files = large();
    let packed = pack(Repository::Configuration, &files).unwrap();
    assert_eq!(packed.parts.len(), 3);
    for programs in programs() {
        let (mounted, root) = (mounted(&parts(&packed)), tempfile::tempdir().unwrap());
        for again in 0..3 {
            let output = run(&programs, &packed, mounted.path(), root.path());
            assert!(output.status.success(), "{} {again}: {output:?}", programs.what);
            holds(root.path(), packed.repository, &files, programs.what);
            // A pod that was stopped in the middle: half a file, and later no link.
            let link = root.path().join("configs");
            fs::write(link.join("data/a"), b"half").unwrap();
            if again == 1 {
                fs::remove_file(link).unwrap();
            }
        }
    }
}

#[test]
fn parts_that_are_not_what_was_packed_end_the_container_before_anything_is_there() {
    type Damage = fn(&mut Vec<Vec<u8>>);
    let packed = pack(Repository::Masters, &large()).unwrap();
    let damages: [(&str, Damage); 5] = [
        ("a bit turned", |parts| parts[1][350_000] ^= 1),
        ("two parts changed over", |parts| parts.swap(0, 1)),
        ("the last part gone", |parts| drop(parts.pop())),
        ("the last byte gone", |parts| assert!(parts[2].pop().is_some())),
        ("nothing in it", |parts| parts.iter_mut().for_each(Vec::clear)),
    ];
    for programs in programs() {
        for (what, damage) in damages {
            let mut parts = parts(&packed);
            damage(&mut parts);
            let (mounted, root) = (mounted(&parts), tempfile::tempdir().unwrap());
            let output = run(&programs, &packed, mounted.path(), root.path());
            assert!(!output.status.success(), "{}, {what}", programs.what);
            assert!(!root.path().join("egov-mdms-data").exists(), "{}, {what}", programs.what);
            assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0, "{}, {what}: {output:?}", programs.what);
            assert!(!output.stderr.is_empty(), "{}, {what}", programs.what);
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_ends_the_container() {
    let packed = pack(Repository::Masters, &large()).unwrap();
    for programs in programs() {
        let (mounted, root) = (mounted(&parts(&packed)), tempfile::tempdir().unwrap());
        let output = run(&programs, &packed, mounted.path(), &root.path().join("not-there"));
        assert!(!output.status.success() && !output.stderr.is_empty(), "{}", programs.what);
    }
}
