//! A switch that does what it is told: at once, or late.

/// Times are sums of steps: a switch that is due within this is due, s.
const DUE: f64 = 1e-9;

/// A relay, a MOSFET or a DC switch.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Switch {
    closed: bool,
    waited: f64,
}

impl Switch {
    pub(crate) fn new(closed: bool) -> Self {
        Self { closed, waited: 0.0 }
    }

    /// At the beginning of a step of `dt` seconds: whether it conducts in it. It obeys after `delay` seconds, and
    /// forgets an order that is taken back before.
    pub(crate) fn follow(&mut self, wanted: bool, delay: f64, dt: f64) -> bool {
        if wanted == self.closed {
            self.waited = 0.0;
        } else if self.waited + DUE >= delay {
            self.closed = wanted;
            self.waited = 0.0;
        } else {
            self.waited += dt;
        }
        self.closed
    }
}

/// Contacts that jump when they close.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bounce {
    closed: bool,
    left: f64,
    apart: bool,
}

impl Bounce {
    /// Whether contacts that are driven `closed` touch in a step of `dt` seconds, when they jump for `seconds` after
    /// they have closed: they part in every other step.
    pub(crate) fn touch(&mut self, closed: bool, seconds: f64, dt: f64) -> bool {
        if closed && !self.closed {
            (self.left, self.apart) = (seconds, true);
        }
        self.closed = closed;
        if !closed || self.left <= DUE {
            return closed;
        }
        self.left -= dt;
        self.apart = !self.apart;
        !self.apart
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts_that_jump_part_in_every_other_step_and_then_stay() {
        let mut bounce = Bounce::default();
        let mut steps = |closed: bool, count: usize| -> Vec<bool> {
            (0..count).map(|_| bounce.touch(closed, 0.04, 0.01)).collect()
        };
        assert_eq!(steps(true, 6), [true, false, true, false, true, true]);
        assert_eq!(steps(false, 2), [false, false]);
        assert_eq!(steps(true, 3), [true, false, true], "each time anew");
    }
}
