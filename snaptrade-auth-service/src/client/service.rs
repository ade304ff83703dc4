//! The client as a service of operations.

use std::task::{Context, Poll};

use tower::{Service, ServiceExt};

use super::{Client, ResponseBody};
use crate::error::Error;
use crate::operation::Operation;
use crate::raw::Streaming;
use crate::response::ApiResponse;
use crate::service::CallFuture;

impl Client {
    /// Calls an operation.
    ///
    /// # Errors
    ///
    /// [`Error`]: its [`kind`](Error::kind) says what went wrong, its [`outcome`](Error::outcome) whether it may have
    /// run.
    pub async fn send<Op>(&self, operation: Op) -> Result<<Self as Service<Op>>::Response, Error>
    where
        Self: Service<Op, Error = Error>,
    {
        self.clone().oneshot(operation).await
    }
}

impl<Op> Service<Op> for Client
where
    Op: Operation + Send + 'static,
    Op::Output: Send + 'static,
{
    type Response = ApiResponse<Op::Output>;
    type Error = Error;
    type Future = CallFuture<Op::Output>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Service::<Op>::poll_ready(&mut self.stack, cx)
    }

    fn call(&mut self, operation: Op) -> Self::Future {
        // In a box, so that the type does not tell of the layers.
        Box::pin(self.stack.call(operation))
    }
}

/// The unread body of a success.
impl<Op> Service<Streaming<Op>> for Client
where
    Op: Operation + Send + 'static,
{
    type Response = ApiResponse<ResponseBody>;
    type Error = Error;
    type Future = CallFuture<ResponseBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Service::<Streaming<Op>>::poll_ready(&mut self.stack, cx)
    }

    fn call(&mut self, operation: Streaming<Op>) -> Self::Future {
        Box::pin(self.stack.call(operation))
    }
}
