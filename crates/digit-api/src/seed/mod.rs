//! `seed_data.json`: `file` finds it, `collection` reads what it says into what is to be done, `messages` cuts batches, `workflow` corrects a slip.

mod collection;
mod file;
mod messages;
mod workflow;

pub use collection::{Seed, read};
pub use file::open;
pub use messages::{Batch, Message, batches, count_by_module};
pub use workflow::{Definition, Move};
