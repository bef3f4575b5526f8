//! One case per requirement that has a time.

use voltower_control::io::CELLS;
use voltower_core::Duration;
use voltower_sim::scenario::Fault as Broken;
use voltower_sim::scenario::HardwareFault as Hardware;

use crate::site::Moment;

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) requirement: &'static str,
    pub(crate) what: &'static str,
    /// State of charge of the module that is looked at.
    soc: &'static str,
    /// Its temperature, and that of its surroundings.
    celsius: &'static str,
    /// What the inverter does.
    inverter: &'static str,
    /// It breaks before the tower is started.
    pub(crate) starts: bool,
    /// All at once.
    pub(crate) faults: Vec<Broken>,
    pub(crate) crossed: fn(&Moment<'_>) -> bool,
    pub(crate) until: &'static str,
    pub(crate) ended: fn(&Moment<'_>) -> bool,
    pub(crate) within: Duration,
    /// Until the case is given up.
    pub(crate) patience: Duration,
    pub(crate) fox_bms: &'static str,
}

impl Case {
    /// Two modules: the second one holds the bus while the first one is in trouble.
    ///
    /// Empty `afe` converts for each sample.
    pub(crate) fn scenario(&self, afe: &str) -> String {
        let Self { soc, celsius, inverter, .. } = self;
        format!(
            "title = \"t\"\nduration = \"1 h\"\nperiod = \"10 ms\"\nambient = \"25 degC\"\n\
             [inverter]\nmode = \"{inverter}\"\n[[tower]]\nmodel = \"E10\"\n{afe}\n\
             [[tower.module]]\nsoc = \"{soc}\"\ntemperature = \"{celsius}\"\n[[tower.module]]\nsoc = \"50 %\"\n"
        )
    }
}

fn hardware(fault: Hardware) -> Broken {
    Broken::Hardware(fault)
}

fn runaway(watts: f64) -> Broken {
    hardware(Hardware::PcuRunaway { module: 0, watts })
}

fn heat(watts: f64) -> Broken {
    hardware(Hardware::Heater { module: 0, cell: None, watts })
}

/// Every cell reads so much too high: too little for a spread or a level, enough for the sum.
fn all_too_high() -> Vec<Broken> {
    (0..CELLS).map(|cell| hardware(Hardware::CellVoltageOffset { module: 0, cell, volts: 0.1 })).collect()
}

const AT_ONCE: fn(&Moment<'_>) -> bool = |_| true;
const STILL: fn(&Moment<'_>) -> bool = |moment| moment.is_still();
const NO_CURRENT: &str = "no current in the module";
const SECOND: u64 = 1000;

/// A healthy module that gives a kilowatt, and breaks.
fn healthy() -> Case {
    Case {
        requirement: "",
        what: "",
        soc: "50 %",
        celsius: "25 degC",
        inverter: "discharge 2 kW",
        starts: false,
        faults: Vec::new(),
        crossed: AT_ONCE,
        until: NO_CURRENT,
        ended: STILL,
        within: Duration::millis(SECOND),
        patience: Duration::mins(5),
        fox_bms: "",
    }
}

/// All, in the order of the requirements.
pub(crate) fn cases() -> Vec<Case> {
    [voltages(), temperatures(), currents(), readings(), silence(), switching(), controllers()].concat()
}

fn voltages() -> Vec<Case> {
    vec![
        Case {
            requirement: "SR-001",
            what: "a cell passes 3.65 V: the converter runs away with 2.5 kW",
            soc: "100 %",
            inverter: "charge 2 kW",
            faults: vec![runaway(2500.0)],
            crossed: |moment| moment.highest_voltage() > 3.65,
            within: Duration::millis(SECOND),
            fox_bms: "750 ms",
            ..healthy()
        },
        Case {
            requirement: "SR-002",
            what: "a cell passes 3.80 V while the AFE repeats old data: only its comparator is left",
            soc: "98 %",
            inverter: "charge 4 kW",
            faults: vec![
                hardware(Hardware::AfeFrozen { module: 0 }),
                hardware(Hardware::WeakCell { module: 0, cell: 9, capacity_share: 0.02 }),
            ],
            crossed: |moment| moment.highest_voltage() > 3.80,
            within: Duration::millis(2500),
            ..healthy()
        },
        Case {
            requirement: "SR-003",
            what: "a cell falls below 2.50 V: the converter runs away with -2.5 kW",
            soc: "6 %",
            inverter: "hold",
            faults: vec![runaway(-2500.0)],
            crossed: |moment| moment.lowest_voltage() < 2.50,
            within: Duration::millis(1500),
            fox_bms: "750 ms",
            ..healthy()
        },
        Case {
            requirement: "SR-004",
            what: "a cell falls below 2.00 V: it is shorted inside",
            faults: vec![hardware(Hardware::InternalShort { module: 0, cell: 4, ohms: 0.0005 })],
            crossed: |moment| moment.lowest_voltage() < 2.00,
            until: "locked out",
            ended: |moment| moment.locked_out(),
            within: Duration::millis(100),
            ..healthy()
        },
    ]
}

fn temperatures() -> Vec<Case> {
    vec![
        Case {
            requirement: "SR-005",
            what: "a cell passes 55 degC while charging",
            celsius: "54 degC",
            inverter: "charge 2 kW",
            faults: vec![heat(40_000.0)],
            crossed: |moment| moment.hottest() > 55.0,
            within: Duration::millis(5 * SECOND),
            fox_bms: "6.05 s",
            ..healthy()
        },
        Case {
            requirement: "SR-005",
            what: "a cell passes 60 degC while discharging",
            celsius: "58 degC",
            faults: vec![heat(40_000.0)],
            crossed: |moment| moment.hottest() > 60.0,
            within: Duration::millis(5 * SECOND),
            fox_bms: "6.05 s",
            ..healthy()
        },
        Case {
            requirement: "SR-006",
            what: "a cell passes 65 degC",
            celsius: "58 degC",
            faults: vec![heat(40_000.0)],
            crossed: |moment| moment.hottest() > 65.0,
            until: "locked out",
            ended: |moment| moment.locked_out(),
            within: Duration::millis(2 * SECOND),
            ..healthy()
        },
        Case {
            requirement: "SR-007",
            what: "a cell falls below 0 degC while charging",
            celsius: "1 degC",
            inverter: "charge 2 kW",
            faults: vec![heat(-40_000.0)],
            crossed: |moment| moment.coldest() < 0.0,
            within: Duration::millis(5 * SECOND),
            fox_bms: "6.05 s",
            ..healthy()
        },
        Case {
            requirement: "SR-007",
            what: "cells of -3 degC are charged: the converter runs away with 2 kW",
            celsius: "-3 degC",
            inverter: "hold",
            faults: vec![runaway(2000.0)],
            within: Duration::millis(5 * SECOND),
            fox_bms: "6.05 s",
            ..healthy()
        },
    ]
}

fn currents() -> Vec<Case> {
    vec![
        Case {
            requirement: "SR-008",
            what: "the pack's current passes 65 A: the converter runs away with -3.5 kW",
            inverter: "discharge 5 kW",
            faults: vec![runaway(-3500.0)],
            crossed: |moment| moment.module.pack_current.abs() > 65.0,
            within: Duration::millis(250),
            fox_bms: "250 ms",
            ..healthy()
        },
        Case {
            requirement: "SR-009",
            what: "a short of 10 mohm outside the DC switch",
            faults: vec![hardware(Hardware::BusShort { ohms: 0.01 })],
            until: "no current in the tower: fuse and converters",
            ended: |moment| moment.tower.current.abs() < 0.02 && moment.is_still(),
            within: Duration::millis(100),
            ..healthy()
        },
    ]
}

fn readings() -> Vec<Case> {
    vec![
        Case {
            requirement: "SR-010",
            what: "the AFE falls silent",
            faults: vec![hardware(Hardware::AfeSilent { module: 0 })],
            within: Duration::millis(1250),
            ..healthy()
        },
        Case {
            requirement: "SR-011",
            what: "a sense wire of a cell breaks",
            faults: vec![hardware(Hardware::CellWireOpen { module: 0, cell: 6 })],
            within: Duration::millis(3 * SECOND),
            fox_bms: "a warning only",
            ..healthy()
        },
        Case {
            requirement: "SR-011",
            what: "a thermistor is shorted",
            faults: vec![hardware(Hardware::NtcShort { module: 0, sensor: 2 })],
            within: Duration::millis(3 * SECOND),
            ..healthy()
        },
        Case {
            requirement: "SR-012",
            what: "all cells read 0.1 V too high: their sum is not the pack's voltage",
            faults: all_too_high(),
            within: Duration::millis(11 * SECOND),
            fox_bms: "a warning only",
            ..healthy()
        },
    ]
}

fn silence() -> Vec<Case> {
    vec![
        Case {
            requirement: "SR-014",
            what: "a module hears nothing any more",
            faults: vec![Broken::LinkDeaf { module: 0 }],
            within: Duration::millis(1750),
            ..healthy()
        },
        Case {
            requirement: "SR-015",
            what: "the distribution unit is held in reset",
            faults: vec![Broken::BduReset],
            within: Duration::millis(1750),
            ..healthy()
        },
        Case {
            requirement: "SR-016",
            what: "the inverter falls silent and takes its power on",
            faults: vec![Broken::InverterSilent],
            until: "no current in the tower",
            ended: |moment| moment.tower.current.abs() < 0.02,
            within: Duration::millis(6 * SECOND),
            ..healthy()
        },
    ]
}

fn switching() -> Vec<Case> {
    vec![
        Case {
            requirement: "SR-017",
            what: "the output relay is welded and a sense wire breaks: the MOSFETs have opened",
            faults: vec![
                hardware(Hardware::RelayWelded { module: 0 }),
                hardware(Hardware::CellWireOpen { module: 0, cell: 6 }),
            ],
            crossed: |moment| moment.is_still(),
            until: "locked out",
            ended: |moment| moment.locked_out(),
            within: Duration::millis(300),
            fox_bms: "350 ms",
            ..healthy()
        },
        Case {
            requirement: "SR-018",
            what: "soft start into a bus that is shorted",
            soc: "70 %",
            starts: true,
            faults: vec![hardware(Hardware::BusShort { ohms: 1.0 })],
            crossed: |moment| moment.module.bus_current.abs() > 0.1,
            within: Duration::millis(2 * SECOND),
            fox_bms: "2 s",
            ..healthy()
        },
        Case {
            requirement: "SR-020",
            what: "the AFE's comparator opens everything under load",
            faults: vec![hardware(Hardware::Heater { module: 0, cell: Some(2), watts: 50_000.0 })],
            crossed: |moment| !moment.module.charge_mosfet_closed,
            within: Duration::millis(500),
            ..healthy()
        },
    ]
}

fn controllers() -> Vec<Case> {
    vec![
        Case {
            requirement: "SR-022",
            what: "the module's controller is reset",
            faults: vec![Broken::ModuleReset { module: 0 }],
            within: Duration::millis(50),
            ..healthy()
        },
        Case {
            requirement: "SR-026",
            what: "a bit of the module's memory is stuck",
            faults: vec![Broken::RamStuckBit { module: 0 }],
            within: Duration::mins(10),
            patience: Duration::mins(10),
            ..healthy()
        },
    ]
}
