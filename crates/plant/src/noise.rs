//! A small random number generator for measurement noise: PCG32, seeded, the same on every machine.

/// PCG32 (O'Neill, XSH-RR), one stream per source of noise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Noise {
    state: u64,
    stream: u64,
}

impl Noise {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut noise = Self { state: 0, stream: (stream << 1) | 1 };
        noise.bits();
        noise.state = noise.state.wrapping_add(seed);
        noise.bits();
        noise
    }

    pub(crate) fn bits(&mut self) -> u32 {
        let old = self.state;
        self.state = old.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(self.stream);
        let shifted = (((old >> 18) ^ old) >> 27) as u32;
        shifted.rotate_right((old >> 59) as u32)
    }

    /// Roughly normal, mean 0, standard deviation 1: a sum of four uniforms from one draw, never beyond 3.5.
    pub(crate) fn normal(&mut self) -> f64 {
        let bits = self.bits();
        let sum = (bits & 0xFF) + ((bits >> 8) & 0xFF) + ((bits >> 16) & 0xFF) + (bits >> 24);
        // Four uniforms on 0..=255: mean 510, variance 4 * (256^2 - 1) / 12.
        (f64::from(sum) - 510.0) * (1.0 / 147.799_86)
    }

    /// Even between -1 and 1.
    pub(crate) fn even(&mut self) -> f64 {
        f64::from(self.bits()) * (2.0 / 4_294_967_295.0) - 1.0
    }
}
