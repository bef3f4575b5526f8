//! What the home cells do to a tower: heat, taper, efficiency and energy at full power, one column a cell.
//!
//! `cargo run --release -p voltower-sim --example home_cells` prints the table as Markdown.

use voltower_core::{Duration, Instant};
use voltower_sim::scenario::{Action, HomeCell, InverterMode};
use voltower_sim::{Scenario, World};

/// More than one converter moves: it runs at its own full power.
const FULL: f64 = 5_000.0;
/// Rated power of a converter, W.
const RATED: f64 = 2_500.0;
const SECOND: Duration = Duration::secs(1);

/// One module at a temperature that does not care for its own heat.
struct Bench {
    world: World,
}

impl Bench {
    fn new(cell: HomeCell, celsius: i32, soc: u32, mode: &str) -> Self {
        let text = format!(
            "title = \"t\"\nduration = \"2 d\"\nperiod = \"1 s\"\nambient = \"{celsius} degC\"\n\
             [inverter]\nmode = \"{mode}\"\n\
             [[tower]]\nmodules = 1\ncell = \"{}\"\nsoc = \"{soc} %\"\n",
            cell.name()
        );
        let none = |_: &str| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
        let scenario = Scenario::parse("home-cells", &text, &none).expect("a good scenario");
        let mut world = World::new(&scenario);
        world.act(Action::Press { tower: 0, hold: SECOND });
        world.advance_to(Instant::ZERO + Duration::secs(90));
        Self { world }
    }

    fn second(&mut self) {
        self.world.advance_to(self.world.now() + SECOND);
    }

    fn hours(&self) -> f64 {
        self.world.now().0 as f64 / 3.6e9
    }

    /// At BAT OUT, W.
    fn watts(&self) -> f64 {
        self.world.truth(0).map_or(0.0, |truth| truth.power)
    }

    fn soc(&self) -> f64 {
        self.world.truth(0).and_then(|truth| truth.modules[0]).map_or(0.0, |module| module.soc)
    }

    /// Lost in the cells since the start, J.
    fn lost(&self) -> f64 {
        let energy = self.world.towers()[0].plant().energy();
        energy.ohmic + energy.polarisation_lost + energy.hysteresis_lost
    }

    fn limits(&mut self) -> (f64, f64) {
        let tower = &self.world.snapshot().towers[0];
        (tower.charge_limit, tower.discharge_limit)
    }

    /// Moves on until `ends`, at most a day; the energy at BAT OUT on the way, kWh.
    fn until(&mut self, mut ends: impl FnMut(&mut Self) -> bool) -> f64 {
        let (mut joules, start) = (0.0, self.hours());
        while !ends(self) && self.hours() < start + 24.0 {
            self.second();
            joules += self.watts();
        }
        joules / 3.6e6
    }
}

/// Mean heat of the cells over ten minutes of full power from half full, W.
fn heat(cell: HomeCell, mode: &str) -> f64 {
    let mut bench = Bench::new(cell, 25, 50, mode);
    let begin = (bench.hours(), bench.lost());
    bench.until(|bench| bench.hours() > begin.0 + 1.0 / 6.0);
    (bench.lost() - begin.1) / (bench.hours() - begin.0) / 3600.0
}

/// True charge at which the limit leaves the rating for good, and hours from there to full.
fn taper(cell: HomeCell, celsius: i32) -> (f64, f64) {
    let mut bench = Bench::new(cell, celsius, 70, "charge 5 kW");
    bench.until(|bench| bench.limits().0 < 0.97 * RATED);
    let begin = (bench.soc(), bench.hours());
    bench.until(|bench| bench.limits().0 < 1.0);
    (begin.0, bench.hours() - begin.1)
}

/// Energy out over energy in at BAT OUT, between the same true charges, at full power.
fn round_trip(cell: HomeCell) -> f64 {
    let mut bench = Bench::new(cell, 25, 40, "charge 5 kW");
    let from = bench.soc();
    let charged = bench.until(|bench| bench.soc() > from + 0.4);
    bench.world.act(Action::Inverter(InverterMode::Discharge(FULL)));
    let given = bench.until(|bench| bench.soc() <= from);
    -given / charged
}

/// From full until nothing more is given, kWh at BAT OUT.
fn usable(cell: HomeCell, celsius: i32) -> f64 {
    let mut bench = Bench::new(cell, celsius, 100, "discharge 5 kW");
    -bench.until(|bench| bench.limits().1 < 1.0)
}

fn row(name: &str, value: impl Fn(HomeCell) -> String) {
    let values: Vec<String> = HomeCell::ALL.iter().rev().map(|cell| value(*cell)).collect();
    println!("| {name} | {} |", values.join(" | "));
}

fn main() {
    let names: Vec<&str> = HomeCell::ALL.iter().rev().map(|cell| cell.name()).collect();
    println!("| one module at full power | {} |\n|---|---|---|", names.join(" | "));
    row("heat of the cells, charging from 50 %, 25 degC", |cell| {
        format!("{:.0} W", heat(cell, "charge 5 kW"))
    });
    row("heat of the cells, discharging from 50 %, 25 degC", |cell| {
        format!("{:.0} W", heat(cell, "discharge 5 kW"))
    });
    for celsius in [25, 15] {
        row(&format!("charge limit leaves the rating, {celsius} degC"), |cell| {
            let (soc, hours) = taper(cell, celsius);
            format!("at {:.1} %, {:.0} min to full", soc * 100.0, hours * 60.0)
        });
    }
    row("round trip at BAT OUT, 40 to 80 %, 25 degC", |cell| format!("{:.1} %", round_trip(cell) * 100.0));
    for celsius in [25, 5, -5] {
        row(&format!("energy from full, {celsius} degC"), |cell| format!("{:.2} kWh", usable(cell, celsius)));
    }
}
