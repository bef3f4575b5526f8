//! From a seed to a plan. Each seed enables a few kinds of faults and deeds only: what never meets otherwise, meets.

use voltower_control::bdu::FillSource;
use voltower_core::panel::CellFaultLights;
use voltower_core::{Duration, Instant};

use super::Dice;
use super::catalogue::Kind;
use super::plan::{Deed, Plan, What};
use super::soak::{Climate, weather};
use crate::Scenario;
use crate::profile::Profile;
use crate::scenario::{
    AfeTiming, Ageing, Cable, DayTime, HomeCell, House, InverterMode, InverterSpec, ModuleSpec, TowerSpec,
};

/// A fault is enabled in so many of a hundred seeds.
const KIND_ENABLED: u32 = 20;
/// So is each kind of thing that people do.
const DEED_ENABLED: u32 = 35;
/// In a corner, so many of a hundred faults are those that matter there.
const CORNER_KIND: u32 = 50;
/// Faults at most: more hide each other.
const FAULTS: usize = 4;
/// The cells are drawn from a stream of their own.
const CELL_STREAM: u64 = 0x00CE_1100;
const SECOND: Duration = Duration::secs(1);
/// One of so many seeds is a trial of days.
const DAYS_OF: u64 = 10;
/// Samples of a trial of days.
const DAYS_PERIOD: Duration = Duration::secs(10);
/// Within so many seeds every kind of fault breaks once.
const ALL_WITHIN: u64 = 60;
/// Of so many seeds one has no kind of its own: it may stay whole.
const FREE_OF: u64 = 6;
/// Tells the dice of what a seed must have from those of what it may have.
const OWN: u64 = 0x60_60_60;
/// Kinds from this place on came later, and are drawn by dice of their own: what a seed draws beside them stays.
const LATER: usize = Kind::AirAround as usize;
const LATER_STREAM: u64 = 0x1A_7E_12;

/// Where a site begins and where it is driven to. The ends of the cells are where protection works, and chance alone
/// comes there seldom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Corner {
    Anywhere,
    /// Full modules that are charged.
    Full,
    /// Empty ones that are discharged.
    Empty,
    /// Cells around freezing that are charged.
    Cold,
    /// The hottest surroundings of the manual, at full power.
    Hot,
}

/// By their weights.
const CORNERS: [(u32, Corner); 5] =
    [(50, Corner::Anywhere), (16, Corner::Full), (12, Corner::Empty), (12, Corner::Cold), (10, Corner::Hot)];

impl Corner {
    /// What may break there, beside all else: what brings cells out of their safe area, or hides it.
    const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Anywhere => &[],
            Self::Full | Self::Empty => &[
                Kind::WeakCell,
                Kind::LostContact,
                Kind::PcuRunaway,
                Kind::InverterIgnoresLimits,
                Kind::CellVoltageOffset,
                Kind::CellWireOpen,
                Kind::SensorStuck,
            ],
            Self::Cold | Self::Hot => &[
                Kind::Heater,
                Kind::BlockedCooling,
                Kind::PcuEfficiencyLoss,
                Kind::PcuRunaway,
                Kind::SensorOffset,
                Kind::NtcOpen,
                Kind::SensorStuck,
            ],
        }
    }
}

/// What people and weather may do in a trial.
#[derive(Debug, Clone, Copy)]
enum Habit {
    Press,
    DcSwitch,
    PowerCut,
    Inverter,
    Load,
    Ambient,
    Update,
    Exchange,
}

const HABITS: [Habit; 8] = [
    Habit::Press,
    Habit::DcSwitch,
    Habit::PowerCut,
    Habit::Inverter,
    Habit::Load,
    Habit::Ambient,
    Habit::Update,
    Habit::Exchange,
];

impl Plan {
    /// The plan of a seed.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let dice = &mut Dice::new(seed);
        let own = &mut Dice::new(seed ^ OWN);
        let period = *pick(dice, &[(70, Duration::millis(100)), (10, Duration::millis(10)), (20, SECOND)]);
        let safety = length(dice, period);
        let corner = *pick(dice, &CORNERS);
        let mut plan = Self { site: site(dice, seed, period, corner), deeds: Vec::new(), safety };
        if seed % DAYS_OF == DAYS_OF - 1 {
            plan.last_days(own);
        }
        plan.start(dice);
        plan.live(dice);
        plan.break_own(own, seed);
        plan.break_things(dice, corner);
        plan.break_later(&mut Dice::new(seed ^ LATER_STREAM), seed);
        plan.fit_cells(&mut Dice::new(seed ^ CELL_STREAM));
        plan.deeds.sort_by_key(|deed| deed.at);
        plan
    }

    /// Each tower gets one of the home cells.
    fn fit_cells(&mut self, dice: &mut Dice) {
        for tower in &mut self.site.towers {
            tower.cell = dice.one(&HomeCell::ALL);
        }
    }

    /// It lasts for days of sun and night, in coarse samples.
    fn last_days(&mut self, dice: &mut Dice) {
        self.safety = dice.time(Duration::hours(30), Duration::hours(96));
        let modules = self.site.towers.iter().map(|tower| tower.modules.len()).sum();
        let climate = dice.one(&Climate::MADE);
        let sun = weather::profiles(climate, modules, self.site.start, dice);
        self.site.period = DAYS_PERIOD;
        self.site.duration = Duration::hours(24 * 30);
        self.site.inverter.mode = InverterMode::SelfConsumption;
        if let (Some(house), Some(sun)) = (&mut self.site.house, sun) {
            (house.load, house.pv) = (sun.load, sun.pv);
        }
    }

    /// What this seed must have: within any [`ALL_WITHIN`] seeds every kind is drawn.
    fn break_own(&mut self, dice: &mut Dice, seed: u64) {
        self.break_in_turn(dice, seed, &Kind::ALL[..LATER]);
    }

    /// The same of those that came later.
    fn break_later(&mut self, dice: &mut Dice, seed: u64) {
        self.break_in_turn(dice, seed, &Kind::ALL[LATER..]);
    }

    fn break_in_turn(&mut self, dice: &mut Dice, seed: u64, kinds: &[Kind]) {
        if seed.is_multiple_of(FREE_OF) {
            return;
        }
        let turns = ALL_WITHIN - ALL_WITHIN / FREE_OF;
        let turn = (seed / FREE_OF * (FREE_OF - 1) + seed % FREE_OF - 1) % turns;
        let own = kinds.iter().copied().enumerate().filter(|(place, _)| *place as u64 % turns == turn);
        for (_, kind) in own {
            let tower = dice.below(self.site.towers.len());
            let modules = &mut self.site.towers[tower].modules;
            let fault = kind.draw(dice, modules.len()).or_else(|| {
                // It takes more modules than there are.
                modules.extend(modules.first().cloned());
                kind.draw(dice, modules.len())
            });
            let Some(fault) = fault else { continue };
            let at = self.moment(dice);
            let lasts = dice.time(Duration::secs(2), kind.lasts());
            let until = dice.chance(60).then_some(at + lasts);
            self.deeds.push(Deed { at, until, what: What::Fault { tower, fault } });
        }
    }

    /// Somebody switches the towers on.
    fn start(&mut self, dice: &mut Dice) {
        for tower in 0..self.site.towers.len() {
            let at = Instant::ZERO + dice.time(SECOND, SECOND_20);
            let hold = if dice.chance(85) { SECOND } else { Duration::secs(6) };
            self.deeds.push(Deed { at, until: None, what: What::Press { tower, hold } });
        }
    }

    fn live(&mut self, dice: &mut Dice) {
        let habits: Vec<Habit> = HABITS.into_iter().filter(|_| dice.chance(DEED_ENABLED)).collect();
        if habits.is_empty() {
            return;
        }
        for _ in 0..dice.below(6) {
            let habit = dice.one(&habits);
            let at = self.moment(dice);
            let lasts = dice.time(SECOND, Duration::mins(5));
            let tower = dice.below(self.site.towers.len());
            let modules = self.site.towers[tower].modules.len();
            let what = match habit {
                Habit::Press => {
                    What::Press { tower, hold: dice.time(Duration::millis(100), Duration::secs(13)) }
                }
                Habit::PowerCut => What::PowerCut,
                Habit::Inverter => What::Inverter(mode(dice)),
                Habit::Load => What::Load(dice.between(-3000.0, 12_000.0)),
                Habit::Ambient => What::Ambient(dice.between(-15.0, 50.0)),
                Habit::Update => What::Update { tower },
                Habit::Exchange if modules > 1 => What::Exchange { tower },
                Habit::Exchange | Habit::DcSwitch => What::DcSwitch { tower },
            };
            self.deeds.push(Deed { at, until: Some(at + lasts), what });
        }
    }

    fn break_things(&mut self, dice: &mut Dice, corner: Corner) {
        let kinds: Vec<Kind> =
            Kind::ALL[..LATER].iter().copied().filter(|_| dice.chance(KIND_ENABLED)).collect();
        if kinds.is_empty() {
            return;
        }
        let room = FAULTS - self.faults().count().min(FAULTS);
        for _ in 0..dice.below(room + 1) {
            let of_corner = !corner.kinds().is_empty() && dice.chance(CORNER_KIND);
            let kind = dice.one(if of_corner { corner.kinds() } else { &kinds });
            let tower = dice.below(self.site.towers.len());
            let modules = self.site.towers[tower].modules.len();
            let Some(fault) = kind.draw(dice, modules) else { continue };
            let at = if dice.chance(10) { Instant::ZERO } else { self.moment(dice) };
            let lasts = dice.time(Duration::secs(2), kind.lasts());
            let until = dice.chance(60).then_some(at + lasts);
            let what = What::Fault { tower, fault };
            // A fault that already lives is not made worse: to repair one would repair both.
            let taken = |deed: &Deed| deed.what.is_place_of(&what);
            if !self.deeds.iter().any(taken) {
                self.deeds.push(Deed { at, until, what });
            }
        }
    }

    /// Some time after the start and before the end.
    fn moment(&self, dice: &mut Dice) -> Instant {
        Instant::ZERO + dice.time(SECOND_20, Duration(self.safety.0 - self.safety.0 / 8))
    }
}

const SECOND_20: Duration = Duration::secs(20);

impl What {
    /// The same kind of fault in the same place.
    fn is_place_of(&self, other: &Self) -> bool {
        let place = |what: &Self| {
            let fault = what.fault()?;
            Some((what.tower(), Kind::of(fault), fault.module()))
        };
        place(self).is_some() && place(self) == place(other)
    }
}

/// Short trials with fine samples, long ones with coarse samples.
fn length(dice: &mut Dice, period: Duration) -> Duration {
    if period < Duration::millis(100) {
        dice.time(Duration::mins(2), Duration::mins(4))
    } else if period < SECOND {
        dice.time(Duration::mins(4), Duration::mins(35))
    } else {
        dice.time(Duration::mins(30), Duration::hours(8))
    }
}

fn site(dice: &mut Dice, seed: u64, period: Duration, corner: Corner) -> Scenario {
    let ambient = ambient(dice, corner);
    let towers = if dice.chance(75) { 1 } else { 2 };
    let hour = dice.below(24) as u32;
    Scenario {
        title: format!("trial {seed}"),
        description: String::new(),
        seed,
        start: DayTime(hour * 3600),
        date: None,
        duration: Duration::hours(24),
        period,
        ageing: Ageing::default(),
        towers: (0..towers).map(|_| tower(dice, ambient, corner)).collect(),
        ambient: Profile::Constant(ambient),
        house: Some(House {
            load: Profile::Constant(dice.between(100.0, 6000.0)),
            pv: Profile::Constant((dice.between(-8000.0, 12_000.0)).max(0.0)),
            appliances: Vec::new(),
        }),
        inverter: InverterSpec {
            delay: Duration::ZERO,
            mode: if dice.chance(80) { driven(dice, corner) } else { mode(dice) },
            ac_power_max: dice.between(3000.0, 20_000.0),
            backup: dice.chance(50),
            present: dice.chance(97),
        },
        grid: dice.chance(92),
        events: Vec::new(),
        expectations: Vec::new(),
    }
}

/// What the inverter does to bring the cells to the corner, and keep them there.
fn driven(dice: &mut Dice, corner: Corner) -> InverterMode {
    let power = dice.between(1000.0, 12_000.0);
    let charges = match corner {
        Corner::Anywhere => return mode(dice),
        Corner::Full | Corner::Cold => true,
        Corner::Empty => false,
        Corner::Hot => dice.chance(50),
    };
    if charges { InverterMode::Charge(power) } else { InverterMode::Discharge(power) }
}

fn ambient(dice: &mut Dice, corner: Corner) -> f64 {
    match corner {
        Corner::Anywhere | Corner::Full | Corner::Empty if dice.chance(60) => dice.between(5.0, 35.0),
        Corner::Anywhere | Corner::Full | Corner::Empty => dice.between(-10.0, 45.0),
        Corner::Cold => dice.between(-10.0, 6.0),
        Corner::Hot => dice.between(38.0, 45.0),
    }
}

fn charge_state(dice: &mut Dice, corner: Corner) -> f64 {
    let nearly_empty = dice.between(0.04, 0.15);
    let nearly_full = dice.between(0.9, 0.99);
    match (corner, dice.below(4)) {
        (Corner::Empty, _) | (Corner::Anywhere, 0) => nearly_empty,
        (Corner::Full, _) | (Corner::Anywhere, 1) => nearly_full,
        (Corner::Anywhere | Corner::Cold | Corner::Hot, _) => dice.between(0.15, 0.9),
    }
}

fn mode(dice: &mut Dice) -> InverterMode {
    match dice.below(10) {
        0..4 => InverterMode::SelfConsumption,
        4..6 => InverterMode::Charge(dice.between(100.0, 12_000.0)),
        6..8 => InverterMode::Discharge(dice.between(100.0, 12_000.0)),
        8 => InverterMode::Hold,
        _ => InverterMode::Off,
    }
}

fn tower(dice: &mut Dice, ambient: f64, corner: Corner) -> TowerSpec {
    let modules = 1 + dice.below(4);
    let soc = charge_state(dice, corner);
    TowerSpec {
        modules: (0..modules).map(|_| module(dice, soc, ambient)).collect(),
        cell: HomeCell::default(),
        afe: AfeTiming::default(),
        dc_switch_closed: !dice.chance(3),
        full_charge: FillSource::default(),
        cell_fault_lights: dice.one(&[CellFaultLights::AsPrinted, CellFaultLights::L2L4]),
        cable: Cable { awg: dice.one(&[8, 10, 12]), length: dice.between(0.5, 15.0) },
        link_length: dice.between(0.2, 1.0),
    }
}

fn module(dice: &mut Dice, soc: f64, ambient: f64) -> ModuleSpec {
    let apart = if dice.chance(70) { 0.02 } else { 0.3 };
    ModuleSpec {
        soc: (soc + dice.between(-apart, apart)).clamp(0.03, 0.995),
        stored_soc: None,
        health: if dice.chance(60) { 1.0 } else { dice.between(0.65, 1.0) },
        resistance_growth: if dice.chance(60) { 1.0 } else { dice.between(1.0, 1.8) },
        temperature: dice.chance(15).then(|| ambient + dice.between(-8.0, 8.0)),
        software: None,
        plugged: true,
        state: None,
    }
}

/// One of several by their weights, which add up to a hundred.
fn pick<'a, T>(dice: &mut Dice, of: &'a [(u32, T)]) -> &'a T {
    let mut left = dice.below(100) as u32;
    for (weight, value) in of {
        if left < *weight {
            return value;
        }
        left -= weight;
    }
    &of[of.len() - 1].1
}
