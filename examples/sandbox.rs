//! A SnapTrade of one's own, on a port, for any language.
//!
//! ```text
//! cargo run --example sandbox -- --port 8080 --client-id ACME --consumer-key mykey
//! ```
//!
//! It runs until Ctrl-C. With `--demo` it calls itself instead, over HTTP, and ends.

use std::error::Error;
use std::ffi::OsString;
use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use snaptrade_auth_service::operations::LoginUser;
use snaptrade_auth_service::sandbox::{CLIENT_ID, CONSUMER_KEY, KeyKind, Sandbox};
use snaptrade_auth_service::{Authentication, Client};
use snaptrade_signing::{BoxError, Credentials};

const USAGE: &str = "\
A SnapTrade of one's own, until Ctrl-C.

  --host HOST             where to listen                        [127.0.0.1]
  --port PORT             0 picks one that is free                    [8080]
  --client-id ID          whose requests are accepted              [SANDBOX]
  --consumer-key KEY      and with which key          [sandbox-consumer-key]
  --personal              the key is a Personal one             [Commercial]
  --rate-limit N          requests in any trailing minute              [250]
  --tolerance SECONDS     how far off a timestamp may be               [300]
  --deletion-delay SECONDS  how long a deletion is queued                [0]
  --seed N                the same secrets each time                  [none]
  --demo                  make a few calls, print them, and end
  --help                  print this, and end
";

struct Options {
    host: String,
    port: u16,
    client_id: String,
    /// None is the default one, which is no secret.
    consumer_key: Option<String>,
    kind: KeyKind,
    rate_limit: u32,
    tolerance: u64,
    deletion_delay: u64,
    seed: Option<u64>,
    demo: bool,
    help: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = match Options::parse(std::env::args_os().skip(1)) {
        Ok(options) => options,
        Err(problem) => {
            eprintln!("{problem}: see --help");
            return ExitCode::from(2);
        }
    };
    if options.help {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> Result<(), BoxError> {
    let key = options.consumer_key.as_deref().unwrap_or(CONSUMER_KEY);
    let credentials = Credentials::new(&options.client_id, key)?;
    let mut sandbox = Sandbox::builder()
        .client(credentials.clone(), options.kind)
        .rate_limit(options.rate_limit, Duration::from_secs(60))
        .tolerance(Duration::from_secs(options.tolerance))
        .deletion_delay(Duration::from_secs(options.deletion_delay));
    if let Some(seed) = options.seed {
        sandbox = sandbox.seed(seed);
    }
    let sandbox = sandbox.build();
    let address = (options.host.as_str(), options.port);
    let server = sandbox
        .serve(address)
        .await
        .map_err(|error| format!("cannot listen on {}:{}: {error}", address.0, address.1))?;

    println!("SnapTrade sandbox");
    println!("  base URL       {}", server.base_url());
    println!("  legacy URL     {}/api/v1", server.base_url());
    println!("  client id      {}", options.client_id);
    match options.consumer_key {
        None => println!("  consumer key   {CONSUMER_KEY}"),
        Some(_) => println!("  consumer key   as given"),
    }
    println!("  kind of key    {:?}", options.kind);
    println!("  rate limit     {} in 60 s", options.rate_limit);
    println!("  tolerance      {} s", options.tolerance);
    println!("  deletion delay {} s", options.deletion_delay);

    if options.demo {
        demo(&server.base_url(), credentials, options.kind).await?;
        for entry in sandbox.log() {
            println!("{entry}");
        }
    } else {
        println!("Ctrl-C ends it.");
        tokio::signal::ctrl_c().await?;
    }
    server.shutdown().await;
    Ok(())
}

/// The first calls that an app makes.
async fn demo(base_url: &str, credentials: Credentials, kind: KeyKind) -> Result<(), BoxError> {
    let snaptrade = Client::builder(credentials)
        .base_url(base_url.parse()?)
        .build()?;
    // A Personal key is its own user.
    let login = match kind {
        KeyKind::Personal => LoginUser::personal(),
        _ => LoginUser::new(snaptrade.register_user("demo").await?.into_body()),
    };
    println!("{:?}", snaptrade.send(login).await?.body);
    println!("{:?}", snaptrade.list_users().await?.body);
    Ok(())
}

impl Options {
    fn parse(arguments: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let arguments: Result<Vec<_>, _> = arguments.map(OsString::into_string).collect();
        let arguments = arguments.map_err(|_| "an argument is not Unicode")?;
        let mut arguments = arguments.into_iter();
        let mut options = Self {
            host: "127.0.0.1".to_owned(),
            port: 8080,
            client_id: CLIENT_ID.to_owned(),
            consumer_key: None,
            kind: KeyKind::Commercial,
            rate_limit: 250,
            tolerance: 300,
            deletion_delay: 0,
            seed: None,
            demo: false,
            help: false,
        };
        while let Some(name) = arguments.next() {
            let (name, inline) = match name.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (name, None),
            };
            let flag = matches!(name.as_str(), "--personal" | "--demo" | "--help" | "-h");
            if flag && inline.is_some() {
                return Err(format!("{name} takes no value"));
            }
            let mut value = || {
                let value = inline.clone().or_else(|| arguments.next());
                value.ok_or_else(|| format!("{name} needs a value behind it"))
            };
            match name.as_str() {
                "--host" => options.host = value()?,
                "--port" => options.port = number(&name, &value()?)?,
                "--client-id" => options.client_id = value()?,
                "--consumer-key" => options.consumer_key = Some(value()?),
                "--personal" => options.kind = KeyKind::Personal,
                "--rate-limit" => options.rate_limit = number(&name, &value()?)?,
                "--tolerance" => options.tolerance = number(&name, &value()?)?,
                "--deletion-delay" => options.deletion_delay = number(&name, &value()?)?,
                "--seed" => options.seed = Some(number(&name, &value()?)?),
                "--demo" => options.demo = true,
                "--help" | "-h" => options.help = true,
                // Not repeated, as it may be a key whose option was forgotten.
                name if !name.starts_with('-') => {
                    return Err("a value stands where an option should".to_owned());
                }
                _ => return Err(format!("{name} is not known here")),
            }
        }
        Ok(options)
    }
}

fn number<N: FromStr<Err: Error>>(name: &str, value: &str) -> Result<N, String> {
    value
        .parse()
        .map_err(|error| format!("{name} takes a number, not {value:?}: {error}"))
}
