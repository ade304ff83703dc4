//! The requests that everything here is measured with. The same in each run, on each machine.

use std::fmt::Write as _;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Uri};
use snaptrade_signing::{Credentials, Signer};

pub use crate::shape::{Random, Shape};

/// The client id of all cases.
pub const CLIENT_ID: &str = "ACMETESTQLIKC";

/// The consumer key of all cases, as long as real ones are.
pub const CONSUMER_KEY: &str = "tSiWPvPIEUOwi0OuqCaqj8ZCKEfRAW89eYbTGYmfCKWf2Ojwk5";

/// The time of all stamps.
pub const TIMESTAMP: u64 = 1_635_790_389;

/// One request, before and after its stamp.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it stands for.
    pub name: String,
    /// The method.
    pub method: Method,
    /// The path alone.
    pub path: String,
    /// The raw query without a stamp; empty if there is none.
    pub query: String,
    /// The body; empty if there is none.
    pub body: Bytes,
}

impl Case {
    fn new(name: &str, method: Method, path: &str, query: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.to_owned(),
            method,
            path: path.to_owned(),
            query: query.to_owned(),
            body: Bytes::from(body.into()),
        }
    }

    /// The query with the stamp at its end.
    #[must_use]
    pub fn stamped_query(&self) -> String {
        let separator = if self.query.is_empty() { "" } else { "&" };
        format!(
            "{}{separator}clientId={CLIENT_ID}&timestamp={TIMESTAMP}",
            self.query
        )
    }

    /// The text that is signed.
    #[must_use]
    pub fn canonical(&self) -> String {
        snaptrade_signing::canonical::request(&self.path, &self.stamped_query(), &self.body)
            .expect("the corpus is JSON")
    }

    /// The URI before the stamp.
    #[must_use]
    pub fn uri(&self) -> String {
        let mut uri = format!("https://api.snaptrade.com{}", self.path);
        if !self.query.is_empty() {
            let _ = write!(uri, "?{}", self.query);
        }
        uri
    }

    /// Makes the request as it comes to a signing layer, again and again. Its body is a copy: threads that counted the
    /// users of one body would wait for each other, whatever they do besides.
    #[must_use]
    pub fn requests(&self) -> Requests {
        Requests {
            method: self.method.clone(),
            uri: self.uri().parse().expect("the corpus is well-formed"),
            body: Bytes::copy_from_slice(&self.body),
        }
    }
}

/// Makes one request after the other, at the least cost: the URI is parsed beforehand.
#[derive(Clone, Debug)]
pub struct Requests {
    method: Method,
    uri: Uri,
    body: Bytes,
}

impl Requests {
    /// The next request.
    #[must_use]
    pub fn make<B: From<Bytes>>(&self) -> Request<B> {
        let mut request = Request::new(B::from(self.body.clone()));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        request
    }
}

/// The credentials of all cases.
#[must_use]
pub fn credentials() -> Credentials {
    Credentials::new(CLIENT_ID, CONSUMER_KEY).expect("both are well-formed")
}

/// The signer of all cases.
#[must_use]
pub fn signer() -> Signer {
    Signer::new(credentials())
}

/// A GET without a body.
#[must_use]
pub fn get() -> Case {
    Case::new("GET", Method::GET, "/snapTrade/listUsers", "", "")
}

const SMALL_QUERY: &str = "userId=jane-4711&userSecret=adf2aa34-8219-40f7-a6b3-60156985cc61";

/// A login, its members sorted.
#[must_use]
pub fn small_sorted() -> Case {
    let body = r#"{"broker":"ALPACA","connectionType":"trade","customRedirect":"https://app.example.com/done","immediateRedirect":true}"#;
    Case::new(
        "small, sorted",
        Method::POST,
        "/snapTrade/login",
        SMALL_QUERY,
        body,
    )
}

/// A login, its members in the order in which a program would write them.
#[must_use]
pub fn small_unsorted() -> Case {
    let body = r#"{"broker":"ALPACA","immediateRedirect":true,"customRedirect":"https://app.example.com/done","connectionType":"trade"}"#;
    Case::new(
        "small, unsorted",
        Method::POST,
        "/snapTrade/login",
        SMALL_QUERY,
        body,
    )
}

/// 3.4 KiB of nested orders, unsorted.
#[must_use]
pub fn nested() -> Case {
    sized("3.4 KiB nested, unsorted", Shape::Unsorted, 3_480)
}

/// 64 KiB, canonical.
#[must_use]
pub fn large_canonical() -> Case {
    sized("64 KiB, canonical", Shape::Canonical, 64 << 10)
}

/// 64 KiB, unsorted.
#[must_use]
pub fn large_unsorted() -> Case {
    sized("64 KiB, unsorted", Shape::Unsorted, 64 << 10)
}

/// The cases of the report, smallest first.
#[must_use]
pub fn reported() -> Vec<Case> {
    vec![
        get(),
        small_sorted(),
        small_unsorted(),
        nested(),
        large_canonical(),
        large_unsorted(),
    ]
}

/// An order request with a body of one shape and size.
#[must_use]
pub fn sized(name: &str, shape: Shape, size: usize) -> Case {
    let body = shape.body(size);
    Case::new(name, Method::POST, "/trade/impact", SMALL_QUERY, body)
}

/// The six authentication operations, as this project sends them.
#[must_use]
pub fn operations() -> Vec<Case> {
    vec![
        Case::new(
            "register user",
            Method::POST,
            "/snapTrade/registerUser",
            "",
            r#"{"userId":"jane-4711"}"#,
        ),
        small_sorted(),
        get(),
        Case::new(
            "delete user",
            Method::DELETE,
            "/snapTrade/deleteUser",
            "userId=jane-4711",
            "",
        ),
        Case::new(
            "get user JWT",
            Method::GET,
            "/snapTrade/encryptedJWT",
            SMALL_QUERY,
            "",
        ),
        Case::new(
            "reset user secret",
            Method::POST,
            "/snapTrade/resetUserSecret",
            "",
            r#"{"userId":"jane-4711","userSecret":"adf2aa34-8219-40f7-a6b3-60156985cc61"}"#,
        ),
    ]
}

/// A thousand requests, no two alike: the operations of many users, and orders from 100 B to 8 KiB of all shapes.
#[must_use]
pub fn varying() -> Vec<Case> {
    let mut random = Random::new(11);
    let mut cases = Vec::new();
    while cases.len() < 1_000 {
        let mut case = match random.below(10) {
            0..6 => {
                let operations = operations();
                operations[random.below(operations.len())].clone()
            }
            _ => {
                let shape = Shape::ALL[random.below(Shape::ALL.len())];
                let size = 100 << random.below(7);
                let body = shape.seeded(size + random.below(size), random.bits());
                Case::new("order", Method::POST, "/trade/impact", SMALL_QUERY, body)
            }
        };
        let user = format!("user-{}", random.below(1_000_000_000));
        let named = String::from_utf8_lossy(&case.body).replace("jane-4711", &user);
        case.body = Bytes::from(named);
        case.query = case.query.replace("jane-4711", &user);
        cases.push(case);
    }
    cases
}
