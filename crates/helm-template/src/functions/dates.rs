//! Time: `now`, `date`, `dateModify`, `ago`, `duration`, `toDate`, … `now` is a parameter of the rendering, and the
//! zone that Go calls `Local` is UTC, so that a chart renders the same everywhere.

use std::any::Any as StdAny;
use std::rc::Rc;

use jiff::{SignedDuration, Timestamp};

use super::Param::{Any, Object as Obj, Text as T};
use super::duration;
use super::layout::{GoTime, Zone};
use super::layout_parse::parse;
use super::{Args, Call, Env, Function, FunctionError};
use crate::value::{Object, Value};

const TIME: &str = "time.Time";
const HTML: &str = "2006-01-02";

const IN_ZONE: Call = |env, a| shown(env, &a.str(0), &a.any(1), &a.str(2));
const MODIFY: Call = |env, a| Ok(modified(env, a).unwrap_or_else(|_| a.any(1)));
const MUST_MODIFY: Call = modified;

/// The functions of this group.
pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("now", &[], |env, _| Ok(time(GoTime::utc(env.now)))),
    Function::new("date", &[T, Any], |env, a| shown(env, &a.str(0), &a.any(1), "Local")),
    Function::new("dateInZone", &[T, Any, T], IN_ZONE),
    Function::new("date_in_zone", &[T, Any, T], IN_ZONE),
    Function::new("htmlDate", &[Any], |env, a| shown(env, HTML, &a.any(0), "Local")),
    Function::new("htmlDateInZone", &[Any, T], |env, a| shown(env, HTML, &a.any(0), &a.str(1))),
    Function::new("dateModify", &[T, Obj(TIME)], MODIFY),
    Function::new("date_modify", &[T, Obj(TIME)], MODIFY),
    Function::new("mustDateModify", &[T, Obj(TIME)], MUST_MODIFY),
    Function::new("must_date_modify", &[T, Obj(TIME)], MUST_MODIFY),
    Function::new("toDate", &[T, T], |_, a| Ok(time(parse(&a.str(0), &a.str(1)).unwrap_or_else(|_| GoTime::zero())))),
    Function::new("mustToDate", &[T, T], |_, a| Ok(time(parse(&a.str(0), &a.str(1)).map_err(FunctionError)?))),
    Function::new("unixEpoch", &[Obj(TIME)], |env, a| {
        Ok(Value::text(moment(env, &a.any(0)).at.as_second().to_string()))
    }),
    Function::new("ago", &[Any], |env, a| {
        let past = moment(env, &a.any(0)).at;
        let seconds = (nanos(env.now.duration_since(past)) as f64 / 1e9).round() as i64;
        Ok(Value::text(duration::text(seconds.saturating_mul(1_000_000_000))))
    }),
    Function::new("duration", &[Any], |_, a| {
        let seconds = match a.any(0) {
            Value::Str(text) => text.to_str().parse().unwrap_or(0),
            Value::Int64(seconds) => seconds,
            _ => 0_i64,
        };
        Ok(Value::text(duration::text(seconds.wrapping_mul(1_000_000_000))))
    }),
    Function::new("durationRound", &[Any], |env, a| {
        let nanos = match a.any(0) {
            Value::Str(text) => duration::parse(&text.to_str()).unwrap_or(0),
            Value::Int64(nanos) => nanos,
            value => go_time(&value).map_or(0, |past| nanos(env.now.duration_since(past.at))),
        };
        Ok(Value::text(duration::rounded(nanos)))
    }),
];

fn time(time: GoTime) -> Value {
    Value::Object(Rc::new(time))
}

fn nanos(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

fn go_time(value: &Value) -> Option<GoTime> {
    match value {
        Value::Object(object) => object.as_any().downcast_ref::<GoTime>().cloned(),
        _ => None,
    }
}

/// The moment a value stands for: a time, seconds since 1970, and for everything else (floats too) now.
fn moment(env: &Env<'_>, value: &Value) -> GoTime {
    match value {
        Value::Int(seconds) | Value::Int64(seconds) => GoTime::utc(Timestamp::from_second(*seconds).unwrap_or(env.now)),
        other => go_time(other).unwrap_or_else(|| GoTime::utc(env.now)),
    }
}

fn shown(env: &Env<'_>, layout: &str, value: &Value, zone: &str) -> Result<Value, FunctionError> {
    let at = moment(env, value).at;
    Ok(Value::text(GoTime { at, zone: Zone::load(zone) }.format(layout)))
}

fn modified(env: &mut Env<'_>, a: &[Value]) -> Result<Value, FunctionError> {
    let nanos = duration::parse(&a.str(0)).map_err(FunctionError)?;
    let GoTime { at, zone } = moment(env, &a.any(1));
    let at = at
        .checked_add(SignedDuration::from_nanos(nanos))
        .map_err(|_| FunctionError::new("time is outside the years that can be shown"))?;
    Ok(time(GoTime { at, zone }))
}

impl Object for GoTime {
    fn type_name(&self) -> String {
        TIME.to_owned()
    }

    fn kind(&self) -> &'static str {
        "struct"
    }

    fn print(&self) -> Vec<u8> {
        self.text().into_bytes()
    }

    fn data(&self) -> Value {
        Value::text(self.format("2006-01-02T15:04:05.999999999Z07:00"))
    }

    fn call(&self, name: &str, arguments: &[Value]) -> Option<Result<Value, FunctionError>> {
        let number = |layout: &str| Value::Int(self.format(layout).trim().parse().unwrap_or_default());
        let value = match name {
            "Format" => Value::text(self.format(&arguments.str(0))),
            "String" => Value::text(self.text()),
            "UTC" => time(GoTime::utc(self.at)),
            "Unix" => Value::Int64(self.at.as_second()),
            "UnixMilli" => Value::Int64(self.at.as_millisecond()),
            "UnixMicro" => Value::Int64(self.at.as_microsecond()),
            "UnixNano" => Value::Int64(i64::try_from(self.at.as_nanosecond()).unwrap_or_default()),
            "Year" => number("2006"),
            "Day" => number("2"),
            "YearDay" => Value::Int(self.format("002").parse().unwrap_or_default()),
            "Hour" => number("15"),
            "Minute" => number("4"),
            "Second" => number("5"),
            "Nanosecond" => Value::Int(i64::from(self.at.subsec_nanosecond())),
            "IsZero" => Value::Bool(self.at == GoTime::zero().at),
            _ => return None,
        };
        Some(Ok(value))
    }

    fn as_any(&self) -> &dyn StdAny {
        self
    }
}
