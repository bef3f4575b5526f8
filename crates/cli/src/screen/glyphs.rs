//! The characters that are shapes rather than letters.

/// What to draw for a character.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Glyph {
    /// A letter of the font.
    Letter,
    /// A shape.
    Shape(Shape),
}

/// A shape in a character cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shape {
    /// A filled rectangle, in shares of the cell.
    Block { left: f64, top: f64, width: f64, height: f64 },
    /// Lines from the middle up, right, down, left.
    Lines { arms: [bool; 4], weight: f64, round: bool },
    /// A lamp of the panel.
    Lamp { lit: bool },
}

const LIGHT: f64 = 1.1;
const HEAVY: f64 = 2.4;

impl Glyph {
    pub(super) fn of(symbol: &str) -> Self {
        let Some(character) = symbol.chars().next() else {
            return Self::Letter;
        };
        block(character)
            .or_else(|| lines(character))
            .or_else(|| lamp(character))
            .map_or(Self::Letter, Self::Shape)
    }

    pub(super) fn is_letter(self) -> bool {
        matches!(self, Self::Letter)
    }
}

fn block(character: char) -> Option<Shape> {
    let code = u32::from(character);
    match character {
        '█' => Some(Shape::Block { left: 0.0, top: 0.0, width: 1.0, height: 1.0 }),
        '▁'..='▇' => {
            let height = f64::from(code - 0x2580) / 8.0;
            Some(Shape::Block { left: 0.0, top: 1.0 - height, width: 1.0, height })
        }
        '▉'..='▏' => Some(Shape::Block {
            left: 0.0,
            top: 0.0,
            width: 1.0 - f64::from(code - 0x2588) / 8.0,
            height: 1.0,
        }),
        '▐' => Some(Shape::Block { left: 0.5, top: 0.0, width: 0.5, height: 1.0 }),
        '▀' => Some(Shape::Block { left: 0.0, top: 0.0, width: 1.0, height: 0.5 }),
        '■' => Some(Shape::Block { left: 0.0, top: 0.22, width: 0.85, height: 0.56 }),
        _ => None,
    }
}

fn lines(character: char) -> Option<Shape> {
    let (arms, weight, round) = match character {
        '─' => ("lr", LIGHT, false),
        '│' => ("ud", LIGHT, false),
        '╭' => ("rd", LIGHT, true),
        '╮' => ("ld", LIGHT, true),
        '╰' => ("ur", LIGHT, true),
        '╯' => ("ul", LIGHT, true),
        '├' => ("urd", LIGHT, false),
        '┤' => ("uld", LIGHT, false),
        '━' => ("lr", HEAVY, false),
        '┃' => ("ud", HEAVY, false),
        '┏' => ("rd", HEAVY, false),
        '┓' => ("ld", HEAVY, false),
        '┗' => ("ur", HEAVY, false),
        '┛' => ("ul", HEAVY, false),
        '┣' => ("urd", HEAVY, false),
        '┫' => ("uld", HEAVY, false),
        '╺' => ("r", HEAVY, false),
        '╸' => ("l", HEAVY, false),
        _ => return None,
    };
    Some(Shape::Lines { arms: ['u', 'r', 'd', 'l'].map(|arm| arms.contains(arm)), weight, round })
}

fn lamp(character: char) -> Option<Shape> {
    match character {
        '●' => Some(Shape::Lamp { lit: true }),
        '○' => Some(Shape::Lamp { lit: false }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_grow_from_the_left_and_from_below() {
        assert_eq!(block('▌'), Some(Shape::Block { left: 0.0, top: 0.0, width: 0.5, height: 1.0 }));
        assert_eq!(block('▄'), Some(Shape::Block { left: 0.0, top: 0.5, width: 1.0, height: 0.5 }));
        assert_eq!(Glyph::of("x"), Glyph::Letter);
    }
}
