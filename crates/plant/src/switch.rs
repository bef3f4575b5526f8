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
