//! The tower's place on COM: first or second battery, and whether another one claims it too.

use voltower_core::Duration;
use voltower_core::values::COM_LISTEN;
use voltower_protocols::Frame;
use voltower_protocols::sofar::{self, BatteryId, Grid, Message, Packet};

/// Place and conflict.
///
/// The strap of the COM cable says *second*; a cable that breaks later does not make the tower the first one. A tower
/// that wakes listens before it speaks: whoever has its address already keeps it, the newcomer says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Com {
    is_second: bool,
    inverter_heard: bool,
    grid: Grid,
    own_heard: bool,
    is_conflict: bool,
    /// Until it may speak.
    listens: Duration,
}

impl Com {
    /// Wakes: forgets its place, and listens first.
    #[must_use]
    pub fn waking() -> Self {
        Self { listens: COM_LISTEN, ..Self::default() }
    }

    /// Acceptance filter: the inverter, or a battery with our own address.
    #[must_use]
    pub fn accepts(&self, frame: &Frame) -> bool {
        sofar::is_from_inverter(frame) || self.is_own(frame)
    }

    fn is_own(&self, frame: &Frame) -> bool {
        Packet::new_checked(frame).is_ok_and(|packet| packet.battery() == self.battery())
    }

    /// Takes a frame that another device has sent.
    pub fn hear(&mut self, frame: &Frame) {
        if sofar::is_from_inverter(frame) {
            self.inverter_heard = true;
            if let Ok((_, Message::Inquiry(inquiry))) = Message::from_frame(frame) {
                self.grid = inquiry.grid;
            }
        } else if self.is_own(frame) {
            self.own_heard = true;
        }
    }

    /// Takes one sample period, with the strap as it is; whether the inverter was heard in it.
    pub fn step(&mut self, strap: bool, elapsed: Duration) -> bool {
        let own_heard = core::mem::take(&mut self.own_heard);
        if strap && !self.is_second {
            // What was heard meant another address.
            self.is_second = true;
        } else {
            self.is_conflict |= own_heard;
        }
        self.listens = self.listens.less(elapsed);
        core::mem::take(&mut self.inverter_heard)
    }

    /// A person has looked.
    pub fn forgive(&mut self) {
        self.is_conflict = false;
        self.listens = COM_LISTEN;
    }

    /// Which battery of the inverter this tower is.
    #[must_use]
    pub const fn battery(&self) -> BatteryId {
        if self.is_second { BatteryId::SECOND } else { BatteryId::FIRST }
    }

    /// What the inverter said last of the grid.
    #[must_use]
    pub const fn grid(&self) -> Grid {
        self.grid
    }

    /// This is the second tower of the network.
    #[must_use]
    pub const fn is_second(&self) -> bool {
        self.is_second
    }

    /// Another device has this tower's address.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        self.is_conflict
    }

    /// It may speak.
    #[must_use]
    pub const fn may_speak(&self) -> bool {
        self.listens.is_zero() && !self.is_conflict
    }
}
