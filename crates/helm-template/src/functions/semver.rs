//! `semver` and `semverCompare`. Versions are in [`super::version`], constraints in [`super::constraint`].

use std::rc::Rc;

use super::Param::Text as T;
use super::constraint::Constraints;
use super::version::Version;
use super::{Args, Function};
use crate::value::Value;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("semver", &[T], |_, a| Ok(Value::Object(Rc::new(Version::parse(&a.str(0))?)))),
    Function::new("semverCompare", &[T, T], |_, a| {
        let constraints = Constraints::parse(&a.str(0))?;
        Ok(Value::Bool(constraints.check(&Version::parse(&a.str(1))?)))
    }),
];
