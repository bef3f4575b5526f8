//! Process data of a module, and the command to it.

use voltower_core::{
    Charge, ConditionSet, DeciCelsius, MilliAmps, MilliVolts, ModuleState, PcuState, PerMille, Watts,
};

use super::{
    Limit, MODULE_CAPACITY, MODULE_CELLS, MODULE_COMMAND, MODULE_HARDWARE, MODULE_LIMITS, MODULE_POWER,
    MODULE_STATUS, MODULE_TEMPERATURES, ModuleNode, wire,
};
use crate::can::Frame;

/// What a module does and what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleStatus {
    /// State of the module.
    pub state: ModuleState,
    /// State of its converter.
    pub pcu: PcuState,
    /// State of charge, 0 to 1000.
    pub soc: PerMille,
    /// Its alarms and faults.
    pub conditions: ConditionSet,
    /// Counts the frames, so that a repeated one shows.
    pub sequence: u8,
}

impl ModuleStatus {
    /// Codes of module and converter in one byte.
    #[must_use]
    pub const fn states(&self) -> u8 {
        self.state.code() | self.pcu.code() << 4
    }

    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let [s0, s1] = wire::share(self.soc);
        let [c0, c1, c2, c3] = self.conditions.bits().to_le_bytes();
        let states = self.states();
        wire::to_module_frame(MODULE_STATUS, node, [states, s0, s1, c0, c1, c2, c3, self.sequence])
    }

    /// The sender and its status; `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, [states, s0, s1, c0, c1, c2, c3, sequence]) = wire::from_module(frame, MODULE_STATUS)?;
        let status = Self {
            state: ModuleState::from_code(states & 0x0F)?,
            pcu: PcuState::from_code(states >> 4)?,
            soc: wire::from_share([s0, s1])?,
            conditions: ConditionSet::from_bits(u32::from_le_bytes([c0, c1, c2, c3])),
            sequence,
        };
        Some((node, status))
    }
}

/// Voltages and currents of a module, at the pack and at the bus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModulePower {
    /// Pack voltage; 0 to 65.535 V on the wire, in steps of 1 mV.
    pub pack_voltage: MilliVolts,
    /// Pack current, positive while charging; steps of 10 mA.
    pub pack_current: MilliAmps,
    /// Voltage at the terminals, negative if they are swapped; steps of 0.1 V.
    pub terminal_voltage: MilliVolts,
    /// Current at the bus, positive while charging; steps of 10 mA.
    pub bus_current: MilliAmps,
}

impl ModulePower {
    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let [p0, p1] = wire::milli_volts(self.pack_voltage);
        let [i0, i1] = wire::ten_milliamps(self.pack_current);
        let [t0, t1] = wire::deci_volts(self.terminal_voltage);
        let [b0, b1] = wire::ten_milliamps(self.bus_current);
        wire::to_module_frame(MODULE_POWER, node, [p0, p1, i0, i1, t0, t1, b0, b1])
    }

    /// The sender and its power; `None` if the frame is another.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, [p0, p1, i0, i1, t0, t1, b0, b1]) = wire::from_module(frame, MODULE_POWER)?;
        let power = Self {
            pack_voltage: wire::from_milli_volts([p0, p1]),
            pack_current: wire::from_ten_milliamps([i0, i1]),
            terminal_voltage: wire::from_deci_volts([t0, t1]),
            bus_current: wire::from_ten_milliamps([b0, b1]),
        };
        Some((node, power))
    }
}

/// What a module can take and give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleLimits {
    /// Into the module.
    pub charge: Limit,
    /// Out of the module.
    pub discharge: Limit,
}

impl ModuleLimits {
    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        wire::to_module_frame(MODULE_LIMITS, node, wire::limits(self.charge, self.discharge))
    }

    /// The sender and its limits; `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, bytes) = wire::from_module(frame, MODULE_LIMITS)?;
        let (charge, discharge) = wire::from_limits(bytes)?;
        Some((node, Self { charge, discharge }))
    }
}

/// Which four of the 16 cells a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellGroup {
    /// Cells 1 to 4.
    First,
    /// Cells 5 to 8.
    Second,
    /// Cells 9 to 12.
    Third,
    /// Cells 13 to 16.
    Fourth,
}

impl CellGroup {
    /// All, in the order of the cells.
    pub const ALL: [Self; 4] = [Self::First, Self::Second, Self::Third, Self::Fourth];

    /// Index of its first cell among 16, from 0.
    #[must_use]
    pub const fn first_cell(self) -> usize {
        self as usize * 4
    }

    const fn base(self) -> u16 {
        let [first, second, third, fourth] = MODULE_CELLS;
        match self {
            Self::First => first,
            Self::Second => second,
            Self::Third => third,
            Self::Fourth => fourth,
        }
    }
}

/// Voltages of four cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleCells {
    /// Which four.
    pub group: CellGroup,
    /// 1 mV steps; `None` for a cell that was not read.
    pub cells: [Option<MilliVolts>; 4],
}

impl ModuleCells {
    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let [[a0, a1], [b0, b1], [c0, c1], [d0, d1]] = self.cells.map(wire::cell);
        wire::to_module_frame(self.group.base(), node, [a0, a1, b0, b1, c0, c1, d0, d1])
    }

    /// The sender and its cells; `None` if the frame is another.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        CellGroup::ALL.into_iter().find_map(|group| {
            let (node, [a0, a1, b0, b1, c0, c1, d0, d1]) = wire::from_module(frame, group.base())?;
            let cells = [[a0, a1], [b0, b1], [c0, c1], [d0, d1]].map(wire::from_cell);
            Some((node, Self { group, cells }))
        })
    }
}

/// Cell temperatures of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleTemperatures {
    /// By sensor; `None` where none was read.
    pub cells: [Option<DeciCelsius>; 4],
}

impl ModuleTemperatures {
    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let [[a0, a1], [b0, b1], [c0, c1], [d0, d1]] = self.cells.map(wire::temperature);
        wire::to_module_frame(MODULE_TEMPERATURES, node, [a0, a1, b0, b1, c0, c1, d0, d1])
    }

    /// The sender and its temperatures; `None` if the frame is another.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, [a0, a1, b0, b1, c0, c1, d0, d1]) = wire::from_module(frame, MODULE_TEMPERATURES)?;
        let cells = [[a0, a1], [b0, b1], [c0, c1], [d0, d1]].map(wire::from_temperature);
        Some((node, Self { cells }))
    }
}

/// Other temperatures of a module, and its balancing switches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleHardware {
    /// MOSFETs.
    pub mos: Option<DeciCelsius>,
    /// Inside the case.
    pub ambient: Option<DeciCelsius>,
    /// Heat sink of the converter.
    pub heat_sink: Option<DeciCelsius>,
    /// Balancing switches that are closed, bit 0 = cell 1.
    pub balancing: u16,
}

impl ModuleHardware {
    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let [m0, m1] = wire::temperature(self.mos);
        let [a0, a1] = wire::temperature(self.ambient);
        let [h0, h1] = wire::temperature(self.heat_sink);
        let [b0, b1] = self.balancing.to_le_bytes();
        wire::to_module_frame(MODULE_HARDWARE, node, [m0, m1, a0, a1, h0, h1, b0, b1])
    }

    /// The sender and its readings; `None` if the frame is another.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, [m0, m1, a0, a1, h0, h1, b0, b1]) = wire::from_module(frame, MODULE_HARDWARE)?;
        let hardware = Self {
            mos: wire::from_temperature([m0, m1]),
            ambient: wire::from_temperature([a0, a1]),
            heat_sink: wire::from_temperature([h0, h1]),
            balancing: u16::from_le_bytes([b0, b1]),
        };
        Some((node, hardware))
    }
}

/// Capacity and ageing of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleCapacity {
    /// Charge left; steps of 0.1 Ah.
    pub remaining: Charge,
    /// Charge when full; steps of 0.1 Ah.
    pub full: Charge,
    /// Equivalent full cycles.
    pub cycles: u16,
    /// State of health, 0 to 1000.
    pub health: PerMille,
}

impl ModuleCapacity {
    /// As module `node` sends it.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let [r0, r1] = self.remaining.deci_amp_hours().to_le_bytes();
        let [f0, f1] = self.full.deci_amp_hours().to_le_bytes();
        let [c0, c1] = self.cycles.to_le_bytes();
        let [h0, h1] = wire::share(self.health);
        wire::to_module_frame(MODULE_CAPACITY, node, [r0, r1, f0, f1, c0, c1, h0, h1])
    }

    /// The sender and its capacity; `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, [r0, r1, f0, f1, c0, c1, h0, h1]) = wire::from_module(frame, MODULE_CAPACITY)?;
        let charge = |bytes| Charge::from_deci_amp_hours(u32::from(u16::from_le_bytes(bytes)));
        let capacity = Self {
            remaining: charge([r0, r1]),
            full: charge([f0, f1]),
            cycles: u16::from_le_bytes([c0, c1]),
            health: wire::from_share([h0, h1])?,
        };
        Some((node, capacity))
    }
}

/// What the BDU wants of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ModuleRequest {
    /// Leave the bus and shut down.
    Off = 0,
    /// Be awake, off the bus.
    Ready = 1,
    /// Be on the bus.
    Connect = 2,
    /// Go to the lowest supply that still drives the enable line: nobody needs it now.
    Dormant = 3,
}

impl ModuleRequest {
    /// The word people read.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Ready => "ready",
            Self::Connect => "connect",
            Self::Dormant => "dormant",
        }
    }

    pub(crate) const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Off),
            1 => Some(Self::Ready),
            2 => Some(Self::Connect),
            3 => Some(Self::Dormant),
            _ => None,
        }
    }
}

/// Share of a module in the tower's power: scales the conductance of its droop line, in steps of half a
/// percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShareWeight(u8);

impl ShareWeight {
    /// 100 %: the nominal droop.
    pub const FULL: Self = Self(200);

    /// From half percents; `None` above 200.
    #[must_use]
    pub const fn new(half_percents: u8) -> Option<Self> {
        if half_percents <= Self::FULL.0 { Some(Self(half_percents)) } else { None }
    }

    /// The nearest weight below `share`, at most full.
    #[must_use]
    pub const fn of(share: PerMille) -> Self {
        let half_percents = share.0 / 5;
        if half_percents > Self::FULL.0 as u16 { Self::FULL } else { Self(half_percents as u8) }
    }

    /// In half percents, 0 to 200.
    #[must_use]
    pub const fn half_percents(self) -> u8 {
        self.0
    }
}

/// The BDU's command to one module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ModuleCommand {
    /// What is wanted.
    pub request: ModuleRequest,
    /// May bring a dead bus up.
    pub lead: bool,
    /// Work with the dead band: light load is another module's.
    pub shed: bool,
    /// A person has cleared the lock-outs.
    pub clear_lock_outs: bool,
    /// Be ready for new firmware, off the bus.
    pub update: bool,
    /// A person stands at the tower, which carries no power: configuration may be loosened.
    pub service: bool,
    /// Voltage of the droop line at zero current; steps of 0.1 V.
    pub set_point: MilliVolts,
    /// Upper limit while charging, a magnitude; 0 to 65 535 W.
    pub charge_power: Watts,
    /// Upper limit while discharging, a magnitude; 0 to 65 535 W.
    pub discharge_power: Watts,
    /// Share in the tower's power.
    pub weight: ShareWeight,
}

impl ModuleCommand {
    const LEAD: u8 = 1 << 3;
    const SHED: u8 = 1 << 4;
    const CLEAR_LOCK_OUTS: u8 = 1 << 5;
    const UPDATE: u8 = 1 << 6;
    const SERVICE: u8 = 1 << 7;

    /// What is wanted, with its flags, as it travels.
    #[must_use]
    pub fn request_byte(&self) -> u8 {
        let flag = |set, bit| if set { bit } else { 0 };
        self.request as u8
            | flag(self.lead, Self::LEAD)
            | flag(self.shed, Self::SHED)
            | flag(self.clear_lock_outs, Self::CLEAR_LOCK_OUTS)
            | flag(self.update, Self::UPDATE)
            | flag(self.service, Self::SERVICE)
    }

    /// As the BDU sends it to module `node`.
    #[must_use]
    pub fn to_frame(&self, node: ModuleNode) -> Frame {
        let request = self.request_byte();
        let [v0, v1] = wire::deci_volts(self.set_point);
        let [c0, c1] = wire::watts(self.charge_power);
        let [d0, d1] = wire::watts(self.discharge_power);
        let bytes = [request, v0, v1, c0, c1, d0, d1, self.weight.half_percents()];
        wire::to_module_frame(MODULE_COMMAND, node, bytes)
    }

    /// The addressed module and its command; `None` if the frame is another or not legal.
    #[must_use]
    pub fn from_frame(frame: &Frame) -> Option<(ModuleNode, Self)> {
        let (node, [request, v0, v1, c0, c1, d0, d1, weight]) = wire::from_module(frame, MODULE_COMMAND)?;
        let command = Self {
            request: ModuleRequest::from_code(request & 0x07)?,
            lead: request & Self::LEAD != 0,
            shed: request & Self::SHED != 0,
            clear_lock_outs: request & Self::CLEAR_LOCK_OUTS != 0,
            update: request & Self::UPDATE != 0,
            service: request & Self::SERVICE != 0,
            set_point: wire::from_deci_volts([v0, v1]),
            charge_power: wire::from_watts([c0, c1]),
            discharge_power: wire::from_watts([d0, d1]),
            weight: ShareWeight::new(weight)?,
        };
        Some((node, command))
    }
}
