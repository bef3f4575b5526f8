//! The few holding registers of a SOFAR G3 inverter (Modbus) that show the flows of the home and of the
//! battery inputs.
//!
//! [`TABLE`] says once what each register is; [`Home`] and [`BatteryChannel`] are the typed values,
//! [`RegisterBlock`] is what a Modbus read gives: some registers with a word, others without.
//!
//! Sources (public): SOFAR Modbus-G3 V1.38 for the battery channels; homeassistant-solax-modbus
//! `plugin_sofar.py` for addresses, types and scales of 0x0485 to 0x05C4; evcc `sofarsolar-g3.yaml`, which
//! multiplies 0x0488 by -10 to get watts of import, and 0x05C4 by 100 to get watts: so 0x0488 is positive
//! while **exporting**. The sign of 0x0485 (positive out of the inverter) is inferred from the same
//! convention.

use voltower_core::{DeciCelsius, MilliAmps, MilliVolts, PerMille, Watts};

/// How many battery inputs are covered.
pub const CHANNELS: usize = 2;

/// How the word of a register is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Unsigned.
    U16,
    /// Two's complement.
    S16,
}

/// What a register is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition {
    /// Address as on the wire.
    pub address: u16,
    /// How its word is read.
    pub kind: Kind,
    /// What one step of it means, for instance `0.01 kW`.
    pub step: &'static str,
    /// What it says, sign included.
    pub meaning: &'static str,
    /// Where that is published.
    pub source: &'static str,
}

macro_rules! registers {
    ($($variant:ident = $address:literal, $kind:ident, $step:literal, $meaning:literal, $source:literal;)*) => {
        /// A register that is covered here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Register {
            $(#[doc = $meaning] $variant,)*
        }

        impl Register {
            /// All of them, by address.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What it is.
            #[must_use]
            pub const fn definition(self) -> Definition {
                match self {
                    $(Self::$variant => Definition {
                        address: $address, kind: Kind::$kind, step: $step, meaning: $meaning, source: $source,
                    },)*
                }
            }
        }

        /// All registers that are covered here, by address.
        pub const TABLE: &[Definition] = &[$(Register::$variant.definition(),)*];
    };
}

registers! {
    OutputPower = 0x0485, S16, "0.01 kW", "AC power of the inverter, positive out of it.", "solax-modbus, sign ours";
    GridPower = 0x0488, S16, "0.01 kW", "Power at the meter, positive while exporting.", "solax-modbus, evcc";
    LoadPower = 0x04AF, U16, "0.01 kW", "Active power of the home's load.", "solax-modbus";
    PvPower1 = 0x0586, U16, "0.01 kW", "Power of the first PV input.", "solax-modbus";
    PvPower2 = 0x0589, U16, "0.01 kW", "Power of the second PV input.", "solax-modbus";
    PvPowerTotal = 0x05C4, U16, "0.1 kW", "Power of all PV inputs, of a hybrid inverter.", "evcc; solax-modbus";
    Voltage1 = 0x0604, U16, "0.1 V", "Voltage of battery input 1.", "G3 V1.38";
    Current1 = 0x0605, S16, "0.01 A", "Current of battery input 1, positive while charging.", "G3 V1.38";
    Power1 = 0x0606, S16, "0.01 kW", "Power of battery input 1, positive while charging.", "G3 V1.38";
    Temperature1 = 0x0607, S16, "1 degC", "Ambient temperature of battery 1.", "G3 V1.38";
    Soc1 = 0x0608, U16, "1 %", "State of charge of battery 1.", "G3 V1.38";
    Health1 = 0x0609, U16, "1 %", "State of health of battery 1.", "G3 V1.38";
    Cycles1 = 0x060A, U16, "1", "Cycles of battery 1.", "G3 V1.38";
    Voltage2 = 0x060B, U16, "0.1 V", "Voltage of battery input 2.", "G3 V1.38";
    Current2 = 0x060C, S16, "0.01 A", "Current of battery input 2, positive while charging.", "G3 V1.38";
    Power2 = 0x060D, S16, "0.01 kW", "Power of battery input 2, positive while charging.", "G3 V1.38";
    Temperature2 = 0x060E, S16, "1 degC", "Ambient temperature of battery 2.", "G3 V1.38";
    Soc2 = 0x060F, U16, "1 %", "State of charge of battery 2.", "G3 V1.38";
    Health2 = 0x0610, U16, "1 %", "State of health of battery 2.", "G3 V1.38";
    Cycles2 = 0x0611, U16, "1", "Cycles of battery 2.", "G3 V1.38";
}

impl Register {
    /// The register at `address`, if it is covered here.
    #[must_use]
    pub fn at(address: u16) -> Option<Self> {
        Self::ALL.iter().copied().find(|register| register.definition().address == address)
    }

    /// The number that `word` stands for, in steps of this register.
    #[must_use]
    pub const fn number(self, word: u16) -> i32 {
        match self.definition().kind {
            Kind::U16 => word as i32,
            Kind::S16 => word.cast_signed() as i32,
        }
    }

    /// The word for `number` steps, clamped to the register's range.
    #[must_use]
    pub fn word(self, number: i32) -> u16 {
        match self.definition().kind {
            Kind::U16 => number.clamp(0, i32::from(u16::MAX)) as u16,
            Kind::S16 => (number.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16).cast_unsigned(),
        }
    }
}

/// Words of the registers of [`TABLE`], as far as they were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct RegisterBlock {
    words: [Option<u16>; Register::ALL.len()],
}

impl RegisterBlock {
    /// Nothing was read.
    #[must_use]
    pub const fn new() -> Self {
        Self { words: [None; Register::ALL.len()] }
    }

    /// The word of `register`.
    #[must_use]
    pub fn word(&self, register: Register) -> Option<u16> {
        self.words.get(register as usize).copied().flatten()
    }

    /// Notes the word of `register`.
    pub fn set_word(&mut self, register: Register, word: u16) {
        if let Some(slot) = self.words.get_mut(register as usize) {
            *slot = Some(word);
        }
    }

    /// The number in `register`, in its steps.
    #[must_use]
    pub fn number(&self, register: Register) -> Option<i32> {
        self.word(register).map(|word| register.number(word))
    }

    /// Writes a number of steps, clamped to the register's range.
    pub fn set_number(&mut self, register: Register, number: i32) {
        self.set_word(register, register.word(number));
    }

    /// Whether nothing was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(Option::is_none)
    }
}

/// The power flows of the home.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Home {
    /// From the roof, not negative; steps of 10 W on the wire.
    pub pv: Watts,
    /// Into the home's load; steps of 10 W.
    pub load: Watts,
    /// Positive while importing; steps of 10 W.
    pub grid: Watts,
    /// Out of the inverter at its AC side; steps of 10 W.
    pub output: Watts,
}

impl Home {
    /// Reads the flows; `None` if a register is missing.
    ///
    /// PV is the sum of the two inputs, or the total (in steps of 100 W) where these were not read.
    #[must_use]
    pub fn read(block: &RegisterBlock) -> Option<Self> {
        let ten = |register| block.number(register).map(|n| Watts(n * 10));
        let inputs = ten(Register::PvPower1).zip(ten(Register::PvPower2)).map(|(one, two)| one + two);
        let total = || block.number(Register::PvPowerTotal).map(|n| Watts(n * 100));
        Some(Self {
            pv: inputs.or_else(total)?,
            load: ten(Register::LoadPower)?,
            grid: -ten(Register::GridPower)?,
            output: ten(Register::OutputPower)?,
        })
    }

    /// Writes the flows; all of PV is shown on the first input.
    pub fn write(&self, block: &mut RegisterBlock) {
        block.set_number(Register::OutputPower, steps::<10>(self.output.0));
        block.set_number(Register::GridPower, steps::<10>((-self.grid).0));
        block.set_number(Register::LoadPower, steps::<10>(self.load.0));
        block.set_number(Register::PvPower1, steps::<10>(self.pv.0));
        block.set_number(Register::PvPower2, 0);
        block.set_number(Register::PvPowerTotal, steps::<100>(self.pv.0));
    }
}

/// Which battery input of the inverter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Input 1: the first tower.
    One,
    /// Input 2: the second tower.
    Two,
}

/// The registers of one channel, in the order of [`BatteryChannel`].
struct ChannelRegisters {
    voltage: Register,
    current: Register,
    power: Register,
    temperature: Register,
    soc: Register,
    health: Register,
    cycles: Register,
}

impl Channel {
    /// Both, in order.
    pub const ALL: [Self; CHANNELS] = [Self::One, Self::Two];

    const fn registers(self) -> ChannelRegisters {
        match self {
            Self::One => ChannelRegisters {
                voltage: Register::Voltage1,
                current: Register::Current1,
                power: Register::Power1,
                temperature: Register::Temperature1,
                soc: Register::Soc1,
                health: Register::Health1,
                cycles: Register::Cycles1,
            },
            Self::Two => ChannelRegisters {
                voltage: Register::Voltage2,
                current: Register::Current2,
                power: Register::Power2,
                temperature: Register::Temperature2,
                soc: Register::Soc2,
                health: Register::Health2,
                cycles: Register::Cycles2,
            },
        }
    }
}

/// What the inverter shows of one battery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BatteryChannel {
    /// At the input; steps of 0.1 V.
    pub voltage: MilliVolts,
    /// Positive while charging; steps of 10 mA.
    pub current: MilliAmps,
    /// Positive while charging; steps of 10 W.
    pub power: Watts,
    /// Ambient; steps of 1 degC.
    pub temperature: DeciCelsius,
    /// State of charge, 0 to 1000; steps of 1 %.
    pub soc: PerMille,
    /// State of health, 0 to 1000; steps of 1 %.
    pub health: PerMille,
    /// Cycles.
    pub cycles: u16,
}

impl BatteryChannel {
    /// Reads a channel; `None` if a register is missing or a share is above 100 %.
    #[must_use]
    pub fn read(block: &RegisterBlock, channel: Channel) -> Option<Self> {
        let registers = channel.registers();
        let percent = |register| {
            let word = block.word(register)?;
            (word <= 100).then_some(PerMille(word.saturating_mul(10)))
        };
        let degrees = block.number(registers.temperature)?.saturating_mul(10);
        Some(Self {
            voltage: MilliVolts(block.number(registers.voltage)? * 100),
            current: MilliAmps(block.number(registers.current)? * 10),
            power: Watts(block.number(registers.power)? * 10),
            temperature: DeciCelsius(degrees.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16),
            soc: percent(registers.soc)?,
            health: percent(registers.health)?,
            cycles: block.word(registers.cycles)?,
        })
    }

    /// Writes a channel.
    pub fn write(&self, block: &mut RegisterBlock, channel: Channel) {
        let registers = channel.registers();
        block.set_number(registers.voltage, steps::<100>(self.voltage.0));
        block.set_number(registers.current, steps::<10>(self.current.0));
        block.set_number(registers.power, steps::<10>(self.power.0));
        block.set_number(registers.temperature, steps::<10>(i32::from(self.temperature.0)));
        block.set_number(registers.soc, i32::from(self.soc.0.min(PerMille::FULL.0) / 10));
        block.set_number(registers.health, i32::from(self.health.0.min(PerMille::FULL.0) / 10));
        block.set_word(registers.cycles, self.cycles);
    }
}

/// `value / STEP`, rounded to the nearest.
fn steps<const STEP: i32>(value: i32) -> i32 {
    let half = if value < 0 { -(STEP / 2) } else { STEP / 2 };
    value.saturating_add(half) / STEP
}
