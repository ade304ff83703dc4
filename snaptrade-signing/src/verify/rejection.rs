//! What a request is answered that does not pass.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

/// Why a request does not pass. Answered with the status, code and detail that SnapTrade answers.
///
/// If several apply, the [first check](crate::verify#what-is-checked-when) that fails is told.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// No client id, timestamp or signature: 401, code 0000.
    NotAuthenticated,
    /// No key is known for this client id: 401, code 1083.
    UnknownClient(String),
    /// The signature is not that of the request, or its timestamp is too far from the server's clock: 401, code
    /// 1076. Which of the two is not told.
    Unverified,
    /// There is more than one client id, timestamp or signature, or what another reader may take for one: answered as
    /// [`Unverified`](Self::Unverified).
    Ambiguous,
    /// The body is not JSON: 400, code 1076.
    InvalidBody,
    /// The body is longer than the layer collects: 413.
    BodyTooLarge,
    /// The body could not be read to its end: 400. Seldom seen by anyone, as the connection is most often gone.
    BodyBroken,
}

impl Rejection {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotAuthenticated
            | Self::UnknownClient(_)
            | Self::Unverified
            | Self::Ambiguous => StatusCode::UNAUTHORIZED,
            Self::InvalidBody | Self::BodyBroken => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    /// The `code` of the answer's body.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownClient(_) => "1083",
            Self::Unverified | Self::Ambiguous | Self::InvalidBody => "1076",
            Self::NotAuthenticated | Self::BodyTooLarge | Self::BodyBroken => "0000",
        }
    }

    /// The `detail` of the answer's body.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::NotAuthenticated => "Authentication credentials were not provided.".into(),
            Self::UnknownClient(id) => format!("Invalid clientId provided - {id}"),
            Self::Unverified | Self::Ambiguous => "Unable to verify signature sent".into(),
            Self::InvalidBody => "Unable to verify data sent".into(),
            Self::BodyTooLarge => "The request's body is too large.".into(),
            Self::BodyBroken => "The request's body could not be read.".into(),
        }
    }

    /// The answer.
    #[must_use]
    pub fn into_response<B: From<Bytes>>(self) -> Response<B> {
        let status = self.status();
        let mut body = String::from("{\"detail\":");
        push_json_string(&mut body, &self.detail());
        body.push_str(&format!(
            ",\"status_code\":{},\"code\":\"{}\"}}",
            status.as_u16(),
            self.code()
        ));
        let mut response = Response::new(B::from(Bytes::from(body)));
        *response.status_mut() = status;
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// Writes `text` as a JSON string, escaped as the server's own are.
fn push_json_string(out: &mut String, text: &str) {
    let mut quoted = crate::buffer::SecretBuffer::default();
    crate::canonical::write_escaped(text, &mut quoted);
    out.push('"');
    out.push_str(&String::from_utf8_lossy(quoted.as_slice()));
    out.push('"');
}
