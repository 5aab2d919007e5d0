//! Names and passwords that everybody knows, as data: from eGov's seed data, and from what it and others publish for trying DIGIT out.

use crate::address::Tenants;
use crate::user::UserType;

/// An account that everybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub user_name: &'static str,
    /// Its password.
    pub password: &'static str,
    /// Its kind.
    pub user_type: UserType,
    /// Whether it lives on the state; else on the city.
    pub on_state: bool,
}

impl Known {
    /// The tenant it would sign in on.
    #[must_use]
    pub fn tenant<'a>(&self, tenants: &'a Tenants) -> &'a str {
        if self.on_state { &tenants.state } else { &tenants.city }
    }
}

const fn employee(user_name: &'static str, password: &'static str, on_state: bool) -> Known {
    Known { user_name, password, user_type: UserType::Employee, on_state }
}

/// One try each, and one for an account: a fifth wrong password of one account within half an hour is no sign-in but a fault of DIGIT's.
pub const KNOWN: &[Known] = &[
    employee("GRO", "eGov@4321", false),
    employee("LATANAIK", "eGov@123", false),
    employee("SUPERUSER", "eGov@123", false),
    employee("SUPERUSER", "eGov@123", true),
    employee("ADMIN", "eGov@123", false),
    employee("ADMIN", "eGov@123", true),
    Known { user_name: "9999999999", password: "eGov@4321", user_type: UserType::Citizen, on_state: true },
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_account_is_tried_twice() {
        let accounts: BTreeSet<_> = KNOWN.iter().map(|k| (k.user_name, k.user_type.as_str(), k.on_state)).collect();
        assert_eq!(accounts.len(), KNOWN.len());
    }
}
