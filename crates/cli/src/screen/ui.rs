//! What the viewer has chosen.

use crate::args::Speed;

/// Selection, overlay, pace: everything about the screen that is not about the battery.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ui {
    /// Whose cells are shown.
    pub selection: Selection,
    /// What lies over the screen.
    pub overlay: Overlay,
    /// How time runs.
    pub pace: Pace,
    /// The truth of the plant is shown.
    pub truth: bool,
}

/// A module of a tower, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selection {
    /// Which tower.
    pub tower: usize,
    /// Which module.
    pub module: usize,
}

impl Selection {
    /// The next module; after the last one of a tower, the first of the next tower.
    #[must_use]
    pub fn next(self, stacks: &[usize]) -> Self {
        let here = stacks.get(self.tower).copied().unwrap_or(0);
        if self.module + 1 < here {
            return Self { module: self.module + 1, ..self };
        }
        let tower = if self.tower + 1 < stacks.len() { self.tower + 1 } else { 0 };
        Self { tower, module: 0 }
    }

    /// The previous one.
    #[must_use]
    pub fn previous(self, stacks: &[usize]) -> Self {
        if let Some(module) = self.module.checked_sub(1) {
            return Self { module, ..self };
        }
        let tower = self.tower.checked_sub(1).unwrap_or(stacks.len().saturating_sub(1));
        let last = stacks.get(tower).copied().unwrap_or(0).saturating_sub(1);
        Self { tower, module: last }
    }
}

/// What lies over the screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The keys.
    Help,
    /// What can be broken, and which line is chosen.
    Break {
        /// Lines, and whether each is broken now.
        entries: Vec<(String, bool)>,
        /// The chosen line.
        chosen: usize,
    },
}

/// How time runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    /// As asked.
    pub speed: Speed,
    /// Stands still.
    pub paused: bool,
    /// The machine cannot keep up: this is what it reaches.
    pub reached: Option<u32>,
    /// The scenario is over.
    pub ended: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tab_walks_through_all_modules_of_all_towers_and_back() {
        let stacks = [2, 1];
        let mut here = Selection::default();
        let mut seen = Vec::new();
        for _ in 0..4 {
            seen.push((here.tower, here.module));
            here = here.next(&stacks);
        }
        assert_eq!(seen, [(0, 0), (0, 1), (1, 0), (0, 0)]);
        assert_eq!(Selection::default().previous(&stacks), Selection { tower: 1, module: 0 });
        assert_eq!(
            Selection::default().previous(&stacks).previous(&stacks),
            Selection { tower: 0, module: 1 }
        );
    }
}
