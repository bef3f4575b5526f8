//! A device on COM that does not belong there: a gateway gone wrong, or somebody with a cable.

use rand_core::{Rng, SeedableRng};
use rand_pcg::Pcg32;
use voltower_core::Duration;
use voltower_protocols::Frame;
use voltower_protocols::can::ExtendedId;
use voltower_protocols::sofar::{
    BatteryId, Grid, INQUIRY, Inquiry, LIMITS, MEASURED, Message, REQUEST, STATE,
};

use crate::bus::{Delivery, SERVICE_TOOL};

/// Frames that it remembers (ours: a few seconds of a COM bus).
const REMEMBERED: usize = 64;
/// From one frame of nonsense, or repeated one, to the next (ours: some forty times what a battery says).
const PAUSE: Duration = Duration::millis(5);
/// Of a flood, in a millisecond: a little more than fit the wire, at 320 us each.
const FLOOD_PER_MILLISECOND: u64 = 4;
/// At most so many of them wait at a time.
const FLOOD_MAX: u64 = 24;
/// Tells its dice from those of others.
const SEED: u64 = 0x1B;

/// What it does, and what it has heard.
#[derive(Debug, Clone)]
pub(crate) struct Intruder {
    /// Sends inquiries like the inverter's without a pause.
    pub(crate) floods: bool,
    /// Sends the family's identifiers with any contents.
    pub(crate) talks_nonsense: bool,
    /// Sends again what others have sent.
    pub(crate) replays: bool,
    heard: Vec<Frame>,
    written: usize,
    waited: Duration,
    dice: Pcg32,
}

impl Intruder {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            floods: false,
            talks_nonsense: false,
            replays: false,
            heard: Vec::new(),
            written: 0,
            waited: Duration::ZERO,
            dice: Pcg32::seed_from_u64(seed ^ SEED),
        }
    }

    /// It listens always: what it repeats may be older than the trouble.
    pub(crate) fn hear(&mut self, delivery: &Delivery) {
        if delivery.from.contains(SERVICE_TOOL) {
            return;
        }
        match self.heard.get_mut(self.written) {
            Some(place) => *place = delivery.frame,
            None => self.heard.push(delivery.frame),
        }
        self.written = (self.written + 1) % REMEMBERED;
    }

    /// What it sends in a tick.
    pub(crate) fn step(&mut self, elapsed: Duration, mut send: impl FnMut(Frame)) {
        if self.floods {
            let count = (elapsed.0 * FLOOD_PER_MILLISECOND / 1000).clamp(1, FLOOD_MAX);
            let inquiry =
                Message::Inquiry(Inquiry { page: 0, pack: 0, grid: Grid::Untold }).to_frame(BatteryId::FIRST);
            (0..count).for_each(|_| send(inquiry));
        }
        if !self.talks_nonsense && !self.replays {
            return;
        }
        self.waited = (self.waited + elapsed).min(Duration(PAUSE.0 * FLOOD_MAX));
        while self.waited >= PAUSE {
            self.waited = self.waited.less(PAUSE);
            if self.talks_nonsense {
                send(self.nonsense());
            }
            let one = self.dice.next_u32() as usize % REMEMBERED;
            if let Some(frame) = self.heard.get(one).filter(|_| self.replays) {
                send(*frame);
            }
        }
    }

    /// An identifier of the family, and any number of any bytes.
    fn nonsense(&mut self) -> Frame {
        let bases = [LIMITS, STATE, MEASURED, REQUEST, INQUIRY];
        let base = bases[self.dice.next_u32() as usize % bases.len()];
        let id = ExtendedId::new(base | (self.dice.next_u32() % 3) << 12).unwrap_or(ExtendedId::ZERO);
        let bytes = self.dice.next_u64().to_le_bytes();
        let length = self.dice.next_u32() as usize % 9;
        Frame::new(id, &bytes[..length]).unwrap_or(Frame::full(id, bytes))
    }
}
