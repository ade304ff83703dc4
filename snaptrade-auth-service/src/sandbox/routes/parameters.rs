//! Members of a query or a body, each with the answer to a bad one.

use std::borrow::Cow;

use serde_json::{Map, Value};
use snaptrade_signing::verify::Rejection;
use url::form_urlencoded;
use uuid::Uuid;

use super::super::answer::Answer;

const REQUIRED: &str = "This field is required.";
const BLANK: &str = "This field may not be blank.";

/// The query of a request.
#[derive(Clone, Copy)]
pub(super) struct Query<'a>(&'a str);

impl<'a> Query<'a> {
    pub(super) fn new(raw: &'a str) -> Self {
        Self(raw)
    }

    /// The last member of this name, as Django has it.
    pub(super) fn required(self, name: &str) -> Result<Cow<'a, str>, Answer> {
        let members = form_urlencoded::parse(self.0.as_bytes());
        let value = members.filter(|(key, _)| key == name).last();
        match value {
            None => Err(Answer::invalid(name, REQUIRED)),
            Some((_, value)) if value.is_empty() => Err(Answer::invalid(name, BLANK)),
            Some((_, value)) => Ok(value),
        }
    }
}

/// The body of a request: an object, or nothing.
pub(super) struct Body(Map<String, Value>);

impl Body {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Answer> {
        if bytes.is_empty() {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(Value::Null) => Ok(Self(Map::new())),
            Ok(_) => Err(Answer::invalid("body", "Expected an object.")),
            // What the verifier lets pass and serde does not read: a number beyond all bounds.
            Err(_) => {
                let rejection = Rejection::InvalidBody;
                let (status, code) = (rejection.status(), rejection.code());
                Err(Answer::refusal(status, code, rejection.detail()))
            }
        }
    }

    /// A member; null is as good as none.
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn string(&self, name: &str) -> Result<Option<&str>, Answer> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(value)) => Ok(Some(value)),
            Some(_) => Err(Answer::invalid(name, "Not a valid string.")),
        }
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, Answer> {
        match self.string(name)? {
            None => Err(Answer::invalid(name, REQUIRED)),
            Some("") => Err(Answer::invalid(name, BLANK)),
            Some(value) => Ok(value),
        }
    }

    pub(super) fn choice(&self, name: &str, choices: &[&str]) -> Result<Option<&str>, Answer> {
        match self.string(name)? {
            Some(value) if !choices.contains(&value) => {
                let problem = format!("\"{value}\" is not a valid choice.");
                Err(Answer::invalid(name, &problem))
            }
            value => Ok(value),
        }
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, Answer> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(Answer::invalid(name, "Must be a valid boolean.")),
        }
    }

    pub(super) fn url(&self, name: &str) -> Result<Option<&str>, Answer> {
        match self.string(name)? {
            Some(value) if url::Url::parse(value).is_err() => {
                Err(Answer::invalid(name, "Enter a valid URL."))
            }
            value => Ok(value),
        }
    }

    pub(super) fn uuid(&self, name: &str) -> Result<Option<&str>, Answer> {
        match self.string(name)? {
            Some(value) if Uuid::try_parse(value).is_err() => {
                Err(Answer::invalid(name, "Must be a valid UUID."))
            }
            value => Ok(value),
        }
    }
}
