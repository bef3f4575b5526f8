//! Trials: sites, people, weather and faults at random, with checkers beside them that see the truth of the plant.
//!
//! A seed draws a [`Plan`]; [`run`] lets it happen in three phases: trouble, mending, and the return of the towers;
//! [`shrink`] makes a plan that fails smaller. The [`catalogue`] says of every fault who could notice it and what a
//! correct tower makes of it. All of it is a function of the seed.

pub mod catalogue;
pub mod checkers;
mod dice;
mod draw;
mod plan;
mod run;
mod shrink;
pub mod single;
pub mod soak;

pub use checkers::{Checkers, Finding, Rule};
pub use dice::Dice;
pub use plan::{Deed, Plan, What};
pub use run::{Outcome, run, run_with_story};
pub use shrink::{Shrunk, shrink};
