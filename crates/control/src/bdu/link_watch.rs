//! What the unit sees of the Link's wires: loop resistance, destroyed frames, and who sends without a pause.

use voltower_core::values::{
    BABBLE_FRAMES, DISTURBED_CLEAR, DISTURBED_TIME, LINK_DOUBTED, TERMINATION_TIME, TERMINATOR_NONE,
    TERMINATOR_ONE, TERMINATOR_THREE,
};
use voltower_core::{Cause, Diagnosis, Duration, MilliOhms};
use voltower_protocols::link::{MODULE_NODES, ModuleNode};

use super::debounce::{Debounce, Rule};
use crate::io::{BduSample, BusState, MODULES, SamplePeriod};

const _: () = assert!(TERMINATOR_THREE.0 < TERMINATOR_ONE.0 && TERMINATOR_ONE.0 < TERMINATOR_NONE.0);

const TERMINATION: Rule = Rule { samples: 3, time: TERMINATION_TIME, latched: false };
/// Complaints of the bus controller until they are believed.
const COMPLAINTS: u8 = 3;
/// Frames are counted over so long.
const WINDOW: Duration = Duration::millis(100);

/// Terminal resistors, by the resistance between the wires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Termination {
    /// Two: 60 ohm.
    #[default]
    Right,
    /// One: 120 ohm.
    Missing,
    /// Three: 40 ohm.
    Doubled,
    /// None.
    Open,
}

impl Termination {
    fn of(resistance: Option<MilliOhms>) -> Self {
        match resistance {
            None => Self::Open,
            Some(ohms) if ohms > TERMINATOR_NONE => Self::Open,
            Some(ohms) if ohms > TERMINATOR_ONE => Self::Missing,
            Some(ohms) if ohms < TERMINATOR_THREE => Self::Doubled,
            Some(_) => Self::Right,
        }
    }

    const fn cause(self) -> Cause {
        match self {
            Self::Right => Cause::None,
            Self::Missing => Cause::TerminatorMissing,
            Self::Doubled => Cause::TerminatorDoubled,
            Self::Open => Cause::LinkOpen,
        }
    }
}

/// Whether frames are destroyed. A bad line lets some pass, so the bus controller complains again and again, and not
/// always.
///
/// ```text
///         a complaint               3 of them in 0.5 s
///  Sound -------------> Suspected{} -------------------> Disturbed{}
///    ^                       | 0.5 s without one              | 5 s without one
///    +-----------------------+<-------------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Disturbance {
    /// No complaint.
    #[default]
    Sound,
    /// Complaints, not yet believed.
    Suspected { complaints: u8, since: Duration, quiet: Duration },
    /// Believed; so long without a complaint.
    Disturbed { quiet: Duration },
}

impl Disturbance {
    fn next(self, complains: bool, elapsed: Duration) -> Self {
        let patience = |time| SamplePeriod(elapsed).stretch(time);
        match self {
            Self::Sound if complains => {
                Self::Suspected { complaints: 1, since: Duration::ZERO, quiet: Duration::ZERO }
            }
            Self::Sound => Self::Sound,
            Self::Suspected { complaints, since, .. } if complains => {
                let (complaints, since) = (complaints.saturating_add(1), since + elapsed);
                if complaints >= COMPLAINTS && since >= DISTURBED_TIME {
                    Self::Disturbed { quiet: Duration::ZERO }
                } else {
                    Self::Suspected { complaints, since, quiet: Duration::ZERO }
                }
            }
            Self::Disturbed { .. } if complains => Self::Disturbed { quiet: Duration::ZERO },
            Self::Suspected { quiet, .. } if quiet + elapsed >= patience(DISTURBED_TIME) => Self::Sound,
            Self::Suspected { complaints, since, quiet } => {
                Self::Suspected { complaints, since: since + elapsed, quiet: quiet + elapsed }
            }
            Self::Disturbed { quiet } if quiet + elapsed >= patience(DISTURBED_CLEAR) => Self::Sound,
            Self::Disturbed { quiet } => Self::Disturbed { quiet: quiet + elapsed },
        }
    }
}

/// Watches the Link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct LinkWatch {
    resistance: Option<MilliOhms>,
    /// What is measured now, and whether it has been for long enough.
    termination: Termination,
    wrong: Debounce,
    disturbance: Disturbance,
    /// A frame of a module came since the last sample.
    heard: bool,
    counted: [u16; MODULES],
    window: Duration,
    babbler: Option<ModuleNode>,
    /// So long what fails may be the Link's fault.
    doubted: Duration,
}

impl LinkWatch {
    /// A frame of `node` has come.
    pub fn count(&mut self, node: ModuleNode) {
        self.heard = true;
        if let Some(count) = self.counted.get_mut(node.index()) {
            *count = count.saturating_add(1);
        }
    }

    /// Takes one sample.
    pub fn step(&mut self, sample: &BduSample, elapsed: Duration) {
        let termination = Termination::of(sample.link_resistance);
        if termination != self.termination {
            self.wrong.reset();
        }
        self.resistance = sample.link_resistance;
        self.termination = termination;
        self.wrong.step(termination != Termination::Right, elapsed, TERMINATION);
        let complains = match sample.link_bus {
            BusState::Active => false,
            // Whoever is alone is passive too: nobody acknowledges.
            BusState::Passive => self.heard,
            BusState::Off => true,
        };
        self.heard = false;
        self.doubted = self.doubted.less(elapsed);
        self.disturbance = self.disturbance.next(complains, elapsed);
        self.window = self.window + elapsed;
        if self.window >= WINDOW {
            self.find_babbler();
        }
    }

    /// Frames are destroyed, lost or changed, or a module was not heard.
    pub fn doubt(&mut self, period: SamplePeriod) {
        self.doubted = period.stretch(LINK_DOUBTED);
    }

    /// The bus controller complains, or somebody sends without a pause.
    #[must_use]
    pub fn complains(&self) -> bool {
        self.disturbance != Disturbance::Sound || self.babbler.is_some()
    }

    /// No sign of that for a while.
    #[must_use]
    pub const fn is_trusted(&self) -> bool {
        self.doubted.is_zero()
    }

    /// More than a module can have to say in this window.
    fn find_babbler(&mut self) {
        let windows = self.window.0 / WINDOW.0.max(1);
        let most = u64::from(BABBLE_FRAMES.0).saturating_mul(windows);
        let busiest = MODULE_NODES.into_iter().zip(self.counted).max_by_key(|(_, count)| *count);
        self.babbler = busiest.filter(|(_, count)| u64::from(*count) > most).map(|(node, _)| node);
        self.counted = [0; MODULES];
        self.window = Duration::ZERO;
    }

    /// Between the wires, at the last sample; none if there is no path.
    #[must_use]
    pub const fn resistance(&self) -> Option<MilliOhms> {
        self.resistance
    }

    /// Somebody sends without a pause, or frames are destroyed.
    #[must_use]
    pub fn disturbance(&self) -> Diagnosis {
        match self.babbler {
            Some(node) => Diagnosis::new(Cause::Babbling, node.number()),
            None => match self.disturbance {
                Disturbance::Disturbed { .. } => Diagnosis::new(Cause::Disturbed, 0),
                Disturbance::Sound | Disturbance::Suspected { .. } => Diagnosis::NONE,
            },
        }
    }

    /// The far resistor is not seen, at the last sample: good enough where silence says the same.
    #[must_use]
    pub const fn ends_early(&self) -> bool {
        matches!(self.termination, Termination::Missing | Termination::Open)
    }

    /// What is wrong with the terminal resistors.
    #[must_use]
    pub const fn termination(&self) -> Diagnosis {
        if self.wrong.is_raised() { Diagnosis::new(self.termination.cause(), 0) } else { Diagnosis::NONE }
    }
}
