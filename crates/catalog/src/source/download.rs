//! GitHub's archive of a commit, kept in a cache folder.
//!
//! A file is `NAME.tar.gz.part` until everything that was pinned in it has been verified, then it gets its name by one
//! rename. A download that was cut goes on where it stopped, if the server can; GitHub's cannot always, then it begins
//! again. What is wrong rather than broken (another hash) is not asked for again.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_RANGE, ETAG, IF_RANGE, RANGE, RETRY_AFTER};

use super::archive;
use super::kept::{read_folder, run_blocking, verified};
use super::tree::{Limits, Progress};
use crate::Error;
use crate::combinations::Pin;

/// Where GitHub gives the archive of a commit. `{repository}` and `{commit}` are filled in.
pub const GITHUB: &str = "https://codeload.github.com/egovernments/{repository}/tar.gz/{commit}";

/// How to wait: time is a parameter.
pub type Sleep = Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;

/// How patient a download is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryLimits {
    /// How often it is tried in all.
    pub tries: u32,
    /// The first pause; each is twice the one before.
    pub pause: Duration,
    /// The longest pause, also when the server asks for a longer one.
    pub longest: Duration,
    /// How long no byte may come.
    pub stall: Duration,
}

impl Default for RetryLimits {
    fn default() -> Self {
        Self {
            tries: 6,
            pause: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            stall: Duration::from_secs(30),
        }
    }
}

impl RetryLimits {
    /// The pauses between all tries.
    fn pauses(self) -> impl Iterator<Item = Duration> {
        ExponentialBuilder::new()
            .with_min_delay(self.pause)
            .with_max_delay(self.longest)
            .with_factor(2.0)
            .with_max_times(self.tries.saturating_sub(1) as usize)
            .build()
    }
}

/// A place to download from and a folder to keep it in.
#[derive(Clone)]
pub struct Download {
    /// The client: proxy and trust are its business.
    pub client: reqwest::Client,
    /// Address with `{repository}` and `{commit}`, normally [`GITHUB`].
    pub template: String,
    /// Where archives are kept.
    pub cache: PathBuf,
    /// How patient it is.
    pub retries: RetryLimits,
    /// How to wait between tries.
    pub sleep: Sleep,
}

/// How one try ended.
enum Try {
    Done,
    Again { status: Option<u16>, detail: String, after: Option<Duration> },
    Never(Error),
}

impl Download {
    /// From GitHub into `cache`, with the given client.
    #[must_use]
    pub fn github(client: reqwest::Client, cache: PathBuf) -> Self {
        Self {
            client,
            template: GITHUB.to_owned(),
            cache,
            retries: RetryLimits::default(),
            sleep: Arc::new(|pause| Box::pin(tokio::time::sleep(pause))),
        }
    }

    /// Has the archive that `pins` (all of one source) name in the cache, verified.
    ///
    /// # Errors
    /// [`Error::Download`] when all tries failed; [`Error::WrongHash`] and the archive's own errors at once, except a
    /// truncated or damaged one, which is tried again.
    pub async fn fetch(
        &self,
        pins: &[Pin],
        limits: Limits,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Result<(), Error> {
        let Some(pin) = pins.first() else { return Ok(()) };
        let name = pin.source_name();
        let url = self.template.replace("{repository}", pin.repository).replace("{commit}", pin.commit);
        let whole = self.cache.join(format!("{name}.tar.gz"));
        let part = self.cache.join(format!("{name}.tar.gz.part"));
        if whole.is_file() {
            match self.verify(&self.cache, pins, limits).await {
                Ok(()) => return Ok(()),
                // Something happened to it since: have it again.
                Err(_) => remove(&whole)?,
            }
        }
        fs::create_dir_all(&self.cache).map_err(|error| Error::Io { path: self.cache.clone(), error })?;
        let mut pauses = self.retries.pauses();
        let mut last: (Option<u16>, String);
        // The longest pause that the server asked for: no later one is shorter.
        let mut asked = Duration::ZERO;
        let mut now = Progress { attempt: 1, attempts: self.retries.tries, ..Progress::default() };
        loop {
            match self.attempt(&url, &part, limits, &mut now, progress).await {
                Try::Never(error) => return Err(error),
                Try::Done => match self.verify_part(&part, &name, pins, limits).await {
                    Ok(()) => {
                        fs::rename(&part, &whole).map_err(|error| Error::Io { path: whole.clone(), error })?;
                        return Ok(());
                    }
                    Err(error) => {
                        remove(&part)?;
                        remove(&tag_of(&part))?;
                        if !matches!(error, Error::ArchiveTruncated { .. } | Error::ArchiveDamaged { .. }) {
                            return Err(error);
                        }
                        last = (None, error.to_string());
                    }
                },
                Try::Again { status, detail, after } => {
                    last = (status, detail);
                    asked = asked.max(after.unwrap_or_default());
                }
            }
            let Some(pause) = pauses.next() else { break };
            now.attempt += 1;
            progress(now);
            (self.sleep)(pause.max(asked).min(self.retries.longest)).await;
        }
        Err(Error::Download { url, status: last.0, detail: last.1, tries: self.retries.tries })
    }

    async fn attempt(
        &self,
        url: &str,
        part: &Path,
        limits: Limits,
        now: &mut Progress,
        progress: &(dyn Fn(Progress) + Send + Sync),
    ) -> Try {
        let mut have = fs::metadata(part).map_or(0, |m| m.len());
        let mut ask = self.client.get(url);
        // Without its tag we could not know that the rest belongs to the same bytes.
        match fs::read_to_string(tag_of(part)) {
            Ok(tag) if have > 0 => ask = ask.header(RANGE, format!("bytes={have}-")).header(IF_RANGE, tag),
            _ => have = 0,
        }
        let answer = match tokio::time::timeout(self.retries.stall, ask.send()).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => return again(None, error.without_url().to_string()),
            Err(_) => return again(None, "no answer".to_owned()),
        };
        let status = answer.status();
        let header = |name| answer.headers().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        if status == StatusCode::RANGE_NOT_SATISFIABLE && have > 0 {
            return match remove(part).and_then(|()| remove(&tag_of(part))) {
                Ok(()) => again(Some(status.as_u16()), status.to_string()),
                Err(error) => Try::Never(error),
            };
        }
        if !status.is_success() {
            let after = header(RETRY_AFTER).and_then(|v| v.parse().ok()).map(Duration::from_secs);
            let detail = status.to_string();
            let status = Some(status.as_u16());
            if matches!(status, Some(408 | 425 | 429 | 500..=599)) {
                return Try::Again { status, detail, after };
            }
            return Try::Never(Error::Download { url: url.to_owned(), status, detail, tries: 1 });
        }
        let goes_on = status == StatusCode::PARTIAL_CONTENT
            && header(CONTENT_RANGE).is_some_and(|r| r.starts_with(&format!("bytes {have}-")));
        if !goes_on {
            have = 0;
        }
        let total = answer.content_length().map(|rest| have + rest);
        if total.is_some_and(|total| total > limits.unpacked) {
            return Try::Never(Error::ArchiveTooLarge { archive: part.to_owned(), limit: limits.unpacked });
        }
        let tag = header(ETAG).filter(|tag| !tag.starts_with("W/"));
        let io = |path: &Path, error| Try::Never(Error::Io { path: path.to_owned(), error });
        let opened = if goes_on {
            fs::OpenOptions::new().append(true).open(part)
        } else {
            let kept = match &tag {
                Some(tag) => fs::write(tag_of(part), tag),
                None => remove_file(&tag_of(part)),
            };
            if let Err(error) = kept {
                return io(part, error);
            }
            fs::File::create(part)
        };
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return io(part, error),
        };
        let mut body = answer.bytes_stream();
        loop {
            let bytes = match tokio::time::timeout(self.retries.stall, body.next()).await {
                Err(_) => return again(None, "no byte came".to_owned()),
                Ok(None) => break,
                Ok(Some(Err(error))) => return again(None, error.without_url().to_string()),
                Ok(Some(Ok(bytes))) => bytes,
            };
            if let Err(error) = file.write_all(&bytes) {
                return io(part, error);
            }
            have += bytes.len() as u64;
            if have > limits.unpacked {
                return Try::Never(Error::ArchiveTooLarge { archive: part.to_owned(), limit: limits.unpacked });
            }
            (now.done, now.total) = (have, total);
            progress(*now);
        }
        if let Err(error) = file.sync_all() {
            return io(part, error);
        }
        Try::Done
    }

    async fn verify(&self, folder: &Path, pins: &[Pin], limits: Limits) -> Result<(), Error> {
        let (folder, pins) = (folder.to_owned(), pins.to_vec());
        run_blocking(move || read_folder(&folder, &pins, limits).map(drop)).await
    }

    async fn verify_part(&self, part: &Path, name: &str, pins: &[Pin], limits: Limits) -> Result<(), Error> {
        let (part, name, pins) = (part.to_owned(), name.to_owned(), pins.to_vec());
        run_blocking(move || {
            let wanted: Vec<&str> = pins.iter().map(|p| p.path).collect();
            let tree = archive::read(&part, &name, &wanted, limits)?;
            pins.iter().try_for_each(|pin| verified(pin, &tree).map(drop))
        })
        .await
    }
}

fn again(status: Option<u16>, detail: String) -> Try {
    Try::Again { status, detail, after: None }
}

/// Where the entity tag of a part is kept.
fn tag_of(part: &Path) -> PathBuf {
    part.with_extension("part-tag")
}

fn remove_file(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    remove_file(path).map_err(|error| Error::Io { path: path.to_owned(), error })
}
