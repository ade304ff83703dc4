//! Where and with what was measured.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use snaptrade_signing::clock::{Clock, SystemClock};

use super::ROUNDS;

const LOCK: &str = include_str!("../../../Cargo.lock");

/// The head of the results.
#[must_use]
pub fn describe(passes: usize, quiet: usize) -> String {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpuinfo.lines().find(|line| line.starts_with(name))?;
        Some(line.split_once(": ")?.1.to_owned())
    };
    let model = field("model name").unwrap_or_else(|| "unknown processor".into());
    let sha = match field("flags") {
        Some(flags) if flags.split(' ').any(|flag| flag == "sha_ni") => "with",
        _ => "without",
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = Command::new("rustc").arg("-V").output();
    let rustc = rustc.map_or_else(
        |_| "unknown rustc".into(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    let mut out =
        String::from("# Results\n\nWritten by `cargo run --release -p benches --bin report`.\n\n");
    out.push_str(
        "H is the least that a signature can cost: HMAC-SHA256 over the same canonical text, from a key hashed \
         beforehand. Cases take turns in one process, and each figure is the median of the rounds' ratios. *Measured* \
         are the quiet rounds: those in which H, and H again behind them, took at most a twentieth longer than in its \
         fastest turn. What others do to a shared machine slows H less than what is held against it; *all rounds* is \
         with them. Of two threads, whose cores may be slowed apart, each also works alone in each round, and all rounds \
         count. *Layer* is what the layer adds to a call that does nothing, and a peer is held against it by what \
         it adds to the same call; below, by whole calls, which make a request and drop it.\n\n",
    );
    let _ = writeln!(out, "- Date: {}", today());
    let _ = writeln!(
        out,
        "- Machine: {model}, {cores} cores, {sha} SHA extensions, {}",
        std::env::consts::ARCH
    );
    let _ = writeln!(out, "- Toolchain: {rustc}, release profile as cargo has it");
    let _ = writeln!(
        out,
        "- Passes: {passes}, of up to {ROUNDS} rounds each; {quiet} quiet rounds at least"
    );
    let versions = [
        "sha2",
        "aws-sigv4",
        "reqsign-core",
        "reqsign-aws-v4",
        "httpsig",
        "serde_json",
    ];
    let versions = versions.map(|name| format!("{name} {}", version(name)));
    let _ = writeln!(out, "- Versions: {}", versions.join(", "));
    out
}

fn today() -> String {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(SystemClock.now().as_secs());
    // `Tue, 24 Nov 2026 08:00:00 GMT`
    httpdate::fmt_http_date(now)[5..16].to_owned()
}

/// The version of a crate in the lock file: the highest, if there are several.
fn version(name: &str) -> &'static str {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let found = LOCK.match_indices(&entry).last();
    let version = found.and_then(|(at, _)| LOCK[at + entry.len()..].split('"').next());
    version.unwrap_or("?")
}
