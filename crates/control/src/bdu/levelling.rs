//! A module that is full charges one that is empty, over the bus.
//!
//! Nobody else need do anything: the receiver draws a power that it is given, with its droop line below the bus, and
//! the donor holds the bus as it always does. What the tower tells the inverter is less by that power both ways. If
//! the donor falls away the bus goes to the receiver's line, which lies in the window; if the donor is at its limit
//! the bus falls towards that line, and the receiver takes less by itself. So it neither hunts nor drops the bus.
//!
//! It needs a bus that stands anyway: an inverter that is heard. Without one the tower sleeps, which costs an empty
//! module less than a bus would.

use voltower_core::values::{
    BUS_SET_POINT, LADDER_ASK, LEVELLING_APART, LEVELLING_DONOR, LEVELLING_END, LEVELLING_LEAST,
    LEVELLING_LONGEST, LEVELLING_POWER, TRIM_MAX,
};
use voltower_core::{Duration, MilliVolts, Watts};
use voltower_protocols::link::{Levelling as Pair, ModuleCommand, ModuleNode, ModuleRequest, ShareWeight};

use super::activity::Flow;
use super::modules::{ChargeComes, Module};
use super::sequence::Sequence;
use super::{BduController, Modules, Moment};
use crate::bound::Limits;
use crate::share::limits::{UNCAPPED, power};

/// The droop line of a receiver: so far below the others' that it takes its power at any trim.
const RECEIVER_SET_POINT: MilliVolts = MilliVolts(BUS_SET_POINT.0 - TRIM_MAX.0);

const _: () = assert!(LADDER_ASK.0 < LEVELLING_END.0 && LEVELLING_END.0 < LEVELLING_DONOR.0);
const _: () = assert!(LEVELLING_LEAST.0 <= LEVELLING_POWER.0);

/// Who charges whom.
///
/// ```text
///           one below its stage, one full enough, at most daily
///  Resting ------------------------------------------------------> Giving{}
///     ^                                                               |
///     +--- 10 %, a fault, a person, no bus, charge from outside ------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct Levelling {
    /// Until it may begin again.
    pause: Duration,
    giving: Option<Giving>,
    booked: Booked,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Giving {
    pair: Pair,
    /// It only falls.
    power: Watts,
    elapsed: Duration,
}

/// What it has come to, ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Booked {
    /// Into receivers' packs, mW s.
    moved: i64,
    /// Lost in two converters, mW s.
    lost: i64,
}

const MILLIWATT_SECONDS: i64 = 3_600_000;

impl Booked {
    /// Of a new tower.
    pub const NOTHING: Self = Self { moved: 0, lost: 0 };

    /// From whole watt-hours.
    #[must_use]
    pub fn from_watt_hours([moved, lost]: [u32; 2]) -> Self {
        let of = |hours: u32| i64::from(hours).saturating_mul(MILLIWATT_SECONDS);
        Self { moved: of(moved), lost: of(lost) }
    }

    /// Moved and lost, in whole watt-hours.
    #[must_use]
    pub fn watt_hours(self) -> [u32; 2] {
        [self.moved, self.lost].map(|sum| u32::try_from(sum.max(0) / MILLIWATT_SECONDS).unwrap_or(u32::MAX))
    }

    /// One sample of a pair; with what flows to the house the donor loses more, and all of it is booked.
    fn add(&mut self, donor: &Module, receiver: &Module, elapsed: Duration) {
        let milliseconds = i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX);
        let energy = |watts: Watts| i64::from(watts.0).saturating_mul(milliseconds);
        let (Some(gives), Some(takes)) = (donor.powers(), receiver.powers()) else { return };
        self.moved = self.moved.saturating_add(energy(takes.pack));
        self.lost = self.lost.saturating_add(energy(gives.lost() + takes.lost()));
    }
}

/// Power of a module at its pack and at the bus, positive while charging.
#[derive(Debug, Clone, Copy)]
struct Powers {
    pack: Watts,
    bus: Watts,
}

impl Powers {
    /// In the converter.
    fn lost(self) -> Watts {
        (self.bus - self.pack).max(Watts::ZERO)
    }
}

impl Module {
    fn powers(&self) -> Option<Powers> {
        let measured = self.power?;
        Some(Powers {
            pack: power(measured.pack_voltage, measured.pack_current),
            bus: power(measured.terminal_voltage, measured.bus_current),
        })
    }

    /// How much it may take now.
    pub(super) fn takes(&self) -> Watts {
        self.charge_limit().map_or(Watts::ZERO, |limit| limit.power)
    }

    /// How much it may give now beside what it gives.
    fn spare(&self) -> Watts {
        let given = self.powers().map_or(Watts::ZERO, |powers| (Watts::ZERO - powers.bus).max(Watts::ZERO));
        (self.gives() - given).max(Watts::ZERO)
    }

    /// How much it may give now.
    fn gives(&self) -> Watts {
        self.discharge_limit().map_or(Watts::ZERO, |limit| limit.power)
    }

    fn is_sound(&self) -> bool {
        self.conditions().faults().is_empty()
    }
}

impl Modules {
    /// The fullest of those on the bus that may give.
    fn donor(&self) -> Option<(ModuleNode, &Module)> {
        let gives = |module: &Module| {
            module.estimated().is_some_and(|soc| soc > LEVELLING_DONOR)
                && module.spare() >= LEVELLING_LEAST
                && module.is_sound()
        };
        let connected = self.connected();
        let on_bus = self.iter().filter(|(node, _)| connected.contains(*node));
        on_bus
            .filter(|(_, module)| gives(module))
            .max_by_key(|(node, module)| (module.estimated(), core::cmp::Reverse(*node)))
    }

    /// The emptiest and the fullest of those on the bus, if the one may get from the other what it needs.
    fn pair(&self) -> Option<(Pair, Watts)> {
        let connected = self.connected();
        let known = || {
            connected.iter().filter_map(|node| Some((self.get(node)?.estimated()?, node, self.get(node)?)))
        };
        let (_, receiver, takes) = known()
            .filter(|(_, _, m)| m.is_below_its_stage() && m.takes() >= LEVELLING_LEAST && m.is_sound())
            .min_by_key(|(soc, node, _)| (*soc, *node))?;
        let (donor, gives) = self.donor()?;
        let power = LEVELLING_POWER.min(takes.takes()).min(gives.spare());
        Some((Pair { donor, receiver }, power))
    }

    /// Power at which `pair` may go on; none if it must stop.
    fn goes_on(&self, pair: Pair) -> Option<Watts> {
        let connected = self.connected();
        let of = |node: ModuleNode| self.get(node).filter(|m| connected.contains(node) && m.is_sound());
        let (donor, receiver) = (of(pair.donor)?, of(pair.receiver)?);
        let is_between = donor.estimated()? > LEVELLING_END && receiver.estimated()? < LEVELLING_END;
        let able = receiver.takes().min(donor.gives());
        (is_between && able >= LEVELLING_LEAST).then_some(able)
    }
}

impl Levelling {
    pub(super) fn new(pause: Duration, booked: Booked) -> Self {
        Self { pause, giving: None, booked }
    }

    pub(super) const fn pause(&self) -> Duration {
        self.pause
    }

    pub(super) const fn booked(&self) -> Booked {
        self.booked
    }

    pub(super) fn pair(&self) -> Option<Pair> {
        self.giving.map(|giving| giving.pair)
    }

    /// Whoever gives forms the bus.
    pub(super) fn donor(&self) -> Option<ModuleNode> {
        self.pair().map(|pair| pair.donor)
    }

    /// A module that is low need not wait for charge from outside: another one gives, or would.
    pub(super) fn may_come(&self, modules: &Modules) -> bool {
        self.giving.is_some() || self.pause.is_zero() && modules.donor().is_some()
    }

    /// Takes one sample; `may` says that nothing of the tower speaks against it.
    fn step(&mut self, modules: &Modules, may: bool, elapsed: Duration) {
        self.pause = self.pause.less(elapsed);
        let before = self.giving.filter(|_| may);
        self.giving = match before {
            Some(giving) => self.go_on(giving, modules, elapsed),
            None if may && self.pause.is_zero() => modules.pair().map(|(pair, power)| {
                self.pause = LEVELLING_APART;
                Giving { pair, power, elapsed: Duration::ZERO }
            }),
            None => None,
        };
    }

    fn go_on(&mut self, giving: Giving, modules: &Modules, elapsed: Duration) -> Option<Giving> {
        let Giving { pair, power, elapsed: so_far } = giving;
        if let (Some(donor), Some(receiver)) = (modules.get(pair.donor), modules.get(pair.receiver)) {
            self.booked.add(donor, receiver, elapsed);
        }
        let able = modules.goes_on(pair)?;
        let elapsed = so_far + elapsed;
        (elapsed < LEVELLING_LONGEST).then_some(Giving { pair, power: power.min(able), elapsed })
    }

    /// What is left for the inverter of what the tower can do.
    pub(super) fn leave(&self, limits: Limits) -> Limits {
        let taken = self.giving.map_or(Watts::ZERO, |giving| giving.power);
        let mut left = limits;
        left.charge.power = (left.charge.power - taken).max(Watts::ZERO).min(limits.charge.power);
        left.discharge.power = (left.discharge.power - taken).max(Watts::ZERO).min(limits.discharge.power);
        left
    }

    /// What the command to `node` becomes by it.
    pub(super) fn shape(&self, node: ModuleNode, command: ModuleCommand) -> ModuleCommand {
        let Some(Giving { pair, power, .. }) = self.giving else { return command };
        if command.request != ModuleRequest::Connect {
            return command;
        }
        let works = ModuleCommand { shed: false, weight: ShareWeight::FULL, ..command };
        if node == pair.receiver {
            ModuleCommand { set_point: RECEIVER_SET_POINT, charge_power: power, ..works }
        } else if node == pair.donor {
            let discharge_power = (command.discharge_power + power).min(UNCAPPED);
            ModuleCommand { discharge_power, ..works }
        } else {
            command
        }
    }
}

impl BduController {
    pub(super) fn charge_comes(&self) -> ChargeComes {
        if self.activity.shown() == Flow::Charging || self.offer.is_open() {
            ChargeComes::ToAll
        } else if self.levelling.may_come(&self.modules) {
            ChargeComes::ToTheEmptiest
        } else {
            ChargeComes::ToNobody
        }
    }

    /// Whether a module charges another one in this sample.
    pub(super) fn level(&mut self, moment: &Moment<'_>) {
        let may = matches!(self.sequence, Sequence::Running)
            && self.inverter.is_alive()
            && moment.sample.dc_switch_closed
            && self.service.is_zero()
            && self.second_unit.is_zero()
            && self.activity.shown() != Flow::Charging
            && self.conditions.all().faults().is_empty();
        self.levelling.step(&self.modules, may, moment.elapsed);
    }
}
