//! The authentication operations, one file each.

mod delete_user;
mod get_user_jwt;
mod list_users;
mod login_user;
mod register_user;
mod reset_user_secret;

pub use delete_user::{DeleteUser, DeletedUser};
pub use get_user_jwt::GetUserJwt;
pub use list_users::ListUsers;
pub use login_user::{
    ConnectionType, LoginAnswer, LoginLink, LoginUser, PortalVersion, RedirectUri, SessionId,
};
pub use register_user::RegisterUser;
pub use reset_user_secret::ResetUserSecret;
