//! A look-up that hangs, in a process of its own.
//!
//! glibc reads the file that `HOSTALIASES` names for each name without a dot. As a pipe, it holds the look-up until
//! it is closed.

use std::fs::OpenOptions;
use std::process::{Command, Output};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use snaptrade_auth_service::deadline::{DeadlineExceeded, DeadlineScope};
use snaptrade_auth_service::operations::{ListUsers, RegisterUser};
use snaptrade_auth_service::{Error, Outcome, RetryPolicy};

use crate::common::client;
use crate::scripted::Scripted;

const ALIASES: &str = "HOSTALIASES";
/// How long the look-up hangs if no deadline ends the call before.
const HELD: Duration = Duration::from_secs(10);

/// Calls a server whose name cannot be looked up in time, and tells what came of it.
#[test]
#[ignore = "needs to be run by the test below"]
fn child() {
    // Nothing to do if all ignored tests are run.
    let Some(aliases) = std::env::var_os(ALIASES) else {
        return;
    };
    let (answered, end) = mpsc::channel::<()>();
    // Open for both, it waits for nobody, and whoever reads it waits.
    let pipe = OpenOptions::new().read(true).write(true).open(&aliases);
    let holder = thread::spawn(move || {
        let in_time = end.recv_timeout(HELD) != Err(RecvTimeoutError::Timeout);
        // No other look-up finds it, and those that read it come to its end.
        std::fs::remove_file(&aliases).unwrap();
        drop(pipe);
        in_time
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let errors = runtime.block_on(async {
        let proxy = Scripted::serve(|_| async {}).await;
        let snaptrade = client("https://a-name-that-is-held")
            .proxy(format!("socks5://{}", proxy.addr).parse().unwrap())
            .connect_timeout(Duration::from_millis(200))
            .retry(None::<RetryPolicy>)
            .build()
            .unwrap();
        let listed = snaptrade.send(ListUsers::new()).await.map(drop);
        let registered = snaptrade.send(RegisterUser::new("jane")).await.map(drop);
        [listed.unwrap_err(), registered.unwrap_err()]
    });
    drop(answered);
    let in_time = holder.join().unwrap();
    // The look-ups may still be asking.
    runtime.shutdown_background();
    for error in errors {
        assert_eq!(error.outcome(), Outcome::NotSent, "{error}");
        let Error::Transport(error) = error else {
            panic!("{error}");
        };
        match error.deadline().map(DeadlineExceeded::scope) {
            _ if !in_time => println!("[too late] {error}"),
            Some(DeadlineScope::Connect) => println!("[in time]"),
            _ => println!("[not held] {error}"),
        }
    }
}

/// The timers of the one thread go on.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn one_that_hangs_is_bound_by_the_connect_timeout() {
    let directory = tempfile::tempdir().unwrap();
    let aliases = directory.path().join("aliases");
    let made = Command::new("mkfifo").arg(&aliases).status().unwrap();
    assert!(made.success());
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "lookup::child", "--ignored", "--nocapture"])
        .env(ALIASES, &aliases)
        .output();
    let Output { stdout, stderr, .. } = child.unwrap();
    let said = String::from_utf8(stdout).unwrap() + &String::from_utf8_lossy(&stderr);
    // Where another service than DNS answers first, no look-up can be held.
    if said.matches("[not held]").count() < 2 {
        assert_eq!(said.matches("[in time]").count(), 2, "{said}");
    }
}
