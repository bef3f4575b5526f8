//! Advice for the owner that contradicts itself.

use voltower_core::panel::advice::{Told, advice, told};
use voltower_core::{Condition, ConditionSet};

use super::Law;
use super::watch::Tell;

/// What people are told to do, and told not to do, by words of the advice that is printed.
const PAIRS: [(&[&str], &[&str]); 6] = [
    (
        &["Charge it", "Let it charge", "have it charged", "charged within days"],
        &["Never try to charge", "Do not charge", "must not be charged"],
    ),
    (
        &["Switch off and on once"],
        &["do not restart", "Do not restart", "Leave it off", "Leave it on", "Keep away"],
    ),
    (&["Leave it on", "leave it full"], &["Leave it off", "Switch the DC switch off", "Keep away"]),
    (&["use some power"], &["Charge it soon", "have it charged", "Switch off some", "Switch appliances off"]),
    (
        &["Charge it", "have it charged", "Let it charge"],
        &["Leave it off", "Switch the DC switch off", "use some power"],
    ),
    (&["Let it cool"], &["Warm the room", "Wait for warmth"]),
];

/// What was last looked at.
#[derive(Default)]
pub(super) struct Advised(ConditionSet);

impl Advised {
    pub(super) fn look(&mut self, conditions: ConditionSet, tell: &mut Tell<'_>) {
        if conditions == self.0 {
            return;
        }
        self.0 = conditions;
        for (does, donts) in PAIRS {
            if let (Some(one), Some(other)) = (that_says(conditions, does), that_says(conditions, donts)) {
                let says = |condition: Condition| advice(condition).owner;
                let what = || format!("\"{}\" ({one}) beside \"{}\" ({other})", says(one), says(other));
                tell(Law::Advice, None, 1.0, &what);
            }
        }
    }
}

fn that_says(conditions: ConditionSet, words: &[&str]) -> Option<Condition> {
    told(conditions).find_map(|(condition, told)| match told {
        Told::Advice(advice) if words.iter().any(|words| advice.contains(words)) => Some(condition),
        Told::Advice(_) | Told::After(_) => None,
    })
}

#[cfg(test)]
mod tests {
    use voltower_core::{Alarm, Fault};

    use super::*;

    /// Whatever two are present together: the words say what the table must.
    #[test]
    fn no_two_conditions_bring_advice_that_contradicts_itself() {
        let mut told = Vec::new();
        let (mut pairs, mut withdrawn) = (0, 0);
        for one in Condition::all() {
            for other in Condition::all() {
                let present = ConditionSet::of(&[one, other]);
                Advised::default().look(present, &mut |_, _, _, what| told.push(what()));
                let after = super::told(present).filter(|(_, told)| matches!(told, Told::After(_))).count();
                assert!(after < present.iter().count(), "{one} and {other}: something is advised");
                pairs += 1;
                withdrawn += after;
            }
        }
        assert!(told.is_empty(), "{told:?}");
        assert!(pairs == Condition::COUNT.pow(2) && withdrawn > 40, "{withdrawn} of {pairs}");
    }

    #[test]
    fn never_beats_do_and_the_more_dangerous_is_followed() {
        let after = |present: &[Condition]| {
            let told = told(ConditionSet::of(present));
            let lost = |(condition, told)| match told {
                Told::After(first) => Some((condition, first)),
                Told::Advice(_) => None,
            };
            told.filter_map(lost).collect::<Vec<_>>()
        };
        let (low, cell) = (Alarm::UnderVoltage.into(), Fault::Cell.into());
        assert_eq!(after(&[low, cell]), [(low, cell)]);
        let (cold, empty) = (Alarm::LowTemperature.into(), Fault::LowVoltage.into());
        assert_eq!(after(&[cold, empty]), [(empty, cold)], "never, and be it an alarm's");
        let high = Alarm::OverVoltage.into();
        assert_eq!(after(&[low, high]), [(low, high)], "each forbids what the other wants");
    }
}
