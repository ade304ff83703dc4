//! One file, one use: see the examples beside.
