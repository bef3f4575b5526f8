//! A stream of bytes, cut into messages of bounded length.

/// The longest message of any of the protocols has less than half of it.
const LONGEST: usize = 256;

/// What has come of a message so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    bytes: Vec<u8>,
    too_long: bool,
}

impl Lines {
    /// Appends a byte. What is too long for a message counts as an empty one that nobody understands.
    pub(super) fn push(&mut self, byte: u8) {
        if self.bytes.len() < LONGEST {
            self.bytes.push(byte);
        } else {
            self.too_long = true;
        }
    }

    /// Forgets what has come.
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.too_long = false;
    }

    /// The message, which ends here; `None` if it was too long.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let bytes = std::mem::take(&mut self.bytes);
        let whole = !std::mem::take(&mut self.too_long);
        whole.then_some(bytes)
    }

    /// Whether nothing has come yet.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}
