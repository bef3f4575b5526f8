//! What was found damaged.

/// What was found damaged when the store was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Losses {
    /// Entries missing from the middle of the log. The newest ones are not missed: damaged, they look like one that a
    /// cut of the supply stopped.
    pub entries: u32,
    /// Values that were damaged in one copy and have been made again from the other: nothing is lost, but a page is
    /// going. Damage in both copies of a value at once brings back an older one.
    pub mended: u32,
    /// Values that now stand in one copy only, because the flash did not take the other one: the next damage takes
    /// them.
    pub single: u32,
}
