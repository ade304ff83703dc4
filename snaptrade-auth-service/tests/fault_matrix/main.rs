//! Every fault, every operation, HTTP/1.1 and HTTP/2, over real sockets: what is sent twice, what runs twice, and
//! whether the caller is told the truth.
//!
//! ```sh
//! cargo test -p snaptrade-auth-service --all-features --test fault_matrix -- --nocapture
//! ```

#![cfg(all(feature = "sandbox", feature = "client"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod cell;
#[path = "../client/common.rs"]
#[allow(dead_code, reason = "shared with the tests of the client")]
mod common;
mod fault;
#[path = "../client/frames.rs"]
mod frames;
mod op;
mod rows;
#[path = "../client/scripted.rs"]
#[allow(dead_code, reason = "shared with the tests of the client")]
mod scripted;
mod stack;
mod table;
mod way;

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::cell::Cell;
use crate::op::Op;
use crate::rows::ROWS;
use crate::stack::Protocol;

/// How many cells run at a time: their timeouts are short.
const AT_ONCE: usize = 12;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_cell_is_as_the_table_says() {
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut running = JoinSet::new();
    for row in ROWS {
        for op in Op::ALL {
            for protocol in [Protocol::Http1, Protocol::Http2] {
                let turns = turns.clone();
                running.spawn(async move {
                    let _turn = turns.acquire().await.unwrap();
                    Cell { row, op, protocol }.run().await
                });
            }
        }
    }
    let wrong: Vec<String> = running.join_all().await.into_iter().flatten().collect();
    println!("{}", table::print());
    assert!(
        wrong.is_empty(),
        "{} cells:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    let documented = include_str!("../../../docs/fault-matrix.md");
    assert!(
        documented.contains(&table::print()),
        "docs/fault-matrix.md has another table"
    );
}
