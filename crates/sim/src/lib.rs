//! Placeholder.

pub mod profile;
pub mod recorder;
pub mod scenario;
