//! Which cells are bled: the high ones, near the top, where voltage shows charge. A cell whose reading is off is high
//! everywhere, and bleeding would only empty it: so this ends if the cells do not become level.

use voltower_core::{Duration, values};

use crate::io::CELLS;
use crate::protect::measure::Measured;
use voltower_core::MilliVolts;

/// Chooses the cells to bleed, once a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Balancer {
    switches: u16,
    remaining: Duration,
    /// Bled since the cells were last level.
    bled: Duration,
}

impl Balancer {
    /// The cells are level: what was bled was not in vain.
    pub fn are_level(&mut self) {
        self.bled = Duration::ZERO;
    }

    /// Nothing is bled for now.
    pub fn stop(&mut self) {
        *self = Self { bled: self.bled, ..Self::default() };
    }

    /// Switches, bit 0 = cell 1; all open unless `allowed` and every reading is good.
    pub fn step(
        &mut self,
        cells: &[Option<MilliVolts>; CELLS],
        measured: &Measured,
        allowed: bool,
        elapsed: Duration,
    ) -> u16 {
        self.remaining = self.remaining.less(elapsed);
        if self.switches != 0 {
            self.bled = self.bled + elapsed;
        }
        if !allowed || !is_safe(measured) || self.bled >= values::BALANCE_IN_VAIN {
            self.stop();
        } else if self.remaining.is_zero() {
            self.switches = chosen(cells, measured.cells.lowest.worst, self.switches);
            self.remaining = values::BALANCE_SLOT;
        }
        self.switches
    }
}

fn is_safe(measured: &Measured) -> bool {
    let seen = measured.cells.highest.seen == Some(measured.cells.highest.worst)
        && measured.cells.lowest.seen == Some(measured.cells.lowest.worst);
    let cool = measured.temperatures.highest.worst <= i32::from(values::BALANCE_TEMPERATURE_MAX.0);
    seen && cool && measured.cells.highest.worst >= values::BALANCE_MIN.0
}

/// A cell starts at the larger distance from the lowest, and stays until the smaller one.
fn chosen(cells: &[Option<MilliVolts>; CELLS], lowest_mv: i32, before: u16) -> u16 {
    let mut switches = 0;
    for (bit, cell) in cells.iter().enumerate() {
        let mask = 1u16 << (bit & 15);
        let needed = if before & mask == 0 { values::BALANCE_SPREAD } else { values::BALANCE_SPREAD_END };
        let above = cell.map_or(0, |cell| cell.0.saturating_sub(lowest_mv));
        let high = cell.is_some_and(|cell| cell >= values::BALANCE_MIN);
        if high && above >= needed.0 {
            switches |= mask;
        }
    }
    switches
}
