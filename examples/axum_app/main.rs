//! The backend of an app: its users connect their brokerages, and it keeps their secrets.
//!
//! ```text
//! cargo run --example axum_app -- --port 3000 --secrets ./secrets
//! curl -X POST localhost:3000/users -H 'content-type: application/json' -d '{"userId": "jane"}'
//! curl -X POST localhost:3000/users/jane/connect
//! curl -X DELETE localhost:3000/users/jane
//! ```
//!
//! It serves until Ctrl-C, over a sandbox of its own, which forgets its users then. With `--demo` it calls itself over a
//! socket, with a directory that is removed, and ends. Who may call it is left out: put your own authentication before
//! these routes.

mod demo;
mod failure;
mod routes;
mod secrets;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;

use routes::App;
use secrets::Secrets;
use snaptrade_auth_service::Client;
use snaptrade_auth_service::sandbox::Sandbox;
use snaptrade_signing::BoxError;
use tokio::sync::oneshot;

const USAGE: &str = "usage: axum_app [--port PORT] (--secrets DIR | --demo)";

struct Options {
    port: u16,
    /// None with `--demo`.
    secrets: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let options = options()?;
    match options.secrets {
        Some(directory) => run(options.port, directory, false).await,
        None => {
            let directory = tempfile::tempdir()?;
            run(options.port, directory.path().join("secrets"), true).await
        }
    }
}

async fn run(port: u16, directory: PathBuf, demo: bool) -> Result<(), BoxError> {
    let sandbox = Sandbox::new();
    let server = sandbox.serve("127.0.0.1:0").await?;

    let secrets = Secrets::open(directory).await?;
    // `Credentials::from_env()`, and no base URL, to reach SnapTrade.
    let snaptrade = Client::builder(Sandbox::credentials()?)
        .base_url(server.base_url().parse()?)
        .secret_sink(secrets.layer())
        .build()?;
    let app = Arc::new(App { snaptrade, secrets });

    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    println!("The app answers at {address}");
    let (end, told_to_end) = oneshot::channel::<()>();
    let serving = axum::serve(listener, routes::router(app.clone()));
    let serving = serving.with_graceful_shutdown(async { drop(told_to_end.await) });
    let serving = tokio::spawn(serving.into_future());
    if demo {
        demo::call_each_route(&address).await?;
        demo::hang_up(&address, &sandbox).await?;
    } else {
        println!("Ctrl-C ends it.");
        tokio::signal::ctrl_c().await?;
    }

    // First no new calls, then an end to those whose callers have gone, and only then SnapTrade.
    drop(end);
    serving.await??;
    app.secrets.close().await?;
    if demo {
        let stored = app.secrets.find(&"joe".into()).await?;
        let joe = stored.ok_or("the secret of a caller who hung up was lost")?;
        println!("       stored, and shown by nothing: {joe:?}");
    }
    server.shutdown().await;
    Ok(())
}

fn options() -> Result<Options, BoxError> {
    let (mut port, mut secrets, mut demo) = (3000, None, false);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--demo") => demo = true,
            Some("--port") => {
                let value = arguments.next().ok_or(USAGE)?;
                port = value.to_str().ok_or(USAGE)?.parse()?;
            }
            Some("--secrets") => secrets = Some(arguments.next().ok_or(USAGE)?.into()),
            _ => return Err(USAGE.into()),
        }
    }
    // One or the other: a demo in a directory of yours would leave its users there.
    if secrets.is_some() == demo {
        return Err(USAGE.into());
    }
    Ok(Options { port, secrets })
}
