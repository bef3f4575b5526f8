//! Lives at random.

use arbitrary::{Arbitrary, Unstructured};
use proptest::prelude::*;

use crate::{module, unit};

/// What random bytes mean; the fuzz targets read theirs in the same way.
fn script<S: for<'a> Arbitrary<'a> + std::fmt::Debug>() -> impl Strategy<Value = S> {
    let meaning =
        |bytes: Vec<u8>| S::arbitrary_take_rest(Unstructured::new(&bytes)).expect("any bytes mean something");
    prop::collection::vec(any::<u8>(), 100..2000).prop_map(meaning)
}

proptest! {
    #[test]
    fn no_frame_raises_a_limit_of_a_module(script in script()) {
        module::Twins::live(&script);
    }

    #[test]
    fn no_frame_raises_a_limit_of_a_tower(script in script()) {
        unit::Twins::live(&script);
    }
}
