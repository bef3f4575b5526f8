//! The cable: its pieces, its terminal resistors, and the wire that runs beside the CAN pair.

use voltower_core::MilliOhms;

use super::places::{PLACES, Place, Places, SECOND_UNIT};
use super::termination::{Line, frame_error_rate};
use super::timing::BIT_RATE;

/// A terminal resistor (manual 3.1: 120 ohm).
const RESISTOR_MILLIOHMS: u32 = 120_000;

#[derive(Debug, Clone)]
pub(super) struct Cable {
    nodes: usize,
    /// Length of a piece between two neighbours, in metres.
    piece: f64,
    /// Places behind which the whole cable is cut, and those behind which only the wire beside the pair is.
    cuts: Places,
    enable_cuts: Places,
    /// Places after the first that nobody has taken: the first cable leads past them.
    absent: usize,
    resistors: [u8; PLACES],
}

/// Nodes that are joined by whole cable, from the first to the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Segment {
    pub(super) first: Place,
    last: Place,
    members: Places,
}

impl Segment {
    pub(super) fn members(self) -> Places {
        self.members
    }
}

impl Cable {
    /// Whole, and terminated at its two ends.
    pub(super) fn new(nodes: usize, piece: f64) -> Self {
        debug_assert!((1..=SECOND_UNIT).contains(&nodes), "{nodes} nodes");
        let mut resistors = [0; PLACES];
        resistors[0] = 1;
        resistors[nodes - 1] += u8::from(nodes > 1);
        Self { nodes, piece, cuts: Places::NONE, enable_cuts: Places::NONE, absent: 0, resistors }
    }

    pub(super) fn nodes(&self) -> Places {
        Places::first_ones(self.nodes).without(self.nobody())
    }

    pub(super) fn set_absent(&mut self, count: usize) {
        self.absent = count.min(self.nodes - 1);
    }

    fn nobody(&self) -> Places {
        Places::first_ones(self.absent + 1).without(Places::of(0))
    }

    /// Where a cable ends, of these cuts: one past absent places is one cable, cut wherever one of its pieces would be.
    fn gaps(&self, cuts: Places) -> Places {
        let first = Places::first_ones(self.absent + 1);
        let mut gaps = cuts.without(first);
        gaps.set(self.absent, !cuts.and(first).is_empty());
        gaps
    }

    pub(super) fn set_whole(&mut self, place: Place, whole: bool) {
        self.cuts.set(place, !whole);
    }

    pub(super) fn set_enable_whole(&mut self, place: Place, whole: bool) {
        self.enable_cuts.set(place, !whole);
    }

    /// Whether the wire beside the pair leads from `place` to the next one.
    pub(super) fn enable_whole(&self, place: Place) -> bool {
        !self.gaps(self.cuts.or(self.enable_cuts)).contains(place)
    }

    pub(super) fn set_resistors(&mut self, place: Place, count: u8) {
        if let Some(resistors) = self.resistors.get_mut(place) {
            *resistors = count;
        }
    }

    pub(super) fn connected(&self, a: Place, b: Place) -> bool {
        let (a, b) = (socket(a), socket(b));
        let between = Places::first_ones(a.max(b)).without(Places::first_ones(a.min(b)));
        self.gaps(self.cuts).and(between).is_empty()
    }

    /// The piece of cable that `place` hangs on.
    pub(super) fn segment(&self, place: Place) -> Segment {
        let place = socket(place);
        let gaps = self.gaps(self.cuts);
        let first = (0..place).rfind(|before| gaps.contains(*before)).map_or(0, |before| before + 1);
        let end = self.nodes.saturating_sub(1).max(place);
        let last = (place..end).find(|after| gaps.contains(*after)).unwrap_or(end);
        let members = Places::first_ones(last + 1).without(Places::first_ones(first)).without(self.nobody());
        Segment { first, last, members }
    }

    pub(super) fn loop_resistance(&self) -> Option<MilliOhms> {
        let count: u32 = self.resistors(self.segment(0)).into_iter().map(u32::from).sum();
        (count > 0).then(|| MilliOhms(RESISTOR_MILLIOHMS / count))
    }

    pub(super) fn frame_error_rate(&self, segment: Segment) -> f64 {
        let pieces = segment.members.iter().count().saturating_sub(1);
        let line = Line {
            resistors: self.resistors(segment),
            length: self.piece * pieces as f64,
            nodes: pieces + 1,
        };
        frame_error_rate(&line, BIT_RATE)
    }

    /// At the first place, and at all others: nobody puts one into the middle of a cable.
    fn resistors(&self, segment: Segment) -> [u8; 2] {
        let others = self.resistors.get(segment.first + 1..=segment.last).unwrap_or_default();
        [self.resistors[segment.first], others.iter().sum()]
    }
}

/// Where a node is plugged in.
const fn socket(place: Place) -> Place {
    if place >= SECOND_UNIT { 0 } else { place }
}
