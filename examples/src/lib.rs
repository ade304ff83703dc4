//! One file, one use: see the examples beside.

/// The README's code, so that it is compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct ReadMe;
