//! A run's events for a program that reads them one by one: every one that lasts, of the others what can be followed.

use std::time::Duration;

use install::view::{Event, Thin, What};
use jiff::{SignedDuration, Timestamp};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

/// How often a step's progress is told.
const PASSING_EVERY: SignedDuration = SignedDuration::from_secs(1);
/// How often what was held back is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Tells events until the run has ended. `follow` gives all durable events so far and every event from then on; it is asked
/// again when a slow reader let more events pass by than are kept for it, since those that last are still known there.
pub(crate) async fn tell(
    follow: impl Fn() -> (Vec<Event>, Receiver<Event>),
    ended: impl Future,
    now: impl Fn() -> Timestamp,
    out: impl FnMut(&Event),
) {
    let (past, mut events) = follow();
    let mut told = Relay { thin: Thin::new(PASSING_EVERY), lasting: 0, out };
    told.catch_up(past);
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tokio::pin!(ended);
    loop {
        tokio::select! {
            event = events.recv() => match event {
                Ok(event) => told.pass(event),
                Err(RecvError::Lagged(_)) => {
                    let (past, fresh) = follow();
                    events = fresh;
                    told.catch_up(past);
                }
                Err(RecvError::Closed) => break,
            },
            _ = ticks.tick() => told.due(now()),
            _ = &mut ended => break,
        }
    }
    // What came between the last look and the end; of what was too much, what lasts.
    while let Ok(event) = events.try_recv() {
        told.pass(event);
    }
    told.catch_up(follow().0);
}

/// What a reader has been told.
struct Relay<F> {
    thin: Thin,
    /// Number of the last event that lasts. They are numbered without gaps; passing ones carry the number of the one before.
    lasting: u64,
    out: F,
}

impl<F: FnMut(&Event)> Relay<F> {
    /// Tells what lasts and was not told yet.
    fn catch_up(&mut self, past: Vec<Event>) {
        for event in past {
            self.pass(event);
        }
    }

    fn pass(&mut self, event: Event) {
        // What a newer program wrote into the journal lasts too.
        if event.what.is_durable() || matches!(event.what, What::Unknown) {
            if event.seq <= self.lasting {
                return;
            }
            self.lasting = event.seq;
        } else if event.seq < self.lasting {
            // It was overtaken while we were behind.
            return;
        }
        if let Some(event) = self.thin.pass(event) {
            (self.out)(&event);
        }
    }

    fn due(&mut self, now: Timestamp) {
        for event in self.thin.due(now) {
            (self.out)(&event);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::sync::{broadcast, watch};

    use super::*;

    fn event(seq: u64, what: What) -> Event {
        Event { run: "r".to_owned(), seq, at: Timestamp::UNIX_EPOCH, step: Some(format!("s{seq}")), what }
    }

    /// As a run keeps them: what lasts in a list, everything through a channel that forgets what is too much.
    #[derive(Clone)]
    struct Source {
        lasting: Arc<Mutex<Vec<Event>>>,
        all: broadcast::Sender<Event>,
    }

    impl Source {
        fn new(kept: usize, before: u64) -> Self {
            let past = (1..=before).map(|n| event(n, DONE)).collect();
            Source { lasting: Arc::new(Mutex::new(past)), all: broadcast::channel(kept).0 }
        }

        fn follow(&self) -> (Vec<Event>, Receiver<Event>) {
            let lasting = self.lasting.lock().unwrap();
            (lasting.clone(), self.all.subscribe())
        }

        fn tell(&self, what: What) {
            let mut lasting = self.lasting.lock().unwrap();
            let last = lasting.last().map_or(0, |event| event.seq);
            let event = event(if what.is_durable() { last + 1 } else { last }, what);
            if event.what.is_durable() {
                lasting.push(event.clone());
            }
            let _ = self.all.send(event);
        }
    }

    const DONE: What = What::Done { changed: 1, unchanged: 0, skipped: None };

    fn progress() -> What {
        What::Progress { done: 1.0, total: 2.0, unit: "pods".to_owned(), code: "starting".to_owned() }
    }

    /// Tells `count` lasting events with as many passing ones between, to a reader that stops to read every now and then.
    async fn told(kept: usize, before: u64, count: u64) -> Vec<u64> {
        let source = Source::new(kept, before);
        let (end, mut ended) = watch::channel(false);
        let teller = source.clone();
        let running = tokio::task::spawn_blocking(move || {
            for n in 0..count {
                teller.tell(DONE);
                teller.tell(progress());
                if n.is_multiple_of(64) {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            end.send(true).unwrap();
        });
        let mut read = Vec::new();
        let out = |event: &Event| {
            if event.what.is_durable() {
                read.push(event.seq);
                if event.seq.is_multiple_of(100) {
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        };
        tell(|| source.follow(), async { drop(ended.wait_for(|ended| *ended).await) }, Timestamp::now, out).await;
        running.await.unwrap();
        read
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_slow_reader_is_told_every_lasting_event_once_and_in_order() {
        for (kept, before, count) in [(1, 0, 2_000), (8, 50, 2_000), (4096, 3, 100), (1, 10, 0)] {
            let read = told(kept, before, count).await;
            let all = before + count;
            assert_eq!(read.len() as u64, all, "of {all} lasting events with {kept} kept");
            assert!(read.iter().zip(1..).all(|(read, n)| *read == n), "{read:?}");
        }
    }
}
