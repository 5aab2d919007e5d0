//! The kept log, as views ask for it.

use std::collections::BTreeSet;
use std::path::Path;

use logs::{Anchor, Filter, Level, Log, LogLine};

use super::base::Installer;
use crate::error::Error;
use crate::home::log::{LogCounts, LogFilter, LogPage, level, opened};
use crate::surroundings::blocking;

impl Installer {
    /// Lines from number `from` on, among those that pass; from the end if it is negative.
    pub async fn log_page(&self, name: &str, filter: &LogFilter, from: i64, count: u32) -> Result<LogPage, Error> {
        let filter = filter.as_asked();
        self.reading(name, move |log| {
            let anchor = match u64::try_from(from) {
                Ok(from) => Anchor::Index(from),
                Err(_) => Anchor::End,
            };
            let page = log.page(&filter, anchor, usize::try_from(count).unwrap_or(usize::MAX))?;
            let all = log.page(&Filter::default(), Anchor::End, 0)?;
            Ok(LogPage {
                total: page.total,
                errors: all.counts.error,
                warnings: all.counts.warning,
                sources: log.sources(),
                first: page.first,
                lines: page.lines.into_iter().map(|numbered| numbered.line).collect(),
            })
        })
        .await
    }

    /// How many lines there are.
    pub async fn log_counts(&self, name: &str) -> Result<LogCounts, Error> {
        self.reading(name, |log| {
            let page = log.page(&Filter::default(), Anchor::End, 0)?;
            Ok(LogCounts { total: page.total, errors: page.counts.error, warnings: page.counts.warning })
        })
        .await
    }

    /// Writes what passes to a file. The log was redacted when it was written.
    pub async fn export_log(&self, name: &str, filter: &LogFilter, to: &Path) -> Result<u64, Error> {
        let (filter, path) = (filter.as_asked(), to.to_owned());
        self.reading(name, move |log| {
            let file = std::fs::File::create(&path).map_err(|source| Error::File { path: path.clone(), source })?;
            Ok(log.export(&filter, &mut std::io::BufWriter::new(file))?)
        })
        .await
    }

    /// Lines of a level or worse.
    pub fn log_lines(
        &self,
        name: &str,
        find: Option<String>,
        least: &str,
        source: Option<String>,
    ) -> Result<Vec<LogLine>, Error> {
        let least = level(least).ok_or_else(|| Error::answer("unknown-level", "level", &[("level", least)]))?;
        let all = [Level::Error, Level::Warning, Level::Info, Level::Debug];
        let levels: BTreeSet<Level> = all.into_iter().filter(|l| *l <= least).collect();
        let filter = Filter { levels, sources: source.into_iter().collect(), text: find.unwrap_or_default() };
        let log = match self.at_work(name) {
            Some(work) => work.log().clone(),
            None => Log::read_only(&self.home().find(name)?.join("logs"))?,
        };
        let lines = log.since(&filter, 0, usize::MAX)?;
        Ok(lines.into_iter().map(|numbered| numbered.line).collect())
    }

    /// Reads in a log, aside from what else the runtime does.
    async fn reading<T: Send + 'static>(
        &self,
        name: &str,
        read: impl FnOnce(&Log) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let at_work = self.at_work(name).map(|work| work.log().clone());
        let (folder, kept) = (self.home().find(name)?, self.log_kept.clone());
        blocking(move || match at_work {
            Some(log) => read(&log),
            None => {
                let created = folder.about().ok().flatten().map(|about| about.created);
                read(&opened(&kept, &folder.join("logs"), created)?)
            }
        })
        .await
    }
}
