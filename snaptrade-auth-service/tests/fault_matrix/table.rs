//! The table, as the documentation has it.

use std::fmt::Write as _;

use crate::cell::Expected;
use crate::fault::Row;
use crate::op::Op;
use crate::rows::ROWS;
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
    let over = |protocol| Expected::of(row, op, protocol).map(words);
    match (over(Protocol::Http1), over(Protocol::Http2)) {
        (Some(http1), Some(http2)) if http1 != http2 => {
            format!("HTTP/1.1: {http1}; HTTP/2: {http2}")
        }
        (Some(words), _) | (None, Some(words)) => words.to_owned(),
        (None, None) => "–".to_owned(),
    }
}

fn words(expected: Expected) -> &'static str {
    match expected {
        Expected::Again => "sent again: ok",
        Expected::Fine => "ok: a fresh connection",
        Expected::Ok => "ok",
        Expected::OkOrAgain => "ok, or sent again: ok",
        Expected::Unknown => "error: unknown",
        Expected::NotSent => "error: not sent",
        Expected::Refused => "error: refused; the next call is not",
        Expected::Ran => "error: it ran",
        Expected::Kept => "error: it ran, with the secret",
        Expected::AgainOrUnknown => "sent again: ok, or error: unknown",
    }
}
