//! What can be installed, and what answers come to. Creates nothing.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use catalog::registry::Registries;
use catalog::{Bundle, SourceSpec};
use std::time::Duration;

use super::base::Installer;
use super::same::{facts_for, is_the_one_of, name_free_for, there};
use crate::answers::{Answers, Product, Target};
use crate::error::{Error, ErrorView};
use crate::home::Folder;
use crate::place::{self, CheckView, Checked, ClusterView, KubeconfigView, checks};
use crate::plan::images::{self, ImageView};
use crate::plan::products::{self, CatalogView};
use crate::plan::{ClusterFacts, Planned};
use crate::surroundings::blocking;
use crate::view::SelectionView;

/// How long is waited at most until a connection for a download stands.
const CONNECT_WITHIN: Duration = Duration::from_secs(15);

/// What a plan is to be carried out on.
pub(super) struct Ground<'a> {
    /// The cluster, if it is there.
    pub(super) place: Option<&'a place::Place>,
    /// The installation on this computer.
    pub(super) folder: &'a Folder,
    /// Its releases in the cluster, each as namespace and name.
    pub(super) there: BTreeSet<(String, String)>,
}

impl Installer {
    /// Everything that can be installed.
    pub fn catalog(&self) -> Result<CatalogView, Error> {
        products::catalog_view(&self.around.cache)
    }

    /// The charts of a product: read, verified, and downloaded before if need be.
    pub async fn bundle(
        &self,
        product: &Product,
        progress: &(dyn Fn(catalog::Progress) + Send + Sync),
    ) -> Result<Arc<Bundle>, Error> {
        let combination = catalog::find(&product.name, &product.version)?;
        let key = format!("{} {} {:?}", product.name, product.version, product.source);
        let cell = self.bundle_named(&key);
        if let Some(bundle) = cell.get() {
            return Ok(bundle.clone());
        }
        let source = match &product.source {
            Some(folder) => SourceSpec::Folder(folder.clone()),
            None => {
                let client = self.settings()?.proxy.client(CONNECT_WITHIN)?;
                products::download(&self.around.cache, client)
            }
        };
        let fetched = cell.get_or_try_init(|| async {
            tokio::select! {
                bundle = catalog::open(&combination, &source, progress) => Ok(Arc::new(bundle?)),
                () = self.giving_up().cancelled_owned() => Err(Error::GivenUp),
            }
        });
        fetched.await.cloned()
    }

    /// What a choice of modules brings along.
    pub async fn selection(&self, product: &Product) -> Result<SelectionView, Error> {
        let bundle = self.bundle(product, &|_| {}).await?;
        let answers = Answers::of_product(product.clone());
        let facts = self.site(&Target::Rehearsal {}, None).await?.facts(None).await?;
        let planned = blocking(move || crate::plan::plan(&answers, &bundle, &facts).map(|p| p.plan)).await?;
        Ok(SelectionView { services: planned.services, sizes: planned.sizes })
    }

    /// A kubeconfig and what it offers; none: the default one.
    pub fn kubeconfig(&self, path: Option<&Path>) -> Result<KubeconfigView, Error> {
        place::kubeconfig_view(path)
    }

    /// What cluster a target is, who we are in it and what we may do.
    pub async fn cluster(&self, target: &Target) -> Result<ClusterView, Error> {
        Ok(place::view(&place::look(&self.site(target, None).await?.shown().await?).await?))
    }

    /// What is wrong with answers, without looking at anything else but their own files.
    pub fn validate(&self, answers: &Answers) -> Vec<ErrorView> {
        let mut problems: Vec<ErrorView> = answers.problems().iter().map(Error::view).collect();
        let folder = self.home.folder(&answers.name, matches!(answers.target, Target::Rehearsal {}));
        if !folder.is_rehearsal()
            && let Err(error) = name_free_for(&folder, answers)
        {
            problems.push(error.view());
        }
        problems
    }

    /// Decides everything about answers. With `rehearse` the cluster is a simulated one.
    pub async fn plan(&self, answers: &Answers, rehearse: bool) -> Result<Planned, Error> {
        let answers = answers.clone().checked()?;
        let bundle = self.bundle(&answers.product, &|_| {}).await?;
        let target = if rehearse { &Target::Rehearsal {} } else { &answers.target };
        let folder = self.home.folder(&answers.name, matches!(target, Target::Rehearsal {}));
        let site = self.site(target, None).await?;
        let place = site.there().await?;
        let there = there(&answers.name, place.as_ref()).await?;
        let facts = facts_for(&folder, &site, &there, self.around.clock.now()).await?;
        let on = Ground { place: place.as_ref(), folder: &folder, there };
        self.plan_with(&answers, bundle, facts, &on).await
    }

    /// Decides everything about answers, where `there` are these releases of the installation.
    pub(super) async fn plan_with(
        &self,
        answers: &Answers,
        bundle: Arc<Bundle>,
        facts: ClusterFacts,
        on: &Ground<'_>,
    ) -> Result<Planned, Error> {
        let (answers, there) = (answers.clone(), on.there.clone());
        let planned = blocking(move || {
            let planned = crate::plan::plan(&answers, &bundle, &facts)?;
            Ok(Planned { plan: planned.plan.with_there(&there)?, ..planned })
        })
        .await?;
        let known = self.foreknown(&planned.plan, on.place, on.folder, &on.there).await?;
        Ok(Planned { plan: planned.plan.expecting(&known), ..planned })
    }

    /// Every image of a plan, with what its registry says about it where one answers.
    pub async fn images(&self, planned: &Planned) -> Result<Vec<ImageView>, Error> {
        Ok(images::known(&planned.images(), &self.registries()?).await)
    }

    /// A way to ask registries.
    pub(super) fn registries(&self) -> Result<Registries, Error> {
        Ok(Registries::new(self.settings()?.proxy.client(images::CONNECT_WITHIN)?))
    }

    /// Looks whether everything is fit for the plan. Nothing stays changed: a database or file store of one's own is
    /// tried by a pod that is taken away again, also when this future is dropped (see [`Self::tidied`]). Each check is
    /// told as it ends.
    pub async fn check(
        &self,
        planned: &Planned,
        rehearse: bool,
        tell: &(dyn Fn(CheckView) + Send + Sync),
    ) -> Result<Checked, Error> {
        let target = if rehearse { &Target::Rehearsal {} } else { &planned.plan.answers.target };
        let place = self.site(target, None).await?.shown().await?;
        let is_rehearsal = matches!(target, Target::Rehearsal {});
        let about = self.home.folder(&planned.plan.installation, is_rehearsal).about()?;
        let is_known = is_the_one_of(about.as_ref(), Some(&place)).await?;
        let probes = self.probes.options(self.around.clock.now(), self.leaving.child_token(), false);
        let probes = probes.asking(self.registries()?);
        let of_place = checks::of_place(planned, tell);
        Ok(of_place.and(checks::of_cluster(&place, planned, is_known, &probes, tell).await?))
    }
}
