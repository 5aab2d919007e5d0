//! Making the clients: one for each address, so that no token follows a redirect to another host and no proxy stands before loopback.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Url};

use crate::Error;
use crate::address::{Address, is_loopback};

/// How to wait: time is a parameter.
pub type Sleep = Arc<dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync>;
/// What time it is: time is a parameter.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where DIGIT is reached.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// The gateway: the public address, or a way to the web entry or the gateway.
    pub gateway: Address,
    /// egov-user itself, for what works only there.
    pub user_service: Option<Address>,
    /// The web entry that people open; normally the gateway's.
    pub web: Address,
}

/// How patient we are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long a connection may take.
    pub connect: Duration,
    /// How long an answer may take. Longer than the 30 s after which DIGIT says that Kafka is away.
    pub answer: Duration,
    /// The same for localization, which answers after 60 s when Redis is away.
    pub slow_answer: Duration,
    /// How often what may be repeated is asked in all.
    pub tries: u32,
    /// The first pause between tries; each is twice the one before.
    pub pause: Duration,
    /// The longest pause, also when DIGIT asks for a longer one.
    pub longest_pause: Duration,
    /// Between making the workflow and the first search for it.
    pub after_workflow: Duration,
    /// The first pause between two searches for what was just made; each is half as long again.
    pub search: Duration,
    /// The longest pause between two searches.
    pub longest_search: Duration,
    /// How long it is searched in all. The persister may be held up for 5 s by what it cannot write, several times.
    pub search_limit: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            answer: Duration::from_secs(40),
            slow_answer: Duration::from_secs(75),
            tries: 4,
            pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(20),
            after_workflow: Duration::from_millis(3_500),
            search: Duration::from_millis(200),
            longest_search: Duration::from_secs(2),
            search_limit: Duration::from_secs(45),
        }
    }
}

/// One address with the client that asks it.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) address: Address,
    pub(crate) http: reqwest::Client,
}

/// What addresses that DIGIT names are opened with: never with a token.
#[derive(Debug, Clone)]
pub(crate) struct Elsewhere {
    direct: reqwest::Client,
    by_proxy: reqwest::Client,
}

impl Elsewhere {
    /// The client for a URL.
    pub(crate) fn client(&self, url: &Url) -> &reqwest::Client {
        if is_loopback(url) { &self.direct } else { &self.by_proxy }
    }
}

/// Everything that is said to one DIGIT goes through here.
pub struct Client {
    pub(crate) gateway: Way,
    pub(crate) user: Option<Way>,
    /// The web entry for pages: they may send on within their host.
    pub(crate) web: Way,
    /// The web entry for calls: a POST that is sent on becomes a GET, and its refusal would mean nothing.
    pub(crate) entry: Way,
    pub(crate) elsewhere: Elsewhere,
    pub(crate) patience: Patience,
    pub(crate) now: Now,
    pub(crate) sleep: Sleep,
    /// How far DIGIT's clock is from ours, the largest seen, in seconds; and how many answers said the time.
    skew: AtomicI64,
    dated: AtomicU64,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("gateway", &self.gateway.address).field("web", &self.web.address).finish()
    }
}

impl Client {
    /// A client for these addresses. `builder` gives what the caller knows of proxies and trust; redirects, time-outs and loopback
    /// are our business.
    ///
    /// # Errors
    /// [`Error::Http`] when no client can be made of it.
    pub fn new(addresses: Addresses, patience: Patience, builder: &dyn Fn() -> ClientBuilder) -> Result<Self, Error> {
        let make = |loopback: bool, redirects: Policy| {
            let builder = builder().connect_timeout(patience.connect).redirect(redirects).referer(false);
            // A way through a cluster's API drops idle connections without a word.
            let builder = builder.pool_idle_timeout(Duration::from_secs(10));
            if loopback { builder.no_proxy() } else { builder }.build().map_err(Error::Http)
        };
        let gateway_is_loopback = addresses.gateway.is_loopback();
        let gateway = Way { http: make(gateway_is_loopback, Policy::none())?, address: addresses.gateway };
        let beside = |address: Address| {
            // Reading the system's certificates takes its time: what may share a client does.
            let shared = address.is_loopback() == gateway_is_loopback;
            let http = if shared { gateway.http.clone() } else { make(address.is_loopback(), Policy::none())? };
            Ok::<_, Error>(Way { http, address })
        };
        Ok(Self {
            user: addresses.user_service.map(beside).transpose()?,
            entry: beside(addresses.web.clone())?,
            web: Way { http: make(addresses.web.is_loopback(), same_host())?, address: addresses.web },
            elsewhere: Elsewhere {
                direct: make(true, Policy::limited(5))?,
                by_proxy: make(false, Policy::limited(5))?,
            },
            gateway,
            patience,
            now: Arc::new(Timestamp::now),
            sleep: Arc::new(|pause| Box::pin(tokio::time::sleep(pause))),
            skew: AtomicI64::new(0),
            dated: AtomicU64::new(0),
        })
    }

    /// The same with another clock.
    #[must_use]
    pub fn with_clock(mut self, now: Now) -> Self {
        self.now = now;
        self
    }

    /// The address of the gateway, as results name it.
    #[must_use]
    pub fn gateway_origin(&self) -> String {
        self.gateway.address.origin()
    }

    /// The address of the web entry, as results name it.
    #[must_use]
    pub fn web_origin(&self) -> String {
        self.web.address.origin()
    }

    /// How far DIGIT's clock is from this one, in seconds, positive when DIGIT's is ahead: the largest of what the answers' `Date` said.
    /// None when no answer said the time.
    #[must_use]
    pub fn clock_skew(&self) -> Option<i64> {
        (self.dated.load(Ordering::Relaxed) > 0).then(|| self.skew.load(Ordering::Relaxed))
    }

    /// Takes note of the time that an answer says.
    pub(crate) fn heard_date(&self, date: &str) {
        let Ok(theirs) = jiff::fmt::rfc2822::parse(date) else { return };
        let skew = theirs.timestamp().as_second() - (self.now)().as_second();
        self.dated.fetch_add(1, Ordering::Relaxed);
        let larger = |old: i64| (skew.abs() > old.abs()).then_some(skew);
        let _ = self.skew.fetch_update(Ordering::Relaxed, Ordering::Relaxed, larger);
    }
}

/// Pages may send on within their host (`http` to `https`, `/` to `/digit-ui/`), not to another one.
fn same_host() -> Policy {
    Policy::custom(|attempt| {
        let stays = attempt.previous().first().is_some_and(|first| first.host_str() == attempt.url().host_str());
        if stays && attempt.previous().len() <= 5 { attempt.follow() } else { attempt.stop() }
    })
}
