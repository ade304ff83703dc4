//! Tower's page over the policy: operations.

use tower::retry::Policy;

use super::attempt::Attempt;
use super::attempts::Attempts;
use super::policy::RetryPolicy;
use super::wait::Wait;
use crate::error::Error;
use crate::operation::Operation;
use crate::raw::Streaming;
use crate::response::ApiResponse;

impl<Op, T> Policy<Op, ApiResponse<T>, Error> for RetryPolicy
where
    Op: Operation,
{
    type Future = Wait;

    fn retry(
        &mut self,
        operation: &mut Op,
        result: &mut Result<ApiResponse<T>, Error>,
    ) -> Option<Wait> {
        self.again(operation, result)
    }

    fn clone_request(&mut self, operation: &Op) -> Option<Op> {
        self.course.begin();
        Some(operation.clone())
    }
}

impl<Op, T> Policy<Streaming<Op>, ApiResponse<T>, Error> for RetryPolicy
where
    Op: Operation,
{
    type Future = Wait;

    fn retry(
        &mut self,
        Streaming(operation): &mut Streaming<Op>,
        result: &mut Result<ApiResponse<T>, Error>,
    ) -> Option<Wait> {
        self.again(operation, result)
    }

    fn clone_request(&mut self, operation: &Streaming<Op>) -> Option<Streaming<Op>> {
        self.course.begin();
        Some(operation.clone())
    }
}

impl RetryPolicy {
    fn again<T>(
        &mut self,
        operation: &impl Operation,
        result: &mut Result<ApiResponse<T>, Error>,
    ) -> Option<Wait> {
        let attempt = match result {
            // A policy below has decided.
            Ok(answer) if answer.attempts.is_some() => return None,
            Ok(_) => Attempt::success(),
            Err(error) => Attempt::erred(error)?,
        };
        let options = operation.options();
        let start = self.course.start();
        let deadline = start.and_then(|start| options.deadline_from(start));
        let repeat = operation.repeat();
        let Some(wait) = self.course.next(&self.settings, &attempt, repeat, deadline) else {
            mark(result, self.course.attempts());
            return None;
        };
        self.course.keep(options.progress.as_ref(), &attempt);
        Some(Wait::new(wait, self.course.progress()))
    }
}

/// Says on the result what it took, and that it is final.
fn mark<T>(result: &mut Result<ApiResponse<T>, Error>, attempts: Attempts) {
    match result {
        Ok(answer) => answer.attempts = Some(attempts),
        Err(Error::Api(error)) => error.attempts = Some(attempts),
        Err(Error::Transport(error)) => error.set_attempts(attempts),
        // Final by themselves: two ran, the other never can.
        Err(Error::Decode(_) | Error::NotStored(_) | Error::InvalidRequest(_)) => {}
    }
}
