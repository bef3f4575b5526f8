//! Limits and conditions in sentences.

use voltower_core::panel::advice::{self, Told, advice};
use voltower_core::{Binding, Bindings, Condition, Level, PerMille, Relief, TowerState, values};
use voltower_gateway::observe::{Cause, Explanation, ModuleObservation, Quantity, TowerObservation};
use voltower_protocols::link::{FullChargeAsked, Way};

/// Why a limit is what it is: a sentence for the limit, then one or two for each cause.
#[must_use]
pub fn limit(explanation: &Explanation) -> Vec<String> {
    let Explanation { way, power, rated, causes } = explanation;
    let subject = subject(*way);
    if causes.is_empty() {
        return vec![format!("Nothing limits {}: {power} of {rated}.", subject.to_lowercase())];
    }
    let first = if power.0 == 0 {
        format!("{subject} is not possible.")
    } else {
        format!("{subject} is limited to {power} of {rated}.")
    };
    let mut sentences = vec![first];
    sentences.extend(causes.iter().map(|cause| self::cause(cause, *way)));
    sentences
}

/// What binds one limit of a module.
#[must_use]
pub fn of_module(module: &ModuleObservation, number: u8, way: Way) -> String {
    let limits = module.limits.as_ref().and_then(|limits| limits.fresh());
    let Some(limits) = limits else { return format!("Module {number} is not heard.") };
    let power = match way {
        Way::Charge => limits.charge.power,
        Way::Discharge => limits.discharge.power,
    };
    match module.explain(number, way) {
        Some(found) => format!("{}: {power}. {}", subject(way), cause(&found, way)),
        None => format!("{}: {power}. Nothing but the rating limits it.", subject(way)),
    }
}

const fn subject(way: Way) -> &'static str {
    match way {
        Way::Charge => "Charging",
        Way::Discharge => "Discharging",
    }
}

/// What it is, and what must happen, in one or two sentences.
fn cause(cause: &Cause, way: Way) -> String {
    let mut text = what(cause, way);
    let next = relief(cause, way);
    if !next.is_empty() {
        text = format!("{text} {next}");
    }
    if !cause.also.is_empty() {
        let others = words(cause.also);
        let verb =
            if cause.binding == Binding::Recovery { "What binds it then" } else { "As little is left by" };
        text = format!("{text} {verb}: {others}.");
    }
    text
}

fn words(bindings: Bindings) -> String {
    bindings.iter().map(Binding::word).collect::<Vec<_>>().join(", ")
}

fn what(cause: &Cause, way: Way) -> String {
    let place = place(cause);
    let reading = match (cause.value, cause.level) {
        (Some(value), Some(level)) => {
            format!("{place} is at {}: {} {}", told(value), side(cause), told(level))
        }
        (_, _) => format!("{place}: {}", cause.binding.word()),
    };
    match cause.binding {
        Binding::CellVoltageLow if way == Way::Charge => format!("{reading} a cell is charged gently."),
        Binding::CellVoltageLow
        | Binding::CellVoltageHigh
        | Binding::HighTemperature
        | Binding::LowTemperature
        | Binding::PcuTemperature
        | Binding::Ambient => format!("{reading} the limit falls."),
        Binding::StateOfCharge => state_of_charge(cause, way),
        Binding::Reading => lost_reading(cause),
        Binding::Condition => condition(cause, way),
        Binding::Recovery => recovery(cause),
        Binding::NotConnected => format!("{} is not on the bus.", whose(cause)),
        Binding::Distribution => distribution(cause),
        Binding::InverterSilent => "The inverter is not heard on COM.".to_owned(),
        Binding::Configuration => configuration(cause),
        Binding::Rating => format!("{} gives what it is rated for.", whose(cause)),
    }
}

/// On which side of its level a quantity is bad.
fn side(cause: &Cause) -> &'static str {
    match cause.binding {
        Binding::LowTemperature | Binding::CellVoltageLow => "below",
        Binding::CellVoltageHigh
        | Binding::HighTemperature
        | Binding::PcuTemperature
        | Binding::Ambient
        | Binding::StateOfCharge
        | Binding::Reading
        | Binding::Condition
        | Binding::Recovery
        | Binding::NotConnected
        | Binding::Distribution
        | Binding::InverterSilent
        | Binding::Configuration
        | Binding::Rating => "above",
    }
}

fn whose(cause: &Cause) -> String {
    cause.module.map_or_else(|| "The tower".to_owned(), |module| format!("Module {module}"))
}

/// `Module 2, cell 7`, `Module 2, sensor T3`, `The converter of module 2`.
fn place(cause: &Cause) -> String {
    let whose = whose(cause);
    match (cause.binding, cause.element) {
        (Binding::PcuTemperature, _) => format!("The converter of {}", whose.to_lowercase()),
        (_, 0) => whose,
        (Binding::HighTemperature | Binding::LowTemperature, sensor) => format!("{whose}, sensor T{sensor}"),
        (_, cell) => format!("{whose}, cell {cell}"),
    }
}

fn state_of_charge(cause: &Cause, way: Way) -> String {
    let (whose, end) = (whose(cause), if way == Way::Charge { "full" } else { "nearly empty" });
    match (cause.value, cause.level) {
        (Some(value), Some(level)) => {
            let side = if way == Way::Charge { "again below" } else { "again from" };
            let verb = if way == Way::Charge { "takes charge" } else { "gives power" };
            format!("{whose} is {end}, at {}: it {verb} {side} {}.", told(value), told(level))
        }
        (_, _) => format!("{whose} is {end}."),
    }
}

fn lost_reading(cause: &Cause) -> String {
    let element = cause.element;
    let missing = match cause.value {
        Some(Quantity::Reading(Binding::CellVoltageHigh | Binding::CellVoltageLow)) => {
            format!("the voltage of cell {element}")
        }
        Some(Quantity::Reading(Binding::HighTemperature | Binding::LowTemperature)) => {
            format!("the temperature of sensor T{element}")
        }
        Some(Quantity::Reading(Binding::PcuTemperature)) => "the temperature of the converter".to_owned(),
        _ => "a reading".to_owned(),
    };
    format!("{}: {missing} is not known, so it counts as bad as it can have become.", whose(cause))
}

fn condition(cause: &Cause, way: Way) -> String {
    let stopped = if way == Way::Charge { "charging" } else { "discharging" };
    let Some(Quantity::Condition(condition)) = cause.value else {
        return format!("{}: an alarm or a fault stops {stopped}.", whose(cause));
    };
    let names = condition.names();
    let clears = match (cause.level, cause.relief) {
        (Some(level), Some(Relief::Change)) => format!(", until {}", told(level)),
        (_, _) => String::new(),
    };
    let place = place_of(condition, cause);
    format!("{place}: \"{}\" ({}) stops {stopped}{clears}.", names.manual, names.term)
}

/// The element of a condition is a cell or a sensor, by what it is about.
fn place_of(condition: Condition, cause: &Cause) -> String {
    let whose = whose(cause);
    let is_warm = condition.names().term.contains("temperature");
    match cause.element {
        0 => whose,
        sensor if is_warm => format!("{whose}, sensor T{sensor}"),
        cell => format!("{whose}, cell {cell}"),
    }
}

fn recovery(cause: &Cause) -> String {
    let aim = cause.value.map_or_else(String::new, |aim| format!(" to {}", told(aim)));
    format!("{}: the limit was lower and rises slowly{aim}.", whose(cause))
}

fn distribution(cause: &Cause) -> String {
    let at = cause.value.map_or_else(String::new, |bus| format!(" at {}", told(bus)));
    format!("Fuse, cable and DC switch carry no more than {}{at}.", values::TOWER_CURRENT_MAX)
}

fn configuration(cause: &Cause) -> String {
    let to = cause.value.map_or_else(String::new, |set| format!(" at {}", told(set)));
    format!("{} is configured so{to}.", whose(cause))
}

/// What must happen, and how long it takes, as far as anybody knows.
fn relief(cause: &Cause, way: Way) -> String {
    let rise = format!("then it rises by {} of the rating a second", PerMille(values::LIMIT_RISE.0));
    match (cause.relief, cause.binding) {
        (Some(Relief::After(seconds)), Binding::Recovery) => format!("It is there in {seconds} s."),
        (Some(Relief::After(seconds)), _) => format!("It ends in {seconds} s if it stays calm, {rise}."),
        (Some(Relief::Person), Binding::Configuration) => {
            "Whoever stands at the tower can raise it: a short press of the black-start switch while no power flows \
             opens a minute for it."
                .to_owned()
        }
        (Some(Relief::Person), Binding::Condition) => format!("It is locked out: {}.", clearing()),
        (Some(Relief::Person), _) => format!("It waits for a person: {}.", clearing()),
        (_, Binding::CellVoltageHigh) => format!("It rises when every cell is below that; {rise}."),
        (_, Binding::CellVoltageLow) => format!("It rises when every cell is above that; {rise}."),
        (_, Binding::HighTemperature | Binding::PcuTemperature) => format!("It rises when it cools; {rise}."),
        (_, Binding::LowTemperature) => format!("It rises when it warms; {rise}."),
        (_, Binding::Reading) => format!("It rises when the reading is back; {rise}."),
        (_, Binding::InverterSilent) => silence(cause, way),
        (_, _) => String::new(),
    }
}

/// What clears a lock-out; only somebody who stands at the tower can do it.
fn clearing() -> String {
    let time = values::SWITCH_CLEAR_LOCK_OUTS;
    format!(
        "when the cause is gone, somebody must hold the black-start switch for {time} while no power flows"
    )
}

fn silence(cause: &Cause, way: Way) -> String {
    let boots = if way == Way::Discharge && cause.power.0 > 0 {
        " This much is left for it to start with."
    } else {
        ""
    };
    match cause.value {
        Some(Quantity::Seconds(left)) => {
            format!(
                "Power flows when it is heard; if it stays silent, the tower leaves the bus in {left} s.{boots}"
            )
        }
        _ => format!("Power flows when it is heard.{boots}"),
    }
}

fn told(quantity: Quantity) -> String {
    match quantity {
        Quantity::Voltage(voltage) => voltage.to_string(),
        Quantity::Temperature(temperature) => temperature.to_string(),
        Quantity::Share(share) => share.to_string(),
        Quantity::Power(power) => power.to_string(),
        Quantity::Seconds(seconds) => format!("{seconds} s"),
        Quantity::Condition(condition) => condition.to_string(),
        Quantity::Reading(binding) => binding.word().to_owned(),
    }
}

/// What the tower does, or why it does nothing.
#[must_use]
pub fn state(number: usize, tower: &TowerObservation) -> String {
    let Some(status) = tower.status else {
        return format!("Tower {number} was never heard: is it switched on?");
    };
    if status.stale {
        let sleeps = status.state == TowerState::Sleeping;
        let why =
            if sleeps { "it sleeps until an inverter or its timer wakes it" } else { "it is shut down" };
        return format!("Tower {number} is silent: {why}, or its Link is cut. It was {} last.", status.state);
    }
    let runs = match status.state {
        TowerState::Standby | TowerState::Charging | TowerState::Discharging | TowerState::BlackStart => "",
        TowerState::Starting | TowerState::Stopping | TowerState::Updating => "; no power flows meanwhile",
        TowerState::Faulted => "; no power flows until it is gone",
        TowerState::Shutdown => "; the black-start switch starts it",
        TowerState::Sleeping => "; it wakes when the inverter is heard",
    };
    format!("Tower {number}: {}, {}{runs}.", status.state, tower.charge_told())
}

/// What the tower does about its charge.
#[must_use]
pub fn mending(tower: &TowerObservation) -> Vec<String> {
    let Some(estimate) = tower.estimate.filter(|estimate| !estimate.stale) else { return Vec::new() };
    let full = match estimate.full_charge {
        FullChargeAsked::No => None,
        FullChargeAsked::Wanted => Some("A full charge is wanted, to count right again."),
        FullChargeAsked::FromSun => Some("It asks for a full charge from the sun, to count right again."),
        FullChargeAsked::FromGrid => {
            Some("It asks for a full charge, and be it from the grid, to count right again.")
        }
    };
    let level = estimate.levelling.map(|pair| {
        format!("Module {} charges module {} over the bus.", pair.donor.number(), pair.receiver.number())
    });
    full.map(str::to_owned).into_iter().chain(level).collect()
}

/// Everything that is wrong, faults first, with what to do; and what was found behind it.
#[must_use]
pub fn conditions(tower: &TowerObservation) -> Vec<String> {
    let mut sentences: Vec<String> = advice::told(tower.conditions())
        .map(|(condition, told)| told_condition(condition, told, &whose_condition(condition, tower)))
        .collect();
    let diagnosis = tower.panel.map(|panel| panel.diagnosis).filter(|diagnosis| !diagnosis.is_none());
    sentences.extend(diagnosis.map(|diagnosis| format!("Cause found: {diagnosis}.")));
    sentences
}

/// The same of one module.
#[must_use]
pub fn conditions_of(module: &ModuleObservation) -> Vec<String> {
    let all = module.status.as_ref().and_then(|status| status.fresh()).map(|status| status.conditions);
    advice::told(all.unwrap_or_default())
        .map(|(condition, told)| told_condition(condition, told, ""))
        .collect()
}

/// `, module 2`; nothing if it is about the tower as a whole.
fn whose_condition(condition: Condition, tower: &TowerObservation) -> String {
    let reports = |module: &ModuleObservation| {
        module.status.is_some_and(|status| status.conditions.contains(condition))
    };
    let modules: Vec<String> = tower
        .modules_heard()
        .filter(|(_, module)| reports(module))
        .map(|(index, _)| (index + 1).to_string())
        .collect();
    match modules.as_slice() {
        [] => String::new(),
        [one] => format!(", module {one}"),
        several => format!(", modules {}", several.join(" and ")),
    }
}

fn told_condition(condition: Condition, told: Told, whose: &str) -> String {
    let (names, advice, owner) = (condition.names(), advice(condition), told);
    let told = |level: &str| format!("{level} \"{}\"{whose}: {}. {owner}", names.manual, names.term);
    match condition.level() {
        Level::Alarm => told("Alarm"),
        Level::Fault => format!("{} Installer: {}", told("Fault"), advice.installer),
    }
}
