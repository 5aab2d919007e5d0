//! The pages, as a browser meets them: the page, what it loads, the settings it reads.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::Url;

use cause::Cause;

use super::check::data;
use crate::Error;
use crate::client::{Client, Opened};
use crate::fault::{Fault, Remedy};
use crate::html::{Configs, Page, configs};

type Found = Result<BTreeMap<String, String>, Error>;

/// Pages that were opened.
pub(super) struct Pages(Vec<(Url, Page)>);

/// Opens each page and looks whether it is one.
pub(super) async fn pages(client: &Client, paths: &[String]) -> Result<Pages, Error> {
    let mut pages = Vec::new();
    for path in paths {
        let url = client.web.address.join(path);
        let opened = client.open(&url).await.map_err(|f| page_fault(path, *f))?;
        let wrong = |code: &str| Cause::new(code).with("page", path).with("at", client.web_origin());
        if !opened.is_html() {
            return Err(Error::found(wrong("page-not-html").with("media", &opened.media), Remedy::CheckFrontEnd));
        }
        let page = Page::read(&opened.text());
        let lacks: Vec<&str> = [
            ("title", page.title.as_ref().is_none_or(|t| t.trim().is_empty())),
            ("root", !page.has_root),
            ("script", page.scripts.is_empty()),
        ]
        .into_iter()
        .filter_map(|(what, lacks)| lacks.then_some(what))
        .collect();
        if !lacks.is_empty() {
            return Err(Error::found(wrong("page-blank").with("missing", lacks.join(", ")), Remedy::CheckFrontEnd));
        }
        pages.push((opened.url, page));
    }
    Ok(Pages(pages))
}

/// A page's fault keeps its own cause where it says more than a status.
fn page_fault(path: &str, fault: Fault) -> Error {
    match fault.seen.status() {
        Some(status) => {
            let cause = Cause::new("page-status").with("page", path).with("status", status).with("at", &fault.seen.at);
            let cause = match &fault.seen.between {
                Some(between) => cause.with("between", between),
                None => cause,
            };
            Error::found(cause, if status == 407 { Remedy::CheckProxy } else { Remedy::CheckFrontEnd })
        }
        None => fault.into(),
    }
}

impl Pages {
    pub(super) fn data(&self) -> BTreeMap<String, String> {
        data([("pages", self.0.len().to_string())])
    }

    /// All that the pages load, each once, and whether it is a script.
    fn assets(&self) -> BTreeSet<(String, bool)> {
        let of = |url: &Url, page: &Page| {
            let base = page.base.as_deref().and_then(|b| url.join(b).ok()).unwrap_or_else(|| url.clone());
            let all = page.scripts.iter().map(|s| (s, true)).chain(page.styles.iter().map(|s| (s, false)));
            // What is no address is asked for as it stands, and is then the asset that does not load.
            all.map(|(s, script)| (base.join(s.trim()).map_or_else(|_| s.clone(), String::from), script))
                .collect::<Vec<_>>()
        };
        self.0.iter().flat_map(|(url, page)| of(url, page)).collect()
    }

    /// Loads scripts and styles. Gives the scripts' texts, of those that load.
    pub(super) async fn load(&self, client: &Client) -> (Vec<String>, Found) {
        let (mut scripts, mut first, mut loaded) = (Vec::new(), None, 0_u64);
        for (asset, is_script) in self.assets() {
            match one(client, &asset).await {
                Ok(opened) => {
                    loaded += 1;
                    if is_script {
                        scripts.push(opened.text());
                    }
                }
                Err(error) => first = first.or(Some(error)),
            }
        }
        let found = match first {
            Some(error) => Err(error),
            None => Ok(data([("assets", loaded.to_string())])),
        };
        (scripts, found)
    }

    /// Looks for `globalConfigs` in the page itself and in the scripts that it loads.
    pub(super) fn global_configs(&self, scripts: &[String], state: &str, at: &str) -> Found {
        let inline = self.0.iter().flat_map(|(_, page)| &page.inline);
        let all: Vec<(Configs, &str)> = inline
            .map(|s| (configs(s, state), "inline"))
            .chain(scripts.iter().map(|s| (configs(s, state), "linked")))
            .filter(|(found, _)| *found != Configs::None)
            .collect();
        let cause = |code| Cause::new(code).with("state", state).with("at", at);
        if all.iter().any(|(found, _)| *found == Configs::OfAnother) {
            return Err(Error::found(cause("global-configs-of-another"), Remedy::CheckFrontEnd));
        }
        match all.first() {
            Some((_, place)) => Ok(data([("place", (*place).to_owned())])),
            None => Err(Error::found(cause("global-configs-missing"), Remedy::CheckFrontEnd)),
        }
    }
}

async fn one(client: &Client, asset: &str) -> Result<Opened, Error> {
    // Only host and path are named: a query may be somebody's key.
    let named = asset.split(['?', '#']).next().unwrap_or_default();
    let wrong = |code: &str| Cause::new(code).with("asset", named);
    let url = Url::parse(asset).map_err(|_| Error::found(wrong("asset-address"), Remedy::CheckFrontEnd))?;
    let opened = client.open(&url).await.map_err(|f| {
        let cause = wrong("asset-missing").with("why", &f.cause.code);
        let cause = match f.seen.status() {
            Some(status) => cause.with("status", status),
            None => cause,
        };
        Error::found(cause, Remedy::CheckFrontEnd)
    })?;
    // A front end answers with its page where a file is missing, and with 200.
    if opened.is_html() {
        return Err(Error::found(wrong("asset-is-a-page"), Remedy::CheckFrontEnd));
    }
    if opened.bytes.is_empty() {
        return Err(Error::found(wrong("asset-empty"), Remedy::CheckFrontEnd));
    }
    Ok(opened)
}
