//! Why an answer refuses a request, for the layers that see answers before anybody decodes them.

use http::{Response, StatusCode};

use super::api_error::Said;
use crate::answer::AnswerBody;

/// Whether the server could not verify the signature. 400/1076 is about the data, and other codes come after the
/// signature was found to be right.
pub(crate) fn is_signature_refused<R>(answer: &Response<AnswerBody<R>>) -> bool {
    [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&answer.status())
        && answer
            .body()
            .bytes()
            .is_some_and(|body| Said::read(body).code.as_deref() == Some("1076"))
}
