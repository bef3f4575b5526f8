//! What breaks in a tower, and what people do wrong with it.

use voltower_control::io::{BduDrive, Identity, ModuleDrive, Settings};
use voltower_core::{Duration, Instant, Levels, MilliVolts, ResetCause};
use voltower_plant as plant;

use super::second::{self, SecondUnit};
use super::{BDU, Electronics, ModuleNode, SOFTWARE, Tower, serial, stray_bdu, text};
use crate::bus::SECOND_UNIT;
use crate::scenario::Fault;
use crate::wiring;

/// A limit for the cells that nobody may set.
const BEYOND: MilliVolts = MilliVolts(3700);
const BROWN_OUT: ResetCause = ResetCause::BrownOut;

impl Tower {
    /// Something breaks, or is made whole. What breaks outside of towers changes nothing here.
    pub(crate) fn set_broken(&mut self, fault: &Fault, broken: bool) {
        let fitted = |version: &str| text::<8>(if broken { version } else { SOFTWARE });
        match *fault {
            Fault::Hardware(plant::Fault::Unplugged { module }) => self.slip(module, broken),
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
            Fault::RamStuckBit { module } => self.with_electronics(module, |its| its.set_ram_stuck(broken)),
            Fault::ImageCorrupted { module } => {
                self.with_electronics(module, |its| its.set_image_corrupted(broken));
            }
            Fault::BduRamStuckBit => self.bdu_electronics.set_ram_stuck(broken),
            Fault::BduImageCorrupted => self.bdu_electronics.set_image_corrupted(broken),
            Fault::BduReset => self.set_bdu_held(broken),
            Fault::WrongSoftware { module, ref version } => {
                self.refit(module, |identity| identity.software = fitted(version));
            }
            Fault::WrongConverterSoftware { module, ref version } => {
                self.refit(module, |identity| identity.pcu_software = fitted(version));
            }
            Fault::SerialOf { module, like } => {
                let number = serial(self.index, if broken { like } else { module });
                self.refit(module, |identity| identity.serial = number);
            }
            Fault::LinkFrames { harm, rate } => self.link.set_harm(harm, if broken { rate } else { 0.0 }),
            Fault::LinkBusOff { module } => self.link.set_kept_off(module + 1, broken),
            Fault::BduLinkBusOff => self.link.set_kept_off(BDU, broken),
            Fault::BduLinkOpen => self.set_own_plug(!broken),
            Fault::BduWrongSoftware { ref version } => self.refit_bdu(fitted(version)),
            Fault::ConfigurationBroken { module } => self.set_configuration(module, broken),
            Fault::SecondBdu => self.set_second(broken),
            Fault::ModuleBrownOut { module } if broken => self.reset_module(module, BROWN_OUT),
            Fault::BduBrownOut if broken => self.reset_bdu(BROWN_OUT),
            Fault::ModuleResetStorm { module, every } => self.set_storm(Some(module), every, broken),
            Fault::BduResetStorm { every } => self.set_storm(None, every, broken),
            Fault::ModuleHangs { module } if broken => {
                self.with_node(module, |node, now| node.resets.hang(now));
            }
            Fault::BduHangs if broken => self.bdu_resets.hang(self.now),
            Fault::ModuleClock { module, clock } => {
                self.with_node(module, |node, now| node.clock.set(now, clock, broken));
            }
            Fault::BduClock { clock } => self.bdu_clock.set(self.now, clock, broken),
            // What happened once is over; the rest is the world's.
            Fault::ModuleBrownOut { .. }
            | Fault::BduBrownOut
            | Fault::ModuleHangs { .. }
            | Fault::BduHangs
            | Fault::CutCom
            | Fault::ComStrapOpen
            | Fault::InverterSilent
            | Fault::InverterIgnoresLimits
            | Fault::ComFrames { .. }
            | Fault::ComFlood
            | Fault::ComMalformed
            | Fault::ComReplay
            | Fault::InverterWrongSign
            | Fault::InverterStale
            | Fault::InverterReconnects { .. } => {}
        }
    }

    /// Cables of a module slip out, or a person puts them in. Where a resistor was in the way it moves to the new end.
    fn slip(&mut self, module: usize, out: bool) {
        self.set_plugged(module, !out);
        if !out && module >= self.last_module {
            self.move_terminator();
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

    /// The Link cable is in the distribution unit's own plug, with the resistor there, or off with it.
    fn set_own_plug(&mut self, plugged_in: bool) {
        self.link.set_whole(BDU, plugged_in);
        self.link.set_resistors(BDU, u8::from(plugged_in));
    }

    /// The enable input of a module reads active always.
    fn set_enable_stuck(&mut self, module: usize, stuck: bool) {
        if let Some(node) = self.modules.get_mut(module) {
            node.enable_stuck = stuck;
        }
    }

    fn with_electronics(&mut self, module: usize, change: impl FnOnce(&mut Electronics)) {
        self.with_node(module, |node, _| change(&mut node.electronics));
    }

    fn with_node(&mut self, module: usize, change: impl FnOnce(&mut ModuleNode, Instant)) {
        if let Some(node) = self.modules.get_mut(module) {
            change(node, self.now);
        }
    }

    /// Fits a module with other software or another serial number; it starts anew with what it had stored.
    fn refit(&mut self, module: usize, fit: impl FnOnce(&mut Identity)) {
        let Some(node) = self.modules.get_mut(module) else { return };
        fit(&mut node.identity);
        self.restart_module(module, ResetCause::PowerOn);
    }

    /// Fits the distribution unit with other software.
    fn refit_bdu(&mut self, software: [u8; 8]) {
        self.bdu_software = software;
        self.reset_bdu(ResetCause::PowerOn);
    }

    /// What a module's memory holds for its settings breaks a relation, or is ours; it starts anew with that.
    fn set_configuration(&mut self, module: usize, broken: bool) {
        let (Some(node), Some(flash)) = (self.modules.get_mut(module), self.plant.module_flash_mut(module))
        else {
            return;
        };
        let levels =
            if broken { Levels { over_voltage_fault: BEYOND, ..Levels::OURS } } else { Levels::OURS };
        let settings = Settings { levels, ..node.controller.persisted().settings };
        node.keeper.put_settings(flash, settings);
        self.restart_module(module, ResetCause::PowerOn);
    }

    /// Holds a module in reset, or lets it start with what it had stored.
    fn set_module_held(&mut self, module: usize, held: bool) {
        let Some(node) = self.modules.get_mut(module) else { return };
        node.resets.held = held;
        node.lose_power();
        if held {
            self.let_go_of_module(module);
        } else {
            self.reset_module(module, ResetCause::External);
        }
    }

    /// A module starts anew with what it had stored; until then its pins are off.
    pub(super) fn reset_module(&mut self, module: usize, cause: ResetCause) {
        if let Some(node) = self.modules.get_mut(module) {
            node.lose_power();
        }
        self.restart_module(module, cause);
        self.let_go_of_module(module);
    }

    fn let_go_of_module(&mut self, module: usize) {
        self.plant.drive_module(module, &wiring::module_drive(&ModuleDrive::OFF));
        self.link.set_powered(module + 1, false);
    }

    /// Holds the distribution unit in reset, or lets it start with what it was commissioned for.
    fn set_bdu_held(&mut self, held: bool) {
        self.bdu_resets.held = held;
        if held {
            self.stop_bdu();
            self.let_go_of_bdu();
        } else {
            self.reset_bdu(ResetCause::External);
        }
    }

    /// The distribution unit starts anew with what it was commissioned for.
    pub(super) fn reset_bdu(&mut self, cause: ResetCause) {
        self.restart_bdu(cause, None);
        self.let_go_of_bdu();
    }

    fn let_go_of_bdu(&mut self) {
        self.plant.drive_bdu(&wiring::bdu_drive(&BduDrive::OFF));
        self.link.set_powered(BDU, false);
    }

    /// A module, or the distribution unit, starts anew every so often.
    fn set_storm(&mut self, module: Option<usize>, every: Duration, storms: bool) {
        let every = storms.then_some(every);
        match module {
            Some(module) => self.with_node(module, |node, now| node.resets.set_storm(now, every)),
            None => self.bdu_resets.set_storm(self.now, every),
        }
    }

    fn set_second(&mut self, plugged_in: bool) {
        let unit = || stray_bdu(self.index + 8, second::COMMISSIONED);
        self.second = plugged_in.then(|| Box::new(SecondUnit::new(unit(), self.now)));
        self.link.set_guest(plugged_in);
        self.link.set_powered(SECOND_UNIT, false);
    }
}

#[cfg(test)]
mod tests {
    use voltower_control::io::PowerMode;
    use voltower_core::MilliOhms;

    use super::*;
    use crate::Scenario;

    fn tower() -> Tower {
        let mut scenario = Scenario::summer_day().expect("the built-in day");
        scenario.resize(1, 4).expect("an E20");
        Tower::new(0, &scenario.towers[0], scenario.ageing, 25.0, 1)
    }

    /// Everyone passes the enable line on.
    fn enabled() -> Tower {
        let mut tower = tower();
        tower.bdu_drive.link_enable = true;
        for node in &mut tower.modules {
            node.drive.power = PowerMode::On;
            node.drive.link_out = true;
        }
        tower
    }

    fn lines(tower: &Tower) -> [bool; 4] {
        [0, 1, 2, 3].map(|module| tower.link_in(module))
    }

    #[test]
    fn the_enable_line_goes_from_device_to_device() {
        assert_eq!(lines(&tower()), [false; 4]);
        let mut tower = enabled();
        assert_eq!(lines(&tower), [true; 4]);
        tower.modules[1].drive.link_out = false;
        assert_eq!(lines(&tower), [true, true, false, true]);
        tower.modules[1].drive.link_out = true;
        tower.modules[1].drive.power = PowerMode::Off;
        assert_eq!(lines(&tower), [true, true, false, true]);
        tower.bdu_drive.link_enable = false;
        assert_eq!(lines(&tower), [false, true, false, true]);
    }

    #[test]
    fn the_enable_line_ends_where_its_wire_or_its_cable_does() {
        for (fault, expected) in [
            (Fault::CutEnable { after: 0 }, [false, true, true, true]),
            (Fault::CutEnable { after: 2 }, [true, true, false, true]),
            (Fault::CutLink { after: 2 }, [true, true, false, true]),
            (Fault::from(plant::Fault::Unplugged { module: 1 }), [true, false, false, true]),
            (Fault::ModuleReset { module: 1 }, [true, true, false, true]),
        ] {
            let mut tower = enabled();
            tower.set_broken(&fault, true);
            assert_eq!(lines(&tower), expected, "{fault}");
        }
    }

    #[test]
    fn a_stuck_input_reads_active_without_any_wire() {
        let mut tower = tower();
        let stuck = Fault::EnableStuck { module: 2 };
        tower.set_broken(&stuck, true);
        assert_eq!(lines(&tower), [false, false, true, false]);
        tower.set_broken(&stuck, false);
        assert_eq!(lines(&tower), [false; 4]);
    }

    #[test]
    fn the_resistor_is_where_a_person_puts_it() {
        let mut tower = tower();
        let measured = |tower: &Tower| tower.link().loop_resistance().map(|MilliOhms(value)| value);
        assert_eq!(measured(&tower), Some(60_000));
        for (fault, milliohms) in [
            (Fault::LinkTerminatorMissing, 120_000),
            (Fault::LinkTerminatorDoubled, 40_000),
            (Fault::CutLink { after: 3 }, 120_000),
            (Fault::CutEnable { after: 3 }, 60_000),
            (Fault::from(plant::Fault::Unplugged { module: 3 }), 120_000),
        ] {
            tower.set_broken(&fault, true);
            assert_eq!(measured(&tower), Some(milliohms), "{fault}");
            tower.set_broken(&fault, false);
            assert_eq!(measured(&tower), Some(60_000), "{fault}");
        }
        tower.commission(3, false);
        assert_eq!(measured(&tower), Some(60_000), "moved to module 3");
    }

    #[test]
    fn a_serial_number_is_copied_and_given_back() {
        let mut tower = tower();
        let fault = Fault::SerialOf { module: 2, like: 0 };
        tower.set_broken(&fault, true);
        assert_eq!(tower.modules[2].identity.serial, tower.modules[0].identity.serial);
        tower.set_broken(&fault, false);
        assert_eq!(&tower.modules[2].identity.serial, b"VT5K0001000000000003");
    }

    #[test]
    fn the_two_softwares_of_a_module_are_not_mixed_up() {
        let mut tower = tower();
        let version = "0V090001".to_owned();
        tower.set_broken(&Fault::WrongConverterSoftware { module: 0, version }, true);
        let identity = tower.modules[0].identity;
        assert_eq!((&identity.software, &identity.pcu_software), (b"0V100001", b"0V090001"));
    }
}
