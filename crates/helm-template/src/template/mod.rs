//! Go's `text/template`: lexer, parser and evaluator.

pub(crate) mod ast;
pub(crate) mod eval;
pub(crate) mod exec;
mod lex;
mod literal;
pub(crate) mod parse;
mod value_methods;
