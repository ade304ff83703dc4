//! `POST /snapTrade/login`: a link to the connection portal.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use snaptrade_auth_service::operations::{ConnectionType, LoginAnswer, LoginUser, RegisterUser};
//! use snaptrade_auth_service::AuthService;
//! # use snaptrade_auth_service::sandbox::Sandbox;
//! # use snaptrade_signing::SignRequestLayer;
//! # use tower::Layer;
//! # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
//!
//! let snaptrade = AuthService::new(http);
//! let jane = snaptrade.send(RegisterUser::new("jane")).await?.into_body();
//!
//! let login = LoginUser::new(jane)
//!     .broker("ALPACA")
//!     .connection_type(ConnectionType::Read)
//!     .custom_redirect("https://example.com/connected".parse()?);
//! match snaptrade.send(login).await?.into_body() {
//!     // Where to send the user, within five minutes. It is printed by nothing.
//!     LoginAnswer::Link(link) => assert!(link.redirect_uri.expose().starts_with("https://")),
//!     // Of a user who was registered with a public key: the feature `encrypted` opens it.
//!     other => panic!("{other:?}"),
//! }
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! | parameter | what it is |
//! |---|---|
//! | `userId`, `userSecret` | who, with a Commercial key: [`LoginUser::new`]. With a Personal key neither: [`LoginUser::personal`] |
//! | `broker` | the slug of a brokerage, to go straight there |
//! | `immediateRedirect`, `customRedirect` | back to the app at once, and to which page; not heeded in an iframe |
//! | `reconnect` | the id of a disabled connection, to repair it instead of making a new one |
//! | `connectionType` | `read`, `trade` or `trade-if-available` |
//! | `showCloseButton`, `darkMode`, `locale` | how the portal looks; of languages there are `en` and `pt-BR` |
//! | `connectionPortalVersion` | legacy: all are `v4` by now |
//!
//! Safe to repeat: each run answers a link of its own.
//!
//! | answer | kind | what to do |
//! |---|---|---|
//! | 400 | `BadRequest` | the detail names the parameter |
//! | 401 / 1083, "userID or userSecret" | `BadUserCredentials` | reset the secret if it is lost |
//! | 401 / 1083, "clientId" | `UnknownClient` | check the client id |
//! | 401 / 1076 | `SignatureRefused` | check the consumer key and the clock; the user is not to blame |
//! | 403 | `Forbidden` | ask SnapTrade to allow it |
//! | 404 | `NotFound` | check the id of `reconnect` |
//! | 429 | `Throttled` | come back when [`retry_after`](crate::Error::retry_after) says |
//! | 500, 502–504, or none | `Server`, `Transport` | ask again |

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
///
/// See the [module](self) for an example, the parameters and the errors.
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
    option!(/** The portal's language: `en` or `pt-BR`. */ locale: &str => str::to_owned);
    option!(/** Which portal. Legacy: all are `v4` by now. */ connection_portal_version: PortalVersion => |version| version);
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
