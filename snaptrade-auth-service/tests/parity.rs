//! `docs/seed-parity.md` names tests; each of them exists. And those that stand nowhere else.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Duration;

use http::{HeaderValue, Request, StatusCode};
use serde_json::{Value, json};
use snaptrade_auth_service::operations::{
    ConnectionType, DeleteUser, GetUserJwt, ListUsers, LoginUser, PortalVersion, RegisterUser,
    ResetUserSecret,
};
use snaptrade_auth_service::sandbox::{ErrorBody, Fault, Point, Sandbox};
use snaptrade_auth_service::{
    AuthService, Authentication, BaseUrl, Error, ErrorKind, InvalidBaseUrl, Operation,
    RsaPublicKey, UserCredentials,
};
use snaptrade_signing::{SignRequest, SignRequestLayer};
use tower::{Layer, ServiceBuilder};

fn snaptrade(sandbox: &Sandbox) -> AuthService<SignRequest<Sandbox>> {
    let sign = SignRequestLayer::new(Sandbox::credentials().unwrap());
    AuthService::new(sign.layer(sandbox.clone()))
}

/// The names of all functions in the sources below a folder that are marked as tests.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("target") {
                tests_below(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).unwrap();
            let mut is_test = false;
            for line in source.lines().map(str::trim_start) {
                if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
                    is_test = true;
                } else if let Some((_, name)) = line.split_once("fn ").filter(|_| is_test) {
                    is_test = false;
                    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
                    found.insert(name[..end.unwrap_or(name.len())].to_owned());
                }
            }
        }
    }
}

#[test]
fn every_test_that_the_table_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let table = fs::read_to_string(root.join("docs/seed-parity.md")).unwrap();
    let mut known = BTreeSet::new();
    for package in ["snaptrade-auth-service", "snaptrade-signing", "examples"] {
        tests_below(&root.join(package), &mut known);
    }

    let (mut rows, mut missing) = (0, Vec::new());
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").map(str::trim).collect();
        let [_, counterpart, test] = cells[..] else {
            panic!("three cells in {line}");
        };
        match test {
            "test" => {}
            "–" => assert!(counterpart.starts_with("left out: "), "{line}"),
            _ => {
                let name = test.trim_matches('`');
                rows += 1;
                if !known.contains(name) {
                    missing.push(name.to_owned());
                }
            }
        }
    }
    assert!(rows > 50, "the table was read: {rows}");
    assert!(missing.is_empty(), "no such tests: {missing:?}");
}

/// The method, the path and query, and the body that an operation asks for.
#[allow(clippy::needless_pass_by_value, reason = "a test reads better so")]
fn sent(operation: impl Operation) -> (String, String, Value) {
    let request = operation.request().unwrap();
    let body = match request.body().is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(request.body()).unwrap(),
    };
    let target = request.path_and_query().to_owned();
    (request.method().to_string(), target, body)
}

fn public_key() -> String {
    use base64::Engine as _;
    let wire = |part: &[u8]| [&u32::try_from(part.len()).unwrap().to_be_bytes(), part].concat();
    let modulus = [&[0_u8, 0xC5][..], &[0xA7_u8; 255]].concat();
    let blob = [wire(b"ssh-rsa"), wire(&[1, 0, 1]), wire(&modulus)].concat();
    format!("ssh-rsa {}", base64::prelude::BASE64_STANDARD.encode(blob))
}

#[test]
fn every_parameter_is_sent_under_its_name() {
    let jane = || UserCredentials::new("jane doe", "s3/cret");
    let user = "userId=jane%20doe&userSecret=s3%2Fcret";
    let key = public_key();
    let login = LoginUser::new(jane())
        .broker("ALPACA")
        .immediate_redirect(true)
        .custom_redirect("https://example.com/?a=b".parse().unwrap())
        .reconnect("917c8734-8470-4a3e-a18f-57c3f2ee6631".parse().unwrap())
        .connection_type(ConnectionType::TradeIfAvailable)
        .show_close_button(false)
        .dark_mode(true)
        .locale("pt-BR")
        .connection_portal_version(PortalVersion::V4);
    let options = json!({
        "broker": "ALPACA",
        "immediateRedirect": true,
        "customRedirect": "https://example.com/?a=b",
        "reconnect": "917c8734-8470-4a3e-a18f-57c3f2ee6631",
        "connectionType": "trade-if-available",
        "showCloseButton": false,
        "darkMode": true,
        "locale": "pt-BR",
        "connectionPortalVersion": "v4",
    });
    let row = |method: &str, target: String, body| (method.to_owned(), target, body);
    let path = |path: &str| format!("/snapTrade/{path}");
    for (sent, expected) in [
        (
            sent(login),
            row("POST", path(&format!("login?{user}")), options),
        ),
        (
            sent(LoginUser::personal()),
            row("POST", path("login"), json!({})),
        ),
        (
            sent(RegisterUser::new("é").rsa_public_key(RsaPublicKey::parse(&key).unwrap())),
            row(
                "POST",
                path("registerUser"),
                json!({"userId": "é", "rsaPublicKey": key}),
            ),
        ),
        (
            sent(ListUsers::new()),
            row("GET", path("listUsers"), Value::Null),
        ),
        (
            sent(DeleteUser::new("a&b")),
            row("DELETE", path("deleteUser?userId=a%26b"), Value::Null),
        ),
        (
            sent(GetUserJwt::new(jane())),
            row("GET", path(&format!("encryptedJWT?{user}")), Value::Null),
        ),
        (
            sent(ResetUserSecret::new(jane())),
            row(
                "POST",
                path("resetUserSecret"),
                json!({"userId": "jane doe", "userSecret": "s3/cret"}),
            ),
        ),
    ] {
        assert_eq!(sent, expected);
    }
    for (kind, text) in [
        (ConnectionType::Read, "read"),
        (ConnectionType::Trade, "trade"),
        (ConnectionType::Other("newer".into()), "newer"),
    ] {
        let (_, _, body) = sent(LoginUser::personal().connection_type(kind));
        assert_eq!(body, json!({"connectionType": text}));
    }
    for (version, text) in [
        (PortalVersion::V3, "v3"),
        (PortalVersion::V2, "v2"),
        (PortalVersion::Other("v5".into()), "v5"),
    ] {
        let (_, _, body) = sent(LoginUser::personal().connection_portal_version(version));
        assert_eq!(body, json!({"connectionPortalVersion": text}));
    }
}

#[tokio::test(start_paused = true)]
async fn round_trip_times_are_measured() {
    let sandbox = Sandbox::new();
    let snaptrade = snaptrade(&sandbox);
    let second = Duration::from_secs(1);
    sandbox
        .faults()
        .next(Fault::Delay(Point::AfterCommit, second));
    assert_eq!(
        snaptrade.list_users().await.unwrap().round_trip_time,
        second
    );

    sandbox
        .faults()
        .next(Fault::Delay(Point::AfterCommit, second));
    let error = snaptrade.delete_user("nobody").await.unwrap_err();
    assert_eq!(error.api().unwrap().round_trip_time, second);

    sandbox.faults().next(Fault::TruncatedBody);
    let Err(Error::Decode(error)) = snaptrade.register_user("jane").await else {
        panic!("read all the same");
    };
    assert_eq!(error.round_trip_time(), Duration::ZERO);
}

#[tokio::test]
async fn an_error_of_a_streamed_call_is_read() {
    let sandbox = Sandbox::new();
    let fault = Fault::status(StatusCode::INTERNAL_SERVER_ERROR, ErrorBody::Json);
    sandbox.faults().next(fault);
    let streaming = snaptrade(&sandbox).send(ListUsers::new().streaming()).await;
    let Err(error) = streaming else {
        panic!("a success");
    };
    assert_eq!(error.kind(), ErrorKind::Server);
    assert_eq!(error.api().unwrap().code.as_deref(), Some("1000"));
}

#[test]
fn base_urls() {
    for (url, error) in [
        ("api.snaptrade.com", InvalidBaseUrl::NotAbsolute),
        ("ftp://api.snaptrade.com", InvalidBaseUrl::NotAbsolute),
        ("https://x/?a=b", InvalidBaseUrl::HasQuery),
        ("https://me:marker@x", InvalidBaseUrl::HasUserInfo),
        ("https://x y", InvalidBaseUrl::Malformed),
        ("https://x:", InvalidBaseUrl::Malformed),
        ("https://x:abc/v1", InvalidBaseUrl::Malformed),
        ("https://x:99999", InvalidBaseUrl::Malformed),
        ("http://[::1]:+80", InvalidBaseUrl::Malformed),
    ] {
        assert_eq!(BaseUrl::parse(url), Err(error), "{url}");
        assert!(!error.to_string().contains("marker"));
    }
    let url = "https://api.snaptrade.com/api/v1/";
    let shown = BaseUrl::parse(url).unwrap().to_string();
    assert_eq!(format!("{shown}/"), url);
}

#[tokio::test]
async fn a_header_for_every_call() {
    let sandbox = Sandbox::new();
    let http = ServiceBuilder::new()
        .map_request(|mut request: Request<http_body_util::Full<bytes::Bytes>>| {
            let agent = HeaderValue::from_static("my-app/1.0");
            request.headers_mut().insert("user-agent", agent);
            request
        })
        .layer(SignRequestLayer::new(Sandbox::credentials().unwrap()))
        .service(sandbox.clone());
    let snaptrade = AuthService::new(http);
    snaptrade.register_user("jane").await.unwrap();
    snaptrade.list_users().await.unwrap();
    for entry in sandbox.log() {
        assert_eq!(entry.raw_headers()["user-agent"], "my-app/1.0");
    }
}
