//! The parts of a task: each is announced, timed, and named again in the closing summary.

use anyhow::{Result, bail};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// One part that has ended.
struct Done {
    name: String,
    took: Duration,
    /// What it wants to have said in the summary, or why it failed.
    outcome: Result<String>,
}

/// The parts of one task, in the order in which they ran.
#[derive(Default)]
pub(crate) struct Parts {
    done: Vec<Done>,
}

impl Parts {
    /// Runs a whole task and closes it with the summary. The exit code is 0 only if every part was well.
    pub(crate) fn day(task: &str, work: impl FnOnce(&mut Self) -> Result<()>) -> ExitCode {
        let begun = Instant::now();
        let mut parts = Self::default();
        let ended = work(&mut parts);
        let failed = parts.done.iter().filter(|d| d.outcome.is_err()).count();

        println!("\n== cargo xtask {task} ==");
        for part in &parts.done {
            match &part.outcome {
                Ok(note) => println!("  ok      {:>8}  {:<28} {note}", seconds(part.took), part.name),
                Err(why) => println!("  FAILED  {:>8}  {:<28} {}", seconds(part.took), part.name, first_line(why)),
            }
        }
        let took = seconds(begun.elapsed());
        match ended {
            Ok(()) if failed == 0 => {
                println!("{task}: all {} parts ok in {took}", parts.done.len());
                ExitCode::SUCCESS
            }
            Ok(()) => {
                println!("{task}: {failed} of {} parts failed in {took}", parts.done.len());
                ExitCode::FAILURE
            }
            Err(why) => {
                println!("{task}: stopped after {took}: {why:#}");
                ExitCode::FAILURE
            }
        }
    }

    /// Runs a part that may fail without stopping those after it. Says whether it was well.
    pub(crate) fn part<N: ToString>(&mut self, name: &str, work: impl FnOnce() -> Result<N>) -> bool {
        println!("\n── {name}");
        let begun = Instant::now();
        let outcome = work().map(|n| n.to_string());
        let took = begun.elapsed();
        match &outcome {
            Ok(note) => println!("── {name}: ok in {} {note}", seconds(took)),
            Err(why) => println!("── {name}: FAILED after {}: {why:#}", seconds(took)),
        }
        let well = outcome.is_ok();
        self.done.push(Done { name: name.to_owned(), took, outcome });
        well
    }

    /// Runs a part without which the rest makes no sense.
    ///
    /// # Errors
    /// When the part failed.
    pub(crate) fn must<N: ToString>(&mut self, name: &str, work: impl FnOnce() -> Result<N>) -> Result<()> {
        if self.part(name, work) {
            return Ok(());
        }
        bail!("{name} failed, and what follows needs it")
    }

    /// The parts that failed so far, with the first line of why.
    pub(crate) fn failures(&self) -> Vec<(String, String)> {
        self.done.iter().filter_map(|d| d.outcome.as_ref().err().map(|why| (d.name.clone(), first_line(why)))).collect()
    }
}

fn seconds(took: Duration) -> String {
    let whole = took.as_secs();
    if whole < 60 { format!("{:.1} s", took.as_secs_f64()) } else { format!("{}:{:02} min", whole / 60, whole % 60) }
}

fn first_line(why: &anyhow::Error) -> String {
    format!("{why:#}").lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_part_fails_the_task_but_not_the_parts_after_it() {
        let mut after = false;
        let code = Parts::day("try", |parts| {
            parts.part("breaks", || -> Result<&str> { bail!("for a reason") });
            parts.part("goes on", || {
                after = true;
                Ok("")
            });
            assert_eq!(parts.failures(), [("breaks".to_owned(), "for a reason".to_owned())]);
            Ok(())
        });
        assert!(after);
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
    }

    #[test]
    fn a_part_that_others_need_stops_the_task() {
        let code = Parts::day("try", |parts| {
            parts.must("breaks", || -> Result<&str> { bail!("no") })?;
            unreachable!("the part before was needed");
        });
        assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::FAILURE));
    }

    #[test]
    fn times_are_read_at_a_glance() {
        for (milliseconds, shown) in [(40, "0.0 s"), (1_260, "1.3 s"), (59_900, "59.9 s"), (61_000, "1:01 min")] {
            assert_eq!(seconds(Duration::from_millis(milliseconds)), shown);
        }
    }
}
