//! The lock between two processes, one of which dies.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use engine::{Error, Holder, Lock};
use jiff::Timestamp;

/// Set in the second process: the lock it is to hold.
const HOLD: &str = "LOCK_TEST_HOLD";

fn main() {
    match std::env::var_os(HOLD) {
        Some(path) => hold(Path::new(&path)),
        None => a_process_that_is_killed_gives_the_lock_back(),
    }
}

#[allow(clippy::print_stdout)]
fn hold(path: &Path) {
    let _lock = Lock::acquire(path, &Holder::this_process(Timestamp::now())).unwrap();
    println!("held");
    std::thread::sleep(Duration::from_secs(600));
}

fn a_process_that_is_killed_gives_the_lock_back() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("lock");
    let me = std::env::current_exe().unwrap();
    let mut other = Command::new(me).env(HOLD, &path).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = String::new();
    BufReader::new(other.stdout.take().unwrap()).read_line(&mut said).unwrap();
    assert_eq!(said, "held\n");

    assert_eq!(Lock::holder(&path).unwrap().unwrap().pid, other.id());
    let mine = Holder::this_process(Timestamp::now());
    match Lock::acquire(&path, &mine) {
        Err(Error::Held { holder: Some(holder) }) => {
            assert_eq!((holder.pid, &holder.host), (other.id(), &mine.host));
        }
        result => panic!("{result:?}"),
    }

    other.kill().unwrap();
    other.wait().unwrap();
    // Some systems need a moment to take back what a dead process held.
    let began = Instant::now();
    while Lock::holder(&path).unwrap().is_some() {
        assert!(began.elapsed() < Duration::from_secs(10), "still held");
        std::thread::sleep(Duration::from_millis(20));
    }
    let _lock = Lock::acquire(&path, &mine).unwrap();
    assert_eq!(Lock::holder(&path).unwrap(), Some(mine));
}
