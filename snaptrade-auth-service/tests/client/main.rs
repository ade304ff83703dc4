//! The ready-made client.
fn main() {}
