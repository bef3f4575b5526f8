//! Slips of unit and sign, found by comparing the columns with each other.

use super::{CurrentSign, LogOptions};

/// Columns as read, in the units that their headers claim.
#[derive(Debug)]
pub(super) struct Raw {
    pub(super) time: Vec<f64>,
    pub(super) current: Vec<f64>,
    pub(super) voltage: Vec<f64>,
    pub(super) soc: Option<Vec<f64>>,
    pub(super) charged: Option<Vec<f64>>,
    pub(super) discharged: Option<Vec<f64>>,
    pub(super) notes: Vec<String>,
}

/// A cell's voltage in the middle of a log, V: lithium and sodium cells.
const CELL_VOLTAGE: core::ops::RangeInclusive<f64> = 1.5..=4.5;
/// How far a ratio may be from a power of ten and still be that slip.
const NEAR: f64 = 1.3;
/// R0 times capacity of LFP cells is 20 to 50 mohm Ah (2.5 Ah: 10 mohm, 100 Ah: 0.25 mohm); thirty times less is a
/// slip.
const LEAST_OHM_AH: f64 = 7e-4;

/// Brings all columns to s, A (charging positive), V, 0 to 1, Ah. Whatever changes is noted.
pub(super) fn settle(raw: &mut Raw, options: &LogOptions) -> Result<(), String> {
    voltage(raw)?;
    percent(raw);
    scale(raw, options);
    sign(raw, options)
}

fn voltage(raw: &mut Raw) -> Result<(), String> {
    let mut sorted = raw.voltage.clone();
    sorted.sort_by(f64::total_cmp);
    let median = sorted[sorted.len() / 2];
    if CELL_VOLTAGE.contains(&median) {
        return Ok(());
    }
    if CELL_VOLTAGE.contains(&(median / 1000.0)) {
        raw.voltage.iter_mut().for_each(|volts| *volts /= 1000.0);
        raw.notes.push(format!("voltage looks like mV (median {median}): taken as mV"));
        return Ok(());
    }
    Err(format!(
        "the voltage column has a median of {median}; one cell has 1.5 to 4.5 V (or 1500 to 4500 mV)"
    ))
}

fn percent(raw: &mut Raw) {
    if let Some(soc) = &mut raw.soc
        && soc.iter().any(|soc| *soc > 1.5)
    {
        soc.iter_mut().for_each(|soc| *soc /= 100.0);
        raw.notes.push("state of charge looks like percent: taken as percent".to_owned());
    }
}

/// Units of current and time: by the counters, else by the reference and the capacity, else by the resistance.
fn scale(raw: &mut Raw, options: &LogOptions) {
    let moved = throughput(&raw.time, &raw.current);
    let seen =
        [&raw.charged, &raw.discharged].into_iter().flatten().map(|counter| rise(counter)).sum::<f64>();
    let by_soc =
        raw.soc.as_ref().zip(options.capacity).map(|(soc, capacity)| {
            soc.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum::<f64>() * capacity
        });
    let (ratio, witness) = match (seen > 0.0, by_soc) {
        (true, _) => (moved / seen, "the counters"),
        (false, Some(expected)) if expected > 0.0 => (moved / expected, "the reference and the capacity"),
        _ => return by_resistance(raw, options),
    };
    apply_ratio(raw, ratio, witness);
}

fn apply_ratio(raw: &mut Raw, ratio: f64, witness: &str) {
    let near = |wanted: f64| ratio / wanted < NEAR && wanted / ratio < NEAR;
    let step = median_step(&raw.time);
    let mut note = |what: &str| {
        raw.notes.push(format!("{what}: charge from time and current is {ratio:.3} times that of {witness}"));
    };
    if near(1000.0) && step >= 100.0 && step % 100.0 < 1.0 {
        note("time looks like ms, taken as ms");
        raw.time.iter_mut().for_each(|time| *time *= 1e-3);
    } else if near(1000.0) {
        note("current looks like mA, taken as mA");
        raw.current.iter_mut().for_each(|current| *current *= 1e-3);
    } else if near(1.0 / 60.0) {
        note("time looks like minutes, taken as minutes");
        raw.time.iter_mut().for_each(|time| *time *= 60.0);
    } else if near(1.0 / 3600.0) {
        note("time looks like hours, taken as hours");
        raw.time.iter_mut().for_each(|time| *time *= 3600.0);
    } else if near(1e-3) {
        note("the counters look like mAh, taken as mAh");
        for counter in [&mut raw.charged, &mut raw.discharged].into_iter().flatten() {
            counter.iter_mut().for_each(|charge| *charge *= 1e-3);
        }
    } else if !near(1.0) {
        note("check the units of time, current and counters");
    }
}

fn by_resistance(raw: &mut Raw, options: &LogOptions) {
    let (Some(capacity), Some(ohm)) = (options.capacity, step_resistance(&raw.voltage, &raw.current)) else {
        return;
    };
    if ohm.abs() * capacity < LEAST_OHM_AH {
        raw.notes.push(format!(
            "current looks like mA, taken as mA: the voltage answers it with {:.2e} ohm, too little for {capacity} Ah",
            ohm.abs()
        ));
        raw.current.iter_mut().for_each(|current| *current *= 1e-3);
    }
}

fn sign(raw: &mut Raw, options: &LogOptions) -> Result<(), String> {
    let answer = step_resistance(&raw.voltage, &raw.current);
    let seen = answer
        .map(|ohm| if ohm > 0.0 { CurrentSign::ChargePositive } else { CurrentSign::DischargePositive });
    let (sign, note) = match (options.current_sign, seen) {
        (Some(given), Some(seen)) if given != seen => {
            (given, Some("the voltage answers the current the other way round than --current-sign says"))
        }
        (Some(given), _) => (given, None),
        (None, Some(CurrentSign::DischargePositive)) => (
            CurrentSign::DischargePositive,
            Some("current is positive while discharging: the voltage falls with it"),
        ),
        (None, Some(CurrentSign::ChargePositive)) => (CurrentSign::ChargePositive, None),
        (None, None) => {
            return Err(
                "the current does not change, so its sign cannot be seen; give --current-sign".to_owned()
            );
        }
    };
    raw.notes.extend(note.map(str::to_owned));
    if sign == CurrentSign::DischargePositive {
        raw.current.iter_mut().for_each(|current| *current = -*current);
    }
    Ok(())
}

/// How the voltage follows steps of the current, ohm: least squares over the larger steps. `None` without steps.
pub(super) fn step_resistance(voltage: &[f64], current: &[f64]) -> Option<f64> {
    let steps = || current.windows(2).zip(voltage.windows(2)).map(|(i, v)| (i[1] - i[0], v[1] - v[0]));
    let largest = steps().fold(0.0, |most: f64, (amps, _)| most.max(amps.abs()));
    if largest <= 0.0 {
        return None;
    }
    let large = steps().filter(|(amps, _)| amps.abs() > 0.3 * largest);
    let (product, square) =
        large.fold((0.0, 0.0), |(p, s), (amps, volts)| (p + amps * volts, s + amps * amps));
    (product != 0.0).then_some(product / square)
}

/// Charge moved in either direction, Ah.
pub(super) fn throughput(time: &[f64], current: &[f64]) -> f64 {
    time.windows(2)
        .zip(current.windows(2))
        .map(|(t, i)| 0.5 * (i[0].abs() + i[1].abs()) * (t[1] - t[0]))
        .sum::<f64>()
        / 3600.0
}

/// Which current held between two samples, by the reference: 0 the later, 1 the earlier, else half of the time each.
pub(super) fn share_before(time: &[f64], current: &[f64], reference: &[f64]) -> f64 {
    let misfit = |share: f64| {
        let steps = (1..time.len()).map(|k| {
            let mean = share * current[k - 1] + (1.0 - share) * current[k];
            (mean * (time[k] - time[k - 1]), reference[k] - reference[k - 1])
        });
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        for (x, y) in steps {
            (xx, xy, yy) = (xx + x * x, xy + x * y, yy + y * y);
        }
        if xx > 0.0 && yy > 0.0 { 1.0 - xy * xy / (xx * yy) } else { 1.0 }
    };
    let half_way = misfit(super::HALF_WAY);
    // Only where the reference is fine enough to tell them apart clearly.
    [0.0, 1.0].into_iter().find(|share| misfit(*share) < 0.2 * half_way).unwrap_or(super::HALF_WAY)
}

fn rise(counter: &[f64]) -> f64 {
    counter.windows(2).map(|pair| (pair[1] - pair[0]).max(0.0)).sum()
}

fn median_step(time: &[f64]) -> f64 {
    let mut steps: Vec<f64> = time.windows(2).map(|pair| pair[1] - pair[0]).collect();
    steps.sort_by(f64::total_cmp);
    steps.get(steps.len() / 2).copied().unwrap_or(0.0)
}

/// Net charge by the counters since the first sample, Ah, charging positive. A counter that is reset goes on from
/// there.
pub(super) fn net_counters(raw: &Raw) -> Option<Vec<f64>> {
    let counters = [(&raw.charged, 1.0), (&raw.discharged, -1.0)];
    if counters.iter().all(|(counter, _)| counter.is_none()) {
        return None;
    }
    let mut net = vec![0.0; raw.time.len()];
    for (counter, sign) in counters {
        let Some(counter) = counter else { continue };
        let mut sum = 0.0;
        for k in 1..counter.len() {
            sum += (counter[k] - counter[k - 1]).max(0.0);
            net[k] += sign * sum;
        }
    }
    Some(net)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A cell of 2 Ah and 10 mohm, pulses of 2 A; `seconds` a sample; in A, V, s, charging positive.
    fn log(seconds: f64) -> Raw {
        let count = 400;
        let current: Vec<f64> = (0..count).map(|k| if k % 20 < 10 { 0.0 } else { 2.0 }).collect();
        let mut charge = 0.0;
        let charged = current.iter().enumerate().map(|(k, amps)| {
            charge += if k > 0 { 0.5 * (amps + current[k - 1]) * seconds / 3600.0 } else { 0.0 };
            charge
        });
        let charged: Vec<f64> = charged.collect();
        Raw {
            time: (0..count).map(|k| f64::from(k) * seconds).collect(),
            voltage: current.iter().map(|amps| 3.3 + 0.01 * amps).collect(),
            soc: None,
            discharged: Some(vec![0.0; charged.len()]),
            charged: Some(charged),
            current,
            notes: Vec::new(),
        }
    }

    fn settled(mut raw: Raw) -> Raw {
        settle(&mut raw, &LogOptions { capacity: Some(2.0), ..LogOptions::default() }).expect("a cell");
        raw
    }

    #[test]
    fn a_log_in_order_is_left_alone() {
        assert_eq!(settled(log(1.0)).notes, [""; 0]);
    }

    #[test]
    fn each_slip_is_put_right_and_said() {
        type Slip = (fn(&mut Raw), &'static str);
        let slips: [Slip; 6] = [
            (|raw| raw.current.iter_mut().for_each(|x| *x *= 1000.0), "mA"),
            (|raw| raw.voltage.iter_mut().for_each(|x| *x *= 1000.0), "mV"),
            (|raw| raw.time.iter_mut().for_each(|x| *x *= 1000.0), "time looks like ms"),
            (|raw| raw.time.iter_mut().for_each(|x| *x /= 60.0), "minutes"),
            (|raw| raw.time.iter_mut().for_each(|x| *x /= 3600.0), "hours"),
            (|raw| raw.current.iter_mut().for_each(|x| *x *= -1.0), "discharging"),
        ];
        for (slip, said) in slips {
            let mut raw = log(1.0);
            slip(&mut raw);
            let raw = settled(raw);
            assert!(raw.notes.len() == 1 && raw.notes[0].contains(said), "{said}: {:?}", raw.notes);
            let right = log(1.0);
            let close =
                |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9 * b.abs().max(1.0));
            assert!(close(&raw.time, &right.time) && close(&raw.current, &right.current), "{said}");
            assert!(close(&raw.voltage, &right.voltage), "{said}");
        }
    }

    #[test]
    fn without_counters_the_resistance_tells_ma() {
        let mut raw = Raw { charged: None, discharged: None, ..log(1.0) };
        raw.current.iter_mut().for_each(|current| *current *= 1000.0);
        let raw = settled(raw);
        assert_eq!(raw.current[10], 2.0);
        assert!(raw.notes[0].contains("mA"), "{:?}", raw.notes);
    }

    #[test]
    fn a_pack_is_not_a_cell_and_an_unchanging_current_has_no_sign() {
        let mut pack = log(1.0);
        pack.voltage.iter_mut().for_each(|volts| *volts *= 16.0);
        assert!(settle(&mut pack, &LogOptions::default()).is_err());
        let mut flat = log(1.0);
        flat.current.fill(0.0);
        assert!(settle(&mut flat, &LogOptions::default()).unwrap_err().contains("--current-sign"));
    }
}
