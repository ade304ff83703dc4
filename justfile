# The one face for people and CI: `just --list`.

# Everything that CI checks.
ci:
    .ci/run

# The tests that a plain checkout passes.
test:
    cargo test --workspace --all-features

# Canonical text against Python's own, this many documents.
differential documents="100000":
    DIFFERENTIAL_DOCUMENTS={{documents}} cargo test --release -p snaptrade-signing --test differential -- --ignored

# The published Python SDK against the sandbox, and its signatures against ours.
sdk:
    cargo test -p snaptrade-auth-service --all-features --test python_sdk -- --ignored

lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings

# Measures, and writes benches/RESULTS.md and its plot.
bench-report:
    cargo run --release -p benches --features agpl-peers --bin report

# Allocations and instruction counts, exact.
gates:
    benches/gates.sh

# What becomes of a call when something goes wrong: the table of docs/fault-matrix.md, over sockets.
faults:
    cargo test -p snaptrade-auth-service --all-features --test fault_matrix -- --nocapture

# One quota over many processes, with a real Redis that is killed, emptied and stopped, and whose clock is set.
redis:
    cargo test --release -p snaptrade-auth-service --all-features --test redis_quota -- --ignored
    cargo test --release -p snaptrade-auth-service --all-features --lib simulation -- --ignored

# The published Python and TypeScript SDKs on the same requests: equal signatures, and what each costs.
sdk-bench:
    benches/sdk/run
