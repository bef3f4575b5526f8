//! Process data that the BDU broadcasts.

use voltower_core::panel::Pattern;
use voltower_core::{Condition, ConditionSet, Diagnosis, MilliAmps, MilliVolts, PerMille, TowerState};

use super::{Limit, ModuleNode, TOWER_DIAGNOSIS, TOWER_LIMITS, TOWER_PANEL, TOWER_POWER, TOWER_STATUS, wire};
use crate::can::Frame;

/// What the tower does and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TowerStatus {
    /// State of the tower.
    pub state: TowerState,
    /// State of charge, 0 to 1000.
    pub soc: PerMille,
    /// Modules that are heard, bit 0 = module 1; the upper four bits are always 0.
    pub modules_online: u8,
    /// Alarms and faults, the modules' included.
    pub conditions: ConditionSet,
}

impl TowerStatus {
    /// As the BDU sends it.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        let [s0, s1] = wire::share(self.soc);
        let [c0, c1, c2, c3] = self.conditions.bits().to_le_bytes();
        let online = self.modules_online & 0x0F;
        wire::to_tower_frame(TOWER_STATUS, [self.state.code(), s0, s1, online, c0, c1, c2, c3])
    }

    /// `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let [state, s0, s1, modules_online, c0, c1, c2, c3] = wire::from_tower(frame, TOWER_STATUS)?;
        if modules_online & 0xF0 != 0 {
            return None;
        }
        Some(Self {
            state: TowerState::from_code(state)?,
            soc: wire::from_share([s0, s1])?,
            modules_online,
            conditions: ConditionSet::from_bits(u32::from_le_bytes([c0, c1, c2, c3])),
        })
    }

    /// Whether module `node` is heard.
    #[must_use]
    pub const fn is_online(&self, node: ModuleNode) -> bool {
        self.modules_online & (1 << node.index()) != 0
    }
}

/// What the panel of the BDU shows, and what belongs beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TowerPanel {
    /// The lights, flashing included.
    pub pattern: Pattern,
    /// The condition that the lights mean at this moment.
    pub indicated: Option<Condition>,
    /// The DC switch is closed.
    pub dc_switch_closed: bool,
    /// The light of the black-start switch is on.
    pub black_start_light: bool,
    /// This is the second tower of the network.
    pub second_tower: bool,
    /// The inverter is heard on COM.
    pub inverter_heard: bool,
    /// State of health, 0 to 1000.
    pub health: PerMille,
    /// Modules that belong to the tower, 0 to 4.
    pub modules_expected: u8,
    /// What was found out about wires and devices.
    pub diagnosis: Diagnosis,
}

impl TowerPanel {
    const DC_SWITCH: u8 = 1 << 0;
    const BLACK_START: u8 = 1 << 1;
    const SECOND_TOWER: u8 = 1 << 2;
    const INVERTER: u8 = 1 << 3;
    const UNUSED: u8 = 0xF0;

    /// DC switch, black-start light, second tower, inverter heard: bits 0 to 3.
    #[must_use]
    pub const fn flags(&self) -> u8 {
        (if self.dc_switch_closed { Self::DC_SWITCH } else { 0 })
            | (if self.black_start_light { Self::BLACK_START } else { 0 })
            | (if self.second_tower { Self::SECOND_TOWER } else { 0 })
            | (if self.inverter_heard { Self::INVERTER } else { 0 })
    }

    /// As the BDU sends it.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        let flags = self.flags();
        let [p0, p1] = self.pattern.to_bits().to_le_bytes();
        let [h0, h1] = wire::share(self.health);
        let indicated = wire::condition(self.indicated);
        let expected = self.modules_expected.min(4);
        wire::to_tower_frame(TOWER_PANEL, [p0, p1, indicated, flags, h0, h1, expected, self.diagnosis.code()])
    }

    /// `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let [p0, p1, indicated, flags, h0, h1, modules_expected, diagnosis] =
            wire::from_tower(frame, TOWER_PANEL)?;
        if flags & Self::UNUSED != 0 || modules_expected > 4 {
            return None;
        }
        Some(Self {
            pattern: Pattern::from_bits(u16::from_le_bytes([p0, p1]))?,
            indicated: wire::from_condition(indicated)?,
            dc_switch_closed: flags & Self::DC_SWITCH != 0,
            black_start_light: flags & Self::BLACK_START != 0,
            second_tower: flags & Self::SECOND_TOWER != 0,
            inverter_heard: flags & Self::INVERTER != 0,
            health: wire::from_share([h0, h1])?,
            modules_expected,
            diagnosis: Diagnosis::from_code(diagnosis)?,
        })
    }
}

/// What was found out about wires and devices, to the cell: the panel's diagnosis has no room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TowerDiagnosis(pub Diagnosis);

impl TowerDiagnosis {
    /// As the BDU sends it.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        wire::to_short_tower_frame(TOWER_DIAGNOSIS, [self.0.code(), self.0.element])
    }

    /// `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let [code, element] = wire::from_short_tower(frame, TOWER_DIAGNOSIS)?;
        let diagnosis = Diagnosis::from_code(code)?.at(element);
        (element <= diagnosis.elements()).then_some(Self(diagnosis))
    }
}

/// Voltages along the tower's output, and its current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TowerPower {
    /// Between modules and fuse; steps of 0.1 V.
    pub before_fuse: MilliVolts,
    /// Between fuse and DC switch; steps of 0.1 V.
    pub after_fuse: MilliVolts,
    /// Outside the DC switch; steps of 0.1 V.
    pub outside: MilliVolts,
    /// Current of the tower, positive while charging; steps of 10 mA.
    pub current: MilliAmps,
}

impl TowerPower {
    /// As the BDU sends it.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        let [b0, b1] = wire::deci_volts(self.before_fuse);
        let [a0, a1] = wire::deci_volts(self.after_fuse);
        let [o0, o1] = wire::deci_volts(self.outside);
        let [i0, i1] = wire::ten_milliamps(self.current);
        wire::to_tower_frame(TOWER_POWER, [b0, b1, a0, a1, o0, o1, i0, i1])
    }

    /// `None` if the frame is another.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let [b0, b1, a0, a1, o0, o1, i0, i1] = wire::from_tower(frame, TOWER_POWER)?;
        Some(Self {
            before_fuse: wire::from_deci_volts([b0, b1]),
            after_fuse: wire::from_deci_volts([a0, a1]),
            outside: wire::from_deci_volts([o0, o1]),
            current: wire::from_ten_milliamps([i0, i1]),
        })
    }
}

/// What the tower can take and give; `element` of a limit is the module that binds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TowerLimits {
    /// Into the tower.
    pub charge: Limit,
    /// Out of the tower.
    pub discharge: Limit,
}

impl TowerLimits {
    /// As the BDU sends it.
    #[must_use]
    pub fn to_frame(&self) -> Frame {
        wire::to_tower_frame(TOWER_LIMITS, wire::limits(self.charge, self.discharge))
    }

    /// `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<Self> {
        let (charge, discharge) = wire::from_limits(wire::from_tower(frame, TOWER_LIMITS)?)?;
        Some(Self { charge, discharge })
    }
}
