//! Codecs of the wires: the Link's process data, and the SOFAR frames towards the inverter.
//!
//! Invariants: `no_std`, no allocation, no `unsafe`, no panics; each codec turns any bytes into a legal value
//! or an error, and only legal values into bytes.
//!
//! Start reading at [`link`].
#![no_std]

pub mod can;
pub mod canopen;
pub mod link;
pub mod registers;
pub mod sofar;

pub use can::Frame;
