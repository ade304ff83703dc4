//! `GET /snapTrade/encryptedJWT`: a user's token, encrypted. Legacy.
//!
//! ```
//! # #[cfg(feature = "sandbox")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! use snaptrade_auth_service::operations::{GetUserJwt, RegisterUser};
//! use snaptrade_auth_service::{AuthService, RsaPublicKey};
//! # use snaptrade_auth_service::sandbox::Sandbox;
//! # use snaptrade_signing::SignRequestLayer;
//! # use tower::Layer;
//! # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
//!
//! # use base64::Engine as _;
//! # let wire = |part: &[u8]| [&u32::try_from(part.len()).unwrap_or(0).to_be_bytes(), part].concat();
//! # let modulus = [&[0_u8, 0xC5][..], &[0xA7_u8; 255]].concat();
//! # let blob = [wire(b"ssh-rsa"), wire(&[1, 0, 1]), wire(&modulus)].concat();
//! # let ssh_rsa = format!("ssh-rsa {}", base64::prelude::BASE64_STANDARD.encode(blob));
//! let snaptrade = AuthService::new(http);
//! let register = RegisterUser::new("jane").rsa_public_key(RsaPublicKey::parse(&ssh_rsa)?);
//! let jane = snaptrade.send(register).await?.into_body();
//!
//! // The feature `encrypted` opens it with the private key.
//! # if cfg!(feature = "encrypted") {
//! let sealed = snaptrade.send(GetUserJwt::new(jane)).await?;
//! assert!(!sealed.encrypted_shared_key().is_empty());
//! # }
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "sandbox"))]
//! # fn main() {}
//! ```
//!
//! | parameter | what it is |
//! |---|---|
//! | `userId`, `userSecret` | who |
//!
//! It has not been in the public specification since 2024; clients that opted in to encrypted answers still use it. The
//! user must have been [registered with a public key](super::RegisterUser::rsa_public_key). Safe to repeat.
//!
//! | answer | kind | what to do |
//! |---|---|---|
//! | 400 | `BadRequest` | the user was registered without a key |
//! | 401 / 1083, "userID or userSecret" | `BadUserCredentials` | reset the secret if it is lost |
//! | 401 / 1083, "clientId" | `UnknownClient` | check the client id |
//! | 401 / 1076 | `SignatureRefused` | check the consumer key and the clock; the user is not to blame |
//! | 403 | `Forbidden` | ask SnapTrade to opt the client in |
//! | 404 | `NotFound` | ask SnapTrade whether they still have it |
//! | 429 | `Throttled` | come back when [`retry_after`](crate::Error::retry_after) says |
//! | 500, 502–504, or none | `Server`, `Transport` | ask again |

use http::Method;

use crate::api_request::ApiRequest;
use crate::encrypted_response::EncryptedResponse;
use crate::error::{DecodeError, InvalidRequest};
use crate::operation::{self, Operation};
use crate::user::UserCredentials;

/// Gets a user's token, encrypted for the key that they were registered with. Legacy.
///
/// See the [module](self) for an example, the parameters and the errors.
#[derive(Clone, Debug)]
pub struct GetUserJwt {
    user: UserCredentials,
}

impl GetUserJwt {
    /// Gets the token of this user.
    #[must_use]
    pub fn new(user: UserCredentials) -> Self {
        Self { user }
    }
}

impl Operation for GetUserJwt {
    type Output = EncryptedResponse;

    fn name(&self) -> &'static str {
        "getUserJWT"
    }

    fn request(&self) -> Result<ApiRequest, InvalidRequest> {
        Ok(ApiRequest::new(Method::GET, "/snapTrade/encryptedJWT").user(&self.user))
    }

    fn decode(&self, body: &[u8]) -> Result<EncryptedResponse, DecodeError> {
        operation::json(body)
    }
}
