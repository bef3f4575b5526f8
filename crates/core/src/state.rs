//! The states that travel on the wires and that people see.

use core::fmt;

macro_rules! wire_enum {
    ($(#[$meta:meta])* $name:ident: $($(#[$vmeta:meta])* $variant:ident = $code:literal, $word:literal;)*) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $($(#[$vmeta])* $variant = $code,)*
        }

        impl $name {
            /// All of them, by code.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code on the wire.
            #[must_use]
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// From the code on the wire.
            #[must_use]
            pub const fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The word people read.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }
    };
}

wire_enum! {
    /// What a tower does. Alarms and faults are no states: they lie over them.
    TowerState:
    /// Off; only the black-start switch is watched.
    Shutdown = 0, "shutdown";
    /// Self test, module discovery, soft start of the bus.
    Starting = 1, "starting";
    /// Starting, or holding the bus, without any inverter frame.
    BlackStart = 2, "black start";
    /// Ready; no power flows.
    Standby = 3, "standby";
    /// Power flows in.
    Charging = 4, "charging";
    /// Power flows out.
    Discharging = 5, "discharging";
    /// Firmware is being replaced.
    Updating = 6, "updating";
    /// Power to zero, converters off, relays open.
    Stopping = 7, "shutting down";
    /// A fault has stopped the power.
    Faulted = 8, "fault";
    /// Nearly empty: electronics off but for a timer that looks for charge now and then.
    Sleeping = 9, "sleeping";
}

wire_enum! {
    /// What a module does.
    ModuleState:
    /// Off; only the wake line is watched.
    Shutdown = 0, "shutdown";
    /// Self test; waits for fresh samples.
    Starting = 1, "starting";
    /// Healthy and off the bus.
    Ready = 2, "ready";
    /// On the bus.
    Connected = 3, "connected";
    /// Leaves the bus: power to zero, then gate, relay, MOSFETs.
    Stopping = 4, "stopping";
    /// A fault keeps it off the bus.
    Faulted = 5, "fault";
    /// Firmware is being replaced.
    Updating = 6, "updating";
    /// Out of service for long: about to sleep, or asleep, until somebody asks it or it looks at itself again.
    Dormant = 7, "dormant";
}

wire_enum! {
    /// What the converter (PCU) of a module does; codes as the inverter's register 0x6020 (public, G3 V1.38).
    PcuState:
    /// Firmware is being replaced.
    Update = 0, "update";
    /// Checks itself before anything is switched.
    Check = 1, "check";
    /// Healthy; gate off, relay open.
    Normal = 2, "normal";
    /// On the bus, or on its way there by soft start.
    Active = 3, "active";
    /// Off by a fault that may clear.
    Fault = 4, "fault";
    /// Off until a person has looked.
    PermanentFault = 5, "permanent fault";
}

wire_enum! {
    /// Why a start was given up.
    StartFailure:
    /// No module, or fewer than commissioned, answered.
    Discovery = 0, "not every module answered";
    /// The bus did not come up in time.
    SoftStart = 1, "the bus did not come up";
    /// A self test failed.
    SelfTest = 2, "a self test failed";
    /// No inverter frame within the black-start window.
    InverterSilent = 3, "no inverter was heard";
}

wire_enum! {
    /// What binds a published limit.
    Binding:
    /// Nothing: the module gives what it is rated for.
    Rating = 0, "rated power";
    /// The hottest cell.
    HighTemperature = 1, "cell temperature high";
    /// The coldest cell.
    LowTemperature = 2, "cell temperature low";
    /// The fullest cell.
    CellVoltageHigh = 3, "cell voltage high";
    /// The emptiest cell.
    CellVoltageLow = 4, "cell voltage low";
    /// The state of charge is at its end.
    StateOfCharge = 5, "state of charge";
    /// The converter's heat sink.
    PcuTemperature = 6, "converter temperature";
    /// A reading is old or wrong.
    Reading = 7, "reading not trusted";
    /// An alarm or a fault forbids it.
    Condition = 8, "alarm or fault";
    /// The limit is on its way back up.
    Recovery = 9, "recovering slowly";
    /// Not on the bus.
    NotConnected = 10, "not connected";
    /// Fuse, switch or cable of the distribution unit.
    Distribution = 11, "fuse, switch or cable";
    /// No frame from the inverter.
    InverterSilent = 12, "inverter silent";
    /// Ambient temperature.
    Ambient = 13, "ambient temperature";
    /// A person wants it so.
    Configuration = 14, "configuration";
}
wire_enum! {
    /// Why a device has started.
    ResetCause:
    /// Its supply came: it was plugged in, or is new.
    PowerOn = 0, "power on";
    /// Its supply was too low for a moment.
    BrownOut = 1, "supply too low";
    /// Its program has not fed the watchdog.
    Watchdog = 2, "watchdog";
    /// Its program has found that it cannot go on.
    Software = 3, "software";
    /// Somebody has pulled its reset line.
    External = 4, "reset line";
}

impl ResetCause {
    /// Whoever plugs a device in has not reset it.
    #[must_use]
    pub const fn is_reset(self) -> bool {
        match self {
            Self::PowerOn => false,
            Self::BrownOut | Self::Watchdog | Self::Software | Self::External => true,
        }
    }
}
