//! A growable byte buffer that leaves nothing behind.

use zeroize::Zeroize;

/// Bytes of a query or a body on their way to the signature.
///
/// Unlike a bare `Vec`, growing erases the old allocation, and so do [`erase`](Self::erase) and dropping.
#[derive(Default)]
pub(crate) struct SecretBuffer(Vec<u8>);

impl SecretBuffer {
    /// Makes room for `additional` more bytes.
    #[inline]
    pub(crate) fn reserve(&mut self, additional: usize) {
        if self.0.capacity() - self.0.len() < additional {
            self.grow(additional);
        }
    }

    #[cold]
    fn grow(&mut self, additional: usize) {
        let wanted = self.0.len().saturating_add(additional);
        let capacity = wanted.max(self.0.capacity().saturating_mul(2)).max(512);
        let mut grown = Vec::with_capacity(capacity);
        grown.extend_from_slice(&self.0);
        self.0.as_mut_slice().zeroize();
        self.0 = grown;
    }

    #[inline]
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        self.0.extend_from_slice(bytes);
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// Overwrites what was written and empties the buffer; keeps at most `retain` bytes of room.
    pub(crate) fn erase(&mut self, retain: usize) {
        self.0.as_mut_slice().zeroize();
        self.0.clear();
        if self.0.capacity() > retain {
            self.0 = Vec::new();
        }
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.0.capacity()
    }
}

impl Drop for SecretBuffer {
    fn drop(&mut self) {
        self.0.as_mut_slice().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::SecretBuffer;

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
