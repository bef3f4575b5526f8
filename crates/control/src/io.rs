//! What goes into a controller and what comes out: the whole contact of the control code with the world.
//!
//! A controller's `step` is called at its sample period with a fresh sample, and for every frame delivered to it.
//! Whoever calls (microcontroller, simulator, fuzzer, replayer) owns the clock, the pins and the buses.

use heapless::Vec;
use voltower_core::values::{self, SAMPLE_GAP};
use voltower_core::{
    DeciCelsius, Duration, Levels, MilliAmps, MilliOhms, MilliVolts, Relation, Watts,
    panel::{Pattern, Snapshot},
};
use voltower_protocols::Frame;
use voltower_protocols::canopen::{Abort, Bytes};

pub use crate::keep::ModulePersisted;
use crate::keep::{FreezeFrame, Keep, MemoryReport};
use crate::record::Record;
use crate::selftest::SelfTestReport;

/// Cells of a module, in series (public source).
pub const CELLS: usize = 16;
/// Cell temperature sensors of a module (public source, the inverter's registers 0x906B to 0x906E).
pub const CELL_SENSORS: usize = 4;
/// Modules under one distribution unit (manual 2.6).
pub const MODULES: usize = 4;
/// Frames that one step may send.
pub const FRAMES_PER_STEP: usize = 24;
/// Records that one step may emit: more than half of all conditions come, and as many go.
pub const RECORDS_PER_STEP: usize = 48;

/// Frames to send, in order.
pub type Frames = Vec<Frame, FRAMES_PER_STEP>;
/// What the recorder writes down.
pub type Records = Vec<Record, RECORDS_PER_STEP>;

/// Thresholds of the AFE's autonomous comparator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Comparator {
    /// Cell voltage above which it opens the MOSFETs.
    pub over_voltage: MilliVolts,
    /// Cell temperature above which it opens the MOSFETs.
    pub over_temperature: DeciCelsius,
    /// Cell voltage below which it opens the discharge MOSFET, after `under_voltage_delay`; zero is off, here and
    /// below.
    pub under_voltage: MilliVolts,
    /// How long a cell must be below.
    pub under_voltage_delay: Duration,
    /// Pack current above which it opens the charge MOSFET, after `over_current_delay`.
    pub over_current_charge: MilliAmps,
    /// The same of the discharge MOSFET, a magnitude.
    pub over_current_discharge: MilliAmps,
    /// How long it must flow.
    pub over_current_delay: Duration,
    /// Pack current, a magnitude, above which it opens both MOSFETs, after `short_circuit_delay`.
    pub short_circuit: MilliAmps,
    /// How long it must flow.
    pub short_circuit_delay: Duration,
}

impl Comparator {
    /// After power-on: it watches nothing.
    pub const OFF: Self = Self {
        over_voltage: MilliVolts::ZERO,
        over_temperature: DeciCelsius::ZERO,
        under_voltage: MilliVolts::ZERO,
        under_voltage_delay: Duration::ZERO,
        over_current_charge: MilliAmps::ZERO,
        over_current_discharge: MilliAmps::ZERO,
        over_current_delay: Duration::ZERO,
        short_circuit: MilliAmps::ZERO,
        short_circuit_delay: Duration::ZERO,
    };
}

/// What the AFE's autonomous comparator has seen and holds MOSFETs open for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct ComparatorStatus {
    /// A cell voltage too high.
    pub over_voltage: bool,
    /// A cell too hot.
    pub over_temperature: bool,
    /// A cell voltage too low.
    pub under_voltage: bool,
    /// Too much current in.
    pub over_current_charge: bool,
    /// Too much current out.
    pub over_current_discharge: bool,
    /// A short circuit.
    pub short_circuit: bool,
}

/// What the module's electronics measured at one sample instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleSample {
    /// Counts the AFE's conversions; the same number twice means that the AFE has nothing new.
    pub afe_conversion: u32,
    /// Cell voltages; `None` where the AFE's open-wire check failed.
    pub cells: [Option<MilliVolts>; CELLS],
    /// Pack voltage at the AFE's own divider.
    pub pack_voltage: MilliVolts,
    /// Pack current through the shunt, positive while charging.
    pub pack_current: MilliAmps,
    /// Cell temperatures; `None` for an NTC that is open or shorted.
    pub cell_temperatures: [Option<DeciCelsius>; CELL_SENSORS],
    /// MOSFET temperature.
    pub mos_temperature: Option<DeciCelsius>,
    /// Ambient temperature inside the case.
    pub ambient_temperature: Option<DeciCelsius>,
    /// The AFE's autonomous comparator has opened the MOSFETs.
    pub comparator_tripped: bool,
    /// What for, where the AFE says it.
    pub comparator_status: ComparatorStatus,
    /// What the registers of that comparator hold, read back with each conversion.
    pub comparator: Comparator,
    /// Drain-source states that the AFE sees: charge and discharge MOSFET conduct.
    pub charge_mosfet_closed: bool,
    /// See `charge_mosfet_closed`.
    pub discharge_mosfet_closed: bool,
    /// The converter's own measurements.
    pub pcu: PcuSample,
    /// What the tests of the module's own electronics have come to, which run beside the step.
    pub self_test: SelfTestReport,
    /// What the memory beside the step holds of what must outlive a loss of power.
    pub memory: MemoryReport,
}

/// What the converter measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcuSample {
    /// Pack-side voltage.
    pub low_voltage: MilliVolts,
    /// Pack-side current, positive while charging the pack.
    pub low_current: MilliAmps,
    /// Voltage of the converter's own bus capacitor, inside its relay.
    pub capacitor_voltage: MilliVolts,
    /// Voltage at the terminals B+/B-, outside its relay; negative if they are swapped.
    pub terminal_voltage: MilliVolts,
    /// Bus-side current, positive while charging the pack.
    pub bus_current: MilliAmps,
    /// Heat sink temperature.
    pub heat_sink: Option<DeciCelsius>,
    /// The power stage has tripped by its own hardware (over-current, desaturation, driver supply).
    pub stage_tripped: bool,
    /// Auxiliary contact of the output relay.
    pub relay_closed: bool,
}

/// Everything a module controller learns in one step.
#[derive(Debug, Clone, Copy, Default)]
pub struct ModuleInputs<'a> {
    /// A fresh sample, once a sample period.
    pub sample: Option<&'a ModuleSample>,
    /// A frame of the Link, delivered to this node.
    pub frame: Option<&'a Frame>,
    /// The wake line of the Link cable: the BDU wants the module to be awake.
    pub wake: bool,
    /// The enable line at Link In: whoever stands above has its address, so this module may be given one.
    pub link_in: bool,
}

/// How much of the electronics is powered; the hardware draws accordingly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PowerMode {
    /// Only the wake circuit.
    #[default]
    Off,
    /// BMS awake at a low rate, converter unpowered.
    Sleep,
    /// Everything powered.
    On,
}

/// How the converter is driven. The fast loop that obeys this is hardware.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcuDrive {
    /// The power stage switches.
    pub gate: bool,
    /// The output relay is closed.
    pub relay: bool,
    /// Voltage that the droop line crosses at zero current.
    pub set_point: MilliVolts,
    /// Slope of the droop line: voltage drop per current, at the bus.
    pub droop: MilliOhms,
    /// Half width of the band around the set-point in which the stage only skips pulses (a module shed at light load).
    pub dead_band: MilliVolts,
    /// Largest bus current while charging, not negative.
    pub charge_current_max: MilliAmps,
    /// Largest bus current while discharging, not negative (a magnitude).
    pub discharge_current_max: MilliAmps,
}

impl PcuDrive {
    /// Gate and relay off.
    pub const OFF: Self = Self {
        gate: false,
        relay: false,
        set_point: MilliVolts::ZERO,
        droop: MilliOhms(1),
        dead_band: MilliVolts::ZERO,
        charge_current_max: MilliAmps::ZERO,
        discharge_current_max: MilliAmps::ZERO,
    };
}

/// What a module controller drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModuleDrive {
    /// Supply of its electronics.
    pub power: PowerMode,
    /// The enable line at Link Out.
    pub link_out: bool,
    /// Charge MOSFET: closed lets current in.
    pub charge_mosfet: bool,
    /// Discharge MOSFET: closed lets current out.
    pub discharge_mosfet: bool,
    /// Balancing switches, bit 0 = cell 1.
    pub balancing: u16,
    /// What the AFE's comparator is programmed with.
    pub comparator: Comparator,
    /// The AFE is told to let go of what its comparator holds open.
    pub comparator_reset: bool,
    /// The converter.
    pub pcu: PcuDrive,
}

impl ComparatorStatus {
    /// It holds nothing open.
    pub const NOTHING: Self = Self {
        over_voltage: false,
        over_temperature: false,
        under_voltage: false,
        over_current_charge: false,
        over_current_discharge: false,
        short_circuit: false,
    };
}

impl ModuleDrive {
    /// Unpowered: nothing is closed, nothing is programmed.
    pub const OFF: Self = Self {
        power: PowerMode::Off,
        link_out: false,
        charge_mosfet: false,
        discharge_mosfet: false,
        balancing: 0,
        comparator: Comparator::OFF,
        comparator_reset: false,
        pcu: PcuDrive::OFF,
    };
}

/// Everything a module controller does in one step.
#[derive(Debug, Clone)]
pub struct ModuleOutputs {
    /// Frames for the Link.
    pub frames: Frames,
    /// Pins.
    pub drive: ModuleDrive,
    /// For the recorder.
    pub records: Records,
    /// For the recorder: what was measured when a fault came.
    pub frame: Option<FreezeFrame>,
    /// For the recorder: what must be written down.
    pub keep: Keep,
}

impl ModuleOutputs {
    /// Nothing sent, nothing written down, pins off.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            frames: Frames::new(),
            drive: ModuleDrive::OFF,
            records: Records::new(),
            frame: None,
            keep: Keep::NOTHING,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.frames.clear();
        self.records.clear();
        self.frame = None;
    }
}

impl Default for ModuleOutputs {
    fn default() -> Self {
        Self::new()
    }
}

/// What the distribution unit's electronics measured at one sample instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BduSample {
    /// Bus voltage between modules and fuse.
    pub before_fuse: MilliVolts,
    /// Voltage between fuse and DC switch.
    pub after_fuse: MilliVolts,
    /// Voltage outside the DC switch, at BAT OUT.
    pub outside: MilliVolts,
    /// Current of the tower, positive while charging.
    pub current: MilliAmps,
    /// The black-start switch is held down.
    pub black_start_pressed: bool,
    /// Auxiliary contact of the DC switch.
    pub dc_switch_closed: bool,
    /// The strap in the COM-IN cable: this is the second tower of the network.
    pub second_tower: bool,
    /// Resistance between the two wires of the Link, measured while the bus rests; `None` if there is no path at all.
    pub link_resistance: Option<MilliOhms>,
    /// What the unit's own CAN controller says of the Link.
    pub link_bus: BusState,
    /// What the tests of the unit's own electronics have come to, which run beside the step.
    pub self_test: SelfTestReport,
    /// What the memory beside the step holds of what must outlive a loss of power.
    pub memory: MemoryReport,
}

/// Fault confinement of a CAN controller (ISO 11898-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BusState {
    /// Takes part, and may destroy frames that it finds wrong.
    #[default]
    Active,
    /// Has seen so many errors that it no longer disturbs others.
    Passive,
    /// Has seen so many errors of its own that it has left the bus.
    Off,
}

/// Which bus of the distribution unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Port {
    /// To the modules.
    Link,
    /// To the inverter and the other tower.
    Com,
}

/// Everything a BDU controller learns in one step.
#[derive(Debug, Clone, Copy, Default)]
pub struct BduInputs<'a> {
    /// A fresh sample, once a sample period.
    pub sample: Option<&'a BduSample>,
    /// A delivered frame, and the bus it came from.
    pub frame: Option<(Port, &'a Frame)>,
}

/// What a BDU controller drives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BduDrive {
    /// Supply of its electronics.
    pub power: PowerMode,
    /// The wake line to the modules.
    pub wake: bool,
    /// The enable line to the first module.
    pub link_enable: bool,
    /// The light of the black-start switch.
    pub black_start_light: bool,
    /// What the panel shows, flashing included.
    pub pattern: Pattern,
    /// The lights as they are driven at this moment.
    pub lights: Snapshot,
}

impl BduDrive {
    /// Unpowered and dark.
    pub const OFF: Self = Self {
        power: PowerMode::Off,
        wake: false,
        link_enable: false,
        black_start_light: false,
        pattern: Pattern::DARK,
        lights: Snapshot { status: None, alarm: false, soc: [false; 5] },
    };
}

/// Everything a BDU controller does in one step.
#[derive(Debug, Clone)]
pub struct BduOutputs {
    /// Frames for the Link.
    pub link_frames: Frames,
    /// Frames for COM.
    pub com_frames: Frames,
    /// Pins and lights.
    pub drive: BduDrive,
    /// For the recorder.
    pub records: Records,
    /// For the recorder: what must be written down.
    pub keep: Keep,
}

impl BduOutputs {
    /// Nothing sent, nothing written down, unpowered and dark.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            link_frames: Frames::new(),
            com_frames: Frames::new(),
            drive: BduDrive::OFF,
            records: Records::new(),
            keep: Keep::NOTHING,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.link_frames.clear();
        self.com_frames.clear();
        self.records.clear();
    }
}

impl Default for BduOutputs {
    fn default() -> Self {
        Self::new()
    }
}

/// Which device this is: from the type plate and the firmware image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// Serial number, 20 ASCII characters (public source).
    pub serial: [u8; 20],
    /// BMS (or BDU) software, 8 ASCII characters (public source).
    pub software: [u8; 8],
    /// PCU software, 8 ASCII characters; the BDU repeats its own.
    pub pcu_software: [u8; 8],
}

/// What a person has set of a module or a tower, within what it may do anyway. Kept over a loss of power.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Settings {
    /// Charge power at most.
    pub charge_power: Watts,
    /// Discharge power at most.
    pub discharge_power: Watts,
    /// What the installer calls it.
    pub label: Bytes,
    /// Levels of a module's protection; the distribution unit has none.
    pub levels: Levels,
}

/// Why a configuration is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// It breaks a relation.
    Breaks(Relation),
    /// It is looser than what is set: a person must be at the tower, and no power flow.
    NeedsPerson,
}

impl From<Refusal> for Abort {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Breaks(_) => Self::InvalidValue,
            Refusal::NeedsPerson => Self::DeviceState,
        }
    }
}

impl Settings {
    /// Nothing was set: `power` either way.
    #[must_use]
    pub const fn open(power: Watts) -> Self {
        Self { charge_power: power, discharge_power: power, label: Bytes::EMPTY, levels: Levels::OURS }
    }

    /// Whether they are what a person could have set of a device that is rated for `rated`: what was stored may be
    /// corrupt, or from other software.
    ///
    /// # Errors
    /// The first relation that does not hold.
    pub fn check(&self, rated: Watts) -> Result<(), Relation> {
        let within = |power: Watts| (Watts::ZERO..=rated).contains(&power);
        if within(self.charge_power) && within(self.discharge_power) {
            self.levels.check()
        } else {
            Err(Relation::Power)
        }
    }

    /// Our own levels; powers that cannot be become `rated`.
    #[must_use]
    pub fn restored(self, rated: Watts) -> Self {
        let ours = Self { levels: Levels::OURS, ..self };
        if ours.check(rated).is_ok() {
            ours
        } else {
            Self { charge_power: rated, discharge_power: rated, ..ours }
        }
    }

    /// Whether these may take the place of `before`: tightening at any time, loosening only `in_service`, which needs
    /// a person at the tower and no power flowing. Whatever follows levels that break a relation counts as looser.
    ///
    /// # Errors
    /// A relation that these would break, or that a person is needed.
    pub fn may_follow(&self, before: &Self, in_service: bool) -> Result<(), Refusal> {
        self.levels.check().map_err(Refusal::Breaks)?;
        let looser = self.charge_power > before.charge_power
            || self.discharge_power > before.discharge_power
            || self.levels.is_looser_than(&before.levels)
            || before.levels.check().is_err();
        if looser && !in_service { Err(Refusal::NeedsPerson) } else { Ok(()) }
    }
}

/// Timing of a controller's sample period: time-outs stretch to three periods, so that coarse steps of long runs do
/// not trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SamplePeriod(pub Duration);

impl SamplePeriod {
    /// After one more gap between two samples. One that is longer than any period is a clock that has jumped; so is,
    /// for all that one gap tells, what is above twice the last one: it must not stretch what is awaited from then
    /// on. Long runs grow their steps twofold at most.
    #[must_use]
    pub fn after(self, gap: Duration) -> Self {
        if gap.is_zero() || gap > SAMPLE_GAP {
            return self;
        }
        // The first gap tells the period.
        let most = if self.0.is_zero() { gap } else { Duration(self.0.0.saturating_mul(2)) };
        Self(gap.min(most.max(values::SAMPLE_USUAL)))
    }

    /// What has passed since the last sample: what the `clock` says, or, while it `stands`, a period for each sample.
    /// Whoever cannot tell the time must still find its way to sleep. `awake`, a clock that jumped adds a
    /// [`SAMPLE_GAP`]: what takes seconds ages towards safety, and one sample is no evidence of an hour. Asleep,
    /// samples may come as seldom as they like.
    #[must_use]
    pub fn passed(self, clock: Duration, stands: bool, awake: bool) -> Duration {
        match clock {
            Duration::ZERO if stands => self.0,
            clock if awake => clock.min(SAMPLE_GAP),
            clock => clock,
        }
    }

    /// `timeout`, or three periods if that is longer (the design's rule for long runs).
    #[must_use]
    pub fn stretch(self, timeout: Duration) -> Duration {
        Duration(timeout.0.max(self.0.0.saturating_mul(3)))
    }

    /// So long a reading of the AFE holds: the same share of its silence, however far that is stretched.
    #[must_use]
    pub fn reading_holds(self) -> Duration {
        let silence = self.stretch(values::AFE_SILENCE).0 / 1000;
        Duration(silence.saturating_mul(values::READING_HOLD.0) / (values::AFE_SILENCE.0 / 1000))
    }
}
