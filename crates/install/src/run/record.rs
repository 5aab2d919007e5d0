//! The record that an installation keeps of itself in its cluster: about, answers, plan, journal and secrets, each a
//! Secret of the namespace `digit-installer`. Any computer with access to the cluster can go on from it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};
use std::time::Duration;

use cluster::Cluster;
use cluster::lease::Lease;
use cluster::remove::{RemovalPlan, Removing, Stage};
use engine::{Clock, Event, Holder};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Digest as _;
use tokio::sync::Mutex;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::answers::{Answers, Target};
use crate::error::Error;
use crate::home::{Folder, Home, RecoveryKit, Secrets};
use crate::place::{Place, recorded};
use crate::plan::Plan;
use crate::surroundings::Surroundings;

/// What happened is written to the cluster at most this often, and once more at the end.
const EVERY: Duration = Duration::from_secs(5);

/// Keeps the record of one run true. Clones keep the same.
#[derive(Clone)]
pub(crate) struct Recorder {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    /// What this home is called as holder of a lease.
    holder: String,
    clock: Arc<dyn Clock>,
    /// The cluster that keeps it; until there is one, what happens is kept on this computer alone.
    bound: OnceLock<Bound>,
    journal: PathBuf,
    folder: Folder,
    keeps: Keeps,
    news: AtomicBool,
    /// Whether it was taken away, so that nothing is written any more.
    is_deleted: AtomicBool,
    /// One save at a time. Holds the digest of the secrets that were encrypted last: encrypted again they look otherwise.
    saving: Mutex<Option<[u8; 32]>>,
    over: CancellationToken,
    /// The run's: nothing is begun after it.
    stop: CancellationToken,
    /// Who has taken the installation over, while this computer slept or could not reach the cluster; empty: its lease is gone.
    taken_over: OnceLock<String>,
    /// Why the record could not be saved when it was tried last.
    unsaved: std::sync::Mutex<Option<cluster::Error>>,
}

/// The cluster that keeps a record, and the lease on it.
struct Bound {
    cluster: Cluster,
    lease: Arc<Lease>,
}

/// What of an installation a run writes to its record.
pub(crate) enum Keeps {
    /// All parts.
    Everything {
        /// Its secrets.
        secrets: Secrets,
        /// Whether they are encrypted.
        is_sealed: bool,
    },
    /// The journal: nothing else changes in a removal, and what this computer cannot read spoils nothing there.
    WhatHappened,
}

impl Recorder {
    /// A recorder that has written nothing yet, nor knows a cluster to write to. `home` is what tells this home from every other
    /// one. `stop` is the run's: nothing is begun after it, and it is set when another computer takes the installation over.
    pub(crate) fn new(
        folder: &Folder,
        home: &str,
        clock: Arc<dyn Clock>,
        keeps: Keeps,
        stop: CancellationToken,
    ) -> Self {
        // The lock keeps processes of this home apart, so the lease need not: one that was killed is no other computer.
        let host = Holder::this_process(clock.now()).host;
        Recorder {
            inner: Arc::new(Inner {
                name: folder.name().to_owned(),
                holder: format!("{host}/{home}"),
                clock,
                bound: OnceLock::new(),
                journal: folder.join("journal.jsonl"),
                folder: folder.clone(),
                keeps,
                news: AtomicBool::new(false),
                is_deleted: AtomicBool::new(false),
                saving: Mutex::default(),
                over: CancellationToken::new(),
                stop,
                taken_over: OnceLock::new(),
                unsaved: std::sync::Mutex::default(),
            }),
        }
    }

    /// Ends the keeping of lease and record when it is dropped.
    pub(crate) fn guard(&self) -> DropGuard {
        self.inner.over.clone().drop_guard()
    }

    /// From now on the record is in this cluster too: takes the lease, or says who has it, and keeps it and the record true until
    /// the run is over. `through` says how long trouble is waited out here. The second time nothing more is done.
    pub(crate) async fn bind(&self, place: &Place, through: &Cluster) -> Result<(), cluster::Error> {
        let inner = &self.inner;
        if inner.bound.get().is_some() {
            return Ok(());
        }
        through.ensure_record_namespace().await?;
        let cluster = place.cluster.with_patience(cluster::Patience::Endless).with_stop(inner.stop.clone());
        let time = inner.clock.clone();
        let lease = Arc::new(Lease::new(&cluster, &inner.name, &inner.holder, Arc::new(move || time.now())));
        lease.acquire_through(through, &mut |_, _| {}).await?;
        // Steps of a run bind one after the other, so nobody else was quicker.
        let _ = inner.bound.set(Bound { cluster, lease: lease.clone() });
        // Beside the saving, which may take long: whoever does not renew in time is taken for dead.
        let this = self.clone();
        tokio::spawn(async move {
            let inner = &this.inner;
            tokio::select! {
                end = lease.keep() => if let cluster::Error::LeaseLost { holder } = end {
                    let _ = inner.taken_over.set(holder);
                    inner.stop.cancel();
                },
                () = inner.over.cancelled() => {}
            }
        });
        let this = self.clone();
        tokio::spawn(async move {
            let inner = &this.inner;
            loop {
                tokio::select! {
                    () = tokio::time::sleep(EVERY) => {}
                    () = inner.over.cancelled() => return,
                }
                if inner.news.swap(false, Ordering::Relaxed)
                    && !inner.over.is_cancelled()
                    && let Err(error) = this.save().await
                {
                    tracing::warn!(%error, "the record could not be saved");
                    // Not lost: it is written with the next news, or at the end.
                    inner.news.store(true, Ordering::Relaxed);
                }
            }
        });
        Ok(())
    }

    /// Whether anything may be written just now: not while another computer may have taken over without our knowing.
    pub(crate) fn permit(&self) -> cluster::Permit {
        let inner = self.inner.clone();
        Arc::new(move || inner.bound.get().is_some_and(|bound| bound.lease.is_certain()))
    }

    /// The computer that has taken the installation over, if one has. The record is its own from then on.
    pub(crate) fn taken_over(&self) -> Option<&str> {
        self.inner.taken_over.get().map(String::as_str)
    }

    /// That something happened which the record should hold.
    pub(crate) fn note(&self, event: &Event) {
        if event.what.is_durable() {
            self.inner.news.store(true, Ordering::Relaxed);
        }
    }

    /// Writes all parts that differ, once there is a cluster to keep them.
    pub(crate) async fn save(&self) -> Result<(), cluster::Error> {
        match self.inner.bound.get() {
            Some(bound) => self.save_through(&bound.cluster).await,
            None => Ok(()),
        }
    }

    async fn save_through(&self, cluster: &Cluster) -> Result<(), cluster::Error> {
        let outcome = self.write_through(cluster).await;
        *self.inner.unsaved.lock().unwrap_or_else(PoisonError::into_inner) = outcome.clone().err();
        outcome
    }

    /// Why the cluster does not hold what happened last, if it does not.
    pub(crate) fn unsaved(&self) -> Option<cluster::Error> {
        self.inner.unsaved.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn write_through(&self, cluster: &Cluster) -> Result<(), cluster::Error> {
        let inner = &self.inner;
        let mut sealed = inner.saving.lock().await;
        let fence = inner.bound.get().and_then(|bound| bound.lease.fence());
        let fence = fence.ok_or(cluster::Error::LeaseLost { holder: String::new() })?;
        if let Keeps::Everything { secrets, is_sealed } = &inner.keeps {
            self.write_all(cluster, fence, secrets, *is_sealed, &mut sealed).await?;
        }
        if let Ok(journal) = std::fs::read(&inner.journal) {
            cluster.save_record(&inner.name, recorded::parts::JOURNAL, &journal, fence).await?;
        }
        Ok(())
    }

    async fn write_all(
        &self,
        cluster: &Cluster,
        fence: cluster::record::Fence,
        secrets: &Secrets,
        is_sealed: bool,
        sealed: &mut Option<[u8; 32]>,
    ) -> Result<(), cluster::Error> {
        let inner = &self.inner;
        for (part, file) in [
            (recorded::parts::ABOUT, "about.json"),
            (recorded::parts::ANSWERS, "answers.yaml"),
            (recorded::parts::PLAN, "plan.json"),
        ] {
            if let Ok(content) = std::fs::read(inner.folder.join(file)) {
                cluster.save_record(&inner.name, part, &content, fence).await?;
            }
        }
        let text = secrets_text(secrets);
        if is_sealed {
            let digest: [u8; 32] = sha2::Sha256::digest(&text).into();
            if *sealed != Some(digest) {
                let content = secrets.sealed().map_err(|why| cluster::Error::RecordBroken {
                    name: format!("{}.{}", inner.name, recorded::parts::VAULT),
                    reason: why.to_string(),
                })?;
                cluster.save_record(&inner.name, recorded::parts::VAULT, &content, fence).await?;
                cluster.delete_record_part(&inner.name, recorded::parts::SECRETS, fence).await?;
                *sealed = Some(digest);
            }
        } else {
            cluster.save_record(&inner.name, recorded::parts::SECRETS, &text, fence).await?;
        }
        Ok(())
    }

    /// Takes the record and the lease away for good, and waits until the namespace is gone if it goes with them, telling that.
    ///
    /// # Errors
    /// What keeps the namespace, if it does not go: it may be an API of somebody else that does not answer.
    pub(crate) async fn delete(
        &self,
        cluster: &Cluster,
        tell: &mut (dyn FnMut(&Removing) + Send),
    ) -> Result<(), cluster::Error> {
        self.inner.over.cancel();
        // Whoever writes right now comes to an end first, so that nothing is written behind us.
        let _one = self.inner.saving.lock().await;
        // The last thing that is done under the lease takes the lease itself away, and nobody renews it any more.
        let cluster = &cluster.with_permit(Arc::new(|| true));
        cluster.delete_record(&self.inner.name).await?;
        self.inner.is_deleted.store(true, Ordering::Relaxed);
        // Gone means gone: the namespace ends some time after it is told to.
        let namespace = cluster::ObjectRef::new("v1", "Namespace", "", cluster::record::NAMESPACE);
        let found = cluster.get(&namespace).await?.filter(|found| found["status"]["phase"] == "Terminating");
        let Some(uid) = found.as_ref().and_then(|found| found["metadata"]["uid"].as_str()) else { return Ok(()) };
        let going = RemovalPlan {
            uids: BTreeMap::from([(namespace.clone(), uid.to_owned())]),
            stages: BTreeMap::from([(Stage::Namespaces, BTreeSet::from([namespace]))]),
            ..RemovalPlan::default()
        };
        cluster.remove(&going, tell).await.map(drop)
    }

    /// The run is over: the last word, and the lease is given back. A cluster that does not answer any more keeps
    /// nobody waiting: the lease ends by itself.
    pub(crate) async fn finish(&self, keep: bool) {
        self.inner.over.cancel();
        let Some(bound) = self.inner.bound.get() else { return };
        let last = bound.cluster.with_patience(cluster::Patience::For(EVERY)).with_stop(CancellationToken::new());
        let last_word = async {
            let is_deleted = self.inner.is_deleted.load(Ordering::Relaxed);
            if keep && !is_deleted && self.taken_over().is_none() {
                let _ = self.save_through(&last).await;
                let _ = bound.lease.release_through(&last).await;
            }
        };
        if tokio::time::timeout(EVERY * 2, last_word).await.is_err() {
            let reason = format!("no answer within {} s", (EVERY * 2).as_secs());
            let gone = cluster::Error::NotAnswering { server: last.server().to_owned(), reason };
            *self.inner.unsaved.lock().unwrap_or_else(PoisonError::into_inner) = Some(gone);
        }
    }
}

fn secrets_text(secrets: &Secrets) -> Vec<u8> {
    let all: BTreeMap<String, String> =
        secrets.all().into_iter().map(|(name, value)| (name, value.expose_secret().to_owned())).collect();
    serde_json::to_vec(&all).unwrap_or_default()
}

/// Makes an installation's folder from the record in its cluster, and says its name. Encrypted secrets need the `kit`.
pub(crate) async fn fetch(
    place: &Place,
    target: &Target,
    around: &Surroundings,
    kit: Option<&RecoveryKit>,
) -> Result<String, Error> {
    let cluster = &place.cluster;
    let name = recorded::installation_in(cluster).await?.ok_or(Error::NoRecord)?;
    let read =
        async |part: &str| -> Result<Vec<u8>, Error> { cluster.read_record(&name, part).await?.ok_or(Error::NoRecord) };
    let folder = Home::of(around).folder(&name, false);
    let about = recorded::about_in(cluster, &name).await?.ok_or(Error::NoRecord)?;
    match folder.about()? {
        Some(mine) if mine == about => return Ok(name),
        Some(_) => return Err(Error::Another { name }),
        None => {}
    }
    let text = String::from_utf8_lossy(&read(recorded::parts::ANSWERS).await?).into_owned();
    // Another computer reaches the same cluster by another file.
    let answers = Answers { target: target.clone(), ..Answers::read(&text, folder.path())? };
    let plan: Plan =
        serde_json::from_slice(&read(recorded::parts::PLAN).await?).map_err(|e| recorded::broken(&name, &e))?;
    let plan = Plan { answers: answers.clone(), ..plan.verified()? }.sealed()?;
    let plain = cluster.read_record(&name, recorded::parts::SECRETS).await?;
    let journal = read(recorded::parts::JOURNAL).await?;

    folder.make()?;
    if let Some(plain) = plain {
        let secrets: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|e| recorded::broken(&name, &e))?;
        let vault = Secrets::open(around, &folder, &about).await?;
        vault.take_in(secrets.into_iter().map(|(name, value)| (name, SecretString::from(value))).collect())?;
    } else {
        let sealed = read(recorded::parts::VAULT).await?;
        let kit = kit.ok_or_else(|| Error::RecordSealed { name: name.clone() })?;
        Secrets::restore(around, &folder, &about, kit, &sealed).await?;
    }
    crate::file::write(&folder.join("journal.jsonl"), &journal)?;
    folder.create(&about, &answers, &plan)?;
    Ok(name)
}
