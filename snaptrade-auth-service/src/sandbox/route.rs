//! What can be asked of the sandbox.

use std::fmt;

use http::Method;

/// One thing that can be asked of the sandbox, whatever the prefix of its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Route {
    /// `GET /`: the health check, which verifies nothing.
    Health,
    /// `POST /snapTrade/registerUser`.
    RegisterUser,
    /// `POST /snapTrade/login`.
    LoginUser,
    /// `GET /snapTrade/listUsers`.
    ListUsers,
    /// `DELETE /snapTrade/deleteUser`.
    DeleteUser,
    /// `GET /snapTrade/encryptedJWT`.
    GetUserJwt,
    /// `POST /snapTrade/resetUserSecret`.
    ResetUserSecret,
    /// `GET /accounts`.
    ListAccounts,
    /// `GET /accounts/{accountId}/positions`.
    ListPositions,
    /// `GET /authorizations`.
    ListAuthorizations,
    /// `POST /trade/place`: places an order, each time anew.
    PlaceOrder,
}

/// A route, with what its path says besides.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) route: Route,
    pub(super) account_id: Option<String>,
}

/// The older base still routes.
const LEGACY_PREFIX: &str = "/api/v1";

impl Route {
    /// The route of a path with or without the legacy prefix; none if there is no such resource.
    pub(super) fn find(path: &str) -> Option<Found> {
        let path = match path.strip_prefix(LEGACY_PREFIX) {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => rest,
            _ => path,
        };
        let mut account_id = None;
        let route = match path {
            "" | "/" => Self::Health,
            "/snapTrade/registerUser" => Self::RegisterUser,
            "/snapTrade/login" => Self::LoginUser,
            "/snapTrade/listUsers" => Self::ListUsers,
            "/snapTrade/deleteUser" => Self::DeleteUser,
            "/snapTrade/encryptedJWT" => Self::GetUserJwt,
            "/snapTrade/resetUserSecret" => Self::ResetUserSecret,
            "/accounts" => Self::ListAccounts,
            "/authorizations" => Self::ListAuthorizations,
            "/trade/place" => Self::PlaceOrder,
            _ => {
                let account = path
                    .strip_prefix("/accounts/")?
                    .strip_suffix("/positions")?;
                account_id = Some(account).filter(|id| !id.contains('/'));
                account_id?;
                Self::ListPositions
            }
        };
        let account_id = account_id.map(str::to_owned);
        Some(Found { route, account_id })
    }

    /// The one method that it answers.
    #[must_use]
    pub fn method(self) -> Method {
        match self {
            Self::RegisterUser | Self::LoginUser | Self::ResetUserSecret | Self::PlaceOrder => {
                Method::POST
            }
            Self::DeleteUser => Method::DELETE,
            Self::Health
            | Self::ListUsers
            | Self::GetUserJwt
            | Self::ListAccounts
            | Self::ListPositions
            | Self::ListAuthorizations => Method::GET,
        }
    }

    /// The path without the legacy prefix.
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::Health => "/",
            Self::RegisterUser => "/snapTrade/registerUser",
            Self::LoginUser => "/snapTrade/login",
            Self::ListUsers => "/snapTrade/listUsers",
            Self::DeleteUser => "/snapTrade/deleteUser",
            Self::GetUserJwt => "/snapTrade/encryptedJWT",
            Self::ResetUserSecret => "/snapTrade/resetUserSecret",
            Self::ListAccounts => "/accounts",
            Self::ListPositions => "/accounts/{accountId}/positions",
            Self::ListAuthorizations => "/authorizations",
            Self::PlaceOrder => "/trade/place",
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method(), self.path())
    }
}
