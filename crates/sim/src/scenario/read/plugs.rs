//! Who sits on the stack, and when: a module that is there cannot be plugged in, and a tower has a module at some time.

use toml::Spanned;
use voltower_plant::Fault as Hardware;

use super::{Reader, Result};
use crate::scenario::raw::{RawEvent, RawTower};
use crate::scenario::{Action, Event, Fault, TowerSpec};

/// An event, and the number of the table that it was read from, from 0.
pub(super) type Numbered = (usize, Event);

impl Reader<'_> {
    /// Goes through the plugs in order of time.
    pub(super) fn plugs(
        &self,
        raw: (&[Spanned<RawTower>], &[Spanned<RawEvent>]),
        towers: &[TowerSpec],
        events: &[Numbered],
    ) -> Result<()> {
        let (raw_towers, raw_events) = raw;
        let plugged = |tower: &TowerSpec| tower.modules.iter().map(|module| module.plugged).collect();
        let mut there: Vec<Vec<bool>> = towers.iter().map(plugged).collect();
        let mut ever: Vec<bool> = there.iter().map(|tower| tower.contains(&true)).collect();
        for (number, event) in events {
            let Some(Moved { tower, module, comes, by_hand }) = moved(&event.action) else { continue };
            let Some(is_there) = there.get_mut(tower).and_then(|tower| tower.get_mut(module)) else {
                continue;
            };
            if by_hand && *is_there == comes {
                let span = raw_events.get(*number).map_or(0..0, Spanned::span);
                let (now, way) = if comes { ("plugged in", "unplug") } else { ("unplugged", "plug") };
                let field = format!("event[{}]", number + 1);
                let message = format!("module {} of tower {} is {now} already", module + 1, tower + 1);
                let help = format!("{way} it before, or leave this event out");
                return Err(self.error(&field, span, message).help(help));
            }
            *is_there = comes;
            if let Some(ever) = ever.get_mut(tower) {
                *ever |= comes;
            }
        }
        match ever.iter().position(|ever| !ever) {
            Some(tower) => {
                let span = raw_towers.get(tower).map_or(0..0, Spanned::span);
                let field = format!("tower[{}]", tower + 1);
                let help = "leave `plugged = false` out at one of its modules, or plug one in by an event";
                Err(self.error(&field, span, "no module of this tower is ever plugged in").help(help))
            }
            None => Ok(()),
        }
    }
}

/// A module that comes or goes.
struct Moved {
    tower: usize,
    module: usize,
    comes: bool,
    /// As the manual wants it. Cables that slip out, or are put in under power, may find it either way.
    by_hand: bool,
}

fn moved(action: &Action) -> Option<Moved> {
    let (tower, module, comes, by_hand) = match *action {
        Action::Plug { tower, module } => (tower, module, true, true),
        Action::Unplug { tower, module } => (tower, module, false, true),
        Action::Break { tower, fault: Fault::Hardware(Hardware::Unplugged { module }) } => {
            (tower, module, false, false)
        }
        Action::Repair { tower, fault: Fault::Hardware(Hardware::Unplugged { module }) } => {
            (tower, module, true, false)
        }
        _ => return None,
    };
    Some(Moved { tower, module, comes, by_hand })
}
