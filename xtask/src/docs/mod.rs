//! Documents that are printed from the code.

mod conditions;
mod link;
pub(crate) mod safety;

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};
use voltower_core::values;
use voltower_protocols::canopen::Eds;
use voltower_protocols::link::{BDU_DICTIONARY, MODULE_DICTIONARY};

use crate::workspace::root;

/// Path from the root, and text, of every document that is printed.
///
/// # Errors
/// If a table that one is printed from does not parse.
pub(crate) fn all() -> Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("docs/our-values.md", our_values()),
        ("docs/link.md", link::page()),
        ("docs/conditions.md", conditions::page()),
        ("SAFETY.md", safety::page()?),
        ("docs/eds/module.eds", Eds::new(MODULE_DICTIONARY, "module.eds").to_string()),
        ("docs/eds/bdu.eds", Eds::new(BDU_DICTIONARY, "bdu.eds").to_string()),
    ])
}

/// Writes them all.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn write() -> Result<()> {
    for (path, text) in all()? {
        fs::write(root().join(path), text).with_context(|| format!("writing {path}"))?;
        println!("{path}");
    }
    Ok(())
}

fn our_values() -> String {
    let mut text = String::from(
        "# Our values\n\n\
         Numbers that the manual leaves open and that we chose. None of them is the vendor's. Printed from\n\
         `crates/core/src/values.rs` by `cargo xtask docs`; do not edit.\n\n\
         SR-001 to SR-028 are the numbers of our own list of safety requirements: proposals, gathered from\n\
         public excerpts of standards and from the code of other projects (foxBMS 2, LibreSolar, OpenEMS,\n\
         serialbattery, Battery-Emulator).\n\n\
         | value | is | why | source |\n|---|---:|---|---|\n",
    );
    for value in values::ALL {
        let name = value.name.to_lowercase().replace('_', " ");
        let (is, reason, source) = (value.value, cell(value.reason), cell(value.source));
        let _ = writeln!(text, "| {name} | {is} | {reason} | {source} |");
    }
    text
}

pub(super) fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
