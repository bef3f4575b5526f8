//! Safety statements of the manual as data: its facts in our words, never its text.
//!
//! This list helps software to show the right statement at the right moment. It does not replace the manual.

/// How bad it gets (preface, *Symbols Used*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignalWord {
    /// Useful to know.
    Note,
    /// Damage to property, or a device that does not work.
    Attention,
    /// May injure, slightly or moderately.
    Caution,
    /// May kill or injure seriously.
    Warning,
    /// Will kill or injure seriously.
    Danger,
}

/// Whom a statement addresses (section 1.1). Later ones can do what earlier ones can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Audience {
    /// May come near the equipment.
    Operator,
    /// Has technical training and experience, knows the risks of a task and how to lessen them.
    Trained,
    /// Has training or experience with the equipment and knows where its dangers come from and how large they are.
    Professional,
}

/// When a statement matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// At any time.
    Always,
    /// Before any work begins.
    BeforeWork,
    /// While moving the goods.
    Transport,
    /// When the goods arrive and are unpacked.
    Delivery,
    /// When the place is chosen.
    Placing,
    /// While it is set up.
    Assembly,
    /// While it is wired.
    Wiring,
    /// While it runs.
    Operation,
    /// While it is serviced or repaired.
    Maintenance,
}

/// A safety statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Its signal word; many statements of the manual carry none.
    pub signal: Option<SignalWord>,
    /// What it says, in our words.
    pub text: &'static str,
    /// Section of the manual.
    pub section: &'static str,
    /// Whom it addresses.
    pub audience: Audience,
    /// When it matters.
    pub moment: Moment,
}

impl SignalWord {
    /// All, the worst first.
    pub const ALL: [Self; 5] = [Self::Danger, Self::Warning, Self::Caution, Self::Attention, Self::Note];

    /// The word as printed.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Danger => "Danger",
            Self::Warning => "Warning",
            Self::Caution => "Caution",
            Self::Attention => "Attention",
            Self::Note => "Note",
        }
    }

    /// What it stands for.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Danger => "death or serious injury will follow if it is not avoided",
            Self::Warning => "death or serious injury may follow if it is not avoided",
            Self::Caution => "minor or moderate injury may follow if it is not avoided",
            Self::Attention => "the equipment may fail or property be damaged",
            Self::Note => "helps to use the product better or saves time",
        }
    }
}

impl Audience {
    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Trained => "trained person",
            Self::Professional => "professional",
        }
    }
}

impl Moment {
    /// The words for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::BeforeWork => "before work",
            Self::Transport => "transport",
            Self::Delivery => "delivery",
            Self::Placing => "choosing the place",
            Self::Assembly => "assembly",
            Self::Wiring => "wiring",
            Self::Operation => "operation",
            Self::Maintenance => "maintenance",
        }
    }
}

const fn said(section: &'static str, audience: Audience, moment: Moment, text: &'static str) -> Statement {
    Statement { signal: None, text, section, audience, moment }
}

const fn signal(word: SignalWord, statement: Statement) -> Statement {
    Statement { signal: Some(word), ..statement }
}

use Audience::{Operator, Professional, Trained};
use Moment::{Always, Assembly, BeforeWork, Delivery, Maintenance, Operation, Placing, Transport, Wiring};
use SignalWord::{Attention, Caution, Danger, Note, Warning};

/// Every safety statement of our copy, in the order of the manual.
pub const STATEMENTS: [Statement; 45] = [
    said("1.1", Trained, BeforeWork, "National and local law governs the installation."),
    said(
        "1.1",
        Operator,
        BeforeWork,
        "Read the whole manual and know its symbols before installing or commissioning.",
    ),
    said(
        "1.1",
        Operator,
        Maintenance,
        "Do not repair it yourself: maintenance and repair are for an authorised centre.",
    ),
    said(
        "1.1",
        Trained,
        BeforeWork,
        "Cut it off from other devices with the DC switch before work: the high voltage can injure seriously.",
    ),
    said(
        "1.1",
        Operator,
        Always,
        "Improper use is at the user's own risk: the maker takes no liability for harm or damage.",
    ),
    signal(Note, said("1.1", Operator, Always, "What is not clear should be asked of the maker.")),
    said(
        "1.1",
        Trained,
        BeforeWork,
        "Whoever works on it for the first time needs thorough training in safety and in the right way to work.",
    ),
    said("1.1", Trained, Always, "Only professionals or trained persons install, operate and maintain it."),
    said("1.1", Professional, Maintenance, "Only professionals remove safety devices or repair it."),
    said(
        "1.1",
        Operator,
        Always,
        "Everyone needs the permits that the country asks for, such as for high voltage or work at heights.",
    ),
    said(
        "1.1",
        Professional,
        Maintenance,
        "Only professionals or authorised persons replace devices or parts, software included.",
    ),
    said("1.1", Trained, Assembly, "Set it upright where it can be fixed at its edge."),
    said("1.1", Trained, Placing, "Leave room for maintenance and for escape from a fire."),
    said("1.1", Trained, Placing, "Air must circulate for cooling."),
    said("1.1", Trained, Assembly, "Assemble it below 90 % relative humidity."),
    said("1.1", Trained, Transport, "Carry modules in their original or an equally fit package."),
    said(
        "1.1",
        Operator,
        Delivery,
        "Check the goods on arrival; tell the carrier at once of damage to package or product.",
    ),
    said(
        "1.1",
        Trained,
        Transport,
        "It is dangerous goods of class 9, tested to UN38.3: loading and unloading are regulated.",
    ),
    said(
        "1.1",
        Trained,
        Transport,
        "Rough handling can short or damage cells: they may leak, burst, explode or burn.",
    ),
    said("1.1", Trained, Transport, "At sea: IMDG code."),
    said("1.1", Trained, Transport, "On land: ADR or JT/T 617."),
    said("1.1", Trained, Transport, "The authorities of origin, route and destination have to be obeyed."),
    said("1.1", Trained, Transport, "International and national rules for dangerous goods apply."),
    signal(
        Danger,
        said("1.2", Operator, Operation, "The high voltage harms: only certified engineers operate it."),
    ),
    signal(
        Danger,
        said(
            "1.2",
            Operator,
            Always,
            "Not for minors nor for persons who cannot use it safely; keep children away.",
        ),
    ),
    signal(
        Caution,
        said("1.2", Operator, Operation, "The housing burns: while it works touch only its keys."),
    ),
    signal(Attention, said("1.2", Professional, Wiring, "Ground it as the local grid operator asks.")),
    signal(
        Warning,
        said(
            "1.2",
            Professional,
            Wiring,
            "Use it only with equipment that the maker allows; else the warranty ends.",
        ),
    ),
    said("1.2", Trained, Maintenance, "After power-off wait five minutes: capacitors inside stay charged."),
    signal(
        Danger,
        said(
            "3",
            Trained,
            Placing,
            "Never on ground that burns, nor where things that burn or explode are stored.",
        ),
    ),
    signal(
        Caution,
        said(
            "3",
            Trained,
            Placing,
            "Housing and fins get very hot: not where somebody may touch them by accident.",
        ),
    ),
    signal(
        Attention,
        said(
            "3",
            Trained,
            Assembly,
            "Modules are heavy: choose position and surface for the weight; two persons at least.",
        ),
    ),
    said("3.1", Trained, Delivery, "Do not open a damaged package; call the distributor."),
    said("3.1", Trained, Delivery, "Unpack it no more than 24 hours before installation."),
    said("3.1", Trained, Delivery, "If something is damaged or missing, call the distributor."),
    said("3.2", Trained, Assembly, "Wear ESD gloves while installing, goggles and mask while drilling."),
    said("4", Professional, Wiring, "It stores energy of PV systems; other uses can damage it."),
    signal(
        Attention,
        said(
            "4",
            Professional,
            Wiring,
            "Only professional electrical engineers install and maintain batteries.",
        ),
    ),
    signal(
        Attention,
        said("4", Professional, Wiring, "Wear rubber gloves and protective clothing while wiring."),
    ),
    signal(
        Attention,
        said("4", Professional, Wiring, "Protective earth is connected first and removed last."),
    ),
    signal(
        Danger,
        said(
            "4",
            Professional,
            Wiring,
            "Before wiring: DC switch off, light of the black start switch off, no voltage at the modules.",
        ),
    ),
    signal(
        Danger,
        said(
            "4",
            Professional,
            Wiring,
            "Prepare the battery cable and check its polarity: a reversed one can damage the device.",
        ),
    ),
    signal(Note, said("4", Professional, Wiring, "Damage by wrong wiring is outside the warranty.")),
    said("4.2.1", Professional, Wiring, "Every module is grounded, and the connection holds."),
    said(
        "4.2.3",
        Professional,
        Wiring,
        "Without the terminal resistor on the last module communication may fail.",
    ),
];

/// Where a label sits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelPlace {
    /// On a battery module.
    Module,
    /// On the distribution unit.
    DistributionUnit,
}

/// A safety label (section 1.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Label {
    /// What it is called.
    pub name: &'static str,
    /// What it asks for, in our words.
    pub meaning: &'static str,
}

/// The labels; module and distribution unit carry the same five.
pub const LABELS: [Label; 5] = [
    Label {
        name: "Residual voltage",
        meaning: "high voltage while on; after power-off the capacitor inside stays charged: wait five minutes",
    },
    Label {
        name: "High voltage and electric shock",
        meaning: "separate it from all voltage sources before work, which only qualified persons do",
    },
    Label { name: "Hot surface", meaning: "it may get hot while it works: do not touch" },
    Label { name: "Grounding terminal", meaning: "connect it to the grounding bar" },
    Label {
        name: "Observe the documentation",
        meaning: "read all documents delivered with it before installing",
    },
];

/// The places that carry all of [`LABELS`].
pub const LABELLED: [LabelPlace; 2] = [LabelPlace::Module, LabelPlace::DistributionUnit];
