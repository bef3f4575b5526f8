//! Parts and ports of figures 2-2 to 2-4 (section 2.3).

/// A numbered item of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its number in the figure.
    pub number: u8,
    /// Its name there.
    pub name: &'static str,
    /// What it is printed as on the device, if the manual says so.
    pub mark: Option<&'static str>,
    /// What it is for. Ours, drawn from chapter 4 where that says something.
    pub purpose: &'static str,
}

/// A figure with numbered items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// Its number.
    pub figure: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// Its items.
    pub parts: &'static [Part],
}

const fn part(number: u8, name: &'static str, purpose: &'static str) -> Part {
    Part { number, name, mark: None, purpose }
}

const fn port(number: u8, name: &'static str, mark: &'static str, purpose: &'static str) -> Part {
    Part { number, name, mark: Some(mark), purpose }
}

/// All items of figures 2-2, 2-3 and 2-4.
pub const FIGURES: [Figure; 3] = [
    Figure {
        figure: "2-2",
        shows: "system",
        parts: &[
            part(1, "indicator light", "status light, alarm light, L1 to L5"),
            part(2, "DC switch", "separates the tower from the inverter"),
            part(3, "battery distribution unit", "on top of the tower"),
            part(4, "battery module", "one to four of them"),
            part(5, "base", "carries the tower, bolted to the floor"),
            part(6, "black startup switch", "starts without grid; the one key"),
            part(7, "heat sink", "takes the heat of the converters away; hot"),
        ],
    },
    Figure {
        figure: "2-3",
        shows: "battery distribution unit, ports",
        parts: &[
            part(1, "battery distribution unit", "joins modules and inverter"),
            part(2, "black startup switch", "starts without grid; the one key"),
            port(3, "battery input", "BAT IN", "from B+ and B- of the first module"),
            port(4, "BDU cascading communication port", "Link", "to Link Port In of the first module"),
            port(
                5,
                "BDU communication input",
                "COM-IN",
                "from the inverter or the previous distribution unit",
            ),
            part(6, "grounding hole", "protective earth"),
            part(7, "DC switch", "separates the tower from the inverter"),
            port(8, "BDU communication output", "COM-OUT", "to the next distribution unit"),
            part(9, "fuse", "opens on a short"),
            port(10, "battery output", "BAT OUT", "to the inverter"),
            part(11, "grounding hole", "protective earth"),
        ],
    },
    Figure {
        figure: "2-4",
        shows: "battery module, ports",
        parts: &[
            part(1, "battery module", "16 cells, BMS and converter"),
            part(2, "left side handle", "for lifting, by two persons"),
            port(3, "output terminal", "B+", "positive of the bus"),
            port(4, "output terminal", "B-", "negative of the bus"),
            part(5, "grounding hole", "protective earth"),
            port(6, "communication output", "Link Port Out", "to the next module, or the terminal resistor"),
            port(
                7,
                "communication input",
                "Link Port In",
                "from the distribution unit or the previous module",
            ),
            part(8, "right side handle", "for lifting, by two persons"),
        ],
    },
];
