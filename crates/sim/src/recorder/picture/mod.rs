//! One picture of a whole run: power, state of charge, cell voltages, temperatures, and when something was wrong.

use voltower_core::{Condition, Duration, Instant};

use super::Snapshot;
use crate::scenario::{Action, Scenario};

mod axis;
mod buckets;
mod draw;

use buckets::Buckets;

/// Moments at which something was done that are marked at most; later ones are only in the event file.
const MARKS: usize = 12;
/// Spells of one condition that are told apart; shorter gaps then close.
const SPELLS: usize = 64;

/// What the picture keeps of a run; its size does not grow.
#[derive(Debug)]
pub(super) struct Picture {
    title: String,
    subtitle: String,
    scenario: Scenario,
    curves: Vec<Curve>,
    wrong: Vec<Spells>,
    marks: Vec<(Instant, String)>,
    end: Instant,
}

/// In which of the four panels a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Panel {
    Power,
    Charge,
    Voltage,
    Temperature,
}

/// Where a curve gets its numbers from.
#[derive(Debug, Clone, Copy)]
enum Source {
    Pv,
    Load,
    Grid,
    Battery(usize),
    TowerCharge(usize),
    ModuleCharge(usize, usize),
    CellVoltages(usize, usize),
    CellTemperatures(usize, usize),
    Ambient,
}

/// One line of the picture with its band from smallest to largest.
#[derive(Debug)]
struct Curve {
    name: String,
    panel: Panel,
    source: Source,
    colour: &'static str,
    dashed: bool,
    buckets: Buckets,
}

/// When a condition of a tower was there.
#[derive(Debug)]
struct Spells {
    tower: usize,
    condition: Condition,
    spells: Vec<(Instant, Instant)>,
    present: bool,
}

const PV: &str = "#e6a000";
const LOAD: &str = "#444444";
const GRID: &str = "#999999";
const BATTERY: [&str; 2] = ["#0072b2", "#56b4e9"];
const MODULES: [&str; 4] = ["#0072b2", "#d55e00", "#009e73", "#cc79a7"];
const AMBIENT: &str = "#999999";

impl Panel {
    const ALL: [Self; 4] = [Self::Power, Self::Charge, Self::Voltage, Self::Temperature];

    const fn title(self) -> &'static str {
        match self {
            Self::Power => "Power, kW",
            Self::Charge => "State of charge, %",
            Self::Voltage => "Cell voltage, V",
            Self::Temperature => "Temperature, degC",
        }
    }
}

impl Picture {
    pub(super) fn new(scenario: &Scenario, first_width: Duration) -> Self {
        let buckets = || Buckets::new(first_width);
        let mut curves = Vec::new();
        let mut add = |name: String, panel, source, colour, dashed| {
            curves.push(Curve { name, panel, source, colour, dashed, buckets: buckets() });
        };
        if scenario.house.is_some() {
            add("roof".to_owned(), Panel::Power, Source::Pv, PV, false);
            add("house".to_owned(), Panel::Power, Source::Load, LOAD, false);
            add("grid".to_owned(), Panel::Power, Source::Grid, GRID, false);
        }
        let several = scenario.towers.len() > 1;
        for (tower, spec) in scenario.towers.iter().enumerate() {
            let of =
                |what: &str| if several { format!("{what}, tower {}", tower + 1) } else { what.to_owned() };
            let colour = BATTERY[tower % BATTERY.len()];
            add(of("battery"), Panel::Power, Source::Battery(tower), colour, false);
            add(of("shown"), Panel::Charge, Source::TowerCharge(tower), LOAD, tower > 0);
            for module in 0..spec.modules.len() {
                let name = of(&format!("module {}", module + 1));
                let colour = MODULES[module % MODULES.len()];
                let dashed = tower > 0;
                add(name.clone(), Panel::Charge, Source::ModuleCharge(tower, module), colour, dashed);
                add(name.clone(), Panel::Voltage, Source::CellVoltages(tower, module), colour, dashed);
                add(name, Panel::Temperature, Source::CellTemperatures(tower, module), colour, dashed);
            }
        }
        add("surroundings".to_owned(), Panel::Temperature, Source::Ambient, AMBIENT, false);
        Self {
            title: scenario.title.clone(),
            subtitle: subtitle(scenario),
            scenario: Scenario { events: Vec::new(), expectations: Vec::new(), ..scenario.clone() },
            curves,
            wrong: Vec::new(),
            marks: Vec::new(),
            end: Instant::ZERO,
        }
    }

    pub(super) fn look(&mut self, at: Instant, seen: &Snapshot) {
        self.end = at;
        for curve in &mut self.curves {
            if let Some((low, high)) = curve.source.read(seen) {
                curve.buckets.add(at, low, high);
            }
        }
        for (number, tower) in seen.towers.iter().enumerate() {
            for spells in self.wrong.iter_mut().filter(|spells| spells.tower == number) {
                spells.look(at, tower.conditions.contains(spells.condition));
            }
            for condition in tower.conditions.iter() {
                let known = |spells: &Spells| spells.tower == number && spells.condition == condition;
                if !self.wrong.iter().any(known) {
                    self.wrong.push(Spells {
                        tower: number,
                        condition,
                        spells: vec![(at, at)],
                        present: true,
                    });
                }
            }
        }
    }

    pub(super) fn action(&mut self, at: Instant, action: &Action) {
        if self.marks.len() < MARKS {
            self.marks.push((at, action.to_string()));
        }
    }

    pub(super) fn draw(&self) -> String {
        draw::picture(self)
    }
}

impl Spells {
    fn look(&mut self, at: Instant, present: bool) {
        let full = self.spells.len() == SPELLS;
        match (self.present, present, self.spells.last_mut()) {
            (true, _, Some(last)) => last.1 = at,
            (false, true, Some(last)) if full => last.1 = at,
            (false, true, _) => self.spells.push((at, at)),
            (_, false, _) | (true, true, None) => {}
        }
        self.present = present;
    }
}

impl Source {
    /// Lowest and highest at this moment, in the unit of the panel; `None` if there is nothing to see.
    fn read(self, seen: &Snapshot) -> Option<(f64, f64)> {
        let module = |tower: usize, module: usize| {
            seen.towers.get(tower)?.modules.get(module).filter(|module| module.plugged)
        };
        let one = |value: f64| Some((value, value));
        match self {
            Self::Pv => one(seen.house.pv / 1000.0),
            Self::Load => one(seen.house.load / 1000.0),
            Self::Grid => one(seen.house.grid / 1000.0),
            Self::Battery(tower) => one(seen.towers.get(tower)?.power / 1000.0),
            Self::TowerCharge(tower) => one(seen.towers.get(tower)?.soc * 100.0),
            Self::ModuleCharge(tower, place) => one(module(tower, place)?.soc_true * 100.0),
            Self::CellVoltages(tower, place) => {
                module(tower, place).map(|module| (module.cell_voltage_min, module.cell_voltage_max))
            }
            Self::CellTemperatures(tower, place) => {
                module(tower, place).map(|module| (module.cell_temperature_min, module.cell_temperature_max))
            }
            Self::Ambient => one(seen.ambient),
        }
    }
}

fn subtitle(scenario: &Scenario) -> String {
    let towers: Vec<String> =
        scenario.towers.iter().map(|tower| format!("E{}", 5 * tower.modules.len())).collect();
    let date = scenario.date.as_ref().map_or_else(String::new, |date| format!("{date}, "));
    let house = if scenario.house.is_some() { " and house" } else { "" };
    format!("{}{house}, {date}simulated; bands reach from the lowest to the highest cell", towers.join(" + "))
}
