//! The six operations.

use snaptrade_auth_service::operations::{
    DeleteUser, GetUserJwt, ListUsers, LoginUser, RegisterUser, ResetUserSecret,
};
use snaptrade_auth_service::sandbox::Route;
use snaptrade_auth_service::{ApiResponse, Error, UserCredentials};

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

    /// Calls it. `jane` is there, `joe` is not.
    pub(crate) async fn call(self, client: &Stack, jane: &UserCredentials) -> Called {
        let jane = jane.clone();
        match self {
            Self::Register => revealed(client.send(RegisterUser::new("joe")).await),
            Self::Reset => revealed(client.send(ResetUserSecret::new(jane)).await),
            Self::Login => answered(client.send(LoginUser::new(jane)).await),
            Self::Jwt => answered(client.send(GetUserJwt::new(jane)).await),
            Self::List => answered(client.send(ListUsers::new()).await),
            Self::Delete => answered(client.send(DeleteUser::new("jane")).await),
        }
    }
}

/// How a call ended.
pub(crate) type Called = Result<Answered, Error>;

#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) attempts: u32,
    pub(crate) revealed: Option<UserCredentials>,
}

fn answered<T>(answer: Result<ApiResponse<T>, Error>) -> Called {
    Ok(Answered {
        attempts: answer?.attempts(),
        revealed: None,
    })
}

fn revealed(answer: Result<ApiResponse<UserCredentials>, Error>) -> Called {
    let answer = answer?;
    Ok(Answered {
        attempts: answer.attempts(),
        revealed: Some(answer.into_body()),
    })
}
