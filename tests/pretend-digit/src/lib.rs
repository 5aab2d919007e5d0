//! A pretend DIGIT: behaves over HTTP as DIGIT's own services were seen to behave, their traps included, so that a client can
//! be judged by it.
//!
//! It knows nothing of any client. Each rule names the paragraph of the reference page `digit-api.md` that it stands in (`§6.5`);
//! what that page marks as read in source and not seen running is marked READ here too. Where the page says nothing and an
//! answer is needed all the same, the comment says that.
//!
//! ```no_run
//! # async fn example() -> Result<(), pretend_digit::Error> {
//! use pretend_digit::{Condition, Fault, Match, Options, Pretend, Service};
//!
//! let digit = Pretend::start(Options::default()).await?;
//! digit.fault_times(Match::path(Service::User, "/user/oauth/token"), Fault::Html(502), 1);
//! digit.set(Condition::KafkaDown);
//! let _ = (digit.gateway(), digit.user_service(), digit.view().users, digit.calls());
//! # Ok(())
//! # }
//! ```

mod condition;
mod error;
mod fault;
mod options;
mod pretend;
mod serve;
mod service;
mod services;
mod view;
mod wire;
mod world;

pub use condition::Condition;
pub use error::Error;
pub use fault::{Fault, Match};
pub use options::{Clock, Options};
pub use pretend::Pretend;
pub use service::Service;
pub use view::{FileView, UserView, View};
pub use world::Call;
