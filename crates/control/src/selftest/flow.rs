//! Control flow: whether a sample has gone through all of its phases, each once and in order.

/// A phase of a controller's sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Module: readings, protection, limits.
    Assess,
    /// Module: the next state.
    Decide,
    /// Module: converter and pins.
    Act,
    /// Module: process data.
    Talk,
    /// Unit: time passes in everything that listens.
    Listen,
    /// Unit: what there is to know.
    Analyse,
    /// Unit: the next state.
    Proceed,
    /// Unit: what is wrong.
    Judge,
    /// Unit: who carries the power.
    Share,
    /// Unit: what people see.
    Show,
    /// Unit: frames.
    Tell,
}

impl Phase {
    /// Numbers that differ in many bits, so that no small slip turns one into another (ours: 1 to 11 times 2^32
    /// divided by the golden ratio).
    const fn number(self) -> u32 {
        (self as u32 + 1).wrapping_mul(0x9E37_79B9)
    }
}

/// Signature of the phases that a sample has gone through so far.
///
/// ```text
///   0 --assess--> s1 --decide--> s2 --act--> s3 --talk--> s4 = expected: close says true, and all begins anew
///                  \--act (decide was left out)--> another one ----------> close says false
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Signature(u32);

impl Signature {
    /// A phase has come to its end.
    #[inline]
    pub const fn pass(&mut self, phase: Phase) {
        *self = self.after(phase);
    }

    /// Turned before the number is added, so that the order counts.
    const fn after(self, phase: Phase) -> Self {
        Self(self.0.rotate_left(5).wrapping_add(phase.number()))
    }

    /// The signature of all of `phases` in order.
    #[must_use]
    pub const fn of(mut phases: &[Phase]) -> Self {
        let mut signature = Self(0);
        while let [phase, rest @ ..] = phases {
            signature = signature.after(*phase);
            phases = rest;
        }
        signature
    }

    /// The sample is over: whether it went as it must. Begins anew.
    #[inline]
    #[must_use]
    pub fn close(&mut self, expected: Self) -> bool {
        core::mem::take(self) == expected
    }
}
