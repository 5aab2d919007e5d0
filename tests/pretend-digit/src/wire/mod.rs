//! What goes over the wire: a request as it arrived, an answer, DIGIT's error bodies and how its services read JSON.

pub(crate) mod answer;
pub(crate) mod errors;
pub(crate) mod request;
pub(crate) mod shape;
