//! The types of parameters, and what a function says when it cannot take what it was given.

/// What went wrong inside a function. The evaluator adds where: `error calling NAME: MESSAGE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError(pub String);

impl FunctionError {
    /// With Go's words where they are known.
    pub fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// The static Go type of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Param {
    /// `interface {}`: takes everything; a missing value arrives as [`crate::value::Value::Nil`].
    Any,
    /// `reflect.Value`: takes everything; a missing value arrives as [`crate::value::Value::Invalid`].
    Reflect,
    /// `string`.
    Text,
    /// `int`; `int64` arguments and whole constants are accepted as Go accepts them.
    Int,
    /// `int64`.
    Int64,
    /// `float64`.
    Float,
    /// `bool`.
    Bool,
    /// `[]byte`.
    Bytes,
    /// `map[string]interface {}`.
    Map,
    /// `[]interface {}`.
    List,
    /// `[]string`.
    Strings,
    /// A type with methods, by Go's name, for example `time.Time`.
    Object(&'static str),
}

impl Param {
    /// Go's name of the type.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::Text => "string",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Float => "float64",
            Self::Bool => "bool",
            Self::Bytes => "[]uint8",
            Self::Map => "map[string]interface {}",
            Self::List => "[]interface {}",
            Self::Strings => "[]string",
            Self::Object(name) => name,
        }
    }
}
