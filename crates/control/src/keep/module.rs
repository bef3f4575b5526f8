//! All that a module keeps, and what is made of it when it starts.

use voltower_core::{Charge, ConditionSet, PerMille, ResetCause, values};

use super::boot::Boot;
use super::bytes::{Damage, PartBytes};
use super::lifetime::Lifetime;
use super::memory::{Part, Parts, recall};
use super::state::{ChargeState, Doubt, SafetyState, settings_from_bytes, settings_to_bytes};
use crate::estimate::resistance::Contacts;
use crate::io::Settings;
use crate::module::pcu::ConverterFaults;
use crate::protect::table::COUNTED;

/// State that the recorder kept over the last loss of power, handed back at start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModulePersisted {
    /// Charge in the pack, by the last count.
    pub charge: Charge,
    /// Full capacity, learned or rated.
    pub capacity: Charge,
    /// State of health.
    pub health: PerMille,
    /// Equivalent full cycles.
    pub cycles: u16,
    /// What is not known of the charge.
    pub doubt: Doubt,
    /// Contacts of cells that were found to be bad.
    pub contacts: Contacts,
    /// Faults that need a person before the module may run again.
    pub locked_out: ConditionSet,
    /// How often each counted row of the table was raised lately, in the order of the table.
    pub tries: [u8; COUNTED],
    /// Faults of the converter.
    pub converter: ConverterFaults,
    /// No fault has come since a person has looked: the blackbox records.
    pub records: bool,
    /// What a person has set.
    pub settings: Settings,
    /// What the module has gone through.
    pub lifetime: Lifetime,
    /// This start.
    pub boot: Boot,
    /// Parts that memory should have held and did not, or not so that they can be believed.
    pub damaged: Parts,
}

impl ModulePersisted {
    /// Of a module that was never started: what is in it, it does not know.
    pub const NEW: Self = Self {
        charge: Charge::ZERO,
        capacity: Charge::from_deci_amp_hours(values::RATED_CAPACITY_DECI_AMP_HOURS.0),
        health: PerMille::FULL,
        cycles: 0,
        doubt: Doubt::NONE,
        contacts: Contacts::NONE,
        locked_out: ConditionSet::EMPTY,
        tries: SafetyState::NEW.tries,
        converter: SafetyState::NEW.converter,
        records: true,
        settings: Settings::open(values::MODULE_POWER),
        lifetime: Lifetime::NEW,
        boot: Boot::NEVER,
        damaged: Parts::NONE,
    };

    /// From what memory has kept: `read` gives the bytes of a part, or none if it was never written.
    ///
    /// What is lost or cannot be believed is named in `damaged`: nothing takes its place silently.
    pub fn load(cause: ResetCause, mut read: impl FnMut(Part) -> Result<Option<PartBytes>, Damage>) -> Self {
        let mut kept = Self::NEW;
        let parts = [Part::Safety, Part::Settings, Part::Charge, Part::Lifetime];
        let (boot, damaged) = recall(cause, &parts, &mut read, |part, bytes| kept.take(part, bytes));
        Self { boot, damaged, ..kept }
    }

    fn take(&mut self, part: Part, bytes: &[u8]) -> Result<(), Damage> {
        match part {
            Part::Safety => {
                let SafetyState { locked_out, tries, converter, records } = SafetyState::from_bytes(bytes)?;
                *self = Self { locked_out, tries, converter, records, ..*self };
            }
            Part::Settings => self.settings = settings_from_bytes(bytes, &Self::NEW.settings)?,
            Part::Charge => {
                let ChargeState { charge, capacity, health, cycles, doubt, contacts } =
                    ChargeState::from_bytes(bytes)?;
                *self = Self { charge, capacity, health, cycles, doubt, contacts, ..*self };
            }
            Part::Lifetime => self.lifetime = Lifetime::from_bytes(bytes)?,
            Part::Boot | Part::Blackbox => {}
        }
        Ok(())
    }

    /// A part as memory keeps it; the blackbox has pages of its own.
    #[must_use]
    pub fn to_bytes(&self, part: Part) -> Option<PartBytes> {
        let Self { charge, capacity, health, cycles, doubt, contacts, .. } = *self;
        let Self { locked_out, tries, converter, records, .. } = *self;
        match part {
            Part::Safety => Some(SafetyState { locked_out, tries, converter, records }.to_bytes()),
            Part::Settings => Some(settings_to_bytes(&self.settings)),
            Part::Charge => {
                Some(ChargeState { charge, capacity, health, cycles, doubt, contacts }.to_bytes())
            }
            Part::Lifetime => Some(self.lifetime.to_bytes()),
            Part::Boot => Some(self.boot.to_bytes()),
            Part::Blackbox => None,
        }
    }
}
