//! What a module, a distribution unit and the bus are rated for.

use super::Provenance::{Manual, Ours, Public};
use super::{Fact, Number, Range, Stated, missing, number, range, stated, text};

stated! {
    /// Ratings of a battery module.
    MODULE:
    MODULE_ENERGY_GRADE: Number = number(5, "kWh"), "energy grade", Manual("2.2");
    MODULE_ENERGY: Number = number(5120, "Wh"), "nominal energy", Public("reseller data sheets: 5.12 kWh");
    CELLS_IN_SERIES: Number = number(16, ""), "cells in series", Public("16 cell voltage registers, SOFAR \
        Modbus-G3 V1.38");
    CAPACITY: Number = number(100, "Ah"), "capacity", Ours("5.12 kWh / 51.2 V");
    CHARGE_POWER: Number = number(2500, "W"), "charge power", Public("an owner's documentation of energy \
        storage modes");
    DISCHARGE_POWER: Number = number(2500, "W"), "discharge power", Ours("as charge power");
    ;
    text("nominal pack voltage", "51.2 V", Ours("16 cells of 3.2 V")),
    text("chemistry", "LFP (LiFePO4)", Public("reseller data sheets")),
    text("converter", "one bidirectional DC/DC (PCU) in each module", Public("registers list a PCU for \
        each module; the manual has the fault PCU internal fault")),
    text("transport class", "9 (dangerous goods), tested to UN38.3", Manual("1.1")),
    missing("dimensions and weight", "chapter 7"),
    missing("label", "figure 2-7"),
}

stated! {
    /// Ratings of a tower: its bus and its distribution unit.
    TOWER:
    BUS_VOLTAGE: Number = number(400, "V"), "bus voltage, regulated", Public("reseller data sheets: 400 V class");
    TOWER_CURRENT: Number = number(30, "A"), "largest current of the distribution unit", Public("reseller \
        data sheet");
    DISCHARGE_WAIT: Number = number(5, "min"), "wait after power-off until capacitors are discharged", Manual("1.2");
    TOWER_ENERGY: Range = range(5, 20, "kWh"), "energy of one tower", Manual("2.6");
    ;
    text("voltage at input and output", "high DC voltage", Manual("2.1")),
    text("wires", "CAN on Link and COM", Ours("the inverter's battery port is CAN; the manual names the ports only")),
    missing("technical parameters", "chapter 7"),
    missing("label", "figure 2-6"),
    missing("start, commissioning, maintenance and trouble shooting", "after section 4.2.3"),
}

/// What the maker says the system is good for.
pub const FEATURES: [&str; 5] = [
    "modular: easy to move and to install",
    "current is balanced between modules, so that more of their capacity can be used",
    "can be extended in stages",
    "consumes little itself",
    "one key starts it and shuts it down",
];
