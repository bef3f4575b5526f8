//! One bad reading switches no other check off: defects that other projects have had, and a search over all readings.

use proptest::prelude::*;
use voltower_core::{Alarm, Condition, DeciCelsius, Fault, MilliAmps, MilliVolts};

use crate::bench::{Bench, every};

/// A reading of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Cell(usize),
    Sensor(usize),
    Mos,
    Ambient,
    HeatSink,
}

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bad {
    /// A wire is off.
    Lost,
    /// No sensor can show it.
    Impossible,
    /// The end of the scale that looks like an empty cell, or like frost.
    Zero,
    /// It stays what it was.
    Frozen,
}

impl Place {
    fn all() -> impl Iterator<Item = Self> {
        let cells = (0..16).map(Self::Cell);
        cells.chain((0..4).map(Self::Sensor)).chain([Self::Mos, Self::Ambient, Self::HeatSink])
    }

    fn spoil(self, bad: Bad, bench: &mut Bench) {
        let cell = match bad {
            Bad::Lost => None,
            Bad::Impossible => Some(MilliVolts(-1)),
            Bad::Zero => Some(MilliVolts(0)),
            Bad::Frozen => Some(MilliVolts(3300)),
        };
        let temperature = |usual| match bad {
            Bad::Lost => None,
            Bad::Impossible => Some(DeciCelsius(-3000)),
            Bad::Zero => Some(DeciCelsius(0)),
            Bad::Frozen => Some(DeciCelsius(usual)),
        };
        match self {
            Self::Cell(place) => {
                bench.sample.cells[place] = cell;
                if bad == Bad::Frozen {
                    bench.stuck = Some(place);
                }
            }
            Self::Sensor(place) => bench.sample.cell_temperatures[place] = temperature(250),
            Self::Mos => bench.sample.mos_temperature = temperature(300),
            Self::Ambient => bench.sample.ambient_temperature = temperature(250),
            Self::HeatSink => bench.sample.pcu.heat_sink = temperature(300),
        }
    }
}

/// Something else that goes wrong, where, and how soon it must be told.
struct Trouble {
    condition: Condition,
    at: Place,
    samples: u32,
    cause: Box<dyn Fn(&mut Bench)>,
}

fn trouble(
    condition: impl Into<Condition>,
    at: Place,
    samples: u32,
    cause: impl Fn(&mut Bench) + 'static,
) -> Trouble {
    Trouble { condition: condition.into(), at, samples, cause: Box::new(cause) }
}

fn of_cell(cell: usize) -> impl Iterator<Item = Trouble> {
    let at = Place::Cell(cell);
    let reads = move |mv| move |bench: &mut Bench| bench.sample.cells[cell] = Some(MilliVolts(mv));
    [
        trouble(Alarm::OverVoltage, at, 4, reads(3600)),
        trouble(Fault::OverVoltage, at, 4, reads(3650)),
        trouble(Alarm::UnderVoltage, at, 6, reads(2800)),
        trouble(Fault::LowVoltage, at, 6, reads(2500)),
        trouble(Fault::Cell, at, 3, reads(1999)),
        trouble(Alarm::VoltageDifference, at, 101, reads(3600)),
        trouble(Fault::VoltageDifference, at, 101, reads(2800)),
        trouble(Fault::Sampling, at, 2, move |bench| bench.sample.cells[cell] = None),
        trouble(Fault::Sampling, at, 2, reads(5001)),
    ]
    .into_iter()
}

fn of_sensor(sensor: usize) -> impl Iterator<Item = Trouble> {
    let at = Place::Sensor(sensor);
    let reads =
        move |deci| move |bench: &mut Bench| bench.sample.cell_temperatures[sensor] = Some(DeciCelsius(deci));
    [
        trouble(Alarm::HighTemperature, at, 21, reads(550)),
        trouble(Fault::HighTemperature, at, 21, reads(600)),
        trouble(Fault::HighTemperature, at, 2, reads(650)),
        trouble(Alarm::LowTemperature, at, 21, reads(-120)),
        trouble(Fault::LowTemperature, at, 21, reads(-200)),
        trouble(Alarm::TemperatureDifference, at, 21, reads(350)),
        trouble(Fault::TemperatureDifference, at, 21, reads(400)),
        trouble(Fault::Sampling, at, 2, move |bench| bench.sample.cell_temperatures[sensor] = None),
        trouble(Fault::Sampling, at, 2, reads(1251)),
    ]
    .into_iter()
}

fn of_electronics() -> impl Iterator<Item = Trouble> {
    let deci = |deci| Some(DeciCelsius(deci));
    [
        trouble(Alarm::AmbientTemperature, Place::Ambient, 101, move |b| {
            b.sample.ambient_temperature = deci(500);
        }),
        trouble(Fault::AmbientTemperature, Place::Ambient, 101, move |b| {
            b.sample.ambient_temperature = deci(-200);
        }),
        trouble(Alarm::Other, Place::HeatSink, 21, move |b| b.sample.pcu.heat_sink = deci(800)),
        trouble(Fault::Pcu, Place::HeatSink, 21, move |b| b.sample.pcu.heat_sink = deci(950)),
        trouble(Fault::Bms, Place::Mos, 21, move |b| b.sample.mos_temperature = deci(1000)),
    ]
    .into_iter()
}

/// Of the whole module: `at` is nowhere that a reading could be spoilt.
fn of_module() -> impl Iterator<Item = Trouble> {
    let nowhere = Place::Cell(usize::MAX);
    [
        trouble(Fault::OverCurrent, nowhere, 2, |bench| bench.set_current(65_000)),
        trouble(Fault::Sampling, nowhere, 101, |bench| bench.sample.pack_current = MilliAmps(5000)),
        trouble(Fault::Sampling, nowhere, 101, |bench| bench.sample.pack_voltage = MilliVolts(55_500)),
        trouble(Fault::Sampling, nowhere, 101, |bench| bench.sample.pcu.low_voltage = MilliVolts(45_000)),
        trouble(Fault::Bms, nowhere, 1, |bench| bench.sample.comparator_tripped = true),
        trouble(Fault::Bms, nowhere, 6, |bench| bench.sample.comparator.over_voltage = MilliVolts(0)),
        trouble(Fault::Bms, nowhere, 3, |bench| bench.sample.charge_mosfet_closed = false),
        trouble(Fault::Pcu, nowhere, 1, |bench| bench.doing.converter_failed = true),
        trouble(Fault::Terminal, nowhere, 3, |bench| bench.sample.pcu.terminal_voltage = MilliVolts(-10_000)),
    ]
    .into_iter()
}

fn all_troubles() -> impl Iterator<Item = Trouble> {
    let cells = [0, 1, 7, 15].into_iter().flat_map(of_cell);
    cells.chain((0..4).flat_map(of_sensor)).chain(of_electronics()).chain(of_module())
}

/// The reading goes bad, and some samples later something else goes wrong.
fn is_told(place: Place, bad: Bad, trouble: &Trouble, before: u32) -> bool {
    let mut bench = Bench::new();
    place.spoil(bad, &mut bench);
    bench.run(before);
    (trouble.cause)(&mut bench);
    bench.has(trouble.condition) || bench.raised_after(trouble.condition, trouble.samples).is_some()
}

#[test]
fn whatever_one_reading_does_what_others_cause_is_told_in_its_time() {
    let mut case = 0;
    for trouble in all_troubles() {
        for place in Place::all().filter(|place| *place != trouble.at) {
            for bad in [Bad::Lost, Bad::Impossible, Bad::Zero, Bad::Frozen] {
                case += 1;
                if case % every() != 0 {
                    continue;
                }
                let told = is_told(place, bad, &trouble, 5);
                assert!(told, "{place:?} {bad:?} hides {} at {:?}", trouble.condition, trouble.at);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000 / every() as u32))]

    #[test]
    fn and_whenever_it_begins(
        place in prop::sample::select(Place::all().collect::<Vec<_>>()),
        bad in prop::sample::select(vec![Bad::Lost, Bad::Impossible, Bad::Zero, Bad::Frozen]),
        which in any::<prop::sample::Index>(), before in 0_u32..300,
    ) {
        let troubles: Vec<Trouble> = all_troubles().filter(|trouble| trouble.at != place).collect();
        let trouble = which.get(&troubles);
        prop_assert!(is_told(place, bad, trouble, before), "hides {} at {:?}", trouble.condition, trouble.at);
    }
}

#[test]
fn a_frozen_cell_is_told_whatever_another_reading_does() {
    for place in Place::all().filter(|place| *place != Place::Cell(6)) {
        for bad in [Bad::Lost, Bad::Zero, Bad::Frozen] {
            let mut bench = Bench::new();
            place.spoil(bad, &mut bench);
            bench.stuck = Some(6);
            bench.set_current(-30_000);
            bench.run(400);
            bench.set_current(30_000);
            bench.run(3);
            assert_eq!(
                (bench.measured.frozen.seen, bench.measured.frozen.element),
                (Some(1), 7),
                "{place:?} {bad:?}"
            );
        }
    }
}

/// foxBMS took the place of an open wire for a truth value, so that only the first two were ever looked at (B9.1).
#[test]
fn every_wire_is_looked_at() {
    for cell in 0..16 {
        let mut bench = Bench::new();
        bench.sample.cells[cell] = None;
        assert_eq!(bench.raised_after(Fault::Sampling.into(), 5), Some(2), "cell {}", cell + 1);
        assert_eq!(bench.protection.element(Fault::Sampling.into()), cell as u8 + 1);
    }
    for sensor in 0..4 {
        let mut bench = Bench::new();
        bench.sample.cell_temperatures[sensor] = None;
        assert_eq!(bench.raised_after(Fault::Sampling.into(), 5), Some(2), "sensor {}", sensor + 1);
        assert_eq!(bench.protection.element(Fault::Sampling.into()), sensor as u8 + 1);
    }
}

/// foxBMS left a cell that is 300 mV from the mean out of the extremes, so that it ran into over-voltage unseen (B9.3).
#[test]
fn a_cell_far_from_all_others_is_still_the_highest_or_the_lowest() {
    for (mv, condition) in [(3650, Fault::OverVoltage), (2500, Fault::LowVoltage), (1999, Fault::Cell)] {
        for cell in 0..16 {
            let mut bench = Bench::new();
            bench.set_cells(3340);
            bench.set_cell(cell, mv);
            assert!(bench.raised_after(condition.into(), 6).is_some(), "cell {} at {mv} mV", cell + 1);
            assert_eq!(bench.protection.element(condition.into()), cell as u8 + 1);
        }
    }
}

/// diyBMS switched all rules of voltage and temperature off while one module was invalid or showed zero (B9.11).
#[test]
fn a_cell_that_is_invalid_or_shows_zero_switches_nothing_off() {
    for bad in [Bad::Lost, Bad::Impossible, Bad::Zero] {
        let mut bench = Bench::new();
        Place::Cell(11).spoil(bad, &mut bench);
        bench.run(200);
        bench.sample.cells[3] = Some(MilliVolts(3650));
        bench.sample.cell_temperatures[2] = Some(DeciCelsius(600));
        bench.run(21);
        assert!(bench.has(Fault::OverVoltage) && bench.has(Fault::HighTemperature), "{bad:?}");
        assert_eq!(bench.protection.element(Fault::OverVoltage.into()), 4);
        assert_eq!(bench.protection.element(Fault::HighTemperature.into()), 3);
    }
}

/// Wires that are exchanged in pairs cannot be noticed: balancing resistors sit on the same wires, so that whoever
/// bleeds the cell that reads high bleeds the right one. Nor do they matter: nothing depends on the order.
#[test]
fn the_order_of_cells_and_of_thermistors_changes_no_verdict() {
    for trouble in all_troubles() {
        let (mut sound, mut swapped) = (Bench::new(), Bench::new());
        for bench in [&mut sound, &mut swapped] {
            bench.sample.cells = std::array::from_fn(|cell| Some(MilliVolts(3300 + cell as i32)));
            bench.sample.cell_temperatures = [251, 252, 253, 254].map(|deci| Some(DeciCelsius(deci)));
            (trouble.cause)(bench);
        }
        swapped.sample.cells.swap(3, 7);
        swapped.sample.cells.swap(0, 15);
        swapped.sample.cell_temperatures.swap(0, 3);
        for tick in 0..150 {
            assert_eq!(sound.tick(), swapped.tick(), "{} at tick {tick}", trouble.condition);
        }
    }
}
