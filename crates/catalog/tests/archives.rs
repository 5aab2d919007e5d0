//! Archives that are not what they should be, and the folder that somebody unpacked.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a failure")]

mod common;
#[path = "common/small.rs"]
mod small;

use std::fs;
use std::path::Path;

use catalog::combinations::Pin;
use catalog::source::{Limits, archive, read_folder};
use catalog::{Error, combinations, open_folder};
use tar::EntryType;

fn read(bytes: &[u8]) -> Result<usize, Error> {
    let wanted: Vec<&str> = small::pins().iter().map(|p| p.path).collect();
    archive::read_from(bytes, Path::new("x.tar.gz"), small::NAME, &wanted, Limits::default()).map(|t| t.len())
}

fn refused(bytes: &[u8]) -> (&'static str, &'static str) {
    match read(bytes).unwrap_err() {
        Error::ArchivePath { reason, .. } => ("archive-path", reason),
        other => (other.code(), ""),
    }
}

#[test]
fn a_good_archive_is_read_and_verified() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(format!("{}.tar.gz", small::NAME)), small::archive()).unwrap();
    let read = read_folder(folder.path(), &small::pins(), Limits::default()).unwrap();
    let archive = folder.path().join(format!("{}.tar.gz", small::NAME));
    assert_eq!(read, read_folder(&archive, &small::pins(), Limits::default()).unwrap(), "the archive itself, named");
    assert_eq!(read[0].keys().collect::<Vec<_>>(), ["a/Chart.yaml", "a/values.yaml", "b.txt"]);
    assert_eq!(read[1].keys().collect::<Vec<_>>(), ["lists/list.yaml"]);
}

#[test]
fn an_archive_cut_anywhere_is_refused() {
    let whole = small::archive();
    let cuts = (0..200).chain((200..whole.len()).step_by(997)).chain(whole.len() - 40..whole.len());
    for cut in cuts {
        let code = read(&whole[..cut]).unwrap_err().code();
        assert_eq!(code, "archive-truncated", "cut at {cut} of {}", whole.len());
    }
}

#[test]
fn an_archive_with_any_byte_turned_is_refused() {
    let whole = small::archive();
    // Behind the ten bytes of gzip's header, of which some mean nothing.
    for at in (10..whole.len()).step_by(701) {
        let mut turned = whole.clone();
        turned[at] ^= 0x10;
        assert!(read(&turned).is_err(), "byte {at}");
    }
    assert_eq!(refused(b"this is no archive at all, but a page that says so").0, "archive-damaged");
}

#[test]
fn paths_that_leave_the_folder_are_refused_wherever_they_stand() {
    let of = |path: &str| refused(&small::archive_with(&[small::entry(path, EntryType::Regular, "", b"x")]));
    for path in ["../x", "a/../../x", &format!("{}/charts/../../../x", small::NAME), "a\\..\\x"] {
        assert_eq!(of(path), ("archive-path", "climbs"), "{path}");
    }
    for path in ["/etc/passwd", "\\x", "C:\\x", "c:/x"] {
        assert_eq!(of(path), ("archive-path", "absolute"), "{path}");
    }
}

#[test]
fn links_and_devices_among_the_charts_are_refused() {
    let inside = format!("{}/charts/link", small::NAME);
    for (kind, target, reason) in [
        (EntryType::Symlink, "../../../etc/passwd", "link"),
        (EntryType::Symlink, "a", "link"),
        (EntryType::Link, "/etc/passwd", "link"),
        (EntryType::Char, "", "kind"),
        (EntryType::Fifo, "", "kind"),
    ] {
        let bytes = small::archive_with(&[small::entry(&inside, kind, target, b"")]);
        assert_eq!(refused(&bytes), ("archive-path", reason), "{kind:?}");
    }
    // Beside them they are never read.
    let beside = small::entry(&format!("{}/docs/link", small::NAME), EntryType::Symlink, "/etc/passwd", b"");
    assert_eq!(read(&small::archive_with(&[beside])).unwrap(), 4);
}

#[test]
fn a_file_that_is_there_twice_is_refused() {
    let again = small::entry(&format!("{}/charts/b.txt", small::NAME), EntryType::Regular, "", b"other");
    assert_eq!(refused(&small::archive_with(&[again])), ("archive-path", "twice"));
}

/// Two gigabytes of zeros in a few hundred kilobytes: the same gzip member 32 times.
fn bomb() -> Vec<u8> {
    let size: u64 = 2 << 30;
    let mut header = tar::Header::new_gnu();
    header.set_path(format!("{}/beside/bomb", small::NAME)).unwrap();
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    let mut bytes = small::gz(header.as_bytes());
    let member = small::gz(&vec![0; 64 << 20]);
    for _ in 0..32 {
        bytes.extend_from_slice(&member);
    }
    bytes
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    let bomb = bomb();
    assert!(bomb.len() < 12 << 20, "{}", bomb.len());
    let limits = Limits { unpacked: 32 << 20, ..Limits::default() };
    let error = archive::read_from(&bomb[..], Path::new("x"), small::NAME, &["charts"], limits).unwrap_err();
    assert!(matches!(error, Error::ArchiveTooLarge { limit, .. } if limit == 32 << 20), "{error}");
    // Among the charts its own size gives it away, whatever may be unpacked.
    let error = archive::read_from(&bomb[..], Path::new("x"), small::NAME, &["beside"], Limits::default()).unwrap_err();
    assert!(matches!(error, Error::ArchiveTooLarge { limit, .. } if limit == Limits::default().kept), "{error}");
}

#[test]
fn too_many_entries_are_refused() {
    let limits = Limits { entries: 3, ..Limits::default() };
    let error =
        archive::read_from(&small::archive()[..], Path::new("x"), small::NAME, &["charts"], limits).unwrap_err();
    assert_eq!(error.code(), "archive-too-large");
}

#[test]
fn what_is_not_pinned_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let put = |bytes: Vec<u8>| fs::write(folder.path().join(format!("{}.tar.gz", small::NAME)), bytes).unwrap();
    let code = |pins: &[Pin]| read_folder(folder.path(), pins, Limits::default()).unwrap_err().code();
    assert_eq!(code(&small::pins()), "source-missing");
    let more = small::entry(&format!("{}/charts/c.txt", small::NAME), EntryType::Regular, "", b"c");
    put(small::archive_with(&[more]));
    assert_eq!(code(&small::pins()), "wrong-hash");
    put(small::archive());
    let [mut tree, mut blob] = small::pins();
    tree.path = "nowhere";
    assert_eq!(code(&[tree]), "source-path-missing");
    blob.id = tree.id;
    assert_eq!(code(&[blob]), "wrong-hash");
    // Content with the pinned SHA-1 and another SHA-256 was forged.
    for mut forged in small::pins() {
        forged.sha256 = "849be89057d162d28be3d46a2772eebc1050b28550797ac6f60d72b17c42ca10";
        let Error::WrongHash { wanted, found, .. } =
            read_folder(folder.path(), &[forged], Limits::default()).unwrap_err()
        else {
            panic!()
        };
        assert_eq!((wanted.as_str(), found.len()), (forged.sha256, 64));
    }
}

#[test]
fn an_unpacked_folder_is_as_good_and_a_changed_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "DIGIT-DevOps-747949622b814c31cc04eb00b98ab52d1bb8e2f8",
        "DIGIT-DevOps-1fcdd5ce90447cb5f826c70b6afbecaf6d3c2186",
    ] {
        let file = fs::File::open(common::digit().join(format!("{name}.tar.gz"))).unwrap();
        tar::Archive::new(flate2::read::GzDecoder::new(file)).unpack(folder.path()).unwrap();
    }
    let from_folder = open_folder(&combinations::DIGIT, folder.path()).unwrap();
    let from_archive = open_folder(&combinations::DIGIT, &common::digit()).unwrap();
    assert_eq!(from_folder.chart("egov-user").unwrap(), from_archive.chart("egov-user").unwrap());
    // URBAN's list is not in it.
    let missing = open_folder(&combinations::URBAN, folder.path()).unwrap_err();
    assert!(
        matches!(missing, Error::SourceMissing { name, .. } if name.ends_with("d07352fa0b4cfeb672dbc62cbf18d07fa6590f2a"))
    );
    let charts = folder.path().join("DIGIT-DevOps-747949622b814c31cc04eb00b98ab52d1bb8e2f8/deploy-as-code/helm/charts");
    fs::write(charts.join("common/values.yaml"), "x: y\n").unwrap();
    assert_eq!(open_folder(&combinations::DIGIT, folder.path()).unwrap_err().code(), "wrong-hash");
}
