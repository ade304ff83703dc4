#!/usr/bin/env bash
# The exact gates: allocations a call, and instructions of the canonical text. Needs valgrind.
#
#   benches/gates.sh            judge
#   benches/gates.sh --bless    write the instruction counts anew
set -euo pipefail
cd "$(dirname "$0")/.."
cargo run --quiet --release -p benches --bin allocations
cargo run --quiet --release -p benches --bin instructions -- "$@"
