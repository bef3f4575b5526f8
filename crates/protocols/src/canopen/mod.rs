//! What CANopen (CiA 301) says of objects, whoever serves or asks for them: values, types, refusals.

mod value;

pub use value::{Abort, DataType, TEXT_MAX, Text, Value};
