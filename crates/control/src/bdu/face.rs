//! What the distribution unit tells: process data, dictionary, panel, and the frames to the inverter.

use voltower_core::panel::{self, Light, Pattern, Shown};
use voltower_core::values::{BUS_CUT_OFF_LOW, BUS_SET_POINT, BUS_WINDOW_HIGH};
use voltower_core::{
    Charge, ConditionSet, DeciCelsius, Diagnosis, Instant, MilliAmps, MilliVolts, PerMille, TowerState, Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::link::{
    FullChargeAsked, TowerDiagnosis, TowerEstimate, TowerLimits, TowerPanel, TowerPower, TowerReason,
    TowerStatus, Way,
};
use voltower_protocols::sofar::{BatteryId, Limits, Measured, Message, Request, State, Wanted};

use crate::bound::Limits as Bounds;
use crate::io::{BduDrive, BduSample, PowerMode};
use crate::share::limits::current;

/// The face of the tower at one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) status: TowerStatus,
    pub(super) power: TowerPower,
    pub(super) bounds: Bounds,
    pub(super) panel: TowerPanel,
    pub(super) estimate: TowerEstimate,
    pub(super) set_point: MilliVolts,
    /// Firmware is to be replaced: written by the program-control object.
    pub(super) update: bool,
    link_enable: bool,
}

/// What the face is made of, beside what it says of the power.
pub(super) struct Look {
    pub(super) shown: Shown,
    pub(super) estimate: TowerEstimate,
    pub(super) modules_online: u8,
    pub(super) modules_expected: u8,
    pub(super) health: PerMille,
    pub(super) awake: bool,
    pub(super) black_start: bool,
    pub(super) inverter_heard: bool,
    pub(super) second_tower: bool,
    pub(super) diagnosis: Diagnosis,
    /// The enable line to the first module.
    pub(super) link_enable: bool,
}

impl Face {
    /// Of a tower that is shut down.
    pub(super) const OFF: Self = Self {
        status: TowerStatus {
            state: TowerState::Shutdown,
            soc: PerMille::ZERO,
            modules_online: 0,
            conditions: ConditionSet::EMPTY,
        },
        power: TowerPower {
            before_fuse: MilliVolts::ZERO,
            after_fuse: MilliVolts::ZERO,
            outside: MilliVolts::ZERO,
            current: MilliAmps::ZERO,
        },
        bounds: Bounds::NOT_CONNECTED,
        panel: TowerPanel {
            pattern: Pattern::DARK,
            indicated: None,
            dc_switch_closed: false,
            black_start_light: false,
            second_tower: false,
            inverter_heard: false,
            health: PerMille::FULL,
            modules_expected: 0,
            diagnosis: Diagnosis::NONE,
        },
        estimate: TowerEstimate::UNKNOWN,
        set_point: MilliVolts::ZERO,
        update: false,
        link_enable: false,
    };

    /// What was measured.
    pub(super) fn measure(&mut self, sample: &BduSample) {
        self.power = TowerPower {
            before_fuse: sample.before_fuse,
            after_fuse: sample.after_fuse,
            outside: sample.outside,
            current: sample.current,
        };
        self.panel.dc_switch_closed = sample.dc_switch_closed;
    }

    /// What is shown.
    pub(super) fn show(&mut self, look: &Look, now: Instant) {
        let shown = &look.shown;
        self.status = TowerStatus {
            state: shown.state,
            soc: shown.soc,
            modules_online: look.modules_online,
            conditions: shown.conditions,
        };
        let light = match (look.awake, look.black_start) {
            (false, _) => Light::Off,
            (true, false) => Light::On,
            (true, true) => Light::Flashing,
        };
        self.link_enable = look.link_enable;
        self.estimate = look.estimate;
        self.panel = TowerPanel {
            pattern: panel::pattern(shown, now),
            indicated: panel::indicated(shown.visible(), now),
            black_start_light: light.is_lit(now),
            inverter_heard: look.inverter_heard,
            health: look.health,
            modules_expected: look.modules_expected,
            second_tower: look.second_tower,
            diagnosis: look.diagnosis,
            ..self.panel
        };
    }

    /// The pins that go with it.
    pub(super) fn drive(&self, power: PowerMode, wake: bool, now: Instant) -> BduDrive {
        BduDrive {
            power,
            wake,
            link_enable: self.link_enable,
            black_start_light: self.panel.black_start_light,
            pattern: self.panel.pattern,
            lights: self.panel.pattern.at(now),
        }
    }

    /// The process data, for the Link.
    pub(super) fn link_frames(&self) -> [Frame; 4] {
        [self.status.to_frame(), self.panel.to_frame(), self.power.to_frame(), self.limits().to_frame()]
    }

    /// What was found, to the cell, for the Link.
    pub(super) fn diagnosis_frame(&self) -> Frame {
        TowerDiagnosis(self.panel.diagnosis).to_frame()
    }

    /// Why the limits are what they are, for the Link: charge, discharge.
    pub(super) fn reason_frames(&self) -> [Frame; 2] {
        let reasons = self.bounds.reasons();
        [(Way::Charge, reasons.charge), (Way::Discharge, reasons.discharge)]
            .map(|(way, reason)| TowerReason { way, reason }.to_frame())
    }

    pub(super) const fn limits(&self) -> TowerLimits {
        TowerLimits { charge: self.bounds.charge.on_wire(), discharge: self.bounds.discharge.on_wire() }
    }

    /// The frames to the inverter; what is not known yet is not said.
    pub(super) fn com_frames(&self, battery: BatteryId, gauge: &Gauge, wishes: Wishes) -> [Option<Frame>; 4] {
        let request = self.request(wishes);
        let state = gauge
            .soc
            .map(|soc| Message::State(State { soc, health: self.panel.health, remaining: gauge.remaining }));
        let measured = gauge.hottest.map(|temperature| {
            Message::Measured(Measured {
                voltage: self.power.outside,
                current: self.power.current,
                temperature,
                cycles: gauge.cycles,
            })
        });
        let request = (!request.is_empty()).then_some(Message::Request(request));
        [Some(Message::Limits(self.sofar_limits())), state, measured, request]
            .map(|message| message.map(|m| m.to_frame(battery)))
    }

    /// Whoever wants to be filled from the grid wants to be charged from it, too.
    fn request(&self, wishes: Wishes) -> Request {
        Request {
            wanted: match (wishes.fill, wishes.asks_for_charge) {
                (FullChargeAsked::FromGrid, _) => Wanted::ForcedFill,
                (_, true) => Wanted::ForcedCharge,
                (FullChargeAsked::No | FullChargeAsked::Wanted | FullChargeAsked::FromSun, false) => {
                    Wanted::Normal
                }
            },
            fill_from_sun: wishes.fill == FullChargeAsked::FromSun,
            discharge_allowed: self.bounds.discharge.power > Watts::ZERO,
            charge_allowed: self.bounds.charge.power > Watts::ZERO,
        }
    }

    fn sofar_limits(&self) -> Limits {
        Limits {
            charge_voltage: BUS_WINDOW_HIGH,
            charge_current: current(self.bounds.charge.power, BUS_SET_POINT),
            discharge_current: current(self.bounds.discharge.power, BUS_SET_POINT),
            discharge_voltage: BUS_CUT_OFF_LOW,
        }
    }
}

/// What is asked of the inverter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wishes {
    /// A little charge, at once and from anywhere.
    pub(super) asks_for_charge: bool,
    /// A charge to the end.
    pub(super) fill: FullChargeAsked,
}

/// What the modules together hold.
pub(super) struct Gauge {
    pub(super) soc: Option<PerMille>,
    pub(super) remaining: Charge,
    pub(super) cycles: u16,
    pub(super) hottest: Option<DeciCelsius>,
}
