//! Where a tower may stand (sections 1.1, 3.3 to 3.5).

use super::Provenance::Manual;
use super::{Fact, Number, Range, Stated, missing, number, range, stated, text};

stated! {
    /// The place of a tower.
    PLACE:
    AMBIENT_TEMPERATURE: Range = range(-10, 45, "degC"), "ambient temperature", Manual("3.3");
    RELATIVE_HUMIDITY: Range = range(5, 95, "%"), "relative humidity, non-condensing", Manual("3.3");
    ASSEMBLY_HUMIDITY_BELOW: Number = number(90, "%"), "relative humidity while assembling, below", Manual("1.1");
    ALTITUDE_AT_MOST: Number = number(4000, "m"), "altitude, at most", Manual("3.3");
    BASE_TO_WALL: Range = range(10, 25, "mm"), "base to wall", Manual("3.5");
    ;
    text("place", "dry, clean, tidy, easy to reach, well ventilated", Manual("3.3")),
    text("surroundings", "nothing that burns or explodes nearby, and no ground that burns", Manual("3.3")),
    text("posture", "upright, fixed at the edge, with room to escape from a fire", Manual("1.1")),
    missing("clearances around the tower", "figure 3-2"),
    missing("installation dimensions", "figure 3-3"),
}

stated! {
    /// Numbers of the installation.
    WORK:
    PERSONS_AT_LEAST: Number = number(2, "persons"), "persons to install a module, at least", Manual("3");
    UNPACK_WITHIN: Number = number(24, "h"), "unpack before installing, within", Manual("3.1");
    DRILL: Number = number(8, "mm"), "drill", Manual("3.5");
    HOLE_DEPTH: Range = range(60, 65, "mm"), "depth of holes", Manual("3.5");
    CONNECTOR_SCREWS: Number = number(6, "screws"), "screws of the connectors on both sides of a module", Manual("3.5");
}
