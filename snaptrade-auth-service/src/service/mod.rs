//! Operations over any HTTP service.

mod auth;
mod call;

pub use auth::{AuthService, CallFuture};
