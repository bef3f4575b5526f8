//! The simulated site as the command line uses it: the world runs, its wires are listened to, its people act.

use voltower_core::{Duration, Instant};
use voltower_gateway::observe::{Observation, Observer};
use voltower_sim::scenario::{Action, ClockTime, Fault, Scenario};
use voltower_sim::{Port, World};

use crate::face::LinkFace;
use crate::journal::Journal;
use crate::screen::{Line, Selection, Today};

/// The wires are read at least this often: what was said meanwhile stays in memory.
const LISTEN_EVERY: Duration = Duration::secs(1);

/// A world, somebody who listens to its wires, and what people have done to it.
pub struct Site {
    world: World,
    observer: Observer,
    journal: Journal,
    today: Today,
    hands: Hands,
    stacks: Vec<usize>,
    face: Option<LinkFace>,
    end: Instant,
}

/// What a person in the room sees without any wire.
#[derive(Debug, Clone, Default)]
struct Hands {
    dc_closed: Vec<bool>,
    grid: bool,
    broken: Vec<(usize, Fault)>,
}

impl Site {
    /// The site of a scenario, before anything has happened.
    #[must_use]
    pub fn new(scenario: &Scenario) -> Self {
        let mut world = World::new(scenario);
        world.listen();
        let dc_closed = scenario.towers.iter().map(|tower| tower.dc_switch_closed).collect();
        Self {
            world,
            observer: Observer::new(),
            journal: Journal::new(scenario.towers.len()),
            today: Today::default(),
            hands: Hands { dc_closed, grid: scenario.grid, broken: Vec::new() },
            stacks: scenario.towers.iter().map(|tower| tower.modules.len()).collect(),
            face: None,
            end: Instant::ZERO + scenario.duration,
        }
    }

    /// From now on, tools of others are on the Link.
    pub fn expose(&mut self, face: LinkFace) {
        self.face = Some(face);
    }

    /// Writes into the log what has nothing to do with the world.
    pub fn note(&mut self, text: String) {
        self.journal.note(self.world.clock(), text);
    }

    /// Whether tools of others can be on the Link.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.face.is_some()
    }

    /// Virtual time since the start.
    #[must_use]
    pub fn now(&self) -> Instant {
        self.world.now()
    }

    /// Clock time in the world.
    #[must_use]
    pub fn clock(&self) -> ClockTime {
        self.world.clock()
    }

    /// The scenario's end.
    #[must_use]
    pub fn end(&self) -> Instant {
        self.end
    }

    /// What the scenario is called.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.world.scenario().title
    }

    /// Modules of each tower.
    #[must_use]
    pub fn stacks(&self) -> &[usize] {
        &self.stacks
    }

    /// What has happened, oldest first.
    #[must_use]
    pub fn log(&self) -> &[Line] {
        self.journal.lines()
    }

    /// The home and the battery since midnight.
    #[must_use]
    pub fn today(&self) -> &Today {
        &self.today
    }

    /// How many lines there ever were.
    #[must_use]
    pub fn lines_ever(&self) -> usize {
        self.journal.total()
    }

    /// The lines after the first `count` there ever were, as far as they are kept.
    pub fn lines_since(&self, count: usize) -> &[Line] {
        let new = self.journal.total().saturating_sub(count);
        let lines = self.journal.lines();
        lines.get(lines.len().saturating_sub(new)..).unwrap_or_default()
    }

    /// Runs until `until`, at most to the end of the scenario, and listens on the way.
    pub fn advance_to(&mut self, until: Instant) {
        let until = until.min(self.end);
        while self.now() < until {
            self.step(until);
        }
    }

    /// Runs until `until`, at most for as long as the wires may go unread.
    pub fn step(&mut self, until: Instant) {
        let until = until.min(self.end).min(self.now() + LISTEN_EVERY);
        self.hear_tools();
        self.world.advance_to(until);
        self.listen();
        self.note_deeds();
        let observation = self.observation();
        self.journal.look(self.world.clock(), &observation);
        self.today.note(self.world.clock(), &observation);
    }

    fn hear_tools(&mut self) {
        let Some(face) = &mut self.face else { return };
        while let Some(frame) = face.received() {
            self.world.send_on_link(face.tower(), frame);
        }
        if let Some(news) = face.news() {
            self.journal.note(self.world.clock(), news);
        }
    }

    fn listen(&mut self) {
        for tap in self.world.drain_frames() {
            if let Some(face) = &mut self.face {
                face.publish(&tap);
            }
            match tap.port {
                Port::Link => self.observer.link_frame(tap.tower, tap.at, &tap.frame),
                Port::Com => self.observer.com_frame(tap.at, &tap.frame),
            }
        }
        self.observer.registers(self.world.now(), &self.world.registers());
        self.world.drain_log().for_each(drop);
    }

    fn note_deeds(&mut self) {
        let start = self.world.scenario().start;
        for (at, action) in self.world.drain_actions() {
            self.hands.note(&action);
            self.journal.deed(start.after(at), &action);
        }
    }

    /// A person does something.
    pub fn act(&mut self, action: Action) {
        self.world.act(action);
        self.note_deeds();
    }

    /// What was heard so far, as it looks now.
    #[must_use]
    pub fn observation(&self) -> Observation {
        self.observer.observation(self.world.now())
    }

    /// The DC switch of a tower, turned the other way.
    #[must_use]
    pub fn turn_dc_switch(&self, tower: usize) -> Action {
        let closed = self.hands.dc_closed.get(tower).copied().unwrap_or(false);
        Action::DcSwitch { tower, closed: !closed }
    }

    /// The grid, the other way.
    #[must_use]
    pub fn turn_grid(&self) -> Action {
        Action::Grid { on: !self.hands.grid }
    }

    /// Breaks `fault`, or repairs it if it is broken.
    #[must_use]
    pub fn turn_fault(&self, tower: usize, fault: Fault) -> Action {
        if self.is_broken(tower, &fault) {
            Action::Repair { tower, fault }
        } else {
            Action::Break { tower, fault }
        }
    }

    /// Whether somebody or something has broken it.
    #[must_use]
    pub fn is_broken(&self, tower: usize, fault: &Fault) -> bool {
        self.hands.broken.iter().any(|(place, broken)| *place == tower && broken == fault)
    }

    /// Everything that is broken, in words.
    #[must_use]
    pub fn broken(&self) -> Vec<String> {
        self.hands.broken.iter().map(|(_, fault)| fault.to_string()).collect()
    }

    /// What the plant knows of a module and its tower: label and value.
    #[must_use]
    pub fn truth(&self, selection: Selection) -> Vec<(String, String)> {
        let Some(tower) = self.world.truth(selection.tower) else { return Vec::new() };
        let mut rows = Vec::new();
        let mut say = |label: &str, value: String| rows.push((label.to_owned(), value));
        say("bus", format!("{:.2} V, outside {:.2} V", tower.bus_voltage, tower.outside_voltage));
        say("inverter input", format!("{:.2} V, {:.0} W", tower.input_voltage, tower.power));
        say("highest bus yet", format!("{:.1} V", tower.peak_bus_voltage));
        say("fuse", if tower.fuse_intact { "whole".to_owned() } else { "open".to_owned() });
        let Some(module) = tower.modules.get(selection.module).copied().flatten() else { return rows };
        say("state of charge", format!("{:.2} %", module.soc * 100.0));
        let (low, high) = extremes(&module.cell_soc);
        say("cells", format!("{:.2} to {:.2} %", low * 100.0, high * 100.0));
        let (low, high) = extremes(&module.cell_temperatures);
        say("cell temperature", format!("{low:.1} to {high:.1} degC"));
        say("pack", format!("{:.3} V, {:+.2} A", module.pack_voltage, module.pack_current));
        say("capacitor", format!("{:.2} V", module.capacitor_voltage));
        say("relay", if module.relay_closed { "closed".to_owned() } else { "open".to_owned() });
        say("can still give", format!("{:.1} of {:.1} Ah", module.remaining, module.capacity));
        say("heat sink", format!("{:.1} degC", module.heat_sink));
        rows
    }
}

fn extremes(values: &[f64]) -> (f64, f64) {
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (low, high)
}

impl Hands {
    fn note(&mut self, action: &Action) {
        match action {
            Action::DcSwitch { tower, closed } => {
                if let Some(switch) = self.dc_closed.get_mut(*tower) {
                    *switch = *closed;
                }
            }
            Action::Grid { on } => self.grid = *on,
            Action::Break { tower, fault } => self.broken.push((*tower, fault.clone())),
            Action::Repair { tower, fault } => {
                self.broken.retain(|(place, broken)| (place, broken) != (tower, fault));
            }
            Action::Press { .. }
            | Action::Inverter(_)
            | Action::Update { .. }
            | Action::Ambient { .. }
            | Action::Plug { .. }
            | Action::Unplug { .. }
            | Action::Load { .. } => {}
        }
    }
}
