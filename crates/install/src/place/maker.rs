//! What can make the cluster of an installation.

use async_trait::async_trait;

use super::found::Place;
use crate::error::Error;
use crate::plan::ClusterFacts;

/// How far a cluster that is being made is: parts that are there, of all parts.
pub(crate) type TellMaking<'a> = &'a (dyn Fn(u32, u32) + Send + Sync);

/// Makes the cluster of an installation, finds it again and takes it away.
#[async_trait]
pub(crate) trait Maker: Send + Sync {
    /// What the cluster will be like: all that a plan needs to know before it is there. It has no UID yet.
    async fn promised(&self) -> Result<ClusterFacts, Error>;
    /// One that is like it, to be looked at before it is there.
    async fn alike(&self) -> Result<Place, Error>;
    /// The cluster, if it is there and whole. Changes nothing.
    async fn find(&self) -> Result<Option<Place>, Error>;
    /// Makes it, whatever an earlier try has left. Cut off anywhere and called again it comes to the same.
    async fn make(&self, tell: TellMaking<'_>) -> Result<Place, Error>;
    /// Takes it away with everything in it, also one that is half made. `false`: nothing of it was there.
    async fn unmake(&self) -> Result<bool, Error>;
}
