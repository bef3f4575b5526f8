//! What a module finds out about its charge and its capacity, from cells of one measured kind.
//!
//! The cells here are two measured large LFP cells, drawn by hand; the controller's tables are its own.

use voltower_control::keep::ModulePersisted;
use voltower_control::record::Record;
use voltower_core::{Charge, DeciCelsius, Duration, Finding, MilliAmps, MilliVolts, PerMille};
use voltower_protocols::link::{CellDoubt, ModuleRequest};

use crate::rig::{Rig, persisted};

/// Charge in percent, voltage at rest between charging and discharging, and how far either is from it, mV.
type Point = (f64, f64, f64);

/// 100 Ah, mA ms.
const RATED_CHARGE: i64 = 360_000_000_000;

/// EVE 280 Ah: step at 55 to 65 %, 25 mV between charging and discharging, 1.2 mohm after minutes when scaled to
/// 100 Ah.
const STEP_AT_60: &[Point] = &[
    (0.0, 2350.0, 13.0),
    (5.0, 3070.0, 13.0),
    (10.0, 3196.0, 13.0),
    (20.0, 3235.0, 13.0),
    (30.0, 3279.0, 13.0),
    (36.0, 3296.0, 13.0),
    (42.0, 3302.0, 13.0),
    (55.0, 3307.0, 13.0),
    (60.0, 3319.0, 13.0),
    (65.0, 3337.0, 13.0),
    (80.0, 3342.0, 13.0),
    (95.0, 3348.0, 13.0),
    (98.0, 3366.0, 13.0),
    (100.0, 3540.0, 13.0),
];

/// As Sony's cells: step at 70 to 80 %, nearly twice the hysteresis where it is half full.
const STEP_AT_75: &[Point] = &[
    (0.0, 2350.0, 11.0),
    (5.0, 3072.0, 12.0),
    (10.0, 3193.0, 19.0),
    (20.0, 3233.0, 24.0),
    (30.0, 3268.0, 26.0),
    (40.0, 3294.0, 26.0),
    (50.0, 3301.0, 23.0),
    (60.0, 3305.0, 21.0),
    (70.0, 3312.0, 19.0),
    (75.0, 3320.0, 18.0),
    (80.0, 3334.0, 18.0),
    (85.0, 3339.0, 17.0),
    (95.0, 3345.0, 17.0),
    (98.0, 3363.0, 17.0),
    (100.0, 3532.0, 17.0),
];

/// A healthy module with so much capacity, in Ah, and so much charge.
struct Pack {
    rig: Rig,
    cell: &'static [Point],
    capacity: f64,
    charge: f64,
    /// So much of the cell's resistance.
    worn: f64,
    /// So much of its hysteresis, and what its voltage at rest is moved by, mV.
    gap: f64,
    moved: f64,
    /// One cell reads lower than it is by so much, mV.
    low: f64,
    /// Slow polarisation, mV, and hysteresis, -1 to 1.
    slow: f64,
    lean: f64,
}

impl Pack {
    fn new(capacity: f64, percent: f64, stored: u16) -> Self {
        Self::of(STEP_AT_60, capacity, percent, persisted(stored))
    }

    fn of(cell: &'static [Point], capacity: f64, percent: f64, kept: ModulePersisted) -> Self {
        let mut rig = Rig::with(kept);
        rig.period = Duration::secs(5);
        let charge = capacity * percent / 100.0;
        let mut pack = Self {
            rig,
            cell,
            capacity,
            charge,
            worn: 1.0,
            gap: 1.0,
            moved: 0.0,
            low: 0.0,
            slow: 0.0,
            lean: 0.0,
        };
        pack.show(0.0);
        pack.rig.start(ModuleRequest::Connect);
        pack
    }

    fn percent(&self) -> f64 {
        100.0 * self.charge / self.capacity
    }

    fn show(&mut self, amps: f64) {
        let percent = self.percent();
        let above =
            self.cell.iter().position(|point| percent < point.0).unwrap_or(self.cell.len() - 1).max(1);
        let ((x0, y0, h0), (x1, y1, h1)) = (self.cell[above - 1], self.cell[above]);
        let way = (percent - x0) / (x1 - x0);
        let (rest, half_gap) = (y0 + (y1 - y0) * way, h0 + (h1 - h0) * way);
        let volts = rest + self.moved + self.gap * half_gap * self.lean + 0.55 * self.worn * amps + self.slow;
        self.rig.set_current(MilliAmps((amps * 1000.0) as i32));
        self.rig.set_cells(MilliVolts(volts.round() as i32));
        self.rig.sample.cells[6] = Some(MilliVolts((volts - self.low).round() as i32));
    }

    /// Five seconds.
    fn flow(&mut self, amps: f64) {
        let moved = amps * 5.0 / 3600.0;
        self.charge += moved;
        self.slow += (0.65 * self.worn * amps - self.slow) * 5.0 / 305.0;
        self.lean = (self.lean + moved / 2.0).clamp(-1.0, 1.0);
        self.show(amps);
        self.rig.tick();
    }

    /// Until the charge is there; the largest error of the estimate on the way, in points. The band holds the truth.
    fn until(&mut self, percent: f64, amps: f64) -> f64 {
        let mut worst: f64 = 0.0;
        while (self.percent() < percent) == (amps > 0.0) {
            self.flow(amps);
            worst = worst.max(self.judge());
        }
        worst
    }

    fn judge(&self) -> f64 {
        let (estimate, truth) = (self.rig.controller.estimate(), self.percent());
        let points = |share: PerMille| f64::from(share.0) / 10.0;
        let holds = points(estimate.soc_low) - 0.5 <= truth && truth <= points(estimate.soc_high) + 0.5;
        assert!(holds, "{truth:.1} % is not in {estimate:?} of {} Ah", self.capacity);
        (points(estimate.soc) - truth).abs()
    }

    fn capacity_learned(&self) -> f64 {
        self.rig.controller.persisted().capacity.0 as f64 / 3.6e9
    }
}

#[test]
fn an_aged_module_with_its_nameplates_capacity_counts_within_eleven_points_from_its_first_charge_on() {
    for capacity in [62.0, 70.0, 85.0, 100.0] {
        for amps in [8.0, 20.0] {
            let mut pack = Pack::new(capacity, 20.0, 210);
            let up = pack.until(98.0, amps);
            assert!(up <= 11.0, "{capacity} Ah at {amps} A: off by {up:.1} points while it is charged");
            let down = pack.until(8.0, -amps);
            assert!(
                down <= 10.0,
                "{capacity} Ah at {amps} A: off by {down:.1} points while it is discharged"
            );
            let learned = pack.capacity_learned();
            assert!((learned / capacity - 1.0).abs() < 0.08, "{learned:.1} Ah of {capacity} Ah at {amps} A");
        }
    }
}

/// At the upper end all are full, and near the lower one that cell seems to be alone: as if it had lost capacity. But
/// it was below the others on all the way.
#[test]
fn a_cell_that_reads_low_on_all_the_way_teaches_no_capacity() {
    let mut pack = Pack::new(100.0, 20.0, 210);
    pack.low = 160.0;
    pack.until(99.0, 8.0);
    // Its fullest cell is full.
    pack.moved = 40.0;
    pack.until(99.9, 2.0);
    pack.moved = 0.0;
    pack.until(96.0, -8.0);
    let before = pack.capacity_learned();
    let down = pack.until(10.0, -40.0);
    assert!(down <= 10.0, "off by {down:.1} points");
    assert_eq!(pack.rig.controller.estimate().doubted_cell, 7);
    let learned = pack.capacity_learned();
    assert!(learned >= before.min(93.0), "{before:.1} to {learned:.1} Ah");
}

#[test]
fn a_module_of_the_other_kind_of_cells_counts_as_well() {
    for capacity in [70.0, 100.0] {
        let mut pack = Pack::of(STEP_AT_75, capacity, 20.0, persisted(210));
        let up = pack.until(98.0, 10.0);
        let down = pack.until(8.0, -10.0);
        assert!(up <= 12.0 && down <= 10.0, "{capacity} Ah: off by {up:.1} up and {down:.1} points down");
    }
}

#[test]
fn an_aged_module_that_begins_full_counts_nearly_as_well() {
    // Until the lower half one kind of cells with little capacity looks like the other with much.
    for capacity in [62.0, 70.0, 85.0, 100.0] {
        let mut pack = Pack::new(capacity, 97.0, 970);
        let down = pack.until(6.0, -10.0);
        assert!(down <= 14.0, "{capacity} Ah: off by {down:.1} points while it is discharged");
    }
}

#[test]
fn a_stored_charge_that_the_voltage_contradicts_is_not_believed() {
    for (truth, stored) in [(80.0, 200), (25.0, 850), (50.0, 950), (12.0, 600)] {
        let mut pack = Pack::new(80.0, truth, stored);
        for _ in 0..36 {
            pack.flow(0.0);
        }
        let off = pack.judge();
        assert!(off <= 20.0, "{truth} %, {stored} stored: off by {off:.1} points");
        let estimate = pack.rig.controller.estimate();
        let wide = estimate.width() > PerMille(150);
        assert_eq!(estimate.wants_full_charge(), wide, "{truth} %, {stored} stored: {estimate:?}");
    }
}

#[test]
fn a_stored_charge_that_the_voltage_allows_is_believed() {
    for percent in [15.0, 30.0, 50.0, 62.0, 75.0, 95.0] {
        let mut pack = Pack::new(100.0, percent, (percent * 10.0) as u16);
        for _ in 0..120 {
            pack.flow(0.0);
        }
        let off = pack.judge();
        assert!(off <= 2.0, "{percent} %: off by {off:.1} points at rest");
    }
}

/// Nearly full, as far as is known, and its capacity was measured; no step of the current has told its resistance.
#[test]
fn a_resistance_that_is_not_learned_yet_contradicts_no_count() {
    let capacity = Charge(RATED_CHARGE + 1);
    for worn in [1.0, 1.5, 2.0] {
        let mut pack = Pack::of(STEP_AT_60, 100.0, 97.0, ModulePersisted { capacity, ..persisted(970) });
        pack.worn = worn;
        let off = pack.until(75.0, -45.0);
        assert!(off <= 5.0, "{worn} times the resistance: off by {off:.1} points");
    }
}

/// It rests before it is charged: the first step tells the resistance of all that follows.
#[test]
fn a_module_that_resists_as_an_old_one_does_counts_within_ten_points() {
    for worn in [0.5, 1.5, 3.0] {
        for amps in [15.0, 45.0, -15.0, -45.0] {
            let mut pack = Pack::new(100.0, 50.0, 500);
            pack.worn = worn;
            (0..12).for_each(|_| pack.flow(0.0));
            let off = pack.until(50.0 + 30.0 * f64::signum(amps), amps);
            assert!(off <= 10.0, "{worn} times the resistance, {amps} A: off by {off:.1} points");
        }
    }
}

/// At -5 degC, where 1.8 times as much lies between charging and discharging. What lithium iron phosphate has at rest
/// moves by 0.1 to 0.2 mV a kelvin, up or down with the charge.
#[test]
fn in_the_cold_the_band_holds_the_charge_as_well() {
    for (cell, moved) in [(STEP_AT_60, 4.5), (STEP_AT_60, -4.5), (STEP_AT_75, 4.5), (STEP_AT_75, -4.5)] {
        let mut pack = Pack::of(cell, 100.0, 97.0, persisted(970));
        pack.rig.sample.cell_temperatures = [Some(DeciCelsius(-50)); 4];
        (pack.worn, pack.gap, pack.moved) = (1.6, 1.8, moved);
        pack.lean = 1.0;
        (0..60).for_each(|_| pack.flow(0.0));
        let off = pack.until(20.0, -12.0);
        assert!(off <= 14.0, "{} points, {moved} mV, half full {:?}", off, cell[6]);
    }
}

fn found(rig: &Rig) -> bool {
    let told = |record: &Record| matches!(record, Record::Found { finding: Finding::ShuntCountsWrong, .. });
    rig.records.iter().any(told)
}

/// What a shunt shows of a current.
type Shown = fn(i32) -> i32;

/// Five seconds with a healthy converter: it loses 60 mA and 2.8 % of what flows.
fn shunt(rig: &mut Rig, current: i32, shown: i32) {
    let loss = 60 + current.abs() * 28 / 1000;
    rig.set_current(MilliAmps(current));
    rig.sample.pack_current = MilliAmps(shown);
    rig.sample.pcu.bus_current = MilliAmps((current + loss) * 132 / 1000);
    rig.tick();
}

/// A day of sun and night; the shunt reads `wrong` of what flows.
fn day(wrong: impl Fn(i32) -> i32) -> Rig {
    let mut rig = Rig::with(persisted(500));
    rig.start(ModuleRequest::Connect);
    rig.period = Duration::secs(5);
    for second in (0..24 * 3600).step_by(5) {
        let amps = match second / 3600 {
            0..6 | 14..18 => 0,
            // The load switches every few minutes.
            6..14 => 12 + second / 300 % 2 * 8,
            _ => -14 - second / 420 % 2 * 6,
        };
        let current = if amps == 0 { -80 } else { amps * 1000 };
        shunt(&mut rig, current, wrong(current));
    }
    rig
}

#[test]
fn a_shunt_that_counts_wrongly_for_hours_is_named_and_a_healthy_one_is_not() {
    let kinds: [(&str, Shown); 5] = [
        ("-0.7 A", |ma| ma - 700),
        ("+0.7 A", |ma| ma + 700),
        ("+3 A", |ma| ma + 3000),
        ("8 %", |ma| ma + ma * 8 / 100),
        ("-8 %", |ma| ma - ma * 8 / 100),
    ];
    for (name, wrong) in kinds {
        let rig = day(wrong);
        assert!(found(&rig), "{name}");
        let estimate = rig.controller.estimate();
        assert_eq!((estimate.doubt, estimate.doubted_cell), (CellDoubt::Shunt, 0), "{name}");
    }
    let healthy: [Shown; 2] = [|ma| ma + 30 + ma * 2 / 1000, |ma| ma - 30 - ma * 2 / 1000];
    for wrong in healthy {
        assert!(!found(&day(wrong)));
    }
}

#[test]
fn a_shunt_that_is_wrong_while_nothing_flows_is_named_too() {
    let mut rig = Rig::with(persisted(500));
    rig.start(ModuleRequest::Connect);
    rig.period = Duration::secs(5);
    for _ in 0..3 * 720 {
        shunt(&mut rig, -80, 2920);
    }
    assert!(found(&rig));
    // Not a milliamp-hour of it is counted but what went before it was noticed.
    assert!(rig.controller.soc().0.abs_diff(500) <= 10, "{:?}", rig.controller.estimate());
}
