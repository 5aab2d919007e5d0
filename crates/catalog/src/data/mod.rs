//! Master data and configuration, which travel with the installation: no pod fetches them when it starts.
//!
//! ```text
//! read, verified ──► parse ──► masters ──► city ──────────────► pack ──► unpack: into pods, in git-sync's place
//!                          └─► configuration (what is named) ───┘
//!                                            city ──► messages, for the seed
//! ```
//!
//! [`open_data`] reads both from the same source as the charts, and apart from them: a plan that does not carry them yet
//! neither waits for them nor fails without them.

pub mod addresses;
pub mod city;
pub mod configuration;
mod json;
pub mod masters;
pub mod messages;
pub mod pack;
pub mod parse;
pub mod readers;
pub mod tenants;
pub mod unpack;

use std::path::Path;

use configuration::Configuration;
use masters::MasterData;

use crate::Error;
use crate::combinations::{Combination, Origin, Pin};
use crate::source::{self, Limits, Progress, SourceSpec, Tree};

/// Ten times what both repositories have together.
const LIMITS: Limits = Limits { unpacked: 160 << 20, kept: 128 << 20, entries: 10_000 };

/// Both, verified and read without fault.
#[derive(Debug, Clone)]
pub struct Data {
    /// Master data.
    pub masters: MasterData,
    /// Configuration.
    pub configuration: Configuration,
}

/// Reads master data and configuration of a combination from a source; `None`: the combination has none.
///
/// # Errors
/// Everything that reading can meet, as for charts, and what is wrong in a file of the master data. Configuration is
/// looked into when something of it is taken.
pub async fn open_data(
    combination: &Combination,
    spec: &SourceSpec,
    progress: &(dyn Fn(Progress) + Send + Sync),
) -> Result<Option<Data>, Error> {
    let Some(pins) = pins(combination) else { return Ok(None) };
    let read = source::read(spec, &pins, LIMITS, progress).await?;
    source::run_blocking(|| of(read).map(Some)).await
}

/// [`open_data`] from a folder, at once.
///
/// # Errors
/// As [`open_data`].
pub fn open_data_folder(combination: &Combination, folder: &Path) -> Result<Option<Data>, Error> {
    let Some(pins) = pins(combination) else { return Ok(None) };
    of(source::read_folder(folder, &pins, LIMITS)?).map(Some)
}

/// Whether the folder (a source or the cache) holds the combination's master data and configuration. Nothing is read or
/// verified.
#[must_use]
pub fn is_data_at_hand(combination: &Combination, folder: &Path) -> bool {
    pins(combination).is_none_or(|pins| source::holds(folder, &pins))
}

fn pins(combination: &Combination) -> Option<[Pin; 2]> {
    match combination.origin {
        Origin::Embedded => None,
        Origin::Pinned { data, .. } => Some([data.masters, data.configuration]),
    }
}

fn of(read: Vec<Tree>) -> Result<Data, Error> {
    let mut read = read.into_iter();
    let masters = MasterData::read(&read.next().unwrap_or_default())?;
    Ok(Data { masters, configuration: Configuration::of(read.next().unwrap_or_default()) })
}
