//! Cables by gauge and length.

/// Resistivity of annealed copper at 20 degC, ohm m (IEC 60028).
const COPPER: f64 = 1.7241e-8;

/// A pair of copper conductors, or one with its way back.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cable {
    /// American wire gauge of the conductor: 10 is 5.26 mm2.
    pub awg: u8,
    /// Length of one conductor, m.
    pub length: f64,
}

impl Cable {
    /// Resistance of one conductor at 20 degC, ohm/m: a solid wire of the gauge's diameter, which is 0.127 mm times
    /// 92 to the power of (36 - gauge) / 39 (ASTM B258).
    #[must_use]
    pub fn ohms_per_metre(self) -> f64 {
        let diameter = 0.127e-3 * libm::pow(92.0, (36.0 - f64::from(self.awg)) / 39.0);
        COPPER / (core::f64::consts::FRAC_PI_4 * diameter * diameter)
    }

    /// Resistance of one conductor, ohm.
    #[must_use]
    pub fn one_way(self) -> f64 {
        self.ohms_per_metre() * self.length.max(0.0)
    }

    /// Resistance there and back, ohm.
    #[must_use]
    pub fn both_ways(self) -> f64 {
        2.0 * self.one_way()
    }
}
