//! The policy, and tower's page over it: HTTP requests.

use std::sync::Arc;

use http::{Request, Response};
use snaptrade_signing::BoxError;
use tower::retry::Policy;

use super::attempt::{Attempt, OldConnection};
use super::attempts::Attempts;
use super::builder::{RetryPolicyBuilder, Settings};
use super::course::Course;
use super::decision::End;
use super::error::RetryError;
use super::wait::Wait;
use crate::call_options::CallOptions;
use crate::connection::FreshConnection;
use crate::operation::Repeat;
use crate::progress::Progress;
use crate::rate_limit::Retried;

/// What may be sent twice, and when: for tower's `RetryLayer`. Clones share the budget. See the [module](super).
///
/// It goes over HTTP requests, or over operations, or over both.
#[derive(Clone, Debug)]
pub struct RetryPolicy {
    pub(super) settings: Arc<Settings>,
    /// Of the one call that this clone is for: tower makes one for each.
    pub(super) course: Course,
}

impl RetryPolicy {
    /// Starts from the default.
    pub fn builder() -> RetryPolicyBuilder {
        RetryPolicyBuilder::new()
    }

    pub(super) fn with(settings: Settings) -> Self {
        Self {
            settings: Arc::new(settings),
            course: Course::default(),
        }
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::with(Settings::default())
    }
}

impl<B, R> Policy<Request<B>, Response<R>, BoxError> for RetryPolicy
where
    B: Clone,
{
    type Future = Wait;

    fn retry(
        &mut self,
        request: &mut Request<B>,
        result: &mut Result<Response<R>, BoxError>,
    ) -> Option<Wait> {
        let attempt = match result {
            // A policy below has decided.
            Ok(answer) if answer.extensions().get::<Attempts>().is_some() => return None,
            Ok(answer) => Attempt::answered(answer),
            Err(error) => Attempt::failed(&**error)?,
        };
        let extensions = request.extensions();
        let repeat = extensions.get().copied();
        let repeat = repeat.unwrap_or_else(|| Repeat::of(request.method()));
        let start = self.course.start();
        let deadline =
            start.and_then(|start| extensions.get::<CallOptions>()?.deadline_from(start));

        let Some(wait) = self.course.next(&self.settings, &attempt, repeat, deadline) else {
            mark(result, self.course.attempts());
            return None;
        };
        self.course.keep(extensions.get::<Progress>(), &attempt);
        let extensions = request.extensions_mut();
        if attempt.end == End::Throttled {
            extensions.insert(Retried);
        }
        if attempt.old_connection == OldConnection::WantsFresh {
            extensions.insert(FreshConnection);
        }
        Some(Wait::new(wait, self.course.progress()))
    }

    fn clone_request(&mut self, request: &Request<B>) -> Option<Request<B>> {
        self.course.begin();
        Some(request.clone())
    }
}

/// Says on the result what it took, and that it is final.
fn mark<R>(result: &mut Result<Response<R>, BoxError>, attempts: Attempts) {
    match result {
        Ok(answer) => {
            answer.extensions_mut().insert(attempts);
        }
        Err(error) => {
            let source = std::mem::replace(error, Box::new(std::fmt::Error));
            *error = RetryError::new(attempts, source).into();
        }
    }
}
