//! Pipelines, commands, fields and calls to values, as Go's `text/template` evaluates them.

use super::ast::{At, Command, Expr, ExprKind, Number, Pipe};
use super::exec::{Ran, State};
use super::value_methods;
use crate::function::{Function, FunctionError, Param};
use crate::functions::builtins::zero_of;
use crate::stack::with_stack;
use crate::value::{Elem, List, Value};

impl<'t> State<'t, '_, '_> {
    /// The value of a pipeline; declares or assigns its variables. A nil comes out as no value, as in Go.
    pub(super) fn pipeline(&mut self, dot: &Value, pipe: &'t Pipe) -> Ran<Value> {
        self.at = Some(At::Pipe(pipe));
        let mut value: Option<Value> = None;
        for cmd in &pipe.cmds {
            let result = self.command(dot, cmd, value)?;
            value = Some(if result.is_nil() { Value::Invalid } else { result });
        }
        let value = value.unwrap_or(Value::Invalid);
        for name in &pipe.decl {
            if pipe.assign {
                self.set_var(name, value.clone())?;
            } else {
                self.vars.push((name, value.clone()));
            }
        }
        Ok(value)
    }

    fn command(&mut self, dot: &Value, cmd: &'t Command, last: Option<Value>) -> Ran<Value> {
        let first = &cmd.args[0];
        let rest = &cmd.args[1..];
        match &first.kind {
            ExprKind::Field(names) => {
                self.at = Some(At::Expr(first));
                return self.chain(dot, dot.clone(), first, names, rest, last);
            }
            ExprKind::Chain(inner, names) => {
                let receiver = self.chain_receiver(dot, first, inner)?;
                return self.chain(dot, receiver, first, names, rest, last);
            }
            ExprKind::Variable(names) => {
                self.at = Some(At::Expr(first));
                let value = self.var(&names[0])?;
                if names.len() == 1 {
                    self.not_a_function(cmd, last.as_ref())?;
                    return Ok(value);
                }
                return self.chain(dot, value, first, &names[1..], rest, last);
            }
            ExprKind::Function(function) => {
                self.at = Some(At::Expr(first));
                return self.call(dot, function, At::Command(cmd), rest, last);
            }
            ExprKind::Pipe(pipe) => {
                self.not_a_function(cmd, last.as_ref())?;
                return with_stack(|| self.pipeline(dot, pipe));
            }
            _ => {}
        }
        self.at = Some(At::Expr(first));
        self.not_a_function(cmd, last.as_ref())?;
        match &first.kind {
            ExprKind::Bool(flag) => Ok(Value::Bool(*flag)),
            ExprKind::Dot => Ok(dot.clone()),
            ExprKind::Number(number) => self.constant(number),
            ExprKind::Str { text, .. } => Ok(Value::Str(text.clone())),
            _ => self.error("nil is not a command"),
        }
    }

    fn not_a_function(&self, cmd: &Command, last: Option<&Value>) -> Ran<()> {
        if cmd.args.len() > 1 || last.is_some() {
            return self.error(format!("can't give argument to non-function {}", cmd.args[0]));
        }
        Ok(())
    }

    fn var(&self, name: &str) -> Ran<Value> {
        match self.vars.iter().rev().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok(value.clone()),
            None => self.error(format!("undefined variable: {name}")),
        }
    }

    /// A number where nothing says what type is wanted.
    fn constant(&self, number: &Number) -> Ran<Value> {
        match (number.int, number.float) {
            (_, Some(float)) if number.looks_float() => Ok(Value::Float(float)),
            (Some(int), _) => Ok(Value::Int(int)),
            _ => self.error(format!("{} overflows int", number.text)),
        }
    }

    fn chain_receiver(&mut self, dot: &Value, at: &'t Expr, inner: &'t Expr) -> Ran<Value> {
        self.at = Some(At::Expr(at));
        match &inner.kind {
            ExprKind::Nil => self.error(format!("indirection through explicit nil in {at}")),
            ExprKind::Pipe(pipe) => with_stack(|| self.pipeline(dot, pipe)),
            ExprKind::Function(function) => {
                self.at = Some(At::Expr(inner));
                self.call(dot, function, At::Expr(inner), &[], None)
            }
            _ => self.argument(dot, Param::Reflect, inner),
        }
    }

    /// `.X.Y.Z`; the last may be a method and takes the arguments.
    fn chain(
        &mut self,
        dot: &Value,
        mut receiver: Value,
        at: &'t Expr,
        names: &'t [String],
        args: &'t [Expr],
        last: Option<Value>,
    ) -> Ran<Value> {
        let mut type_name = None;
        let count = names.len();
        for name in &names[..count - 1] {
            let from_interface = matches!(&receiver, Value::Map(map) if map.elem() != Elem::Str);
            receiver = self.field(dot, &receiver, type_name, at, name, &[], None)?;
            type_name = from_interface.then_some("interface {}");
        }
        self.field(dot, &receiver, type_name, at, &names[count - 1], args, last)
    }

    #[expect(clippy::too_many_arguments, reason = "what Go's evalField takes")]
    fn field(
        &mut self,
        dot: &Value,
        receiver: &Value,
        type_name: Option<&str>,
        at: &'t Expr,
        name: &'t str,
        args: &'t [Expr],
        last: Option<Value>,
    ) -> Ran<Value> {
        let has_args = !args.is_empty() || last.is_some();
        match receiver {
            Value::Invalid => return Ok(Value::Invalid),
            Value::Nil => return self.error(format!("nil pointer evaluating interface {{}}.{name}")),
            Value::Map(map) if map.elem() == Elem::Values && value_methods::params(name).is_some() => {
                let params = value_methods::params(name).unwrap_or_default();
                let given = args.len() + usize::from(last.is_some());
                if given != params.len() {
                    return self.error(format!("wrong number of args for {name}: want {} got {given}", params.len()));
                }
                let mut values = Vec::with_capacity(given);
                for (param, arg) in params.iter().zip(args) {
                    values.push(self.argument(dot, *param, arg)?);
                }
                if let (Some(value), Some(param)) = (last, params.get(args.len())) {
                    values.push(self.validate(value, *param)?);
                }
                self.at = Some(At::Expr(at));
                return match value_methods::call(map, name, &values) {
                    Ok(value) => Ok(value),
                    Err(error) => self.error(format!("error calling {name}: {}", error.0)),
                };
            }
            Value::Map(map) => {
                if has_args {
                    return self.error(format!("{name} is not a method but has arguments"));
                }
                return Ok(map.get(name).unwrap_or_else(|| zero_of(map.elem())));
            }
            Value::Object(object) => {
                let mut values = Vec::with_capacity(args.len() + 1);
                let params = object.params(name);
                let given = args.len() + usize::from(last.is_some());
                if !params.is_empty() && given != params.len() {
                    let wanted = params.len();
                    return self.error(format!("wrong number of args for {name}: want {wanted} got {given}"));
                }
                for (place, arg) in args.iter().enumerate() {
                    let param = params.get(place).copied().unwrap_or(Param::Any);
                    values.push(self.argument(dot, param, arg)?);
                }
                values.extend(last.map(|value| if value.is_nil() { Value::Nil } else { value }));
                if let Some(result) = object.call(name, &values) {
                    self.at = Some(At::Expr(at));
                    return match result {
                        Ok(value) => Ok(value),
                        Err(error) => self.error(format!("error calling {name}: {}", error.0)),
                    };
                }
                if let Some(value) = object.field(name) {
                    if has_args {
                        return self.error(format!("{name} has arguments but cannot be invoked as function"));
                    }
                    return Ok(value);
                }
            }
            _ => {}
        }
        let type_name = type_name.map_or_else(|| receiver.type_name(), ToOwned::to_owned);
        self.error(format!("can't evaluate field {name} in type {type_name}"))
    }

    fn call(
        &mut self,
        dot: &Value,
        function: &'static Function,
        at: At<'t>,
        args: &'t [Expr],
        last: Option<Value>,
    ) -> Ran<Value> {
        let name = function.name;
        let given = args.len() + usize::from(last.is_some());
        let fixed = function.params.len();
        match function.rest {
            Some(_) if given < fixed => {
                let message = format!("wrong number of args for {name}: want at least {fixed} got {}", args.len());
                return self.error(message);
            }
            None if given != fixed => {
                return self.error(format!("wrong number of args for {name}: want {fixed} got {given}"));
            }
            _ => {}
        }
        if matches!(name, "and" | "or") {
            return self.short_circuit(dot, name == "or", args, last);
        }
        let param = |at: usize| function.params.get(at).copied().or(function.rest).unwrap_or(Param::Any);
        let mut values = Vec::with_capacity(given);
        for (place, arg) in args.iter().enumerate() {
            values.push(self.argument(dot, param(place), arg)?);
        }
        if let Some(value) = last {
            values.push(self.validate(value, param(args.len()))?);
        }
        match (function.call)(self.env, &values) {
            Ok(value) => Ok(value),
            Err(FunctionError(message)) => {
                self.at = Some(at);
                self.error(format!("error calling {name}: {message}"))
            }
        }
    }

    fn short_circuit(&mut self, dot: &Value, or: bool, args: &'t [Expr], last: Option<Value>) -> Ran<Value> {
        let mut value = Value::Invalid;
        for arg in args {
            value = self.argument(dot, Param::Reflect, arg)?;
            if value.truth() == or {
                return Ok(value);
            }
        }
        Ok(last.unwrap_or(value))
    }

    /// One argument, as the type wants it.
    fn argument(&mut self, dot: &Value, param: Param, arg: &'t Expr) -> Ran<Value> {
        self.at = Some(At::Expr(arg));
        match &arg.kind {
            ExprKind::Dot => self.validate(dot.clone(), param),
            ExprKind::Nil => match param {
                Param::Any => Ok(Value::Nil),
                Param::Text | Param::Int | Param::Int64 | Param::Float | Param::Bool => {
                    self.error(format!("cannot assign nil to {}", param.type_name()))
                }
                Param::Object(name) if !name.starts_with('*') => self.error(format!("cannot assign nil to {name}")),
                param => self.validate(Value::Invalid, param),
            },
            ExprKind::Field(names) => {
                let value = self.chain(dot, dot.clone(), arg, names, &[], None)?;
                self.validate(value, param)
            }
            ExprKind::Variable(names) => {
                let mut value = self.var(&names[0])?;
                if names.len() > 1 {
                    value = self.chain(dot, value, arg, &names[1..], &[], None)?;
                }
                self.validate(value, param)
            }
            ExprKind::Pipe(pipe) => {
                let value = with_stack(|| self.pipeline(dot, pipe))?;
                self.validate(value, param)
            }
            ExprKind::Function(function) => {
                let value = self.call(dot, function, At::Expr(arg), &[], None)?;
                self.validate(value, param)
            }
            ExprKind::Chain(inner, names) => {
                let receiver = self.chain_receiver(dot, arg, inner)?;
                let value = self.chain(dot, receiver, arg, names, &[], None)?;
                self.validate(value, param)
            }
            ExprKind::Bool(flag) => match param {
                Param::Any | Param::Reflect | Param::Bool => Ok(Value::Bool(*flag)),
                param => self.literal_mismatch(param, arg),
            },
            ExprKind::Str { text, .. } => match param {
                Param::Any | Param::Reflect | Param::Text => Ok(Value::Str(text.clone())),
                param => self.literal_mismatch(param, arg),
            },
            ExprKind::Number(number) => match (param, number.int, number.float) {
                (Param::Any | Param::Reflect, ..) => self.constant(number),
                (Param::Int, Some(int), _) => Ok(Value::Int(int)),
                (Param::Int64, Some(int), _) => Ok(Value::Int64(int)),
                (Param::Float, _, Some(float)) => Ok(Value::Float(float)),
                (param, ..) => self.literal_mismatch(param, arg),
            },
        }
    }

    fn literal_mismatch(&self, param: Param, arg: &Expr) -> Ran<Value> {
        let wanted = match param {
            Param::Text => "string",
            Param::Int | Param::Int64 => "integer",
            Param::Float => "float",
            Param::Bool => "bool",
            param => return self.error(format!("can't handle {arg} for arg of type {}", param.type_name())),
        };
        self.error(format!("expected {wanted}; found {arg}"))
    }

    /// Go's `validateType`: the value, if it can be assigned to the type.
    fn validate(&self, value: Value, param: Param) -> Ran<Value> {
        let fits = match (&value, param) {
            (Value::Invalid, Param::Any) => return Ok(Value::Nil),
            // Go's nil map and nil slice: empty. A nil map reads as empty and cannot be written.
            (Value::Invalid, Param::Map) => return Ok(Value::Nil),
            (Value::Invalid, Param::List) => return Ok(Value::List(List::new(Vec::new()))),
            (Value::Invalid, Param::Strings) => return Ok(Value::List(List::of(Elem::Str, Vec::new()))),
            (Value::Invalid, Param::Bytes) => return Ok(Value::Bytes(Vec::new().into())),
            (Value::Invalid, Param::Text | Param::Int | Param::Int64 | Param::Float | Param::Bool) => {
                return self.error(format!("invalid value; expected {}", param.type_name()));
            }
            (_, Param::Any | Param::Reflect) => true,
            (Value::Str(_), Param::Text) => true,
            (Value::Int(_), Param::Int) => true,
            (Value::Int64(_), Param::Int64) => true,
            (Value::Float(_), Param::Float) => true,
            (Value::Bool(_), Param::Bool) => true,
            (Value::Bytes(_), Param::Bytes) => true,
            (Value::Map(map), Param::Map) => map.elem() != Elem::Str,
            (Value::List(list), Param::List) => list.elem() == Elem::Any,
            (Value::List(list), Param::Strings) => list.elem() == Elem::Str,
            (Value::Object(object), Param::Object(name)) => object.type_name() == name,
            _ => false,
        };
        if fits {
            return Ok(value);
        }
        let got = if matches!(value, Value::Nil) { "interface {}".to_owned() } else { value.type_name() };
        self.error(format!("wrong type for value; expected {}; got {got}", param.type_name()))
    }
}
