//! The screen, drawn from an observation that is filled frame by frame, at three sizes.

use std::num::NonZeroU8;

use expect_test::expect_file;
use ratatui::buffer::Buffer;
use voltower_cli::screen::{self, Line, Overlay, Selection, Today, Tone, Ui, View, svg};
use voltower_core::panel::{Colour, Light, Pattern};
use voltower_core::{
    Alarm, Binding, Charge, ConditionSet, DeciCelsius, Diagnosis, Fault, Instant, MilliAmps, MilliVolts,
    ModuleState, PcuState, PerMille, Reason, Relief, TowerState, Watts,
};
use voltower_gateway::observe::{Observation, Observer};
use voltower_protocols::link::{
    CellGroup, Limit, ModuleCapacity, ModuleCells, ModuleHardware, ModuleLimits, ModuleNode, ModulePower,
    ModuleReason, ModuleStatus, ModuleTemperatures, TowerLimits, TowerPanel, TowerPower, TowerReason,
    TowerStatus, Way,
};
use voltower_protocols::registers::{BatteryChannel, Channel, Home, RegisterBlock};
use voltower_sim::scenario::{ClockTime, DayTime};

const NOW: Instant = Instant(60_000_000);

fn limit(power: i32, binding: Binding, element: u8) -> Limit {
    Limit { power: Watts(power), binding, element }
}

/// A tower of `modules` modules that charges, at a SOC of 63.2 %; its conditions come from the first module.
fn say_tower(
    observer: &mut Observer,
    tower: usize,
    modules: u8,
    state: TowerState,
    conditions: ConditionSet,
) {
    let pattern = match conditions.faults().is_empty() {
        true => Pattern {
            status: Light::On,
            colour: Colour::Blue,
            alarm: Light::Off,
            soc: [Light::On, Light::On, Light::Flashing, Light::Off, Light::Off],
        },
        false => Pattern {
            alarm: Light::On,
            soc: [Light::Off, Light::On, Light::On, Light::On, Light::Off],
            ..Pattern::DARK
        },
    };
    let status = TowerStatus { state, soc: PerMille(632), modules_online: (1 << modules) - 1, conditions };
    let panel = TowerPanel {
        pattern,
        indicated: conditions.faults().iter().next(),
        dc_switch_closed: true,
        black_start_light: false,
        second_tower: tower == 1,
        inverter_heard: true,
        health: PerMille(987),
        modules_expected: modules,
        diagnosis: Diagnosis::NONE,
    };
    let power = TowerPower {
        before_fuse: MilliVolts(401_200),
        after_fuse: MilliVolts(401_200),
        outside: MilliVolts(401_100),
        current: MilliAmps(7700),
    };
    for frame in [status.to_frame(), panel.to_frame(), power.to_frame()] {
        observer.link_frame(tower, NOW, &frame);
    }
    let faulted = u8::from(!conditions.faults().is_empty());
    let working = NonZeroU8::new(((1 << modules) - 1) & !faulted).expect("one works");
    say_limits(observer, tower, working);
    for number in 1..=modules {
        let own = if number == 1 { conditions } else { ConditionSet::EMPTY };
        say_module(observer, tower, ModuleNode::new(number).expect("1 to 4"), own);
    }
}

/// Every module that works is bound by its cell 7.
fn say_limits(observer: &mut Observer, tower: usize, working: NonZeroU8) {
    let first = working.trailing_zeros() as u8 + 1;
    let modules = working.get().count_ones() as i32;
    let limits = TowerLimits {
        charge: limit(2100 * modules, Binding::CellVoltageHigh, first),
        discharge: limit(2500 * modules, Binding::Rating, 0),
    };
    let bound = Some(i32::from(working.get()));
    let charge = Reason::of(Binding::CellVoltageHigh, bound, None, Relief::Module);
    observer.link_frame(tower, NOW, &limits.to_frame());
    for (way, reason) in Way::ALL.into_iter().zip([charge, Reason::NONE]) {
        observer.link_frame(tower, NOW, &TowerReason { way, reason }.to_frame());
    }
}

fn say_module(observer: &mut Observer, tower: usize, node: ModuleNode, conditions: ConditionSet) {
    let n = i32::from(node.number());
    let faulted = !conditions.faults().is_empty();
    let status = ModuleStatus {
        state: if faulted { ModuleState::Faulted } else { ModuleState::Connected },
        pcu: if faulted { PcuState::Fault } else { PcuState::Active },
        soc: PerMille(600 + 10 * u16::from(node.number())),
        conditions,
        sequence: 7,
    };
    let power = ModulePower {
        pack_voltage: MilliVolts(53_000),
        pack_current: MilliAmps(if faulted { 0 } else { 29_000 }),
        terminal_voltage: MilliVolts(401_200),
        bus_current: MilliAmps(if faulted { 0 } else { 3900 }),
    };
    let (limits, reasons) = if faulted {
        let none = limit(0, Binding::Condition, 0);
        let bit = conditions.faults().iter().next().map(|fault| fault.bit() as i32);
        let stopped = Reason::of(Binding::Condition, bit, None, Relief::Person);
        (ModuleLimits { charge: none, discharge: none }, [stopped; 2])
    } else {
        let charge = limit(2100, Binding::CellVoltageHigh, 7);
        let cell = Reason::of(Binding::CellVoltageHigh, Some(3471 + n), Some(3450), Relief::Change);
        (ModuleLimits { charge, discharge: limit(2500, Binding::Rating, 0) }, [cell, Reason::NONE])
    };
    let temperatures = [Some(DeciCelsius(251)), Some(DeciCelsius(253)), None, Some(DeciCelsius(249))];
    let hardware = ModuleHardware {
        mos: Some(DeciCelsius(312)),
        ambient: Some(DeciCelsius(224)),
        heat_sink: Some(DeciCelsius(405)),
        balancing: 1 << 6,
    };
    let capacity = ModuleCapacity {
        remaining: Charge::from_deci_amp_hours(632),
        full: Charge::from_deci_amp_hours(987),
        cycles: 41,
        health: PerMille(987),
    };
    let mut frames = vec![
        status.to_frame(node),
        power.to_frame(node),
        limits.to_frame(node),
        ModuleTemperatures { cells: temperatures }.to_frame(node),
        hardware.to_frame(node),
        capacity.to_frame(node),
    ];
    for (way, reason) in Way::ALL.into_iter().zip(reasons) {
        frames.push(ModuleReason { way, reason }.to_frame(node));
    }
    for group in CellGroup::ALL {
        let voltage = |cell: usize| match cell {
            6 => Some(MilliVolts(3471 + n)),
            11 => None,
            _ => Some(MilliVolts(3440 + n + (cell % 5) as i32)),
        };
        let cells = [0, 1, 2, 3].map(|place| voltage(group.first_cell() + place));
        frames.push(ModuleCells { group, cells }.to_frame(node));
    }
    for frame in frames {
        observer.link_frame(tower, NOW, &frame);
    }
}

fn say_home(observer: &mut Observer) {
    let mut block = RegisterBlock::new();
    Home { pv: Watts(4320), load: Watts(610), grid: Watts(-600), output: Watts(-1210) }.write(&mut block);
    let channel = BatteryChannel {
        voltage: MilliVolts(401_000),
        current: MilliAmps(7700),
        power: Watts(3080),
        temperature: DeciCelsius(250),
        soc: PerMille(630),
        health: PerMille(980),
        cycles: 41,
    };
    channel.write(&mut block, Channel::One);
    observer.registers(NOW, &block);
}

struct Scene {
    observation: Observation,
    stacks: Vec<usize>,
    ui: Ui,
}

impl Scene {
    fn new(towers: &[(u8, TowerState, ConditionSet)]) -> Self {
        let mut observer = Observer::new();
        for (number, (modules, state, conditions)) in towers.iter().enumerate() {
            say_tower(&mut observer, number, *modules, *state, *conditions);
        }
        say_home(&mut observer);
        let stacks = towers.iter().map(|(modules, ..)| usize::from(*modules)).collect();
        Self { observation: observer.observation(NOW), stacks, ui: Ui::default() }
    }

    fn draw(&self, columns: u16, rows: u16) -> Buffer {
        let clock = ClockTime { day: 1, time: DayTime(50_732) };
        let log = [
            Line { at: clock, tone: Tone::Deed, text: "black-start switch held for 1 s".to_owned() },
            Line { at: clock, tone: Tone::Change, text: "charging".to_owned() },
        ];
        let truth = [("state of charge".to_owned(), "63.21 %".to_owned())];
        let mut today = Today::default();
        today.note(clock, &self.observation);
        let view = View {
            observation: &self.observation,
            stacks: &self.stacks,
            title: "A scripted scene",
            clock,
            log: &log,
            broken: &[],
            truth: &truth,
            today: &today,
            ui: &self.ui,
            blink: Instant::ZERO,
        };
        screen::drawn(&view, columns, rows)
    }
}

fn text(buffer: &Buffer) -> String {
    let row = |row: u16| {
        let cells = (0..buffer.area.width).map(|column| buffer[(column, row)].symbol());
        cells.collect::<String>().trim_end().to_owned() + "\n"
    };
    (0..buffer.area.height).map(row).collect()
}

fn charging() -> Scene {
    Scene::new(&[(2, TowerState::Charging, ConditionSet::EMPTY)])
}

fn broken() -> Scene {
    let conditions = ConditionSet::EMPTY.with(Fault::Bms).with(Alarm::AmbientTemperature);
    Scene::new(&[(4, TowerState::Charging, conditions), (3, TowerState::Charging, ConditionSet::EMPTY)])
}

#[test]
fn one_tower_on_an_ordinary_terminal() {
    expect_file!["screens/one-tower-100x30.txt"].assert_eq(&text(&charging().draw(100, 30)));
}

#[test]
fn one_tower_on_the_smallest_terminal() {
    expect_file!["screens/one-tower-80x24.txt"].assert_eq(&text(&charging().draw(80, 24)));
}

#[test]
fn two_towers_on_a_large_terminal_one_of_them_broken() {
    expect_file!["screens/two-towers-160x45.txt"].assert_eq(&text(&broken().draw(160, 45)));
}

#[test]
fn a_narrow_terminal_shows_the_selected_tower_alone() {
    let mut scene = broken();
    assert!(text(&scene.draw(80, 24)).contains("Tower 1"));
    scene.ui.selection = Selection { tower: 1, module: 2 };
    let shown = text(&scene.draw(80, 24));
    assert!(shown.contains("Tower 2") && !shown.contains("━ Tower 1"), "{shown}");
    assert!(shown.contains("Module 2.3"), "{shown}");
}

#[test]
fn a_limit_names_what_binds_it_down_to_the_cell() {
    let shown = text(&charging().draw(100, 30));
    assert!(shown.contains("4.20 kW  module 1 cell 7, 3.472 V; 1 more"), "{shown}");
    assert!(shown.contains("5.00 kW  rated power"), "{shown}");
    let wide = text(&charging().draw(140, 30));
    assert!(wide.contains("4.20 kW  module 1 cell 7, 3.472 V, falls above 3.450 V; 1 more"), "{wide}");
    let narrow = text(&charging().draw(80, 24));
    assert!(narrow.contains("4.20 kW  module 1 cell 7, 3.472 V\n"), "{narrow}");
}

#[test]
fn conditions_that_do_not_fit_are_counted_beside_the_last_line() {
    let shown = text(&broken().draw(80, 24));
    let line = shown.lines().find(|line| line.contains("more lines")).expect("they do not fit");
    assert!(line.contains("… ") && line.contains("battery management"), "{shown}");
}

#[test]
fn a_module_that_gives_nothing_is_named_as_what_limits() {
    let shown = text(&broken().draw(160, 45));
    assert!(shown.contains("6.30 kW  module 2 cell 7, 3.473 V, falls above 3.450 V; 3 more"), "{shown}");
    assert!(shown.contains("7.50 kW  module 1 BMS internal fault, a person must act"), "{shown}");
}

#[test]
fn a_condition_is_named_as_in_the_manual_with_its_module_and_its_advice() {
    let shown = text(&broken().draw(160, 45));
    assert!(
        shown.contains("FAULT BMS internal fault, tower 1, module 1, manual 2.4, on the lights"),
        "{shown}"
    );
    assert!(shown.contains("ALARM Abnormal ambient temperature"), "{shown}");
}

#[test]
fn the_truth_is_shown_only_when_asked_for_and_is_marked() {
    let mut scene = charging();
    assert!(!text(&scene.draw(100, 30)).contains("63.21 %"));
    scene.ui.truth = true;
    let shown = text(&scene.draw(100, 30));
    assert!(shown.contains("Truth (plant) on no wire") && shown.contains("63.21 %"), "{shown}");
}

#[test]
fn help_and_menu_lie_over_the_screen() {
    let mut scene = charging();
    scene.ui.overlay = Overlay::Help;
    assert!(text(&scene.draw(80, 24)).contains("hold the switch 6 s"));
    let entries = (0..40).map(|n| (format!("fault {n}"), n == 30)).collect();
    scene.ui.overlay = Overlay::Break { entries, chosen: 30 };
    let shown = text(&scene.draw(80, 24));
    assert!(shown.contains("broken fault 30") && !shown.contains("fault 2 "), "{shown}");
}

#[test]
fn flashing_lights_flash_and_steady_ones_do_not() {
    let scene = charging();
    let lit = |blink: Instant| {
        let today = Today::default();
        let view = View {
            observation: &scene.observation,
            stacks: &scene.stacks,
            title: "",
            clock: ClockTime { day: 1, time: DayTime(0) },
            log: &[],
            broken: &[],
            truth: &[],
            today: &today,
            ui: &scene.ui,
            blink,
        };
        text(&screen::drawn(&view, 100, 30)).lines().nth(2).expect("the lights").matches('●').count()
    };
    assert_eq!([lit(Instant(0)), lit(Instant(600_000))], [4, 3]);
}

#[test]
fn what_was_never_heard_is_said_to_be_so_and_what_is_old_too() {
    let mut scene = charging();
    scene.observation = Observation::default();
    assert!(text(&scene.draw(100, 30)).contains("never heard"));
    let mut observer = Observer::new();
    say_tower(&mut observer, 0, 2, TowerState::Charging, ConditionSet::EMPTY);
    scene.observation = observer.observation(Instant(NOW.0 + 10_000_000));
    let shown = text(&scene.draw(100, 30));
    assert!(shown.contains("Tower 1 silent") && !shown.contains("●"), "{shown}");
}

#[test]
fn no_size_is_too_small_to_survive() {
    let mut scene = broken();
    for overlay in
        [Overlay::None, Overlay::Help, Overlay::Break { entries: vec![(String::new(), true)], chosen: 0 }]
    {
        scene.ui.overlay = overlay;
        for (columns, rows) in [(1, 1), (20, 5), (79, 23), (100, 3), (400, 200)] {
            scene.draw(columns, rows);
        }
    }
}

#[test]
fn the_picture_is_an_svg_with_title_lamps_and_letters() {
    let picture = svg::picture(&charging().draw(100, 30), "a <title> & more");
    assert!(picture.starts_with("<svg ") && picture.ends_with("</svg>\n"));
    assert!(picture.contains("<title>a &lt;title&gt; &amp; more</title>"));
    assert_eq!(picture.matches("r=\"4.2\"").count(), 4, "lamps that are lit");
    assert!(picture.contains(">VOLTOWER<") || picture.contains(">VOLTOWER </text>"), "{picture}");
}

#[test]
fn without_colours_nothing_else_changes() {
    let mut buffer = charging().draw(100, 30);
    let before = text(&buffer);
    screen::remove_colours(&mut buffer);
    assert_eq!(text(&buffer), before);
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}
