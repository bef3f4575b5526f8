//! From lights to what they mean: everything that a tower can be in whose lights agree with what was seen.

use super::tables::{self, SOC_CHARGING, SOC_DISCHARGING, SocDisplay, SocRange, SocRow, StateRow};
use super::{CellFaultLights, Colour, Light, Pattern, Snapshot};
use crate::condition::Condition;
use crate::state::TowerState;
use core::fmt;

/// What was seen of one light.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Seen {
    /// Not looked at.
    #[default]
    Unknown,
    /// Watched long enough to say: this.
    Steady(Light),
    /// Lit when looked at once: on, or flashing.
    Lit,
    /// Dark when looked at once: off, or flashing.
    Dark,
}

/// What was seen of a panel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Observed {
    /// The status light.
    pub status: Seen,
    /// Its colour, if seen.
    pub colour: Option<Colour>,
    /// The alarm light.
    pub alarm: Seen,
    /// L1 to L5.
    pub soc: [Seen; 5],
}

/// One thing that lights can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// A state without conditions.
    State {
        /// Which.
        state: TowerState,
        /// For states that show the state of charge, the row of the SOC table.
        soc: Option<SocRange>,
    },
    /// An alarm or a fault.
    Condition(Condition),
}

impl Seen {
    /// Whether a light that does `light` can look so.
    #[must_use]
    pub fn agrees(self, light: Light) -> bool {
        match self {
            Self::Unknown => true,
            Self::Steady(seen) => seen == light,
            Self::Lit => light != Light::Off,
            Self::Dark => light != Light::On,
        }
    }

    /// A word that [`parse`](super::text::parse) reads.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Steady(light) => light.word(),
            Self::Lit => "lit",
            Self::Dark => "unlit",
        }
    }

    const fn is_lit(self) -> bool {
        matches!(self, Self::Lit | Self::Steady(Light::On | Light::Flashing))
    }

    const fn of(lit: bool) -> Self {
        if lit { Self::Lit } else { Self::Dark }
    }
}

impl From<Pattern> for Observed {
    fn from(pattern: Pattern) -> Self {
        Self {
            status: Seen::Steady(pattern.status),
            colour: (pattern.status != Light::Off).then_some(pattern.colour),
            alarm: Seen::Steady(pattern.alarm),
            soc: pattern.soc.map(Seen::Steady),
        }
    }
}

impl From<Snapshot> for Observed {
    fn from(snapshot: Snapshot) -> Self {
        Self {
            status: Seen::of(snapshot.status.is_some()),
            colour: snapshot.status,
            alarm: Seen::of(snapshot.alarm),
            soc: snapshot.soc.map(Seen::of),
        }
    }
}

impl Observed {
    /// Whether a panel that shows `pattern` can look so.
    #[must_use]
    pub fn agrees(&self, pattern: Pattern) -> bool {
        let colour = pattern.status == Light::Off || self.colour.is_none_or(|seen| seen == pattern.colour);
        let soc = self.soc.iter().zip(pattern.soc).all(|(seen, light)| seen.agrees(light));
        colour && soc && self.status.agrees(pattern.status) && self.alarm.agrees(pattern.alarm)
    }

    /// The same lights looked at once: what was thought steady may flash.
    #[must_use]
    pub fn as_snapshot(self) -> Self {
        let once = |seen: Seen| match seen {
            Seen::Unknown => Seen::Unknown,
            Seen::Steady(Light::Off) | Seen::Dark => Seen::Dark,
            Seen::Steady(Light::On) | Seen::Lit => Seen::Lit,
            Seen::Steady(Light::Flashing) => Seen::Steady(Light::Flashing),
        };
        Self { status: once(self.status), alarm: once(self.alarm), soc: self.soc.map(once), ..self }
    }
}

impl fmt::Display for Observed {
    /// In the words that [`parse`](super::text::parse) reads; what was not looked at is left out, and so is what is
    /// off among L1 to L5 when another of them is lit.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.colour {
            Some(colour) if self.status.is_lit() => write!(f, "status {colour} {}", self.status.word())?,
            Some(_) | None => write!(f, "status {}", self.status.word())?,
        }
        write!(f, ", alarm {}", self.alarm.word())?;
        if self.soc == [Seen::Steady(Light::Off); 5] {
            return f.write_str(", L1-L5 off");
        }
        let unsaid = unnamed(&self.soc);
        for (number, seen) in (1..).zip(self.soc) {
            if seen != unsaid {
                write!(f, ", L{number} {}", seen.word())?;
            }
        }
        Ok(())
    }
}

/// What a light of L1 to L5 does that a description does not name: once one is lit, the others are off.
pub(super) fn unnamed(soc: &[Seen]) -> Seen {
    if soc.iter().any(|seen| seen.is_lit()) { Seen::Steady(Light::Off) } else { Seen::Unknown }
}

impl Meaning {
    /// Section of the manual that says so; none where the lights are ours.
    #[must_use]
    pub fn section(self) -> Option<&'static str> {
        match self {
            Self::State { state, .. } => match tables::state_row(state) {
                Some(row) => row.ours.is_none().then_some(tables::SECTION),
                None => None,
            },
            Self::Condition(_) => Some(tables::SECTION),
        }
    }
}

/// Everything that `observed` can mean: states first, then alarms, then faults. Nothing if such lights are not
/// in the manual (nor among those of ours).
pub fn decode(observed: &Observed) -> impl Iterator<Item = Meaning> + '_ {
    let states = TowerState::ALL.iter().filter_map(|state| Some((*state, tables::state_row(*state)?)));
    let looks = states.flat_map(|(state, row)| looks(state, row));
    let states = looks.filter(|(pattern, _)| observed.agrees(*pattern)).map(|(_, meaning)| meaning);
    let conditions = Condition::all().filter(|condition| may_be(observed, *condition));
    states.chain(conditions.map(Meaning::Condition))
}

/// All looks of a state, with what they mean.
fn looks(state: TowerState, row: StateRow) -> impl Iterator<Item = (Pattern, Meaning)> {
    let dark = (row.soc == SocDisplay::Dark).then_some((None, [Light::Off; 5]));
    let of = |row: &SocRow| (Some(row.range), row.soc);
    let charging = SOC_CHARGING.iter().filter(move |soc| shows_charging(state, row, soc)).map(of);
    let discharging = SOC_DISCHARGING.iter().filter(move |_| row.soc == SocDisplay::Discharging).map(of);
    dark.into_iter().chain(discharging).chain(charging).map(move |(range, soc)| {
        let pattern = Pattern { status: row.status, colour: row.colour, alarm: Light::Off, soc };
        (pattern, Meaning::State { state, soc: range })
    })
}

/// Which of the two SOC tables holds in standby and while updating the manual leaves open: a tower may flash
/// there too.
fn shows_charging(state: TowerState, row: StateRow, soc: &SocRow) -> bool {
    let open = matches!(state, TowerState::Standby | TowerState::Updating);
    row.soc == SocDisplay::Charging || (open && soc.soc.contains(&Light::Flashing))
}

/// As printed, or for *battery cell fault* as probably meant.
fn may_be(observed: &Observed, condition: Condition) -> bool {
    let ways = [CellFaultLights::AsPrinted, CellFaultLights::L2L4];
    ways.into_iter().any(|way| observed.agrees(tables::condition_pattern(condition, way)))
}
