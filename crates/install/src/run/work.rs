//! A run of this process on one installation: the lock it holds, the events it has told, how it ends.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::Bundle;
use engine::{
    Cause, Clock, Event, Fold, Holder, Journal, Lock, Outcome, Report, RunContext, RunOptions, RunState, What,
};
use futures::FutureExt as _;
use jiff::Timestamp;
use tokio::sync::{broadcast, watch};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::holding::{Holding, Needed};
use super::kind::RunKind;
use super::proof;
use super::record::{Keeps, Recorder};
use super::removal::{self, Removal};
use super::steps::{self, Acts};
use super::telling::{self, Teller};
use crate::error::{Error, ErrorView};
use crate::home::{About, Folder, Home, PendingKey, Secrets};
use crate::place::{Place, Probes, Site};
use crate::plan::{HANDS, Plan, Planned, Priors, kinds};
use crate::surroundings::Surroundings;

/// Events that a slow listener may be behind before it has to ask for the report again.
const BACKLOG: usize = 4096;

/// What a run is for, with what it needs for that.
pub(crate) enum Purpose {
    /// To make everything of the plan true.
    Install {
        /// Whether it is the first that is made true there.
        kind: RunKind,
        /// Its charts.
        bundle: Arc<Bundle>,
        /// The plan.
        planned: Box<Planned>,
    },
    /// To take it back. Needs no charts and makes no plan: what is ours is read from the cluster.
    Remove {
        /// Whether disks stay.
        keep_data: bool,
        /// The plan that was carried out, as far as it can be read.
        known: Option<Box<Plan>>,
    },
}

/// The same with what it works with.
enum Task {
    Install { kind: RunKind, bundle: Arc<Bundle>, planned: Box<Planned>, secrets: Secrets },
    Remove { keep_data: bool, known: Option<Box<Plan>> },
}

impl Task {
    fn kind(&self) -> RunKind {
        match self {
            Task::Install { kind, .. } => *kind,
            Task::Remove { .. } => RunKind::Remove,
        }
    }
}

/// A run that is under way, or was.
pub struct Work {
    id: String,
    name: String,
    run: String,
    told: Mutex<History>,
    events: broadcast::Sender<Event>,
    changes: watch::Sender<u64>,
    stop: CancellationToken,
    end: watch::Receiver<Option<End>>,
    log: logs::Log,
}

/// How a run ended: with an outcome, or because its journal or lock failed.
pub type End = Result<Outcome, Arc<Error>>;

struct History {
    durable: Vec<Event>,
    fold: Fold,
    /// What the cluster's server holds the run up with, until a step has something to tell again.
    held: Option<&'static str>,
}

/// What a run is about.
pub(crate) struct RunSetup {
    pub(crate) site: Site,
    pub(crate) probes: Probes,
    pub(crate) folder: Folder,
    pub(crate) about: About,
    /// The key of a vault that is still to be made.
    pub(crate) new_key: Option<PendingKey>,
    /// The part of the plan after which an install ends; none: at the plan's end.
    pub(crate) until: Option<String>,
}

impl Work {
    /// Takes the lock, opens journal, vault and log, and starts. Everything that can be refused is refused here.
    pub(crate) async fn begin(around: &Surroundings, setup: RunSetup, purpose: Purpose) -> Result<Arc<Self>, Error> {
        let RunSetup { site, probes, folder, about, new_key, until } = setup;
        let clock = around.clock.clone();
        folder.make()?;
        let lock = match Lock::acquire(&folder.join("lock"), &Holder::this_process(clock.now())) {
            Err(engine::Error::Held { holder }) => {
                let pid = holder.map(|h| h.pid).unwrap_or_default();
                return Err(Error::Busy { name: about.name, pid });
            }
            other => other?,
        };
        // Before anything is begun: what a newer program has made, this one could neither look at nor take back.
        engine::check_kinds(engine::steps_of(&engine::read(&folder.join("journal.jsonl"))?), kinds::is_known)?;
        let (task, keeps, redact) = match purpose {
            Purpose::Install { kind, bundle, planned } => {
                // Before anything is made: without a place for its key nothing is started.
                let secrets = Secrets::open_or_make(around, &folder, &about, new_key).await?;
                let keeps =
                    Keeps::Everything { secrets: secrets.clone(), is_sealed: planned.plan.answers.sealed_record };
                let redact = secrets.redact();
                (Task::Install { kind, bundle, planned, secrets }, keeps, Some(redact))
            }
            Purpose::Remove { keep_data, known } => {
                // It needs none: a key that is lost keeps nobody from taking everything away.
                let secrets = Secrets::open_if_there(around, &folder, &about).await;
                (Task::Remove { keep_data, known }, Keeps::WhatHappened, secrets.map(|secrets| secrets.redact()))
            }
        };
        // Before the folder is one of an installation: whoever finds another computer at work has none.
        let stop = CancellationToken::new();
        let home = Home::of(around).identity()?;
        let recorder = Recorder::new(&folder, &home, clock.clone(), keeps, stop.clone());
        let recording = recorder.guard();
        // A cluster that the run makes has the record as soon as it is there.
        let there = site.there().await?;
        if let Some(place) = &there {
            recorder.bind(place, &place.cluster).await?;
        }
        if let Task::Install { planned, .. } = &task {
            folder.create(&about, &planned.plan.answers, &planned.plan)?;
        }
        let (journal, opened) = Journal::open(&folder.join("journal.jsonl"))?;
        // A removal without its vault: what looks like a secret goes all the same.
        let redact: logs::Redact = redact.unwrap_or_else(|| Arc::new(vault::redact_patterns));
        let options = logs::Options { redact: redact.clone(), ..logs::Options::default() };
        let journal = journal.redacting(Arc::new(move |text| redact(text).into_owned()));
        let log = logs::Log::open(&folder.join("logs"), options)?;

        let mut told = History { durable: Vec::new(), fold: Fold::default(), held: None };
        for event in opened.events {
            told.fold.apply(&event);
            told.durable.push(event);
        }
        let (end_tell, end) = watch::channel(None);
        let work = Arc::new(Work {
            id: folder.id(),
            name: about.name.clone(),
            run: format!("{}-{}", about.name, journal.seq() + 1),
            told: Mutex::new(told),
            events: broadcast::channel(BACKLOG).0,
            changes: watch::channel(0).0,
            stop,
            end,
            log: log.clone(),
        });
        let run = Run {
            work: work.clone(),
            site,
            there,
            probes,
            folder,
            about,
            task,
            until,
            clock,
            log,
            home: Home::of(around),
            journal,
            recorder,
            _recording: recording,
            _lock: lock,
        };
        conduct(work.name.clone(), end_tell, run.carry_out());
        Ok(work)
    }

    /// The installation's id on this computer.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The installation's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The run, as its events and, from the first of them on, the report call it. Before that a report is of the run before.
    pub fn run(&self) -> &str {
        &self.run
    }

    pub(crate) fn log(&self) -> &logs::Log {
        &self.log
    }

    /// How the installation stands.
    pub fn report(&self, now: Timestamp) -> Report {
        let told = self.history();
        let mut report = told.fold.report(now);
        if report.state == RunState::Running && report.held.is_none() {
            report.held = told.held.map(str::to_owned);
        }
        report
    }

    /// All durable events so far and every event from now on.
    pub fn follow(&self) -> (Vec<Event>, broadcast::Receiver<Event>) {
        let told = self.history();
        (told.durable.clone(), self.events.subscribe())
    }

    /// Counts up at every event.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Asks it to stop at a safe point: no new call is begun.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// Whether it is over.
    pub fn has_ended(&self) -> bool {
        self.end.borrow().is_some()
    }

    /// Waits until it has told something; what ended it before that is given back.
    pub async fn begun(&self) -> Result<(), Arc<Error>> {
        let mut changes = self.changes.subscribe();
        tokio::select! {
            biased;
            _ = changes.wait_for(|told| *told > 0) => Ok(()),
            end = self.ended() => end.map(drop),
        }
    }

    /// Waits until it is over.
    pub async fn ended(&self) -> End {
        let mut end = self.end.clone();
        match end.wait_for(Option::is_some).await {
            Ok(end) => end.clone().unwrap_or(Ok(Outcome::Stopped)),
            // The program itself comes to its end. What the run did is in the journal.
            Err(_) => Ok(Outcome::Stopped),
        }
    }

    /// Notes that nothing moves because of the cluster's server.
    fn hold(&self, code: &'static str) {
        self.history().held = Some(code);
        self.changes.send_modify(|n| *n += 1);
    }

    fn history(&self) -> MutexGuard<'_, History> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, event: &Event) {
        {
            let mut told = self.history();
            told.fold.apply(event);
            told.held = None;
            if event.what.is_durable() {
                told.durable.push(event.clone());
            }
            let _ = self.events.send(event.clone());
        }
        self.changes.send_modify(|n| *n += 1);
    }
}

/// Lets a run go and tells how it ended; a panic in it is an end like any other. Everything that the run owned is given
/// back before that is told.
fn conduct(
    name: String,
    tell: watch::Sender<Option<End>>,
    run: impl Future<Output = Result<Outcome, Error>> + Send + 'static,
) {
    tokio::spawn(async move {
        let end = match AssertUnwindSafe(run).catch_unwind().await {
            Ok(end) => end,
            // What it said is not told: a message put together at run time could hold anything, also a secret.
            Err(_) => Err(Error::RunPanicked { name }),
        };
        let _ = tell.send(Some(end.map_err(Arc::new)));
    });
}

/// Everything that a run owns while it goes.
struct Run {
    work: Arc<Work>,
    site: Site,
    /// The cluster, if it was there when the run began.
    there: Option<Place>,
    probes: Probes,
    folder: Folder,
    about: About,
    task: Task,
    until: Option<String>,
    clock: Arc<dyn Clock>,
    log: logs::Log,
    home: Home,
    journal: Journal,
    recorder: Recorder,
    _recording: DropGuard,
    _lock: Lock,
}

impl Run {
    async fn carry_out(mut self) -> Result<Outcome, Error> {
        let run = self.work.run.clone();
        let stop = self.work.stop.clone();
        let pods_end = CancellationToken::new();
        let _pods = pods_end.clone().drop_guard();
        let recorder = self.recorder.clone();
        let publish = {
            let (work, recorder, teller) = (self.work.clone(), recorder.clone(), Teller::new(self.log.clone()));
            Arc::new(move |event: &Event| {
                work.tell(event);
                teller.tell(event);
                recorder.note(event);
            })
        };
        let publish_last = publish.clone();
        let held = self.work.clone();
        let on_trouble = telling::on_trouble(self.log.clone(), self.clock.clone(), move |code| held.hold(code));
        let needed = Needed::default();
        let mut removing = None;
        let (plan, plan_steps, act): (_, _, Arc<dyn engine::Act>) = match &self.task {
            Task::Install { bundle, planned, secrets, .. } => {
                proof::forget(self.folder.path());
                let (log, since, end) = (self.log.clone(), self.clock.now(), pods_end.clone());
                let inputs = steps::RunInputs {
                    site: self.site.clone(),
                    probes: self.probes.clone(),
                    bundle: bundle.clone(),
                    planned: (**planned).clone(),
                    about: self.about.clone(),
                    secrets: secrets.clone(),
                    clock: self.clock.clone(),
                    recorder: recorder.clone(),
                    stop: stop.clone(),
                    on_trouble,
                    on_hold: needed.listener(),
                    on_watch: Arc::new(move |watch| telling::follow_pods(watch, log.clone(), since, end.clone())),
                };
                let acts = Acts::new(inputs, self.there.as_ref())?;
                (planned.plan.id.clone(), planned.plan.engine_steps(), Arc::new(acts))
            }
            Task::Remove { keep_data, known } => {
                let what = removal::what(&self.about.name, known.as_deref(), *keep_data);
                let there = self.there.as_ref().map(|place| place.telling_holds(needed.listener()));
                let steps = removal::steps(*keep_data, there.is_some(), self.site.maker().is_some());
                let acts = Arc::new(Removal::new(
                    there,
                    self.site.maker().cloned(),
                    what,
                    self.folder.path(),
                    recorder.clone(),
                    stop.clone(),
                    on_trouble,
                ));
                removing = Some(acts.clone());
                let plan = known.as_ref().map(|plan| plan.id.clone()).unwrap_or_default();
                (plan, steps, acts)
            }
        };
        let of_run = RunOptions::new(&run, &plan, self.task.kind().purpose());
        let wanted: engine::Wanted = match &self.task {
            Task::Install { planned, .. } => {
                let reached = planned.plan.reached(self.until.as_deref());
                Arc::new(move |step| reached.contains(&step.id))
            }
            // Whatever an install reached goes.
            Task::Remove { .. } => Arc::new(|_| true),
        };
        let options = RunOptions { parallel: HANDS, wanted, ..of_run };
        let act = Arc::new(Holding::new(act, needed));
        let cx = RunContext { act, clock: self.clock.clone(), publish, stop };
        let outcome = engine::run(&plan_steps, &options, &cx, &mut self.journal).await;
        let gone = removing.filter(|_| matches!(outcome, Ok(Outcome::Ready)));
        let is_gone = gone.is_some();
        recorder.finish(!is_gone).await;
        if !is_gone && let Some(why) = recorder.unsaved() {
            let text = format!("the record in the cluster could not be saved: {why}");
            let _ = self.log.append(telling::cluster_line(logs::Level::Error, self.clock.now(), text));
        }
        if let Some(removal) = gone {
            let (left, look) = removal.proved().await?;
            let event = self.journal.say(&run, self.clock.now(), None, What::Removed { left, look })?;
            publish_last(&event);
        }
        if let Some(holder) = recorder.taken_over() {
            let error = match holder {
                "" => cluster::Error::LeaseLost { holder: String::new() }.into(),
                holder => Error::TakenOver { name: self.about.name.clone(), holder: holder.to_owned() },
            };
            let ErrorView { code, args, .. } = error.view();
            let why = What::Failed { cause: Cause { code, args }, evidence: Vec::new() };
            publish_last(&self.journal.say(&run, self.clock.now(), None, why)?);
            return Err(error);
        }
        let _ = self.log.flush();
        let outcome = outcome?;
        if outcome == Outcome::Ready && matches!(self.task, Task::Install { .. }) && !self.about.rehearsal {
            self.learn(&run)?;
        }
        Ok(outcome)
    }

    /// Keeps how long things took in this cluster, so that the next estimate is a measured one.
    fn learn(&self, run: &str) -> Result<(), Error> {
        let Task::Install { planned, .. } = &self.task else { return Ok(()) };
        let mut priors: Priors = self.home.read("measured.json")?.unwrap_or_default();
        let took = took_in(&self.work.history().durable, run);
        priors.learn(&planned.plan.cluster.uid, &took, &planned.plan.basis.downloading, self.clock.now());
        self.home.write("measured.json", &priors)
    }
}

/// How long steps took that were begun and done in one run: of others it is not known what was downloaded in the meantime.
fn took_in(events: &[Event], run: &str) -> BTreeMap<(String, String), f64> {
    let own: Vec<Event> = events.iter().filter(|event| event.run == run).cloned().collect();
    let (mut took, whole) = (engine::measured(&own), engine::measured(events));
    took.retain(|step, seconds| whole.get(step).is_some_and(|all| (all - *seconds).abs() < 0.001));
    took
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run that has told so many events.
    fn work(told: u64, end: watch::Receiver<Option<End>>, folder: &std::path::Path) -> Work {
        Work {
            id: "springfield".into(),
            name: "springfield".into(),
            run: "springfield-1".into(),
            told: Mutex::new(History { durable: Vec::new(), fold: Fold::default(), held: None }),
            events: broadcast::channel(BACKLOG).0,
            changes: watch::channel(told).0,
            stop: CancellationToken::new(),
            end,
            log: logs::Log::open(folder, logs::Options::default()).unwrap(),
        }
    }

    /// A run that tells so many events and then ends so.
    async fn begun_of(told: u64, end: End) -> Result<(), Arc<Error>> {
        let folder = tempfile::tempdir().unwrap();
        let (end_tell, end_seen) = watch::channel(None);
        let work = work(told, end_seen, folder.path());
        end_tell.send(Some(end)).unwrap();
        work.begun().await
    }

    #[tokio::test]
    async fn a_run_that_panics_has_ended_and_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let (end_tell, end_seen) = watch::channel(None);
        let work = work(1, end_seen, folder.path());
        conduct("springfield".to_owned(), end_tell, async { panic!("a mistake of ours") });
        let end = tokio::time::timeout(std::time::Duration::from_secs(10), work.ended()).await.unwrap();
        assert_eq!((end.map_err(|e| e.code().to_owned()), work.has_ended()), (Err("run-panicked".to_owned()), true));
    }

    #[tokio::test]
    async fn only_what_ends_a_run_before_it_told_anything_is_given_back() {
        let fails = || Err(Arc::new(Error::NoRecord));
        assert!(begun_of(0, fails()).await.is_err());
        assert!(begun_of(1, fails()).await.is_ok());
        assert!(begun_of(0, Ok(Outcome::Stopped)).await.is_ok());
    }
}
