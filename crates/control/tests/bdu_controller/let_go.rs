//! Whom the unit lets go: nobody for what it said in an earlier life, and nobody back and forth.

use voltower_control::bdu::{ChargeComes, Modules};
use voltower_control::io::SamplePeriod;
use voltower_core::{ConditionSet, Duration, ModuleState, PcuState, PerMille};
use voltower_protocols::link::{ModuleNode, ModuleStatus};

const STEP: Duration = Duration::millis(100);
const PERIOD: SamplePeriod = SamplePeriod(STEP);

fn node() -> ModuleNode {
    ModuleNode::new(1).expect("the first one")
}

/// It says this, and so much time passes; whether it is let go then.
fn is_let_go(modules: &mut Modules, state: ModuleState, length: Duration) -> bool {
    for sequence in 0..length.0.div_ceil(STEP.0) {
        let status = ModuleStatus {
            state,
            pcu: PcuState::Normal,
            soc: PerMille(50),
            conditions: ConditionSet::EMPTY,
            sequence: sequence as u8,
        };
        modules.hear(&status.to_frame(node()));
        modules.step(None, ChargeComes::ToNobody, STEP, PERIOD);
    }
    modules.let_go().contains(node())
}

fn welcomed() -> Modules {
    let mut modules = Modules::default();
    modules.welcome(node(), PERIOD);
    modules
}

#[test]
fn whoever_says_that_it_is_dormant_is_let_go_until_it_says_otherwise() {
    let mut modules = welcomed();
    assert!(!is_let_go(&mut modules, ModuleState::Ready, STEP));
    assert!(is_let_go(&mut modules, ModuleState::Dormant, STEP));
    assert!(!is_let_go(&mut modules, ModuleState::Ready, STEP));
}

#[test]
fn what_is_still_under_way_does_not_let_it_go_again() {
    let mut modules = welcomed();
    assert!(is_let_go(&mut modules, ModuleState::Dormant, STEP));
    assert!(!is_let_go(&mut modules, ModuleState::Ready, STEP));
    assert!(!is_let_go(&mut modules, ModuleState::Dormant, Duration::secs(2)));
    assert!(is_let_go(&mut modules, ModuleState::Dormant, Duration::secs(2)), "it means it");
}

#[test]
fn whoever_starts_anew_is_not_let_go_for_what_it_said_before() {
    let mut modules = welcomed();
    assert!(is_let_go(&mut modules, ModuleState::Dormant, STEP));
    modules.forget();
    modules.welcome(node(), PERIOD);
    modules.step(None, ChargeComes::ToNobody, STEP, PERIOD);
    assert!(!modules.let_go().contains(node()) && modules.usable().is_empty());
}
