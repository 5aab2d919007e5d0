//! An installer whose clusters are pretend ones: everything above the wire is what people run.
#![allow(dead_code, reason = "each test uses what it needs")]

use std::path::Path;
use std::sync::Arc;

use cluster::Pretend;
use cluster::pretend::{Pace, Setup};
use install::answers::Answers;
use install::{Installer, Surroundings};

/// What is brought along to a cluster that only exists in this process. Must be called inside a tokio runtime.
pub(crate) fn around(folder: &Path, cluster: &Pretend) -> Surroundings {
    let cluster = cluster.cluster();
    Surroundings {
        home: folder.join("home"),
        cache: folder.join("cache"),
        clock: Arc::new(engine::SystemClock),
        passphrase: Some("correct horse".into()),
        reach: Arc::new(move |_| {
            let cluster = cluster.clone();
            Box::pin(async move { Ok(cluster) })
        }),
        rehearsal_speed: 1000.0,
    }
}

/// A cluster in which everything goes a thousand times as fast.
pub(crate) fn quick() -> Pretend {
    Pretend::new(Setup { pace: Pace { speed: 1000.0, ..Pace::default() }, ..Setup::default() }).unwrap()
}

/// An installer for it.
pub(crate) fn installer(folder: &Path, cluster: &Pretend) -> Arc<Installer> {
    Installer::new(around(folder, cluster))
}

/// The practice product, for a cluster that exists.
pub(crate) fn for_real() -> Answers {
    let text = "name: practice\n\
                target: {kind: cluster, context: pretend}\n\
                product: {name: practice, version: v1, modules: [m_requests]}\n\
                city: {state: Springfield State, name: Springfield}\n";
    Answers::read(text, Path::new(".")).unwrap()
}
