//! Cells that age while the tower runs, and modules that are saved and go on.

mod common;

use common::{all_off, module, run};
use voltower_plant::ageing::{Ageing, AgeingModel};
use voltower_plant::{Fault, ModuleSetup, ModuleState, Tower, TowerParameters, TowerSetup};

fn tower(setup: ModuleSetup) -> Tower {
    let setup = TowerSetup { modules: vec![setup], ambient: 25.0, seed: 3 };
    Tower::new(&TowerParameters::default(), &setup)
}

fn ageing(model: AgeingModel, acceleration: f64) -> ModuleSetup {
    let ageing = Ageing::new(model, acceleration, 1.0).expect("in range");
    ModuleSetup { ageing, ..ModuleSetup::default() }
}

/// Starts, then up and down twice in a day.
fn day(tower: &mut Tower) {
    common::start(tower);
    for watts in [1_500.0, -2_000.0, 1_800.0, -1_200.0] {
        tower.input_mut().request(watts);
        run(tower, 3.0 * 3600.0, 10.0);
        tower.input_mut().request(0.0);
        run(tower, 3.0 * 3600.0, 10.0);
    }
}

fn state(tower: &Tower) -> ModuleState {
    tower.module_state(0).expect("the module exists")
}

fn check_books(tower: &Tower) {
    let ledger = tower.energy();
    assert!(ledger.relative_residual() < 1e-9, "{} J: {ledger:?}", ledger.residual());
    let heat = ledger.heat_made.abs() + ledger.heat_reversible.abs();
    assert!(ledger.thermal_residual().abs() < 1e-9 * heat + 1e-6, "{}", ledger.thermal_residual());
}

#[test]
fn capacity_and_resistance_follow_the_age_and_the_books_stay_closed() {
    for model in AgeingModel::ALL {
        let mut tower = tower(ageing(model, 2_000.0));
        let new = state(&tower);
        day(&mut tower);
        let old = state(&tower);
        check_books(&tower);
        assert_eq!(old.cells.capacity_coulombs, new.cells.capacity_coulombs);
        let aged = old.age[7].capacity_factor();
        if model == AgeingModel::None {
            assert_eq!(aged, 1.0);
        } else {
            // Five and a half years, and 2000 times two cycles of some 90 %.
            assert!((0.5..0.97).contains(&aged), "{model}: {aged}");
            assert!(old.age[7].resistance_growth() > 0.03, "{model}");
        }
        let least = |state: &ModuleState| state.capacity();
        let truth = module(&tower, 0).capacity;
        assert!((truth / least(&old) - 1.0).abs() < 1e-3, "{model}: {truth} {}", least(&old));
    }
}

#[test]
fn an_older_cell_drops_more_under_load() {
    let sag = |growth: f64| {
        let mut tower = tower(ModuleSetup { resistance_growth: growth, ..ageing(AgeingModel::None, 1.0) });
        common::start(&mut tower);
        let rest = module(&tower, 0).pack_voltage;
        tower.input_mut().request(-2_000.0);
        run(&mut tower, 600.0, 1.0);
        rest - module(&tower, 0).pack_voltage
    };
    assert!(sag(2.0) > 1.2 * sag(1.0));
}

#[test]
fn a_module_saved_at_noon_goes_on_as_its_cells_did() {
    let mut before = tower(ageing(AgeingModel::BlastSony3Ah, 50.0));
    day(&mut before);
    before.input_mut().request(1_700.0);
    run(&mut before, 1_800.0, 10.0);
    all_off(&mut before);
    run(&mut before, 60.0, 10.0);
    let saved = state(&before);
    let text = saved.to_toml();
    let read = ModuleState::from_toml(&text, "module.toml").expect("what was written");
    assert_eq!(read, saved);
    assert_eq!(read.to_toml(), text);

    let setup =
        ModuleSetup { seed: 99, state: Some(Box::new(read)), ..ageing(AgeingModel::BlastSony3Ah, 50.0) };
    let mut after = tower(setup);
    assert_eq!(state(&after), saved);
    for hours in [0.0, 0.5, 2.0, 8.0] {
        for tower in [&mut before, &mut after] {
            run(tower, hours * 3600.0, 10.0);
        }
        let (one, other) = (module(&before, 0), module(&after, 0));
        for cell in 0..16 {
            let near =
                |a: f64, b: f64, far: f64| assert!((a - b).abs() <= far, "cell {cell}, {hours} h: {a} {b}");
            near(one.cell_soc[cell], other.cell_soc[cell], 1e-9);
            near(one.cell_voltages[cell], other.cell_voltages[cell], 1e-6);
            near(one.cell_temperatures[cell], other.cell_temperatures[cell], 5e-6);
            let loss = |tower: &Tower| state(tower).age[cell].capacity_loss();
            near(loss(&before), loss(&after), 1e-9);
        }
    }
    day(&mut after);
    check_books(&after);
}

#[test]
fn a_fault_does_not_stay_with_the_module() {
    let mut tower = tower(ModuleSetup::default());
    let whole = state(&tower);
    let weak = Fault::WeakCell { module: 0, cell: 4, capacity_share: 0.5 };
    tower.inject(weak);
    let capacity = module(&tower, 0).capacity;
    assert!((capacity / whole.capacity() - 0.5).abs() < 0.05, "{capacity}");
    assert_eq!(state(&tower).capacity(), whole.capacity());
    tower.repair(weak);
    assert_eq!(module(&tower, 0).capacity, whole.capacity());
}

#[test]
fn health_of_a_setup_is_an_age_that_goes_on() {
    let lost = |health: f64| {
        let mut tower = tower(ModuleSetup { health, ..ageing(AgeingModel::BlastPrismatic250Ah, 365.0) });
        let before = state(&tower).age[0].capacity_loss();
        run(&mut tower, 86_400.0, 60.0);
        (before, state(&tower).age[0].capacity_loss())
    };
    let ((new, new_later), (old, old_later)) = (lost(1.0), lost(0.9));
    assert!(new == 0.0 && (old - 0.1).abs() < 1e-12);
    // Along a curve that flattens, a year costs a used cell less than a new one.
    assert!(old_later > old && old_later - old < 0.5 * (new_later - new), "{old_later} {new_later}");
}

#[test]
fn a_module_better_than_new_is_not_younger_than_new() {
    let better = ModuleSetup { health: 1.1, resistance_growth: 0.8, ..ageing(AgeingModel::Naumann, 1.0) };
    let (mut better, plain) = (tower(better), tower(ModuleSetup::default()));
    let ratio = module(&better, 0).capacity / module(&plain, 0).capacity;
    assert!((ratio - 1.1).abs() < 1e-9, "{ratio}");
    assert_eq!(state(&better).cells.resistance, state(&plain).cells.resistance.map(|factor| factor * 0.8));
    run(&mut better, 7_200.0, 60.0);
    assert!(state(&better).age.iter().all(|age| age.calendar_loss > 0.0 && age.calendar_growth > 0.0));
}

#[test]
fn a_wrong_module_file_is_told_with_its_line_and_field() {
    let good = state(&tower(ModuleSetup::default())).to_toml();
    let line = |key: &str| {
        let found = good.lines().enumerate().find(|(_, line)| line.starts_with(&format!("{key} =")));
        let (index, line) = found.expect("the field");
        (index + 1, line.to_owned())
    };
    for (key, value, says) in [
        ("soc", "[0.5, 0.5]", "invalid length 2"),
        ("case_temperature", "nan", "out of range"),
        ("hysteresis", "0.5", "invalid type"),
        ("elapsed", "inf", "out of range"),
        ("calendar_loss", "-0.5", "must be a share between 0 and 1"),
        ("capacity_coulombs", "[0.0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]", "between 1 and"),
    ] {
        let (number, text) = line(key);
        let wrong = good.replacen(&text, &format!("{key} = {value}"), 1);
        let error = ModuleState::from_toml(&wrong, "aged.toml").expect_err(key).to_string();
        assert!(
            error.starts_with(&format!("aged.toml:{number}: {key}: ")) && error.contains(says),
            "{error}"
        );
    }
    let error =
        ModuleState::from_toml(&good.replace("case_temperature", "case"), "aged.toml").expect_err("field");
    assert!(error.to_string().contains("unknown field `case`, expected one of"), "{error}");
    assert!(
        ModuleState::from_toml("what?", "aged.toml")
            .expect_err("TOML")
            .to_string()
            .starts_with("aged.toml:1: ")
    );
}
