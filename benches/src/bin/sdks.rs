//! The published Python and TypeScript SDKs beside the signer: the signature alone, of the same requests. Run it by
//! `benches/sdk/run`, which installs them.
//!
//! Fails if any signature differs.

#![allow(clippy::expect_used, reason = "a report fails by panicking")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use benches::corpus::{self, CONSUMER_KEY, Case};
use benches::rounds::Rounds;
use serde_json::{Value, json};

const ROUNDS: usize = 101;

fn main() {
    let installed = std::env::args().nth(1);
    let installed = installed.expect("the folder that the SDKs are installed in");
    let installed = Path::new(&installed);
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("sdk");

    let mut python = Command::new("python3");
    python
        .env("PYTHONPATH", installed.join("python"))
        .arg(scripts.join("python.py"));
    let mut node = Command::new("node");
    node.arg(scripts.join("typescript.cjs")).arg(installed);

    let cases = corpus::reported();
    let input = json!(cases.iter().map(request).collect::<Vec<_>>()).to_string();
    let (python, typescript) = (answers(python, &input), answers(node, &input));
    println!("| signature alone | ours | Python SDK | TypeScript SDK |\n|---|---|---|---|");
    for (case, (python, typescript)) in cases.iter().zip(python.iter().zip(&typescript)) {
        let (signature, nanos) = ours(case);
        for theirs in [python, typescript] {
            assert_eq!(theirs["signature"], signature.as_str(), "{}", case.name);
        }
        let times = |theirs: &Value| {
            let theirs = theirs["nanos"].as_f64().expect("a number");
            format!("{:.1} µs, {:.0} times", theirs / 1e3, theirs / nanos)
        };
        println!(
            "| {} | {:.2} µs | {} | {} |",
            case.name,
            nanos / 1e3,
            times(python),
            times(typescript)
        );
    }
    println!("\nAll signatures are equal.");
}

fn request(case: &Case) -> Value {
    let body = (!case.body.is_empty()).then(|| String::from_utf8_lossy(&case.body));
    json!({
        "name": case.name,
        "path": case.path,
        "query": case.stamped_query(),
        "body": body,
        "consumer_key": CONSUMER_KEY,
    })
}

fn ours(case: &Case) -> (String, f64) {
    let (signer, query) = (corpus::signer(), case.stamped_query());
    let sign = || {
        signer
            .sign(&case.path, &query, &case.body)
            .expect("it signs")
    };
    let mut rounds = Rounds::default();
    rounds.add("sign", sign);
    (sign().expose().to_owned(), rounds.run(ROUNDS).nanos("sign"))
}

/// What a script answers, one for each request.
fn answers(mut script: Command, input: &str) -> Vec<Value> {
    let mut child = script
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it is installed");
    let mut stdin = child.stdin.take().expect("it is piped");
    writeln!(stdin, "{input}").expect("the script reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the script ends");
    assert!(output.status.success(), "{script:?}: {}", output.status);
    serde_json::from_slice(&output.stdout).expect("the script prints JSON")
}
