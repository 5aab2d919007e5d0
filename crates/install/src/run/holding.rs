//! Holds a run while its cluster needs a person: to sign in again, to find out who answers in the server's place, to see to
//! the network. Calls try again by themselves meanwhile; when one works, the run goes on.

use std::sync::Arc;

use async_trait::async_trait;
use cluster::retry::Person;
use engine::{Act, Cause, Did, Failure, Found, Step, StepContext};
use tokio::sync::watch;

/// What the cluster's calls need right now, shared by all steps of a run.
#[derive(Clone, Default)]
pub(crate) struct Needed {
    person: Arc<watch::Sender<Option<Person>>>,
}

impl Needed {
    /// Takes it from a cluster's calls.
    pub(crate) fn listener(&self) -> cluster::OnHold {
        let this = self.clone();
        Arc::new(move |person| {
            this.person.send_replace(person);
        })
    }
}

/// Acts as the other does, and holds the run for as long as a person is needed.
pub(crate) struct Holding {
    act: Arc<dyn Act>,
    needed: Needed,
}

impl Holding {
    pub(crate) fn new(act: Arc<dyn Act>, needed: Needed) -> Self {
        Holding { act, needed }
    }

    /// Does it. Every step that is under way holds: whichever ends last lets go last.
    async fn holding<T>(&self, cx: &StepContext, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let mut person = self.needed.person.subscribe();
        let mut held = None;
        tokio::pin!(work);
        loop {
            let now = *person.borrow_and_update();
            if held.as_ref().map(|(of, _)| *of) != now {
                held = now.map(|needs| (needs, cx.hold(cause(needs))));
            }
            tokio::select! {
                biased;
                done = &mut work => return done,
                changed = person.changed() => {
                    if changed.is_err() {
                        return work.await;
                    }
                }
            }
        }
    }
}

fn cause(person: Person) -> Cause {
    Cause::new(format!("person-{}", person.code()))
}

#[async_trait]
impl Act for Holding {
    fn knows(&self, kind: &str) -> bool {
        self.act.knows(kind)
    }
    async fn look(&self, step: &Step, cx: &StepContext) -> Result<Found, Failure> {
        self.holding(cx, self.act.look(step, cx)).await
    }
    async fn act(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        self.holding(cx, self.act.act(step, cx)).await
    }
    async fn undo(&self, step: &Step, cx: &StepContext) -> Result<Did, Failure> {
        self.holding(cx, self.act.undo(step, cx)).await
    }
}
