//! The SnapTrade authentication operations as tower services.
