//! The controllers' steps, what they keep over a loss of power, and the self tests that run beside them, as exported
//! functions, so that everything reachable from them, and nothing else, is linked.
//!
//! Invariants: calls what a microcontroller calls and nothing else; the panic handler is here only because a `no_std`
//! library needs one.
//!
//! Start reading at xtask's `panics.rs`, which compiles this and looks at the result.
#![no_std]

use voltower_control::bdu::BduController;
use voltower_control::io::{BduInputs, BduOutputs, Identity, ModuleInputs, ModuleOutputs};
use voltower_control::keep::{BduPersisted, Damage, FreezeFrame, ModulePersisted, Part, PartBytes};
use voltower_control::module::ModuleController;
use voltower_control::selftest::{Image, Memory, SelfTests};
use voltower_core::{Duration, Instant, ResetCause};

/// One step of the module controller.
#[unsafe(no_mangle)]
pub fn voltower_entry_module_step(
    controller: &mut ModuleController,
    now: Instant,
    inputs: &ModuleInputs<'_>,
) -> ModuleOutputs {
    controller.step(now, inputs)
}

/// One step of the controller of the distribution unit.
#[unsafe(no_mangle)]
pub fn voltower_entry_bdu_step(
    controller: &mut BduController,
    now: Instant,
    inputs: &BduInputs<'_>,
) -> BduOutputs {
    controller.step(now, inputs)
}

/// What memory has of a part.
type Read = fn(Part) -> Result<Option<PartBytes>, Damage>;

/// The start of a module, with what its memory has.
#[unsafe(no_mangle)]
pub fn voltower_entry_module_start(
    identity: Identity,
    cause: ResetCause,
    read: Read,
    frame: &[u8],
    page: u8,
) -> ModuleController {
    let mut controller = ModuleController::new(identity, ModulePersisted::load(cause, read));
    controller.recall_frame(frame);
    controller.recall_blackbox(page, frame);
    controller
}

/// What a module gives to its memory.
#[unsafe(no_mangle)]
pub fn voltower_entry_module_keep(
    controller: &ModuleController,
    part: Part,
    page: u8,
    frame: &FreezeFrame,
) -> [Option<PartBytes>; 3] {
    [controller.part_to_bytes(part), controller.blackbox_page(page), Some(frame.to_bytes())]
}

/// The start of a distribution unit, with what its memory has.
#[unsafe(no_mangle)]
pub fn voltower_entry_bdu_start(identity: Identity, cause: ResetCause, read: Read) -> BduController {
    BduController::new(identity, BduPersisted::load(cause, read))
}

/// What a distribution unit gives to its memory.
#[unsafe(no_mangle)]
pub fn voltower_entry_bdu_keep(controller: &BduController, part: Part) -> Option<PartBytes> {
    controller.part_to_bytes(part)
}

/// A memory as any other.
pub struct Ram<'a>(&'a mut [u32]);

impl Memory for Ram<'_> {
    fn words(&self) -> u32 {
        self.0.len() as u32
    }

    fn read(&self, word: u32) -> u32 {
        self.0.get(word as usize).copied().unwrap_or(0)
    }

    fn write(&mut self, word: u32, value: u32) {
        if let Some(place) = self.0.get_mut(word as usize) {
            *place = value;
        }
    }
}

/// An image as any other.
pub struct Flash<'a>(&'a [u8]);

impl Image for Flash<'_> {
    fn length(&self) -> u32 {
        self.0.len() as u32
    }

    fn read(&self, offset: u32, chunk: &mut [u8]) -> bool {
        let bytes = self.0.get(offset as usize..).unwrap_or_default();
        bytes.iter().zip(chunk).for_each(|(from, to)| *to = *from);
        true
    }
}

/// One step of the self tests.
#[unsafe(no_mangle)]
pub fn voltower_entry_self_tests_step(
    tests: &mut SelfTests,
    elapsed: Duration,
    memory: &mut Ram<'_>,
    image: &Flash<'_>,
) {
    tests.step(elapsed, memory, image);
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
