//! The inverter's control: what it asks of the battery, and what it believes of it.

use voltower_core::{Duration, Instant, MilliAmps, MilliVolts};
use voltower_protocols::Frame;
use voltower_protocols::sofar::{BatteryId, Limits, Message, Request, Wanted as Asked};
use voltower_sim::inverter::{Inverter, InverterSettings, Measured, Wanted};
use voltower_sim::scenario::InverterMode;

const STEP: Duration = Duration::millis(100);

struct Bench {
    inverter: Inverter,
    now: Instant,
    measured: Measured,
    /// Amperes that the battery at input 1 allows each way, while it talks.
    allows: Option<(i32, i32)>,
    request: Asked,
    fill_from_sun: bool,
    sent: Vec<Frame>,
}

impl Bench {
    fn new(mode: InverterMode) -> Self {
        Self::delayed(mode, Duration::ZERO)
    }

    fn delayed(mode: InverterMode, delay: Duration) -> Self {
        let settings = InverterSettings {
            mode,
            ac_power_max: 10_000.0,
            backup: true,
            efficiency: 0.97,
            grid_charge: true,
            delay,
        };
        Self {
            inverter: Inverter::new(settings),
            now: Instant::ZERO,
            measured: Measured { grid: true, pv: 0.0, load: 0.0, input_voltage: [400.0, 0.0] },
            allows: Some((12, 12)),
            request: Asked::Normal,
            fill_from_sun: false,
            sent: Vec::new(),
        }
    }

    fn run(&mut self, time: Duration) -> Wanted {
        let end = self.now + time;
        let mut wanted = Wanted::default();
        while self.now < end {
            self.battery_talks();
            let sent = &mut self.sent;
            wanted = self.inverter.step(self.now, STEP, &self.measured, |frame| sent.push(frame));
            self.now = self.now + STEP;
        }
        wanted
    }

    fn battery_talks(&mut self) {
        let Some((charge, discharge)) = self.allows else { return };
        let limits = Limits {
            charge_voltage: MilliVolts(420_000),
            charge_current: MilliAmps(charge * 1000),
            discharge_current: MilliAmps(discharge * 1000),
            discharge_voltage: MilliVolts(360_000),
        };
        let request = Request {
            wanted: self.request,
            discharge_allowed: true,
            charge_allowed: true,
            fill_from_sun: self.fill_from_sun,
        };
        for message in [Message::Limits(limits), Message::Request(request)] {
            self.inverter.on_frame(self.now, &message.to_frame(BatteryId::FIRST));
        }
    }
}

fn booted(mode: InverterMode) -> Bench {
    let mut bench = Bench::new(mode);
    bench.run(Duration::secs(25));
    assert!(bench.inverter.is_running());
    bench
}

fn near(value: f64, expected: f64) -> bool {
    (value - expected).abs() < 1e-6
}

#[test]
fn it_boots_from_grid_or_battery_and_asks_both_batteries_each_second() {
    let mut bench = Bench::new(InverterMode::SelfConsumption);
    bench.measured.grid = false;
    bench.measured.input_voltage = [0.0, 0.0];
    bench.run(Duration::secs(60));
    assert!(!bench.inverter.is_running() && bench.sent.is_empty());
    bench.measured.input_voltage = [200.0, 0.0];
    let wanted = bench.run(Duration::secs(10));
    assert!(!wanted.running && wanted.own_consumption > 0.0, "it boots from the bus");
    bench.run(Duration::secs(12));
    bench.sent.clear();
    bench.run(Duration::secs(10));
    let asked = |id| bench.sent.iter().filter(|f| Message::from_frame(f).is_ok_and(|(b, _)| b == id)).count();
    assert_eq!((asked(BatteryId::FIRST), asked(BatteryId::SECOND)), (10, 10));
}

#[test]
fn surplus_charges_and_load_discharges_through_the_bridge_s_losses() {
    let mut bench = booted(InverterMode::SelfConsumption);
    bench.measured.pv = 3000.0;
    bench.measured.load = 970.0;
    assert!(near(bench.run(Duration::secs(5)).battery[0], 2000.0));
    bench.measured.pv = 0.0;
    assert!(near(bench.run(Duration::secs(5)).battery[0], -1000.0));
}

#[test]
fn the_battery_s_limits_hold_at_once_and_in_both_directions() {
    let mut bench = booted(InverterMode::Charge(4000.0));
    assert!(near(bench.run(Duration::secs(5)).battery[0], 4000.0));
    bench.allows = Some((2, 12));
    assert!(near(bench.run(STEP).battery[0], 800.0), "2 A at 400 V");
    bench.inverter.set_mode(InverterMode::Discharge(9000.0));
    assert!(near(bench.run(Duration::secs(5)).battery[0], -4800.0), "12 A at 400 V");
    bench.inverter.ignores_limits = true;
    assert!(near(bench.run(Duration::secs(5)).battery[0], -9000.0));
}

#[test]
fn a_silent_battery_gets_no_power_and_one_without_voltage_neither() {
    let mut bench = booted(InverterMode::Charge(2000.0));
    bench.run(Duration::secs(5));
    bench.allows = None;
    assert!(bench.run(Duration::secs(4)).battery[0] > 0.0, "not at once");
    assert!(near(bench.run(Duration::secs(2)).battery[0], 0.0));
    bench.allows = Some((12, 12));
    bench.measured.input_voltage = [340.0, 0.0];
    assert!(near(bench.run(Duration::secs(5)).battery[0], 0.0));
}

#[test]
fn a_forced_charge_is_taken_from_the_grid_and_only_from_there() {
    let mut bench = booted(InverterMode::SelfConsumption);
    bench.measured.load = 500.0;
    bench.request = Asked::ForcedCharge;
    assert!(near(bench.run(Duration::secs(5)).battery[0], 500.0));
    bench.measured.grid = false;
    assert!(bench.run(Duration::secs(5)).battery[0] < 0.0, "an island feeds its load");
}

#[test]
fn power_follows_within_a_second_and_not_in_a_jump() {
    let mut bench = booted(InverterMode::Hold);
    bench.inverter.set_mode(InverterMode::Charge(4000.0));
    let first = bench.run(STEP).battery[0];
    assert!(first > 0.0 && first < 2000.0, "{first}");
    assert!(near(bench.run(Duration::secs(1)).battery[0], 4000.0));
}

#[test]
fn a_limit_is_obeyed_after_the_delay_and_not_before() {
    for seconds in [0, 1, 3] {
        let mut bench = Bench::delayed(InverterMode::Charge(5_000.0), Duration::secs(seconds));
        bench.run(Duration::secs(40));
        assert!(near(bench.run(STEP).battery[0], 4_800.0), "12 A at 400 V");
        bench.allows = Some((2, 12));
        if seconds > 0 {
            let before = bench.run(Duration::millis(1_000 * seconds));
            assert!(near(before.battery[0], 4_800.0), "{seconds} s: too early");
        }
        assert!(near(bench.run(Duration::millis(200)).battery[0], 800.0), "{seconds} s: too late");
    }
}

#[test]
fn by_day_it_boots_from_its_roof_and_without_sun_it_dies() {
    let mut bench = Bench::new(InverterMode::SelfConsumption);
    bench.measured = Measured { grid: false, pv: 100.0, load: 0.0, input_voltage: [0.0; 2] };
    bench.run(Duration::secs(30));
    assert!(!bench.inverter.is_running(), "too little sun");
    bench.measured.pv = 200.0;
    bench.run(Duration::secs(15));
    assert!(!bench.inverter.is_running(), "it boots");
    bench.run(Duration::secs(10));
    assert!(bench.inverter.is_running());
    assert!(!bench.sent.is_empty(), "it asks the batteries, which may sleep");
    bench.measured.pv = 60.0;
    assert!(bench.run(Duration::secs(5)).running, "a cloud");
    bench.measured.pv = 10.0;
    assert!(!bench.run(Duration::secs(1)).running, "night");
}

#[test]
fn a_full_charge_takes_what_the_house_leaves_of_the_sun_and_the_grid_only_when_asked() {
    for mode in [InverterMode::SelfConsumption, InverterMode::Hold] {
        let mut bench = booted(mode);
        bench.measured.pv = 2800.0;
        bench.measured.load = 970.0;
        bench.fill_from_sun = true;
        assert!(near(bench.run(Duration::secs(5)).battery[0], 1800.0), "{mode:?}");
        bench.measured.load = 3000.0;
        assert!(bench.run(Duration::secs(5)).battery[0] <= 0.0, "{mode:?}: nothing is bought for it");
        bench.request = Asked::ForcedFill;
        assert!(near(bench.run(Duration::secs(5)).battery[0], 3000.0), "{mode:?}");
        bench.measured.grid = false;
        assert!(bench.run(Duration::secs(5)).battery[0] < 0.0, "an island feeds its house first");
    }
    let mut night = booted(InverterMode::SelfConsumption);
    night.measured.load = 1000.0;
    night.fill_from_sun = true;
    assert!(night.run(Duration::secs(5)).battery[0] < -1000.0, "without sun it goes on as before");
}
