//! What is broken in a module, beside what is a state of its cells.

use crate::fault::{BduSensor, Channel, Fault, Mosfet};
use crate::measure::{Board, Conversion};
use crate::{CELL_SENSORS, CELLS};

/// What is wrong with the channels of one kind.
#[derive(Debug, Clone)]
pub(crate) struct Channels<const N: usize> {
    stuck: [bool; N],
    noise: [f64; N],
    /// Where the wires of each channel come from.
    source: [usize; N],
}

impl<const N: usize> Default for Channels<N> {
    fn default() -> Self {
        Self { stuck: [false; N], noise: [0.0; N], source: core::array::from_fn(|place| place) }
    }
}

impl<const N: usize> Channels<N> {
    fn swap(&mut self, one: usize, other: usize, swapped: bool) {
        if one < N && other < N {
            (self.source[one], self.source[other]) = if swapped { (other, one) } else { (one, other) };
        }
    }

    /// What the channels give when their wires carry `now`; `add` puts noise of a sigma on a value.
    fn falsify(
        &self,
        before: &[Option<f64>; N],
        now: &mut [Option<f64>; N],
        mut add: impl FnMut(f64, f64) -> f64,
    ) {
        let sent = *now;
        for (place, value) in now.iter_mut().enumerate() {
            *value = sent[self.source[place]];
            if self.noise[place] > 0.0 {
                *value = value.map(|value| add(value, self.noise[place]));
            }
            if self.stuck[place] {
                *value = before[place];
            }
        }
    }
}

/// What is broken and is not a state of something else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Broken {
    cells: Channels<CELLS>,
    ntcs: Channels<CELL_SENSORS>,
    current: Channels<1>,
    shunt_open: bool,
    shunt_reversed: bool,
    /// What the loose contacts of the cells gain, ohm/s.
    pub(crate) contact_rate: [f64; CELLS],
    pub(crate) relay_delay: f64,
    pub(crate) charge_delay: f64,
    pub(crate) discharge_delay: f64,
    pub(crate) heater: [f64; CELLS],
    pub(crate) heater_spread: f64,
    /// Into heat sink and MOSFETs, W.
    pub(crate) hot_spots: [f64; 2],
    /// Around the module, degC, where it is not the room's.
    pub(crate) air: Option<f64>,
    pub(crate) wire_open: [bool; CELLS],
    pub(crate) cell_offset: [f64; CELLS],
    pub(crate) ntc_open: [bool; CELL_SENSORS],
    pub(crate) ntc_short: [bool; CELL_SENSORS],
    pub(crate) ntc_offset: [f64; CELL_SENSORS],
    pub(crate) afe_silent: bool,
    pub(crate) afe_frozen: bool,
    pub(crate) shunt_offset: f64,
    pub(crate) runaway: Option<f64>,
    pub(crate) dead: bool,
    pub(crate) efficiency_loss: f64,
    pub(crate) relay_welded: bool,
    pub(crate) relay_stuck_open: bool,
    pub(crate) charge_welded: bool,
    pub(crate) discharge_welded: bool,
    pub(crate) charge_stuck_open: bool,
    pub(crate) discharge_stuck_open: bool,
    pub(crate) comparator_stuck: bool,
    pub(crate) pack_offset: f64,
    pub(crate) converter_offset: f64,
    pub(crate) terminal_resistance: f64,
    pub(crate) reversed: bool,
    pub(crate) blocked_cooling: bool,
    pub(crate) unplugged: bool,
    pub(crate) cell_gain: [f64; CELLS],
    pub(crate) shunt_gain: f64,
    /// Conversions that the AFE is behind.
    pub(crate) afe_late: usize,
    /// How long the relay's contacts jump when they close, s.
    pub(crate) relay_bounce: f64,
    relay_says: Option<bool>,
    charge_says: Option<bool>,
    discharge_says: Option<bool>,
}

impl Broken {
    /// Breaks or repairs; faults of cells and of the bus are not kept here.
    pub(crate) fn set(&mut self, fault: &Fault, broken: bool) {
        let amount = |value: f64| if broken { value } else { 0.0 };
        match *fault {
            Fault::SensorStuck { channel, .. } => self.set_stuck(channel, broken),
            Fault::SensorNoise { channel, sigma, .. } => self.set_noise(channel, amount(sigma.max(0.0))),
            Fault::SensorSwapped { channel, with, .. } => self.set_swapped(channel, with, broken),
            Fault::ShuntOpen { .. } => self.shunt_open = broken,
            Fault::ShuntReversed { .. } => self.shunt_reversed = broken,
            Fault::RelaySlow { seconds, .. } => self.relay_delay = amount(seconds),
            Fault::MosfetSlow { mosfet: Mosfet::Charge, seconds, .. } => self.charge_delay = amount(seconds),
            Fault::MosfetSlow { mosfet: Mosfet::Discharge, seconds, .. } => {
                self.discharge_delay = amount(seconds);
            }
            Fault::LostContact { cell, ohms_per_hour, .. } => {
                put(&mut self.contact_rate, cell, amount(ohms_per_hour.max(0.0) / 3600.0));
            }
            Fault::Heater { cell: Some(cell), watts, .. } => put(&mut self.heater, cell, amount(watts)),
            Fault::Heater { cell: None, watts, .. } => self.heater_spread = amount(watts),
            Fault::HotSpot { spot, watts, .. } => put(&mut self.hot_spots, spot as usize, amount(watts)),
            Fault::AirAround { celsius, .. } => self.air = broken.then_some(celsius),
            Fault::CellWireOpen { cell, .. } => put(&mut self.wire_open, cell, broken),
            Fault::CellVoltageOffset { cell, volts, .. } => put(&mut self.cell_offset, cell, amount(volts)),
            Fault::NtcOpen { sensor, .. } => put(&mut self.ntc_open, sensor, broken),
            Fault::NtcShort { sensor, .. } => put(&mut self.ntc_short, sensor, broken),
            Fault::SensorOffset { sensor, kelvin, .. } => put(&mut self.ntc_offset, sensor, amount(kelvin)),
            Fault::AfeSilent { .. } => self.afe_silent = broken,
            Fault::AfeFrozen { .. } => self.afe_frozen = broken,
            Fault::ShuntOffset { amps, .. } => self.shunt_offset = amount(amps),
            Fault::PcuRunaway { watts, .. } => self.runaway = broken.then_some(watts),
            Fault::PcuDead { .. } => self.dead = broken,
            Fault::PcuEfficiencyLoss { share, .. } => self.efficiency_loss = amount(share),
            Fault::RelayWelded { .. } => self.relay_welded = broken,
            Fault::RelayStuckOpen { .. } => self.relay_stuck_open = broken,
            Fault::MosfetWelded { mosfet: Mosfet::Charge, .. } => self.charge_welded = broken,
            Fault::MosfetWelded { mosfet: Mosfet::Discharge, .. } => self.discharge_welded = broken,
            Fault::MosfetStuckOpen { mosfet: Mosfet::Charge, .. } => self.charge_stuck_open = broken,
            Fault::MosfetStuckOpen { mosfet: Mosfet::Discharge, .. } => self.discharge_stuck_open = broken,
            Fault::ComparatorStuck { .. } => self.comparator_stuck = broken,
            Fault::PackVoltageOffset { volts, .. } => self.pack_offset = amount(volts),
            Fault::ConverterVoltageOffset { volts, .. } => self.converter_offset = amount(volts),
            Fault::TerminalResistance { ohms, .. } => self.terminal_resistance = amount(ohms.max(0.0)),
            Fault::TerminalReversed { .. } => self.reversed = broken,
            Fault::BlockedCooling { .. } => self.blocked_cooling = broken,
            Fault::Unplugged { .. } => self.unplugged = broken,
            Fault::CellVoltageGain { cell, share, .. } => put(&mut self.cell_gain, cell, amount(share)),
            Fault::ShuntGain { share, .. } => self.shunt_gain = amount(share),
            Fault::AfeLate { conversions, .. } => self.afe_late = if broken { conversions } else { 0 },
            Fault::RelayBounces { seconds, .. } => self.relay_bounce = amount(seconds),
            Fault::RelayFeedback { closed, .. } => self.relay_says = broken.then_some(closed),
            Fault::MosfetFeedback { mosfet: Mosfet::Charge, closed, .. } => {
                self.charge_says = broken.then_some(closed);
            }
            Fault::MosfetFeedback { mosfet: Mosfet::Discharge, closed, .. } => {
                self.discharge_says = broken.then_some(closed);
            }
            Fault::InternalShort { .. }
            | Fault::WeakCell { .. }
            | Fault::InsulationLoss { .. }
            | Fault::EarthMissing { .. }
            | Fault::Flash { .. }
            | Fault::FuseBlown
            | Fault::BusShort { .. }
            | Fault::DcSwitchAux
            | Fault::DcSwitchWelded
            | Fault::DcSwitchSlow { .. }
            | Fault::BduSensorOffset { .. }
            | Fault::BduSensorStuck { .. }
            | Fault::BduSensorLost { .. } => {}
        }
    }

    fn set_stuck(&mut self, channel: Channel, stuck: bool) {
        match channel {
            Channel::Cell(cell) => put(&mut self.cells.stuck, cell, stuck),
            Channel::Temperature(sensor) => put(&mut self.ntcs.stuck, sensor, stuck),
            Channel::Current => self.current.stuck = [stuck],
        }
    }

    fn set_noise(&mut self, channel: Channel, sigma: f64) {
        match channel {
            Channel::Cell(cell) => put(&mut self.cells.noise, cell, sigma),
            Channel::Temperature(sensor) => put(&mut self.ntcs.noise, sensor, sigma),
            Channel::Current => self.current.noise = [sigma],
        }
    }

    fn set_swapped(&mut self, channel: Channel, with: Channel, swapped: bool) {
        match (channel, with) {
            (Channel::Cell(one), Channel::Cell(other)) => self.cells.swap(one, other, swapped),
            (Channel::Temperature(one), Channel::Temperature(other)) => self.ntcs.swap(one, other, swapped),
            (Channel::Cell(_) | Channel::Temperature(_) | Channel::Current, _) => {}
        }
    }

    /// What the AFE gives of a sound conversion `now`, after it gave `before`.
    pub(crate) fn falsify(&self, before: &Conversion, now: &mut Conversion, board: &mut Board) {
        let flows = if self.shunt_open { board.shunt(0.0, 0.0) } else { now.pack_current };
        let mut current = [Some(if self.shunt_reversed { -flows } else { flows })];
        self.cells.falsify(&before.cells, &mut now.cells, |volts, sigma| board.noisy_cell(volts, sigma));
        self.ntcs.falsify(&before.cell_temperatures, &mut now.cell_temperatures, |celsius, sigma| {
            board.noisy_thermistor(celsius, sigma)
        });
        self.current.falsify(&[Some(before.pack_current)], &mut current, |amps, sigma| {
            board.noisy_shunt(amps, sigma)
        });
        now.pack_current = current[0].unwrap_or(now.pack_current);
    }

    /// What the feedback of relay, charge and discharge MOSFET says when they are so.
    pub(crate) fn feedback(&self, [relay, charge, discharge]: [bool; 3]) -> [bool; 3] {
        [
            self.relay_says.unwrap_or(relay),
            self.charge_says.unwrap_or(charge),
            self.discharge_says.unwrap_or(discharge),
        ]
    }

    /// Balancing switches by cell, where the pins have them by channel.
    pub(crate) fn balanced(&self, pins: u16) -> u16 {
        let closed = |(channel, cell): (usize, &usize)| (pins >> channel & 1) << cell;
        self.cells.source.iter().enumerate().map(closed).fold(0, |all, one| all | one)
    }
}

/// What is broken of the sensors of the distribution unit.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct BduSensors {
    offset: [f64; BduSensor::ALL.len()],
    lost: [bool; BduSensor::ALL.len()],
    stuck: [bool; BduSensor::ALL.len()],
    before: [f64; BduSensor::ALL.len()],
}

impl BduSensors {
    /// Breaks or repairs; other faults are none of theirs.
    pub(crate) fn set(&mut self, fault: &Fault, broken: bool) {
        if let Fault::BduSensorOffset { sensor, amount } = *fault {
            put(&mut self.offset, sensor as usize, if broken { amount } else { 0.0 });
        } else if let Fault::BduSensorStuck { sensor } = *fault {
            put(&mut self.stuck, sensor as usize, broken);
        } else if let Fault::BduSensorLost { sensor } = *fault {
            put(&mut self.lost, sensor as usize, broken);
        }
    }

    /// What they give, in the order of [`BduSensor::ALL`], of what is there.
    pub(crate) fn falsify(&mut self, mut now: [f64; BduSensor::ALL.len()]) -> [f64; BduSensor::ALL.len()] {
        for (k, value) in now.iter_mut().enumerate() {
            *value = if self.lost[k] { 0.0 } else { *value + self.offset[k] };
            *value = if self.stuck[k] { self.before[k] } else { *value };
        }
        self.before = now;
        now
    }
}

/// Sets a place of a row; places that do not exist are ignored.
fn put<T>(row: &mut [T], place: usize, value: T) {
    if let Some(slot) = row.get_mut(place) {
        *slot = value;
    }
}
