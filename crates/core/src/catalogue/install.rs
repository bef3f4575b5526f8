//! Procedures of installation, step by step (sections 3.5 and 4.2), in our words.

/// A procedure of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Procedure {
    /// What it achieves.
    pub name: &'static str,
    /// Section of the manual.
    pub section: &'static str,
    /// Its steps, in order.
    pub steps: &'static [&'static str],
}

/// All procedures that our copy of the manual has, in the order of work.
pub const PROCEDURES: [Procedure; 6] = [
    Procedure {
        name: "base",
        section: "3.5",
        steps: &[
            "Put the base 10 to 25 mm from the wall, level it, and mark its holes.",
            "Take it away, drill (8 mm, 60 to 65 mm deep), and bolt the base with expansion bolts.",
            "Mark the holes for modules and distribution unit by the dimensions of figure 3-3.",
        ],
    },
    Procedure {
        name: "modules and distribution unit",
        section: "3.5",
        steps: &[
            "Put the first module on the base.",
            "Join it by the connectors on both sides and tighten the six screws with a cross screwdriver.",
            "Go on upwards with the other modules, the distribution unit last; check each module's \
                connectors before the next is put on.",
        ],
    },
    Procedure {
        name: "anti-tip brackets",
        section: "3.5",
        steps: &[
            "Drill (8 mm, 60 to 65 mm deep); if a hole is far off, drill another.",
            "Bolt bracket B to the wall.",
            "Move bracket A until its holes meet those of bracket B.",
            "Screw A and B together (M6*16 in the text, M6*14 in the boxes).",
        ],
    },
    Procedure {
        name: "protective earth",
        section: "4.2.1",
        steps: &[
            "Connect the grounding points of all modules with grounding cables, and make sure that they hold.",
        ],
    },
    Procedure {
        name: "power cables",
        section: "4.2.2",
        steps: &[
            "Connect BAT IN of the distribution unit to B+ and B- of the first module.",
            "Go on downwards from module to module, and secure the cables with ties.",
        ],
    },
    Procedure {
        name: "communication cables",
        section: "4.2.3",
        steps: &[
            "Connect Link of the distribution unit to Link Port In of the first module, turn the nut \
                clockwise until it locks, and go on downwards; secure the cables with ties.",
            "Put a terminal resistor on Link Port Out of the last module and lock its nut: without it \
                communication may fail.",
        ],
    },
];
