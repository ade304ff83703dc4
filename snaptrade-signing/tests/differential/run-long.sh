#!/bin/sh
# Compares millions of documents with Python: optimised, but with overflow checks and debug assertions.
# usage: run-long.sh [documents] [first seed]
set -eu
cd "$(dirname "$0")/../.."
export DIFFERENTIAL_DOCUMENTS="${1:-3000000}" DIFFERENTIAL_SEED="${2:-1000000000}"
export CARGO_PROFILE_RELEASE_DEBUG_ASSERTIONS=true CARGO_PROFILE_RELEASE_OVERFLOW_CHECKS=true
exec cargo test --release --test differential -- --ignored --nocapture
