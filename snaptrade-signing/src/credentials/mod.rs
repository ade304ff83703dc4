//! Who signs: a client id and its consumer key.
//!
//! Both come from the SnapTrade dashboard, most often through the clipboard, and a key that was pasted with a
//! space or an invisible character gives nothing but `401 / 1076`. So they are checked here, once.
//!
//! ```
//! use snaptrade_signing::Credentials;
//!
//! let credentials = Credentials::new("ACME-TEST", "mykey")?;
//! assert_eq!(credentials.client_id().as_str(), "ACME-TEST");
//! assert!(!format!("{credentials:?}").contains("mykey"));
//!
//! let error = Credentials::new("ACME-TEST", "mykey\n").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "the consumer key has white space (U+000A) at byte 5, its end: copy it again without it",
//! );
//! # Ok::<(), snaptrade_signing::CredentialsError>(())
//! ```

mod error;

use std::env::{self, VarError};
use std::fmt;
use std::hint::black_box;

use zeroize::Zeroizing;

pub use error::{CredentialsError, Field, Flaw};

/// The environment variable that [`Credentials::from_env`] takes the client id from.
pub const CLIENT_ID_VARIABLE: &str = "SNAPTRADE_CLIENT_ID";

/// The environment variable that [`Credentials::from_env`] takes the consumer key from.
pub const CONSUMER_KEY_VARIABLE: &str = "SNAPTRADE_CONSUMER_KEY";

/// Names the app that calls: the `clientId` of a query. No secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

impl ClientId {
    /// Checks a client id.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`] if it is empty, begins or ends with white space, or has a control or an invisible
    /// character.
    pub fn new(id: impl Into<String>) -> Result<Self, CredentialsError> {
        let id = id.into();
        error::check(Field::ClientId, &id)?;
        Ok(Self(id))
    }

    /// The id as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key that signs, as the dashboard shows it once. Never printed, and erased when dropped.
///
/// A `String` that it is made of is taken over and erased with it; whatever it was copied from is
/// [not](crate#secrets).
///
/// How long a comparison takes tells nothing but whether the lengths are the same.
#[derive(Clone)]
pub struct ConsumerKey(Zeroizing<String>);

impl ConsumerKey {
    /// Checks a consumer key.
    ///
    /// # Errors
    ///
    /// As [`ClientId::new`]. The error holds the place, never the key.
    pub fn new(key: impl Into<String>) -> Result<Self, CredentialsError> {
        let key = Zeroizing::new(key.into());
        error::check(Field::ConsumerKey, &key)?;
        Ok(Self(key))
    }

    /// Takes a key as it is, whatever white space or invisible characters it has.
    ///
    /// For keys that are known to be so; [`new`](Self::new) is for keys that people paste.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`] if it is empty.
    pub fn verbatim(key: impl Into<String>) -> Result<Self, CredentialsError> {
        let key = Zeroizing::new(key.into());
        match key.is_empty() {
            true => Err(CredentialsError::new(Field::ConsumerKey, Flaw::Empty)),
            false => Ok(Self(key)),
        }
    }

    /// The key itself, to hand it on to something else that signs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl PartialEq for ConsumerKey {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.0.as_bytes(), other.0.as_bytes());
        let differing = a
            .iter()
            .zip(b)
            .fold(0, |bits, (a, b)| bits | black_box(a ^ b));
        // Kept from the optimiser, which could stop at the first difference.
        a.len() == b.len() && differing == 0
    }
}

impl Eq for ConsumerKey {}

impl fmt::Debug for ConsumerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConsumerKey([redacted])")
    }
}

/// A client id and its consumer key.
#[derive(Clone, Debug)]
pub struct Credentials {
    client_id: ClientId,
    consumer_key: ConsumerKey,
}

impl Credentials {
    /// Checks both.
    ///
    /// # Errors
    ///
    /// As [`ClientId::new`], naming which of the two.
    pub fn new(
        client_id: impl Into<String>,
        consumer_key: impl Into<String>,
    ) -> Result<Self, CredentialsError> {
        // The key first in hand, so that it is erased even if the id is refused.
        let consumer_key = Zeroizing::new(consumer_key.into());
        let client_id = ClientId::new(client_id)?;
        error::check(Field::ConsumerKey, &consumer_key)?;
        Ok(Self {
            client_id,
            consumer_key: ConsumerKey(consumer_key),
        })
    }

    /// From parts that were checked before.
    #[must_use]
    pub fn from_parts(client_id: ClientId, consumer_key: ConsumerKey) -> Self {
        Self {
            client_id,
            consumer_key,
        }
    }

    /// From `SNAPTRADE_CLIENT_ID` and `SNAPTRADE_CONSUMER_KEY`, which stay in the environment.
    ///
    /// # Errors
    ///
    /// [`CredentialsError`] if one is not set, not Unicode, or as for [`ClientId::new`].
    pub fn from_env() -> Result<Self, CredentialsError> {
        let client_id = variable(Field::ClientId)?;
        let consumer_key = variable(Field::ConsumerKey)?;
        Self::new(client_id, consumer_key)
    }

    /// The client id.
    #[must_use]
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The consumer key.
    #[must_use]
    pub fn consumer_key(&self) -> &ConsumerKey {
        &self.consumer_key
    }
}

fn variable(field: Field) -> Result<String, CredentialsError> {
    env::var(field.variable()).map_err(|error| {
        let flaw = match error {
            VarError::NotPresent => Flaw::NotSet,
            VarError::NotUnicode(_) => Flaw::NotUnicode,
        };
        CredentialsError::new(field, flaw)
    })
}
