//! The electronic data sheets, read by the parser of `canopen-host`.

use std::collections::BTreeSet;

use canopen_host::eds::Eds as Parsed;
use canopen_rs::object_dictionary::AccessType;
use canopen_rs::{Address, DataType as ParsedType};
use voltower_protocols::canopen::{Access, DataType, Dictionary, Eds, Source};
use voltower_protocols::link::{BDU_DICTIONARY, MODULE_DICTIONARY};

/// What the parser calls it; `None` for what it leaves out.
fn parsed_type(data_type: DataType) -> Option<ParsedType> {
    Some(match data_type {
        DataType::Bool => ParsedType::Boolean,
        DataType::I8 => ParsedType::Integer8,
        DataType::I16 => ParsedType::Integer16,
        DataType::I32 => ParsedType::Integer32,
        DataType::U8 => ParsedType::Unsigned8,
        DataType::U16 => ParsedType::Unsigned16,
        DataType::U32 => ParsedType::Unsigned32,
        DataType::U64 => ParsedType::Unsigned64,
        DataType::Text | DataType::Octets => return None,
    })
}

fn check<F: Copy>(dictionary: &'static Dictionary<F>) {
    let text = Eds::new(dictionary, "test.eds").to_string();
    let parsed = Parsed::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    for item in dictionary.items() {
        let place = format!("0x{:04X}:{}", item.index, item.entry.sub);
        let Some(wanted) = parsed_type(item.entry.data_type) else { continue };
        let found = parsed.get(Address::new(item.index, item.entry.sub));
        let found = found.unwrap_or_else(|| panic!("{place} is missing"));
        assert_eq!(found.data_type, wanted, "{place}");
        let writable = found.access == AccessType::Rw;
        assert_eq!(writable, item.entry.access == Access::ReadWrite, "{place}");
        if let Source::Number(number) = item.entry.source {
            assert_eq!(as_number(&found.default_value), number, "{place}");
        }
    }
    parsed.object_dictionary::<512>().unwrap_or_else(|error| panic!("{error}"));
}

fn as_number(value: &canopen_rs::Value) -> u32 {
    match *value {
        canopen_rs::Value::Unsigned8(number) => number.into(),
        canopen_rs::Value::Unsigned16(number) => number.into(),
        canopen_rs::Value::Unsigned32(number) => number,
        ref other => panic!("{other:?}"),
    }
}

#[test]
fn an_independent_parser_reads_every_object() {
    check(MODULE_DICTIONARY);
    check(BDU_DICTIONARY);
}

#[test]
fn names_within_an_object_differ() {
    fn check<F: Copy>(dictionary: &Dictionary<F>) {
        let mut names = BTreeSet::new();
        for item in dictionary.items() {
            assert!(names.insert((item.index, item.entry.name)), "{:#06x}: {}", item.index, item.entry.name);
        }
    }
    check(MODULE_DICTIONARY);
    check(BDU_DICTIONARY);
}
