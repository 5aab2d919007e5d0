//! Many images asked about at once: registries side by side, one image of each first. A registry that does not answer is
//! not asked again, so that no network at all costs one short wait and not one for each image.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, stream};
use tokio::time::{Instant, timeout, timeout_at};

use crate::Error;
use crate::images::Image;
use crate::registry::{Known, Registries, Silence};

/// How much is asked at once, and how long is waited.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Images of one registry that are asked about at once.
    pub side_by_side: usize,
    /// For everything about one image.
    pub one: Duration,
    /// For all of them.
    pub all: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { side_by_side: 4, one: Duration::from_secs(15), all: Duration::from_secs(90) }
    }
}

/// What the registries say about each image, in the order of the images.
pub async fn survey(registries: &Registries, images: &[Image], limits: Limits) -> Vec<Result<Known, Silence>> {
    let ask = |image: &Image| {
        let (registries, image) = (registries.clone(), image.clone());
        async move { registries.look(&image).await }.boxed()
    };
    each(images.iter().map(|image| (image.registry.clone(), ask(image))).collect(), limits).await
}

/// The processors that each image is built for, in the order of the images.
pub async fn processors(
    registries: &Registries,
    images: &[Image],
    limits: Limits,
) -> Vec<Result<BTreeSet<String>, Silence>> {
    let ask = |image: &Image| {
        let (registries, image) = (registries.clone(), image.clone());
        async move { registries.processors(&image).await }.boxed()
    };
    each(images.iter().map(|image| (image.registry.clone(), ask(image))).collect(), limits).await
}

/// The bytes that a machine with one of these processors downloads for each image, in the order of the images.
pub async fn sizes(
    registries: &Registries,
    images: &[Image],
    processors: &BTreeSet<String>,
    limits: Limits,
) -> Vec<Result<u64, Silence>> {
    let ask = |image: &Image| {
        let (registries, image, processors) = (registries.clone(), image.clone(), processors.clone());
        async move { registries.size(&image, &processors).await }.boxed()
    };
    each(images.iter().map(|image| (image.registry.clone(), ask(image))).collect(), limits).await
}

/// What asking about one image will come to.
type Asked<T> = BoxFuture<'static, Result<T, Error>>;

/// Asks about each image, with the name of its registry.
async fn each<T: Clone + Send + 'static>(images: Vec<(String, Asked<T>)>, limits: Limits) -> Vec<Result<T, Silence>> {
    let until = Instant::now() + limits.all;
    let mut found: Vec<Result<T, Silence>> = vec![Err(Silence::NotAsked); images.len()];
    let mut by_registry: BTreeMap<String, Vec<(usize, Asked<T>)>> = BTreeMap::new();
    for (at, (registry, asked)) in images.into_iter().enumerate() {
        by_registry.entry(registry).or_default().push((at, asked));
    }
    let asked = by_registry.into_values().map(|images| of_one_registry(images, limits, until));
    for (at, known) in futures::future::join_all(asked).await.into_iter().flatten() {
        if let Some(place) = found.get_mut(at) {
            *place = known;
        }
    }
    found
}

async fn of_one_registry<T: Send + 'static>(
    images: Vec<(usize, Asked<T>)>,
    limits: Limits,
    until: Instant,
) -> Vec<(usize, Result<T, Silence>)> {
    // Why it is not asked any more, as soon as it is known.
    let silent = Mutex::new(None::<Silence>);
    let silent = &silent;
    let ask = |(at, asked): (usize, Asked<T>)| async move {
        let before = *silent.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = before {
            return (at, Err(why));
        }
        let answer = timeout_at(until, timeout(limits.one, asked)).await;
        let known = match answer {
            Ok(Ok(Ok(known))) => Ok(known),
            Ok(Ok(Err(Error::Registry { why, .. }))) => Err(why),
            Ok(Ok(Err(_))) => Err(Silence::Garbled),
            Ok(Err(_)) => Err(Silence::TimedOut),
            Err(_) => Err(Silence::NotAsked),
        };
        if let Err(why) = known
            && (why.is_about_registry() || why == Silence::NotAsked)
        {
            *silent.lock().unwrap_or_else(PoisonError::into_inner) = Some(why);
        }
        (at, known)
    };
    let mut images = images.into_iter();
    let mut found = Vec::new();
    if let Some(first) = images.next() {
        found.push(ask(first).await);
    }
    let rest: Vec<_> = images.map(ask).collect();
    let rest: Vec<_> = stream::iter(rest).buffer_unordered(limits.side_by_side.max(1)).collect().await;
    found.extend(rest);
    found
}
