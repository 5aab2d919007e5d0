//! How the pretend DIGIT is to be: every choice with a default that works.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

/// Tells the time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// A clock of one's own.
    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// What it is now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

impl Default for Clock {
    fn default() -> Clock {
        Clock::new(Timestamp::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// How the pretend DIGIT is to be.
#[derive(Debug, Clone)]
pub struct Options {
    /// The tenant of the state.
    pub state: String,
    /// The tenant of the city.
    pub city: String,
    /// The folder of an `egov-mdms-data` (it holds `data` and `master-config.json`), or its `data`; without it small masters of our own.
    pub masters: Option<PathBuf>,
    /// How long the persister takes to write: 50 to 300 ms were seen (§6.5).
    pub persister_delay: Duration,
    /// How long a write that cannot be written holds up all others: 10 tries in about 5 s (§6.8).
    pub poison_delay: Duration,
    /// How long a service waits for Kafka when it is away (§6.8).
    pub kafka_wait: Duration,
    /// How long a service waits for Redis when it is away (§6.8).
    pub redis_wait: Duration,
    /// How long workflow keeps what it searched (§6.5).
    pub workflow_cache: Duration,
    /// How many pods of egov-workflow-v2 answer in turn, each with its own cache (§6.5).
    pub workflow_replicas: usize,
    /// What the time is.
    pub clock: Clock,
    /// From which ids and tokens are drawn.
    pub seed: u64,
    /// The port of the gateway; 0 is any.
    pub gateway_port: u16,
    /// The port of egov-user; 0 is any.
    pub user_port: u16,
    /// The port of the entry; 0 is any.
    pub entry_port: u16,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            state: "pg".to_owned(),
            city: "pg.citya".to_owned(),
            masters: None,
            persister_delay: Duration::from_millis(200),
            poison_delay: Duration::from_secs(5),
            kafka_wait: Duration::from_secs(30),
            redis_wait: Duration::from_secs(60),
            workflow_cache: Duration::from_secs(15 * 60),
            workflow_replicas: 1,
            clock: Clock::default(),
            seed: 1,
            gateway_port: 0,
            user_port: 0,
            entry_port: 0,
        }
    }
}
