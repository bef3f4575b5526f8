//! Whom the unit lets go: nobody for what it said in an earlier life, and nobody back and forth.

use voltower_control::bdu::{ChargeComes, Modules};
use voltower_control::io::SamplePeriod;
use voltower_core::{ConditionSet, Duration, Fault, MilliVolts, ModuleState, PcuState, PerMille};
use voltower_protocols::link::{CellGroup, ModuleCells, ModuleNode, ModuleRequest, ModuleStatus};

use crate::driver::{Tower, running};

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

/// Beside another one on the bus, whose charge nobody offers; how often it is told to join.
fn calls(tower: &mut Tower, samples: u32) -> u32 {
    let told = |tower: &Tower| {
        tower.modules[1].command.is_some_and(|command| command.request == ModuleRequest::Connect)
    };
    let mut calls = 0;
    for _ in 0..samples {
        let before = told(tower);
        tower.tick();
        calls += u32::from(!before && told(tower));
    }
    calls
}

/// Low, and off the bus for a moment.
fn low() -> Tower {
    let mut tower = running(&[0.6, 0.06]);
    tower.modules[1].lowest_cell = 2990;
    tower.run(Duration::secs(3));
    tower.modules[1].state = ModuleState::Stopping;
    tower
}

#[test]
fn whoever_is_low_and_leaves_the_bus_is_not_called_back_to_leave_again() {
    let mut tower = low();
    for state in [ModuleState::Stopping, ModuleState::Starting, ModuleState::Stopping] {
        tower.modules[1].state = state;
        assert_eq!(calls(&mut tower, 50), 0, "{state:?}");
        assert!(!tower.modules[1].is_connected(), "{state:?}");
    }
}

#[test]
fn a_cell_at_the_low_level_sends_no_module_to_the_bus_and_back() {
    let mut tower = low();
    for second in 0..60 {
        tower.modules[1].lowest_cell = 2995 + second % 3 * 5;
        assert_eq!(calls(&mut tower, 10), 0, "{} mV", tower.modules[1].lowest_cell);
    }
    tower.modules[1].lowest_cell = 3060;
    assert_eq!(calls(&mut tower, 50), 1, "it is charged");
}

/// What charge heals keeps nobody from being called for it; what it does not heal does.
#[test]
fn a_low_module_that_sleeps_with_what_charge_heals_is_called_for_charge() {
    for (fault, called) in [
        (Fault::LowVoltage, true),
        (Fault::VoltageDifference, true),
        (Fault::Cell, false),
        (Fault::LowTemperature, false),
        (Fault::Communication, false),
    ] {
        let mut modules = welcomed();
        for sequence in 0..20 {
            let conditions = ConditionSet::of(&[fault.into()]);
            let pcu = PcuState::Normal;
            let status =
                ModuleStatus { state: ModuleState::Dormant, pcu, soc: PerMille(30), conditions, sequence };
            modules.hear(&status.to_frame(node()));
            for group in CellGroup::ALL {
                let cells = [Some(MilliVolts(2490)); 4];
                modules.hear(&ModuleCells { group, cells }.to_frame(node()));
            }
            modules.step(None, ChargeComes::ToNobody, STEP, PERIOD);
        }
        (0..50).for_each(|_| modules.step(None, ChargeComes::ToNobody, STEP, PERIOD));
        assert!(modules.dormant().contains(node()), "{fault:?}");
        assert_eq!(modules.asleep_and_low().contains(node()), called, "{fault:?}");
    }
}
