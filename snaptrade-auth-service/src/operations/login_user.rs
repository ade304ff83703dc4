//! `POST /snapTrade/login`.

use std::fmt;

use http::Method;
use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::api_request::ApiRequest;
use crate::encrypted_response::EncryptedResponse;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation, Repeat};
use crate::user::UserCredentials;

/// Asks for a link to the connection portal, which lives five minutes. Harmless to repeat.
#[derive(Clone, Debug)]
pub struct LoginUser {
    user: Option<UserCredentials>,
    options: PortalOptions,
}

#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct PortalOptions {
    #[serde(skip_serializing_if = "Option::is_none")]
    broker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    immediate_redirect: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_redirect: Option<Url>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reconnect: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_type: Option<ConnectionType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    show_close_button: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dark_mode: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    locale: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connection_portal_version: Option<PortalVersion>,
}

/// What a connection may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ConnectionType {
    /// Read data.
    Read,
    /// Read data and trade.
    Trade,
    /// Trade if the brokerage can, else read.
    TradeIfAvailable,
    /// A value that is newer than this crate.
    #[serde(untagged)]
    Other(String),
}

/// A version of the connection portal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum PortalVersion {
    /// The current one.
    V4,
    /// An older one.
    V3,
    /// The oldest one.
    V2,
    /// A value that is newer than this crate.
    #[serde(untagged)]
    Other(String),
}

macro_rules! option {
    ($(#[$doc:meta])* $name:ident: $from:ty => $into:expr) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self, value: $from) -> Self {
            let into: fn($from) -> _ = $into;
            self.options.$name = Some(into(value));
            self
        }
    };
}

impl LoginUser {
    /// Logs a user in. For Commercial keys.
    #[must_use]
    pub fn new(user: UserCredentials) -> Self {
        Self {
            user: Some(user),
            options: PortalOptions::default(),
        }
    }

    /// Logs in the user that a Personal key is.
    #[must_use]
    pub fn personal() -> Self {
        Self {
            user: None,
            options: PortalOptions::default(),
        }
    }

    option!(/** Goes straight to this brokerage, by its slug. */ broker: &str => str::to_owned);
    option!(/** Returns to the app's own page at once. */ immediate_redirect: bool => |on| on);
    option!(/** Returns to this page. */ custom_redirect: Url => |url| url);
    option!(/** Repairs this connection instead of making a new one. */ reconnect: Uuid => |id| id);
    option!(/** What the connection may do. */ connection_type: ConnectionType => |kind| kind);
    option!(/** Whether the portal has a close button. */ show_close_button: bool => |on| on);
    option!(/** Whether the portal is dark. */ dark_mode: bool => |on| on);
    option!(/** The portal's language. */ locale: &str => str::to_owned);
    option!(/** Which portal. */ connection_portal_version: PortalVersion => |version| version);
}

/// What a login answers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum LoginAnswer {
    /// A link.
    Link(LoginLink),
    /// A link that only the user's private key opens.
    Encrypted(EncryptedResponse),
}

/// A link to the connection portal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct LoginLink {
    /// Where to send the user, within five minutes.
    #[serde(rename = "redirectURI")]
    pub redirect_uri: RedirectUri,
    /// The portal's session.
    pub session_id: Option<SessionId>,
}

/// A portal link. It holds a token, so it is printed by nothing.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct RedirectUri(Zeroizing<String>);

impl RedirectUri {
    /// The link itself, to send the user there.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for RedirectUri {
    fn from(link: String) -> Self {
        Self(Zeroizing::new(link))
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedirectUri([redacted])")
    }
}

/// The id of a portal session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(transparent)]
pub struct SessionId(String);

impl SessionId {
    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Operation for LoginUser {
    type Output = LoginAnswer;

    fn name(&self) -> &'static str {
        "loginUser"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        let request = ApiRequest::new(Method::POST, "/snapTrade/login");
        let request = match &self.user {
            Some(user) => request.user(user),
            None => request,
        };
        request.json(&self.options)
    }

    fn decode(&self, body: &[u8]) -> Result<LoginAnswer, DecodeError> {
        operation::json(body)
    }

    fn repeat(&self) -> Repeat {
        Repeat::Safe
    }
}
