//! Whether a DIGIT works, looked at from outside as a person would, also one that nobody installed with this program.

use std::collections::BTreeMap;
use std::sync::Mutex;

use digit_api::acceptance::{Acceptance, Check, Expected, Setup, accept};
use digit_api::user::{SignIn, UserType};
use digit_api::{Address, AddressKind, Addresses, Client, Memory, Patience, Remembered, Tenants};
use secrecy::SecretString;

use super::base::Installer;
use crate::error::Error;

/// The pages of DIGIT's own web interface.
const PAGES: [&str; 2] = ["/digit-ui/citizen", "/digit-ui/employee"];

/// What is remembered of each DIGIT that was looked at: the number of our complaint there. No secret.
const REMEMBERED: &str = "verified.json";

/// Which DIGIT is looked at, and as whom.
#[derive(Debug, Clone)]
pub struct Verifying {
    /// The address that people open.
    pub address: String,
    /// An employee of the city with the roles that the whole of it needs.
    pub user: String,
    /// The employee's password.
    pub password: SecretString,
    /// Code of the state.
    pub state: String,
    /// Code of the city.
    pub city: String,
    /// Only look: no complaint is filed, no photo uploaded, no password that everybody knows is tried.
    pub read_only: bool,
}

impl Verifying {
    /// The address as it is written in a browser, without what does not belong to it.
    pub fn origin(&self) -> Result<String, Error> {
        Ok(Address::read(&self.address)?.origin())
    }
}

impl Installer {
    /// Looks whether a DIGIT works. Files at most one complaint for each address and city, marked as ours, and finds it again the next
    /// time. Each check is told as it ends.
    ///
    /// # Errors
    /// When the address or a code is no good, or what must be remembered cannot be kept; what does not work is in the checks.
    pub async fn verify(&self, what: &Verifying, each: &(dyn Fn(&Check) + Send + Sync)) -> Result<Acceptance, Error> {
        let address = Address::read(&what.address)?;
        let tenants = Tenants::new(&what.state, &what.city)?;
        let kind = if address.is_loopback() { AddressKind::ThisComputer } else { AddressKind::Own };
        let proxy = self.settings()?.proxy;
        drop(proxy.builder()?);
        let builder = move || proxy.builder().unwrap_or_default();
        let addresses = Addresses { gateway: address.clone(), user_service: None, web: address.clone() };
        let client = Client::new(addresses, Patience::default(), &builder)?;
        let setup = Setup {
            address: address.origin(),
            administrator: SignIn {
                tenant: tenants.city.clone(),
                user_name: what.user.clone(),
                password: what.password.clone(),
                user_type: UserType::Employee,
            },
            pages: PAGES.map(str::to_owned).to_vec(),
            messages: Expected::some(),
            employee: None,
            demo_citizen: None,
            demo: false,
            read_only: what.read_only,
            file_anew: false,
            kind,
            tenants,
        };
        let key = format!("{} {}", setup.address, setup.tenants.city);
        let all: BTreeMap<String, Remembered> = self.home.read(REMEMBERED)?.unwrap_or_default();
        let known = all.get(&key).cloned().unwrap_or_default();
        let all = Mutex::new(all);
        let keep = |now: &Remembered| {
            let mut all = all.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.insert(key.clone(), now.clone());
            self.home.write(REMEMBERED, &*all).map_err(std::io::Error::other)
        };
        let mut memory = Memory::new(known, Box::new(keep));
        Ok(accept(&client, &setup, &mut memory, &|_| {}, each).await?)
    }
}
