//! What breaks in a tower, and what people do wrong with it.

use voltower_control::io::{BduDrive, Identity, ModuleDrive};
use voltower_plant as plant;

use super::{BDU, SOFTWARE, Tower, serial, text};
use crate::scenario::Fault;
use crate::wiring;

impl Tower {
    /// Something breaks, or is made whole. What breaks outside of towers changes nothing here.
    pub(crate) fn set_broken(&mut self, fault: &Fault, broken: bool) {
        match *fault {
            Fault::Hardware(plant::Fault::Unplugged { module }) => self.set_plugged(module, !broken),
            Fault::Hardware(fault) if broken => self.plant.inject(fault),
            Fault::Hardware(fault) => self.plant.repair(fault),
            Fault::CutLink { after } => self.link.set_whole(after, !broken),
            Fault::CutEnable { after } => self.link.set_enable_whole(after, !broken),
            Fault::EnableStuck { module } => self.set_enable_stuck(module, broken),
            Fault::LinkTerminatorMissing => self.set_terminators(if broken { 0 } else { 1 }),
            Fault::LinkTerminatorDoubled => self.set_terminators(if broken { 2 } else { 1 }),
            Fault::LinkBabbling { module } => self.link.set_babbling(module + 1, broken),
            Fault::LinkDeaf { module } => self.link.set_deaf(module + 1, broken),
            Fault::LinkMute { module } => self.link.set_mute(module + 1, broken),
            Fault::ModuleReset { module } => self.set_module_held(module, broken),
            Fault::BduReset => self.set_bdu_held(broken),
            Fault::WrongSoftware { module, ref version } => {
                let version = if broken { version } else { SOFTWARE };
                self.refit(module, |identity| identity.software = text(version));
            }
            Fault::WrongConverterSoftware { module, ref version } => {
                let version = if broken { version } else { SOFTWARE };
                self.refit(module, |identity| identity.pcu_software = text(version));
            }
            Fault::SerialOf { module, like } => {
                let number = serial(self.index, if broken { like } else { module });
                self.refit(module, |identity| identity.serial = number);
            }
            Fault::CutCom | Fault::ComStrapOpen | Fault::InverterSilent | Fault::InverterIgnoresLimits => {}
        }
    }

    /// Cables of a module in or out: power and Link, with everything behind it on the Link.
    pub(super) fn set_plugged(&mut self, module: usize, plugged_in: bool) {
        let fault = plant::Fault::Unplugged { module };
        if plugged_in {
            self.plant.repair(fault);
        } else {
            self.plant.inject(fault);
        }
        self.link.set_whole(module, plugged_in);
        if let Some(node) = self.modules.get_mut(module) {
            node.plugged = plugged_in;
        }
    }

    /// So many terminal resistors in the Link Out of the last module, where the manual wants one.
    fn set_terminators(&mut self, count: u8) {
        self.terminators = count;
        self.terminate();
    }

    /// The enable input of a module reads active always.
    fn set_enable_stuck(&mut self, module: usize, stuck: bool) {
        if let Some(node) = self.modules.get_mut(module) {
            node.enable_stuck = stuck;
        }
    }

    /// Fits a module with other software or another serial number; it starts anew with what it had stored.
    fn refit(&mut self, module: usize, fit: impl FnOnce(&mut Identity)) {
        let Some(node) = self.modules.get_mut(module) else { return };
        fit(&mut node.identity);
        node.restart();
    }

    /// Holds a module in reset, or lets it start with what it had stored.
    fn set_module_held(&mut self, module: usize, held: bool) {
        let Some(node) = self.modules.get_mut(module) else { return };
        node.held = held;
        node.restart();
        node.drive = ModuleDrive::OFF;
        self.plant.drive_module(module, &wiring::module_drive(&ModuleDrive::OFF));
        self.link.set_powered(module + 1, false);
    }

    /// Holds the distribution unit in reset, or lets it start with what it was commissioned for.
    fn set_bdu_held(&mut self, held: bool) {
        self.bdu_held = held;
        self.restart_bdu();
        self.plant.drive_bdu(&wiring::bdu_drive(&BduDrive::OFF));
        self.link.set_powered(BDU, false);
    }
}
