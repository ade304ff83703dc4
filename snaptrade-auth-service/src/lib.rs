//! The SnapTrade authentication operations as tower services.

#[cfg(feature = "sandbox")]
pub mod sandbox;
