//! The distribution unit's controller, through its step, among modules that are played by their frames.

mod driver;
mod faults;
mod full_charge;
mod kept;
mod let_go;
mod levelling;
mod own_sensors;
mod power;
mod random;
mod reasons;
mod service;
mod sharing;
mod size;
mod slow_start;
mod stages;
mod switching;
