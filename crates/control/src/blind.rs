//! Detections that are switched off one at a time, to see whether the fault matrix would notice that one is missing.
//!
//! Only a build with the feature `blind` can switch one off; `xtask` alone asks for it. In every other build the
//! answer is a constant, and the compiler drops the question.

use voltower_core::Cause;

/// Something that a controller finds out, by its place in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Detection {
    /// A row of a module's [`TABLE`](crate::protect::table::TABLE).
    Module(usize),
    /// A row of [`OF_TOWER`](crate::bdu::OF_TOWER).
    OfTower(usize),
    /// A row of [`OF_MODULE`](crate::bdu::OF_MODULE).
    OfModule(usize),
    /// A cause of the BDU.
    Cause(Cause),
}

/// Without the feature nothing is ever switched off.
#[cfg(not(feature = "blind"))]
pub(crate) const fn is_off(_: Detection) -> bool {
    false
}

#[cfg(feature = "blind")]
pub(crate) use switched::is_off;
#[cfg(feature = "blind")]
pub use switched::switch_off;

#[cfg(feature = "blind")]
mod switched {
    use core::sync::atomic::{AtomicU64, Ordering};

    use super::Detection;

    /// One bit each: a row of the module's table.
    static OF_MODULES: AtomicU64 = AtomicU64::new(0);
    /// The BDU's: 16 rows of the tower, 16 of a module, 32 causes.
    static OF_BDU: AtomicU64 = AtomicU64::new(0);

    impl Detection {
        const fn bit(self) -> (&'static AtomicU64, u64) {
            match self {
                Self::Module(row) => (&OF_MODULES, 1 << (row % 64)),
                Self::OfTower(row) => (&OF_BDU, 1 << (row % 16)),
                Self::OfModule(row) => (&OF_BDU, 1 << (16 + row % 16)),
                Self::Cause(cause) => (&OF_BDU, 1 << (32 + cause as u64 % 32)),
            }
        }
    }

    /// Switches these off, and all others on, in every controller of the program.
    pub fn switch_off(detections: &[Detection]) {
        OF_MODULES.store(0, Ordering::SeqCst);
        OF_BDU.store(0, Ordering::SeqCst);
        for detection in detections {
            let (word, bit) = detection.bit();
            word.fetch_or(bit, Ordering::SeqCst);
        }
    }

    pub(crate) fn is_off(detection: Detection) -> bool {
        let (word, bit) = detection.bit();
        word.load(Ordering::Relaxed) & bit != 0
    }
}
