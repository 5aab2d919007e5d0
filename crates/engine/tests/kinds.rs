//! What a run refuses before anything begins.

#![allow(clippy::unwrap_used)]

mod world;

use std::sync::Arc;

use async_trait::async_trait;
use engine::*;
use tokio_util::sync::CancellationToken;
use world::*;

/// Knows one kind and does nothing.
struct Knows(&'static str);

#[async_trait]
impl Act for Knows {
    fn knows(&self, kind: &str) -> bool {
        kind == self.0
    }
    async fn look(&self, _: &Step, _: &StepContext) -> Result<Found, Failure> {
        Ok(Found::Absent)
    }
    async fn act(&self, _: &Step, _: &StepContext) -> Result<Did, Failure> {
        Ok(Did::changed(1, 0))
    }
    async fn undo(&self, _: &Step, _: &StepContext) -> Result<Did, Failure> {
        Ok(Did::changed(1, 0))
    }
}

#[test]
fn a_kind_that_is_not_known_is_refused_before_anything_begins() {
    in_paused_time(|| async {
        let mut stage = Stage::new(vec![Script::default(); 2], 2);
        let registry = Registry::new().with("wait", Arc::new(Knows("wait")));
        // Registered under a name that it does not know itself.
        let mistaken = registry.clone().with("release", Arc::new(Knows("wait")));
        for registry in [registry.clone(), mistaken] {
            let options = stage.options();
            match stage.run_with(Arc::new(registry), &options, CancellationToken::new()).await {
                Some(Err(error @ Error::UnknownKind { .. })) => {
                    assert_eq!(error.code(), "unknown-step-kind");
                    assert_eq!(
                        (error.args()["kind"].as_str(), error.args()["step"].as_str()),
                        ("release", "release:s1")
                    );
                }
                other => panic!("{other:?}"),
            }
            assert_eq!(stage.events(), []);
        }
        let whole = registry.with("release", Arc::new(Knows("release")));
        let options = stage.options();
        let outcome = stage.run_with(Arc::new(whole), &options, CancellationToken::new()).await;
        assert_eq!(outcome.unwrap().unwrap(), Outcome::Ready);
    });
}

#[test]
fn a_journal_with_steps_of_a_newer_program_is_refused() {
    in_paused_time(|| async {
        let mut stage = Stage::new(vec![Script::default(); 2], 2);
        stage.run().await.unwrap().unwrap();
        let events = stage.events();
        assert_eq!(steps_of(&events).count(), 2);
        assert!(check_kinds(steps_of(&events), |kind| matches!(kind, "wait" | "release")).is_ok());
        let refused = check_kinds(steps_of(&events), |kind| kind == "wait").unwrap_err();
        assert_eq!(refused.code(), "unknown-step-kind");
    });
}
