//! What must outlive a loss of power, and how it comes to be written.
//!
//! ```text
//!   controller, pure                              whoever calls step, and its memory
//!   +------------------------------------+        +--------------------------------------+
//!   | a lock-out: outputs open           | Keep   | reads the state, writes those parts, |
//!   | revision counts, parts say what    |------->| in the order of Part::ALL            |
//!   |                                    |        |                                      |
//!   | memory holds it: it counts as set, | report | ... and reports the revision that it |
//!   | or as cleared, and is told         |<-------| holds, or that it has failed         |
//!   +------------------------------------+        +--------------------------------------+
//! ```
//!
//! Until memory holds a lock-out, the outputs are open and nobody is told that it is set; until memory holds that a
//! person has cleared it, they stay open. So a loss of power at any moment finds memory either with it, or never told.

mod blackbox;
mod boot;
mod bytes;
mod frame;
mod keeping;
mod lifetime;
mod memory;
mod module;
mod pauses;
mod state;
mod unit;

pub use blackbox::{Blackbox, PAGES, POINTS, Point};
pub(crate) use boot::Announcement;
pub use boot::{Boot, Resets};
pub use bytes::{Damage, PART_MAX, PartBytes};
pub use frame::{FRAMES, Frames, FreezeFrame, Stamp};
pub use keeping::Keeping;
pub use lifetime::{BAND_COUNT, BANDS, Lifetime, Moment};
pub use memory::{Keep, MemoryReport, MemoryWatch, Part, Parts};
pub use module::ModulePersisted;
pub use pauses::Pauses;
pub use state::{ChargeState, Doubt, SafetyState, Switched, UnitSafety};
pub use unit::BduPersisted;
