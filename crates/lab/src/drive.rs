//! From samples to steps of constant current.
//!
//! Between two samples the current switched at a moment that the samples do not show. A drive cycle of 1 s pulses
//! sampled every second then loses or gains a per cent of its charge. The tester's counters, which run faster, tell
//! the moment: each interval becomes the current before and the current after, so long each that the counted charge is
//! met.

use crate::log::Log;

/// What tells the charge between samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Charge {
    /// The tester's counters where the log has them.
    #[default]
    Counters,
    /// The sampled current alone.
    Samples,
}

/// A constant current for some time.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Piece {
    /// s.
    pub seconds: f64,
    /// A, positive while charging.
    pub current: f64,
}

/// The two pieces before each sample; none before the first. The second ends with the sample, at its current.
#[must_use]
pub fn pieces(log: &Log, charge: Charge) -> Vec<[Piece; 2]> {
    let counted = log.counted.as_ref().filter(|_| charge == Charge::Counters);
    let mut sum = 0.0;
    let mut pieces = Vec::with_capacity(log.time.len());
    for k in 0..log.time.len() {
        if k == 0 {
            pieces.push([Piece::default(); 2]);
            continue;
        }
        let seconds = log.time[k] - log.time[k - 1];
        let (before, after) = (log.current[k - 1], log.current[k]);
        let share = match counted {
            Some(counted) if (before - after).abs() > STEADY => {
                let mean = (counted[k] * 3600.0 - sum) / seconds.max(1e-9);
                ((mean - after) / (before - after)).clamp(0.0, 1.0)
            }
            _ => log.share_before,
        };
        sum += (before * share + after * (1.0 - share)) * seconds;
        pieces.push([
            Piece { seconds: seconds * share, current: before },
            Piece { seconds: seconds * (1.0 - share), current: after },
        ]);
    }
    pieces
}

/// Smaller changes of the current are noise of its measurement, A.
const STEADY: f64 = 1e-6;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{HALF_WAY, Kind};

    fn log(counted: Option<Vec<f64>>) -> Log {
        Log {
            name: String::new(),
            kind: Kind::Drive,
            time: vec![0.0, 1.0, 2.0, 3.0],
            current: vec![0.0, 4.0, 4.0, 0.0],
            voltage: vec![3.3; 4],
            temperature: vec![25.0; 4],
            counted,
            reference: None,
            initial: Some(0.5),
            share_before: HALF_WAY,
            table: Vec::new(),
            notes: Vec::new(),
        }
    }

    #[test]
    fn counters_tell_when_the_current_switched() {
        let pieces = pieces(&log(Some([0.0, 1.0, 5.0, 8.0].map(|c| c / 3600.0).to_vec())), Charge::Counters);
        let charge: Vec<f64> = pieces.iter().map(|p| p.iter().map(|p| p.seconds * p.current).sum()).collect();
        for (charge, wanted) in charge.iter().zip([0.0, 1.0, 4.0, 3.0]) {
            assert!((charge - wanted).abs() < 1e-12, "{charge} for {wanted}");
        }
        assert_eq!(pieces[1][1], Piece { seconds: 0.25, current: 4.0 });
    }

    #[test]
    fn without_counters_it_switches_half_way() {
        let pieces = pieces(&log(None), Charge::Counters);
        assert_eq!(pieces[1], [Piece { seconds: 0.5, current: 0.0 }, Piece { seconds: 0.5, current: 4.0 }]);
    }
}
