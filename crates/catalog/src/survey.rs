//! Many images asked about at once: registries side by side, one image of each first. A registry that does not answer is
//! not asked again, so that no network at all costs one short wait and not one for each image.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
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
    let until = Instant::now() + limits.all;
    let mut by_registry: BTreeMap<&str, Vec<(usize, &Image)>> = BTreeMap::new();
    for (at, image) in images.iter().enumerate() {
        by_registry.entry(&image.registry).or_default().push((at, image));
    }
    let asked = by_registry.into_values().map(|images| of_one_registry(registries, images, limits, until));
    let mut found: Vec<Result<Known, Silence>> = vec![Err(Silence::NotAsked); images.len()];
    for (at, known) in futures::future::join_all(asked).await.into_iter().flatten() {
        if let Some(place) = found.get_mut(at) {
            *place = known;
        }
    }
    found
}

async fn of_one_registry(
    registries: &Registries,
    images: Vec<(usize, &Image)>,
    limits: Limits,
    until: Instant,
) -> Vec<(usize, Result<Known, Silence>)> {
    // Why it is not asked any more, as soon as it is known.
    let silent = Mutex::new(None::<Silence>);
    let lock = || silent.lock().unwrap_or_else(PoisonError::into_inner);
    let ask = async |(at, image): (usize, &Image)| {
        let before = *lock();
        if let Some(why) = before {
            return (at, Err(why));
        }
        let answer = timeout_at(until, timeout(limits.one, registries.look(image))).await;
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
            *lock() = Some(why);
        }
        (at, known)
    };
    let mut images = images.into_iter();
    let mut found = Vec::new();
    if let Some(first) = images.next() {
        found.push(ask(first).await);
    }
    let rest: Vec<_> = stream::iter(images).map(ask).buffer_unordered(limits.side_by_side.max(1)).collect().await;
    found.extend(rest);
    found
}
