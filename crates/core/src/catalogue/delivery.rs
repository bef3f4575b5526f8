//! What is in the boxes, and what the installer brings (sections 3.1, 3.2 and 4.1).

/// A row of a packing list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packed {
    /// Its number in the list.
    pub number: u8,
    /// What it is.
    pub description: &'static str,
    /// How many.
    pub pieces: u8,
}

const fn packed(number: u8, description: &'static str, pieces: u8) -> Packed {
    Packed { number, description, pieces }
}

/// Table 3-1: with a battery module.
pub const MODULE_BOX: [Packed; 13] = [
    packed(1, "Battery module", 1),
    packed(2, "Protective cover", 2),
    packed(3, "Battery power cable", 2),
    packed(4, "Battery communication cable", 1),
    packed(5, "Anti-tip bracket A", 2),
    packed(6, "Side connector", 2),
    packed(7, "Anti-tip bracket B", 2),
    packed(8, "Ground cable", 1),
    packed(9, "Hexagon screw M6*14", 4),
    packed(10, "SEM screw M4*10", 10),
    packed(11, "Expansion bolt M6*60", 2),
    packed(12, "Terminal resistor", 1),
    packed(13, "Quality certificate", 1),
];

/// Table 3-2: with a distribution unit.
pub const BDU_BOX: [Packed; 20] = [
    packed(1, "Battery distribution unit", 1),
    packed(2, "Left protective cover", 1),
    packed(3, "Right protective cover", 1),
    packed(4, "Base", 1),
    packed(5, "Base protective cover", 2),
    packed(6, "BDU parallel communication cable", 1),
    packed(7, "BMS communication cable", 1),
    packed(8, "Hexagon screw M6*14", 4),
    packed(9, "SEM screw M4*10", 10),
    packed(10, "Expansion bolt M6*60", 4),
    packed(11, "Plastic case of the positive input terminal", 1),
    packed(12, "Plastic case of the negative input terminal", 1),
    packed(13, "Metal core of the positive input terminal", 1),
    packed(14, "Metal core of the negative input terminal", 1),
    packed(15, "Anti-tip bracket A", 2),
    packed(16, "Side connector", 2),
    packed(17, "Anti-tip bracket B", 2),
    packed(18, "Manual", 1),
    packed(19, "Warranty card", 1),
    packed(20, "Quality certificate", 1),
];

/// A row of the list of tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// Its number in the list.
    pub number: u8,
    /// What it is.
    pub name: &'static str,
    /// What it is for.
    pub purpose: &'static str,
}

const fn tool(number: u8, name: &'static str, purpose: &'static str) -> Tool {
    Tool { number, name, purpose }
}

/// Table 3-3.
pub const TOOLS: [Tool; 14] = [
    tool(1, "Hammer drill, drill 8 mm recommended", "holes in wall and floor"),
    tool(2, "Screwdriver 4 mm", "screws and wires"),
    tool(3, "Removal tool", "takes the output terminal off module and distribution unit"),
    tool(4, "Wire stripper", "peels cables"),
    tool(5, "Sleeve", "fixed support rack"),
    tool(6, "Crimping tool", "crimps OT connectors"),
    tool(7, "Heat gun", "heat-shrink tubes"),
    tool(8, "Multimeter", "checks connections, polarity and grounding"),
    tool(9, "Marker", "marks holes"),
    tool(10, "Measuring tape", "distances"),
    tool(11, "Level", "alignment"),
    tool(12, "ESD gloves", "worn while installing"),
    tool(13, "Safety goggles", "worn while drilling"),
    tool(14, "Mask", "worn while drilling"),
];

/// A cable that the customer provides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cable {
    /// Its number in the list.
    pub number: u8,
    /// What it is for.
    pub name: &'static str,
    /// Recommended style of insulation (UL).
    pub style: &'static str,
    /// Recommended gauge.
    pub awg: u8,
}

/// Table 4-1.
pub const CABLES: [Cable; 2] = [
    Cable {
        number: 1,
        name: "power cable from the distribution unit to the inverter",
        style: "UL10269",
        awg: 10,
    },
    Cable { number: 2, name: "grounding cable", style: "UL10269", awg: 8 },
];
