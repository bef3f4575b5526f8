//! The stages of the converter.

use voltower_core::{Duration, MilliVolts, values};

use super::{Order, View};

/// Why the converter failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// It did not pass its check.
    SelfTest,
    /// The power stage tripped by its own hardware.
    StageTripped,
    /// Its capacitor did not come to the bus, or its relay did not close.
    Equalising,
    /// The bus did not come up.
    SoftStart,
    /// The bus is far too low while it is on it.
    UnderVoltage,
    /// Bus or capacitor are far too high.
    OverVoltage,
    /// The droop line asks for current and none flows.
    NoOutput,
    /// Its relay has opened while it was on the bus.
    RelayOpened,
}

/// Where the converter stands.
///
/// ```text
///  Unpowered <--> Check --> Normal --(Join)--> Equalise --> Close --+--(lead)--> Ramp --+
///                  ^          ^                   |           |     |              |    v
///                  |          |                   v           v     +------------------> Run
///                  |          +--------------- Open <-------------------- Leave <--------+
///                  |  rest over
///               Fault <---- any trip                Update <--> Check
///                  | too many
///                  v
///            PermanentFault --(person)--> Check
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// No supply.
    Unpowered,
    /// Firmware is being replaced.
    Update,
    /// Looks at itself before anything is switched.
    Check {
        /// Time until it has failed.
        remaining: Duration,
        /// It comes from a fault.
        after_fault: bool,
    },
    /// Healthy; gate off, relay open.
    Normal,
    /// Brings its capacitor to the voltage of the bus.
    Equalise {
        /// May bring a dead bus up afterwards.
        lead: bool,
        /// Time until it has failed.
        remaining: Duration,
    },
    /// Waits for the relay's contact.
    Close {
        /// May bring a dead bus up afterwards.
        lead: bool,
        /// Time until it has failed.
        remaining: Duration,
    },
    /// Raises the bus with little current.
    Ramp {
        /// Where the ramp stands.
        set_point: MilliVolts,
        /// Time since its start.
        elapsed: Duration,
    },
    /// On the bus.
    Run {
        /// Time that the bus has been too low.
        low: Duration,
        /// Time that no current flowed although it should.
        mute: Duration,
        /// Time that the relay's contact has said open.
        apart: Duration,
    },
    /// Power goes to zero.
    Leave {
        /// Time until it opens anyway.
        remaining: Duration,
    },
    /// Gate off; the relay opens as soon as it can break the current.
    Open {
        /// The relay still waits for the fuse.
        breaking: bool,
        /// Time until it opens anyway.
        remaining: Duration,
    },
    /// Off by a fault that may clear.
    Fault {
        /// Why.
        cause: Cause,
        /// Time until it looks at itself again.
        rest: Duration,
        /// The relay still waits for the fuse.
        breaking: bool,
    },
    /// Off until a person has looked.
    PermanentFault(Cause),
}

impl Cause {
    /// The number by which it is kept, from 1.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::SelfTest => 1,
            Self::StageTripped => 2,
            Self::Equalising => 3,
            Self::SoftStart => 4,
            Self::UnderVoltage => 5,
            Self::OverVoltage => 6,
            Self::NoOutput => 7,
            Self::RelayOpened => 8,
        }
    }

    /// The cause with this number.
    #[must_use]
    pub const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::SelfTest),
            2 => Some(Self::StageTripped),
            3 => Some(Self::Equalising),
            4 => Some(Self::SoftStart),
            5 => Some(Self::UnderVoltage),
            6 => Some(Self::OverVoltage),
            7 => Some(Self::NoOutput),
            8 => Some(Self::RelayOpened),
            _ => None,
        }
    }
}

impl Stage {
    /// A check that begins now.
    #[must_use]
    pub const fn check(after_fault: bool) -> Self {
        Self::Check { remaining: values::EQUALISE_TIME, after_fault }
    }

    /// The relay is driven closed.
    #[must_use]
    pub const fn relay(self) -> bool {
        match self {
            Self::Close { .. } | Self::Ramp { .. } | Self::Run { .. } | Self::Leave { .. } => true,
            Self::Open { breaking, .. } | Self::Fault { breaking, .. } => breaking,
            Self::Unpowered
            | Self::Update
            | Self::Check { .. }
            | Self::Normal
            | Self::Equalise { .. }
            | Self::PermanentFault(_) => false,
        }
    }

    const fn gate(self) -> bool {
        match self {
            Self::Equalise { .. }
            | Self::Close { .. }
            | Self::Ramp { .. }
            | Self::Run { .. }
            | Self::Leave { .. } => true,
            Self::Unpowered
            | Self::Update
            | Self::Check { .. }
            | Self::Normal
            | Self::Open { .. }
            | Self::Fault { .. }
            | Self::PermanentFault(_) => false,
        }
    }

    /// The converter's own trips.
    #[must_use]
    pub(super) fn trip(self, view: &View<'_>) -> Option<Cause> {
        let sample = view.sample;
        if !self.gate() {
            return None;
        }
        if sample.stage_tripped {
            return Some(Cause::StageTripped);
        }
        let highest = sample.capacitor_voltage.max(sample.terminal_voltage);
        if highest > values::PCU_OVER_VOLTAGE {
            return Some(Cause::OverVoltage);
        }
        match self {
            Self::Run { .. } if self.has_lost_the_bus(view) && !view.is_held_back() => {
                Some(Cause::UnderVoltage)
            }
            Self::Run { mute, .. } if mute >= view.period.stretch(values::PCU_NO_OUTPUT_TIME) => {
                Some(Cause::NoOutput)
            }
            Self::Run { apart, .. } if apart >= view.period.stretch(values::FEEDBACK_TIME) => {
                Some(Cause::RelayOpened)
            }
            Self::Run { .. }
            | Self::Equalise { .. }
            | Self::Close { .. }
            | Self::Ramp { .. }
            | Self::Leave { .. }
            | Self::Open { .. }
            | Self::Fault { .. }
            | Self::Unpowered
            | Self::Update
            | Self::Check { .. }
            | Self::Normal
            | Self::PermanentFault(_) => None,
        }
    }

    /// The bus has been too low for so long.
    fn has_lost_the_bus(self, view: &View<'_>) -> bool {
        let long = view.period.stretch(values::PCU_UNDER_VOLTAGE_TIME);
        matches!(self, Self::Run { low, .. } if low >= long)
    }

    /// One step towards `order`.
    pub(super) fn next(self, order: Order, view: &View<'_>) -> Result<Self, Cause> {
        match order {
            Order::Off => Ok(self.towards(Self::Unpowered, view)),
            // New firmware does not make good what has failed.
            Order::Update if self.is_fault() => Ok(self.settle(view)),
            Order::Update => Ok(self.towards(Self::Update, view)),
            Order::Rest => self.rest(view),
            Order::Leave => self.leave(view),
            Order::Join { lead } => self.join(lead, view),
        }
    }

    const fn is_fault(self) -> bool {
        matches!(self, Self::Fault { .. } | Self::PermanentFault(_))
    }

    /// To a stage without supply or control, through opening if the bus is there.
    fn towards(self, goal: Self, view: &View<'_>) -> Self {
        let settled = self.settle(view);
        if let Self::PermanentFault(_) = settled {
            settled
        } else if settled.relay() || settled.gate() {
            settled.opened(view)
        } else {
            goal
        }
    }

    fn rest(self, view: &View<'_>) -> Result<Self, Cause> {
        let settled = self.settle(view);
        if settled.gate() {
            return Ok(settled.opened(view));
        }
        settled.recover(view)
    }

    fn leave(self, view: &View<'_>) -> Result<Self, Cause> {
        match self {
            Self::Run { .. } if view.leave_within.is_zero() => Ok(self.opened(view)),
            Self::Run { .. } => Ok(Self::Leave { remaining: view.leave_within }),
            Self::Leave { remaining } => {
                let remaining = remaining.less(view.elapsed).min(view.leave_within);
                let quiet = view.sample.bus_current.abs() <= values::ZERO_POWER_CURRENT;
                if quiet || remaining.is_zero() {
                    return Ok(self.opened(view));
                }
                Ok(Self::Leave { remaining })
            }
            Self::Unpowered
            | Self::Update
            | Self::Check { .. }
            | Self::Normal
            | Self::Equalise { .. }
            | Self::Close { .. }
            | Self::Ramp { .. }
            | Self::Open { .. }
            | Self::Fault { .. }
            | Self::PermanentFault(_) => self.rest(view),
        }
    }

    fn join(self, lead: bool, view: &View<'_>) -> Result<Self, Cause> {
        match self {
            Self::Normal if may_join(lead, view) => {
                Ok(Self::Equalise { lead, remaining: view.period.stretch(values::EQUALISE_TIME) })
            }
            Self::Equalise { lead, remaining } => equalise(lead, remaining, view),
            Self::Close { lead, remaining } => close(lead, remaining, view),
            Self::Ramp { set_point, elapsed } => ramp(set_point, elapsed, view),
            Self::Run { .. } if self.has_lost_the_bus(view) => Ok(self.opened(view)),
            Self::Run { low, mute, apart } => Ok(run((low, mute, apart), view)),
            Self::Unpowered | Self::Update | Self::Check { .. } | Self::Normal => self.rest(view),
            Self::Leave { .. } | Self::Open { .. } | Self::Fault { .. } | Self::PermanentFault(_) => {
                self.rest(view)
            }
        }
    }

    /// Checks, faults and supply, which need no order.
    fn recover(self, view: &View<'_>) -> Result<Self, Cause> {
        match self {
            Self::Unpowered | Self::Update => Ok(Self::check(false)),
            Self::Check { remaining, after_fault } => check(remaining, after_fault, view),
            Self::Fault { rest, .. } if rest.is_zero() => Ok(Self::check(true)),
            Self::Normal
            | Self::PermanentFault(_)
            | Self::Open { .. }
            | Self::Fault { .. }
            | Self::Equalise { .. }
            | Self::Close { .. }
            | Self::Ramp { .. }
            | Self::Run { .. }
            | Self::Leave { .. } => Ok(self),
        }
    }

    /// The part of an opening or a fault that only needs time.
    fn settle(self, view: &View<'_>) -> Self {
        let can_break = view.can_break();
        match self {
            Self::Open { breaking, remaining } => {
                let remaining = remaining.less(view.elapsed);
                let breaking = breaking && !can_break && !remaining.is_zero();
                let opened = !breaking && (!view.sample.relay_closed || remaining.is_zero());
                if opened { Self::Normal } else { Self::Open { breaking, remaining } }
            }
            Self::Fault { cause, rest, breaking } => {
                let rest = rest.less(view.elapsed);
                let waited = values::PCU_REST.less(rest) >= values::RELAY_BREAK_WAIT;
                Self::Fault { cause, rest, breaking: breaking && !can_break && !waited }
            }
            Self::Unpowered
            | Self::Update
            | Self::Check { .. }
            | Self::Normal
            | Self::Equalise { .. }
            | Self::Close { .. }
            | Self::Ramp { .. }
            | Self::Run { .. }
            | Self::Leave { .. }
            | Self::PermanentFault(_) => self,
        }
    }

    /// Gate off; relay open unless it could not break the current.
    fn opened(self, view: &View<'_>) -> Self {
        if self.gate() {
            let breaking = self.relay() && !view.can_break();
            Self::Open { breaking, remaining: values::RELAY_BREAK_WAIT }
        } else {
            self
        }
    }
}

fn check(remaining: Duration, after_fault: bool, view: &View<'_>) -> Result<Stage, Cause> {
    let sample = view.sample;
    if !sample.stage_tripped && !sample.relay_closed && sample.heat_sink.is_some() {
        return Ok(Stage::Normal);
    }
    match remaining.less(view.elapsed) {
        Duration::ZERO => Err(Cause::SelfTest),
        remaining => Ok(Stage::Check { remaining, after_fault }),
    }
}

/// A live bus within the window; the leading module also takes a lower one, and a dead one.
fn may_join(lead: bool, view: &View<'_>) -> bool {
    let terminal = view.sample.terminal_voltage;
    let lowest = if lead { values::TERMINAL_REVERSED } else { values::BUS_JOIN_LOW };
    view.mosfets_closed && terminal > lowest && terminal < values::BUS_JOIN_HIGH
}

/// Voltage across the open relay is small enough to close it.
///
/// The converter is not isolated: its capacitor never falls below the pack, so a dead bus is met from there.
fn is_equal(lead: bool, view: &View<'_>) -> bool {
    let sample = view.sample;
    let across = (sample.capacitor_voltage - sample.terminal_voltage).abs();
    let at_its_lowest = sample.capacitor_voltage <= sample.low_voltage + values::RELAY_CLOSE_DIFFERENCE;
    across <= values::RELAY_CLOSE_DIFFERENCE
        || (lead && at_its_lowest && across <= values::RELAY_CLOSE_DEAD_BUS)
}

fn equalise(lead: bool, remaining: Duration, view: &View<'_>) -> Result<Stage, Cause> {
    if is_equal(lead, view) {
        return Ok(Stage::Close { lead, remaining: view.period.stretch(values::FEEDBACK_TIME) });
    }
    match remaining.less(view.elapsed) {
        Duration::ZERO => Err(Cause::Equalising),
        remaining => Ok(Stage::Equalise { lead, remaining }),
    }
}

fn close(lead: bool, remaining: Duration, view: &View<'_>) -> Result<Stage, Cause> {
    if view.sample.relay_closed {
        let start = view.sample.terminal_voltage.max(MilliVolts::ZERO);
        return Ok(if lead { Stage::Ramp { set_point: start, elapsed: Duration::ZERO } } else { ON_THE_BUS });
    }
    match remaining.less(view.elapsed) {
        Duration::ZERO => Err(Cause::Equalising),
        remaining => Ok(Stage::Close { lead, remaining }),
    }
}

fn ramp(from: MilliVolts, elapsed: Duration, view: &View<'_>) -> Result<Stage, Cause> {
    let terminal = view.sample.terminal_voltage;
    let reached = from == view.set_point && (terminal - from).abs() <= values::BUS_REACHED;
    if reached {
        return Ok(ON_THE_BUS);
    }
    let elapsed = elapsed + view.elapsed;
    let shorted =
        elapsed >= view.soft_time(values::SOFT_START_SHORT_TIME) && terminal < values::SOFT_START_SHORT;
    if shorted || elapsed >= view.soft_time(values::SOFT_START_TIME) {
        return Err(Cause::SoftStart);
    }
    Ok(Stage::Ramp { set_point: ramped(from, view), elapsed })
}

fn ramped(from: MilliVolts, view: &View<'_>) -> MilliVolts {
    let rise_mv = i64::from(values::SOFT_START_RAMP.0)
        .saturating_mul(i64::try_from(view.elapsed.0).unwrap_or(i64::MAX))
        / 1_000_000;
    let rise = MilliVolts(i32::try_from(rise_mv).unwrap_or(i32::MAX));
    if from > view.set_point { (from - rise).max(view.set_point) } else { (from + rise).min(view.set_point) }
}

const ON_THE_BUS: Stage = Stage::Run { low: Duration::ZERO, mute: Duration::ZERO, apart: Duration::ZERO };

fn run((low, mute, apart): (Duration, Duration, Duration), view: &View<'_>) -> Stage {
    let sample = view.sample;
    let is_low = sample.terminal_voltage < values::PCU_UNDER_VOLTAGE;
    let is_mute = sample.bus_current.abs() < values::PCU_NO_OUTPUT_SEEN && view.expects_output();
    let lasting = |so_far: Duration, holds| if holds { so_far + view.elapsed } else { Duration::ZERO };
    Stage::Run {
        low: lasting(low, is_low),
        mute: lasting(mute, is_mute),
        apart: lasting(apart, !sample.relay_closed),
    }
}
