//! A trial that was drawn: a site, what people do, what breaks, and how long.

use core::fmt;

use voltower_core::{Duration, Instant};

use super::catalogue::{Repair, entry};
use crate::Scenario;
use crate::scenario::{Action, Event, Fault, InverterMode};

/// What a seed has drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The site, without events: those are made of the deeds.
    pub site: Scenario,
    /// What happens while faults may live, in the order of their beginnings.
    pub deeds: Vec<Deed>,
    /// So long; then everything is made whole.
    pub safety: Duration,
}

/// Something that happens, and how it ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Deed {
    /// When it begins.
    pub at: Instant,
    /// When it ends, if it does before everything is made whole.
    pub until: Option<Instant>,
    /// What.
    pub what: What,
}

/// What can happen in a trial. Towers and modules count from 0.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Something breaks.
    Fault {
        /// In this tower.
        tower: usize,
        /// What.
        fault: Fault,
    },
    /// A person holds the black-start switch.
    Press {
        /// Of this tower.
        tower: usize,
        /// For so long.
        hold: Duration,
    },
    /// A person turns the DC switch off.
    DcSwitch {
        /// Of this tower.
        tower: usize,
    },
    /// A power cut.
    PowerCut,
    /// The inverter is set to something else.
    Inverter(InverterMode),
    /// A load of so many watts.
    Load(f64),
    /// Other surroundings, degC.
    Ambient(f64),
    /// New software comes.
    Update {
        /// For this tower.
        tower: usize,
    },
    /// A person takes the last module away, and puts it back.
    Exchange {
        /// Of this tower.
        tower: usize,
    },
}

impl What {
    /// The tower it concerns.
    #[must_use]
    pub const fn tower(&self) -> Option<usize> {
        match self {
            Self::Fault { tower, .. }
            | Self::Press { tower, .. }
            | Self::DcSwitch { tower }
            | Self::Update { tower }
            | Self::Exchange { tower } => Some(*tower),
            Self::PowerCut | Self::Inverter(_) | Self::Load(_) | Self::Ambient(_) => None,
        }
    }

    fn begin(&self, site: &Scenario) -> Option<Action> {
        Some(match *self {
            Self::Fault { tower, ref fault } => Action::Break { tower, fault: fault.clone() },
            Self::Press { tower, hold } => Action::Press { tower, hold },
            Self::DcSwitch { tower } => Action::DcSwitch { tower, closed: false },
            Self::PowerCut => Action::Grid { on: false },
            Self::Inverter(mode) => Action::Inverter(mode),
            Self::Load(watts) => Action::Load { watts },
            Self::Ambient(celsius) => Action::Ambient { celsius },
            Self::Update { tower } => Action::Update { tower, start: true },
            Self::Exchange { tower } => Action::Unplug { tower, module: last_module(site, tower)? },
        })
    }

    fn end(&self, site: &Scenario) -> Option<Action> {
        Some(match *self {
            Self::Fault { tower, ref fault } => Action::Repair { tower, fault: fault.clone() },
            Self::DcSwitch { tower } => Action::DcSwitch { tower, closed: true },
            Self::PowerCut => Action::Grid { on: true },
            Self::Inverter(_) => Action::Inverter(site.inverter.mode),
            Self::Load(_) => Action::Load { watts: 0.0 },
            Self::Ambient(_) => Action::Ambient { celsius: site.ambient.at(Instant::ZERO) },
            Self::Update { tower } => Action::Update { tower, start: false },
            Self::Exchange { tower } => Action::Plug { tower, module: last_module(site, tower)? },
            Self::Press { .. } => return None,
        })
    }
}

fn last_module(site: &Scenario, tower: usize) -> Option<usize> {
    let modules = site.towers.get(tower)?.modules.len();
    modules.checked_sub(1).filter(|last| *last > 0)
}

impl Plan {
    /// The scenario that the world runs: the site, with everything that happens.
    #[must_use]
    pub fn scenario(&self) -> Scenario {
        let mut events = Vec::new();
        for deed in &self.deeds {
            events.extend(deed.what.begin(&self.site).map(|action| Event { at: deed.at, action }));
            let end = deed.until.and_then(|at| Some(Event { at, action: deed.what.end(&self.site)? }));
            events.extend(end);
        }
        events.sort_by_key(|event| event.at);
        events.retain(|event| event.at < Instant::ZERO + self.safety);
        Scenario { events, ..self.site.clone() }
    }

    /// What makes the rest of it whole, when the time for that has come: what ends by nobody's hand, ends now.
    pub fn mending(&self) -> impl Iterator<Item = Action> + '_ {
        let heal = Instant::ZERO + self.safety;
        let open = self
            .deeds
            .iter()
            .filter(move |deed| deed.at < heal && deed.until.is_none_or(|until| until >= heal));
        open.filter_map(|deed| deed.what.end(&self.site))
    }

    /// What breaks in it.
    pub fn faults(&self) -> impl Iterator<Item = &Fault> {
        self.deeds.iter().filter_map(|deed| deed.what.fault())
    }
}

impl fmt::Display for Plan {
    /// The site in a line, then what happens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let site = &self.site;
        write!(f, "seed {}, samples every {}, {} of trouble", site.seed, site.period, self.safety)?;
        writeln!(f, ", {:.0} degC, inverter: {}", site.ambient.at(Instant::ZERO), site.inverter.mode)?;
        for (number, tower) in (1..).zip(&site.towers) {
            write!(f, "  tower {number}:")?;
            for module in &tower.modules {
                write!(f, " {:.0} % SOC", module.soc * 100.0)?;
                let celsius = module.temperature.map(|celsius| format!(" {celsius:.0} degC"));
                write!(f, "{},", celsius.unwrap_or_default())?;
            }
            writeln!(f)?;
        }
        for deed in &self.deeds {
            write!(f, "  {:>9.2} s", deed.at.0 as f64 * 1e-6)?;
            if let Some(tower) = deed.what.tower() {
                write!(f, ", tower {}", tower + 1)?;
            }
            if let Some(action) = deed.what.begin(site) {
                write!(f, ": {action}")?;
            }
            match deed.until {
                Some(until) => writeln!(f, ", until {:.2} s", until.0 as f64 * 1e-6)?,
                None => writeln!(f)?,
            }
        }
        Ok(())
    }
}

impl What {
    /// What breaks, if that is it.
    pub(super) const fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Fault { fault, .. } => Some(fault),
            Self::Press { .. }
            | Self::DcSwitch { .. }
            | Self::PowerCut
            | Self::Inverter(_)
            | Self::Load(_)
            | Self::Ambient(_)
            | Self::Update { .. }
            | Self::Exchange { .. } => None,
        }
    }

    /// A module is never the same again.
    pub(super) fn leaves_damage(&self) -> bool {
        self.fault().is_some_and(|fault| entry(fault).repair == Repair::Exchange)
    }
}

impl Fault {
    /// The furthest module that it names, from 0.
    pub(super) fn reaches(&self) -> usize {
        let other = match self {
            Self::CutLink { after } | Self::CutEnable { after } => *after,
            Self::SerialOf { like, .. } => *like,
            other => other.module().unwrap_or(0),
        };
        self.module().unwrap_or(0).max(other)
    }
}
