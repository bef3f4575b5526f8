//! Node and controller as the SDO server sees them: where the value of each entry comes from.

use voltower_core::values::HEARTBEAT_SILENCE;
use voltower_protocols::canopen::{Abort, Access, Bytes, DataType, Source, Value};
use voltower_protocols::link::{BDU_NODE, node_cob_id};

use super::emergency::error_register;
use super::node::{Node, Objects};
use super::sdo_server::Served;

/// Node and controller together.
pub(super) struct View<'a, F: 'static, T> {
    pub(super) node: &'a mut Node<F>,
    pub(super) objects: &'a mut T,
}

impl<F: Copy, T: Objects<F>> Served for View<'_, F, T> {
    fn read(&self, index: u16, sub: u8) -> Result<Value, Abort> {
        let entry = self.node.dictionary.entry(index, sub)?;
        let node = &*self.node;
        Ok(match entry.source {
            Source::Number(number) => as_type(entry.data_type, number),
            Source::Text(words) => text(words.as_bytes()),
            Source::CobId(base) => Value::U32(u32::from(node_cob_id(base, node.id).as_raw())),
            Source::DeviceName => text(node.dictionary.device.as_bytes()),
            Source::Identity(place) => {
                Value::U32(node.dictionary.identity.get(usize::from(place)).copied().unwrap_or(0))
            }
            Source::ErrorRegister => Value::U8(error_register(node.emergencies.told())),
            Source::ErrorCount => Value::U8(node.emergencies.count()),
            Source::Error(place) => Value::U32(node.emergencies.error(place).unwrap_or(0)),
            Source::SyncCobId => Value::U32(node.sync.cob_id()),
            Source::SyncPeriod => Value::U32(node.sync.microseconds()),
            Source::HeartbeatConsumer(place) => Value::U32(watched(node.id, place)),
            Source::HeartbeatTime => Value::U16(node.heartbeat.milliseconds()),
            Source::TransmissionType(place) => Value::U8(node.schedule.kind(place)),
            Source::EventTimer(place) => Value::U16(node.schedule.timer(place)),
            Source::Software => text(&node.identity.software),
            Source::PcuSoftware => text(&node.identity.pcu_software),
            Source::Serial => text(&node.identity.serial),
            Source::SerialHash => Value::U32(node.serial_hash()),
            Source::Field(field) => self.objects.read(field),
        })
    }

    fn writable(&self, index: u16, sub: u8) -> Result<DataType, Abort> {
        let entry = self.node.dictionary.entry(index, sub)?;
        match entry.access {
            Access::Constant | Access::ReadOnly => Err(Abort::ReadOnly),
            Access::ReadWrite => Ok(entry.data_type),
        }
    }

    fn write(&mut self, index: u16, sub: u8, value: Value) -> Result<(), Abort> {
        let entry = self.node.dictionary.entry(index, sub)?;
        if let Err(abort) = within(entry.range, value) {
            if let Source::Field(field) = entry.source {
                self.objects.beyond(field);
            }
            return Err(abort);
        }
        let node = &mut *self.node;
        let understood = match (entry.source, value) {
            (Source::Field(field), _) => return self.objects.write(field, value),
            (Source::ErrorCount, _) => {
                node.emergencies.forget();
                true
            }
            (Source::SyncCobId, Value::U32(cob_id)) => node.sync.set_cob_id(cob_id),
            (Source::SyncPeriod, Value::U32(period)) => {
                node.sync.set_microseconds(period);
                true
            }
            (Source::HeartbeatTime, Value::U16(ms)) => {
                node.heartbeat.set_milliseconds(ms);
                true
            }
            (Source::TransmissionType(place), Value::U8(kind)) => node.schedule.set_kind(place, kind),
            (Source::EventTimer(place), Value::U16(ms)) => {
                node.schedule.set_timer(place, ms);
                true
            }
            (_, _) => return Err(Abort::ReadOnly),
        };
        if understood { Ok(()) } else { Err(Abort::InvalidValue) }
    }
}

fn within(range: Option<(i64, i64)>, value: Value) -> Result<(), Abort> {
    match (range, value.number()) {
        (Some((_, high)), Some(number)) if number > high => Err(Abort::TooHigh),
        (Some((low, _)), Some(number)) if number < low => Err(Abort::TooLow),
        (_, _) => Ok(()),
    }
}

/// Object 0x1016: the modules watch the distribution unit, which watches each of them.
fn watched(node: u8, place: u8) -> u32 {
    let other = if node == BDU_NODE { place } else { BDU_NODE };
    u32::from(other) << 16 | HEARTBEAT_SILENCE.as_millis() as u32
}

fn text(bytes: &[u8]) -> Value {
    Value::Text(Bytes::new(bytes))
}

fn as_type(data_type: DataType, number: u32) -> Value {
    let bytes = u64::from(number).to_le_bytes();
    let bytes = data_type.size().and_then(|size| bytes.get(..size)).unwrap_or_default();
    data_type.decode(bytes).unwrap_or(Value::U32(number))
}
