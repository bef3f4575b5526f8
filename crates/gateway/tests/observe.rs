//! Observations: what frames and registers say, what is stale, what a screen computes from it.

use proptest::prelude::*;
use voltower_core::panel::{Colour, Light, Pattern};
use voltower_core::{
    Binding, Bindings, Cause, Charge, Condition, ConditionSet, DeciCelsius, Diagnosis, Duration, Fault,
    Instant, MilliAmps, MilliVolts, ModuleState, PcuState, PerMille, Reason, Relief, TowerState, Watts,
};
use voltower_gateway::Observer;
use voltower_gateway::observe::{Quantity, WattHours};
use voltower_protocols::Frame;
use voltower_protocols::can::{ExtendedId, StandardId};
use voltower_protocols::link::*;
use voltower_protocols::registers::{self, BatteryChannel, Channel, RegisterBlock};
use voltower_protocols::sofar::{BatteryId, Grid, Inquiry, Message, Request, State, Wanted};

fn node(number: u8) -> ModuleNode {
    ModuleNode::new(number).unwrap()
}

fn at(ms: u64) -> Instant {
    Instant(ms * 1000)
}

fn module_status(soc: u16) -> ModuleStatus {
    ModuleStatus {
        state: ModuleState::Connected,
        pcu: PcuState::Active,
        soc: PerMille(soc),
        conditions: ConditionSet::EMPTY,
        sequence: 0,
    }
}

fn tower_status(soc: u16) -> TowerStatus {
    let conditions = ConditionSet::EMPTY.with(Fault::Sampling);
    TowerStatus { state: TowerState::Charging, soc: PerMille(soc), modules_online: 1, conditions }
}

fn capacity(remaining: u32, full: u32) -> ModuleCapacity {
    ModuleCapacity {
        remaining: Charge::from_deci_amp_hours(remaining),
        full: Charge::from_deci_amp_hours(full),
        cycles: 3,
        health: PerMille(1000),
    }
}

#[test]
fn nothing_heard_is_nothing_seen() {
    let seen = Observer::new().observation(at(1000));
    assert_eq!(seen.towers_heard().count(), 0);
    assert_eq!((seen.soc(), seen.power(), seen.home), (None, None, None));
    let module = &seen.towers[0].modules[0];
    assert_eq!((module.cell_spread(), module.bus_power(), module.energy()), (None, None, None));
}

/// Of a tower of two modules.
fn panel() -> TowerPanel {
    let pattern = Pattern { status: Light::On, colour: Colour::Blue, ..Pattern::DARK };
    TowerPanel {
        pattern,
        indicated: None,
        dc_switch_closed: true,
        black_start_light: true,
        second_tower: false,
        inverter_heard: true,
        health: PerMille(990),
        modules_expected: 2,
        diagnosis: Diagnosis::NONE,
    }
}

#[test]
fn a_cause_is_seen_to_the_cell_while_the_panel_tells_it() {
    let mut observer = Observer::new();
    let doubted = Diagnosis::new(Cause::CellContact, 2);
    let shown = |observer: &Observer| observer.observation(at(1000)).towers[0].panel.unwrap().diagnosis;
    let tell = |told: Diagnosis, observer: &mut Observer| {
        observer.link_frame(0, at(900), &TowerPanel { diagnosis: told, ..panel() }.to_frame());
    };
    observer.link_frame(0, at(900), &TowerDiagnosis(doubted.at(7)).to_frame());
    tell(doubted, &mut observer);
    assert_eq!(shown(&observer), doubted.at(7));
    assert!(shown(&observer).to_string().contains("cell 7 of module 2"));
    tell(Diagnosis::new(Cause::CellContact, 1), &mut observer);
    assert_eq!(shown(&observer), Diagnosis::new(Cause::CellContact, 1), "that was another module's");
}

#[test]
fn a_tower_is_seen_as_its_frames_say() {
    let mut observer = Observer::new();
    let panel = panel();
    let power = TowerPower {
        before_fuse: MilliVolts(400_000),
        after_fuse: MilliVolts(400_000),
        outside: MilliVolts(399_900),
        current: MilliAmps(5_000),
    };
    let limit = Limit { power: Watts(5_000), binding: Binding::Rating, element: 0 };
    let limits = TowerLimits { charge: limit, discharge: limit };
    for frame in [tower_status(505).to_frame(), panel.to_frame(), power.to_frame(), limits.to_frame()] {
        observer.link_frame(1, at(10), &frame);
    }
    let seen = observer.observation(at(20));
    assert_eq!(seen.towers_heard().map(|(place, _)| place).collect::<Vec<_>>(), [1]);
    let tower = &seen.towers[1];
    assert_eq!(tower.state(), Some(TowerState::Charging));
    assert_eq!(tower.soc(), Some(PerMille(505)));
    assert_eq!(tower.conditions(), ConditionSet::EMPTY.with(Fault::Sampling));
    assert_eq!(tower.power(), Some(Watts(2_000)));
    assert_eq!(tower.limits.unwrap().value, limits);
    assert_eq!(tower.lights(), Some(panel.pattern));
    assert_eq!(tower.lights_at(at(0)), Some(panel.pattern.at(at(0))));
    assert_eq!(tower.modules_expected(), Some(2));
    assert_eq!(tower.heard_at, Some(at(10)));
}

#[test]
fn a_module_is_seen_as_its_frames_say() {
    let mut observer = Observer::new();
    let cells = |group: CellGroup| {
        let first = 3_300 + group.first_cell() as i32;
        let cells = [Some(MilliVolts(first)), Some(MilliVolts(first + 1)), None, Some(MilliVolts(first + 3))];
        ModuleCells { group, cells }
    };
    let power = ModulePower {
        pack_voltage: MilliVolts(52_000),
        pack_current: MilliAmps(-20_000),
        terminal_voltage: MilliVolts(400_000),
        bus_current: MilliAmps(-2_500),
    };
    let temperatures = ModuleTemperatures {
        cells: [Some(DeciCelsius(215)), None, Some(DeciCelsius(198)), Some(DeciCelsius(230))],
    };
    let mut frames = vec![
        module_status(731).to_frame(node(3)),
        power.to_frame(node(3)),
        temperatures.to_frame(node(3)),
        capacity(731, 1000).to_frame(node(3)),
    ];
    frames.extend(CellGroup::ALL.map(|group| cells(group).to_frame(node(3))));
    for frame in &frames {
        observer.link_frame(0, at(10), frame);
    }
    let seen = observer.observation(at(20));
    let heard: Vec<usize> = seen.towers[0].modules_heard().map(|(position, _)| position).collect();
    assert_eq!(heard, [2]);
    let module = &seen.towers[0].modules[2];
    assert!(module.is_online());
    assert_eq!(module.soc(), Some(PerMille(731)));
    assert_eq!(module.pack_power(), Some(Watts(-1_040)));
    assert_eq!(module.bus_power(), Some(Watts(-1_000)));
    assert_eq!(module.cells[0], Some(MilliVolts(3_300)));
    assert_eq!(module.cells[2], None);
    assert_eq!(module.cells[15], Some(MilliVolts(3_315)));
    let spread = module.cell_spread().unwrap();
    assert_eq!((spread.min, spread.max), ((1, MilliVolts(3_300)), (16, MilliVolts(3_315))));
    assert_eq!(spread.spread(), MilliVolts(15));
    let temperatures = module.temperature_spread().unwrap();
    assert_eq!((temperatures.min, temperatures.max), ((3, DeciCelsius(198)), (4, DeciCelsius(230))));
    // 73.1 Ah and 100 Ah at 51.2 V.
    assert_eq!(module.energy(), Some(WattHours(3_742)));
    assert_eq!(module.full_energy(), Some(WattHours(5_120)));
    assert_eq!(module.full_energy().unwrap().to_string(), "5.12 kWh");
}

#[test]
fn among_equals_the_first_cell_is_named() {
    let mut observer = Observer::new();
    let cells = [Some(MilliVolts(3_300)); 4];
    for group in CellGroup::ALL {
        observer.link_frame(0, at(0), &ModuleCells { group, cells }.to_frame(node(1)));
    }
    let spread = observer.observation(at(0)).towers[0].modules[0].cell_spread().unwrap();
    assert_eq!((spread.min.0, spread.max.0, spread.mean), (1, 1, MilliVolts(3_300)));
}

#[test]
fn what_falls_silent_becomes_stale_and_stays_visible() {
    let mut observer = Observer::new();
    for tick in 0..20 {
        observer.link_frame(0, at(tick * 100), &module_status(500).to_frame(node(1)));
    }
    let status = |now: u64| observer.observation(at(now)).towers[0].modules[0].status.unwrap();
    assert!(!status(1_900 + 3_000).stale);
    assert!(status(1_900 + 3_001).stale);
    assert_eq!(status(1_000_000).soc, PerMille(500));
    assert_eq!(status(1_000_000).fresh(), None);
    assert!(!observer.observation(at(1_000_000)).towers[0].modules[0].is_online());
}

#[test]
fn a_slow_run_is_not_stale_between_its_samples() {
    let mut observer = Observer::new();
    for minute in 0..4 {
        observer.link_frame(0, at(minute * 60_000), &tower_status(500).to_frame());
    }
    let is_stale = |now: u64| observer.observation(at(now)).towers[0].status.unwrap().stale;
    assert!(!is_stale(180_000 + 179_000));
    assert!(is_stale(180_000 + 181_000));
}

#[test]
fn one_long_silence_does_not_hide_the_next() {
    let mut observer = Observer::new();
    for time in [0, 100, 200, 3_600_200] {
        observer.link_frame(0, at(time), &tower_status(500).to_frame());
    }
    assert!(observer.observation(at(3_600_200 + 3_001)).towers[0].status.unwrap().stale);
}

#[test]
fn com_frames_find_their_tower() {
    let mut observer = Observer::new();
    let state =
        State { soc: PerMille(420), health: PerMille(990), remaining: Charge::from_deci_amp_hours(840) };
    let request = Request { wanted: Wanted::ForcedCharge, charge_allowed: true, ..Request::default() };
    observer.com_frame(at(0), &Message::State(state).to_frame(BatteryId::SECOND));
    observer.com_frame(at(0), &Message::Request(request).to_frame(BatteryId::SECOND));
    observer.com_frame(
        at(0),
        &Message::Inquiry(Inquiry { page: 0, pack: 0, grid: Grid::Untold }).to_frame(BatteryId::FIRST),
    );
    let seen = observer.observation(at(1_000));
    assert_eq!(seen.towers[1].sofar.state.unwrap().value.soc, PerMille(420));
    assert_eq!(seen.towers[0].sofar.state, None);
    assert_eq!(seen.towers[1].sofar.request_now(), request);
    assert!(seen.towers[0].sofar.inverter_heard() && !seen.towers[1].sofar.inverter_heard());
    // A request is over when it is no longer sent.
    let later = observer.observation(at(4_000));
    assert_eq!(later.towers[1].sofar.request_now(), Request::default());
    assert!(!later.towers[0].sofar.inverter_heard());
}

#[test]
fn registers_show_the_home_and_the_battery_inputs() {
    let mut observer = Observer::new();
    let mut block = RegisterBlock::new();
    let home =
        registers::Home { pv: Watts(3_000), load: Watts(1_000), grid: Watts(-500), output: Watts(1_500) };
    home.write(&mut block);
    for (channel, power) in [(Channel::One, 900), (Channel::Two, 600)] {
        BatteryChannel { power: Watts(power), ..BatteryChannel::default() }.write(&mut block, channel);
    }
    observer.registers(at(0), &block);
    let seen = observer.observation(at(1_000));
    let home = seen.home.unwrap();
    assert_eq!((home.pv, home.load, home.grid), (Watts(3_000), Watts(1_000), Watts(-500)));
    assert_eq!(home.battery, Watts(1_500));
    assert_eq!(seen.channels[1].unwrap().value.power, Watts(600));
    assert!(observer.observation(at(10_000)).home.unwrap().stale);
}

#[test]
fn energies_and_soc_add_up_over_modules_and_towers() {
    let mut observer = Observer::new();
    let modules = [(0, 1, 500, 1000), (0, 2, 400, 800), (1, 1, 900, 1000)];
    for (tower, module, remaining, full) in modules {
        observer.link_frame(tower, at(0), &capacity(remaining, full).to_frame(node(module)));
    }
    observer.link_frame(0, at(0), &tower_status(500).to_frame());
    observer.link_frame(1, at(0), &tower_status(900).to_frame());
    let seen = observer.observation(at(0));
    assert_eq!(seen.towers[0].energy(), Some(WattHours(4_608)));
    assert_eq!(seen.towers[0].full_energy(), Some(WattHours(9_216)));
    // (180 Ah x 50 % + 100 Ah x 90 %) / 280 Ah = 64.2 %.
    assert_eq!(seen.soc(), Some(PerMille(642)));
}

fn answer(node: u16, bytes: [u8; 8]) -> Frame {
    Frame::full(StandardId::new(0x580 + node).unwrap(), bytes)
}

#[test]
fn software_versions_are_overheard() {
    let mut observer = Observer::new();
    let transfer = [
        [0x41, 0x0A, 0x10, 0, 8, 0, 0, 0],
        [0x00, b'V', b'0', b'1', b'0', b'0', b'0', b'0'],
        [0x1D, b'1', 0, 0, 0, 0, 0, 0],
    ];
    for bytes in transfer {
        observer.link_frame(0, at(0), &answer(2, bytes));
    }
    // A short one, expedited; and one whose transfer is broken off.
    observer.link_frame(0, at(0), &answer(1, [0x47, 0x0A, 0x10, 0, b'V', b'0', b'2', 0]));
    observer.link_frame(0, at(0), &answer(3, transfer[0]));
    observer.link_frame(0, at(0), &answer(3, [0x80, 0x0A, 0x10, 0, 0, 0, 0, 8]));
    observer.link_frame(0, at(0), &answer(3, transfer[2]));
    let seen = observer.observation(at(0));
    let version = |module: usize| seen.towers[0].modules[module].version.map(|version| version.text());
    assert_eq!(version(1).as_deref(), Some("V0100001"));
    assert_eq!(version(0).as_deref(), Some("V02"));
    assert_eq!(version(2), None);
}

#[test]
fn frames_of_a_third_tower_or_battery_are_not_heard() {
    let mut observer = Observer::new();
    observer.link_frame(2, at(0), &tower_status(500).to_frame());
    let id = ExtendedId::new(0x2355).unwrap();
    observer.com_frame(at(0), &Frame::full(id, [50, 0, 100, 0, 0xFF, 0xFF, 0, 0]));
    assert_eq!(observer.observation(at(0)), Observer::new().observation(at(0)));
}

proptest! {
    #[test]
    fn any_frames_at_any_time_never_panic(
        frames in prop::collection::vec(
            (0_usize..3, any::<u64>(), 0_u16..0x800, any::<[u8; 8]>(), 0_usize..=8, any::<bool>()),
            0..60,
        ),
        now in any::<u64>(),
    ) {
        let mut observer = Observer::new();
        for (tower, time, id, bytes, length, masked) in frames {
            let bytes = if masked { bytes.map(|b| b & 0x43) } else { bytes };
            let link = Frame::new(StandardId::new(id).unwrap(), &bytes[..length]).unwrap();
            let com = Frame::new(ExtendedId::new(u32::from(id)).unwrap(), &bytes[..length]).unwrap();
            observer.link_frame(tower, Instant(time), &link);
            observer.com_frame(Instant(time), &com);
        }
        let seen = observer.observation(Instant(now));
        for (_, tower) in seen.towers_heard() {
            let _ = (tower.power(), tower.energy(), tower.lights_at(Instant(now)));
            for (_, module) in tower.modules_heard() {
                let _ = (module.cell_spread(), module.temperature_spread(), module.pack_power());
            }
        }
        let _ = (seen.soc(), seen.power());
    }

    #[test]
    fn nothing_is_stale_at_the_moment_it_is_heard(gaps in prop::collection::vec(0_u64..100_000_000, 1..10)) {
        let mut observer = Observer::new();
        let mut now = Instant::ZERO;
        for gap in gaps {
            now = now + Duration(gap);
            observer.link_frame(0, now, &tower_status(1).to_frame());
            prop_assert!(!observer.observation(now).towers[0].status.unwrap().stale);
        }
    }
}

/// A tower of two modules whose fuller cells bind: what is said of its charge limit.
fn bound_tower() -> Observer {
    let mut observer = Observer::new();
    let limit = |power, binding, element| Limit { power: Watts(power), binding, element };
    let rated = limit(5_000, Binding::Rating, 0);
    let tower = TowerLimits { charge: limit(1_240, Binding::CellVoltageHigh, 2), discharge: rated };
    let reason = Reason {
        causes: Bindings::EMPTY.with(Binding::CellVoltageHigh).with(Binding::InverterSilent),
        ..Reason::of(Binding::CellVoltageHigh, Some(0b11), None, Relief::Module)
    };
    let mut frames = vec![tower.to_frame(), TowerReason { way: Way::Charge, reason }.to_frame()];
    for (number, power, cell) in [(1, 900, 3_500), (2, 600, 3_512)] {
        let charge = limit(power, Binding::CellVoltageHigh, 7);
        let reason = Reason::of(Binding::CellVoltageHigh, Some(cell), Some(3_450), Relief::Change);
        frames.push(ModuleLimits { charge, discharge: rated }.to_frame(node(number)));
        frames.push(ModuleReason { way: Way::Charge, reason }.to_frame(node(number)));
    }
    frames.iter().for_each(|frame| observer.link_frame(0, at(0), frame));
    observer
}

#[test]
fn a_limit_is_explained_by_the_modules_that_bind_it_the_weakest_first() {
    let seen = bound_tower().observation(at(10));
    let explained = seen.towers[0].explain(Way::Charge).expect("it has said so");
    assert_eq!((explained.power, explained.causes.len()), (Watts(1_240), 2));
    let first = explained.causes[0];
    assert_eq!((first.module, first.element, first.power), (Some(2), 7, Watts(600)));
    assert_eq!(first.value, Some(Quantity::Voltage(MilliVolts(3_512))));
    assert_eq!(first.level, Some(Quantity::Voltage(MilliVolts(3_450))));
    assert!(first.also.contains(Binding::InverterSilent), "what only the unit can say");
    assert_eq!(explained.causes[1].module, Some(1));
    let free = seen.towers[0].explain(Way::Discharge).expect("it has said so");
    assert_eq!(free.causes, []);
}

#[test]
fn a_reason_of_another_binding_explains_nothing_and_a_silent_tower_neither() {
    let mut observer = bound_tower();
    let hot = Limit { power: Watts(300), binding: Binding::HighTemperature, element: 3 };
    let limits = ModuleLimits { charge: hot, discharge: hot };
    observer.link_frame(0, at(20), &limits.to_frame(node(2)));
    let seen = observer.observation(at(30));
    let module = seen.towers[0].modules[1].explain(2, Way::Charge).expect("it is bound");
    assert_eq!((module.binding, module.value, module.relief), (Binding::HighTemperature, None, None));
    assert_eq!(observer.observation(at(60_000)).towers[0].explain(Way::Charge), None);
}

/// A tower of three modules: the first gives `power`, the second is locked out, the third is silent.
fn incomplete_tower(power: i32, binding: Binding) -> Observer {
    let mut observer = Observer::new();
    let limit = Limit { power: Watts(power), binding, element: 0 };
    let none = Limit { power: Watts(0), binding: Binding::Condition, element: 0 };
    let relief = if binding == Binding::Rating {
        Reason::NONE
    } else {
        Reason::of(binding, None, None, Relief::Change)
    };
    let number = Condition::from(Fault::Bms).bit() as i32;
    let locked = Reason::of(Binding::Condition, Some(number), None, Relief::Person);
    let frames = [
        TowerLimits { charge: limit, discharge: limit }.to_frame(),
        TowerReason { way: Way::Charge, reason: relief }.to_frame(),
        TowerPanel { modules_expected: 3, ..panel() }.to_frame(),
        module_status(600).to_frame(node(1)),
        ModuleStatus { state: ModuleState::Faulted, ..module_status(600) }.to_frame(node(2)),
        ModuleLimits { charge: none, discharge: none }.to_frame(node(2)),
        ModuleReason { way: Way::Charge, reason: locked }.to_frame(node(2)),
    ];
    frames.iter().for_each(|frame| observer.link_frame(0, at(0), frame));
    observer
}

#[test]
fn a_module_that_gives_nothing_is_a_cause_although_nothing_binds_the_others() {
    let seen = incomplete_tower(2_475, Binding::Rating).observation(at(10));
    let causes = seen.towers[0].explain(Way::Charge).expect("it has said so").causes;
    let told: Vec<_> = causes.iter().map(|cause| (cause.module, cause.binding, cause.relief)).collect();
    assert_eq!(
        told,
        [(Some(2), Binding::Condition, Some(Relief::Person)), (Some(3), Binding::NotConnected, None)]
    );
    assert_eq!(causes[0].value, Some(Quantity::Condition(Fault::Bms.into())));
}

#[test]
fn of_a_tower_off_the_bus_only_what_keeps_a_module_off_is_a_cause() {
    let seen = incomplete_tower(0, Binding::NotConnected).observation(at(10));
    let causes = seen.towers[0].explain(Way::Charge).expect("it has said so").causes;
    let told: Vec<_> = causes.iter().map(|cause| (cause.module, cause.binding)).collect();
    assert_eq!(told, [(None, Binding::NotConnected), (Some(2), Binding::Condition)]);
}
