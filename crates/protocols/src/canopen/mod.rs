//! What CANopen (CiA 301) says of objects, whoever serves or asks for them: values, types, refusals, dictionaries and
//! their electronic data sheets.

mod abort;
pub mod dictionary;
pub mod eds;
mod meaning;
mod value;

pub use abort::Abort;
pub use dictionary::{Access, Dictionary, Direction, Entry, Item, Nothing, Object, Pace, Pdo, Source};
pub use eds::Eds;
pub use meaning::{Meaning, NO_CONDITION, NO_STATE, Shown};
pub use value::{Bytes, DataType, TEXT_MAX, Value};
