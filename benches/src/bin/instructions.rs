//! Gate: how many instructions the canonical text takes, counted by callgrind, without the hash.
//!
//! Valgrind hides the SHA extensions, so the hash would be another one; everything else is counted exactly. The
//! counts in `instructions.txt` hold for the toolchain that is named there: another one's are told, and not judged.
//! `--bless` writes them anew.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a gate fails by panicking"
)]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use benches::corpus::{self, Case, Shape};

/// How far a count may be from the one that is expected, in percent: libc's copies depend on the processor.
const TOLERANCE: f64 = 2.0;

fn cases() -> Vec<Case> {
    let mut cases = corpus::reported();
    for shape in [Shape::WhiteSpace, Shape::NonAscii, Shape::Floats] {
        cases.push(corpus::sized(shape.name(), shape, 3_480));
    }
    cases
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [flag, name] if flag == "--case" => {
            run(name);
            ExitCode::SUCCESS
        }
        [flag] if flag == "--bless" => bless(),
        _ => check(),
    }
}

/// Signs once before and once under callgrind's eyes.
fn run(name: &str) {
    let case = cases().into_iter().find(|case| case.name == name);
    let case = case.expect("the case exists");
    let (signer, query) = (corpus::signer(), case.stamped_query());
    for _ in 0..2 {
        counted(&signer, &query, &case);
    }
    watched(&signer, &query, &case);
}

#[inline(never)]
fn watched(signer: &snaptrade_signing::Signer, query: &str, case: &Case) {
    counted(signer, query, case);
}

fn counted(signer: &snaptrade_signing::Signer, query: &str, case: &Case) {
    let signature = signer.sign(&case.path, query, &case.body);
    assert!(black_box(signature).is_ok(), "the corpus is JSON");
}

fn check() -> ExitCode {
    let expected = fs::read_to_string(file()).expect("instructions.txt is there");
    let mut lines = expected.lines();
    let same = lines.next() == Some(&toolchain());
    if !same {
        println!(
            "counted with another toolchain than {}: not judged",
            file().display()
        );
    }
    let mut failed = false;
    for case in cases() {
        let count = count(&case.name);
        let expected = expected
            .lines()
            .find_map(|line| line.strip_prefix(case.name.as_str())?.strip_prefix(": "))
            .and_then(|count| count.parse::<u64>().ok());
        let Some(expected) = expected else {
            println!("{}: {count}, nothing expected", case.name);
            failed |= same;
            continue;
        };
        let percent = 100.0 * (count as f64 / expected as f64 - 1.0);
        println!(
            "{}: {count}, expected {expected} ({percent:+.2} %)",
            case.name
        );
        if same && percent.abs() > TOLERANCE {
            eprintln!(
                "{}: more than {TOLERANCE} % off; --bless if that is meant",
                case.name
            );
            failed = true;
        }
    }
    ExitCode::from(u8::from(failed))
}

fn bless() -> ExitCode {
    let mut text = toolchain() + "\n";
    for case in cases() {
        let _ = writeln!(text, "{}: {}", case.name, count(&case.name));
    }
    print!("{text}");
    fs::write(file(), text).expect("instructions.txt can be written");
    ExitCode::SUCCESS
}

/// Runs one case under callgrind.
fn count(name: &str) -> u64 {
    let exe = std::env::current_exe().expect("it has a path");
    let out = exe.with_file_name(format!("callgrind.{}.out", std::process::id()));
    let status = Command::new("valgrind")
        .args(["--quiet", "--tool=callgrind", "--collect-atstart=no"])
        .arg("--toggle-collect=instructions::watched*")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(&exe)
        .args(["--case", name])
        .status()
        .expect("valgrind is installed");
    assert!(status.success(), "valgrind runs: {status}");
    let profile = fs::read_to_string(&out).expect("callgrind wrote its profile");
    fs::remove_file(&out).expect("it can be removed");
    let count = without_hash(&profile);
    assert!(count > 0, "callgrind saw nothing of {name}");
    count
}

/// The sum of all costs in a callgrind profile but for those of the `sha2` crate.
fn without_hash(profile: &str) -> u64 {
    let mut hashes = Vec::new();
    let (mut hash, mut called, mut sum) = (false, false, 0);
    for line in profile.lines() {
        if let Some(function) = line.strip_prefix("fn=") {
            // `(1) sha2::…` the first time, `(1)` from then on.
            let (id, name) = function.split_once(' ').unwrap_or((function, ""));
            if name.starts_with("sha2::") {
                hashes.push(id.to_owned());
            }
            hash = hashes.iter().any(|hash| hash == id);
        } else if let Some(function) = line.strip_prefix("cfn=") {
            // A function may be named first where it is called.
            if let Some((id, name)) = function.split_once(' ')
                && name.starts_with("sha2::")
            {
                hashes.push(id.to_owned());
            }
        } else if line.starts_with("calls=") {
            called = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            // The line behind `calls=` is what the callee took, which stands at the callee too.
            if !std::mem::take(&mut called) && !hash {
                let cost = line.split_whitespace().nth(1);
                sum += cost.and_then(|cost| cost.parse::<u64>().ok()).unwrap_or(0);
            }
        }
    }
    sum
}

fn toolchain() -> String {
    let output = Command::new("rustc").arg("-vV").output();
    let output = output.expect("rustc is installed").stdout;
    let text = String::from_utf8(output).expect("rustc prints UTF-8");
    let field = |name| text.lines().find_map(|line| line.strip_prefix(name));
    let (release, host) = (field("release: "), field("host: "));
    format!("# rustc {} {}", release.unwrap_or("?"), host.unwrap_or("?"))
}

fn file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("instructions.txt")
}
