//! A growable byte buffer that leaves nothing behind.

use zeroize::Zeroize;

/// What canonical text is written to.
pub(crate) trait Output {
    fn extend(&mut self, bytes: &[u8]);
}

/// Bytes of a query or a body on their way to the signature.
///
/// Unlike a bare `Vec`, growing erases the old allocation, and so do [`erase`](Self::erase) and dropping.
#[derive(Default)]
pub(crate) struct SecretBuffer {
    bytes: Vec<u8>,
    /// The bytes that have been written since the last erasure, if they are more than there are now.
    high_water: usize,
}

impl SecretBuffer {
    /// Makes room for `additional` more bytes.
    #[inline]
    pub(crate) fn reserve(&mut self, additional: usize) {
        if self.bytes.capacity() - self.bytes.len() < additional {
            self.grow(additional);
        }
    }

    #[cold]
    fn grow(&mut self, additional: usize) {
        let wanted = self.bytes.len().saturating_add(additional);
        let capacity = wanted.max(self.bytes.capacity().saturating_mul(2)).max(512);
        let mut grown = Vec::with_capacity(capacity);
        grown.extend_from_slice(&self.bytes);
        self.overwrite();
        self.bytes = grown;
    }

    /// Takes the first `count` bytes out.
    pub(crate) fn remove_front(&mut self, count: usize) {
        self.high_water = self.high_water.max(self.bytes.len());
        self.bytes.drain(..count);
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.bytes
    }

    /// Overwrites what was written and empties the buffer; keeps at most `retain` bytes of room.
    #[inline]
    pub(crate) fn erase(&mut self, retain: usize) {
        if self.bytes.is_empty() && self.high_water == 0 {
            return;
        }
        self.overwrite();
        if self.bytes.capacity() > retain {
            self.bytes = Vec::new();
        }
    }

    fn overwrite(&mut self) {
        if self.high_water > self.bytes.len() {
            self.bytes.resize(self.high_water, 0);
        }
        self.bytes.as_mut_slice().zeroize();
        self.bytes.clear();
        self.high_water = 0;
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.capacity()
    }
}

impl Output for SecretBuffer {
    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }
}

impl Drop for SecretBuffer {
    fn drop(&mut self) {
        self.overwrite();
    }
}

#[cfg(test)]
mod tests {
    use super::{Output, SecretBuffer};

    #[test]
    fn grows_and_forgets() {
        let mut buffer = SecretBuffer::default();
        for _ in 0..1000 {
            buffer.extend(b"0123456789");
            buffer.extend(b"x");
        }
        assert_eq!(buffer.len(), 11_000);
        assert!(buffer.as_slice().ends_with(b"0123456789x"));
        buffer.erase(1 << 20);
        assert_eq!(buffer.len(), 0);
        assert!(buffer.capacity() >= 11_000, "room within the cap is kept");
        buffer.extend(b"again");
        buffer.erase(16);
        assert_eq!(buffer.capacity(), 0, "room above the cap is given back");
    }
}
