//! Low-SOC stages of single modules, who holds the bus, what is shown of the charge, and how often relays close.

use voltower_control::record::Record;
use voltower_core::{Binding, ConditionSet, Duration, Fault, ModuleState, TowerState, Watts};
use voltower_protocols::link::{Limit, ModuleRequest};
use voltower_protocols::sofar::{Grid, Message, Wanted};

use crate::driver::{SOFTWARE, Tower, running};

const SECOND: Duration = Duration::secs(1);
const AT_ITS_END: Limit = Limit { power: Watts(0), binding: Binding::CellVoltageLow, element: 3 };

fn wanted(tower: &Tower) -> Wanted {
    let request = |(_, message): &(_, Message)| match message {
        Message::Request(request) => Some(request.wanted),
        _ => None,
    };
    tower.com.iter().rev().find_map(request).unwrap()
}

/// Asleep nothing is missed at a second.
fn paced(tower: &Tower) -> Duration {
    if tower.state() == TowerState::Sleeping { SECOND } else { Duration::millis(500) }
}

#[test]
fn an_empty_module_asks_for_charge_while_the_other_feeds_the_house() {
    // At 18 % the other may not charge it.
    let mut tower = running(&[0.03, 0.18]);
    tower.modules[0].discharge_limit = Limit { binding: Binding::StateOfCharge, ..AT_ITS_END };
    tower.power = -1000.0;
    tower.run(Duration::mins(2));
    assert_eq!((tower.state(), wanted(&tower)), (TowerState::Discharging, Wanted::ForcedCharge));
    assert!(tower.modules[0].amps.abs() < 0.01 && tower.modules[1].amps < -2.0);
    tower.run(Duration::mins(15));
    assert_eq!(tower.connected(), 2, "the tower does not sleep for one that is empty");
    tower.modules[0].soc = 0.065;
    tower.run(Duration::secs(5));
    assert_eq!(wanted(&tower), Wanted::Normal);
    tower.modules[0].soc = 0.03;
    tower.modules[0].charge_limit = Limit { power: Watts(0), binding: Binding::LowTemperature, element: 1 };
    tower.run(Duration::secs(5));
    assert_eq!(wanted(&tower), Wanted::Normal, "what cannot be taken is not asked for");
}

/// Whoever is low would sleep on the bus: it comes for charge, and closes no relay for less.
#[test]
fn a_low_module_closes_its_relay_for_charge_only() {
    let mut tower = running(&[0.5, 0.06]);
    tower.modules[1].lowest_cell = 2950;
    tower.run(Duration::secs(2));
    assert_eq!(tower.connected(), 2, "who is there stays");
    tower.modules[1].conditions = ConditionSet::of(&[Fault::LowTemperature.into()]);
    tower.run(Duration::secs(2));
    tower.modules[1].conditions = ConditionSet::EMPTY;
    tower.run(Duration::mins(1));
    assert_eq!((tower.connected(), tower.command(1).request), (1, ModuleRequest::Ready));
    tower.run(Duration::mins(10));
    assert_eq!(tower.command(1).request, ModuleRequest::Dormant);
    tower.power = 500.0;
    tower.run(Duration::secs(10));
    assert_eq!(tower.connected(), 2, "charge has come");
}

/// Beside another tower, or with a limit of some ten watts, a share of the sun is no activity on the panel.
#[test]
fn an_empty_tower_stays_for_the_little_that_charges_it() {
    for (power, stays) in [(45.0, true), (8.0, false), (0.0, false)] {
        let mut tower = running(&[0.03]);
        tower.modules[0].discharge_limit = AT_ITS_END;
        tower.power = power;
        tower.run(Duration::mins(10));
        assert_eq!(tower.connected() == 1, stays, "{power} W: {:?}", tower.state());
    }
}

/// A neighbour that may take next to nothing hides the sun: what it does take is a sign of more.
#[test]
fn a_low_module_comes_for_charge_that_a_limit_hides() {
    let small = |watts| Limit { power: Watts(watts), binding: Binding::CellVoltageHigh, element: 16 };
    for (limit, power, comes) in
        [(130, 40.0, true), (130, -40.0, false), (130, 5.0, false), (190, 40.0, false), (2000, 40.0, false)]
    {
        let mut tower = running(&[0.7, 0.06]);
        tower.modules[0].charge_limit = small(limit);
        tower.modules[1].lowest_cell = 2950;
        tower.modules[1].conditions = ConditionSet::of(&[Fault::LowTemperature.into()]);
        tower.run(Duration::secs(2));
        tower.modules[1].conditions = ConditionSet::EMPTY;
        tower.run(Duration::secs(20));
        assert_eq!(tower.connected(), 1);
        tower.power = power;
        tower.run(Duration::mins(2));
        assert_eq!(tower.connected() == 2, comes, "{power} W of {limit} W");
        if comes {
            assert!(tower.limits.unwrap().charge.power >= Watts(2000), "and brings its own limit");
            tower.power = 1500.0;
            tower.run(Duration::mins(10));
            assert!(tower.modules[1].amps > 2.0, "{} A", tower.modules[1].amps);
            tower.power = 0.0;
            tower.run(Duration::mins(10));
            assert_eq!(tower.connected(), 2, "who is there stays");
        }
    }
}

/// Where nothing can be taken there is no sign: it is tried, but not while the tower feeds the house.
#[test]
fn a_low_module_that_sleeps_is_woken_where_nobody_could_be_charged() {
    let none = Limit { power: Watts(0), binding: Binding::Condition, element: 1 };
    let all = Limit { power: Watts(2000), ..none };
    for (limit, power, wakes) in [(none, 0.0, true), (none, -300.0, false), (all, 0.0, false)] {
        let mut tower = running(&[0.7, 0.06]);
        tower.modules[0].charge_limit = limit;
        tower.modules[1].lowest_cell = 2950;
        tower.modules[1].conditions = ConditionSet::of(&[Fault::LowTemperature.into()]);
        tower.run(Duration::secs(2));
        tower.modules[1].conditions = ConditionSet::EMPTY;
        tower.power = power;
        tower.run(Duration::mins(11));
        assert_eq!(tower.command(1).request, ModuleRequest::Dormant);
        tower.modules[1].linked = false;
        tower.run(Duration::mins(1));
        tower.period = Duration::secs(1);
        let mut pulsed = false;
        for _ in 0..5 * 3600 {
            tower.tick();
            pulsed |= tower.outputs.as_ref().is_some_and(|outputs| !outputs.drive.wake);
        }
        assert_eq!(pulsed, wakes, "{power} W");
    }
}

/// What could be charged by nobody is not called for it.
#[test]
fn a_low_module_of_other_software_that_sleeps_is_not_woken_to_be_charged() {
    let full = Limit { power: Watts(0), binding: Binding::Condition, element: 1 };
    for (software, wakes) in [(SOFTWARE, true), (b"0V020010", false)] {
        let mut tower = Tower::new(&[0.7, 0.06]);
        tower.inverter = true;
        tower.fit_software(1, software);
        tower.modules[0].charge_limit = full;
        tower.modules[1].lowest_cell = 2950;
        tower.press(SECOND);
        tower.run(Duration::mins(2));
        tower.modules[1].conditions = ConditionSet::of(&[Fault::LowTemperature.into()]);
        tower.run(Duration::secs(2));
        tower.modules[1].conditions = ConditionSet::EMPTY;
        tower.run(Duration::mins(11));
        assert_eq!(tower.command(1).request, ModuleRequest::Dormant);
        tower.modules[1].linked = false;
        tower.run(Duration::mins(1));
        tower.period = SECOND;
        let mut pulsed = false;
        for _ in 0..5 * 3600 {
            tower.tick();
            pulsed |= tower.outputs.as_ref().is_some_and(|outputs| !outputs.drive.wake);
        }
        assert_eq!(pulsed, wakes, "{software:?}");
    }
}

#[test]
fn the_bus_is_formed_by_one_that_can_give() {
    let mut tower = running(&[0.6, 0.5, 0.4]);
    assert!(tower.command(0).lead && !tower.command(1).lead && !tower.command(2).lead);
    tower.modules[0].discharge_limit = AT_ITS_END;
    tower.run(Duration::secs(2));
    assert!(!tower.command(0).lead);
    assert_eq!((1..3).filter(|module| tower.command(*module).lead).count(), 1);
}

#[test]
fn a_bus_that_nobody_may_hold_goes_down_in_order_unless_it_is_charged() {
    let mut tower = running(&[0.3, 0.3]);
    tower.modules[0].discharge_limit = AT_ITS_END;
    tower.modules[1].discharge_limit = AT_ITS_END;
    tower.power = 500.0;
    tower.run(Duration::mins(10));
    assert_eq!(tower.connected(), 2, "it is charged");
    tower.power = 0.0;
    let held = tower.until_state(TowerState::Sleeping, Duration::mins(3));
    assert!(held >= Duration::secs(115), "{held}");
    assert!(tower.conditions().is_empty());
}

/// A low-SOC stage binds before the cell's voltage does: the cell is low all the same.
#[test]
fn a_low_cell_behind_a_low_soc_stage_lets_the_bus_go_down_too() {
    let mut tower = running(&[0.05]);
    tower.modules[0].discharge_limit = Limit { binding: Binding::StateOfCharge, ..AT_ITS_END };
    tower.run(Duration::mins(10));
    assert_eq!(tower.connected(), 1, "its cells are above the end of the taper");
    tower.modules[0].lowest_cell = 2840;
    let held = tower.until_state(TowerState::Sleeping, Duration::mins(3));
    assert!(held >= Duration::secs(115), "{held}");
}

/// An empty tower in an island: what was left fed the inverter, and another tower has just gone to sleep.
#[test]
fn an_inverter_that_falls_silent_before_an_empty_tower_that_looks_for_charge_has_no_supply_and_no_fault() {
    let mut tower = running(&[0.035]);
    tower.until_state(TowerState::Sleeping, Duration::mins(20));
    tower.inverter = false;
    tower.run(Duration::mins(1));
    tower.inverter = true;
    tower.until("it looks", Duration::hours(2), |tower| tower.connected() == 1);
    let before = tower.records.len();
    tower.inverter = false;
    tower.until_state(TowerState::Sleeping, Duration::mins(3));
    let said = &tower.records[before..];
    assert!(!said.iter().any(|record| matches!(record, Record::Raised { .. })), "{said:?}");
}

/// With the grid an inverter has another supply: then its silence is a fault.
#[test]
fn an_inverter_that_falls_silent_in_an_island_before_an_empty_tower_is_no_fault() {
    for (grid, is_fault) in [(Grid::Absent, false), (Grid::Present, true)] {
        let mut tower = running(&[0.035]);
        tower.grid = grid;
        tower.run(Duration::secs(10));
        let before = tower.records.len();
        tower.inverter = false;
        tower.run(Duration::secs(30));
        let said = &tower.records[before..];
        let raised = said.iter().any(|record| matches!(record, Record::Raised { .. }));
        assert_eq!(raised, is_fault, "{grid:?}: {said:?}");
    }
}

/// It would stay off until a person comes: a frame that was falsified is no reason.
#[test]
fn a_cell_that_is_told_below_the_reserve_for_a_moment_shuts_no_tower_down() {
    for (low, phases, ends) in [(3, 4, TowerState::Sleeping), (60, 1, TowerState::Shutdown)] {
        for phase in 0..phases {
            let mut tower = running(&[0.3]);
            tower.modules[0].discharge_limit = AT_ITS_END;
            let is_settled =
                |tower: &Tower| matches!(tower.state(), TowerState::Sleeping | TowerState::Shutdown);
            for second in phase..300 {
                tower.modules[0].lowest_cell = if second % (low + 1) < low { 2550 } else { 2840 };
                tower.run(SECOND);
                if is_settled(&tower) {
                    break;
                }
            }
            assert_eq!(tower.state(), ends, "{low} s of {} from {phase} on", low + 1);
        }
    }
}

/// Each call costs the reserve something.
#[test]
fn an_inverter_that_comes_and_goes_wakes_an_empty_tower_ever_more_rarely() {
    let mut tower = running(&[0.035]);
    tower.until_state(TowerState::Sleeping, Duration::mins(20));
    let before = tower.records.len();
    for second in 0..10 * 3600 {
        tower.inverter = second % 360 >= 240;
        tower.period = paced(&tower);
        tower.run(SECOND);
    }
    let said = &tower.records[before..];
    let woken = said.iter().filter(|record| **record == Record::Tower(TowerState::Starting)).count();
    assert!((12..=45).contains(&woken), "{woken} times in ten hours");
}

/// The cable of COM was out for a night: its windows for an inverter are no calls in vain.
#[test]
fn an_inverter_that_is_heard_again_after_a_night_of_windows_is_answered_at_once() {
    let mut tower = running(&[0.9]);
    tower.inverter = false;
    tower.run(Duration::hours(16));
    tower.until_state(TowerState::Sleeping, Duration::hours(2));
    tower.run(Duration::mins(1));
    tower.inverter = true;
    let took = tower.until("on the bus", Duration::hours(1), |tower| tower.connected() == 1);
    assert!(took <= Duration::secs(30), "{took}");
}

/// Whatever cold forbids, a bus would only drain it.
#[test]
fn an_empty_tower_that_is_too_cold_to_be_charged_sleeps_on_without_its_bus() {
    let mut tower = running(&[0.035]);
    tower.run(Duration::secs(30));
    assert_eq!(wanted(&tower), Wanted::ForcedCharge);
    tower.until_state(TowerState::Sleeping, Duration::mins(20));
    assert_last_word(&tower);
    tower.modules[0].charge_limit = Limit { power: Watts(0), binding: Binding::LowTemperature, element: 1 };
    let before = tower.records.len();
    let end = tower.now + Duration::hours(6);
    while tower.now < end {
        tower.tick();
        assert_eq!(tower.connected(), 0, "at {:?}", tower.now);
    }
    let said = &tower.records[before..];
    let looks = said.iter().filter(|record| **record == Record::Tower(TowerState::Starting)).count();
    assert!(looks >= 2, "{said:?}");
    tower.modules[0].charge_limit = Limit { power: Watts(500), ..AT_ITS_END };
    tower.until("it is charged again", Duration::hours(7), |tower| tower.connected() == 1);
}

/// The one that may hold the bus is the coldest of them: those that must not hold it come for the sun that it cannot
/// take.
#[test]
fn an_empty_tower_looks_for_charge_with_those_that_can_be_charged() {
    let cold = Limit { power: Watts(0), binding: Binding::LowTemperature, element: 1 };
    let worth = |watts| Limit { power: Watts(watts), binding: Binding::LowTemperature, element: 1 };
    for (watts, comes) in [(300, true), (60, false)] {
        let mut tower = running(&[0.038, 0.036, 0.036]);
        tower.until_state(TowerState::Sleeping, Duration::mins(20));
        tower.modules[0].charge_limit = cold;
        tower.modules[0].lowest_cell = 2970;
        for module in &mut tower.modules[1..] {
            module.discharge_limit = AT_ITS_END;
            module.lowest_cell = 2840;
            module.charge_limit = worth(watts);
        }
        let held = Limit { power: Watts(100), binding: Binding::StateOfCharge, element: 0 };
        tower.modules[0].discharge_limit = held;
        tower.power = 1500.0;
        let mut most = 0.0_f64;
        for _ in 0..3 * 3600 {
            tower.period = paced(&tower);
            tower.run(SECOND);
            most = most.max(tower.modules[1].amps * tower.bus());
            let leads =
                (1..3).any(|module| tower.modules[module].command.is_some_and(|command| command.lead));
            assert!(!leads || tower.modules[0].state == ModuleState::Shutdown, "an empty one holds the bus");
        }
        assert_eq!(most > 200.0, comes, "{most} W of {watts} W");
    }
}

/// An inverter may remember a wish all night. Its frames come once a second, whenever the tower falls asleep.
#[test]
fn the_last_word_before_sleep_asks_for_nothing() {
    for tenths in 0..10 {
        let mut tower = running(&[0.035]);
        tower.modules[0].discharge_limit = Limit { binding: Binding::StateOfCharge, ..AT_ITS_END };
        tower.run(Duration::millis(30_000 + 100 * tenths));
        assert_eq!(wanted(&tower), Wanted::ForcedCharge);
        tower.modules[0].lowest_cell = 2840;
        tower.until_state(TowerState::Sleeping, Duration::mins(3));
        tower.run(Duration::secs(5));
        assert_last_word(&tower);
    }
}

/// Where no module needs to be waited for it is asleep at once. At each of these periods its frames to the inverter,
/// once a second, fall at another moment.
#[test]
fn a_tower_that_hears_no_module_any_more_has_a_last_word_too() {
    for millis in [70, 90, 110, 130, 170, 190] {
        let mut tower = running(&[0.035]);
        tower.period = Duration::millis(millis);
        tower.run(Duration::secs(30));
        assert_eq!(wanted(&tower), Wanted::ForcedCharge);
        tower.modules[0].linked = false;
        tower.until_state(TowerState::Sleeping, Duration::mins(30));
        tower.run(Duration::secs(5));
        assert_last_word(&tower);
    }
}

/// Its limits were told last, and no request after them.
fn assert_last_word(tower: &Tower) {
    let after = |(_, message): &(_, Message)| !matches!(message, Message::Limits(_));
    let asks = |(_, message): &(_, Message)| matches!(message, Message::Request(_));
    assert!(!tower.com.iter().rev().take_while(|sent| after(sent)).any(asks), "it asks");
    let Some((_, Message::Limits(last))) = tower.com.iter().rev().find(|sent| !after(sent)) else {
        panic!("it tells no limits")
    };
    assert_eq!((last.charge_current.0, last.discharge_current.0), (0, 0));
}

#[test]
fn what_a_cold_tower_could_take_brings_its_bus_up_only_if_it_is_worth_it() {
    for (watts, comes) in [(60, false), (150, true)] {
        let mut tower = running(&[0.035]);
        tower.until_state(TowerState::Sleeping, Duration::mins(20));
        let cold = Limit { power: Watts(watts), binding: Binding::LowTemperature, element: 1 };
        tower.modules[0].charge_limit = cold;
        let mut connects = false;
        for _ in 0..2 * 3600 {
            tower.period = paced(&tower);
            tower.run(SECOND);
            connects |= tower.connected() == 1;
        }
        assert_eq!(connects, comes, "{watts} W");
    }
}

#[test]
fn a_module_with_an_empty_cell_brings_no_bus_up_and_that_is_no_fault() {
    let mut tower = Tower::new(&[0.3]);
    tower.modules[0].lowest_cell = 2450;
    tower.inverter = true;
    tower.press(SECOND);
    tower.run(Duration::mins(1));
    assert_eq!((tower.connected(), tower.state()), (0, TowerState::Standby));
    assert!(tower.conditions().is_empty());
    tower.modules[0].lowest_cell = 2700;
    tower.until("on the bus", Duration::secs(10), |t| t.connected() == 1);
}

#[test]
fn what_is_shown_moves_by_two_percent_a_minute_when_a_module_leaves_and_when_it_returns() {
    let mut tower = running(&[0.9, 0.3]);
    let shown = |tower: &Tower| i32::from(tower.status.unwrap().soc.0);
    assert_eq!(shown(&tower), 600);
    for is_linked in [false, true] {
        tower.modules[0].linked = is_linked;
        for _ in 0..20 {
            let before = shown(&tower);
            tower.run(Duration::secs(15));
            assert!((shown(&tower) - before).abs() <= 6, "{before} to {}", shown(&tower));
        }
    }
    assert!((590..=601).contains(&shown(&tower)), "{}", shown(&tower));
}

#[test]
fn a_dc_switch_that_is_flipped_all_the_time_does_not_wear_out_the_relays_and_leaves_nothing_off() {
    let mut tower = running(&[0.6]);
    let mut connects = 0;
    for second in 0..600 {
        tower.sample.dc_switch_closed = second % 2 == 1;
        for _ in 0..10 {
            let before = tower.connected();
            tower.tick();
            connects += usize::from(before == 0 && tower.connected() == 1);
        }
    }
    assert!((1..=12).contains(&connects), "{connects} connections in ten minutes");
    tower.sample.dc_switch_closed = true;
    tower.until("back on the bus", Duration::mins(6), |t| t.connected() == 1);
    tower.sample.dc_switch_closed = false;
    tower.run(SECOND);
    assert_eq!(tower.connected(), 0, "opening waits for nothing");
}

#[test]
fn an_inverter_that_starts_anew_each_minute_makes_few_connections() {
    let mut tower = running(&[0.6]);
    let mut connects = 0;
    for second in 0..6 * 3600_u32 {
        tower.inverter = second % 60 < 40;
        tower.period = if second % 60 < 3 { Duration::millis(100) } else { SECOND };
        let end = tower.now + SECOND;
        while tower.now < end {
            let before = tower.connected();
            tower.tick();
            connects += usize::from(before == 0 && tower.connected() == 1);
        }
    }
    assert!((10..=80).contains(&connects), "{connects} connections in six hours");
    tower.inverter = true;
    tower.until("back on the bus", Duration::mins(20), |t| t.connected() == 1);
}
