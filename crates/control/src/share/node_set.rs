//! A set of modules.

use voltower_protocols::link::{MODULE_NODES, ModuleNode};

/// Some of the modules under the distribution unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NodeSet(u8);

impl NodeSet {
    /// None.
    pub const EMPTY: Self = Self(0);

    /// The first `count` modules, from the top; at most four.
    #[must_use]
    pub const fn first(count: u8) -> Self {
        match count {
            0 => Self(0),
            1 => Self(1),
            2 => Self(3),
            3 => Self(7),
            _ => Self(15),
        }
    }

    const fn bit(node: ModuleNode) -> u8 {
        1 << (node.index() & 3)
    }

    /// Bit 0 = module 1, as on the wire.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// With `node` in it.
    #[must_use]
    pub const fn with(self, node: ModuleNode) -> Self {
        Self(self.0 | Self::bit(node))
    }

    /// Without `node`.
    #[must_use]
    pub const fn without(self, node: ModuleNode) -> Self {
        Self(self.0 & !Self::bit(node))
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those in both.
    #[must_use]
    pub const fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// `node` is in it.
    #[must_use]
    pub const fn contains(self, node: ModuleNode) -> bool {
        self.0 & Self::bit(node) != 0
    }

    /// Nobody is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many are in it.
    #[must_use]
    pub const fn len(self) -> u8 {
        self.0.count_ones() as u8
    }

    /// Number of the lowest module in the stack that is in it, 0 if none is.
    #[must_use]
    pub const fn highest(self) -> u8 {
        (u8::BITS - self.0.leading_zeros()) as u8
    }

    /// Those in it, from the top.
    pub fn iter(self) -> impl Iterator<Item = ModuleNode> {
        MODULE_NODES.into_iter().filter(move |node| self.contains(*node))
    }

    /// Those for which `belongs` holds.
    pub fn of(belongs: impl Fn(ModuleNode) -> bool) -> Self {
        MODULE_NODES.into_iter().filter(|node| belongs(*node)).fold(Self::EMPTY, Self::with)
    }
}
