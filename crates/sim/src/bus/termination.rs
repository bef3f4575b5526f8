//! How many frames a line destroys, by its termination, its length and the bit rate.
//!
//! A model of our own, of two ways in which a bit is read wrong at the sample point.
//!
//! **A dominant bit is too low.** Driver and line are a divider: the more resistors, the lower the level. The
//! worst pair sits at the two ends, with the copper of the whole line between them.
//!
//! **A recessive bit has not fallen yet.** Nobody drives it; the resistors discharge the nodes. On a matched
//! line that is all, because the capacitance of the line itself is what makes its wave run at its speed. At
//! an end that does not match, a part of the edge comes back: it settles only after a round trip, and then
//! charges the line as well.
//!
//! Noise is a current into the pair (the converters next to it switch hundreds of volts), so its voltage
//! grows with the resistance of the line. It is why a single resistor costs frames even on a short line,
//! where edges have all the time.

/// Characteristic impedance, and what a terminal resistor has (ISO 11898-2), in ohm.
const IMPEDANCE: f64 = 120.0;
/// Differential resistance of a node's receiver, in ohm (ISO 11898-2: 10 to 100 kohm; ours in between).
const RECEIVER: f64 = 30_000.0;
/// Capacitance of a node, in farad (ISO 11898-2 wants it low; data sheets of transceivers with protection:
/// about 100 pF).
const NODE_CAPACITANCE: f64 = 100e-12;
/// Capacitance of the line, in farad a metre (usual for 120 ohm cable).
const LINE_CAPACITANCE: f64 = 50e-12;
/// Copper of both wires, in ohm a metre (ISO 11898-2: 70 mohm a metre of one wire).
const COPPER: f64 = 0.14;
/// How long a wave takes, in seconds a metre (ISO 11898-2: 5 ns/m).
const PROPAGATION: f64 = 5e-9;
/// From a node's transmit pin over the wire back to its receive pin, in seconds (ISO 11898-2: at most 255 ns;
/// ours as usual).
const TRANSCEIVER_LOOP: f64 = 200e-9;
/// Where in the bit it is sampled (CiA 301 recommends 87.5 %).
const SAMPLE_POINT: f64 = 0.875;

/// Inner resistance of a driver, in ohm (ours).
const DRIVER: f64 = 36.0;
/// Open voltage of the usual and of the weakest driver: 2.0 V and 1.5 V at 60 ohm (ISO 11898-2: typical and
/// least).
const DRIVER_OPEN: f64 = 3.2;
/// See [`DRIVER_OPEN`].
const DRIVER_OPEN_WEAK: f64 = 2.4;
/// From this differential voltage on every receiver reads dominant (ISO 11898-2), in volts.
const DOMINANT: f64 = 0.9;
/// Up to this one every receiver reads recessive (ISO 11898-2), in volts.
const RECESSIVE: f64 = 0.5;
/// Noise in amperes, standard deviation (ours: an eighth of the recessive margin at 60 ohm).
const NOISE: f64 = RECESSIVE / 8.0 / 60.0;
/// Bits of a frame that all have to be right (ours: a standard frame of eight bytes with some stuffing).
const BITS: f64 = 120.0;
/// Rarer than this is never (ours: at full load a frame in three days), so that a sound bus needs no dice.
const NEVER: f64 = 1e-9;

/// A piece of line in one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Terminal resistors of 120 ohm at its two ends.
    pub resistors: [u8; 2],
    /// Length in metres.
    pub length: f64,
    /// Nodes on it.
    pub nodes: usize,
}

/// Share of frames that the line destroys, 0 to 1, at so many bits a second; below 1e-9 it is exactly 0.
#[must_use]
pub fn frame_error_rate(line: &Line, bit_rate: f64) -> f64 {
    let noise = NOISE * line.resistance();
    let dominant = tail((line.dominant_level() - DOMINANT) / noise);
    let recessive = tail((RECESSIVE - line.recessive_rest(bit_rate)) / noise);
    let bit = 0.5 * (dominant + recessive);
    let frame = -libm::expm1(BITS * libm::log1p(-bit));
    if frame < NEVER { 0.0 } else { frame }
}

impl Line {
    /// What stands at each end: its resistors, beside half of the receivers.
    fn ends(&self) -> [f64; 2] {
        let receivers = self.nodes.max(1) as f64 / (2.0 * RECEIVER);
        self.resistors.map(|count| 1.0 / (f64::from(count) / IMPEDANCE + receivers))
    }

    fn resistance(&self) -> f64 {
        let [near, far] = self.ends();
        parallel(near, far)
    }

    /// Volts at the far end while the weakest driver drives from the other one; the worse direction.
    fn dominant_level(&self) -> f64 {
        let [one, other] = self.ends();
        let copper = COPPER * self.length;
        let towards = |near: f64, far: f64| {
            let load = parallel(near, far + copper);
            DRIVER_OPEN_WEAK * load / (load + DRIVER) * far / (far + copper)
        };
        towards(one, other).min(towards(other, one))
    }

    /// Volts that are left at the sample point of a recessive bit after a dominant one.
    fn recessive_rest(&self, bit_rate: f64) -> f64 {
        let resistance = self.resistance();
        let level = DRIVER_OPEN * resistance / (resistance + DRIVER);
        let trip = 2.0 * PROPAGATION * self.length;
        // In arbitration and in the acknowledge slot the others' bits must have come all the way.
        let time = SAMPLE_POINT / bit_rate - trip - 2.0 * TRANSCEIVER_LOOP;
        let nodes = NODE_CAPACITANCE * self.nodes as f64;
        let left = |time: f64, farad: f64| libm::exp(-time.max(0.0) / (resistance * farad));
        let echo = self.echo();
        level
            * ((1.0 - echo) * left(time, nodes)
                + echo * left(time - trip, nodes + LINE_CAPACITANCE * self.length))
    }

    /// The part of a wave that the worse end sends back.
    fn echo(&self) -> f64 {
        let at = |end: f64| ((end - IMPEDANCE) / (end + IMPEDANCE)).abs();
        let [near, far] = self.ends();
        at(near).max(at(far))
    }
}

fn parallel(a: f64, b: f64) -> f64 {
    a * b / (a + b)
}

/// Probability that noise goes beyond so many standard deviations.
fn tail(margin: f64) -> f64 {
    0.5 * libm::erfc(margin * core::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [u8; 2] = [1, 1];
    const ONE: [u8; 2] = [1, 0];
    const NEITHER: [u8; 2] = [0, 0];
    const DOUBLED: [u8; 2] = [1, 2];

    fn rate(resistors: [u8; 2], length: f64, kilobits: f64) -> f64 {
        frame_error_rate(&Line { resistors, length, nodes: 6 }, kilobits * 1000.0)
    }

    /// What people know of such buses: lengths of CiA 301's table run, a tower lives with one resistor and
    /// not without any.
    #[test]
    fn frames_are_destroyed_as_termination_length_and_rate_have_it() {
        for (resistors, length, kilobits, least, most) in [
            (BOTH, 2.5, 500.0, 0.0, 0.0),
            (BOTH, 60.0, 500.0, 0.0, 0.0),
            (BOTH, 100.0, 500.0, 0.0, 0.0),
            (BOTH, 25.0, 1000.0, 0.0, 0.0),
            (BOTH, 150.0, 500.0, 0.9, 1.0),
            (BOTH, 60.0, 1000.0, 0.9, 1.0),
            (ONE, 2.5, 500.0, 1e-4, 0.02),
            (ONE, 30.0, 500.0, 0.02, 0.5),
            (ONE, 60.0, 500.0, 0.99, 1.0),
            (ONE, 60.0, 125.0, 1e-4, 0.02),
            (NEITHER, 2.5, 500.0, 0.99, 1.0),
            (NEITHER, 0.5, 125.0, 0.99, 1.0),
            (DOUBLED, 2.5, 500.0, 0.0, 1e-9),
            (DOUBLED, 60.0, 500.0, 0.0, 1e-6),
            (DOUBLED, 80.0, 500.0, 0.9, 1.0),
        ] {
            let rate = rate(resistors, length, kilobits);
            let said = format!("{resistors:?} over {length} m at {kilobits} kbit/s: {rate:e}");
            assert!((least..=most).contains(&rate), "{said}");
        }
    }

    #[test]
    fn either_end_may_be_the_one_that_lacks_its_resistor() {
        assert_eq!(rate([0, 1], 2.5, 500.0), rate(ONE, 2.5, 500.0));
    }

    #[test]
    fn a_longer_line_is_never_better() {
        for resistors in [BOTH, ONE, NEITHER, DOUBLED] {
            let rates: Vec<f64> = (1..200).map(|metres| rate(resistors, f64::from(metres), 500.0)).collect();
            assert!(rates.is_sorted(), "{resistors:?}");
        }
    }
}
