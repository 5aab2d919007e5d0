//! Defaults and types: `default`, `empty`, `coalesce`, `ternary`, `typeOf`, `kindIs`, `deepEqual`, …

use super::Param::{Any, Bool, Text as T};
use super::{Args, Function};
use crate::value::Value;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::variadic("default", &[Any], Any, |_, a| {
        let given = a.any(1);
        Ok(if given.truth() { given } else { a.any(0) })
    }),
    Function::new("empty", &[Any], |_, a| Ok(Value::Bool(!a.any(0).truth()))),
    Function::variadic("coalesce", &[], Any, |_, a| {
        Ok(a.iter().find(|value| value.truth()).cloned().unwrap_or(Value::Nil))
    }),
    Function::variadic("all", &[], Any, |_, a| Ok(Value::Bool(a.iter().all(Value::truth)))),
    Function::variadic("any", &[], Any, |_, a| Ok(Value::Bool(a.iter().any(Value::truth)))),
    Function::new("ternary", &[Any, Any, Bool], |_, a| Ok(a.any(usize::from(!a.flag(2))))),
    Function::new("typeOf", &[Any], |_, a| Ok(Value::text(a.any(0).type_name()))),
    Function::new("typeIs", &[T, Any], |_, a| Ok(Value::Bool(a.str(0) == a.any(1).type_name()))),
    Function::new("typeIsLike", &[T, Any], |_, a| {
        let name = a.any(1).type_name();
        Ok(Value::Bool(a.str(0) == name.strip_prefix('*').unwrap_or(&name) || a.str(0) == name))
    }),
    Function::new("kindOf", &[Any], |_, a| Ok(Value::text(a.any(0).kind()))),
    Function::new("kindIs", &[T, Any], |_, a| Ok(Value::Bool(a.str(0) == a.any(1).kind()))),
    Function::new("deepEqual", &[Any, Any], |_, a| Ok(Value::Bool(a.any(0).deep_equal(&a.any(1))))),
];
