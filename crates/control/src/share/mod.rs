//! Power sharing between modules that each have their own converter.
//!
//! Droop makes the modules share by itself; the distribution unit only chooses the slopes ([`Part::weight`]), who
//! rests at light load ([`Part::shed`]), the common set-point ([`trim`]) and the limits ([`limits`]).
//!
//! - Modules become full and empty together: while discharging a slope is proportional to the charge left, while
//!   charging to the charge that still fits.
//! - Near full load slopes become equal, because then everyone is needed.
//! - At light load the best placed module works alone, at a better efficiency, and the others only skip pulses.

pub mod limits;
mod node_set;
pub mod trim;

pub use node_set::NodeSet;

use voltower_core::values::{
    ACTIVITY_ENTER, QUIET_POWER, QUIET_TIME, SHARE_ADD_POWER, SHARE_DROP_POWER, SHARE_DROP_TIME,
    SHARE_EQUAL_END, SHARE_EQUAL_START, SHARE_ROTATE_DIFFERENCE, SHARE_WEIGHT_MIN,
};
use voltower_core::{Charge, Duration, PerMille, Watts};
use voltower_protocols::link::{MODULE_NODES, ModuleNode, ShareWeight};

use crate::io::{MODULES, SamplePeriod};

const _: () = assert!(SHARE_DROP_POWER.0 < SHARE_ADD_POWER.0);
const _: () = assert!(SHARE_EQUAL_START.0 < SHARE_EQUAL_END.0);

/// A module on the bus, as far as sharing is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Charge left.
    pub remaining: Charge,
    /// Charge when full.
    pub full: Charge,
    /// Largest power in.
    pub charge_limit: Watts,
    /// Largest power out, a magnitude.
    pub discharge_limit: Watts,
    /// A cell of it is so low that it sleeps without charge, whatever was counted.
    pub is_low: bool,
}

/// By position in the stack; none for a module that is not on the bus.
pub type Members = [Option<Member>; MODULES];

/// What a module has to do with the tower's power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// It rests inside its dead band.
    pub shed: bool,
    /// Slope of its droop line.
    pub weight: ShareWeight,
}

/// Which way the charge goes, or went last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Direction {
    Charging,
    #[default]
    Discharging,
}

/// Whether fewer modules would do.
///
/// ```text
///            fewer would do
///  Needed ------------------> Light{} --- for 10 s ---> (one sheds, Needed)
///     ^        needed            |
///     +--------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Load {
    #[default]
    Needed,
    Light {
        remaining: Duration,
    },
}

/// Whether any module need regulate the bus.
///
/// ```text
///                    no power
///  Busy{} ------------------------------ for a minute ---> Quiet
///    ^                                                       |
///    +------------------------ power ------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Bus {
    Busy { remaining: Duration },
    Quiet,
}

/// Who works, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Sharing {
    direction: Direction,
    active: NodeSet,
    load: Load,
    bus: Bus,
}

/// One change at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Nothing,
    Add(ModuleNode),
    Shed(ModuleNode),
    Swap { out: ModuleNode, into: ModuleNode },
}

impl Sharing {
    /// Takes the tower's power of one sample (positive while charging) and chooses who works.
    pub fn step(&mut self, members: &Members, power: Watts, elapsed: Duration, period: SamplePeriod) {
        self.direction = self.direction.after(power);
        let present = NodeSet::of(|node| member(members, node).is_some());
        self.active = self.active.common(present);
        let change = self.change(members, present, power.abs());
        self.bus = self.bus.step(power.abs() > QUIET_POWER, elapsed, period);
        let light = matches!(change, Change::Shed(_));
        match (change, self.load.step(light, elapsed, period)) {
            (Change::Add(node), _) => self.active = self.active.with(node),
            (Change::Swap { out, into }, _) => self.active = self.active.without(out).with(into),
            (Change::Shed(node), true) => self.active = self.active.without(node),
            (Change::Shed(_), false) | (Change::Nothing, _) => {}
        }
    }

    /// Modules that do not rest.
    #[must_use]
    pub const fn active(&self) -> NodeSet {
        self.active
    }

    /// Nobody regulates the bus: every module keeps its dead band, until power flows again.
    #[must_use]
    pub const fn is_quiet(&self) -> bool {
        matches!(self.bus, Bus::Quiet)
    }

    /// What each module has to do; `loading` is the tower's power in thousandths of its limit.
    #[must_use]
    pub fn parts(&self, members: &Members, loading: PerMille) -> [Part; MODULES] {
        let largest = self.largest(members, self.active);
        MODULE_NODES.map(|node| Part {
            shed: self.is_quiet() || !self.active.contains(node),
            weight: member(members, node)
                .map_or(ShareWeight::FULL, |m| weight(self.direction.room(m), largest, loading)),
        })
    }

    fn change(&self, members: &Members, present: NodeSet, load: Watts) -> Change {
        let best_resting = self.ranked(members, present.minus(self.active), true);
        let worst_active = self.ranked(members, self.active, false);
        match (best_resting, worst_active) {
            (Some(best), None) => Change::Add(best),
            (Some(best), Some(_)) if load > self.carried(members, self.active, SHARE_ADD_POWER) => {
                Change::Add(best)
            }
            (_, Some(worst)) if self.is_spare(members, worst, load) => Change::Shed(worst),
            (Some(best), Some(worst)) if self.is_better(members, best, worst) => {
                Change::Swap { out: worst, into: best }
            }
            (Some(_) | None, Some(_)) | (None, None) => Change::Nothing,
        }
    }

    /// The best (or worst) placed module of a set: with the most (or least) room in the direction of the power for its
    /// size. By charge alone a large module would work alone until the small ones are as empty as it. Charge is for the
    /// low ones first: at that end counts differ by more than a day's charge.
    fn ranked(&self, members: &Members, set: NodeSet, best: bool) -> Option<ModuleNode> {
        let sign = if best { 1 } else { -1 };
        set.iter().max_by_key(|node| {
            let (low, room) = member(members, *node).map_or((0, 0), |m| {
                (i32::from(self.direction.saves(m)), i32::from(self.direction.share(m).0))
            });
            (low.saturating_mul(sign), room.saturating_mul(sign), core::cmp::Reverse(node.number()))
        })
    }

    fn is_spare(&self, members: &Members, worst: ModuleNode, load: Watts) -> bool {
        let others = self.active.without(worst);
        !others.is_empty() && load < self.carried(members, others, SHARE_DROP_POWER)
    }

    /// `best` has so much more room than `worst` that they should change places.
    fn is_better(&self, members: &Members, best: ModuleNode, worst: ModuleNode) -> bool {
        let (Some(best), Some(worst)) = (member(members, best), member(members, worst)) else { return false };
        if self.direction.saves(best) != self.direction.saves(worst) {
            return self.direction.saves(best);
        }
        let difference = self.direction.share(best).0.saturating_sub(self.direction.share(worst).0);
        difference > SHARE_ROTATE_DIFFERENCE.0
    }

    /// What a set carries if its largest share is `each`, and no module more than it can.
    fn carried(&self, members: &Members, set: NodeSet, each: Watts) -> Watts {
        let largest = self.largest(members, set);
        set.iter().filter_map(|node| member(members, node)).fold(Watts::ZERO, |sum, m| {
            let weight = i32::from(weight(self.direction.room(m), largest, PerMille(0)).half_percents());
            let share = each.0.saturating_mul(weight) / i32::from(ShareWeight::FULL.half_percents());
            let able = self.direction.limit(m).0.saturating_mul(each.0) / (2 * SHARE_ADD_POWER.0);
            sum + Watts(share.min(able))
        })
    }

    fn largest(&self, members: &Members, set: NodeSet) -> Charge {
        let rooms = set.iter().filter_map(|node| member(members, node)).map(|m| self.direction.room(m));
        rooms.max().unwrap_or(Charge::ZERO)
    }
}

impl Direction {
    const fn after(self, power: Watts) -> Self {
        if power.0 > ACTIVITY_ENTER.0 {
            Self::Charging
        } else if power.0 < -ACTIVITY_ENTER.0 {
            Self::Discharging
        } else {
            self
        }
    }

    /// Charge that can still move in this direction.
    fn room(self, member: &Member) -> Charge {
        match self {
            Self::Charging => Charge(member.full.0.saturating_sub(member.remaining.0).max(0)),
            Self::Discharging => member.remaining,
        }
    }

    /// The same as a share of its size.
    fn share(self, member: &Member) -> PerMille {
        PerMille::of(self.room(member).0, member.full.0)
    }

    /// It sleeps unless this power is for it.
    const fn saves(self, member: &Member) -> bool {
        matches!(self, Self::Charging) && member.is_low && member.charge_limit.0 > 0
    }

    const fn limit(self, member: &Member) -> Watts {
        match self {
            Self::Charging => member.charge_limit,
            Self::Discharging => member.discharge_limit,
        }
    }
}

impl Default for Bus {
    fn default() -> Self {
        Self::Busy { remaining: QUIET_TIME }
    }
}

impl Bus {
    fn step(self, flows: bool, elapsed: Duration, period: SamplePeriod) -> Self {
        match self {
            Self::Busy { .. } | Self::Quiet if flows => Self::Busy { remaining: period.stretch(QUIET_TIME) },
            Self::Busy { remaining } if elapsed < remaining => {
                Self::Busy { remaining: remaining.less(elapsed) }
            }
            Self::Busy { .. } | Self::Quiet => Self::Quiet,
        }
    }
}

impl Load {
    /// True once when the load has been light for long enough.
    fn step(&mut self, light: bool, elapsed: Duration, period: SamplePeriod) -> bool {
        let remaining = match *self {
            Self::Needed => period.stretch(SHARE_DROP_TIME),
            Self::Light { remaining } => remaining.less(elapsed),
        };
        let over = light && remaining.is_zero();
        *self = if light && !over { Self::Light { remaining } } else { Self::Needed };
        over
    }
}

fn member(members: &Members, node: ModuleNode) -> Option<&Member> {
    members.get(node.index())?.as_ref()
}

/// In proportion to its room below half load, all equal near full load.
fn weight(room: Charge, largest: Charge, loading: PerMille) -> ShareWeight {
    if largest.0 <= 0 {
        return ShareWeight::FULL;
    }
    let share = PerMille::of(room.0, largest.0).0.max(SHARE_WEIGHT_MIN.0);
    let beyond = i64::from(loading.0) - i64::from(SHARE_EQUAL_START.0);
    let equal = PerMille::of(beyond, i64::from(SHARE_EQUAL_END.0 - SHARE_EQUAL_START.0));
    let missing = u32::from(PerMille::FULL.0.saturating_sub(share));
    let lifted = missing * u32::from(equal.0) / 1000;
    ShareWeight::of(PerMille(share.saturating_add(lifted as u16)))
}
