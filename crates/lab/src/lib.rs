//! The lab: from measured logs of a cell to its parameter file, and from a parameter file back to what was measured.
//!
//! Invariants: current is positive while charging from the moment a log is read; whatever was guessed about a log
//! (sign, units, start, kind) is a note that a person gets to read; `validate` runs the plant's own reference cell,
//! never the equations of the fit; the same logs give the same file.
//!
//! Start reading at [`log::read`], then [`fit::fit`] and [`validate::validate`].

pub mod cross;
pub mod drive;
pub mod error;
pub mod fit;
pub mod log;
pub mod picture;
pub mod shipped;
pub mod show;
pub mod validate;

pub use error::LabError;
pub use log::{Log, LogOptions, Source};
