//! Secrets and record: the recovery kit, and an installation that another computer made.

use super::base::Installer;
use super::same::refuse_held;
use crate::answers::{Answers, Target};
use crate::error::Error;
use crate::home::{Folder, RecoveryKit};
use crate::view::InstallationSummary;

impl Installer {
    /// Reads the record that an installation keeps in its cluster, so that this computer can go on with it. Where its
    /// secrets are encrypted, the kit opens them.
    pub async fn open_existing(
        &self,
        target: &Target,
        kit: Option<&RecoveryKit>,
    ) -> Result<InstallationSummary, Error> {
        let place = self.site(target, None).await?.shown().await?;
        let name = crate::run::record::fetch(&place, target, &self.around, kit).await?;
        self.summary(&name)
    }

    /// Writes the secrets of an installation to one file, encrypted with a passphrase.
    pub async fn recovery_kit(&self, answers: &Answers, kit: &RecoveryKit) -> Result<(), Error> {
        let is_rehearsal = matches!(answers.target, Target::Rehearsal {});
        self.kit_from(&self.home.folder(&answers.name, is_rehearsal), answers, kit).await
    }

    /// The same for an installation that is there.
    pub async fn recovery_kit_of(&self, id: &str, kit: &RecoveryKit) -> Result<(), Error> {
        let folder = self.home.find(id)?;
        refuse_held(&folder)?;
        self.kit_from(&folder, &folder.answers()?, kit).await
    }

    async fn kit_from(&self, folder: &Folder, answers: &Answers, kit: &RecoveryKit) -> Result<(), Error> {
        let bundle = self.bundle(&answers.product, &|_| {}).await?;
        crate::home::recovery_kit(&self.around, folder, answers, &bundle, kit).await
    }
}
