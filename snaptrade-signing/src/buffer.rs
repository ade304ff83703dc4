//! A growable byte buffer that leaves nothing behind.

use std::ops::Range;

use zeroize::Zeroize;

/// What canonical text is written to.
pub(crate) trait Output {
    fn extend(&mut self, bytes: &[u8]);

    /// Writes one piece after the other.
    fn extend_all<const N: usize>(&mut self, pieces: [&[u8]; N]);

    /// Writes `text[range]`, its first byte replaced by `first`; nothing if the range is empty.
    fn extend_piece(&mut self, text: &[u8], range: Range<usize>, first: u8);
}

/// A short piece is copied as a whole such window, whatever its length: that takes a few instructions and no jump
/// that is guessed wrong, 0.5 H of an unsorted body of 64 KiB. What was copied too much is overwritten by the next
/// piece, or erased.
pub(crate) const WINDOW: usize = 64;

/// Bytes of a query or a body on their way to the signature.
///
/// Unlike a bare `Vec`, growing erases the old allocation, and so do [`erase`](Self::erase) and dropping.
#[derive(Default)]
pub(crate) struct SecretBuffer {
    /// The bytes, and room for more, zeros.
    room: Vec<u8>,
    len: usize,
    /// The most bytes that were written since the last erasure, if they are more than there are now.
    high_water: usize,
}

impl SecretBuffer {
    /// Makes room for `additional` more bytes.
    #[inline]
    pub(crate) fn reserve(&mut self, additional: usize) {
        if self.room.len() - self.len < additional {
            self.grow(additional);
        }
    }

    #[cold]
    fn grow(&mut self, additional: usize) {
        let wanted = self.len.saturating_add(additional);
        let capacity = wanted.max(self.room.len().saturating_mul(2)).max(512);
        let mut grown = vec![0; capacity];
        grown[..self.len].copy_from_slice(self.as_slice());
        self.overwrite();
        self.room = grown;
    }

    /// Writes a piece that is no longer than a window, if there is room for one, and text. False if not.
    #[inline(always)]
    pub(crate) fn extend_window(&mut self, text: &[u8], range: &Range<usize>, first: u8) -> bool {
        let len = range.end.wrapping_sub(range.start);
        if let Some(window) = text.get(range.start..range.start.wrapping_add(WINDOW))
            && let Some(room) = self.room.get_mut(self.len..self.len.wrapping_add(WINDOW))
            && len <= WINDOW
        {
            room.copy_from_slice(window);
            room[0] = first;
            self.len += len;
            return true;
        }
        false
    }

    /// Writes a piece of any length.
    #[inline(never)]
    pub(crate) fn extend_long_piece(&mut self, piece: &[u8], first: u8) {
        let room = self.spare(piece.len());
        room.copy_from_slice(piece);
        if let Some(byte) = room.first_mut() {
            *byte = first;
        }
        self.advance(piece.len());
    }

    /// Takes the first `count` bytes out.
    #[inline]
    pub(crate) fn remove_front(&mut self, count: usize) {
        self.high_water = self.high_water.max(self.len);
        self.room.copy_within(count..self.len, 0);
        self.len -= count;
    }

    /// Room for `len` bytes behind those that are there, to be [taken](Self::advance) in part or as a whole.
    #[inline]
    pub(crate) fn spare(&mut self, len: usize) -> &mut [u8] {
        self.reserve(len);
        &mut self.room[self.len..][..len]
    }

    /// Takes the first bytes of the spare room. What was written behind them, less than a window, is erased too.
    #[inline]
    pub(crate) fn advance(&mut self, len: usize) {
        self.len = (self.len + len).min(self.room.len());
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.room[..self.len]
    }

    /// Overwrites what was written and empties the buffer; keeps at most `retain` bytes of room.
    #[inline]
    pub(crate) fn erase(&mut self, retain: usize) {
        self.len = self.len.max(self.high_water);
        if self.len == 0 {
            return;
        }
        self.overwrite();
        self.len = 0;
        self.high_water = 0;
        if self.room.len() > retain {
            self.room = Vec::new();
        }
    }

    #[inline]
    fn overwrite(&mut self) {
        let written = self.len.max(self.high_water) + WINDOW;
        let written = written.min(self.room.len());
        self.room[..written].zeroize();
    }

    #[cfg(test)]
    pub(crate) fn capacity(&self) -> usize {
        self.room.len()
    }
}

impl Output for SecretBuffer {
    #[inline]
    fn extend(&mut self, bytes: &[u8]) {
        self.reserve(bytes.len());
        let end = self.len + bytes.len();
        self.room[self.len..end].copy_from_slice(bytes);
        self.len = end;
    }

    /// Room is made, and the length stored, once for all.
    #[inline(always)]
    fn extend_all<const N: usize>(&mut self, pieces: [&[u8]; N]) {
        let len = pieces.iter().map(|piece| piece.len()).sum();
        let mut room = self.spare(len);
        for piece in pieces {
            let (start, rest) = room.split_at_mut(piece.len());
            start.copy_from_slice(piece);
            room = rest;
        }
        self.advance(len);
    }

    #[inline(always)]
    fn extend_piece(&mut self, text: &[u8], range: Range<usize>, first: u8) {
        if !self.extend_window(text, &range, first) {
            self.extend_long_piece(&text[range], first);
        }
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
        buffer.remove_front(10_995);
        assert_eq!(buffer.as_slice(), b"6789x");
        buffer.erase(1 << 20);
        assert_eq!(buffer.len(), 0);
        assert!(buffer.capacity() >= 11_000, "room within the cap is kept");
        buffer.extend(b"again");
        buffer.erase(16);
        assert_eq!(buffer.capacity(), 0, "room above the cap is given back");
    }

    #[test]
    fn erases_what_was_copied_too_much() {
        let text = [b's'; 100];
        for len in 0..100 {
            let mut buffer = SecretBuffer::default();
            buffer.reserve(1_000);
            buffer.extend_piece(&text, 0..len, b',');
            let expected: Vec<u8> = [b','].into_iter().chain([b's'; 99]).take(len).collect();
            assert_eq!(buffer.as_slice(), expected);
            buffer.extend_piece(&text, 0..1, b'}');
            buffer.remove_front(len);
            assert_eq!(buffer.as_slice(), b"}");
            buffer.erase(1_000);
            assert!(buffer.room.iter().all(|byte| *byte == 0));
        }
    }
}
