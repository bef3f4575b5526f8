//! Advice for the owner that contradicts itself.

use voltower_core::panel::advice::advice;
use voltower_core::{Condition, ConditionSet};

use super::Law;
use super::watch::Tell;

/// What people are told to do, and told not to do, by words of the advice that is printed.
const PAIRS: [(&[&str], &[&str]); 2] = [
    (
        &["Charge it", "Let it charge", "have it charged", "charged within days"],
        &["Never try to charge", "Do not charge", "must not be charged"],
    ),
    (&["Switch off and on once"], &["do not restart", "Do not restart", "Leave it off"]),
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
    let says = |condition: &Condition| words.iter().any(|words| advice(*condition).owner.contains(words));
    conditions.iter().find(says)
}

#[cfg(test)]
mod tests {
    use voltower_core::{Alarm, Fault};

    use super::*;

    #[test]
    fn advice_that_contradicts_itself_is_told_once() {
        let mut told = 0;
        let mut advised = Advised::default();
        let both = ConditionSet::of(&[Alarm::VoltageDifference.into(), Fault::OverVoltage.into()]);
        for conditions in [both, both, ConditionSet::EMPTY] {
            advised.look(conditions, &mut |law, _, _, _| {
                assert_eq!(law, Law::Advice);
                told += 1;
            });
        }
        assert_eq!(told, 1);
    }
}
