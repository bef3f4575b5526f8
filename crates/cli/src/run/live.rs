//! The live screen: keys in, time on, picture out.

use std::env;
use std::time::{Duration as Wall, Instant as WallClock};

use ratatui::DefaultTerminal;
use ratatui::buffer::Buffer;
use ratatui::crossterm::event::{self, Event, KeyEventKind};
use voltower_core::values::{SWITCH_BLACK_START, SWITCH_CLEAR_LOCK_OUTS};
use voltower_core::{Duration, Instant, TowerState};
use voltower_sim::scenario::{Action, Fault};

use super::breakages;
use super::commands::{Command, command};
use super::{SAMPLE, Stop, expose, still};
use crate::args::{RunArgs, Speed};
use crate::error::Failure;
use crate::face::LinkFace;
use crate::interrupt;
use crate::screen::{self, Overlay, Ui, View};
use crate::site::Site;

/// Between two pictures.
const PICTURE: Wall = Wall::from_millis(50);
/// Between two exchanges with tools on the Link.
const EXCHANGE: Wall = Wall::from_millis(5);
/// Simulating may take this much of it; the rest is for drawing and keys.
const BUDGET: Wall = Wall::from_millis(40);
/// A short press.
const SHORT: Duration = Duration::secs(1);
/// Longer than asked for, so that the controller sees it.
const MARGIN: Duration = Duration::secs(1);

const SPEEDS: [Speed; 11] = [
    Speed::Times(1),
    Speed::Times(5),
    Speed::Times(10),
    Speed::Times(30),
    Speed::Times(60),
    Speed::Times(120),
    Speed::Times(300),
    Speed::Times(600),
    Speed::Times(1200),
    Speed::Times(3600),
    Speed::Max,
];

/// Shows `site` on the terminal until it ends or the viewer does.
pub(super) fn run(args: &RunArgs, mut site: Site, stop: Stop, face: Option<LinkFace>) -> Result<(), Failure> {
    still::fast_forward(&mut site, stop.shown_from);
    if let Some(face) = &face {
        site.note(face.announcement());
    }
    expose(&mut site, face);
    let mut app = App::new(site, args.speed, stop.end);
    let mut terminal = ratatui::try_init()?;
    let done = app.show(&mut terminal, args.length.is_some());
    ratatui::restore();
    done
}

/// The site, and what the viewer has chosen.
pub struct App {
    site: Site,
    ui: Ui,
    end: Instant,
    /// Less than a sample period, for the next pass.
    owed: Duration,
    breakages: Vec<Fault>,
}

impl App {
    /// Shows `site` from now until `end`.
    #[must_use]
    pub fn new(site: Site, speed: Speed, end: Instant) -> Self {
        let mut ui = Ui::default();
        ui.pace.speed = speed;
        Self { site, ui, end, owed: Duration::ZERO, breakages: Vec::new() }
    }

    /// What the viewer has chosen.
    #[must_use]
    pub fn ui(&self) -> &Ui {
        &self.ui
    }

    /// The site.
    pub fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn show(&mut self, terminal: &mut DefaultTerminal, quit_at_end: bool) -> Result<(), Failure> {
        let started = WallClock::now();
        let (mut before, mut picture_at) = (started, started);
        let round = if self.site.is_exposed() { EXCHANGE } else { PICTURE };
        loop {
            let now = WallClock::now();
            self.pass(now - before);
            before = now;
            if now >= picture_at {
                let blink = Instant(started.elapsed().as_micros() as u64);
                terminal.draw(|frame| self.draw(blink, frame.buffer_mut()))?;
                picture_at = now + PICTURE;
            }
            let until = picture_at.min(now + round);
            if interrupt::asked() || (quit_at_end && self.ui.pace.ended) || self.read_keys(until)? {
                return Ok(());
            }
        }
    }

    /// Reads keys until the next picture or exchange is due; true if the viewer has had enough.
    fn read_keys(&mut self, until: WallClock) -> Result<bool, Failure> {
        loop {
            let left = until.saturating_duration_since(WallClock::now());
            if !event::poll(left)? {
                return Ok(false);
            }
            if let Event::Key(key) = event::read()?
                && key.kind != KeyEventKind::Release
                && let Some(command) = command(&self.ui.overlay, key)
                && self.obey(command)
            {
                return Ok(true);
            }
        }
    }

    /// Lets so much time of the viewer pass.
    fn pass(&mut self, passed: Wall) {
        self.ui.pace.ended = self.site.now() >= self.end;
        if self.ui.pace.paused || self.ui.pace.ended {
            return;
        }
        let from = self.site.now();
        let wanted = match self.ui.pace.speed {
            Speed::Times(times) => self.owed + Duration(passed.as_micros() as u64 * u64::from(times)),
            Speed::Max => Duration::hours(24),
        };
        // Whole sample periods: the controllers sample as ever, however often we look.
        self.owed = Duration(wanted.0 % SAMPLE.0);
        let until = (from + Duration(wanted.0 - self.owed.0)).min(self.end);
        let started = WallClock::now();
        while self.site.now() < until && started.elapsed() < BUDGET {
            self.site.step(until);
        }
        let behind = self.site.now() < until;
        let reached = self.site.now().since(from).0 / (passed.as_micros() as u64).max(1);
        self.ui.pace.reached = behind.then_some(reached as u32);
    }

    /// Does what the viewer wants; true to end.
    pub fn obey(&mut self, command: Command) -> bool {
        let tower = self.ui.selection.tower;
        match command {
            Command::Quit => return true,
            Command::Press => self.site.act(Action::Press { tower, hold: SHORT }),
            Command::Hold => self.site.act(Action::Press { tower, hold: self.long_press() }),
            Command::TurnDcSwitch => self.site.act(self.site.turn_dc_switch(tower)),
            Command::TurnGrid => self.site.act(self.site.turn_grid()),
            Command::Pause => self.ui.pace.paused = !self.ui.pace.paused,
            Command::Faster => self.change_speed(1),
            Command::Slower => self.change_speed(-1),
            Command::Next => self.ui.selection = self.ui.selection.next(self.site.stacks()),
            Command::Previous => self.ui.selection = self.ui.selection.previous(self.site.stacks()),
            Command::Truth => self.ui.truth = !self.ui.truth,
            Command::Help => self.ui.overlay = Overlay::Help,
            Command::OpenBreakages => self.open_breakages(),
            Command::Up => self.choose(-1),
            Command::Down => self.choose(1),
            Command::Choose => self.turn_chosen(),
            Command::Close => self.ui.overlay = Overlay::None,
        }
        false
    }

    /// In a fault, long enough to clear lock-outs; otherwise long enough for a black start or a shutdown.
    fn long_press(&self) -> Duration {
        let observation = self.site.observation();
        let state = observation.towers.get(self.ui.selection.tower).and_then(|tower| tower.state());
        if state == Some(TowerState::Faulted) {
            SWITCH_CLEAR_LOCK_OUTS + MARGIN
        } else {
            SWITCH_BLACK_START + MARGIN
        }
    }

    fn change_speed(&mut self, by: isize) {
        let here = SPEEDS.iter().position(|speed| *speed == self.ui.pace.speed).unwrap_or(4);
        if let Some(speed) = here.checked_add_signed(by).and_then(|next| SPEEDS.get(next)) {
            self.ui.pace.speed = *speed;
        }
    }

    fn open_breakages(&mut self) {
        self.breakages = breakages::of(self.ui.selection.module);
        self.ui.overlay = Overlay::Break { entries: self.entries(), chosen: 0 };
    }

    fn entries(&self) -> Vec<(String, bool)> {
        let tower = self.ui.selection.tower;
        let entry = |fault: &Fault| (fault.to_string(), self.site.is_broken(tower, fault));
        self.breakages.iter().map(entry).collect()
    }

    fn choose(&mut self, by: isize) {
        if let Overlay::Break { entries, chosen } = &mut self.ui.overlay
            && let Some(next) = chosen.checked_add_signed(by)
            && next < entries.len()
        {
            *chosen = next;
        }
    }

    fn turn_chosen(&mut self) {
        let Overlay::Break { chosen, .. } = self.ui.overlay else { return };
        let Some(fault) = self.breakages.get(chosen).cloned() else { return };
        self.site.act(self.site.turn_fault(self.ui.selection.tower, fault));
        self.ui.overlay = Overlay::Break { entries: self.entries(), chosen };
    }

    /// Draws the screen; `blink` is the viewer's time.
    pub fn draw(&self, blink: Instant, buffer: &mut Buffer) {
        draw(&self.site, &self.ui, blink, buffer);
    }
}

/// Draws `site` as it looks now.
pub(super) fn draw(site: &Site, ui: &Ui, blink: Instant, buffer: &mut Buffer) {
    let observation = site.observation();
    let truth = if ui.truth { site.truth(ui.selection) } else { Vec::new() };
    let view = View {
        observation: &observation,
        stacks: site.stacks(),
        title: site.title(),
        clock: site.clock(),
        log: site.log(),
        broken: &site.broken(),
        truth: &truth,
        today: site.today(),
        ui,
        blink,
    };
    screen::draw(&view, buffer);
    if env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) {
        screen::remove_colours(buffer);
    }
}
