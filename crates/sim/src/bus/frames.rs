//! Frames that come to harm one by one: in a bad receiver, a loose plug, or a device that passes frames on.

use rand_core::Rng;
use rand_pcg::Pcg32;
use voltower_core::{Duration, Instant};
use voltower_protocols::Frame;

use super::{Delivery, Places};

/// What becomes of a frame that comes to harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameFault {
    /// A flipped bit is caught by the check sum: the frame is destroyed, and sent again.
    Destroyed,
    /// It was sent and acknowledged, and reaches no software: receive buffers were full.
    Lost,
    /// It was received, and the sender takes it for destroyed: it comes twice (ISO 11898-1, a wrong last bit).
    Doubled,
    /// It comes so much later than it was sent; those that do not may overtake it.
    Late {
        /// How much.
        by: Duration,
    },
    /// One bit of its data is flipped, and the check sum is right.
    Falsified,
}

/// The share of frames that each harm comes to, and frames on their way.
#[derive(Debug, Clone, Default)]
pub(super) struct Harm {
    destroyed: f64,
    lost: f64,
    doubled: f64,
    late: f64,
    delay: Duration,
    falsified: f64,
    /// Late ones, in the order in which they come out.
    under_way: Vec<Delivery>,
}

impl Harm {
    pub(super) fn set(&mut self, fault: FrameFault, rate: f64) {
        let place = match fault {
            FrameFault::Destroyed => &mut self.destroyed,
            FrameFault::Lost => &mut self.lost,
            FrameFault::Doubled => &mut self.doubled,
            FrameFault::Late { by } => {
                self.delay = by;
                &mut self.late
            }
            FrameFault::Falsified => &mut self.falsified,
        };
        *place = rate.clamp(0.0, 1.0);
    }

    pub(super) fn is_none(&self) -> bool {
        let rates = [self.destroyed, self.lost, self.doubled, self.late, self.falsified];
        rates.iter().all(|rate| *rate == 0.0) && self.under_way.is_empty()
    }

    /// Share of destroyed frames on a line that destroys `of_line` of them by itself.
    pub(super) fn destroyed(&self, of_line: f64) -> f64 {
        of_line + self.destroyed - of_line * self.destroyed
    }

    /// Whether the sender sends again what was received.
    pub(super) fn doubles(&self, dice: &mut Pcg32) -> bool {
        falls(dice, self.doubled)
    }

    /// What comes out at the other end now; none if it comes later.
    pub(super) fn pass(&mut self, mut delivery: Delivery, dice: &mut Pcg32) -> Option<Delivery> {
        if falls(dice, self.lost) {
            delivery.heard_by = Places::NONE;
        }
        if falls(dice, self.falsified) {
            delivery.frame = flipped(&delivery.frame, dice);
        }
        if !falls(dice, self.late) {
            return Some(delivery);
        }
        delivery.at = delivery.at + self.delay;
        let behind = self.under_way.partition_point(|other| other.at <= delivery.at);
        self.under_way.insert(behind, delivery);
        None
    }

    /// The late one that comes out until then.
    pub(super) fn out(&mut self, until: Instant) -> Option<Delivery> {
        let is_due = self.under_way.first().is_some_and(|delivery| delivery.at <= until);
        is_due.then(|| self.under_way.remove(0))
    }
}

/// Draws nothing where nothing can happen.
pub(super) fn falls(dice: &mut Pcg32, rate: f64) -> bool {
    rate > 0.0 && f64::from(dice.next_u32()) < rate * 4_294_967_296.0
}

fn flipped(frame: &Frame, dice: &mut Pcg32) -> Frame {
    let mut data = frame.data().to_vec();
    let bits = 8 * data.len() as u32;
    if bits == 0 {
        return *frame;
    }
    let bit = dice.next_u32() % bits;
    data[bit as usize / 8] ^= 1 << (bit % 8);
    Frame::new(frame.id(), &data).unwrap_or(*frame)
}
