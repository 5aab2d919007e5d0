//! People and their ways in, at egov-user: `password` is its rule, `account` search, create and change, `sign_in` tokens.

mod account;
mod password;
mod sign_in;

pub use crate::role::Role;
pub use account::{NewUser, User, UserType};
pub use password::{Broken, Draw, check, draw};
pub use sign_in::SignIn;
pub(crate) use sign_in::not_understood;
