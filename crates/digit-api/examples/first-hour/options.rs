//! What is asked for, and what is read for it. Secrets come from files alone.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use digit_api::seed::Seed;
use digit_api::{Address, AddressKind, Error, Remembered, Tenants};
use secrecy::SecretString;

use crate::keep;

/// The archive that holds the seed data, beside the other shared inputs.
const ARCHIVE: &str = "DIGIT-DevOps-a4356638b3d90280d4c41dcac1accfb5aac020d5.tar.gz";

/// The pages of DIGIT's own web interface.
const PAGES: [&str; 2] = ["/digit-ui/citizen", "/digit-ui/employee"];

/// Does the last stage of an installation: administrator, seed, acceptance.
#[derive(Debug, Parser)]
#[command(name = "first-hour")]
pub(crate) struct Options {
    /// The gateway: the public address, or a way to it
    #[arg(long, value_name = "URL")]
    gateway: String,
    /// egov-user itself
    #[arg(long, value_name = "URL", required_unless_present = "only_acceptance")]
    user_service: Option<String>,
    /// The web entry that people open; else the gateway's address, unless that is a way from this computer to the gateway alone
    #[arg(long, value_name = "URL")]
    web: Option<String>,
    /// The state's code
    #[arg(long, default_value = "pg")]
    state: String,
    /// The city's code
    #[arg(long, default_value = "pg.citya")]
    city: String,
    /// seed_data.json, or the .tar.gz that holds it
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// The administrator's name
    #[arg(long, value_name = "NAME", default_value = "admin")]
    pub(crate) user: String,
    /// A file with the administrator's password; else one is drawn and kept
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// A demo: sample people and their known passwords are wanted
    #[arg(long)]
    pub(crate) demo: bool,
    /// Where is kept what must be known again
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    /// A page that is opened; may be given several times [default: /digit-ui/citizen /digit-ui/employee, where there is a web entry]
    #[arg(long, value_name = "PATH")]
    page: Vec<String>,
    /// Who can open the address; else what the address shows
    #[arg(long)]
    pub(crate) kind: Option<Kind>,
    /// Only the acceptance, of any DIGIT
    #[arg(long)]
    pub(crate) only_acceptance: bool,
    /// Only look: nothing is filed or uploaded
    #[arg(long, requires = "only_acceptance")]
    pub(crate) read_only: bool,
    /// Set the administrator's password if another one is set
    #[arg(long)]
    pub(crate) set_password: bool,
    /// File another complaint although the last one was never found
    #[arg(long)]
    pub(crate) file_anew: bool,
    /// One JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// Who can open the address.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// Everybody it is meant for
    Own,
    /// This computer, and that is meant
    ThisComputer,
    /// A way inside: the address is not public yet
    Inside,
}

impl From<Kind> for AddressKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Own => AddressKind::Own,
            Kind::ThisComputer => AddressKind::ThisComputer,
            Kind::Inside => AddressKind::Inside,
        }
    }
}

/// What was read.
pub(crate) struct Input {
    pub(crate) gateway: Address,
    pub(crate) user_service: Option<Address>,
    pub(crate) web: Address,
    /// Pages to open; none: no web entry was named.
    pub(crate) pages: Vec<String>,
    pub(crate) tenants: Tenants,
    pub(crate) password: SecretString,
    pub(crate) seed: Option<Seed>,
    pub(crate) keep: PathBuf,
    pub(crate) remembered: Remembered,
}

impl Options {
    /// Reads all that is named, before anything is sent.
    pub(crate) fn read(&self) -> Result<Input, Error> {
        let gateway = Address::read(&self.gateway)?;
        let user_service = self.user_service.as_deref().map(Address::read).transpose()?;
        // Where the gateway is reached below a path, pages are still at the top.
        let web = Address::read(self.web.as_deref().unwrap_or(&gateway.origin()))?;
        let has_entry = self.web.is_some() || !self.page.is_empty() || !gateway.is_loopback();
        let usual = PAGES.iter().map(ToString::to_string).filter(|_| has_entry && self.page.is_empty());
        let pages = usual.chain(self.page.clone()).collect();
        let tenants = Tenants::new(&self.state, &self.city)?;
        let seed = match (&self.seed, self.only_acceptance) {
            (Some(path), _) => Some(crate::read_seed(path, &tenants)?),
            (None, true) => None,
            (None, false) => Some(crate::read_seed(&archive()?, &tenants)?),
        };
        let keep = match &self.keep {
            Some(folder) => folder.clone(),
            None => keep::usual(&[&gateway.origin(), &web.origin(), &tenants.city]),
        };
        keep::make(&keep)?;
        if self.keep.is_none() {
            keep::is_ours(&keep)?;
        }
        let password = match &self.password_file {
            Some(path) => keep::read_password(path)?,
            None => keep::drawn_password(&keep, &self.user)?,
        };
        // What an account has that is there already is its own matter.
        if !self.only_acceptance
            && let Err(broken) = digit_api::user::check(&password)
        {
            return Err(Error::Password { reason: broken.code() });
        }
        Ok(Input {
            remembered: keep::remembered(&keep)?,
            gateway,
            user_service,
            web,
            pages,
            tenants,
            password,
            seed,
            keep,
        })
    }
}

fn archive() -> Result<PathBuf, Error> {
    let missing = |missing: places::Missing| Error::Io {
        path: ARCHIVE.into(),
        error: std::io::Error::new(std::io::ErrorKind::NotFound, missing.to_string()),
    };
    Ok(places::shared().map_err(missing)?.join("digit").join(ARCHIVE))
}
