//! Diagrams as SVG: lines over axes with round numbers, as the recorder and the lab draw them.
//!
//! Invariants: the same input gives the same bytes on every machine; nothing is read or written but the text of the
//! picture; a diagram has at most a few thousand points however long its data is.
//!
//! Start reading at [`chart::sheet`].

pub mod axis;
pub mod chart;
pub mod svg;

pub use axis::Axis;
pub use chart::{Chart, Line, Look, sheet};
pub use svg::{Anchor, Svg};
