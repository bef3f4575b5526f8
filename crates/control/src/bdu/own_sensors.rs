//! The BDU's own sensors, judged by the modules and by each other: one that is wrong is named, and read no more.
//!
//! What the modules agree on is believed. Against a single module the BDU's other voltages decide: who stands alone is
//! wrong. A current is compared with the sum of the modules', each of which must fit its own pack.

use voltower_core::values::{
    OWN_SENSOR_BUS, OWN_SENSOR_CALM, OWN_SENSOR_CURRENT, OWN_SENSOR_DIFFERENCE, OWN_SENSOR_TIME,
};
use voltower_core::{BduSensor, Duration, MilliAmps, MilliVolts};

use super::debounce::{Debounce, Rule};
use crate::io::BduSample;

pub(super) const WRONG: Rule = Rule { samples: 5, time: OWN_SENSOR_TIME, latched: true };

/// What all modules that are heard have said of the bus since they were asked last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Testimony {
    /// Bus voltage that most of them measure, and how many agree; none if they contradict each other.
    pub(super) bus: Option<(MilliVolts, usize)>,
    /// Sum of their currents, if each fits its own pack and nobody is missing.
    pub(super) current: Option<MilliAmps>,
}

/// What a difference of the voltages before and after the fuse says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum AcrossFuse {
    /// The fuse is open.
    Telling,
    /// One of the two is read wrongly.
    Misread,
    /// No module says which of them is right.
    Unknown,
}

/// Where a reading was between two testimonies: it moves faster than modules report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Span {
    low: i32,
    high: i32,
}

impl Span {
    const fn at(value: i32) -> Self {
        Self { low: value, high: value }
    }

    fn with(self, value: i32) -> Self {
        Self { low: self.low.min(value), high: self.high.max(value) }
    }

    /// What must be added to the reading for it to have been there; 0 if it was.
    fn error(self, value: i32) -> i32 {
        value.saturating_sub(self.high).max(0).saturating_sub(self.low.saturating_sub(value).max(0))
    }
}

/// How a sensor looks in one testimony.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Looks {
    /// It agrees, where that proves something.
    Right,
    /// It stands alone.
    Wrong,
    /// There is nothing to tell it by.
    Open,
}

/// Whether a sensor is believed.
///
/// ```text
///                 looks wrong for 2 s                    looks right for 10 s
///  Believed ---------------------------------> Wrong{} ------------------------> Believed
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
struct Belief {
    wrong: Debounce,
    /// It looks right since.
    calm: Duration,
}

impl Belief {
    fn step(&mut self, looks: Looks, elapsed: Duration) {
        match looks {
            Looks::Wrong => {
                self.wrong.step(true, elapsed, WRONG);
                self.calm = Duration::ZERO;
            }
            Looks::Right => {
                self.calm = self.calm + elapsed;
                if !self.wrong.step(false, elapsed, WRONG) || self.calm >= OWN_SENSOR_CALM {
                    *self = Self::default();
                }
            }
            Looks::Open => {}
        }
    }

    const fn is_wrong(self) -> bool {
        self.wrong.is_raised()
    }
}

/// All sensors of the BDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) struct OwnSensors {
    beliefs: [Belief; BduSensor::ALL.len()],
    spans: Option<[Span; BduSensor::ALL.len()]>,
    /// Since the last testimony.
    since: Duration,
    /// What the modules said last, as long as it is not too old.
    bus: Option<MilliVolts>,
    voters: usize,
    current: Option<MilliAmps>,
    /// What was missing to the voltage before the fuse then.
    missing: MilliVolts,
    /// The modules have spoken lately.
    heard: bool,
    /// One of the voltages before and after the fuse stood alone then.
    misread: bool,
}

const fn readings(sample: &BduSample) -> [i32; BduSensor::ALL.len()] {
    [sample.before_fuse.0, sample.after_fuse.0, sample.outside.0, sample.current.0]
}

fn are_near(one: MilliVolts, other: MilliVolts) -> bool {
    (one - other).abs() <= OWN_SENSOR_DIFFERENCE
}

impl OwnSensors {
    /// Takes one sample, and what the modules have said meanwhile, if all have.
    pub(super) fn step(&mut self, sample: &BduSample, said: Option<&Testimony>, elapsed: Duration) {
        self.since = self.since + elapsed;
        let now = readings(sample);
        let mut spans = self.spans.unwrap_or(now.map(Span::at));
        spans.iter_mut().zip(now).for_each(|(span, value)| *span = span.with(value));
        self.spans = Some(spans);
        if let Some(said) = said {
            self.judge(sample, said, spans);
            self.spans = Some(now.map(Span::at));
            self.since = Duration::ZERO;
        } else if self.since >= OWN_SENSOR_TIME.max(elapsed + elapsed) {
            self.forget();
        }
    }

    /// Nobody says anything: what is held wrong stays so, and nothing is made up for it.
    fn forget(&mut self) {
        *self = Self { beliefs: self.beliefs, ..Self::default() };
    }

    /// An operator has looked.
    pub(super) fn forgive(&mut self) {
        *self = Self::default();
    }

    fn judge(&mut self, sample: &BduSample, said: &Testimony, spans: [Span; BduSensor::ALL.len()]) {
        let [before, after, outside, current] = spans;
        (self.bus, self.voters) = said.bus.map_or((None, 0), |(bus, voters)| (Some(bus), voters));
        self.current = said.current;
        let looks = match self.bus {
            Some(bus) => Look::of(sample, bus, self.voters, [before, after, outside]).looks(),
            None => [Looks::Open; 3],
        };
        self.heard = true;
        self.misread = looks.iter().take(2).any(|looks| *looks == Looks::Wrong);
        self.missing = match self.bus {
            Some(bus) if self.voters > 1 || looks.first() == Some(&Looks::Wrong) => {
                MilliVolts(before.error(bus.0))
            }
            Some(_) | None => MilliVolts::ZERO,
        };
        // A bus that is not held is fed through the diodes of the converters, which they do not measure.
        let is_held = self.bus.is_some_and(|bus| bus >= OWN_SENSOR_BUS);
        let counted = self.current.filter(|_| is_held);
        let of_current = counted.map_or(Looks::Open, |sum| look_at_current(sum, current));
        let looks = looks.into_iter().chain([of_current]);
        let since = self.since;
        self.beliefs.iter_mut().zip(looks).for_each(|(belief, looks)| belief.step(looks, since));
    }

    /// Whether a difference of the voltages across the fuse is the fuse's. Behind a DC switch that is open nothing
    /// tells a fuse from a voltage that is read wrongly.
    pub(super) fn across_fuse(&self, sample: &BduSample) -> AcrossFuse {
        match (self.heard && sample.dc_switch_closed, self.misread) {
            (false, _) => AcrossFuse::Unknown,
            (true, true) => AcrossFuse::Misread,
            (true, false) => AcrossFuse::Telling,
        }
    }

    /// What the modules' currents make together, as told last.
    pub(super) const fn current(&self) -> Option<MilliAmps> {
        self.current
    }

    /// The first that is read wrongly.
    pub(super) fn wrong(&self) -> Option<BduSensor> {
        BduSensor::ALL.into_iter().find(|sensor| self.is_wrong(*sensor))
    }

    fn is_wrong(&self, sensor: BduSensor) -> bool {
        let of = BduSensor::ALL.into_iter().zip(self.beliefs).find(|(one, _)| *one == sensor);
        of.is_some_and(|(_, belief)| belief.is_wrong())
    }

    /// The sample as it is to be used: what a sensor that is wrong should have read, as far as others know it.
    pub(super) fn mended(&self, sample: &BduSample) -> BduSample {
        let [before, after, outside, current] = BduSensor::ALL.map(|sensor| !self.is_wrong(sensor));
        let closed = sample.dc_switch_closed;
        let said = self.bus.map(|_| sample.before_fuse + self.missing);
        let of_before = before.then_some(sample.before_fuse).or(said);
        let of_after = after.then_some(sample.after_fuse);
        let of_outside = (outside || !closed).then_some(sample.outside);
        let joined = of_outside.filter(|_| closed);
        BduSample {
            before_fuse: of_before.or(of_after).unwrap_or(sample.before_fuse),
            after_fuse: of_after.or(joined).or(of_before).unwrap_or(sample.after_fuse),
            outside: of_outside.or(of_after).or(of_before).unwrap_or(sample.outside),
            current: self.current.filter(|_| !current).unwrap_or(sample.current),
            ..*sample
        }
    }

    /// Where the bus is for modules that are compared with it, of a sample that was [mended](Self::mended): what they
    /// agree on counts more than one divider.
    pub(super) fn reference(&self, mended: &BduSample) -> MilliVolts {
        let known = self.is_wrong(BduSensor::BeforeFuse);
        mended.before_fuse + if known { MilliVolts::ZERO } else { self.missing }
    }
}

/// The BDU's voltages against the modules', in one testimony.
struct Look {
    closed: bool,
    /// At least two modules say the same.
    agreed: bool,
    live: bool,
    /// Before and after the fuse, and outside, were where the modules are.
    fits: [bool; 3],
    /// Before and after the fuse are the same, and so are both sides of the switch.
    across_fuse: bool,
    across_switch: bool,
}

impl Look {
    fn of(sample: &BduSample, bus: MilliVolts, voters: usize, spans: [Span; 3]) -> Self {
        Self {
            closed: sample.dc_switch_closed,
            agreed: voters > 1,
            live: bus >= OWN_SENSOR_BUS,
            fits: spans.map(|span| MilliVolts(span.error(bus.0)).abs() <= OWN_SENSOR_DIFFERENCE),
            across_fuse: are_near(sample.before_fuse, sample.after_fuse),
            across_switch: are_near(sample.after_fuse, sample.outside),
        }
    }

    fn looks(&self) -> [Looks; 3] {
        let [before, after, outside] = self.fits;
        [
            self.told(before, self.before(after, outside)),
            self.told(after, self.after()),
            self.outside(outside, after),
        ]
    }

    const fn told(&self, fits: bool, is_wrong: bool) -> Looks {
        match (fits, is_wrong) {
            (true, _) if self.live => Looks::Right,
            (false, true) => Looks::Wrong,
            (_, _) => Looks::Open,
        }
    }

    /// The modules agree on another voltage, or one module and what is behind the fuse do.
    const fn before(&self, after: bool, outside: bool) -> bool {
        self.agreed || after || outside && self.closed
    }

    /// A fuse that is open leaves it at the voltage outside: then nothing tells. One module alone may be loose.
    const fn after(&self) -> bool {
        if self.across_fuse { self.agreed } else { self.closed && !self.across_switch }
    }

    /// A switch that is closed joins it to what is inside.
    const fn outside(&self, fits: bool, after: bool) -> Looks {
        let is_wrong =
            if self.across_switch { self.agreed && self.across_fuse } else { after || self.across_fuse };
        if self.closed { self.told(fits, is_wrong) } else { Looks::Open }
    }
}

/// No current proves nothing: a wire that is off reads zero as well.
fn look_at_current(sum: MilliAmps, read: Span) -> Looks {
    if MilliAmps(read.error(sum.0)).abs() > OWN_SENSOR_CURRENT {
        Looks::Wrong
    } else if sum.abs() > OWN_SENSOR_CURRENT {
        Looks::Right
    } else {
        Looks::Open
    }
}
