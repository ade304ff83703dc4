//! The binary form of SSH keys (RFC 4251, section 5): everything has its length in front.

/// Takes fields off the front of a key. Each method gives nothing if the bytes do not hold such a field.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// What has not been read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Four bytes, the most significant first.
    pub(crate) fn uint32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    /// A string of bytes.
    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(self.uint32()?).ok()?;
        let (string, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(string)
    }

    /// A positive integer in its one valid form, without the zero byte that keeps it from being negative.
    pub(crate) fn positive(&mut self) -> Option<&'a [u8]> {
        match self.string()? {
            [] | [0] => None,
            [0, digits @ ..] => (digits[0] >= 0x80).then_some(digits),
            digits => (digits[0] < 0x80).then_some(digits),
        }
    }
}

/// Appends a string of bytes.
pub(crate) fn push_string(out: &mut Vec<u8>, string: &[u8]) {
    // Only names and the numbers of a checked key come here: both are far shorter than 4 GiB.
    let len = u32::try_from(string.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(string);
}

/// Appends a positive integer, given as its bytes without zeros in front.
pub(crate) fn push_positive(out: &mut Vec<u8>, digits: &[u8]) {
    if digits.first().is_some_and(|&first| first >= 0x80) {
        push_string(out, &[&[0], digits].concat());
    } else {
        push_string(out, digits);
    }
}
