//! The six operations.

use snaptrade_auth_service::operations::{
    DeleteUser, GetUserJwt, ListUsers, LoginUser, RegisterUser, ResetUserSecret,
};
use snaptrade_auth_service::sandbox::Route;
use snaptrade_auth_service::{Error, UserCredentials};

use crate::stack::Stack;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Register,
    Reset,
    Login,
    Jwt,
    List,
    Delete,
}

impl Op {
    pub(crate) const ALL: [Self; 6] = [
        Self::Register,
        Self::Reset,
        Self::Login,
        Self::Jwt,
        Self::List,
        Self::Delete,
    ];

    pub(crate) fn route(self) -> Route {
        match self {
            Self::Register => Route::RegisterUser,
            Self::Reset => Route::ResetUserSecret,
            Self::Login => Route::LoginUser,
            Self::Jwt => Route::GetUserJwt,
            Self::List => Route::ListUsers,
            Self::Delete => Route::DeleteUser,
        }
    }

    /// Whether running it twice does what running it once does.
    pub(crate) fn is_safe(self) -> bool {
        !matches!(self, Self::Register | Self::Reset)
    }

    /// Calls it; what it revealed, if it is one that reveals a secret. `jane` is there, `joe` is not.
    pub(crate) async fn call(
        self,
        client: &Stack,
        jane: &UserCredentials,
    ) -> Result<Option<UserCredentials>, Error> {
        match self {
            Self::Register => {
                let joe = client.send(RegisterUser::new("joe")).await?;
                return Ok(Some(joe.into_body()));
            }
            Self::Reset => {
                let jane = client.send(ResetUserSecret::new(jane.clone())).await?;
                return Ok(Some(jane.into_body()));
            }
            Self::Login => drop(client.send(LoginUser::new(jane.clone())).await?),
            Self::Jwt => drop(client.send(GetUserJwt::new(jane.clone())).await?),
            Self::List => drop(client.send(ListUsers::new()).await?),
            Self::Delete => drop(client.send(DeleteUser::new("jane")).await?),
        }
        Ok(None)
    }
}
