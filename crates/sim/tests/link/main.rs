//! The Link in the whole world: who gets which address and when, what a broken wire ends in, and how fast it all is.

mod addresses;
mod faults;
mod site;
mod speed;
