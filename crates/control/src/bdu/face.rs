//! What the distribution unit tells: process data, dictionary, panel, and the frames to the inverter.

use voltower_core::panel::{self, Light, Pattern, Shown};
use voltower_core::values::{BUS_CUT_OFF_LOW, BUS_SET_POINT, BUS_WINDOW_HIGH};
use voltower_core::{
    Charge, ConditionSet, DeciCelsius, Instant, MilliAmps, MilliVolts, PerMille, TowerState, Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::canopen::{Abort, Value};
use voltower_protocols::link::{Limit, TowerLimits, TowerPanel, TowerPower, TowerStatus};
use voltower_protocols::sofar::{BatteryId, Limits, Measured, Message, Request, State, Wanted};

use crate::io::{BduDrive, BduSample, PowerMode};
use crate::link::{BduField, Objects};
use crate::share::limits::current;

/// The face of the tower at one sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) status: TowerStatus,
    pub(super) power: TowerPower,
    pub(super) limits: TowerLimits,
    pub(super) panel: TowerPanel,
    pub(super) set_point: MilliVolts,
    /// Firmware is to be replaced: written by the program-control object.
    pub(super) update: bool,
}

/// What the face is made of, beside what it says of the power.
pub(super) struct Look {
    pub(super) shown: Shown,
    pub(super) modules_online: u8,
    pub(super) modules_expected: u8,
    pub(super) health: PerMille,
    pub(super) awake: bool,
    pub(super) black_start: bool,
    pub(super) inverter_heard: bool,
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
        limits: TowerLimits { charge: Limit::NOT_CONNECTED, discharge: Limit::NOT_CONNECTED },
        panel: TowerPanel {
            pattern: Pattern::DARK,
            indicated: None,
            dc_switch_closed: false,
            black_start_light: false,
            second_tower: false,
            inverter_heard: false,
            health: PerMille::FULL,
            modules_expected: 0,
        },
        set_point: MilliVolts::ZERO,
        update: false,
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
        self.panel.second_tower = sample.second_tower;
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
        self.panel = TowerPanel {
            pattern: panel::pattern(shown, now),
            indicated: panel::indicated(shown.visible(), now),
            black_start_light: light.is_lit(now),
            inverter_heard: look.inverter_heard,
            health: look.health,
            modules_expected: look.modules_expected,
            ..self.panel
        };
    }

    /// The pins that go with it.
    pub(super) fn drive(&self, power: PowerMode, wake: bool, now: Instant) -> BduDrive {
        BduDrive {
            power,
            wake,
            link_enable: false,
            black_start_light: self.panel.black_start_light,
            pattern: self.panel.pattern,
            lights: self.panel.pattern.at(now),
        }
    }

    /// The process data, for the Link.
    pub(super) fn link_frames(&self) -> [Frame; 4] {
        [self.status.to_frame(), self.panel.to_frame(), self.power.to_frame(), self.limits.to_frame()]
    }

    /// The frames to the inverter; what is not known yet is not said.
    pub(super) fn com_frames(&self, gauge: &Gauge, asks_for_charge: bool) -> [Option<Frame>; 4] {
        let battery = if self.panel.second_tower { BatteryId::SECOND } else { BatteryId::FIRST };
        let request = self.request(asks_for_charge);
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

    fn request(&self, asks_for_charge: bool) -> Request {
        Request {
            wanted: if asks_for_charge { Wanted::ForcedCharge } else { Wanted::Normal },
            discharge_allowed: self.limits.discharge.power > Watts::ZERO,
            charge_allowed: self.limits.charge.power > Watts::ZERO,
        }
    }

    fn sofar_limits(&self) -> Limits {
        Limits {
            charge_voltage: BUS_WINDOW_HIGH,
            charge_current: current(self.limits.charge.power, BUS_SET_POINT),
            discharge_current: current(self.limits.discharge.power, BUS_SET_POINT),
            discharge_voltage: BUS_CUT_OFF_LOW,
        }
    }
}

/// What the modules together hold.
pub(super) struct Gauge {
    pub(super) soc: Option<PerMille>,
    pub(super) remaining: Charge,
    pub(super) cycles: u16,
    pub(super) hottest: Option<DeciCelsius>,
}

impl Objects<BduField> for Face {
    fn read(&self, field: BduField) -> Value {
        let watts = |limit: Limit| Value::U16(limit.power.0.clamp(0, i32::from(u16::MAX)) as u16);
        match field {
            BduField::ProgramControl => Value::U8(u8::from(!self.update)),
            BduField::State => Value::U8(self.status.state.code()),
            BduField::Soc => Value::U16(self.status.soc.0),
            BduField::Health => Value::U16(self.panel.health.0),
            BduField::Conditions => Value::U32(self.status.conditions.bits()),
            BduField::ModulesOnline => Value::U8(self.status.modules_online),
            BduField::ModulesExpected => Value::U8(self.panel.modules_expected),
            BduField::Panel => Value::U16(self.panel.pattern.to_bits()),
            BduField::BeforeFuse => Value::I32(self.power.before_fuse.0),
            BduField::AfterFuse => Value::I32(self.power.after_fuse.0),
            BduField::Outside => Value::I32(self.power.outside.0),
            BduField::Current => Value::I32(self.power.current.0),
            BduField::ChargeLimit => watts(self.limits.charge),
            BduField::DischargeLimit => watts(self.limits.discharge),
            BduField::ChargeBinding => Value::U8(self.limits.charge.binding.code()),
            BduField::DischargeBinding => Value::U8(self.limits.discharge.binding.code()),
            BduField::SetPoint => Value::I32(self.set_point.0),
        }
    }

    fn write(&mut self, field: BduField, value: Value) -> Result<(), Abort> {
        match (field, value) {
            (BduField::ProgramControl, Value::U8(0)) => self.update = true,
            (BduField::ProgramControl, Value::U8(1)) => self.update = false,
            (BduField::ProgramControl, _) => return Err(Abort::InvalidValue),
            (_, _) => return Err(Abort::ReadOnly),
        }
        Ok(())
    }
}
