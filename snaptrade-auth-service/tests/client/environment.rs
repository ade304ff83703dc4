//! Proxies that the environment names, each in a process with an environment of its own.

use std::process::Output;

use snaptrade_auth_service::operations::ListUsers;
use snaptrade_auth_service::{RetryPolicy, sandbox::Sandbox};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::common::{client, serve};
use crate::scripted::{Scripted, head, pass_on, target};

const BASE_URL: &str = "ENVIRONMENT_TEST_BASE_URL";

/// Builds a client in this environment, calls, and tells what came of it.
#[tokio::test]
#[ignore = "needs to be run by the tests below"]
async fn child() {
    // Nothing to do if all ignored tests are run.
    let Ok(base_url) = std::env::var(BASE_URL) else {
        return;
    };
    let builder = client(&base_url).proxy_from_env();
    match builder.retry(None::<RetryPolicy>).build() {
        Ok(snaptrade) => match snaptrade.send(ListUsers::new()).await {
            Ok(_) => println!("[listed]"),
            Err(error) => println!("[failed] {error} {error:?}"),
        },
        Err(error) => println!("[not built] {error} {error:?}"),
    }
}

/// What the child says with these variables and no other that names a proxy.
async fn run(base_url: &str, variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "environment::child", "--ignored", "--nocapture"]);
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command.env_remove("REQUEST_METHOD").env(BASE_URL, base_url);
    command.envs(variables.iter().copied());
    let Output { stdout, stderr, .. } = command.output().await.unwrap();
    let said = String::from_utf8(stdout).unwrap();
    assert!(
        said.contains('['),
        "{said}{}",
        String::from_utf8_lossy(&stderr)
    );
    said
}

async fn tunnel() -> Scripted {
    Scripted::serve(|mut tcp: TcpStream| async move {
        let head = head(&mut tcp).await;
        tcp.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        pass_on(tcp, target(&head)).await;
    })
    .await
}

#[tokio::test]
async fn what_they_name_is_used() {
    let ((_sandbox, server), proxy) = (serve().await, tunnel().await);
    let url = format!("http://jane:s3cret@{}", proxy.addr);
    let mut accepted = 0;
    for (variables, through) in [
        (&[("HTTP_PROXY", &*url)][..], true),
        (&[("http_proxy", &url)], true),
        (&[("ALL_PROXY", &url)], true),
        (&[("all_proxy", &url)], true),
        (&[("HTTPS_PROXY", &url)], false),
        (&[("HTTP_PROXY", &url), ("NO_PROXY", "*")], false),
        (&[("HTTP_PROXY", &url), ("no_proxy", "127.0.0.0/8")], false),
        (&[("HTTP_PROXY", &url), ("NO_PROXY", "other.test")], true),
        (&[("HTTP_PROXY", &url), ("REQUEST_METHOD", "GET")], false),
        (&[], false),
    ] {
        let said = run(&server.base_url(), variables).await;
        assert!(said.contains("[listed]"), "{variables:?}: {said}");
        accepted += usize::from(through);
        assert_eq!(proxy.accepted(), accepted, "{variables:?}");
    }
}

/// Not a direct connection.
#[tokio::test]
async fn what_cannot_be_used_builds_no_client() {
    let (sandbox, server) = serve().await;
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        for value in [
            "socks4://jane:s3cret@127.0.0.1:1",
            "ftp://jane:s3cret@127.0.0.1",
            "http://jane:s3cret@",
            "no url s3cret",
        ] {
            let said = run(&server.base_url(), &[(name, value)]).await;
            assert!(said.contains("[not built]"), "{name}={value}: {said}");
            assert!(said.contains(name), "{name}={value}: {said}");
            assert!(!said.contains("s3cret"), "{name}={value}: {said}");
        }
    }
    assert!(sandbox.log().is_empty());
}

/// `*` is every server, those without a name included.
#[tokio::test]
async fn no_proxy_for_any_server() {
    let proxy = tunnel().await;
    let url = format!("http://{}", proxy.addr);
    for address in ["127.0.0.1:0", "[::1]:0"] {
        // Some machines have no IPv6.
        let Ok(listener) = TcpListener::bind(address).await else {
            continue;
        };
        let server = Sandbox::new().serve_on(listener).unwrap();
        let variables = [("HTTP_PROXY", &*url), ("NO_PROXY", "*")];
        let said = run(&server.base_url(), &variables).await;
        assert!(said.contains("[listed]"), "{address}: {said}");
    }
    assert_eq!(proxy.accepted(), 0);
}
