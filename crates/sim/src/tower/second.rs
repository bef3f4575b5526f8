//! A second distribution unit, which somebody has plugged into the Link of a tower and switched on: nothing but the
//! Link is connected to it.

use voltower_control::bdu::BduController;
use voltower_control::io::{BduDrive, BduInputs, BduOutputs, BduSample, BusState, MODULES, Port, PowerMode};
use voltower_control::keep::MemoryReport;
use voltower_control::selftest::SelfTestReport;
use voltower_core::{Duration, Instant, MilliAmps, MilliOhms, MilliVolts};
use voltower_protocols::Frame;

use crate::bus::{Bus, SECOND_UNIT};

/// How long somebody holds its switch.
const PRESS: Duration = Duration::secs(1);

pub(super) struct SecondUnit {
    controller: BduController,
    drive: BduDrive,
    outputs: BduOutputs,
    pressed_until: Instant,
}

impl SecondUnit {
    pub(super) fn new(controller: BduController, now: Instant) -> Self {
        let pressed_until = now + PRESS;
        Self { controller, drive: BduDrive::OFF, outputs: BduOutputs::new(), pressed_until }
    }

    /// Its wake line is on, and there is as much of it in the cable as of the other one's.
    pub(super) fn wakes(&self) -> bool {
        self.drive.wake
    }

    /// So is its enable line.
    pub(super) fn enables(&self) -> bool {
        self.drive.link_enable
    }

    fn is_awake(&self) -> bool {
        self.drive.power != PowerMode::Off
    }

    /// When it wants a step of its own.
    pub(super) fn due(&self) -> Option<Instant> {
        self.controller.due_at().filter(|_| self.is_awake())
    }

    pub(super) fn sample(
        &mut self,
        now: Instant,
        link: &mut Bus,
        resistance: Option<MilliOhms>,
        state: BusState,
    ) {
        let sample = BduSample {
            before_fuse: MilliVolts::ZERO,
            after_fuse: MilliVolts::ZERO,
            outside: MilliVolts::ZERO,
            current: MilliAmps::ZERO,
            black_start_pressed: now < self.pressed_until,
            dc_switch_closed: true,
            second_tower: false,
            link_resistance: resistance,
            link_bus: state,
            self_test: SelfTestReport::default(),
            // Its own memory works.
            memory: MemoryReport { held: self.outputs.keep.revision, failed: false },
        };
        self.step(now, &BduInputs { sample: Some(&sample), frame: None }, link);
    }

    /// A frame of the Link has come to it.
    pub(super) fn hear(&mut self, now: Instant, frame: &Frame, link: &mut Bus) {
        if self.is_awake() && self.controller.accepts(Port::Link, frame) {
            self.step(now, &BduInputs { sample: None, frame: Some((Port::Link, frame)) }, link);
        }
    }

    pub(super) fn step(&mut self, now: Instant, inputs: &BduInputs<'_>, link: &mut Bus) {
        self.controller.step_into(now, inputs, &mut self.outputs);
        for &frame in &self.outputs.link_frames {
            link.send(SECOND_UNIT, frame);
        }
        self.drive = self.outputs.drive;
        link.set_powered(SECOND_UNIT, self.is_awake());
    }
}

/// Modules that it was commissioned with: as many as there can be, in its own tower.
pub(super) const COMMISSIONED: u8 = MODULES as u8;
