//! The authentication operations, one file each: what it asks for, what it answers, and what its errors want of you.
//!
//! # Commercial and Personal keys
//!
//! A Commercial key manages many users, each with a secret. A Personal key is its own user, who has neither id nor
//! secret to send.
//!
//! | operation | Commercial key | Personal key |
//! |---|---|---|
//! | [`RegisterUser`] | `RegisterUser::new(id)` | 400 / 1012: the user is there already |
//! | [`LoginUser`] | `LoginUser::new(credentials)` | `LoginUser::personal()` |
//! | [`ListUsers`] | `ListUsers::new()` | `ListUsers::new()`: its one user |
//! | [`DeleteUser`] | `DeleteUser::new(id)` | 403: manages no users |
//! | [`GetUserJwt`], legacy | `GetUserJwt::new(credentials)` | – |
//! | [`ResetUserSecret`] | `ResetUserSecret::new(credentials)` | 403: manages no users |
//! | any [`Endpoint`](crate::Endpoint) of a user | `.user(&credentials)` | without `.user` |
//!
//! Which of the two a key is, only the server knows. What can be told apart before that is: a login is for a user or
//! for a Personal key, and never for a user with half of the pair; an id and a secret are types of their own, and an
//! empty one is refused before anything is sent. What is left to the server is answered with
//! [`ErrorKind::PersonalKey`](crate::ErrorKind::PersonalKey) or [`Forbidden`](crate::ErrorKind::Forbidden), and the
//! error's text says what to call instead.

pub mod delete_user;
pub mod get_user_jwt;
pub mod list_users;
pub mod login_user;
pub mod register_user;
pub mod reset_user_secret;

pub use delete_user::{DeleteUser, DeletedUser};
pub use get_user_jwt::GetUserJwt;
pub use list_users::ListUsers;
pub use login_user::{
    ConnectionType, LoginAnswer, LoginLink, LoginUser, PortalVersion, RedirectUri, SessionId,
};
pub use register_user::RegisterUser;
pub use reset_user_secret::ResetUserSecret;
