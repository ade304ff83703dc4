//! The table, as the documentation has it.

use std::fmt::Write as _;

use crate::cell::Expected;
use crate::fault::{ROWS, Row};
use crate::op::Op;
use crate::stack::Protocol;

pub(crate) fn print() -> String {
    let mut table = String::from(
        "| the first attempt meets | has it run? | register, reset | login, JWT, list, delete |\n|---|---|---|---|\n",
    );
    for row in ROWS {
        let ran = if row.commits { "yes" } else { "no" };
        let (never, safe) = (cell(row, Op::Register), cell(row, Op::List));
        writeln!(table, "| {} | {ran} | {never} | {safe} |", row.name).unwrap();
    }
    table
}

fn cell(row: &Row, op: Op) -> String {
    let over = |protocol| words(Expected::of(row, op, protocol));
    let (http1, http2) = (over(Protocol::Http1), over(Protocol::Http2));
    if http1 == http2 {
        http1.to_owned()
    } else {
        format!("HTTP/1.1: {http1}; HTTP/2: {http2}")
    }
}

fn words(expected: Expected) -> &'static str {
    match expected {
        Expected::Again => "sent again: ok",
        Expected::Fine => "ok: a fresh connection",
        Expected::Unknown => "error: unknown",
        Expected::Ran => "error: it ran",
        Expected::AgainOrUnknown => "sent again: ok, or error: unknown",
    }
}
