use toml::Spanned;
use voltower_core::Instant;

use super::plugs::Numbered;
use super::{Reader, Result, Text, Unit, mistakes};
use crate::profile::Measure;
use crate::scenario::raw::RawEvent;
use crate::scenario::{Action, Event, Fault, TowerSpec};

const ACTIONS: &str = "press, dc_switch, break, repair, grid, inverter, update, ambient, plug, unplug, load";

/// A fault that a later event can repair by its name.
struct Named<'a> {
    name: &'a str,
    tower: usize,
    fault: Fault,
}

impl Reader<'_> {
    pub(super) fn events(
        &self,
        raw: &[Spanned<RawEvent>],
        towers: &[TowerSpec],
        end: Instant,
    ) -> Result<Vec<Numbered>> {
        let mut events = Vec::new();
        let mut named = Vec::new();
        for (index, raw) in raw.iter().enumerate() {
            let field = format!("event[{}]", index + 1);
            let read = self.event(&field, raw, towers, end, &mut named)?;
            events.extend(read.into_iter().flatten().map(|event| (index, event)));
        }
        Ok(events)
    }

    fn event<'a>(
        &self,
        field: &str,
        spanned: &'a Spanned<RawEvent>,
        towers: &[TowerSpec],
        end: Instant,
        named: &mut Vec<Named<'a>>,
    ) -> Result<[Option<Event>; 2]> {
        let raw = spanned.get_ref();
        let at = self.time(&format!("{field}.at"), &raw.at, end)?;
        let tower =
            self.index_or_first(&format!("{field}.tower"), raw.tower.as_ref(), towers.len(), "tower")?;
        let action = self.action(field, spanned, tower, towers, named)?;
        if let (Some(name), Action::Break { tower, fault }) = (&raw.name, &action) {
            named.push(Named { name: &name.get_ref().0, tower: *tower, fault: fault.clone() });
        }
        let back =
            raw.until.as_ref().map(|until| self.way_back(field, until, at, end, &action)).transpose()?;
        Ok([Some(Event { at, action }), back])
    }

    /// The one thing that an event does.
    fn action(
        &self,
        field: &str,
        spanned: &Spanned<RawEvent>,
        tower: usize,
        towers: &[TowerSpec],
        named: &[Named<'_>],
    ) -> Result<Action> {
        let raw = spanned.get_ref();
        let modules = towers.get(tower).map_or(0, |tower| tower.modules.len());
        let mut found = self.switches(field, raw, tower)?;
        found.extend(self.settings(field, raw)?);
        if let Some(fault) = &raw.breaks {
            let fault = self.fault(&format!("{field}.break"), fault, modules)?;
            found.push(Action::Break { tower, fault });
        }
        if let Some(name) = &raw.repair {
            found.push(self.repair(&format!("{field}.repair"), name, named)?);
        }
        if let Some(number) = &raw.plug {
            let module = self.index(&format!("{field}.plug"), number, modules, "module")?;
            found.push(Action::Plug { tower, module });
        }
        if let Some(number) = &raw.unplug {
            let module = self.index(&format!("{field}.unplug"), number, modules, "module")?;
            found.push(Action::Unplug { tower, module });
        }
        let count = found.len();
        match (found.pop(), count) {
            (Some(action), 1) => Ok(action),
            _ => {
                let message = format!("an event does one thing, this one {count}");
                Err(self
                    .error(field, spanned.span(), message)
                    .help(format!("write exactly one of: {ACTIONS}")))
            }
        }
    }

    /// What a person does at the tower.
    fn switches(&self, field: &str, raw: &RawEvent, tower: usize) -> Result<Vec<Action>> {
        let mut found = Vec::new();
        if let Some(hold) = &raw.press {
            found.push(Action::Press { tower, hold: self.positive(&format!("{field}.press"), hold)? });
        }
        if let Some(position) = &raw.dc_switch {
            let choices = [("closed", true), ("open", false)];
            let closed = self.choice(&format!("{field}.dc_switch"), position, &choices)?;
            found.push(Action::DcSwitch { tower, closed });
        }
        if let Some(update) = &raw.update {
            let choices = [("start", true), ("stop", false)];
            let start = self.choice(&format!("{field}.update"), update, &choices)?;
            found.push(Action::Update { tower, start });
        }
        Ok(found)
    }

    /// What changes around the towers.
    fn settings(&self, field: &str, raw: &RawEvent) -> Result<Vec<Action>> {
        let mut found = Vec::new();
        if let Some(grid) = &raw.grid {
            let on = self.choice(&format!("{field}.grid"), grid, &[("on", true), ("off", false)])?;
            found.push(Action::Grid { on });
        }
        if let Some(mode) = &raw.inverter {
            found.push(Action::Inverter(self.inverter_mode(&format!("{field}.inverter"), mode)?));
        }
        if let Some(celsius) = &raw.ambient {
            let field = format!("{field}.ambient");
            let (range, words) = (Measure::Temperature.range(), Measure::Temperature.range_in_words());
            let celsius = self.within(&field, Unit::Temperature, celsius, range, words)?;
            found.push(Action::Ambient { celsius });
        }
        if let Some(watts) = &raw.load {
            found.push(Action::Load { watts: self.power(&format!("{field}.load"), watts)? });
        }
        Ok(found)
    }

    fn repair(&self, field: &str, name: &Text, named: &[Named<'_>]) -> Result<Action> {
        let found = named.iter().find(|named| named.name == name.get_ref().0);
        let found = found.map(|named| Action::Repair { tower: named.tower, fault: named.fault.clone() });
        found.ok_or_else(|| {
            let names: Vec<&str> = named.iter().map(|named| named.name).collect();
            let message = format!("no event above is called `{}`", name.get_ref().0);
            let help = match names.as_slice() {
                [] => "give the event that breaks it a `name`".to_owned(),
                names => mistakes::suggest(&name.get_ref().0, names),
            };
            self.error(field, name.span(), message).help(help)
        })
    }

    /// What `until` does: the opposite of the action.
    fn way_back(
        &self,
        field: &str,
        until: &Text,
        at: Instant,
        end: Instant,
        action: &Action,
    ) -> Result<Event> {
        let field = format!("{field}.until");
        let back = self.time(&field, until, end)?;
        if back <= at {
            let message = format!("`{}` is not after `at`", until.get_ref().0);
            return Err(self.error(&field, until.span(), message).help("write a later time"));
        }
        let action = opposite(action).ok_or_else(|| {
            let help = "`until` goes with break, grid, dc_switch, update and load; write a second event";
            self.error(&field, until.span(), "this event has no opposite").help(help)
        })?;
        Ok(Event { at: back, action })
    }
}

fn opposite(action: &Action) -> Option<Action> {
    match action {
        Action::Break { tower, fault } => Some(Action::Repair { tower: *tower, fault: fault.clone() }),
        Action::Grid { on } => Some(Action::Grid { on: !on }),
        Action::DcSwitch { tower, closed } => Some(Action::DcSwitch { tower: *tower, closed: !closed }),
        Action::Update { tower, start } => Some(Action::Update { tower: *tower, start: !start }),
        Action::Load { .. } => Some(Action::Load { watts: 0.0 }),
        Action::Press { .. }
        | Action::Repair { .. }
        | Action::Inverter(_)
        | Action::Ambient { .. }
        | Action::Plug { .. }
        | Action::Unplug { .. } => None,
    }
}
