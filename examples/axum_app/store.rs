//! Where the app keeps its users' secrets.

use std::collections::HashMap;
use std::convert::Infallible;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

use snaptrade_auth_service::{UserCredentials, UserId};

/// Where the secrets are kept: a database that encrypts them, in an app that outlives its process.
pub(crate) trait SecretStore: Send + Sync + 'static {
    type Error: std::error::Error + Send;

    /// Keeps a user's secret, in place of any other of theirs. Done when it would survive a crash.
    fn save(&self, user: &UserCredentials) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// The user with their secret, if there is such a one.
    fn find(
        &self,
        user_id: &UserId,
    ) -> impl Future<Output = Result<Option<UserCredentials>, Self::Error>> + Send;

    /// Erases it; fine if there was none.
    fn forget(&self, user_id: &UserId) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// For this example: gone when the process is.
#[derive(Default)]
pub(crate) struct InMemory(Mutex<HashMap<String, UserCredentials>>);

impl SecretStore for InMemory {
    type Error = Infallible;

    async fn save(&self, user: &UserCredentials) -> Result<(), Infallible> {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.insert(user.user_id.to_string(), user.clone());
        Ok(())
    }

    async fn find(&self, user_id: &UserId) -> Result<Option<UserCredentials>, Infallible> {
        let users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(users.get(user_id.as_str()).cloned())
    }

    async fn forget(&self, user_id: &UserId) -> Result<(), Infallible> {
        let mut users = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        users.remove(user_id.as_str());
        Ok(())
    }
}
