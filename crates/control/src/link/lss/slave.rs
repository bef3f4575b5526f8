//! The module's side: from no address to one, and back.

use voltower_core::Duration;

use super::{Answer, LSS_NUMBERS, Request};

/// The four numbers that tell a device from all others (object 0x1018): vendor, product, revision, serial number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LssIdentity(pub [u32; LSS_NUMBERS as usize]);

impl LssIdentity {
    fn matches(&self, sub: u8, number: u32, bit: u8) -> bool {
        let mask = u32::MAX.checked_shl(u32::from(bit)).unwrap_or(0);
        self.0.get(usize::from(sub)).is_some_and(|own| (own ^ number) & mask == 0)
    }
}

/// The address of a module.
///
/// ```text
///                all four numbers asked for     an address, and *wait*        a command
///   None{} ----------------------------> Chosen{} ----------------> Given{} -------------> Held{}
///    ^  ^                                  |  |                       |  |                  |  ^ |
///    |  +---- wait without an address -----+  |                       |  |       a command  +--+ |
///    |  +------- Link In falls ---------------+                       |  |                       |
///    +-----------------------------------------------------------------+  +-- no command in time-+
///                        reset
/// ```
///
/// Only `None` and `Chosen` take part in LSS, and only while Link In is enabled. Only `Held` passes the enable on: the
/// next module is given its address after the distribution unit has heard this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Address {
    /// It has none.
    None {
        /// How many of the four numbers it has been asked for.
        asked: u8,
    },
    /// It alone was found, and waits for its address.
    Chosen {
        /// The address that it was given.
        pending: Option<u8>,
    },
    /// It has this address, and nobody has commanded it yet.
    Given {
        /// The address.
        node: u8,
        /// Until it gives the address back.
        remaining: Duration,
    },
    /// It has this address.
    Held {
        /// The address.
        node: u8,
        /// Until it gives the address back.
        remaining: Duration,
    },
}

impl Default for Address {
    fn default() -> Self {
        Self::NONE
    }
}

impl Address {
    /// No address.
    pub const NONE: Self = Self::None { asked: 0 };

    /// The address, if it has one.
    #[must_use]
    pub const fn node(self) -> Option<u8> {
        match self {
            Self::None { .. } | Self::Chosen { .. } => None,
            Self::Given { node, .. } | Self::Held { node, .. } => Some(node),
        }
    }

    /// Whether the enable line at Link In goes on to Link Out.
    #[must_use]
    pub const fn passes_on(self) -> bool {
        matches!(self, Self::Held { .. })
    }

    /// Takes a request of the master; `lease` is how long an address holds without a command.
    pub fn on_request(
        &mut self,
        request: Request,
        link_in: bool,
        identity: &LssIdentity,
        lease: Duration,
    ) -> Option<Answer> {
        if !link_in {
            return None;
        }
        match (*self, request) {
            (Self::None { .. }, Request::Anyone) => {
                *self = Self::NONE;
                Some(Answer::Here)
            }
            (Self::None { asked }, Request::Scan { number, bit, sub, next }) => {
                let fits = sub == asked && identity.matches(sub, number, bit);
                if fits && bit == 0 && next != sub {
                    *self = Self::after(asked);
                }
                fits.then_some(Answer::Here)
            }
            (Self::Chosen { .. }, Request::Configure(node @ 1..=127)) => {
                *self = Self::Chosen { pending: Some(node) };
                Some(Answer::Taken)
            }
            (Self::Chosen { .. }, Request::Configure(_)) => Some(Answer::Refused),
            (Self::Chosen { pending }, Request::Wait) => {
                *self = pending.map_or(Self::NONE, |node| Self::Given { node, remaining: lease });
                None
            }
            (Self::Given { .. } | Self::Held { .. }, _)
            | (Self::None { .. }, Request::Configure(_) | Request::Wait)
            | (Self::Chosen { .. }, Request::Anyone | Request::Scan { .. }) => None,
        }
    }

    const fn after(asked: u8) -> Self {
        if asked + 1 >= LSS_NUMBERS {
            Self::Chosen { pending: None }
        } else {
            Self::None { asked: asked + 1 }
        }
    }

    /// A command to this address was heard: it holds for another `lease`.
    pub fn commanded(&mut self, lease: Duration) {
        if let Self::Given { node, .. } | Self::Held { node, .. } = *self {
            *self = Self::Held { node, remaining: lease };
        }
    }

    /// It holds for `least` from now on, if not for longer.
    pub fn hold_on(&mut self, least: Duration) {
        if let Self::Given { remaining, .. } | Self::Held { remaining, .. } = self {
            *remaining = (*remaining).max(least);
        }
    }

    /// Lets `elapsed` pass, with the enable line as it is; true at the moment when the address is given back.
    pub fn tick(&mut self, elapsed: Duration, link_in: bool) -> bool {
        match self {
            Self::Chosen { .. } if !link_in => *self = Self::NONE,
            Self::None { .. } | Self::Chosen { .. } => {}
            Self::Given { remaining, .. } | Self::Held { remaining, .. } => {
                *remaining = remaining.less(elapsed);
                if remaining.is_zero() {
                    *self = Self::NONE;
                    return true;
                }
            }
        }
        false
    }
}
