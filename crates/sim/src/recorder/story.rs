//! What controllers write down, in plain words.

use voltower_control::record::Record;
use voltower_protocols::link::Happening;

use crate::scenario::condition_name;

/// A record in plain words, for event files and logs.
#[must_use]
pub fn record_words(record: &Record) -> String {
    match *record {
        Record::Raised { condition, element, module } => {
            format!("{} appears{}", condition_name(condition), place(module, element))
        }
        Record::Cleared { condition, module } => {
            format!("{} is gone{}", condition_name(condition), place(module, 0))
        }
        Record::Tower(state) => format!("tower is {state}"),
        Record::Module(state) => format!("module is {state}"),
        Record::Anchored { from, to } => format!("SOC set from {from} to {to} by an anchor"),
        Record::LockOut(condition) => format!("locked out by {}", condition_name(condition)),
        Record::LockOutsCleared => "lock-outs cleared by a person".to_owned(),
        Record::StartFailed(failure) => format!("start given up: {failure}"),
        Record::Diagnosed(diagnosis) => format!("found: {diagnosis}"),
        Record::Addressed(module) => format!("module {module} has its address"),
        Record::Configured => "configuration changed".to_owned(),
        Record::Booted(cause) => format!("started: {cause}"),
        Record::Lost(parts) => Happening::Lost(parts.bits()).to_string(),
        Record::Found { finding, element, module } => format!("found: {finding}{}", place(module, element)),
    }
}

fn place(module: u8, element: u8) -> String {
    match (module, element) {
        (0, 0) => String::new(),
        (0, element) => format!(" (element {element})"),
        (module, 0) => format!(" (module {module})"),
        (module, element) => format!(" (module {module}, element {element})"),
    }
}
