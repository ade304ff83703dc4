//! The users of all clients, and what each has.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;
use zeroize::Zeroizing;

/// A user's secret. Never printed, erased when dropped.
#[derive(Clone)]
pub(super) struct Secret(Zeroizing<String>);

impl Secret {
    pub(super) fn new(secret: impl Into<String>) -> Self {
        Self(Zeroizing::new(secret.into()))
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// Takes the same time wherever the two differ.
    pub(super) fn is(&self, given: &str) -> bool {
        let pairs = self.0.bytes().zip(given.bytes());
        let differing = pairs.fold(0, |differing, (ours, theirs)| differing | (ours ^ theirs));
        std::hint::black_box(differing) == 0 && self.0.len() == given.len()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([redacted])")
    }
}

/// One user.
#[derive(Clone, Debug)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) rsa_public_key: Option<String>,
    pub(super) authorization: Uuid,
    pub(super) accounts: [Uuid; 2],
    /// When the queued deletion is carried out.
    leaves_at: Option<Instant>,
}

impl User {
    pub(super) fn new(
        id: String,
        rsa_public_key: Option<String>,
        mut random: impl FnMut() -> Uuid,
    ) -> Self {
        Self {
            id,
            secret: Secret::new(random().to_string()),
            rsa_public_key,
            authorization: random(),
            accounts: [random(), random()],
            leaves_at: None,
        }
    }
}

/// Users by client id and user id.
#[derive(Debug, Default)]
pub(super) struct Users {
    by_id: BTreeMap<(String, String), User>,
    /// Deletions in the order in which they are carried out.
    queue: VecDeque<(Instant, (String, String))>,
}

impl Users {
    /// Carries out the deletions that are due.
    fn settle(&mut self, now: Instant) {
        while let Some((due, key)) = self.queue.front()
            && *due <= now
        {
            self.by_id.remove(key);
            self.queue.pop_front();
        }
    }

    pub(super) fn insert(&mut self, client_id: &str, user: User) {
        let key = (client_id.to_owned(), user.id.clone());
        self.by_id.insert(key, user);
    }

    pub(super) fn get_mut(
        &mut self,
        client_id: &str,
        user_id: &str,
        now: Instant,
    ) -> Option<&mut User> {
        self.settle(now);
        let key = (client_id.to_owned(), user_id.to_owned());
        self.by_id.get_mut(&key)
    }

    /// All users of all clients.
    pub(super) fn all(&mut self, now: Instant) -> impl Iterator<Item = &User> {
        self.settle(now);
        self.by_id.values()
    }

    /// All users of a client, in the order of their ids.
    pub(super) fn of(&mut self, client_id: &str, now: Instant) -> impl Iterator<Item = &User> {
        self.settle(now);
        let from = (client_id.to_owned(), String::new());
        let users = self.by_id.range(from..);
        users
            .take_while(move |((client, _), _)| client == client_id)
            .map(|(_, user)| user)
    }

    /// Queues a deletion, once; whether there is such a user.
    pub(super) fn delete(
        &mut self,
        client_id: &str,
        user_id: &str,
        now: Instant,
        delay: Duration,
    ) -> bool {
        let Some(user) = self.get_mut(client_id, user_id, now) else {
            return false;
        };
        if user.leaves_at.is_none() {
            // A delay beyond the end of time is one that never ends.
            user.leaves_at = now.checked_add(delay);
            if let Some(due) = user.leaves_at {
                let key = (client_id.to_owned(), user_id.to_owned());
                self.queue.push_back((due, key));
            }
            self.settle(now);
        }
        true
    }
}
