//! The converter's logic: check, soft start, running, its own trips. The fast loop that obeys [`PcuDrive`] is hardware.

mod stage;

pub use stage::{Cause, Stage};

use voltower_core::{Duration, MilliAmps, MilliOhms, MilliVolts, PcuState, Watts, values};
use voltower_protocols::link::ModuleCommand;

use crate::io::{PcuDrive, PcuSample, SamplePeriod};

/// What the module wants of its converter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// No supply.
    Off,
    /// Stay off for new firmware.
    Update,
    /// Be ready, off the bus; from the bus at once.
    Rest,
    /// Be on the bus; `lead` may bring a dead bus up.
    Join {
        /// May bring a dead bus up.
        lead: bool,
    },
    /// Leave the bus, power to zero first.
    Leave,
}

/// What the converter sees in one sample.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// Its own measurements.
    pub sample: &'a PcuSample,
    /// Both MOSFETs conduct: there is a pack behind it.
    pub mosfets_closed: bool,
    /// How it has been driven since the last sample.
    pub driven: &'a PcuDrive,
    /// Voltage of the droop line at zero current, as commanded.
    pub set_point: MilliVolts,
    /// What the contacts of the cells let out.
    pub carried: Watts,
    /// How long power may take to come to zero before it opens anyway.
    pub leave_within: Duration,
    /// Time since the last sample.
    pub elapsed: Duration,
    /// Sample period.
    pub period: SamplePeriod,
}

impl View<'_> {
    /// The relay can break the current.
    fn can_break(&self) -> bool {
        self.sample.bus_current.abs() <= values::RELAY_BREAK_CURRENT
    }

    /// The current of a soft start: so small that a bad contact spreads the cells no further.
    fn soft_current(&self) -> MilliAmps {
        let borne = bus_current(self.carried, self.set_point).max(values::SOFT_START_LEAST);
        borne.min(values::SOFT_START_CURRENT)
    }

    /// A time of the soft start, longer where its current is smaller.
    fn soft_time(&self, time: Duration) -> Duration {
        let (needed, current) =
            (values::SOFT_START_NEEDED.0.unsigned_abs(), self.soft_current().0.unsigned_abs());
        let stretched = time.0.saturating_mul(needed.max(current).into()) / u64::from(current.max(1));
        self.period.stretch(Duration(stretched))
    }

    /// It may not give what it could: that the bus is low says nothing of it.
    fn is_held_back(&self) -> bool {
        self.driven.discharge_current_max < values::PCU_HELD_BACK
    }

    /// The droop line asks for a current that nobody could overlook.
    fn expects_output(&self) -> bool {
        let across = self.sample.terminal_voltage - self.driven.set_point;
        let limit =
            if across.0 > 0 { self.driven.charge_current_max } else { self.driven.discharge_current_max };
        let beyond = across.abs() - self.driven.dead_band;
        let asked = i64::from(beyond.0.max(0)) * 1000 / i64::from(self.driven.droop.0.max(1));
        asked.min(i64::from(limit.0)) >= i64::from(values::PCU_NO_OUTPUT_EXPECTED.0)
    }
}

/// Power that may flow, magnitudes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Allowed {
    /// Into the pack.
    pub charge: Watts,
    /// Out of the pack.
    pub discharge: Watts,
}

/// What outlives a loss of power of the converter's faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ConverterFaults {
    /// Faults without a quiet hour between them.
    pub faults: u8,
    /// It has failed for good, until a person has looked.
    pub permanent: Option<Cause>,
}

/// The converter of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Converter {
    stage: Stage,
    /// Faults without a quiet hour between them.
    faults: u8,
    forgiven_in: Duration,
}

impl Default for Converter {
    fn default() -> Self {
        Self { stage: Stage::Unpowered, faults: 0, forgiven_in: Duration::ZERO }
    }
}

impl Converter {
    /// Without supply, with the faults that were kept.
    #[must_use]
    pub const fn new(kept: ConverterFaults) -> Self {
        let stage = match kept.permanent {
            Some(cause) => Stage::PermanentFault(cause),
            None => Stage::Unpowered,
        };
        Self { stage, faults: kept.faults, forgiven_in: values::TRIES_FORGIVEN }
    }

    /// What outlives a loss of power. The last fault there may be counts at once, not only after its rest.
    #[must_use]
    pub const fn kept(&self) -> ConverterFaults {
        let permanent = match self.stage {
            Stage::PermanentFault(cause) => Some(cause),
            Stage::Fault { cause, .. } if self.is_exhausted() => Some(cause),
            Stage::Fault { .. }
            | Stage::Unpowered
            | Stage::Update
            | Stage::Check { .. }
            | Stage::Normal
            | Stage::Equalise { .. }
            | Stage::Close { .. }
            | Stage::Ramp { .. }
            | Stage::Run { .. }
            | Stage::Leave { .. }
            | Stage::Open { .. } => None,
        };
        ConverterFaults { faults: self.faults, permanent }
    }

    /// Where it stands.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// On the bus, for good.
    #[must_use]
    pub const fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Run { .. })
    }

    /// Gate and relay are off, or not powered at all.
    #[must_use]
    pub const fn is_off_the_bus(&self) -> bool {
        !matches!(self.state(), PcuState::Active)
            && !matches!(self.stage, Stage::Fault { breaking: true, .. })
    }

    /// It has failed, or has not passed its check since.
    #[must_use]
    pub const fn has_failed(&self) -> bool {
        match self.stage {
            Stage::Fault { .. } | Stage::PermanentFault(_) => true,
            Stage::Check { after_fault, .. } => after_fault,
            Stage::Unpowered
            | Stage::Update
            | Stage::Normal
            | Stage::Equalise { .. }
            | Stage::Close { .. }
            | Stage::Ramp { .. }
            | Stage::Run { .. }
            | Stage::Leave { .. }
            | Stage::Open { .. } => false,
        }
    }

    /// The state on the wire.
    #[must_use]
    pub const fn state(&self) -> PcuState {
        match self.stage {
            Stage::Unpowered | Stage::Check { .. } => PcuState::Check,
            Stage::Update => PcuState::Update,
            Stage::Normal => PcuState::Normal,
            Stage::Equalise { .. }
            | Stage::Close { .. }
            | Stage::Ramp { .. }
            | Stage::Run { .. }
            | Stage::Leave { .. }
            | Stage::Open { .. } => PcuState::Active,
            Stage::Fault { .. } => PcuState::Fault,
            Stage::PermanentFault(_) => PcuState::PermanentFault,
        }
    }

    /// A person has looked: faults are forgotten.
    pub fn clear(&mut self) {
        self.faults = 0;
        if let Stage::PermanentFault(_) = self.stage {
            self.stage = Stage::check(true);
        }
    }

    /// Without supply; its faults are remembered, and one that is for good stays.
    #[must_use]
    pub const fn unpowered(self) -> Self {
        Self { forgiven_in: self.forgiven_in, ..Self::new(self.kept()) }
    }

    /// Its own trips, before anybody else decides.
    pub fn watch(&mut self, view: &View<'_>) {
        self.forgiven_in = self.forgiven_in.less(view.elapsed);
        if self.forgiven_in.is_zero() && !self.has_failed() {
            self.faults = 0;
        }
        if let Some(cause) = self.stage.trip(view) {
            self.fail(cause, view);
        }
    }

    /// One step towards `order`.
    pub fn step(&mut self, order: Order, view: &View<'_>) {
        match (self.stage, self.stage.next(order, view)) {
            (Stage::Fault { cause, .. }, Ok(Stage::Check { .. })) if self.is_exhausted() => {
                self.stage = Stage::PermanentFault(cause);
            }
            (_, Ok(stage)) => self.stage = stage,
            (_, Err(cause)) => self.fail(cause, view),
        }
    }

    /// How the hardware is to be driven.
    #[must_use]
    pub fn drive(&self, view: &View<'_>, command: Option<&ModuleCommand>, allowed: Allowed) -> PcuDrive {
        let sample = view.sample;
        let terminal = sample.terminal_voltage.max(MilliVolts::ZERO);
        match self.stage {
            Stage::Unpowered
            | Stage::Update
            | Stage::Check { .. }
            | Stage::Normal
            | Stage::PermanentFault(_) => PcuDrive::OFF,
            Stage::Equalise { .. } => soft(terminal, false, view),
            Stage::Close { .. } => soft(terminal, true, view),
            Stage::Ramp { set_point, .. } => soft(set_point, true, view),
            Stage::Run { .. } => running(view, command, allowed),
            Stage::Leave { .. } => running(view, command, Allowed::default()),
            Stage::Open { breaking, .. } | Stage::Fault { breaking, .. } => {
                PcuDrive { relay: breaking, ..PcuDrive::OFF }
            }
        }
    }

    fn fail(&mut self, cause: Cause, view: &View<'_>) {
        self.faults = self.faults.saturating_add(1);
        self.forgiven_in = values::TRIES_FORGIVEN;
        let breaking = self.stage.relay() && !view.can_break();
        self.stage = if self.is_exhausted() && !breaking {
            Stage::PermanentFault(cause)
        } else {
            Stage::Fault { cause, rest: values::PCU_REST, breaking }
        };
    }

    const fn is_exhausted(&self) -> bool {
        self.faults as u32 >= values::PCU_TRIES.0
    }
}

/// A droop line at `set_point` with the small current of a soft start.
fn soft(set_point: MilliVolts, relay: bool, view: &View<'_>) -> PcuDrive {
    PcuDrive {
        gate: true,
        relay,
        set_point,
        droop: values::DROOP,
        dead_band: MilliVolts::ZERO,
        charge_current_max: values::SOFT_START_CURRENT,
        discharge_current_max: view.soft_current(),
    }
}

fn running(view: &View<'_>, command: Option<&ModuleCommand>, allowed: Allowed) -> PcuDrive {
    let weight = command.map_or(FULL_WEIGHT, |c| u32::from(c.weight.half_percents())).clamp(10, FULL_WEIGHT);
    let shed = command.is_some_and(|command| command.shed);
    PcuDrive {
        gate: true,
        relay: true,
        set_point: view.set_point,
        droop: MilliOhms(values::DROOP.0.saturating_mul(FULL_WEIGHT) / weight),
        dead_band: if shed { values::SHED_DEAD_BAND } else { MilliVolts::ZERO },
        charge_current_max: bus_current(allowed.charge, view.sample.terminal_voltage),
        discharge_current_max: bus_current(allowed.discharge, view.sample.terminal_voltage),
    }
}

/// Full weight in half percents.
const FULL_WEIGHT: u32 = 200;

/// Current that carries `power` at the bus; below the converter's own trip the voltage counts as that.
fn bus_current(power: Watts, voltage: MilliVolts) -> MilliAmps {
    let millivolts = i64::from(voltage.max(values::PCU_UNDER_VOLTAGE).0).max(1);
    let milliamps = i64::from(power.0.max(0)) * 1_000_000 / millivolts;
    MilliAmps(i32::try_from(milliamps).unwrap_or(i32::MAX))
}
