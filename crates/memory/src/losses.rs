//! What was found damaged.

/// What was found damaged when the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses {
    /// Entries missing from the middle of the log. The newest one is not missed: if it is damaged it looks like one that
    /// a cut of the supply stopped.
    pub entries: u32,
    /// Values of which one copy was damaged and has been made again from the other. Nothing is lost, but a page is going.
    pub mended: u32,
    /// Values of which one copy was damaged and could not be made again: the next damage takes them.
    pub single: u32,
    /// Copies of all values that were beyond repair and have been erased; of 2, the other one has filled them again.
    pub copies_erased: u32,
    /// The log was beyond repair and has been erased.
    pub log_erased: bool,
}

impl Losses {
    /// Whether anything that had been stored is gone.
    #[must_use]
    pub fn lost(&self) -> bool {
        self.entries > 0 || self.log_erased || self.copies_erased >= 2
    }
}
