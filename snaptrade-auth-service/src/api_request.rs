//! A request before it is sent anywhere: method, path, query and body, encoded so that no client changes them.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use snaptrade_signing::canonical::{self, Escaping};

use crate::base_url::BaseUrl;
use crate::error::InvalidRequest;
use crate::user::UserCredentials;

/// What an [`Operation`](crate::Operation) asks for, without host, stamp or signature.
///
/// Segments and query values are percent-encoded but for unreserved characters, and the body is canonical JSON,
/// so what is signed is what every client sends.
///
/// ```
/// use http::Method;
/// use snaptrade_auth_service::{ApiRequest, UserCredentials};
///
/// let jane = UserCredentials::new("jane@example.com", "s3cret");
/// let request = ApiRequest::new(Method::GET, "/accounts")
///     .segment("917c8734-8470-4a3e-a18f-57c3f2ee6631")
///     .segment("positions")
///     .user(&jane);
/// assert_eq!(
///     request.path_and_query(),
///     "/accounts/917c8734-8470-4a3e-a18f-57c3f2ee6631/positions?userId=jane%40example.com&userSecret=s3cret",
/// );
/// ```
#[derive(Clone)]
pub struct ApiRequest {
    method: Method,
    target: String,
    has_query: bool,
    headers: HeaderMap,
    body: Bytes,
    /// What makes it impossible to send, told when it is built.
    invalid: Option<InvalidRequest>,
}

impl ApiRequest {
    /// A request to a path below the base URL; `path` is taken as it is, so it must be encoded.
    pub fn new(method: Method, path: &str) -> Self {
        let slash = if path.starts_with('/') { "" } else { "/" };
        Self {
            method,
            target: format!("{slash}{path}"),
            has_query: path.contains('?'),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            invalid: path.contains('#').then_some(InvalidRequest::InvalidPath),
        }
    }

    /// Adds `/` and a segment to the path.
    ///
    /// An empty one, `.` and `..` would name another path, encoded or not: such a request is refused when it is
    /// sent.
    #[must_use]
    pub fn segment(mut self, segment: impl AsRef<str>) -> Self {
        if matches!(segment.as_ref(), "" | "." | "..") {
            self.invalid.get_or_insert(InvalidRequest::InvalidSegment);
        }
        let query = match self.target.find('?') {
            Some(at) => self.target.split_off(at),
            None => String::new(),
        };
        if !self.target.ends_with('/') {
            self.target.push('/');
        }
        encode(&mut self.target, segment.as_ref());
        self.target.push_str(&query);
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.target.push(if self.has_query { '&' } else { '?' });
        self.has_query = true;
        encode(&mut self.target, name);
        self.target.push('=');
        encode(&mut self.target, value.as_ref());
        self
    }

    /// Adds a query parameter if there is a value.
    #[must_use]
    pub fn query_opt(self, name: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Adds `userId` and `userSecret`: the call is on behalf of this user.
    ///
    /// An empty id or secret names no user: such a request is refused when it is sent.
    #[must_use]
    pub fn user(mut self, user: &UserCredentials) -> Self {
        self.invalid = self.invalid.or(InvalidRequest::in_user(user));
        self.query("userId", user.user_id.as_str())
            .query("userSecret", user.user_secret.expose())
    }

    /// Sets the body: the canonical JSON of `value`.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`] if `value` has no JSON (a map whose keys are no strings, say).
    pub fn json(mut self, value: &impl Serialize) -> Result<Self, InvalidRequest> {
        let json = serde_json::to_vec(value).map_err(|_| InvalidRequest::NotJson)?;
        let json = zeroize::Zeroizing::new(json);
        let canonical = canonical::json(Escaping::Ascii, &json)?;
        self.body = canonical.into();
        Ok(self)
    }

    /// Sets a header, replacing any other of its name.
    ///
    /// Headers of the connection, of the body's framing and of the signature are not the caller's to set: such a
    /// request is refused when it is sent, with [`InvalidRequest::ReservedHeader`].
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        match InvalidRequest::in_header(&name) {
            Some(reserved) => {
                self.invalid.get_or_insert(reserved);
            }
            None => {
                self.headers.insert(name, value);
            }
        }
        self
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The path and query below the base URL, user secrets included.
    #[must_use]
    pub fn path_and_query(&self) -> &str {
        &self.target
    }

    /// The body; empty if there is none.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The headers beside those that every request has.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Itself, unless it cannot be sent.
    pub(crate) fn checked(self) -> Result<Self, InvalidRequest> {
        match self.invalid {
            Some(invalid) => Err(invalid),
            None => Ok(self),
        }
    }

    pub(crate) fn into_http<B: From<Bytes>>(
        self,
        base: &BaseUrl,
    ) -> Result<http::Request<B>, InvalidRequest> {
        let this = self.checked()?;
        let uri: Uri = base.join(&this.target)?;
        let has_body = !this.body.is_empty();
        let mut request = http::Request::new(B::from(this.body));
        *request.method_mut() = this.method;
        *request.uri_mut() = uri;
        *request.headers_mut() = this.headers;
        if has_body {
            request
                .headers_mut()
                .entry(http::header::CONTENT_TYPE)
                .or_insert(HeaderValue::from_static("application/json"));
        }
        let headers = request.headers_mut();
        headers
            .entry(http::header::ACCEPT)
            .or_insert(HeaderValue::from_static("application/json"));
        // What is compressed all the same cannot be read, and a secret in it may be shown once.
        headers
            .entry(http::header::ACCEPT_ENCODING)
            .or_insert(HeaderValue::from_static("identity"));
        Ok(request)
    }
}

impl std::fmt::Debug for ApiRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.target.split('?').next();
        f.debug_struct("ApiRequest")
            .field("method", &self.method)
            .field("path", &path.unwrap_or_default())
            .finish_non_exhaustive()
    }
}

/// Everything but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn encode(out: &mut String, text: &str) {
    out.extend(utf8_percent_encode(text, RESERVED));
}
