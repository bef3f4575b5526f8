//! What a key means.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::screen::Overlay;

/// What the viewer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Command {
    /// Press the black-start switch.
    Press,
    /// Hold it.
    Hold,
    /// Turn the DC switch.
    TurnDcSwitch,
    /// Grid away, or back.
    TurnGrid,
    /// Stand still, or go on.
    Pause,
    /// Time runs faster.
    Faster,
    /// Time runs slower.
    Slower,
    /// Next module.
    Next,
    /// Previous module.
    Previous,
    /// Show or hide the truth.
    Truth,
    /// Show the keys.
    Help,
    /// Show what can be broken.
    OpenBreakages,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// Break or repair the chosen line.
    Choose,
    /// Close what lies over the screen.
    Close,
    /// End.
    Quit,
}

/// What `key` means while `overlay` lies over the screen.
#[must_use]
pub fn command(overlay: &Overlay, key: KeyEvent) -> Option<Command> {
    if key.modifiers.contains(KeyModifiers::CONTROL) {
        return (key.code == KeyCode::Char('c')).then_some(Command::Quit);
    }
    match overlay {
        Overlay::None => on_screen(key.code),
        Overlay::Help => Some(if key.code == KeyCode::Char('q') { Command::Quit } else { Command::Close }),
        Overlay::Break { .. } => in_menu(key.code),
    }
}

fn on_screen(key: KeyCode) -> Option<Command> {
    Some(match key {
        KeyCode::Char('b') => Command::Press,
        KeyCode::Char('B') => Command::Hold,
        KeyCode::Char('d') => Command::TurnDcSwitch,
        KeyCode::Char('g') => Command::TurnGrid,
        KeyCode::Char('x' | 'r') => Command::OpenBreakages,
        KeyCode::Char(' ') => Command::Pause,
        KeyCode::Char('+' | '=') => Command::Faster,
        KeyCode::Char('-') => Command::Slower,
        KeyCode::Tab | KeyCode::Down | KeyCode::Right => Command::Next,
        KeyCode::BackTab | KeyCode::Up | KeyCode::Left => Command::Previous,
        KeyCode::Char('t') => Command::Truth,
        KeyCode::Char('?' | 'h') => Command::Help,
        KeyCode::Char('q') => Command::Quit,
        _ => return None,
    })
}

fn in_menu(key: KeyCode) -> Option<Command> {
    Some(match key {
        KeyCode::Up | KeyCode::Char('k') => Command::Up,
        KeyCode::Down | KeyCode::Char('j') => Command::Down,
        KeyCode::Enter | KeyCode::Char('x' | 'r') => Command::Choose,
        KeyCode::Esc | KeyCode::Char('q') => Command::Close,
        _ => return None,
    })
}
