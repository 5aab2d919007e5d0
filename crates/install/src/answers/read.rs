//! Reading an answers file: which kind of mistake it is, and where. What serde found out is kept as data on the way, so
//! that no code hangs on the words of a reader.

use std::path::Path;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_value::DeserializerError;

use super::{Answers, Database, Domain, Files};
use crate::error::Error;

/// The one value in place of the fields of something that exists.
const IN_CLUSTER: &str = "in-cluster";
/// The one value in place of a host name.
const NO_DOMAIN: &str = "none";

impl Answers {
    /// Reads an answers file. Relative paths in it are taken from `folder`, the folder it lies in.
    pub fn read(text: &str, folder: &Path) -> Result<Self, Error> {
        let unreadable = |detail: String| Error::answer("answers-unreadable", "", &[("detail", &detail)]);
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Err(Error::answer("answers-empty", "", &[]));
        }
        let yaml: yaml_serde::Value = yaml_serde::from_str(text).map_err(|e| unreadable(e.to_string()))?;
        let value = serde_value::to_value(&yaml).map_err(|e| unreadable(e.to_string()))?;
        let mut answers: Answers = serde_path_to_error::deserialize(value).map_err(|e| {
            let path = e.path().to_string();
            mistake(if path == "." { "" } else { &path }, e.inner())
        })?;
        answers.rebase(folder);
        Ok(answers)
    }
}

fn mistake(path: &str, found: &DeserializerError) -> Error {
    let mut field = path.to_owned();
    let code = match found {
        DeserializerError::UnknownField(..) => "answers-unknown-key",
        DeserializerError::MissingField(name) => {
            // The path ends at what the field is missing in.
            field = if path.is_empty() { (*name).to_owned() } else { format!("{path}.{name}") };
            "answers-missing-key"
        }
        DeserializerError::InvalidType(..)
        | DeserializerError::InvalidValue(..)
        | DeserializerError::InvalidLength(..)
        | DeserializerError::UnknownVariant(..) => "answers-wrong-type",
        DeserializerError::DuplicateField(_) | DeserializerError::Custom(_) => "answers-unreadable",
    };
    // The reader's own words are for engineers.
    let detail = if field.is_empty() { found.to_string() } else { format!("{field}: {found}") };
    Error::answer(code, &field, &[("detail", &detail)])
}

/// `in-cluster`, or the fields of something that exists.
struct InClusterOr<T>(std::marker::PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for InClusterOr<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{IN_CLUSTER}, or the fields of one that exists")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text == IN_CLUSTER { Ok(None) } else { Err(E::unknown_variant(text, &[IN_CLUSTER])) }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

impl<'de> Deserialize<'de> for Database {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let ours = from.deserialize_any(InClusterOr(std::marker::PhantomData))?;
        Ok(ours.map_or(Database::InCluster, Database::Ours))
    }
}

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let ours = from.deserialize_any(InClusterOr(std::marker::PhantomData))?;
        Ok(ours.map_or(Files::InCluster, Files::Ours))
    }
}

impl<'de> Deserialize<'de> for Domain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Ok(if text == NO_DOMAIN { Domain::None } else { Domain::Host(text) })
    }
}
