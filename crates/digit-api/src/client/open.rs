//! Opening an address as a browser would: pages, scripts, uploaded files. Never with a token.

use std::time::Instant;

use reqwest::Url;
use reqwest::header::{CONTENT_TYPE, DATE, SERVER, VIA};

use super::ask::{read_limited, why};
use super::{Client, retry};
use crate::fault::{Fault, Found, NoAnswer, Said, Seen, Service};

/// What was opened.
#[derive(Debug, Clone)]
pub(crate) struct Opened {
    /// Where it was in the end.
    pub(crate) url: Url,
    pub(crate) media: String,
    pub(crate) bytes: Vec<u8>,
}

impl Opened {
    pub(crate) fn is_html(&self) -> bool {
        self.media.contains("html") || self.bytes.trim_ascii_start().starts_with(b"<!")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

impl Client {
    /// Opens an address; anything but 200 is a fault. Asked again where that may help.
    pub(crate) async fn open(&self, url: &Url) -> Result<Opened, Box<Fault>> {
        let mut pauses = retry::pauses(&self.patience);
        loop {
            let fault = match self.open_once(url).await {
                Ok(opened) => return Ok(opened),
                Err(seen) => Fault::from(seen),
            };
            let pause = if retry::worth(&fault) { pauses.next() } else { None };
            let Some(pause) = pause else { return Err(Box::new(fault)) };
            (self.sleep)(pause).await;
        }
    }

    async fn open_once(&self, url: &Url) -> Result<Opened, Seen> {
        let ours = url.origin().ascii_serialization() == self.web.address.origin();
        let (service, http) =
            if ours { (Service::Web, &self.web.http) } else { (Service::Elsewhere, self.elsewhere.client(url)) };
        let began = Instant::now();
        let answer = tokio::time::timeout(self.patience.answer, async {
            let answer = http.get(url.clone()).send().await?;
            let (status, url) = (answer.status().as_u16(), answer.url().clone());
            let headers = answer.headers().clone();
            Ok::<_, reqwest::Error>((status, url, headers, read_limited(answer).await?))
        })
        .await;
        let seen = |found, between| Seen {
            service,
            // The query of a signed address opens the file.
            call: url.path().to_owned(),
            at: url.origin().ascii_serialization(),
            took_ms: began.elapsed().as_millis() as u64,
            found,
            between,
        };
        let (status, url, headers, bytes) = match answer {
            Ok(Ok(whole)) => whole,
            Ok(Err(error)) => return Err(seen(Found::NoAnswer(why(&error)), None)),
            Err(_) => return Err(seen(Found::NoAnswer(NoAnswer::TimedOut), None)),
        };
        let header = |name| headers.get(name).and_then(|v: &reqwest::header::HeaderValue| v.to_str().ok());
        // The clock of another host says nothing of DIGIT's.
        if ours && let Some(date) = header(DATE) {
            self.heard_date(date);
        }
        let media = header(CONTENT_TYPE).unwrap_or_default().to_owned();
        if status != 200 {
            let (said, _) = Said::read(Some(&media), &bytes);
            let between = header(VIA).or(header(SERVER)).map(str::to_owned);
            return Err(seen(Found::Answer { status, said }, between));
        }
        Ok(Opened { url, media, bytes })
    }
}
