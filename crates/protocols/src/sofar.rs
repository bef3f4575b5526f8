//! SOFAR's extended battery protocol on COM: what the inverter knows of the battery.
//!
//! 29-bit identifiers, 8 bytes, little-endian. A battery's frames have the identifier `base + (battery <<
//! 12)`; each is sent once a second, 0x30F only while something is in it. The inverter polls with 0x605; that
//! is also how a battery hears that the inverter lives.
//!
//! Two layers: [`Packet`] is a bounds-checked view of any frame of the family, [`Message`] holds only legal
//! values.
//!
//! Sources (public): field layouts and scales as implemented by Battery-Emulator (`SOFAR-CAN`, reported
//! working with HYD 3PH) and its captured AMASS GTX3000-H frames; request codes as register 0x902E of SOFAR
//! Modbus-G3 V1.38. No capture of a BTS 5K is public, so its real traffic may differ. The sign of the current
//! is inferred from G3.

use voltower_core::{Charge, DeciCelsius, MilliAmps, MilliVolts, PerMille};

use crate::can::{ExtendedId, Frame, Id};

/// Base identifier of [`Limits`].
pub const LIMITS: u32 = 0x351;
/// Base identifier of [`State`].
pub const STATE: u32 = 0x355;
/// Base identifier of [`Measured`].
pub const MEASURED: u32 = 0x356;
/// Base identifier of [`Request`].
pub const REQUEST: u32 = 0x30F;
/// Identifier of [`Inquiry`].
pub const INQUIRY: u32 = 0x605;

/// How often a battery sends its frames, and an inverter its inquiry, in seconds (public, Battery-Emulator).
pub const CYCLE_SECONDS: u64 = 1;

/// The high-resolution SOC is not given.
const NO_FINE_SOC: u16 = 0xFFFF;

/// Number of a battery on the bus, 0 to 15: the tower's place in the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatteryId(u8);

impl BatteryId {
    /// The first tower.
    pub const FIRST: Self = Self(0);
    /// The second tower.
    pub const SECOND: Self = Self(1);

    /// Battery `number`; `None` above 15.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number < 16 { Some(Self(number)) } else { None }
    }

    /// 0 to 15.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// Why a frame is no legal message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Error {
    /// Not of this family: another identifier.
    Foreign,
    /// Of this family, but not of eight bytes.
    Length,
    /// A field holds a value that means nothing.
    Value,
}

/// Which message a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 0x351.
    Limits,
    /// 0x355.
    State,
    /// 0x356.
    Measured,
    /// 0x30F.
    Request,
    /// 0x605, from the inverter.
    Inquiry,
}

/// A frame that is known to be of this family and to have eight bytes; its fields may still be illegal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    kind: Kind,
    battery: BatteryId,
    bytes: [u8; 8],
}

impl Packet {
    /// Looks at identifier and length only.
    ///
    /// # Errors
    /// [`Error::Foreign`] for another identifier, [`Error::Length`] if it has not eight bytes.
    pub fn new_checked(frame: &Frame) -> Result<Self, Error> {
        let Id::Extended(id) = frame.id() else { return Err(Error::Foreign) };
        let (base, battery) = (id.as_raw() & 0xFFF, id.as_raw() >> 12);
        let kind = match base {
            LIMITS => Kind::Limits,
            STATE => Kind::State,
            MEASURED => Kind::Measured,
            REQUEST => Kind::Request,
            INQUIRY if battery == 0 => Kind::Inquiry,
            _ => return Err(Error::Foreign),
        };
        let battery = u8::try_from(battery).ok().and_then(BatteryId::new).ok_or(Error::Foreign)?;
        let bytes = *frame.eight().ok_or(Error::Length)?;
        let battery = match kind {
            Kind::Limits | Kind::State | Kind::Measured | Kind::Request => battery,
            Kind::Inquiry => BatteryId::new(bytes[0]).ok_or(Error::Value)?,
        };
        Ok(Self { kind, battery, bytes })
    }

    /// Which message.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The battery that sent it, or that is asked.
    #[must_use]
    pub const fn battery(&self) -> BatteryId {
        self.battery
    }

    const fn words(&self) -> [u16; 4] {
        let [a0, a1, b0, b1, c0, c1, d0, d1] = self.bytes;
        [
            u16::from_le_bytes([a0, a1]),
            u16::from_le_bytes([b0, b1]),
            u16::from_le_bytes([c0, c1]),
            u16::from_le_bytes([d0, d1]),
        ]
    }
}

/// A frame that only the inverter sends: any of them shows that it lives.
#[must_use]
pub fn is_from_inverter(frame: &Frame) -> bool {
    Packet::new_checked(frame).is_ok_and(|packet| packet.kind == Kind::Inquiry)
}

/// 0x351: what the inverter may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Limits {
    /// Charging stops at this voltage; 0 to 6553.5 V in steps of 0.1 V.
    pub charge_voltage: MilliVolts,
    /// Largest charge current, a magnitude; 0 to 6553.5 A in steps of 0.1 A.
    pub charge_current: MilliAmps,
    /// Largest discharge current, a magnitude; 0 to 6553.5 A in steps of 0.1 A.
    pub discharge_current: MilliAmps,
    /// Discharging stops at this voltage; 0 to 6553.5 V in steps of 0.1 V.
    pub discharge_voltage: MilliVolts,
}

/// 0x355: how full and how old.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// State of charge, 0 to 1000. Sent in whole percent, rounded down, and with high resolution.
    pub soc: PerMille,
    /// State of health in whole percent, 0 to 1000.
    pub health: PerMille,
    /// Charge left; 0 to 6553.5 Ah in steps of 0.1 Ah.
    pub remaining: Charge,
}

/// 0x356: what is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Measured {
    /// At the battery's output; 0 to 6553.5 V in steps of 0.1 V.
    pub voltage: MilliVolts,
    /// Positive while charging; -3276.8 to 3276.7 A in steps of 0.1 A.
    pub current: MilliAmps,
    /// Cell temperature.
    pub temperature: DeciCelsius,
    /// Equivalent full cycles.
    pub cycles: u16,
}

/// What the battery asks of the inverter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Wanted {
    /// Nothing.
    #[default]
    Normal = 0,
    /// Charge now, from the grid if need be.
    ForcedCharge = 1,
    /// No power.
    ForcedStandby = 2,
    /// Charge until full, to calibrate.
    ForcedFill = 3,
}

impl Wanted {
    const fn from_code(code: u8) -> Option<Self> {
        match code {
            0 => Some(Self::Normal),
            1 => Some(Self::ForcedCharge),
            2 => Some(Self::ForcedStandby),
            3 => Some(Self::ForcedFill),
            _ => None,
        }
    }
}

/// 0x30F: what the battery asks for and allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Request {
    /// Asked for.
    pub wanted: Wanted,
    /// Discharging is allowed.
    pub discharge_allowed: bool,
    /// Charging is allowed.
    pub charge_allowed: bool,
    /// What the roof gives more than the house draws is to go into the battery until it is full, to calibrate;
    /// nothing from the grid. Ours: an inverter that does not know it goes on as before.
    pub fill_from_sun: bool,
}

impl Request {
    /// Nothing is in it: then the frame is not sent.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.wanted, Wanted::Normal)
            && !self.discharge_allowed
            && !self.charge_allowed
            && !self.fill_from_sun
    }
}

/// 0x605: the inverter asks battery and pack for a page of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Inquiry {
    /// Number of the page.
    pub page: u8,
    /// Pack within the battery.
    pub pack: u8,
    /// What it says of the grid.
    pub grid: Grid,
}

/// What the inverter says of the grid, in the fourth byte of its inquiry. Ours: those that are public say nothing
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[repr(u8)]
pub enum Grid {
    /// Nothing, or something that we do not know.
    #[default]
    Untold = 0,
    /// It is there.
    Present = 1,
    /// It is gone: the inverter forms an island.
    Absent = 2,
}

impl Grid {
    const fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Present,
            2 => Self::Absent,
            _ => Self::Untold,
        }
    }
}

/// A legal message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Message {
    /// 0x351.
    Limits(Limits),
    /// 0x355.
    State(State),
    /// 0x356.
    Measured(Measured),
    /// 0x30F.
    Request(Request),
    /// 0x605.
    Inquiry(Inquiry),
}

impl Message {
    /// Reads a frame: the battery that sent it (or is asked), and what it says.
    ///
    /// # Errors
    /// [`Error`] says what is wrong with it.
    pub fn from_frame(frame: &Frame) -> Result<(BatteryId, Self), Error> {
        let packet = Packet::new_checked(frame)?;
        Ok((packet.battery, Self::parse(&packet)?))
    }

    /// Reads the fields of a packet.
    ///
    /// # Errors
    /// [`Error::Value`] if one of them means nothing.
    pub fn parse(packet: &Packet) -> Result<Self, Error> {
        match packet.kind {
            Kind::Limits => Ok(Self::Limits(Limits::parse(packet))),
            Kind::State => State::parse(packet).map(Self::State).ok_or(Error::Value),
            Kind::Measured => Ok(Self::Measured(Measured::parse(packet))),
            Kind::Request => Request::parse(packet).map(Self::Request).ok_or(Error::Value),
            Kind::Inquiry => {
                let [_, page, pack, grid, ..] = packet.bytes;
                Ok(Self::Inquiry(Inquiry { page, pack, grid: Grid::from_code(grid) }))
            }
        }
    }

    /// As sent by (or, for an inquiry, to) `battery`.
    #[must_use]
    pub fn to_frame(&self, battery: BatteryId) -> Frame {
        match self {
            Self::Limits(limits) => frame(LIMITS, battery, limits.emit()),
            Self::State(state) => frame(STATE, battery, state.emit()),
            Self::Measured(measured) => frame(MEASURED, battery, measured.emit()),
            Self::Request(request) => frame(REQUEST, battery, request.emit()),
            Self::Inquiry(inquiry) => {
                let grid = inquiry.grid as u8;
                frame(INQUIRY, BatteryId::FIRST, [battery.0, inquiry.page, inquiry.pack, grid, 0, 0, 0, 0])
            }
        }
    }
}

impl Limits {
    fn parse(packet: &Packet) -> Self {
        let [charge_voltage, charge, discharge, discharge_voltage] = packet.words();
        Self {
            charge_voltage: MilliVolts(i32::from(charge_voltage) * 100),
            charge_current: MilliAmps(i32::from(charge) * 100),
            discharge_current: MilliAmps(i32::from(discharge) * 100),
            discharge_voltage: MilliVolts(i32::from(discharge_voltage) * 100),
        }
    }

    fn emit(&self) -> [u8; 8] {
        // Rounded towards zero: a published limit must not exceed the one that was computed.
        bytes([
            tenths(self.charge_voltage.0),
            tenths(self.charge_current.0),
            tenths(self.discharge_current.0),
            tenths_rounded_up(self.discharge_voltage.0),
        ])
    }
}

impl State {
    fn parse(packet: &Packet) -> Option<Self> {
        let [percent, health, fine, remaining] = packet.words();
        if percent > 100 || health > 100 {
            return None;
        }
        // The meaning of the high-resolution word is inferred; it counts only where it agrees with the
        // percent.
        let agrees = fine != NO_FINE_SOC && fine / 100 == percent;
        Some(Self {
            soc: PerMille(if agrees { fine / 10 } else { percent * 10 }),
            health: PerMille(health * 10),
            remaining: Charge::from_deci_amp_hours(u32::from(remaining)),
        })
    }

    fn emit(&self) -> [u8; 8] {
        let soc = self.soc.0.min(PerMille::FULL.0);
        let health = self.health.0.min(PerMille::FULL.0);
        bytes([soc / 10, health / 10, soc * 10, self.remaining.deci_amp_hours()])
    }
}

impl Measured {
    fn parse(packet: &Packet) -> Self {
        let [voltage, current, temperature, cycles] = packet.words();
        Self {
            voltage: MilliVolts(i32::from(voltage) * 100),
            current: MilliAmps(i32::from(current.cast_signed()) * 100),
            temperature: DeciCelsius(temperature.cast_signed()),
            cycles,
        }
    }

    fn emit(&self) -> [u8; 8] {
        let voltage = tenths(self.voltage.0.saturating_add(50));
        let half = if self.current.0 < 0 { -50 } else { 50 };
        let current =
            (self.current.0.saturating_add(half) / 100).clamp(i32::from(i16::MIN), i32::from(i16::MAX));
        bytes([voltage, (current as i16).cast_unsigned(), self.temperature.0.cast_unsigned(), self.cycles])
    }
}

impl Request {
    const DISCHARGE: u8 = 1 << 0;
    const CHARGE: u8 = 1 << 1;
    const SUN: u8 = 1 << 2;

    fn parse(packet: &Packet) -> Option<Self> {
        let [wanted, allowed, ..] = packet.bytes;
        Some(Self {
            wanted: Wanted::from_code(wanted)?,
            discharge_allowed: allowed & Self::DISCHARGE != 0,
            charge_allowed: allowed & Self::CHARGE != 0,
            fill_from_sun: allowed & Self::SUN != 0,
        })
    }

    fn emit(&self) -> [u8; 8] {
        let flag = |set, bit| if set { bit } else { 0 };
        let allowed = flag(self.discharge_allowed, Self::DISCHARGE)
            | flag(self.charge_allowed, Self::CHARGE)
            | flag(self.fill_from_sun, Self::SUN);
        [self.wanted as u8, allowed, 0, 0, 0, 0, 0, 0]
    }
}

fn frame(base: u32, battery: BatteryId, bytes: [u8; 8]) -> Frame {
    let raw = base | u32::from(battery.0) << 12;
    Frame::full(ExtendedId::new(raw).unwrap_or(ExtendedId::ZERO), bytes)
}

fn bytes(words: [u16; 4]) -> [u8; 8] {
    let [[a0, a1], [b0, b1], [c0, c1], [d0, d1]] = words.map(u16::to_le_bytes);
    [a0, a1, b0, b1, c0, c1, d0, d1]
}

/// Thousandths to tenths, rounded down, clamped to the range of the wire.
fn tenths(thousandths: i32) -> u16 {
    (thousandths / 100).clamp(0, i32::from(u16::MAX)) as u16
}

fn tenths_rounded_up(thousandths: i32) -> u16 {
    tenths(thousandths.saturating_add(99))
}
