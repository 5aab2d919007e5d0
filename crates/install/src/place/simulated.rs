//! The cluster of a rehearsal: made by the run as others are, and kept in the installation's folder.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cluster::Cluster;
use cluster::pretend::{self, Pretend};
use engine::Clock;

use super::found::{Place, facts};
use super::maker::{Maker, TellMaking};
use crate::error::Error;
use crate::home::Folder;
use crate::plan::ClusterFacts;
use crate::surroundings::Surroundings;

/// What a simulated cluster calls its address.
const SIMULATED: &str = "https://simulated.invalid";

/// How long the last requests of a run that has just ended may hold its simulated cluster.
const LAST_REQUESTS: Duration = Duration::from_secs(2);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// What is waited for while it is made: the server, then each machine. Played, so that a rehearsal shows what a cloud makes one
/// wait for.
const PARTS: u32 = 4;
const EACH_TAKES: Duration = Duration::from_millis(300);

/// A simulated cluster that is kept in a folder, or only in memory.
pub(super) struct Simulated {
    folder: Option<Folder>,
    clock: Arc<dyn Clock>,
    speed: f64,
}

impl Simulated {
    pub(super) fn new(folder: Option<&Folder>, around: &Surroundings) -> Self {
        Simulated { folder: folder.cloned(), clock: around.clock.clone(), speed: around.rehearsal_speed }
    }

    /// Where it is kept when it is whole.
    fn file(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("pretend.jsonl"))
    }

    /// Where it is kept while it is being made.
    fn half_made(&self) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join("pretend-being-made.jsonl"))
    }

    fn setup(&self, path: Option<PathBuf>) -> pretend::Setup {
        let clock = self.clock.clone();
        pretend::Setup {
            clock: Arc::new(move || clock.now()),
            pace: pretend::Pace { speed: self.speed, ..pretend::Pace::default() },
            // Nothing in a rehearsal is anybody's secret, so its key need not be one either.
            place: path.map(|path| pretend::Place { path, key: Some(Box::new([0x2a; 32]).into()) }),
            ..pretend::Setup::default()
        }
    }

    async fn open(&self, path: Option<PathBuf>) -> Result<Pretend, Error> {
        let began = tokio::time::Instant::now();
        loop {
            match Pretend::new(self.setup(path.clone())) {
                Err(why) if why.kind() == ErrorKind::ResourceBusy && began.elapsed() < LAST_REQUESTS => {
                    tokio::time::sleep(BETWEEN_TRIES).await;
                }
                Err(source) => return Err(Error::File { path: path.unwrap_or_default(), source }),
                Ok(pretend) => return Ok(pretend),
            }
        }
    }
}

fn place(pretend: &Pretend) -> Place {
    Place::simulated(Cluster::new(pretend.client(), SIMULATED.to_owned()))
}

/// Whether something was there to be removed.
fn remove(path: &Path) -> Result<bool, Error> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::File { path: path.to_owned(), source }),
    }
}

#[async_trait]
impl Maker for Simulated {
    async fn promised(&self) -> Result<ClusterFacts, Error> {
        // This program serves it itself, so one that is made for a moment tells what it will be.
        Ok(facts(&self.alike().await?).await?.without_uid())
    }

    async fn alike(&self) -> Result<Place, Error> {
        Ok(place(&self.open(None).await?))
    }

    async fn find(&self) -> Result<Option<Place>, Error> {
        match self.file() {
            Some(path) if path.is_file() => Ok(Some(place(&self.open(Some(path)).await?))),
            _ => Ok(None),
        }
    }

    async fn make(&self, tell: TellMaking<'_>) -> Result<Place, Error> {
        if let Some(place) = self.find().await? {
            return Ok(place);
        }
        for done in 0..PARTS {
            tell(done, PARTS);
            self.clock.sleep(EACH_TAKES.div_f64(self.speed.max(f64::MIN_POSITIVE))).await;
        }
        let (Some(folder), Some(half), Some(whole)) = (&self.folder, self.half_made(), self.file()) else {
            return self.alike().await;
        };
        folder.make()?;
        // Half a cluster must not be found: it is made beside its place and takes it when it is whole.
        remove(&half)?;
        drop(self.open(Some(half.clone())).await?);
        remove(&half.with_extension("lock"))?;
        std::fs::rename(&half, &whole).map_err(|source| Error::File { path: whole.clone(), source })?;
        Ok(place(&self.open(Some(whole)).await?))
    }

    async fn unmake(&self) -> Result<bool, Error> {
        let mut was_there = false;
        for path in [self.half_made(), self.file()].into_iter().flatten() {
            was_there |= remove(&path)?;
            remove(&path.with_extension("lock"))?;
        }
        Ok(was_there)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::home::Home;

    fn simulated(folder: &Path) -> Simulated {
        let folder = Home::at(folder).folder("practice", true);
        Simulated { folder: Some(folder), clock: Arc::new(engine::SystemClock), speed: 10_000.0 }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_left_half_made_is_no_cluster_and_is_made_anew_and_taken_away() {
        let folder = tempfile::tempdir().unwrap();
        let it = simulated(folder.path());
        assert!(it.find().await.unwrap().is_none() && !it.unmake().await.unwrap(), "a folder that does not exist yet");

        let half = it.half_made().unwrap();
        std::fs::create_dir_all(half.parent().unwrap()).unwrap();
        std::fs::write(&half, "cut off in the mid").unwrap();
        assert!(it.find().await.unwrap().is_none());
        let made = it.make(&|_, _| {}).await.unwrap();
        let uid = made.uid().await.unwrap();
        let nodes = async |place: &Place| place.cluster.overview().await.unwrap().nodes.len();
        assert_eq!(nodes(&made).await, 3);
        assert!(!half.exists());

        // Done twice it is done once, and what finds it later finds the same.
        for again in [it.make(&|_, _| {}).await.unwrap(), it.find().await.unwrap().unwrap()] {
            assert_eq!((again.uid().await.unwrap(), nodes(&again).await), (uid.clone(), 3));
        }
        drop(made);
        std::fs::write(&half, "x").unwrap();
        assert!(it.unmake().await.unwrap() && !it.unmake().await.unwrap());
        assert!(it.find().await.unwrap().is_none() && !half.exists());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_promised_is_what_is_made() {
        let folder = tempfile::tempdir().unwrap();
        let it = simulated(folder.path());
        let promised = it.promised().await.unwrap();
        let made = facts(&it.make(&|_, _| {}).await.unwrap()).await.unwrap();
        assert!(promised.uid.is_empty() && promised.promised && !made.uid.is_empty());
        assert_eq!((promised.version, promised.api_versions), (made.version, made.api_versions));
    }
}
