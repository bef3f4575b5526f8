//! The simulated world: clock, wires, inverter, people, scenarios, recorder. Control and plant meet here and nowhere
//! else.
//!
//! Invariants: one thread, virtual time, seeded: the same scenario and seed give the same bytes on every x86-64
//! machine; no controller sees the truth of the plant; memory does not grow with the length of a run.
//!
//! Start reading at [`World`]: one tick of it is the way of the data from cell to light and back.

pub mod bus;
pub mod check;
mod intruder;
pub mod inverter;
pub mod profile;
pub mod recorder;
mod reported;
pub mod scenario;
mod snapshot;
mod sun;
mod tower;
pub mod trial;
mod wiring;
mod world;

pub use reported::Reported;
pub use scenario::Scenario;
pub use sun::SunNotTaken;
pub use tower::{Logged, SOFTWARE, Tap, Tower};
pub use voltower_control::io::Port;
pub use world::World;
