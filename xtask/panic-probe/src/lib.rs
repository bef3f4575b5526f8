//! The controllers' steps as exported functions, so that everything reachable from them, and nothing else, is linked.
//!
//! Invariants: calls `step` and nothing else; the panic handler is here only because a `no_std` library needs one.
//!
//! Start reading at xtask's `panics.rs`, which compiles this and looks at the result.
#![no_std]

use voltower_control::bdu::BduController;
use voltower_control::io::{BduInputs, BduOutputs, ModuleInputs, ModuleOutputs};
use voltower_control::module::ModuleController;
use voltower_core::Instant;

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
pub fn voltower_entry_bdu_step(controller: &mut BduController, now: Instant, inputs: &BduInputs<'_>) -> BduOutputs {
    controller.step(now, inputs)
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}
