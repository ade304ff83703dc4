//! Events for a subscriber, which is somebody else's code.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Emits an event. A subscriber that panics takes neither the call with it nor, where a future is dropped by an unwinding
/// thread, the process.
pub(crate) fn emit(event: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(event));
}

#[cfg(test)]
mod tests {
    use super::emit;

    struct EmitsWhenDropped;

    impl Drop for EmitsWhenDropped {
        fn drop(&mut self) {
            emit(|| panic!("in the subscriber"));
        }
    }

    #[test]
    fn a_panic_while_another_one_unwinds_is_not_the_end() {
        let unwound = std::panic::catch_unwind(|| {
            let _emits = EmitsWhenDropped;
            panic!("in the call");
        });
        assert!(unwound.is_err());
    }
}
