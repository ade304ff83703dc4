//! The six operations as methods, on whatever they are called through.

use tower::Service;
use tower::util::Oneshot;

use crate::encrypted_response::EncryptedResponse;
use crate::error::Error;
use crate::operations::{
    DeleteUser, DeletedUser, GetUserJwt, ListUsers, LoginAnswer, LoginUser, RegisterUser,
    ResetUserSecret,
};
use crate::response::ApiResponse;
use crate::user::{UserCredentials, UserId};

/// The authentication operations by name.
///
/// Every service of the six that is `Clone` has them: an [`AuthService`](crate::AuthService), one with layers of
/// tower's or your own around it, a boxed one. Each calls a clone of the service, once that is ready.
///
/// ```
/// # #[cfg(feature = "sandbox")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
/// use snaptrade_auth_service::operations::LoginAnswer;
/// use snaptrade_auth_service::{AuthService, Authentication};
/// # use snaptrade_auth_service::sandbox::Sandbox;
/// # use snaptrade_signing::SignRequestLayer;
/// # use tower::Layer;
/// # let http = SignRequestLayer::new(Sandbox::credentials()?).layer(Sandbox::new());
///
/// /// Handlers take what they need, and tests give them another.
/// async fn connect(snaptrade: &impl Authentication) -> Result<(), snaptrade_auth_service::Error> {
///     let jane = snaptrade.register_user("jane").await?.into_body();
///     match snaptrade.login_user(&jane).await?.into_body() {
///         LoginAnswer::Link(link) => println!("{} bytes of a link", link.redirect_uri.expose().len()),
///         other => println!("{other:?}"),
///     }
///     assert_eq!(snaptrade.list_users().await?.body, [jane.user_id.clone()]);
///     snaptrade.delete_user(jane.user_id).await?;
///     Ok(())
/// }
///
/// connect(&AuthService::new(http)).await?;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sandbox"))]
/// # fn main() {}
/// ```
///
/// `E` is the error of the stack: [`Error`], or tower's `BoxError` if one of its layers stands outermost
/// (`impl Authentication<BoxError>`).
///
/// An operation with more than these parameters is sent as a value: `send` of an
/// [`AuthService`](crate::AuthService::send), `oneshot` of any other stack.
pub trait Authentication<E = Error>:
    Clone
    + Service<RegisterUser, Response = ApiResponse<UserCredentials>, Error = E, Future: Send>
    + Service<LoginUser, Response = ApiResponse<LoginAnswer>, Error = E, Future: Send>
    + Service<ListUsers, Response = ApiResponse<Vec<UserId>>, Error = E, Future: Send>
    + Service<DeleteUser, Response = ApiResponse<DeletedUser>, Error = E, Future: Send>
    + Service<GetUserJwt, Response = ApiResponse<EncryptedResponse>, Error = E, Future: Send>
    + Service<ResetUserSecret, Response = ApiResponse<UserCredentials>, Error = E, Future: Send>
{
    /// [`RegisterUser`]: a new user. For Commercial keys. The secret in the answer is never shown again.
    fn register_user(&self, user_id: impl Into<UserId>) -> Oneshot<Self, RegisterUser> {
        Oneshot::new(self.clone(), RegisterUser::new(user_id))
    }

    /// [`LoginUser`]: a link to the connection portal, with the portal as it comes. For Commercial keys; a Personal
    /// one sends [`LoginUser::personal`].
    fn login_user(&self, user: &UserCredentials) -> Oneshot<Self, LoginUser> {
        Oneshot::new(self.clone(), LoginUser::new(user.clone()))
    }

    /// [`ListUsers`]: the ids of all users.
    fn list_users(&self) -> Oneshot<Self, ListUsers> {
        Oneshot::new(self.clone(), ListUsers::new())
    }

    /// [`DeleteUser`]: queues the deletion of a user and all brokerage connections. For Commercial keys.
    fn delete_user(&self, user_id: impl Into<UserId>) -> Oneshot<Self, DeleteUser> {
        Oneshot::new(self.clone(), DeleteUser::new(user_id))
    }

    /// [`GetUserJwt`]: the encrypted token of a user who was registered with a public key. Legacy.
    fn get_user_jwt(&self, user: &UserCredentials) -> Oneshot<Self, GetUserJwt> {
        Oneshot::new(self.clone(), GetUserJwt::new(user.clone()))
    }

    /// [`ResetUserSecret`]: a new secret for a user. For Commercial keys. It is never shown again, and the old one no
    /// longer works.
    fn reset_user_secret(&self, user: &UserCredentials) -> Oneshot<Self, ResetUserSecret> {
        Oneshot::new(self.clone(), ResetUserSecret::new(user.clone()))
    }
}

impl<S, E> Authentication<E> for S where
    S: Clone
        + Service<RegisterUser, Response = ApiResponse<UserCredentials>, Error = E, Future: Send>
        + Service<LoginUser, Response = ApiResponse<LoginAnswer>, Error = E, Future: Send>
        + Service<ListUsers, Response = ApiResponse<Vec<UserId>>, Error = E, Future: Send>
        + Service<DeleteUser, Response = ApiResponse<DeletedUser>, Error = E, Future: Send>
        + Service<GetUserJwt, Response = ApiResponse<EncryptedResponse>, Error = E, Future: Send>
        + Service<ResetUserSecret, Response = ApiResponse<UserCredentials>, Error = E, Future: Send>
{
}
