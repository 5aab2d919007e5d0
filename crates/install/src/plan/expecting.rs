//! How long a plan is expected to take, and what that rests on: what was measured in its cluster, the images that have to be
//! downloaded, and what stands already. Pure.

use std::collections::{BTreeMap, BTreeSet};

use catalog::images::Image;
use engine::{Estimate, EtaRange, Step};

use super::basis::Basis;
use super::downloads::{Download, Images};
use super::estimates::{A_LOOK, Priors, first, measured, tenths};
use super::frozen::Plan;
use super::step::PlannedStep;

/// How many steps are under way at once. Nearly all of a step is waiting for the cluster, which starts as many pods at once
/// as it has room for; a stage that goes in waves takes several times as long. What is bounded is what one person's laptop
/// and its link have to follow.
pub(crate) const HANDS: usize = 24;

/// Bytes a second that all machines together download: over an office's line, and from a registry near by.
const LINE: (f64, f64) = (5e6, 40e6);

/// What is known of the place when the time is foreseen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Foreknown {
    /// How long things took before.
    pub(crate) priors: Priors,
    /// Images by their full name. One that is not named is not downloaded: nothing of a rehearsal is.
    pub(crate) images: Images,
    /// Services that stand as the plan wants them.
    pub(crate) unchanged: BTreeSet<String>,
}

impl Plan {
    /// The same plan with the time that each step and all of them are expected to take. Its id stays.
    #[must_use]
    pub(crate) fn expecting(mut self, known: &Foreknown) -> Self {
        let bytes = bytes(&self, known);
        let base: Vec<Expected> = self.steps.iter().map(|step| self.expected(step, known, &bytes)).collect();
        let steps = self.engine_steps();
        let with = |factors: (f64, f64)| -> Vec<Estimate> { base.iter().map(|one| one.with(factors)).collect() };
        let end = |factors: (f64, f64)| -> EtaRange {
            let estimated = |(step, estimate): (&Step, Estimate)| Step { estimate, ..step.clone() };
            engine::expected(&steps.iter().zip(with(factors)).map(estimated).collect::<Vec<_>>(), HANDS)
        };
        let (alone, all) = (
            end((0.0, 0.0)),
            base.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.download.0, sum.1 + one.download.1)),
        );
        // Whoever downloads side by side shares the line: each takes so many times as long that all together take what the line
        // needs. Quickly, they do nothing else in the meantime; slowly, the line is all that they wait for.
        let low = factor(alone.low.max(all.0), |f| end((f, 0.0)).low);
        let high = factor(alone.high + all.1, |f| end((0.0, f)).high);
        let estimates = with((low, high));
        for (step, estimate) in self.steps.iter_mut().zip(&estimates) {
            step.estimate = *estimate;
        }
        let whole = engine::expected(&self.engine_steps(), HANDS);
        self.estimate = EtaRange { low: tenths(whole.low), high: tenths(whole.high), ..whole };
        self.basis = basis(&self, known, &bytes);
        self
    }

    fn expected(&self, step: &PlannedStep, known: &Foreknown, bytes: &BTreeMap<String, (u64, u64)>) -> Expected {
        let (kind, subject) = (step.kind.code(), step.kind.subject());
        let plain = |alone: Estimate| Expected { alone, download: (0.0, 0.0) };
        if step.kind.released().is_some_and(|service| known.unchanged.contains(service)) {
            return plain(Estimate { measured: true, ..A_LOOK });
        }
        let of_release = step.kind.released().and_then(|service| bytes.get(service));
        let download = of_release.map_or((0.0, 0.0), |(low, high)| (*low as f64 / LINE.1, *high as f64 / LINE.0));
        let first = first(kind, &step.stage, self.cluster.simulated);
        match known.priors.took(&self.cluster.uid, kind, subject) {
            None => Expected { alone: first, download },
            Some(took) if took.downloading && download.1 > 0.0 => plain(measured(took.seconds)),
            // It cannot take longer than with the download; how much of it that was is not known.
            Some(took) if took.downloading => {
                let high = measured(took.seconds).high.max(first.low);
                plain(Estimate { low: first.low.min(high / 2.0), high, measured: false })
            }
            Some(took) => Expected { alone: measured(took.seconds), download },
        }
    }
}

/// What is expected of one step.
struct Expected {
    /// Without what it downloads.
    alone: Estimate,
    /// Seconds that the line needs for what it downloads, at least and at most.
    download: (f64, f64),
}

impl Expected {
    fn with(&self, factors: (f64, f64)) -> Estimate {
        let Estimate { low, high, measured } = self.alone;
        let (low, high) = (low + self.download.0 * factors.0, high + self.download.1 * factors.1);
        Estimate { low: tenths(low), high: tenths(high.max(low)), measured: measured && self.download.1 == 0.0 }
    }
}

/// By how much each download takes longer, so that all together take until this end: between not at all and for as long as the
/// hands can share.
fn factor(end: f64, ends_with: impl Fn(f64) -> f64) -> f64 {
    let (mut from, mut to) = (0.0, HANDS as f64);
    for _ in 0..12 {
        let middle = f64::midpoint(from, to);
        if ends_with(middle) < end {
            from = middle;
        } else {
            to = middle;
        }
    }
    to
}

/// Bytes that each service downloads, at least and at most: an image by the first service that uses it.
fn bytes(plan: &Plan, known: &Foreknown) -> BTreeMap<String, (u64, u64)> {
    let mut seen = BTreeSet::new();
    let mut all = BTreeMap::new();
    for service in &plan.services {
        let own = service.images.iter().map(|name| full(name)).filter(|name| seen.insert(name.clone()));
        let sum = own.filter_map(|name| known.images.get(&name)).map(super::downloads::Wanted::bytes);
        all.insert(service.name.clone(), sum.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1)));
    }
    all
}

/// The full name of an image.
fn full(name: &str) -> String {
    Image::parse(name).map_or_else(|| name.to_owned(), |image| image.to_string())
}

fn basis(plan: &Plan, known: &Foreknown, bytes: &BTreeMap<String, (u64, u64)>) -> Basis {
    let images: BTreeSet<String> = plan.services.iter().flat_map(|s| &s.images).map(|name| full(name)).collect();
    let wanted = || images.iter().filter_map(|name| known.images.get(name));
    let of = |download| count(wanted().filter(|one| one.download == download).count());
    let sizes = || wanted().filter(|one| one.download != Download::No).filter_map(|one| one.bytes);
    Basis {
        steps: count(plan.steps.len()),
        measured: count(plan.steps.iter().filter(|step| step.estimate.measured).count()),
        images: count(images.len()),
        to_download: of(Download::Yes),
        unclear: of(Download::Perhaps),
        sized: count(sizes().count()),
        bytes: sizes().sum(),
        downloading: bytes.iter().filter(|(_, (_, most))| *most > 0).map(|(service, _)| service.clone()).collect(),
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::downloads::Wanted;
    use super::*;
    use crate::answers::Answers;
    use crate::plan::ClusterFacts;

    /// The practice product on a cluster that is there, its images all downloaded or not.
    fn plan() -> Plan {
        let combination = catalog::find("practice", "v1").unwrap();
        let bundle = catalog::open_folder(&combination, std::path::Path::new(".")).unwrap();
        let text = crate::answers::example("cluster").unwrap();
        let mut answers = Answers::read(text, std::path::Path::new("/x")).unwrap();
        answers.product = crate::answers::Product { name: "practice".into(), version: "v1".into(), ..answers.product };
        answers.product.modules = ["m_notices".to_owned()].into();
        let facts = ClusterFacts {
            uid: "here".into(),
            version: "v1.36.3".into(),
            simulated: false,
            promised: false,
            api_versions: ["v1", "apps/v1"].map(str::to_owned).into(),
        };
        crate::plan::plan(&answers, &bundle, &facts).unwrap().plan
    }

    fn all(plan: &Plan, download: Download, bytes: Option<u64>) -> Images {
        let names = plan.services.iter().flat_map(|s| &s.images);
        names.map(|name| (full(name), Wanted { download, bytes })).collect()
    }

    fn releases(plan: &Plan) -> BTreeMap<(String, String), f64> {
        let releases = plan.steps.iter().filter_map(|step| step.kind.released());
        releases.map(|service| (("release".to_owned(), service.to_owned()), 20.0)).collect()
    }

    #[test]
    fn images_that_must_be_downloaded_make_it_longer_and_by_how_much_depends_on_their_size() {
        let plan = plan();
        let images = all(&plan, Download::Yes, None).len() as u64;
        let of = |download, bytes| {
            let images = all(&plan, download, bytes);
            plan.clone().expecting(&Foreknown { images, ..Foreknown::default() })
        };
        let without = of(Download::No, None).estimate;
        for (download, bytes, low, high) in [
            (Download::No, Some(100_000_000), 0, 0),
            (Download::Yes, Some(100_000_000), 100_000_000, 100_000_000),
            (Download::Yes, Some(1_000_000_000), 1_000_000_000, 1_000_000_000),
            (Download::Yes, None, 60_000_000, 200_000_000),
            (Download::Perhaps, Some(100_000_000), 0, 100_000_000),
            (Download::Perhaps, None, 0, 200_000_000),
        ] {
            let plan = of(download, bytes);
            let (low, high) = ((images * low) as f64 / LINE.1, (images * high) as f64 / LINE.0);
            // As long as the line needs at least; at most as long as without, and the line for everything.
            let estimate = plan.estimate;
            assert!((estimate.low - without.low.max(low)).abs() < 2.0, "{download:?} {bytes:?} {estimate:?} {low}");
            assert!((estimate.high - without.high - high).abs() < 5.0, "{download:?} {bytes:?} {estimate:?} {high}");
            assert!(!estimate.measured);
            let basis = plan.basis;
            assert_eq!(u64::from(basis.images), images);
            let (to_download, unclear) = match download {
                Download::No => (0, 0),
                Download::Perhaps => (0, basis.images),
                Download::Yes => (basis.images, 0),
            };
            assert_eq!((basis.to_download, basis.unclear), (to_download, unclear));
            assert_eq!(basis.bytes, if download == Download::No { 0 } else { images * bytes.unwrap_or(0) });
        }
    }

    #[test]
    fn what_was_measured_counts_in_the_same_cluster_and_under_the_same_circumstances() {
        let plan = plan();
        let learned = |cluster: &str, downloading: bool| {
            let mut priors = Priors::default();
            let took = releases(&plan);
            let services = took.keys().map(|(_, service)| service.clone()).filter(|_| downloading).collect();
            priors.learn(cluster, &took, &services, jiff::Timestamp::UNIX_EPOCH);
            priors
        };
        let release = |priors: Priors, download| {
            let images = all(&plan, download, Some(200_000_000));
            let plan = plan.clone().expecting(&Foreknown { priors, images, ..Foreknown::default() });
            let downloads_first = plan.services.iter().find(|service| !service.images.is_empty()).unwrap();
            let step = plan.steps.iter().find(|step| step.kind.released() == Some(&downloads_first.name));
            step.map(|step| step.estimate).unwrap()
        };
        let first = release(Priors::default(), Download::No);
        assert_eq!(release(learned("elsewhere", false), Download::No), first);
        assert_eq!(release(learned("here", false), Download::No), measured(20.0));
        assert_eq!(release(learned("here", true), Download::Yes), measured(20.0));
        let now_downloading = release(learned("here", false), Download::Yes);
        assert!(!now_downloading.measured && now_downloading.high > measured(20.0).high + 10.0, "{now_downloading:?}");
        let no_longer = release(learned("here", true), Download::No);
        assert!(!no_longer.measured && no_longer.high <= measured(20.0).high && no_longer.low < no_longer.high);
    }

    #[test]
    fn what_stands_as_wanted_takes_a_look() {
        let plan = plan();
        let unchanged = plan.services.iter().map(|s| s.name.clone()).collect();
        let images = all(&plan, Download::Yes, None);
        let looked = plan.clone().expecting(&Foreknown { unchanged, images, ..Foreknown::default() });
        let releases = looked.steps.iter().filter(|step| step.kind.released().is_some());
        assert!(
            releases.clone().count() > 0
                && releases.clone().all(|step| step.estimate == Estimate { measured: true, ..A_LOOK })
        );
        let full = plan.expecting(&Foreknown::default());
        assert!(looked.estimate.high < full.estimate.low + 30.0, "{:?} {:?}", looked.estimate, full.estimate);
    }
}
