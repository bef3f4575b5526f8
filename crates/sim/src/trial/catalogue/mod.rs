//! Every fault that the world knows, once: its word, how one is drawn, and what a correct tower does about it.
//!
//! A fault that is not in here does not compile: [`Kind::of`], [`entry`] and [`Kind::draw`] look at every variant.

mod draw;
mod entry;

use voltower_core::{Alarm, Cause, Condition, ConditionSet, Diagnosis, Duration, Fault as Stop};

use crate::scenario::{ClockFault, Fault, FlashDefect as Defect, FrameFault, HardwareFault as H};

pub use entry::entry;

/// What a correct tower does about a fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Who could notice it.
    pub class: Class,
    /// What else it may bring about; nothing beside these and what names it may be shown on its account.
    pub may: ConditionSet,
    /// What becomes of it when everything is made whole.
    pub repair: Repair,
}

/// Who could notice a fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Class {
    /// Sensors see it: it is named, and no cell leaves its safe area.
    Noticed(Notice),
    /// No sensor sees it, for this reason; no cell leaves its safe area.
    Unseen(&'static str),
    /// Control cannot undo it: the module isolates itself, names it and takes no energy in; its neighbours are safe.
    Beyond(Notice),
}

/// How a fault is named.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Notice {
    /// Any of these conditions names it.
    pub conditions: ConditionSet,
    /// Any of these causes names it as well.
    pub causes: &'static [Cause],
    /// When sensors can see it at all.
    pub when: When,
    /// Longest time from then to the condition.
    pub within: Duration,
}

/// When sensors can see a fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum When {
    /// While the controller that looks at it works.
    Awake,
    /// While at least so many amperes flow through the module's cells.
    Loaded(f64),
    /// While a contact of its module is not where it is driven to.
    Contradicted,
    /// While the tower stands in standby or feeds, and an inverter had been heard.
    Talking,
    /// While the tower stands in standby or feeds, or has lost power by a fault.
    Running,
    /// When the truth of the plant is such; in words.
    Depends(Sight, &'static str),
}

/// What must be true in the plant so that sensors can see a fault.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sight {
    /// A quantity of its module passes the level of a condition that names it.
    Level,
    /// The cells are full enough to be compared.
    CellsInUse,
    /// What a sensor that stands still should show has moved away from where it stands.
    Moved,
    /// Its converter moves more than the limits allow.
    Excess,
    /// The bus wants more than the others can give.
    Wanted,
    /// A bad terminal takes so many volts.
    TerminalDrop(f64),
    /// The bus has voltage.
    BusVoltage,
    /// The fuse is open, the DC switch is not, and there is voltage across it.
    FuseDrop,
    /// The same; or the bus is down where it should be held.
    NoBus,
    /// A current flows while the auxiliary contact of the DC switch reads open, or both of its sides have moved far.
    SwitchReadsOpen,
    /// A sensor of the BDU is off by so much, and all modules are heard.
    Misread {
        /// A voltage, V.
        volts: f64,
        /// A current, A.
        amps: f64,
    },
    /// A current flows although the handle of the DC switch is turned off.
    SwitchCarries,
    /// A MOSFET of its module conducts.
    Conducts,
    /// The shunt is off by so much in that case, A, for its share of the current.
    ShuntOff(f64),
    /// The shunt has counted two ampere-hours too much or too little, beside what healthy sensors differ by.
    Counted,
    /// A contact of its module is not where it is driven to, open or closed.
    Disobeyed,
    /// What the feedback of a contact says is not what is driven.
    FeedbackDiffers,
    /// A module behind the cut waits for its address.
    NoAddress,
    /// It answered while a module above it had no address.
    OutOfTurn,
    /// The tower woke beside another one.
    WokeBeside,
    /// Its module does not speak.
    Away,
    /// The inverter does not speak.
    InverterAway,
    /// Which frames are hit, or which bytes are read, decides: no truth of the plant demands it. It may be seen.
    Chance,
}

/// Whether a fault can be made whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// By a person with a part or a tool.
    Person,
    /// Not in place: the module would be exchanged.
    Exchange,
}

/// How well a fault was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    /// By what is meant for it.
    Exactly,
    /// As *other*, with no cause that would say more.
    Other,
    /// Not at all.
    Not,
}

impl Entry {
    /// Conditions that may be shown on its account.
    pub fn explains(&self, condition: Condition) -> bool {
        self.notice().map_or(self.may, |notice| self.may.union(notice.conditions)).contains(condition)
    }

    /// How it is named, if anything can.
    #[must_use]
    pub const fn notice(&self) -> Option<&Notice> {
        match &self.class {
            Class::Noticed(notice) | Class::Beyond(notice) => Some(notice),
            Class::Unseen(_) => None,
        }
    }
}

impl Notice {
    /// How well `shown` conditions and the diagnosis beside them name the fault.
    #[must_use]
    pub fn names(&self, shown: ConditionSet, diagnosis: Diagnosis) -> Named {
        if self.causes.contains(&diagnosis.cause) {
            return Named::Exactly;
        }
        match self.best(shown) {
            None => Named::Not,
            Some(best) if is_other(best) => Named::Other,
            Some(_) => Named::Exactly,
        }
    }

    /// The words that name it best, for people.
    #[must_use]
    pub fn words(&self, shown: ConditionSet, diagnosis: Diagnosis) -> String {
        if self.causes.contains(&diagnosis.cause) {
            return diagnosis.to_string();
        }
        self.best(shown).map_or(String::new(), |best| match best {
            Condition::Alarm(_) => format!("{best} (alarm)"),
            Condition::Fault(_) => best.to_string(),
        })
    }

    /// What names it, and not as *other* if anything else does.
    fn best(&self, shown: ConditionSet) -> Option<Condition> {
        shown.intersection(self.conditions).iter().min_by_key(|condition| is_other(*condition))
    }
}

fn is_other(condition: Condition) -> bool {
    condition == Condition::Alarm(Alarm::Other) || condition == Condition::Fault(Stop::Other)
}

macro_rules! kinds {
    ($($kind:ident = $word:literal, $pattern:pat,)*) => {
        /// A fault without its place and size.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = concat!("`", $word, "`.")] $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// Its word in a scenario.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }

            /// The kind of a fault.
            #[must_use]
            pub const fn of(fault: &Fault) -> Self {
                match fault {
                    $($pattern => Self::$kind,)*
                }
            }
        }
    };
}

kinds! {
    Heater = "heater", Fault::Hardware(H::Heater { .. }),
    InternalShort = "internal-short", Fault::Hardware(H::InternalShort { .. }),
    WeakCell = "weak-cell", Fault::Hardware(H::WeakCell { .. }),
    LostContact = "lost-contact", Fault::Hardware(H::LostContact { .. }),
    CellWireOpen = "cell-wire-open", Fault::Hardware(H::CellWireOpen { .. }),
    NtcOpen = "ntc-open", Fault::Hardware(H::NtcOpen { .. }),
    NtcShort = "ntc-short", Fault::Hardware(H::NtcShort { .. }),
    SensorOffset = "sensor-offset", Fault::Hardware(H::SensorOffset { .. }),
    CellVoltageOffset = "cell-voltage-offset", Fault::Hardware(H::CellVoltageOffset { .. }),
    AfeSilent = "afe-silent", Fault::Hardware(H::AfeSilent { .. }),
    AfeFrozen = "afe-frozen", Fault::Hardware(H::AfeFrozen { .. }),
    ShuntOffset = "shunt-offset", Fault::Hardware(H::ShuntOffset { .. }),
    ShuntOpen = "shunt-open", Fault::Hardware(H::ShuntOpen { .. }),
    ShuntReversed = "shunt-reversed", Fault::Hardware(H::ShuntReversed { .. }),
    SensorStuck = "sensor-stuck", Fault::Hardware(H::SensorStuck { .. }),
    SensorNoise = "sensor-noise", Fault::Hardware(H::SensorNoise { .. }),
    SensorSwapped = "sensor-swapped", Fault::Hardware(H::SensorSwapped { .. }),
    PcuRunaway = "pcu-runaway", Fault::Hardware(H::PcuRunaway { .. }),
    PcuDead = "pcu-dead", Fault::Hardware(H::PcuDead { .. }),
    PcuEfficiencyLoss = "pcu-efficiency-loss", Fault::Hardware(H::PcuEfficiencyLoss { .. }),
    RelayWelded = "relay-welded", Fault::Hardware(H::RelayWelded { .. }),
    RelayStuckOpen = "relay-stuck-open", Fault::Hardware(H::RelayStuckOpen { .. }),
    RelaySlow = "relay-slow", Fault::Hardware(H::RelaySlow { .. }),
    MosfetWelded = "mosfet-welded", Fault::Hardware(H::MosfetWelded { .. }),
    MosfetSlow = "mosfet-slow", Fault::Hardware(H::MosfetSlow { .. }),
    TerminalResistance = "terminal-resistance", Fault::Hardware(H::TerminalResistance { .. }),
    TerminalReversed = "terminal-reversed", Fault::Hardware(H::TerminalReversed { .. }),
    BlockedCooling = "blocked-cooling", Fault::Hardware(H::BlockedCooling { .. }),
    InsulationLoss = "insulation-loss", Fault::Hardware(H::InsulationLoss { .. }),
    EarthMissing = "earth-missing", Fault::Hardware(H::EarthMissing { .. }),
    Unplugged = "unplugged", Fault::Hardware(H::Unplugged { .. }),
    FuseBlown = "fuse-blown", Fault::Hardware(H::FuseBlown),
    BusShort = "bus-short", Fault::Hardware(H::BusShort { .. }),
    DcSwitchAuxiliary = "dc-switch-auxiliary", Fault::Hardware(H::DcSwitchAux),
    DcSwitchWelded = "dc-switch-welded", Fault::Hardware(H::DcSwitchWelded),
    DcSwitchSlow = "dc-switch-slow", Fault::Hardware(H::DcSwitchSlow { .. }),
    CutLink = "cut-link", Fault::CutLink { .. },
    CutEnable = "cut-enable", Fault::CutEnable { .. },
    EnableStuck = "enable-stuck", Fault::EnableStuck { .. },
    LinkTerminatorMissing = "link-terminator-missing", Fault::LinkTerminatorMissing,
    LinkTerminatorDoubled = "link-terminator-doubled", Fault::LinkTerminatorDoubled,
    LinkBabbling = "link-babbling", Fault::LinkBabbling { .. },
    LinkDeaf = "link-deaf", Fault::LinkDeaf { .. },
    LinkMute = "link-mute", Fault::LinkMute { .. },
    ModuleReset = "module-reset", Fault::ModuleReset { .. },
    RamStuckBit = "ram-stuck-bit", Fault::RamStuckBit { .. },
    ImageCorrupted = "image-corrupted", Fault::ImageCorrupted { .. },
    BduRamStuckBit = "bdu-ram-stuck-bit", Fault::BduRamStuckBit,
    BduImageCorrupted = "bdu-image-corrupted", Fault::BduImageCorrupted,
    BduReset = "bdu-reset", Fault::BduReset,
    CutCom = "cut-com", Fault::CutCom,
    ComStrapOpen = "com-strap-open", Fault::ComStrapOpen,
    InverterSilent = "inverter-silent", Fault::InverterSilent,
    InverterIgnoresLimits = "inverter-ignores-limits", Fault::InverterIgnoresLimits,
    WrongSoftware = "wrong-software", Fault::WrongSoftware { .. },
    WrongConverterSoftware = "wrong-converter-software", Fault::WrongConverterSoftware { .. },
    SerialOf = "serial-of", Fault::SerialOf { .. },
    CellVoltageGain = "cell-voltage-gain", Fault::Hardware(H::CellVoltageGain { .. }),
    ShuntGain = "shunt-gain", Fault::Hardware(H::ShuntGain { .. }),
    AfeLate = "afe-late", Fault::Hardware(H::AfeLate { .. }),
    RelayBounces = "relay-bounces", Fault::Hardware(H::RelayBounces { .. }),
    RelayFeedback = "relay-feedback", Fault::Hardware(H::RelayFeedback { .. }),
    MosfetFeedback = "mosfet-feedback", Fault::Hardware(H::MosfetFeedback { .. }),
    PackVoltageOffset = "pack-voltage-offset", Fault::Hardware(H::PackVoltageOffset { .. }),
    ConverterVoltageOffset = "converter-voltage-offset", Fault::Hardware(H::ConverterVoltageOffset { .. }),
    ComparatorStuck = "comparator-stuck", Fault::Hardware(H::ComparatorStuck { .. }),
    MosfetStuckOpen = "mosfet-stuck-open", Fault::Hardware(H::MosfetStuckOpen { .. }),
    FlashBitRot = "flash-bit-rot", Fault::Hardware(H::Flash { module: Some(_), defect: Defect::BitRot { .. } }),
    FlashEraseFails = "flash-erase-fails", Fault::Hardware(H::Flash { module: Some(_), defect: Defect::EraseFails }),
    FlashWorn = "flash-worn", Fault::Hardware(H::Flash { module: Some(_), defect: Defect::Worn }),
    FlashCut = "flash-cut", Fault::Hardware(H::Flash { module: Some(_), defect: Defect::Cut { .. } }),
    BduFlashBitRot = "bdu-flash-bit-rot", Fault::Hardware(H::Flash { module: None, defect: Defect::BitRot { .. } }),
    BduFlashEraseFails = "bdu-flash-erase-fails",
        Fault::Hardware(H::Flash { module: None, defect: Defect::EraseFails }),
    BduFlashWorn = "bdu-flash-worn", Fault::Hardware(H::Flash { module: None, defect: Defect::Worn }),
    BduFlashCut = "bdu-flash-cut", Fault::Hardware(H::Flash { module: None, defect: Defect::Cut { .. } }),
    LinkDestroyed = "link-frames, destroyed", Fault::LinkFrames { harm: FrameFault::Destroyed, .. },
    LinkLost = "link-frames, lost", Fault::LinkFrames { harm: FrameFault::Lost, .. },
    LinkDoubled = "link-frames, doubled", Fault::LinkFrames { harm: FrameFault::Doubled, .. },
    LinkLate = "link-frames, late", Fault::LinkFrames { harm: FrameFault::Late { .. }, .. },
    LinkFalsified = "link-frames, falsified", Fault::LinkFrames { harm: FrameFault::Falsified, .. },
    LinkBusOff = "link-bus-off", Fault::LinkBusOff { .. },
    BduLinkBusOff = "bdu-link-bus-off", Fault::BduLinkBusOff,
    SecondBdu = "second-bdu", Fault::SecondBdu,
    ModuleBrownOut = "module-brown-out", Fault::ModuleBrownOut { .. },
    BduBrownOut = "bdu-brown-out", Fault::BduBrownOut,
    ModuleResetStorm = "module-reset-storm", Fault::ModuleResetStorm { .. },
    BduResetStorm = "bdu-reset-storm", Fault::BduResetStorm { .. },
    ModuleHangs = "module-hangs", Fault::ModuleHangs { .. },
    BduHangs = "bdu-hangs", Fault::BduHangs,
    ClockDrift = "clock-drift", Fault::ModuleClock { clock: ClockFault::Drift { .. }, .. },
    ClockJump = "clock-jump", Fault::ModuleClock { clock: ClockFault::Jump { .. }, .. },
    ClockStopped = "clock-stopped", Fault::ModuleClock { clock: ClockFault::Stopped, .. },
    BduClockDrift = "bdu-clock-drift", Fault::BduClock { clock: ClockFault::Drift { .. } },
    BduClockJump = "bdu-clock-jump", Fault::BduClock { clock: ClockFault::Jump { .. } },
    BduClockStopped = "bdu-clock-stopped", Fault::BduClock { clock: ClockFault::Stopped },
    ComDestroyed = "com-frames, destroyed", Fault::ComFrames { harm: FrameFault::Destroyed, .. },
    ComLost = "com-frames, lost", Fault::ComFrames { harm: FrameFault::Lost, .. },
    ComDoubled = "com-frames, doubled", Fault::ComFrames { harm: FrameFault::Doubled, .. },
    ComLate = "com-frames, late", Fault::ComFrames { harm: FrameFault::Late { .. }, .. },
    ComFalsified = "com-frames, falsified", Fault::ComFrames { harm: FrameFault::Falsified, .. },
    ComFlood = "com-flood", Fault::ComFlood,
    ComMalformed = "com-malformed", Fault::ComMalformed,
    ComReplay = "com-replay", Fault::ComReplay,
    InverterWrongSign = "inverter-wrong-sign", Fault::InverterWrongSign,
    InverterStale = "inverter-stale", Fault::InverterStale,
    InverterReconnects = "inverter-reconnects", Fault::InverterReconnects { .. },
    BduSensorOffset = "bdu-sensor-offset", Fault::Hardware(H::BduSensorOffset { .. }),
    BduSensorStuck = "bdu-sensor-stuck", Fault::Hardware(H::BduSensorStuck { .. }),
    BduSensorLost = "bdu-sensor-lost", Fault::Hardware(H::BduSensorLost { .. }),
    AirAround = "air-around", Fault::Hardware(H::AirAround { .. }),
    HotSpot = "hot-spot", Fault::Hardware(H::HotSpot { .. }),
    BduLinkOpen = "bdu-link-open", Fault::BduLinkOpen,
    BduWrongSoftware = "bdu-wrong-software", Fault::BduWrongSoftware { .. },
    ConfigurationBroken = "configuration-broken", Fault::ConfigurationBroken { .. },
}
