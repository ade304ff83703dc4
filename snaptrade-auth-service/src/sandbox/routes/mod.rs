//! One handler an operation.

mod accounts;
mod login;
mod parameters;
mod seal;
mod users;

use bytes::Bytes;
use tokio::time::Instant;

use super::answer::Answer;
use super::route::Route;
use super::state::{Shared, State, personal_user_id};
use super::users::User;
use parameters::{Body, Query};

/// A verified request.
pub(super) struct Call<'a> {
    pub(super) shared: &'a Shared,
    pub(super) state: &'a mut State,
    pub(super) client_id: &'a str,
    pub(super) query: &'a str,
    pub(super) body: &'a Bytes,
    pub(super) account_id: Option<&'a str>,
    pub(super) now: Instant,
}

/// `Ok` if the operation was carried out.
pub(super) type Answered = Result<Answer, Answer>;

pub(super) fn answer(route: Route, call: &mut Call<'_>) -> Answered {
    match route {
        Route::RegisterUser => users::register(call),
        Route::LoginUser => login::login(call),
        Route::ListUsers => users::list(call),
        Route::DeleteUser => users::delete(call),
        Route::GetUserJwt => login::encrypted_jwt(call),
        Route::ResetUserSecret => users::reset_secret(call),
        Route::ListAccounts => accounts::list(call),
        Route::ListPositions => accounts::positions(call),
        Route::ListAuthorizations => accounts::authorizations(call),
        Route::PlaceOrder => accounts::place_order(call),
        // Answered before it was verified.
        Route::Health => Err(Answer::not_found()),
    }
}

impl<'a> Call<'a> {
    fn query(&self) -> Query<'a> {
        Query::new(self.query)
    }

    fn body(&self) -> Result<Body, Answer> {
        Body::parse(self.body)
    }

    fn is_personal(&self) -> bool {
        self.shared.is_personal(self.client_id)
    }

    fn user(&mut self, id: &str) -> Option<&mut User> {
        self.state.users.get_mut(self.client_id, id, self.now)
    }

    /// The user that the query names with the right secret. A Personal key's is its own, whatever the query says.
    fn authenticated_user(&mut self) -> Result<&mut User, Answer> {
        if self.is_personal() {
            let id = personal_user_id(self.client_id);
            return self.user(&id).ok_or_else(Answer::forbidden);
        }
        let query = self.query();
        let id = query.required("userId")?;
        let secret = query.required("userSecret")?;
        self.user_with_secret(&id, &secret)
    }

    fn user_with_secret(&mut self, id: &str, secret: &str) -> Result<&mut User, Answer> {
        self.user(id)
            .filter(|user| user.secret.is(secret))
            .ok_or_else(Answer::wrong_user)
    }
}
