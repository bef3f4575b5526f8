//! What a scenario says is what the world gets.

use std::io;
use std::path::Path;

use voltower_core::catalogue::ExpansionError;
use voltower_core::panel::{Colour, Light};
use voltower_core::{Alarm, Cause, Condition, Duration, Instant, TowerState};
use voltower_sim::scenario::{
    Action, Ageing, AgeingModel, Cable, Channel, Check, ClockFault, Fault, FlashDefect, FrameFault,
    HardwareFault, InverterMode, Mosfet, Observable, Spot, Window,
};
use voltower_sim::{Scenario, World};

fn read(text: &str) -> Scenario {
    let none = |_: &str| Err(io::Error::from(io::ErrorKind::NotFound));
    Scenario::parse("test.toml", text, &none).unwrap_or_else(|error| panic!("{error}"))
}

fn with(rest: &str) -> Scenario {
    read(&format!(
        "title = \"t\"\nstart = \"10:00\"\nduration = \"30 h\"\n[[tower]]\nmodel = \"E10\"\n\
         [[tower]]\nmodules = 1\n{rest}"
    ))
}

fn at(seconds: u64) -> Instant {
    Instant::ZERO + Duration::secs(seconds)
}

#[test]
fn every_scenario_of_the_house_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder of scenarios") {
        let path = entry.expect("an entry").path();
        let scenario = Scenario::load(&path).unwrap_or_else(|error| panic!("{error}\n{:?}", error.help));
        assert!(!scenario.expectations.is_empty(), "{} expects nothing", path.display());
        assert!(!scenario.description.is_empty(), "{} says nothing", path.display());
        count += 1;
    }
    assert!(count >= 40, "only {count} scenarios");
}

#[test]
fn every_condition_of_the_manual_has_a_scenario_that_expects_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let entries = std::fs::read_dir(folder).expect("the folder of scenarios");
    let scenarios: Vec<Scenario> =
        entries.map(|entry| Scenario::load(&entry.expect("an entry").path()).expect("a scenario")).collect();
    for condition in Condition::all() {
        let expected = scenarios.iter().flat_map(|scenario| &scenario.expectations).any(|expectation| {
            let lights = expectation.checks.iter().any(|check| matches!(check, Check::Lights(_)));
            lights && expectation.checks.contains(&Check::Present(condition))
        });
        assert!(expected, "no scenario shows {condition:?}");
    }
}

#[test]
fn ageing_is_what_the_scenario_says() {
    assert_eq!(with("").ageing, Ageing::default());
    let said = with("[ageing]\nmodel = \"blast-sony-3ah\"\nacceleration = 20.0\nscale = 1.5\n").ageing;
    assert_eq!(said, Ageing::new(AgeingModel::BlastSony3Ah, 20.0, 1.5).expect("in range"));
}

#[test]
fn a_used_module_is_itself_wherever_it_starts() {
    let text = |module: &str| {
        format!("title = \"t\"\nduration = \"1 h\"\n[[tower]]\nmodel = \"E5\"\n[[tower.module]]\n{module}\n")
    };
    let first = World::new(&read(&text("soc = \"37 %\"\nhealth = \"80 %\"\ntemperature = \"31 degC\"")));
    let (tower, module, saved) = first.modules().next().expect("a module");
    assert_eq!((tower, module, first.modules().count()), (1, 1, 1));
    let open = |name: &str| {
        assert_eq!(name, "used.toml");
        Ok(saved.clone())
    };
    let used = text("state = \"used.toml\"\nplugged = true");
    let mut scenario = Scenario::parse("test.toml", &used, &open).unwrap_or_else(|error| panic!("{error}"));
    scenario.seed = 4711;
    let spec = &scenario.towers[0].modules[0];
    assert!((spec.soc - 0.37).abs() < 0.01 && (spec.health - 0.79).abs() < 0.02, "{spec:?}");
    let (_, _, again) = World::new(&scenario).modules().next().expect("a module");
    assert_eq!(again, saved);

    let strange = |_: &str| Ok(saved.replacen("cell = \"", "cell = \"Other ", 1));
    let error = Scenario::parse("test.toml", &used, &strange).expect_err("another cell");
    assert!(error.message.contains("cells called `Other"), "{error}");
}

#[test]
fn the_built_in_day_is_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios/summer-day.toml");
    let built_in = Scenario::summer_day().expect("the built-in day");
    assert_eq!(built_in, Scenario::load(&path).expect("the file"));
    assert_eq!((built_in.towers.len(), built_in.towers[0].modules.len()), (1, 2));
}

#[test]
fn times_are_clock_times_days_or_since_the_start() {
    let scenario = with(
        "[[event]]\nat = \"10:30\"\ngrid = \"off\"\n[[event]]\nat = \"day 2 09:00:05\"\ngrid = \"on\"\n\
         [[event]]\nat = \"+1 min 30 s\"\nload = \"2.5 kW\"\n",
    );
    let seen: Vec<(Instant, &Action)> =
        scenario.events.iter().map(|event| (event.at, &event.action)).collect();
    let expected = [
        (at(90), &Action::Load { watts: 2500.0 }),
        (at(1800), &Action::Grid { on: false }),
        (at(23 * 3600 + 5), &Action::Grid { on: true }),
    ];
    assert_eq!(seen, expected, "in order of time");
    assert_eq!(scenario.start.after(at(23 * 3600 + 5)).to_string(), "day 2 09:00:05");
}

#[test]
fn until_is_a_second_event_and_names_repair() {
    let scenario = with(
        "[[event]]\nat = \"+1 s\"\nuntil = \"+9 s\"\ntower = 2\nbreak = { mosfet-welded = { mosfet = \"charge\" } }\n\
         [[event]]\nat = \"+2 s\"\nname = \"cold\"\nbreak = { heater = { module = 2, cell = 16, power = \"-5 W\" } }\n\
         [[event]]\nat = \"+3 s\"\nrepair = \"cold\"\n",
    );
    let weld = Fault::from(HardwareFault::MosfetWelded { module: 0, mosfet: Mosfet::Charge });
    let cold = Fault::from(HardwareFault::Heater { module: 1, cell: Some(15), watts: -5.0 });
    let actions: Vec<Action> = scenario.events.into_iter().map(|event| event.action).collect();
    let expected = [
        Action::Break { tower: 1, fault: weld.clone() },
        Action::Break { tower: 0, fault: cold.clone() },
        Action::Repair { tower: 0, fault: cold },
        Action::Repair { tower: 1, fault: weld },
    ];
    assert_eq!(actions, expected);
}

#[test]
fn inverter_modes_carry_their_power() {
    let scenario =
        with("[inverter]\nmode = \"charge 2.5 kW\"\n[[event]]\nat = \"+1 s\"\ninverter = \"hold\"\n");
    assert_eq!(scenario.inverter.mode, InverterMode::Charge(2500.0));
    assert_eq!(scenario.events[0].action, Action::Inverter(InverterMode::Hold));
}

#[test]
fn expectations_have_a_window_and_checks() {
    let scenario = with(
        "[[expect]]\nfrom = \"+1 s\"\nby = \"+3 s\"\nfor = \"100 ms\"\nstate = \"black start\"\n\
         condition = \"Other alarm\"\n\
         [[expect]]\nat = \"+5 s\"\nsoc = { max = \"50 %\" }\nabsent = \"all\"\n\
         [[expect]]\nmodule = 2\npower = { min = \"-1 kW\", max = \"0 W\" }\n",
    );
    let [once, then, always] = scenario.expectations.as_slice() else { panic!("three expectations") };
    assert_eq!(once.window, Window::Once { from: at(1), by: at(3), lasting: Duration::millis(100) });
    let checks = [Check::State(TowerState::BlackStart), Check::Present(Condition::Alarm(Alarm::Other))];
    assert_eq!(once.checks, checks);
    assert_eq!(then.window, Window::Always { from: at(5), until: at(5) });
    let soc = Check::Within { observable: Observable::Soc, min: f64::NEG_INFINITY, max: 0.5 };
    assert_eq!(then.checks, [Check::NoCondition, soc]);
    assert_eq!(always.window, Window::Always { from: Instant::ZERO, until: at(30 * 3600) });
    assert_eq!(always.module, Some(1));
    assert_eq!(always.checks, [Check::Within { observable: Observable::Power, min: -1000.0, max: 0.0 }]);
}

#[test]
fn a_diagnosis_is_said_in_words_that_fit_one_finding() {
    let found = |words: &str| {
        let read = with(&format!("[[expect]]\ndiagnosis = \"{words}\"\n"));
        match read.expectations[0].checks[..] {
            [Check::Diagnosis(diagnosis)] => (diagnosis.cause, diagnosis.module),
            ref checks => panic!("{checks:?}"),
        }
    };
    assert_eq!(found("none"), (Cause::None, 0));
    assert_eq!(found("Link chain interrupted after module 2"), (Cause::ChainInterrupted, 2));
    assert_eq!(found("chain interrupted after module 1"), (Cause::ChainInterrupted, 1));
    assert_eq!(found("between the distribution unit and module 1"), (Cause::ChainInterrupted, 0));
    assert_eq!(found("terminal resistor missing"), (Cause::TerminatorMissing, 0));
    assert_eq!(found("module 3 has the serial number"), (Cause::SameSerial, 3));
    assert_eq!(found("the software of module 4 differs"), (Cause::Software, 4));
    assert_eq!(found("more than four modules"), (Cause::TooMany, 0));
}

#[test]
fn lights_are_read_in_words() {
    let scenario = with(
        "[[expect]]\nlights = \"alarm flashing, L1 L3\"\n[[expect]]\nlights = \"status blue, L1, L2 flashing\"\n\
         [[expect]]\nlights = \"status green flashing, soc\"\n[[expect]]\nlights = \"dark\"\n",
    );
    let lights: Vec<_> = scenario.expectations.iter().map(|expectation| expectation.checks[0]).collect();
    let [Check::Lights(alarm), Check::Lights(charge), Check::Lights(standby), Check::Lights(dark)] =
        lights[..]
    else {
        panic!("four lights: {lights:?}")
    };
    use Light::{Flashing, Off, On};
    assert_eq!((alarm.pattern.status, alarm.pattern.alarm), (Off, Flashing));
    assert_eq!(alarm.pattern.soc, [On, Off, On, Off, Off]);
    assert_eq!((charge.pattern.status, charge.pattern.colour), (On, Colour::Blue));
    assert_eq!(charge.pattern.soc, [On, Flashing, Off, Off, Off]);
    assert_eq!((standby.pattern.status, standby.soc_free), (Flashing, true));
    assert_eq!(dark.pattern.soc, [Off; 5]);
}

#[test]
fn every_quantity_can_be_expected_by_its_key() {
    for observable in Observable::ALL {
        let unit = match observable.key() {
            "soc" | "soc_low" | "soc_high" => "0 %",
            "modules_connected" => "0",
            key if key.ends_with("voltage") || key.contains("voltage_m") => "0 V",
            "insulation" => "0 ohm",
            key if key.contains("temperature") => "0 degC",
            _ => "0 W",
        };
        let scenario = with(&format!("[[expect]]\n{} = {{ min = \"{unit}\" }}\n", observable.key()));
        let expected = Check::Within { observable: *observable, min: 0.0, max: f64::INFINITY };
        assert_eq!(scenario.expectations[0].checks, [expected]);
    }
}

#[test]
fn towers_can_be_replaced_within_the_rule() {
    let mut scenario = Scenario::summer_day().expect("the built-in day");
    scenario.resize(2, 4).expect("two towers of four modules");
    assert_eq!(scenario.towers.len(), 2);
    assert!(scenario.towers.iter().all(|tower| tower.modules.len() == 4));
    let presses = scenario.events.iter().filter(|event| matches!(event.action, Action::Press { .. }));
    assert_eq!(presses.count(), 2, "each tower is started");
    assert_eq!(scenario.resize(3, 1), Err(ExpansionError::TooManyTowers { towers: 3 }));
    assert_eq!(scenario.resize(1, 5), Err(ExpansionError::TooManyModules { tower: 1, modules: 5 }));
    assert_eq!(scenario.towers.len(), 2, "unchanged by a refused wish");
}

#[test]
fn the_document_is_true() {
    let document = include_str!("../../../docs/scenarios.md");
    let example = document.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next());
    let scenario = read(example.expect("an example"));
    assert_eq!((scenario.title.as_str(), scenario.events.len()), ("A hot afternoon", 3));
    for observable in Observable::ALL {
        assert!(document.contains(&format!("`{}`", observable.key())), "{}", observable.key());
    }
    let rows = document.lines().filter(|line| line.starts_with("| `{ ") || line.starts_with("| `\""));
    let mut count = 0;
    for row in rows {
        let fault = row.split('`').nth(1).expect("a fault in backquotes");
        let scenario = with(&format!("[[event]]\nat = \"+1 s\"\nbreak = {fault}\n"));
        assert!(matches!(scenario.events[0].action, Action::Break { .. }), "{fault}");
        count += 1;
    }
    assert!(count >= 25, "only {count} faults");
}

#[test]
fn every_word_of_a_fault_stands_in_the_document() {
    let document = include_str!("../../../docs/scenarios.md");
    let text = "title = \"x\"\nduration = \"1 s\"\n[[tower]]\nmodules = 1\n[[event]]\nat = \"+0 s\"\nbreak = \"?\"\n";
    let error = Scenario::parse("x.toml", text, &|_| unreachable!()).expect_err("no such fault");
    let help = error.help.expect("the list of faults");
    let words: Vec<&str> = help.split("ossible are: ").nth(1).expect("a list").split(", ").collect();
    assert!(words.len() >= 38, "{words:?}");
    for word in words {
        assert!(
            document.contains(&format!("`{word}`"))
                || document.contains(&format!("{{ {word} = "))
                || document.contains(&format!("`\"{word}\"`")),
            "{word}"
        );
    }
}

#[test]
fn faults_of_sensors_and_switches_are_read_with_their_units() {
    use Channel::{Cell, Current, Temperature};
    use FlashDefect as D;
    use HardwareFault as H;
    let flash = |module, defect| H::Flash { module, defect };
    for (text, fault) in [
        ("{ sensor-stuck = { channel = \"cell 16\" } }", H::SensorStuck { module: 0, channel: Cell(15) }),
        (
            "{ sensor-noise = { module = 2, channel = \"temperature 4\", sigma = \"3 K\" } }",
            H::SensorNoise { module: 1, channel: Temperature(3), sigma: 3.0 },
        ),
        (
            "{ sensor-noise = { channel = \"cell 1\", sigma = \"20 mV\" } }",
            H::SensorNoise { module: 0, channel: Cell(0), sigma: 0.02 },
        ),
        (
            "{ sensor-noise = { channel = \"current\", sigma = \"500 mA\" } }",
            H::SensorNoise { module: 0, channel: Current, sigma: 0.5 },
        ),
        (
            "{ sensor-swapped = { channel = \"cell 4\", with = \"cell 5\" } }",
            H::SensorSwapped { module: 0, channel: Cell(3), with: Cell(4) },
        ),
        ("{ shunt-open = {} }", H::ShuntOpen { module: 0 }),
        ("{ shunt-reversed = { module = 2 } }", H::ShuntReversed { module: 1 }),
        ("{ relay-slow = { delay = \"1500 ms\" } }", H::RelaySlow { module: 0, seconds: 1.5 }),
        (
            "{ mosfet-slow = { mosfet = \"discharge\", delay = \"2 s\" } }",
            H::MosfetSlow { module: 0, mosfet: Mosfet::Discharge, seconds: 2.0 },
        ),
        (
            "{ mosfet-stuck-open = { module = 2, mosfet = \"charge\" } }",
            H::MosfetStuckOpen { module: 1, mosfet: Mosfet::Charge },
        ),
        ("{ comparator-stuck = { module = 2 } }", H::ComparatorStuck { module: 1 }),
        ("{ pack-voltage-offset = { offset = \"-3 V\" } }", H::PackVoltageOffset { module: 0, volts: -3.0 }),
        (
            "{ converter-voltage-offset = { module = 2, offset = \"500 mV\" } }",
            H::ConverterVoltageOffset { module: 1, volts: 0.5 },
        ),
        ("{ earth-missing = {} }", H::EarthMissing { module: 0 }),
        ("{ flash-bit-rot = { module = 2, bits = 3 } }", flash(Some(1), D::BitRot { bits: 3 })),
        ("{ flash-erase-fails = {} }", flash(Some(0), D::EraseFails)),
        ("{ flash-worn = { module = 2 } }", flash(Some(1), D::Worn)),
        ("{ flash-cut = { operation = 5 } }", flash(Some(0), D::Cut { after: 5 })),
        ("{ bdu-flash-bit-rot = { bits = 3 } }", flash(None, D::BitRot { bits: 3 })),
        ("\"bdu-flash-erase-fails\"", flash(None, D::EraseFails)),
        ("\"bdu-flash-worn\"", flash(None, D::Worn)),
        ("{ bdu-flash-cut = { operation = 5 } }", flash(None, D::Cut { after: 5 })),
        (
            "{ insulation-loss = { module = 2, resistance = \"10 kohm\" } }",
            H::InsulationLoss { module: 1, ohms: 10_000.0 },
        ),
        ("{ dc-switch-slow = { delay = \"1 min\" } }", H::DcSwitchSlow { seconds: 60.0 }),
        (
            "{ lost-contact = { cell = 5, resistance = \"1 mohm\", rise = \"20 mohm/h\" } }",
            H::LostContact { module: 0, cell: 4, ohms: 0.001, ohms_per_hour: 0.02 },
        ),
    ] {
        let scenario = with(&format!("[[event]]\nat = \"+1 s\"\nbreak = {text}\n"));
        let expected = Action::Break { tower: 0, fault: Fault::from(fault) };
        assert_eq!(scenario.events[0].action, expected, "{text}");
    }
}

#[test]
fn faults_of_wires_and_controllers_are_read() {
    let version = || "V9990000".to_owned();
    for (text, fault) in [
        ("{ cut-enable = { after = 1 } }", Fault::CutEnable { after: 1 }),
        ("{ enable-stuck = { module = 2 } }", Fault::EnableStuck { module: 1 }),
        ("\"link-terminator-missing\"", Fault::LinkTerminatorMissing),
        ("\"link-terminator-doubled\"", Fault::LinkTerminatorDoubled),
        ("{ link-babbling = {} }", Fault::LinkBabbling { module: 0 }),
        ("{ link-deaf = { module = 2 } }", Fault::LinkDeaf { module: 1 }),
        ("{ link-mute = { module = 2 } }", Fault::LinkMute { module: 1 }),
        ("{ module-reset = { module = 2 } }", Fault::ModuleReset { module: 1 }),
        ("{ ram-stuck-bit = { module = 2 } }", Fault::RamStuckBit { module: 1 }),
        ("{ image-corrupted = {} }", Fault::ImageCorrupted { module: 0 }),
        ("\"bdu-ram-stuck-bit\"", Fault::BduRamStuckBit),
        ("\"bdu-image-corrupted\"", Fault::BduImageCorrupted),
        ("\"bdu-reset\"", Fault::BduReset),
        ("\"com-strap-open\"", Fault::ComStrapOpen),
        ("\"bdu-link-open\"", Fault::BduLinkOpen),
        (
            "{ bdu-wrong-software = { version = \"V9990000\" } }",
            Fault::BduWrongSoftware { version: version() },
        ),
        ("{ configuration-broken = { module = 2 } }", Fault::ConfigurationBroken { module: 1 }),
        (
            "{ wrong-converter-software = { module = 2, version = \"V9990000\" } }",
            Fault::WrongConverterSoftware { module: 1, version: version() },
        ),
        ("{ serial-of = { module = 2, like = 1 } }", Fault::SerialOf { module: 1, like: 0 }),
    ] {
        let scenario = with(&format!("[[event]]\nat = \"+1 s\"\nbreak = {text}\n"));
        assert_eq!(scenario.events[0].action, Action::Break { tower: 0, fault }, "{text}");
    }
}

#[test]
fn faults_of_frames_clocks_and_resets_have_their_words() {
    let late = |by| FrameFault::Late { by: Duration::millis(by) };
    let every = Duration::secs(20);
    breaks(vec![
        (
            "{ link-frames = { harm = \"lost\", rate = \"5 %\" } }",
            Fault::LinkFrames { harm: FrameFault::Lost, rate: 0.05 },
        ),
        (
            "{ link-frames = { harm = \"late\", rate = \"100 %\" } }",
            Fault::LinkFrames { harm: late(50), rate: 1.0 },
        ),
        (
            "{ com-frames = { harm = \"late\", rate = \"10 %\", by = \"2 ms\" } }",
            Fault::ComFrames { harm: late(2), rate: 0.1 },
        ),
        ("{ link-bus-off = { module = 2 } }", Fault::LinkBusOff { module: 1 }),
        ("\"bdu-link-bus-off\"", Fault::BduLinkBusOff),
        ("\"second-bdu\"", Fault::SecondBdu),
        ("{ module-brown-out = {} }", Fault::ModuleBrownOut { module: 0 }),
        ("\"bdu-brown-out\"", Fault::BduBrownOut),
        (
            "{ module-reset-storm = { module = 2, every = \"20 s\" } }",
            Fault::ModuleResetStorm { module: 1, every },
        ),
        ("{ bdu-reset-storm = { every = \"20 s\" } }", Fault::BduResetStorm { every }),
        ("{ module-hangs = {} }", Fault::ModuleHangs { module: 0 }),
        ("\"bdu-hangs\"", Fault::BduHangs),
        (
            "{ clock-drift = { module = 2, share = \"-2 %\" } }",
            Fault::ModuleClock { module: 1, clock: ClockFault::Drift { share: -0.02 } },
        ),
        (
            "{ clock-jump = { by = \"1 h\", back = true } }",
            Fault::ModuleClock {
                module: 0,
                clock: ClockFault::Jump { by: Duration::secs(3600), back: true },
            },
        ),
        (
            "{ bdu-clock-jump = { by = \"20 s\" } }",
            Fault::BduClock { clock: ClockFault::Jump { by: every, back: false } },
        ),
        ("{ clock-stopped = {} }", Fault::ModuleClock { module: 0, clock: ClockFault::Stopped }),
        ("\"bdu-clock-stopped\"", Fault::BduClock { clock: ClockFault::Stopped }),
    ]);
}

#[test]
fn faults_of_com_readings_and_feedback_have_their_words() {
    breaks(vec![
        ("\"com-flood\"", Fault::ComFlood),
        ("\"com-malformed\"", Fault::ComMalformed),
        ("\"com-replay\"", Fault::ComReplay),
        ("\"inverter-wrong-sign\"", Fault::InverterWrongSign),
        ("\"inverter-stale\"", Fault::InverterStale),
        (
            "{ inverter-reconnects = { every = \"20 s\" } }",
            Fault::InverterReconnects { every: Duration::secs(20) },
        ),
        (
            "{ air-around = { module = 2, temperature = \"-30 degC\" } }",
            HardwareFault::AirAround { module: 1, celsius: -30.0 }.into(),
        ),
        (
            "{ hot-spot = { spot = \"heat-sink\", power = \"200 W\" } }",
            HardwareFault::HotSpot { module: 0, spot: Spot::HeatSink, watts: 200.0 }.into(),
        ),
        (
            "{ afe-late = { module = 2, conversions = 20 } }",
            HardwareFault::AfeLate { module: 1, conversions: 20 }.into(),
        ),
        (
            "{ relay-bounces = { module = 2, time = \"500 ms\" } }",
            HardwareFault::RelayBounces { module: 1, seconds: 0.5 }.into(),
        ),
        (
            "{ relay-feedback = { says = \"open\" } }",
            HardwareFault::RelayFeedback { module: 0, closed: false }.into(),
        ),
        (
            "{ mosfet-feedback = { mosfet = \"discharge\", says = \"closed\" } }",
            HardwareFault::MosfetFeedback { module: 0, mosfet: Mosfet::Discharge, closed: true }.into(),
        ),
        ("{ shunt-gain = { share = \"10 %\" } }", HardwareFault::ShuntGain { module: 0, share: 0.1 }.into()),
        (
            "{ cell-voltage-gain = { cell = 3, share = \"2 %\" } }",
            HardwareFault::CellVoltageGain { module: 0, cell: 2, share: 0.02 }.into(),
        ),
    ]);
}

fn breaks(faults: Vec<(&str, Fault)>) {
    for (text, fault) in faults {
        let scenario = with(&format!("[[event]]\nat = \"+1 s\"\nbreak = {text}\n"));
        assert_eq!(scenario.events[0].action, Action::Break { tower: 0, fault }, "{text}");
    }
}

#[test]
fn the_cables_of_the_link_have_a_length() {
    let of = |link: &str| {
        let text = format!("title = \"t\"\nduration = \"1 h\"\n[[tower]]\nmodules = 1\n{link}");
        read(&text).towers[0].link_length
    };
    assert_eq!(of(""), 0.5);
    assert_eq!(of("[tower.link]\nlength = \"12.5 m\"\n"), 12.5);
}

#[test]
fn the_cable_has_a_gauge_and_a_length() {
    let of = |cable: &str| {
        let text = format!("title = \"t\"\nduration = \"1 h\"\n[[tower]]\nmodules = 1\n{cable}");
        read(&text).towers[0].cable
    };
    assert_eq!(of(""), Cable { awg: 10, length: 5.0 });
    assert_eq!(of("[tower.cable]\ngauge = \"8 AWG\"\nlength = \"12.5 m\"\n"), Cable { awg: 8, length: 12.5 });
    assert_eq!(of("[tower.cable]\nlength = \"2 m\"\n"), Cable { awg: 10, length: 2.0 });
}

#[test]
fn a_long_cable_drops_more_at_the_inverter() {
    let drop = |length: &str| {
        let mut scenario = read(&format!(
            "title = \"t\"\nduration = \"2 min\"\n[inverter]\nmode = \"discharge 4 kW\"\n[[tower]]\nmodel = \"E10\"\n\
             [tower.cable]\nlength = \"{length}\"\n[[event]]\nat = \"+1 s\"\npress = \"1 s\"\n"
        ));
        scenario.seed = 3;
        let mut world = World::new(&scenario);
        world.advance_to(at(100));
        let truth = world.truth(0).expect("a tower");
        (truth.outside_voltage - truth.input_voltage) / -truth.current
    };
    let (short, long) = (drop("5 m"), drop("50 m"));
    // 90 m more of copper of 3.277 mohm/m.
    assert!((long - short - 0.295).abs() < 0.005, "{short} {long}");
}
