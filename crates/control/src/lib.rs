//! The controllers of the battery module and of the distribution unit, as pure steps.
//!
//! Invariants: `no_std`, no allocation, no `unsafe`, no panics; a controller reads no clock, bus, pin or file:
//! `step(&mut self, now, inputs) -> outputs` is its whole contact with the world, called at its sample period and for
//! every frame delivered to it.
//!
//! Start reading at [`io`], then [`module::ModuleController`] and [`bdu::BduController`].
#![no_std]

pub mod bdu;
pub mod blind;
pub mod bound;
pub mod estimate;
pub mod io;
pub mod keep;
pub mod link;
pub mod module;
pub mod protect;
pub mod record;
pub mod selftest;
pub mod share;
