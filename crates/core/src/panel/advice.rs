//! What to do about lights. All of it is ours: the chapter of the manual that would say so is not in our copy.

use core::fmt;

use crate::condition::{Alarm, Condition, ConditionSet, Fault};
use crate::state::TowerState;

/// What to do about a condition, in our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Advice {
    /// For whoever lives with the tower: opens nothing, loosens nothing.
    pub owner: &'static str,
    /// For a qualified person, with the DC switch off and five minutes waited before any cover comes off.
    pub installer: &'static str,
}

const fn advise(owner: &'static str, installer: &'static str) -> Advice {
    Advice { owner, installer }
}

/// What to do about `condition`.
#[must_use]
pub const fn advice(condition: Condition) -> Advice {
    match condition {
        Condition::Alarm(alarm) => alarm_advice(alarm),
        Condition::Fault(fault) => fault_advice(fault),
    }
}

const fn alarm_advice(alarm: Alarm) -> Advice {
    match alarm {
        Alarm::HighTemperature => advise(
            "Let it cool: it charges again by itself. Keep sun, boxes and cloths away from it.",
            "Check clearances and air flow; compare the four cell temperatures of the module with each other.",
        ),
        Alarm::LowTemperature => advise(
            "Wait for warmth: cells must not be charged below 0 degC. Discharging may go on.",
            "If the place stays below 0 degC in winter, move the tower or keep the place above frost.",
        ),
        Alarm::OverVoltage => advise(
            "Nothing; use some power. If it comes back at every full charge, tell the installer.",
            "Find the highest cell and let balancing work at the top for some days; check the charge \
                voltage the inverter uses.",
        ),
        Alarm::UnderVoltage => advise(
            "Charge it soon: sun, or charging from the grid if the inverter may.",
            "Check the lower SOC limit of the inverter, and whether one cell falls well before the others.",
        ),
        Alarm::OverCurrent => advise(
            "Switch off some large appliances and see whether it ends.",
            "Compare the inverter's current limits with those the battery publishes; check the shunt's zero.",
        ),
        Alarm::TemperatureDifference => advise(
            "Make sure that nothing heats or covers one side of the tower.",
            "Look for a hot cell or a loose cell joint; check that the NTCs sit where they should.",
        ),
        Alarm::VoltageDifference => advise(
            "Let it charge full, and leave it full for some hours so that it can balance.",
            "Read the cell voltages at rest and full; a cell that lags again after balancing is weak.",
        ),
        Alarm::AmbientTemperature => advise(
            "Bring the room back between -10 and 45 degC.",
            "Check ventilation and the place against section 3.3; compare the ambient sensor with a thermometer.",
        ),
        Alarm::Other => advise(
            "Note the time; if it lasts a day, tell the installer.",
            "Read the event record; a hot heat sink of a converter shows so, for one.",
        ),
    }
}

const fn fault_advice(fault: Fault) -> Advice {
    advise(owner_on_fault(fault), installer_on_fault(fault))
}

const fn owner_on_fault(fault: Fault) -> &'static str {
    match fault {
        Fault::HighTemperature => {
            "Keep away, do not restart it, and call the installer. If you see smoke, leave and call the \
                fire brigade."
        }
        Fault::LowTemperature => {
            "Warm the room; the tower returns by itself. The same lights may mean a damaged cell: if it \
                is warm, call the installer."
        }
        Fault::OverVoltage => "Do not charge it. Call the installer if it does not end by itself.",
        Fault::LowVoltage => "Do not leave it so: have it charged within days.",
        Fault::OverCurrent => "Switch appliances off. If it returns, call the installer.",
        Fault::TemperatureDifference => "Do not restart it; call the installer.",
        Fault::VoltageDifference => {
            "Leave it on: it takes a little charge until its cells have come together. If it comes back, call \
                the installer: a cell is weak or a wire is loose."
        }
        Fault::AmbientTemperature => {
            "Bring the room back between -10 and 45 degC; the tower returns by itself."
        }
        Fault::Communication => {
            "Check that the inverter runs; if it does and the lights stay, call the installer."
        }
        Fault::Sampling => "Call the installer; the other modules may run on.",
        Fault::Cell => "Never try to charge it. Call the installer.",
        Fault::Bms | Fault::Pcu | Fault::Other => {
            "Switch off and on once. If it returns, call the installer."
        }
        Fault::Fuse => "Leave it off and call the installer.",
        Fault::Terminal => "Switch the DC switch off and call the installer.",
        Fault::SoftwareVersion => {
            "Call the installer: a module has another software version, often after an extension."
        }
    }
}

const fn installer_on_fault(fault: Fault) -> &'static str {
    match fault {
        Fault::HighTemperature => {
            "Find what got hot before anything is switched on: cell, joint, or surroundings."
        }
        Fault::LowTemperature => {
            "Compare cell and ambient temperatures. If they are normal, the lights mean battery cell fault."
        }
        Fault::OverVoltage => {
            "Read the highest cell and the charge MOSFET's state; a cell above 3.65 V at rest needs \
                discharging under watch."
        }
        Fault::LowVoltage => {
            "Read the lowest cell; below 2.0 V never charge it again. Else charge gently and watch it."
        }
        Fault::OverCurrent => {
            "Look for a short behind the distribution unit and for an inverter that ignores the limits."
        }
        Fault::TemperatureDifference => {
            "Find the hot cell, joint or balancing resistor of that module, or the NTC that reads wrongly."
        }
        Fault::VoltageDifference => {
            "Compare cell voltages at rest with a meter; replace the module if a cell stays away from the others."
        }
        Fault::AmbientTemperature => {
            "Check place and ventilation against section 3.3, then the ambient sensor."
        }
        Fault::Communication => {
            "Check the Link cables, their nuts and the terminal resistor in the last Link Port Out, then \
                the COM cable and the inverter's battery type and address."
        }
        Fault::Sampling => "Find the reading that is missing or impossible: cell wire, NTC or its plug.",
        Fault::Cell => {
            "Read the lowest cell: once below 2.0 V it is damaged; take the module out of service."
        }
        Fault::Bms => {
            "Read the event record of the module (AFE silent, comparator trip); replace the module if it repeats."
        }
        Fault::Pcu => {
            "Read the converter's state; look for a short on the bus before soft start is tried again."
        }
        Fault::Fuse => {
            "Find why it blew (short, reversed cable) before it is replaced by one of the same type."
        }
        Fault::Terminal => {
            "After five minutes without voltage, check polarity and seating of B+ and B- of every module."
        }
        Fault::SoftwareVersion => "Update all modules and the distribution unit to one version.",
        Fault::Other => {
            "Read the event record; a welded relay or a shorted MOSFET shows so: then take the module off the bus."
        }
    }
}

/// What a piece of advice wants done with a tower, or forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Charge it.
    Charge,
    /// Use its power, or more of it.
    UsePower,
    /// Switch it off and on.
    Restart,
    /// Leave it on.
    LeaveOn,
    /// Go near it.
    Approach,
    /// Warm its place.
    Warm,
    /// Cool its place.
    Cool,
}

/// What the owner's advice on a condition wants, and what it forbids.
struct Urges {
    wants: &'static [Deed],
    forbids: &'static [Deed],
}

const NEUTRAL: Urges = urges(&[], &[]);

const fn urges(wants: &'static [Deed], forbids: &'static [Deed]) -> Urges {
    Urges { wants, forbids }
}

const fn of_alarm(alarm: Alarm) -> Urges {
    use Deed as D;
    match alarm {
        Alarm::HighTemperature => urges(&[D::Cool, D::Approach], &[D::Warm]),
        Alarm::LowTemperature => urges(&[D::Warm], &[D::Charge, D::Cool]),
        Alarm::OverVoltage => urges(&[D::UsePower], &[D::Charge]),
        Alarm::UnderVoltage => urges(&[D::Charge], &[D::UsePower]),
        Alarm::OverCurrent => urges(&[], &[D::UsePower]),
        Alarm::TemperatureDifference => urges(&[D::Approach], &[]),
        Alarm::VoltageDifference => urges(&[D::Charge, D::LeaveOn], &[]),
        Alarm::AmbientTemperature | Alarm::Other => NEUTRAL,
    }
}

const fn of_fault(fault: Fault) -> Urges {
    use Deed as D;
    match fault {
        Fault::HighTemperature => {
            urges(&[], &[D::Approach, D::Restart, D::LeaveOn, D::Charge, D::UsePower, D::Warm])
        }
        Fault::LowTemperature => urges(&[D::Warm], &[D::Charge, D::Cool]),
        Fault::OverVoltage | Fault::Cell => urges(&[], &[D::Charge]),
        Fault::LowVoltage => urges(&[D::Charge], &[D::UsePower]),
        Fault::OverCurrent => urges(&[], &[D::UsePower]),
        Fault::TemperatureDifference => urges(&[], &[D::Restart]),
        Fault::VoltageDifference => urges(&[D::LeaveOn, D::Charge], &[D::Restart]),
        Fault::Bms | Fault::Pcu | Fault::Other => urges(&[D::Restart, D::Approach], &[]),
        // Whoever is off is not charged.
        Fault::Fuse => urges(&[], &[D::LeaveOn, D::Restart, D::Charge, D::UsePower]),
        Fault::Terminal => urges(&[D::Approach], &[D::LeaveOn, D::Restart, D::Charge, D::UsePower]),
        Fault::AmbientTemperature | Fault::Communication | Fault::Sampling | Fault::SoftwareVersion => {
            NEUTRAL
        }
    }
}

const fn urges_of(condition: Condition) -> Urges {
    match condition {
        Condition::Alarm(alarm) => of_alarm(alarm),
        Condition::Fault(fault) => of_fault(fault),
    }
}

/// All conditions, the most dangerous first: what can burn, what must never be charged, what is open or live, what is
/// empty, then what waits.
pub const BY_DANGER: [Condition; Condition::COUNT] = [
    Condition::Fault(Fault::HighTemperature),
    Condition::Fault(Fault::Cell),
    Condition::Fault(Fault::OverVoltage),
    Condition::Fault(Fault::Terminal),
    Condition::Fault(Fault::Fuse),
    Condition::Fault(Fault::TemperatureDifference),
    Condition::Fault(Fault::OverCurrent),
    Condition::Fault(Fault::LowTemperature),
    Condition::Fault(Fault::LowVoltage),
    Condition::Fault(Fault::VoltageDifference),
    Condition::Fault(Fault::Bms),
    Condition::Fault(Fault::Pcu),
    Condition::Fault(Fault::Other),
    Condition::Fault(Fault::AmbientTemperature),
    Condition::Fault(Fault::Sampling),
    Condition::Fault(Fault::Communication),
    Condition::Fault(Fault::SoftwareVersion),
    Condition::Alarm(Alarm::HighTemperature),
    Condition::Alarm(Alarm::LowTemperature),
    Condition::Alarm(Alarm::OverVoltage),
    Condition::Alarm(Alarm::UnderVoltage),
    Condition::Alarm(Alarm::OverCurrent),
    Condition::Alarm(Alarm::TemperatureDifference),
    Condition::Alarm(Alarm::VoltageDifference),
    Condition::Alarm(Alarm::AmbientTemperature),
    Condition::Alarm(Alarm::Other),
];

/// What the owner is told of a condition beside others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Its advice.
    Advice(&'static str),
    /// Its advice contradicts that on another one, which comes first.
    After(Condition),
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Advice(advice) => f.write_str(advice),
            Self::After(first) => write!(f, "First do what \"{}\" says.", first.names().manual),
        }
    }
}

/// What the owner is told of `present`, the most dangerous first. *Never* beats *do*; of two that forbid what the other
/// wants the more dangerous is followed. Advice that contradicts it is withdrawn.
pub fn told(present: ConditionSet) -> impl Iterator<Item = (Condition, Told)> {
    let all = BY_DANGER.into_iter().filter(move |condition| present.contains(*condition));
    all.map(move |condition| (condition, told_beside(condition, present)))
}

/// What the owner is told of `condition` beside all that is `present`.
#[must_use]
pub fn told_beside(condition: Condition, present: ConditionSet) -> Told {
    let mut ahead = true;
    for other in BY_DANGER {
        ahead &= other != condition;
        let contradicts = forbids(other, condition) && (ahead || !forbids(condition, other));
        if present.contains(other) && other != condition && contradicts {
            return Told::After(other);
        }
    }
    Told::Advice(advice(condition).owner)
}

/// The advice on `one` forbids something that the advice on `other` wants.
fn forbids(one: Condition, other: Condition) -> bool {
    let (forbidden, wanted) = (urges_of(one).forbids, urges_of(other).wants);
    wanted.iter().any(|deed| forbidden.contains(deed))
}

/// What it means that a tower is in `state`, for whoever lives with it.
#[must_use]
pub const fn explain(state: TowerState) -> &'static str {
    match state {
        TowerState::Shutdown => {
            "It is off. It may still be charged inside: wait five minutes before any work."
        }
        TowerState::Starting => "It tests itself and looks for its modules.",
        TowerState::BlackStart => "It holds the bus so that an inverter without grid can start.",
        TowerState::Standby => "It is ready; no power flows.",
        TowerState::Charging => "Power flows into the battery.",
        TowerState::Discharging => "Power flows out of the battery.",
        TowerState::Updating => "Its software is being replaced: do not switch it off.",
        TowerState::Stopping => "It takes its power to zero and goes off.",
        TowerState::Faulted => "A fault has stopped it.",
        TowerState::Sleeping => "It is nearly empty and sleeps until charge is offered.",
    }
}
