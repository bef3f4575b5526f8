//! The black-start switch, which is also the one key: what a person means by holding it.

use voltower_core::Duration;
use voltower_core::values::{SWITCH_BLACK_START, SWITCH_CLEAR_LOCK_OUTS, SWITCH_SHUTDOWN, SWITCH_START};

/// What a press means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Press {
    /// Start, and wait for the inverter before the bus is energised.
    Start,
    /// Start, and energise the bus at once.
    BlackStart,
    /// Shut down.
    Shutdown,
    /// A person has looked: faults that are locked out may clear.
    ClearLockOuts,
    /// A person is there: configuration may be loosened.
    Service,
}

/// What the tower was in when the switch was pressed; the same length means different things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// Shut down or asleep.
    Off,
    /// Awake.
    Awake,
    /// Awake, and a fault is shown.
    Fault,
}

/// The switch.
///
/// ```text
///            pressed                   held long enough to act on
///  Released ---------> Held{context} ----------------------------> Spent
///     ^                  |                                           |
///     |   released       |                                           |
///     +--(a short press)-+<----------------- released ---------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Switch {
    /// Nobody holds it.
    #[default]
    Released,
    /// Held for so long, and nothing has come of it yet.
    Held {
        /// What the tower was in when it was pressed.
        context: Context,
        /// For how long.
        held: Duration,
    },
    /// Still held, but the press has had its effect.
    Spent,
}

impl Switch {
    /// Takes one sample of the switch, `elapsed` after the one before.
    pub fn step(&mut self, pressed: bool, elapsed: Duration, context: Context) -> Option<Press> {
        match (*self, pressed) {
            (Self::Released, true) => {
                *self = Self::Held { context, held: Duration::ZERO };
                None
            }
            (Self::Held { context, held }, true) => self.hold(context, held + elapsed),
            (Self::Held { context, held }, false) => {
                *self = Self::Released;
                meaning_on_release(context, held + elapsed)
            }
            (Self::Released | Self::Spent, false) => {
                *self = Self::Released;
                None
            }
            (Self::Spent, true) => None,
        }
    }

    fn hold(&mut self, context: Context, held: Duration) -> Option<Press> {
        let press = meaning_while_held(context, held);
        *self = if press.is_some() { Self::Spent } else { Self::Held { context, held } };
        press
    }
}

fn meaning_while_held(context: Context, held: Duration) -> Option<Press> {
    let (long_enough, press) = match context {
        Context::Off => (SWITCH_BLACK_START, Press::BlackStart),
        Context::Awake => (SWITCH_SHUTDOWN, Press::Shutdown),
        Context::Fault => (SWITCH_CLEAR_LOCK_OUTS, Press::ClearLockOuts),
    };
    (held >= long_enough).then_some(press)
}

fn meaning_on_release(context: Context, held: Duration) -> Option<Press> {
    let (long_enough, press) = match context {
        Context::Off => (SWITCH_START, Press::Start),
        Context::Awake | Context::Fault if held < SWITCH_SHUTDOWN => (SWITCH_START, Press::Service),
        Context::Awake | Context::Fault => (SWITCH_SHUTDOWN, Press::Shutdown),
    };
    meaning_while_held(context, held).or((held >= long_enough).then_some(press))
}
