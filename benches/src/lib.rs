//! What signing costs: see the benches beside.
