//! How addresses are given, as a model: the unit's [`Addressing`], the modules' [`Address`]es, and the wire
//! between them.
//!
//! The state machines are the product's own; only the wire, the time and the faults are of this file.
//!
//! *Wire.* As on CAN, a frame of the unit reaches all modules at once and in order; each of them may miss it
//! or take it twice. Equal answers at one time overlay to one, different ones destroy each other. Answers and
//! late frames of modules stand in one queue: a module's own frames leave it before its answers, which have
//! the lowest priority.
//!
//! *Time* is abstract: every timer runs out at any moment at which the design lets it, and otherwise stays
//! full, which keeps the states finite. What the design relies on, and this model therefore takes for
//! granted:
//!
//! - An address stops cooling only when no module has it any more, and nothing sent under it is on the wire:
//!   a module's lease is shorter than the unit's cooling, by a margin longer than any frame waits.
//! - A module that Link In leaves while it is chosen notices before Link In can come back.
//!
//! *Faults* are counted: a frame missed, lost, taken twice or late; a module whose commands stay away for a
//! whole lease, or that is not heard for a second; a reset of a module or of the unit. What follows from a
//! fault is free.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Mutex;

use stateright::{Model, Property};
use voltower_control::bdu::addressing::{Deed, Deeds, Seat};
use voltower_control::bdu::{Addressing, Intake};
use voltower_control::io::{MODULES, SamplePeriod};
use voltower_control::link::lss::{Address, Answer, LssIdentity};
use voltower_control::share::NodeSet;
use voltower_core::Duration;
use voltower_core::values::COMMAND_SILENCE;
use voltower_protocols::link::{MODULE_NODES, ModuleNode};

/// Every module sits where its address says.
pub(super) const IN_ORDER: &str = "address is position";
/// No address is used by two.
pub(super) const ALONE: &str = "never two alike";
/// The unit knows each by its own serial number, which is what it looks for when one comes back.
pub(super) const BY_NAME: &str = "known by its serial number";
/// As soon as nothing goes wrong any more, all come to their addresses.
pub(super) const RECOVERS: &str = "recovers";
/// With a line that is always on, nobody gets an address.
pub(super) const REFUSED: &str = "a line that is always on is refused";
/// All have their addresses.
pub(super) const COMPLETE: &str = "all addressed";
/// All have their addresses, and the tower runs.
pub(super) const RUNNING: &str = "all addressed, and running";

/// Bits of a serial number here: as many as four modules need.
const BITS: u8 = 2;
/// Vendor, product and revision: all modules are of one kind.
const IDENTITY: [u32; 3] = [1, 2, 3];
const PERIOD: SamplePeriod = SamplePeriod(Duration::ZERO);
/// Steps without a fault after which all must have their addresses; it takes a few hundred.
const PATIENCE: usize = 2000;
/// Frames on their way, in one direction.
const ON_WIRE: usize = 16;
const EXPECT: &str = "the faults bound what is on the wire";

/// Where Link In comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wiring {
    /// From the module above, as it should be.
    Chain,
    /// From the unit, to all at once: what the chain is there to prevent.
    Common,
    /// From a supply: it is always on.
    AlwaysOn,
}

/// What is checked.
#[derive(Debug)]
pub(super) struct Tower {
    /// 1 to 4.
    pub(super) modules: usize,
    /// At most so many in one run.
    pub(super) faults: u8,
    /// The enable line.
    pub(super) wiring: Wiring,
    /// All modules have one serial number; otherwise the numbers fall from the top, against the order in
    /// which the search finds them.
    pub(super) equal_serials: bool,
    /// From these, by their hash, all come to their addresses.
    recovering: Mutex<HashSet<u64>>,
}

/// What is on its way to the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Said {
    Answer(Answer),
    /// Any frame of the module at this address.
    Frame(ModuleNode),
}

/// How a frame came to a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(super) enum Fate {
    #[default]
    Once,
    Lost,
    Twice,
}

/// The tower at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) unit: Addressing,
    /// Whoever comes is taken in.
    pub(super) open: bool,
    pub(super) modules: heapless::Vec<Address, MODULES>,
    /// From the unit, the next one first.
    pub(super) sent: heapless::Vec<Deed, ON_WIRE>,
    /// To the unit, the next one first.
    pub(super) said: heapless::Vec<Said, ON_WIRE>,
    /// How many may still come.
    pub(super) faults: u8,
}

/// What happens next. Modules are named by position, addresses by node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// The unit's next frame comes to the modules.
    Deliver([Fate; MODULES]),
    /// What was said next comes to the unit.
    Hear(Fate),
    /// The unit's time for what it does is up.
    TimeOut,
    /// A module is heard under its address.
    Status(usize),
    /// It speaks, and is heard later.
    LateStatus(usize),
    /// A command comes to whoever uses the address.
    Command(ModuleNode),
    /// The unit has not heard this address for a second.
    Silence(ModuleNode),
    /// Nobody can have this address any more.
    Cooled(ModuleNode),
    /// A module has had no command for a second.
    Expire(usize),
    ResetModule(usize),
    ResetUnit,
    /// All that were expected are there: the tower has started.
    Close,
}

impl Tower {
    /// A tower of `modules` that are stacked in this way.
    pub(super) fn new(modules: usize, faults: u8, wiring: Wiring, equal_serials: bool) -> Self {
        Self { modules, faults, wiring, equal_serials, recovering: Mutex::default() }
    }

    /// Serial number of the module at `position`.
    pub(super) fn serial(&self, position: usize) -> u32 {
        if self.equal_serials { 1 } else { (self.modules - 1 - position) as u32 }
    }

    fn identity(&self, position: usize) -> LssIdentity {
        let [vendor, product, revision] = IDENTITY;
        LssIdentity([vendor, product, revision, self.serial(position)])
    }

    fn link_in(&self, state: &State, position: usize) -> bool {
        match self.wiring {
            Wiring::Chain => {
                state.unit.enables() && state.modules.iter().take(position).all(|above| above.passes_on())
            }
            Wiring::Common => state.unit.enables(),
            Wiring::AlwaysOn => true,
        }
    }

    /// All hold their addresses, and the unit knows.
    pub(super) fn is_complete(&self, state: &State) -> bool {
        let mut modules = state.modules.iter().zip(MODULE_NODES);
        self.are_seated(state) && modules.all(|(address, node)| address.passes_on() && is_at(*address, node))
    }

    /// The unit has found all that were expected.
    fn are_seated(&self, state: &State) -> bool {
        state.unit.seated() == NodeSet::first(self.modules as u8)
    }

    fn is_possible(&self, state: &State, action: &Action) -> bool {
        match action {
            Action::Deliver(_) => !state.sent.is_empty(),
            Action::Hear(_) => !state.said.is_empty(),
            Action::Command(node) | Action::Silence(node) => state.unit.seat(*node) == Seat::Taken,
            Action::Cooled(node) => {
                matches!(state.unit.seat(*node), Seat::Cooling { .. })
                    && !state.modules.iter().any(|address| is_at(*address, *node))
                    && !is_on_wire(state, *node)
            }
            Action::Status(position) | Action::LateStatus(position) | Action::Expire(position) => {
                node_of(state, *position).is_some()
            }
            Action::Close => state.open && state.unit.is_complete() && self.are_seated(state),
            Action::TimeOut | Action::ResetModule(_) | Action::ResetUnit => true,
        }
    }

    /// The state after `action`, whatever it costs.
    fn after(&self, state: &State, action: &Action) -> State {
        let mut next = state.clone();
        match *action {
            Action::Deliver(fates) => self.deliver(&mut next, fates),
            Action::Hear(fate) => hear_next(&mut next, fate),
            Action::TimeOut => {
                let mut deeds = Deeds::new();
                next.unit.proceed(next.unit.remaining(), intake(next.open), PERIOD, &mut deeds);
                send(&mut next, &deeds);
            }
            Action::Status(position) => {
                if let Some(node) = node_of(&next, position) {
                    hear(&mut next, Said::Frame(node));
                }
            }
            Action::LateStatus(position) => {
                if let Some(node) = node_of(&next, position) {
                    next.said.push(Said::Frame(node)).expect(EXPECT);
                }
            }
            Action::Command(node) => command(&mut next, node),
            Action::Silence(node) => next.unit.lost(node, PERIOD),
            Action::Cooled(node) => next.unit.cool(node, Duration::MAX),
            Action::Expire(position) => {
                let link_in = self.link_in(&next, position);
                next.modules[position].tick(COMMAND_SILENCE, link_in);
            }
            Action::ResetModule(position) => next.modules[position] = Address::NONE,
            Action::ResetUnit => {
                next.unit = start();
                next.open = true;
                next.sent.clear();
            }
            Action::Close => next.open = false,
        }
        self.notice_link_in(&mut next);
        next
    }

    /// Whoever is chosen is not any more when Link In falls.
    fn notice_link_in(&self, state: &mut State) {
        for position in 0..state.modules.len() {
            let link_in = self.link_in(state, position);
            state.modules[position].tick(Duration::ZERO, link_in);
        }
    }

    fn deliver(&self, state: &mut State, fates: [Fate; MODULES]) {
        let deed = state.sent.remove(0);
        let first = self.take(state, deed, |position| fates[position] != Fate::Lost);
        let second = self.take(state, deed, |position| fates[position] == Fate::Twice);
        for said in first.into_iter().chain(second) {
            state.said.push(said).expect(EXPECT);
        }
    }

    /// Those that `hear` it take a frame of the unit; what comes of it on the wire.
    fn take(&self, state: &mut State, deed: Deed, hear: impl Fn(usize) -> bool) -> Vec<Said> {
        let link_in: Vec<bool> = (0..self.modules).map(|position| self.link_in(state, position)).collect();
        let mut answers: Vec<Answer> = Vec::new();
        let mut frames: Vec<Said> = Vec::new();
        for position in (0..self.modules).filter(|position| hear(*position)) {
            let address = &mut state.modules[position];
            let before = address.node();
            answers.extend(obey(address, deed, link_in[position], &self.identity(position)));
            let booted = address.node().filter(|_| before.is_none()).and_then(ModuleNode::new);
            frames.extend(booted.map(Said::Frame));
        }
        let alike = answers.first().filter(|first| answers.iter().all(|answer| answer == *first));
        frames.extend(alike.map(|answer| Said::Answer(*answer)));
        frames
    }

    /// All ways in which the unit's next frame can come to the modules; whom it does not move takes it once.
    fn receipts(&self, state: &State) -> Vec<[Fate; MODULES]> {
        let mut all = vec![[Fate::Once; MODULES]];
        let Some(deed) = state.sent.first() else { return all };
        for position in 0..self.modules {
            let mut address = state.modules[position];
            let link_in = self.link_in(state, position);
            let answer = obey(&mut address, *deed, link_in, &self.identity(position));
            if answer.is_none() && address == state.modules[position] {
                continue;
            }
            for fates in all.clone() {
                all.extend([Fate::Lost, Fate::Twice].map(|fate| {
                    let mut worse = fates;
                    worse[position] = fate;
                    worse
                }));
            }
        }
        all
    }

    /// Nothing goes wrong any more, and each timer runs out in its turn: whether all get their addresses.
    fn recovers(&self, state: &State) -> bool {
        let mut state = State { faults: 0, ..state.clone() };
        let mut way = Vec::new();
        for _ in 0..PATIENCE {
            way.push(hash(&state));
            if self.is_complete(&state) || self.is_recovering(&way) {
                self.recovering.lock().expect("nobody panics in it").extend(way);
                return true;
            }
            state = self.calmly_after(&state);
        }
        false
    }

    fn is_recovering(&self, way: &[u64]) -> bool {
        let recovering = self.recovering.lock().expect("nobody panics in it");
        way.last().is_some_and(|state| recovering.contains(state))
    }

    fn calmly_after(&self, state: &State) -> State {
        if !state.sent.is_empty() {
            self.after(state, &Action::Deliver([Fate::Once; MODULES]))
        } else if !state.said.is_empty() {
            self.after(state, &Action::Hear(Fate::Once))
        } else {
            self.let_time_pass(state.clone())
        }
    }

    /// One round of all that goes on by itself.
    fn let_time_pass(&self, mut state: State) -> State {
        let positions = 0..self.modules;
        let mut round: Vec<Action> = MODULE_NODES.map(Action::Command).to_vec();
        round.extend(positions.clone().map(Action::Status));
        round.extend(MODULE_NODES.map(Action::Silence));
        round.extend(positions.map(Action::Expire));
        round.extend(MODULE_NODES.map(Action::Cooled));
        round.push(Action::TimeOut);
        for action in round {
            if self.is_possible(&state, &action) && cost(&state, &action) == 0 {
                state = self.after(&state, &action);
            }
        }
        state
    }
}

impl Model for Tower {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        let mut modules = heapless::Vec::new();
        modules.resize(self.modules, Address::NONE).expect("at most four modules");
        vec![State {
            unit: start(),
            open: true,
            modules,
            sent: heapless::Vec::new(),
            said: heapless::Vec::new(),
            faults: self.faults,
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        let positions = 0..self.modules;
        actions.extend(self.receipts(state).into_iter().map(Action::Deliver));
        actions.extend([Fate::Once, Fate::Lost, Fate::Twice].map(Action::Hear));
        actions.extend([Action::TimeOut, Action::ResetUnit, Action::Close]);
        for node in MODULE_NODES {
            actions.extend([Action::Command(node), Action::Silence(node), Action::Cooled(node)]);
        }
        for position in positions {
            actions.extend([Action::Status(position), Action::LateStatus(position)]);
            actions.extend([Action::Expire(position), Action::ResetModule(position)]);
        }
        actions.retain(|action| self.is_possible(state, action) && cost(state, action) <= state.faults);
    }

    fn next_state(&self, state: &State, action: Action) -> Option<State> {
        let mut next = self.after(state, &action);
        if next == *state {
            return None;
        }
        next.faults -= cost(state, &action);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(IN_ORDER, |_, state| is_in_order(state)),
            Property::always(ALONE, |_, state| are_alone(state)),
            Property::always(BY_NAME, |tower: &Self, state: &State| is_by_name(tower, state)),
            Property::always(RECOVERS, |tower: &Self, state: &State| {
                tower.wiring != Wiring::Chain || tower.recovers(state)
            }),
            Property::always(REFUSED, |tower: &Self, state: &State| {
                tower.wiring != Wiring::AlwaysOn || state.modules.iter().all(|a| a.node().is_none())
            }),
            Property::sometimes(COMPLETE, |tower: &Self, state: &State| tower.is_complete(state)),
            Property::sometimes(RUNNING, |tower: &Self, state: &State| {
                !state.open && tower.is_complete(state)
            }),
        ]
    }
}

fn start() -> Addressing {
    Addressing::with_serials_of(BITS, IDENTITY, PERIOD)
}

/// How many faults it takes.
fn cost(state: &State, action: &Action) -> u8 {
    let is_used = |node| state.modules.iter().any(|address| is_at(*address, node));
    let is_fault = match action {
        Action::Deliver(fates) => return fates.iter().filter(|fate| **fate != Fate::Once).count() as u8,
        Action::Hear(fate) => *fate != Fate::Once,
        Action::TimeOut => {
            let is_waiting = !state.sent.is_empty() || !state.said.is_empty();
            is_waiting && !state.unit.remaining().is_zero()
        }
        Action::Silence(node) => is_used(*node) || is_on_wire(state, *node),
        Action::Expire(position) => node_of(state, *position)
            .is_some_and(|node| state.unit.seat(node) == Seat::Taken || is_on_wire(state, node)),
        Action::LateStatus(_) | Action::ResetModule(_) | Action::ResetUnit => true,
        Action::Status(_) | Action::Command(_) | Action::Cooled(_) | Action::Close => false,
    };
    u8::from(is_fault)
}

fn hash(state: &State) -> u64 {
    let mut hasher = DefaultHasher::new();
    state.hash(&mut hasher);
    hasher.finish()
}

fn is_in_order(state: &State) -> bool {
    let mut modules = state.modules.iter().zip(MODULE_NODES);
    modules.all(|(address, node)| address.node().is_none_or(|number| number == node.number()))
}

fn are_alone(state: &State) -> bool {
    MODULE_NODES.into_iter().all(|node| state.modules.iter().filter(|a| is_at(**a, node)).count() < 2)
}

fn is_by_name(tower: &Tower, state: &State) -> bool {
    let mut modules = state.modules.iter().zip(MODULE_NODES).enumerate();
    modules.all(|(position, (address, node))| {
        let known = state.unit.serial(node).filter(|_| is_at(*address, node));
        known.is_none_or(|serial| serial == tower.serial(position))
    })
}

fn is_at(address: Address, node: ModuleNode) -> bool {
    address.node() == Some(node.number())
}

/// Something from or to this address is on its way.
fn is_on_wire(state: &State, node: ModuleNode) -> bool {
    state.said.contains(&Said::Frame(node)) || state.sent.contains(&Deed::Welcome(node))
}

fn node_of(state: &State, position: usize) -> Option<ModuleNode> {
    ModuleNode::new(state.modules[position].node()?)
}

/// A module takes a frame of the unit.
fn obey(address: &mut Address, deed: Deed, link_in: bool, identity: &LssIdentity) -> Option<Answer> {
    match deed {
        Deed::Ask(request) => address.on_request(request, link_in, identity, COMMAND_SILENCE),
        // It only makes frames come sooner, and those come here at any time.
        Deed::Call(_) => None,
        Deed::Reset(node) => {
            if is_at(*address, node) {
                *address = Address::NONE;
            }
            None
        }
        Deed::Welcome(node) => {
            if is_at(*address, node) {
                address.commanded(COMMAND_SILENCE);
            }
            None
        }
    }
}

fn command(state: &mut State, node: ModuleNode) {
    for address in state.modules.iter_mut().filter(|address| is_at(**address, node)) {
        address.commanded(COMMAND_SILENCE);
    }
}

fn hear_next(state: &mut State, fate: Fate) {
    let said = state.said.remove(0);
    let times = match fate {
        Fate::Lost => 0,
        Fate::Once => 1,
        Fate::Twice => 2,
    };
    for _ in 0..times {
        hear(state, said);
    }
}

const fn intake(open: bool) -> Intake {
    if open { Intake::Anyone } else { Intake::Known }
}

fn hear(state: &mut State, said: Said) {
    let mut deeds = Deeds::new();
    match said {
        Said::Answer(answer) => state.unit.on_answer(answer, intake(state.open), PERIOD, &mut deeds),
        Said::Frame(node) => {
            state.unit.heard(node, PERIOD, &mut deeds);
        }
    }
    send(state, &deeds);
}

/// Requests have the lowest priority of all that the unit sends.
fn send(state: &mut State, deeds: &Deeds) {
    let is_request = |deed: &Deed| matches!(deed, Deed::Ask(_));
    for deed in deeds.iter().filter(|deed| !matches!(deed, Deed::Call(_))) {
        let behind = if is_request(deed) {
            state.sent.len()
        } else {
            state.sent.iter().position(is_request).unwrap_or(state.sent.len())
        };
        state.sent.insert(behind, *deed).expect(EXPECT);
    }
}
