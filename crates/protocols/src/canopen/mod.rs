//! What CANopen (CiA 301) says of objects, whoever serves or asks for them: values, types, refusals.

mod abort;
mod value;

pub use abort::Abort;
pub use value::{Bytes, DataType, TEXT_MAX, Value};
