//! The published Python SDK against the sandbox, and this client's signatures against the SDK's.
#![cfg(feature = "sandbox")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use snaptrade_auth_service::operations::{
    ConnectionType, DeleteUser, GetUserJwt, ListUsers, LoginUser, PortalVersion, RegisterUser,
    ResetUserSecret,
};
use snaptrade_auth_service::sandbox::{CLIENT_ID, CONSUMER_KEY, Sandbox};
use snaptrade_auth_service::{AuthService, ErrorKind};
use snaptrade_signing::SignRequestLayer;
use tower::Layer;

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python_sdk")
}

/// Where the SDK is, in the version that `requirements.txt` pins; installed on first use.
fn sdk() -> &'static Path {
    static SDK: OnceLock<PathBuf> = OnceLock::new();
    SDK.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-sdk");
        let status = Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--upgrade", "--target"])
            .arg(&folder)
            .arg("--requirement")
            .arg(here().join("requirements.txt"))
            .status();
        assert!(status.expect("python3 is installed").success());
        folder
    })
}

fn python(script: &str) -> Command {
    let mut python = Command::new("python3");
    python.arg(here().join(script)).env("PYTHONPATH", sdk());
    python
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Python 3 and PyPI"]
async fn the_sdk_lives_through_its_lifecycle() {
    let server = Sandbox::new().serve("127.0.0.1:0").await.unwrap();
    let host = server.base_url().to_string();
    let output = tokio::task::spawn_blocking(move || {
        let mut python = python("lifecycle.py");
        python.args(["--host", &host, "--client-id", CLIENT_ID]);
        python
            .args(["--consumer-key", CONSUMER_KEY])
            .output()
            .unwrap()
    });
    let output = output.await.unwrap();
    let steps = String::from_utf8_lossy(&output.stdout).lines().count();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(steps > 100, "{steps} calls");
    server.shutdown().await;
}

#[tokio::test]
#[ignore = "needs Python 3 and PyPI"]
async fn the_sdk_signs_what_this_client_sends_in_the_same_way() {
    let sandbox = Sandbox::new();
    let sign = SignRequestLayer::new(Sandbox::credentials().unwrap());
    let snaptrade = AuthService::new(sign.layer(sandbox.clone()));
    for id in [
        "jane",
        "a b",
        "j@example.com",
        "a+b&c",
        "é",
        "日本",
        "\u{1f980}",
    ] {
        let user = snaptrade
            .send(RegisterUser::new(id))
            .await
            .unwrap()
            .into_body();
        snaptrade.send(ListUsers::new()).await.unwrap();
        let bare = LoginUser::new(user.clone());
        let full = bare
            .clone()
            .broker("ALPACA")
            .immediate_redirect(true)
            .custom_redirect("https://example.com/é?a=b&c".parse().unwrap())
            .reconnect("8b5f262d-4bb9-365d-888a-202bd3b15fa1".parse().unwrap())
            .connection_type(ConnectionType::Read)
            .show_close_button(false)
            .dark_mode(true)
            .locale("fr")
            .connection_portal_version(PortalVersion::V3);
        for login in [bare, full] {
            // Whether that connection exists is not what is asked here.
            let _ = snaptrade.send(login).await;
        }
        let error = snaptrade.send(GetUserJwt::new(user.clone())).await;
        assert!(matches!(
            error.unwrap_err().kind(),
            ErrorKind::Server | ErrorKind::BadRequest
        ));
        let user = snaptrade.send(ResetUserSecret::new(user)).await.unwrap();
        snaptrade
            .send(DeleteUser::new(&user.user_id))
            .await
            .unwrap();
    }

    let log = sandbox.log();
    let requests: String = log
        .iter()
        .map(|entry| {
            let body = std::str::from_utf8(entry.raw_body()).unwrap();
            let request = json!({
                "path": entry.path(),
                "query": entry.raw_query(),
                "body": if body.is_empty() { Value::Null } else { body.into() },
                "consumer_key": CONSUMER_KEY,
            });
            format!("{request}\n")
        })
        .collect();
    let mut signer = python("sign.py");
    let mut signer = signer
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    signer
        .stdin
        .take()
        .unwrap()
        .write_all(requests.as_bytes())
        .unwrap();
    let output = signer.wait_with_output().unwrap();
    let signed: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!((signed.len(), log.len()), (49, 49));
    for (entry, signed) in log.iter().zip(signed) {
        let ours = entry.raw_headers()["signature"].to_str().unwrap();
        assert_eq!(signed["signature"], ours, "{entry}: {signed}");
    }
}
