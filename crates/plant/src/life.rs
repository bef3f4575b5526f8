//! How the cells of a module age while it runs, and how capacity and resistance follow.

use crate::CELLS;
use crate::ageing::{Ageing, CellAge, Sample, StressMeter};
use crate::cell::CellString;

/// The meter is asked this often, s: a cell moves less than a percent in it, even at 0.5C.
const SAMPLE: f64 = 60.0;

type Row = [f64; CELLS];

/// Ages of a module's cells, and what is on its way into them.
#[derive(Debug, Clone)]
pub struct Life {
    ageing: Ageing,
    pub(crate) ages: [CellAge; CELLS],
    pub(crate) meter: StressMeter,
    /// Capacity of each cell when new, C.
    pub(crate) new_capacity: Row,
    /// Share of its capacity that a fault leaves each cell.
    weak: Row,
    /// Since the meter was asked: s, and C either way.
    elapsed: f64,
    throughput: f64,
}

impl Life {
    /// Of cells that are as new. `capacity` is that of a cell by its label, Ah.
    #[must_use]
    pub fn new(ageing: Ageing, cells: &CellString, capacity: f64) -> Self {
        Self {
            ageing,
            ages: [CellAge::default(); CELLS],
            meter: StressMeter::new(capacity * 3600.0, &cells.soc, &cells.temperature),
            new_capacity: cells.capacity,
            weak: [1.0; CELLS],
            elapsed: 0.0,
            throughput: 0.0,
        }
    }

    /// A fault leaves a cell this share of its capacity; 1 is none.
    pub(crate) fn weaken(&mut self, cell: usize, share: f64) {
        if let Some(weak) = self.weak.get_mut(cell) {
            *weak = share;
        }
    }

    /// A string current flowed, A for s.
    pub fn note(&mut self, current: f64, seconds: f64) {
        self.elapsed += seconds;
        self.throughput += current.abs() * seconds;
    }

    /// Ages the cells, when it is time; whether it was. The string's resistances follow at its next refresh.
    pub fn pass(&mut self, cells: &mut CellString) -> bool {
        let aged = self.elapsed >= SAMPLE && self.tell(cells);
        if aged {
            self.settle(cells);
        }
        aged
    }

    /// Tells the meter what has not been told; whether a cell has aged by it.
    pub(crate) fn tell(&mut self, cells: &CellString) -> bool {
        let sample = Sample {
            duration: self.elapsed,
            throughput: self.throughput,
            soc: &cells.soc,
            temperature: &cells.temperature,
        };
        let aged = self.meter.sample(&self.ageing, &mut self.ages, &sample);
        (self.elapsed, self.throughput) = (0.0, 0.0);
        aged
    }

    /// The string's capacities and resistances follow ages and faults.
    pub(crate) fn settle(&self, cells: &mut CellString) {
        for cell in 0..CELLS {
            let capacity = self.new_capacity[cell] * self.ages[cell].capacity_factor() * self.weak[cell];
            if capacity != cells.capacity[cell] {
                cells.set_capacity(cell, capacity);
            }
        }
        cells.set_resistance_growth(&self.ages.map(|age| age.resistance_factor()));
    }
}
