//! What does not fit a schema, in the words of Helm's validator, and numbers reckoned as it reckons them: as fractions.

use std::str::FromStr as _;

use bigdecimal::BigDecimal;
use boon::{ErrorKind, ValidationError};
use serde_json::{Number, Value as Json};

/// A line for everything that does not fit, indented below what it is part of; nothing if all fits after all.
pub(super) fn told(error: &ValidationError<'_, '_>) -> Option<String> {
    stands(error).then(|| {
        let mut out = String::new();
        error.causes.iter().filter(|cause| stands(cause)).for_each(|cause| tell(cause, 0, &mut out));
        out.trim_end().to_owned()
    })
}

/// Whether it is wrong: the validator divides floats and finds that 0.3 is no multiple of 0.1.
fn stands(error: &ValidationError<'_, '_>) -> bool {
    let standing = || error.causes.iter().filter(|cause| stands(cause)).count();
    match &error.kind {
        ErrorKind::MultipleOf { got, want } => !is_multiple(got, want),
        // Each of them is one of those of which one has to fit.
        ErrorKind::AnyOf => standing() == error.causes.len(),
        ErrorKind::OneOf(None) => error.causes.len() - standing() != 1,
        _ => error.causes.is_empty() || standing() > 0,
    }
}

fn is_multiple(got: &Number, want: &Number) -> bool {
    let exact = |number: &Number| BigDecimal::from_str(&number.to_string()).ok();
    match (exact(got), exact(want)) {
        (Some(got), Some(want)) if want != 0 => (got % want) == 0,
        _ => false,
    }
}

fn tell(error: &ValidationError<'_, '_>, depth: usize, out: &mut String) {
    let causes = || error.causes.iter().filter(|cause| stands(cause));
    let hidden = matches!(error.kind, ErrorKind::Reference { .. } | ErrorKind::Group) && causes().count() == 1;
    if !hidden {
        let place = quote(&error.instance_location.to_string());
        out.push_str(&format!("{}- at {place}: {}\n", "  ".repeat(depth), words(&error.kind)));
    }
    for cause in causes() {
        tell(cause, if hidden { depth } else { depth + 1 }, out);
    }
}

fn words(kind: &ErrorKind<'_, '_>) -> String {
    let bounds =
        |name: &str, got: &usize, want: &usize| format!("{name}: got {}, want {}", grouped(*got), grouped(*want));
    let limits =
        |name: &str, got: &Number, want: &Number| format!("{name}: got {}, want {}", number(got), number(want));
    let one_of = |name: &str, wanted: &[&Json]| match wanted {
        wanted if wanted.iter().any(|want| want.is_array() || want.is_object()) => format!("'{name}' failed"),
        [want] => format!("value must be {}", display(want)),
        wanted => {
            let shown: Vec<String> = wanted.iter().map(|want| display(want)).collect();
            format!("value must be one of {}", shown.join(", "))
        }
    };
    match kind {
        ErrorKind::Not => "'not' failed".to_owned(),
        ErrorKind::AllOf => "'allOf' failed".to_owned(),
        ErrorKind::AnyOf => "'anyOf' failed".to_owned(),
        ErrorKind::OneOf(None) => "'oneOf' failed, none matched".to_owned(),
        ErrorKind::OneOf(Some((a, b))) => format!("'oneOf' failed, subschemas {a}, {b} matched"),
        ErrorKind::ContentSchema => "'contentSchema' failed".to_owned(),
        ErrorKind::Type { got, want } => {
            let want: Vec<String> = want.iter().map(|one| one.to_string()).collect();
            format!("got {got}, want {}", want.join(" or "))
        }
        ErrorKind::Enum { want } => one_of("enum", &want.iter().collect::<Vec<_>>()),
        ErrorKind::Const { want } => one_of("const", &[want]),
        ErrorKind::Format { got, want, err } => format!("{} is not valid {want}: {err}", display(got)),
        ErrorKind::MinProperties { got, want } => bounds("minProperties", got, want),
        ErrorKind::MaxProperties { got, want } => bounds("maxProperties", got, want),
        ErrorKind::MinItems { got, want } => bounds("minItems", got, want),
        ErrorKind::MaxItems { got, want } => bounds("maxItems", got, want),
        ErrorKind::MinLength { got, want } => bounds("minLength", got, want),
        ErrorKind::MaxLength { got, want } => bounds("maxLength", got, want),
        ErrorKind::AdditionalItems { got } => format!("last {got} additionalItem(s) not allowed"),
        ErrorKind::AdditionalProperties { got } => {
            format!("additional properties {} not allowed", quoted(got.iter().map(AsRef::as_ref)))
        }
        ErrorKind::PropertyName { prop } => format!("invalid propertyName {}", quote(prop)),
        ErrorKind::Required { want } => {
            let word = if want.len() == 1 { "property" } else { "properties" };
            format!("missing {word} {}", quoted(want.iter().copied()))
        }
        ErrorKind::Dependency { prop, missing } | ErrorKind::DependentRequired { prop, missing } => {
            format!("properties {} required, if {} exists", quoted(missing.iter().copied()), quote(prop))
        }
        ErrorKind::Pattern { got, want } => format!("{} does not match pattern {}", quote(got), quote(want)),
        ErrorKind::Minimum { got, want } => limits("minimum", got, want),
        ErrorKind::Maximum { got, want } => limits("maximum", got, want),
        ErrorKind::ExclusiveMinimum { got, want } => limits("exclusiveMinimum", got, want),
        ErrorKind::ExclusiveMaximum { got, want } => limits("exclusiveMaximum", got, want),
        ErrorKind::MultipleOf { got, want } => limits("multipleOf", got, want),
        // The same in both.
        other => other.to_string(),
    }
}

/// Go's `%q` between single quotes.
fn quote(text: &str) -> String {
    let quoted = crate::quote::quote_go(text).replace("\\\"", "\"").replace('\'', "\\'");
    format!("'{}'", &quoted[1..quoted.len() - 1])
}

fn quoted<'t>(names: impl Iterator<Item = &'t str>) -> String {
    names.map(quote).collect::<Vec<_>>().join(", ")
}

fn display(value: &Json) -> String {
    match value {
        Json::String(text) => quote(text),
        Json::Array(_) | Json::Object(_) => "value".to_owned(),
        Json::Null => "<nil>".to_owned(),
        other => other.to_string(),
    }
}

/// With a comma for each thousand, as the validator prints whole numbers.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn number(number: &Number) -> String {
    match number.as_f64() {
        Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => {
            let sign = if float < 0.0 { "-" } else { "" };
            format!("{sign}{}", grouped(float.abs() as usize))
        }
        _ => number.to_string(),
    }
}
