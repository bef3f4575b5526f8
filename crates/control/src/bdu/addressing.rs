//! Who sits at which address: gives addresses in the order of the stack, keeps them, and never gives one twice.
//!
//! An address is a lease: a module that is not commanded for a second gives it back. So an address whose module has
//! fallen silent is not commanded any more, and given anew only after that second. And the next module answers only
//! after this one was heard and commanded, because only then Link Out is enabled: whoever answers is the next in the
//! stack.

use voltower_core::values::{
    ADDRESS_GUARD_PERIOD, ADDRESS_LEASE_MARGIN, ADDRESS_PROBE_PERIOD, COMMAND_SILENCE,
};
use voltower_core::{Cause, Diagnosis, Duration};
use voltower_protocols::link::{MODULE_NODES, ModuleNode};

use crate::io::{MODULES, SamplePeriod};
use crate::link::lss::{Answer, Assigner, Outcome, Request, SERIAL_BITS, Told};
use crate::share::NodeSet;

/// Number of the module that is one too many.
const FIFTH: u8 = MODULES as u8 + 1;

/// One address.
///
/// ```text
///             given, and heard                    silent
///   Free{} -------------------> Taken{} ----------------------> Cooling{}
///    ^  |    given, not heard                                    ^    |
///    |  +--------------------------------------------------------+    |
///    +----------------------- whoever had it, has it no more ---------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Seat {
    /// Nobody has it.
    Free,
    /// The module that it was given to has it.
    Taken,
    /// Somebody may have it still.
    Cooling {
        /// Until nobody can.
        remaining: Duration,
    },
}

/// What is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Stage {
    /// Nothing, for so long.
    Resting { remaining: Duration },
    /// The enable line is off: nobody may answer.
    Checking(Assigner),
    /// Every seat that may be given is taken: nobody should answer.
    Guarding(Assigner),
    /// An address is being given.
    Giving(Assigner),
}

/// What the caller must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Deed {
    /// Send this.
    Ask(Request),
    /// Reset whoever uses this address: it is nobody's.
    Reset(ModuleNode),
    /// This module has its address: command it at once.
    Welcome(ModuleNode),
    /// Ask these to say something: the roll is called.
    Call(NodeSet),
}

/// What a step asks for, at most.
pub type Deeds = heapless::Vec<Deed, 4>;

/// The seats, and the one that is being given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Addressing {
    seats: [Seat; MODULES],
    /// Who sits there, or sat there since the start.
    serials: [Option<u32>; MODULES],
    identity: [u32; 3],
    bits: u8,
    stage: Stage,
    /// Nobody has answered while the enable line was off.
    is_checked: bool,
    /// Behind those that sit nobody answers.
    is_complete: bool,
    suspicion: Suspicion,
    /// Dormant modules may have lost their address, and would hear the wake line.
    may_call_dormant: bool,
    found: Diagnosis,
}

/// Somebody without an address answers, and no seat is free for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Suspicion {
    /// Nobody does.
    None,
    /// Once: a stranger, or one that sits and has just started anew.
    Once,
    /// Still, when every seat whose module started anew would have been lost: a dormant module may be it.
    Lasts,
}

/// Who is given an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Intake {
    /// Whoever comes, looked for without a pause: the tower is being started.
    Anyone,
    /// Whoever comes to the place of one that was commissioned and has not sat there since the start.
    Missing,
    /// Only those that sat there before.
    Known,
}

impl Addressing {
    /// Starts anew: addresses of an earlier life run out first. `identity` is vendor, product and revision of our
    /// modules.
    #[must_use]
    pub fn start(identity: [u32; 3], period: SamplePeriod) -> Self {
        Self::with_serials_of(SERIAL_BITS, identity, period)
    }

    /// The same for serial numbers of so many bits, for the model checker.
    #[must_use]
    pub fn with_serials_of(bits: u8, identity: [u32; 3], period: SamplePeriod) -> Self {
        let remaining = lease(period);
        Self {
            seats: [Seat::Cooling { remaining }; MODULES],
            serials: [None; MODULES],
            identity,
            bits,
            stage: Stage::Resting { remaining },
            is_checked: false,
            is_complete: false,
            suspicion: Suspicion::None,
            may_call_dormant: false,
            found: Diagnosis::NONE,
        }
    }

    /// The enable line to the first module.
    #[must_use]
    pub const fn enables(&self) -> bool {
        self.is_checked
    }

    /// Those that have an address.
    #[must_use]
    pub fn seated(&self) -> NodeSet {
        NodeSet::of(|node| self.seat(node) == Seat::Taken)
    }

    /// Those that have an address, or had it since the start.
    #[must_use]
    pub fn known(&self) -> NodeSet {
        NodeSet::of(|node| self.serials.get(node.index()).is_some_and(Option::is_some))
    }

    /// Who has this address, by the serial number of object 0x1018.
    #[must_use]
    pub fn serial(&self, node: ModuleNode) -> Option<u32> {
        self.serials.get(node.index()).copied().flatten().filter(|_| self.seat(node) == Seat::Taken)
    }

    /// Everyone who answers, and may sit, has an address.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The next seat belongs to a module of those that were commissioned, and nobody has sat there since the start.
    #[must_use]
    pub fn misses(&self, commissioned: u8) -> bool {
        self.vacancy().is_some_and(|node| node.number() <= commissioned && !self.known().contains(node))
    }

    /// What was found out on the way.
    #[must_use]
    pub fn found(&self) -> Diagnosis {
        if self.found.is_none() { self.same_serial() } else { self.found }
    }

    /// Until it does something by itself.
    #[must_use]
    pub const fn remaining(&self) -> Duration {
        match &self.stage {
            Stage::Resting { remaining } => *remaining,
            Stage::Checking(assigner) | Stage::Guarding(assigner) | Stage::Giving(assigner) => {
                assigner.remaining()
            }
        }
    }

    /// Lets `elapsed` pass; `intake` says who is taken in.
    pub fn tick(&mut self, elapsed: Duration, intake: Intake, period: SamplePeriod, deeds: &mut Deeds) {
        for node in MODULE_NODES {
            self.cool(node, elapsed);
        }
        self.proceed(elapsed, intake, period, deeds);
    }

    /// The part of [`Self::tick`] that lets an address cool.
    pub fn cool(&mut self, node: ModuleNode, elapsed: Duration) {
        self.put(node, cooled(self.seat(node), elapsed));
    }

    /// The part of [`Self::tick`] that goes on with what is under way.
    pub fn proceed(&mut self, elapsed: Duration, intake: Intake, period: SamplePeriod, deeds: &mut Deeds) {
        match self.stage {
            Stage::Resting { remaining } if remaining.less(elapsed).is_zero() => {
                self.begin(intake, period, deeds);
            }
            Stage::Resting { remaining } => {
                self.stage = Stage::Resting { remaining: remaining.less(elapsed) };
            }
            Stage::Checking(mut assigner) => {
                let told = assigner.tick(elapsed);
                self.go_on(Stage::Checking(assigner), told, intake, period, deeds);
            }
            Stage::Guarding(mut assigner) => {
                let told = assigner.tick(elapsed);
                self.go_on(Stage::Guarding(assigner), told, intake, period, deeds);
            }
            Stage::Giving(mut assigner) => {
                let told = assigner.tick(elapsed);
                self.go_on(Stage::Giving(assigner), told, intake, period, deeds);
            }
        }
    }

    /// An answer has come.
    pub fn on_answer(&mut self, answer: Answer, intake: Intake, period: SamplePeriod, deeds: &mut Deeds) {
        match self.stage {
            Stage::Resting { .. } => {}
            Stage::Checking(_) => {
                self.found = Diagnosis::new(Cause::OutOfTurn, 0);
                self.rest(ADDRESS_PROBE_PERIOD);
            }
            Stage::Guarding(assigner) => self.suspect(assigner.node(), period),
            Stage::Giving(mut assigner) => {
                let was_called = assigner.awaits().is_some();
                let told = assigner.on_answer(answer);
                if let Some(above) = assigner.awaits().filter(|_| !was_called) {
                    let _ = deeds.push(Deed::Call(above));
                }
                self.go_on(Stage::Giving(assigner), told, intake, period, deeds);
            }
        }
    }

    /// A frame of `node` has come. True if it is one of those that sit.
    pub fn heard(&mut self, node: ModuleNode, period: SamplePeriod, deeds: &mut Deeds) -> bool {
        self.postpone();
        if let Stage::Giving(mut assigner) = self.stage {
            let told = assigner.heard(node);
            self.go_on(Stage::Giving(assigner), told, Intake::Anyone, period, deeds);
        }
        match self.seat(node) {
            Seat::Taken => true,
            Seat::Cooling { .. } => false,
            Seat::Free => {
                self.put(node, Seat::Cooling { remaining: lease(period) });
                let _ = deeds.push(Deed::Reset(node));
                false
            }
        }
    }

    /// The wire is busy.
    fn postpone(&mut self) {
        match &mut self.stage {
            Stage::Resting { .. } => {}
            Stage::Checking(assigner) | Stage::Guarding(assigner) | Stage::Giving(assigner) => {
                assigner.postpone();
            }
        }
    }

    /// Somebody without an address answers, and no seat is free for it.
    #[must_use]
    pub const fn is_suspected(&self) -> bool {
        !matches!(self.suspicion, Suspicion::None)
    }

    /// Dormant modules shall be called: one of them may have lost its address.
    #[must_use]
    pub const fn calls_dormant(&self) -> bool {
        matches!(self.suspicion, Suspicion::Lasts)
    }

    /// Whether dormant modules may have lost their address and can be called: nobody is a stranger before they were.
    pub const fn expect_dormant(&mut self, may_call_dormant: bool) {
        self.may_call_dormant = may_call_dormant;
    }

    /// `node` has fallen silent.
    pub fn lost(&mut self, node: ModuleNode, period: SamplePeriod) {
        if self.seat(node) == Seat::Taken {
            self.put(node, Seat::Cooling { remaining: lease(period) });
            self.is_complete = false;
            self.suspicion = Suspicion::None;
            if matches!(self.stage, Stage::Guarding(_) | Stage::Resting { .. }) {
                self.rest(Duration::ZERO);
            }
        }
    }

    /// Somebody who cannot sit at `number` has no address. A stranger, if that is still so when every seat whose module
    /// started anew would have been lost.
    fn suspect(&mut self, number: u8, period: SamplePeriod) {
        // Beyond the last seat nobody is waited for.
        self.is_complete |= number == FIFTH;
        match self.suspicion {
            Suspicion::None => self.suspicion = Suspicion::Once,
            Suspicion::Once | Suspicion::Lasts if self.may_call_dormant => self.suspicion = Suspicion::Lasts,
            Suspicion::Once | Suspicion::Lasts => {
                self.found = stranger(number);
                self.rest(ADDRESS_PROBE_PERIOD);
                return;
            }
        }
        self.rest(lease(period));
    }

    /// What is known of this address.
    #[must_use]
    pub fn seat(&self, node: ModuleNode) -> Seat {
        self.seats.get(node.index()).copied().unwrap_or(Seat::Free)
    }

    fn put(&mut self, node: ModuleNode, seat: Seat) {
        if let Some(place) = self.seats.get_mut(node.index()) {
            *place = seat;
        }
    }

    /// The first in the stack who does not sit.
    fn vacancy(&self) -> Option<ModuleNode> {
        MODULE_NODES.into_iter().find(|node| self.seat(*node) != Seat::Taken)
    }

    fn rest(&mut self, remaining: Duration) {
        self.stage = Stage::Resting { remaining };
    }

    /// Nothing is under way: what comes next.
    fn begin(&mut self, intake: Intake, period: SamplePeriod, deeds: &mut Deeds) {
        let vacancy = self.vacancy();
        if let Some(Seat::Cooling { remaining }) = vacancy.map(|node| self.seat(node)) {
            self.rest(remaining);
            return;
        }
        let known = vacancy.and_then(|node| self.serials.get(node.index()).copied().flatten());
        let number = vacancy.map_or(FIFTH, ModuleNode::number);
        let wanted = if intake == Intake::Known { known } else { None };
        let (assigner, requests) = Assigner::begin(number, self.identity, self.bits, wanted, period);
        self.stage = if !self.is_checked {
            Stage::Checking(assigner)
        } else if vacancy.is_some() && (intake != Intake::Known || known.is_some()) {
            Stage::Giving(assigner)
        } else {
            Stage::Guarding(assigner)
        };
        for request in requests {
            let _ = deeds.push(Deed::Ask(request));
        }
    }

    fn go_on(&mut self, stage: Stage, told: Told, intake: Intake, period: SamplePeriod, deeds: &mut Deeds) {
        match told {
            Ok(request) => {
                self.stage = stage;
                let _ = request.map(|request| deeds.push(Deed::Ask(request)));
            }
            Err(outcome) => self.conclude(stage, outcome, intake, period, deeds),
        }
    }

    fn conclude(
        &mut self,
        stage: Stage,
        outcome: Outcome,
        intake: Intake,
        period: SamplePeriod,
        deeds: &mut Deeds,
    ) {
        match (stage, outcome) {
            (Stage::Checking(_), _) => {
                self.is_checked = true;
                self.found = Diagnosis::NONE;
                self.rest(Duration::ZERO);
            }
            (Stage::Giving(assigner), Outcome::Unclear) if intake == Intake::Known => {
                self.suspect(assigner.node(), period);
            }
            (Stage::Giving(assigner), Outcome::Assigned(serial)) => {
                self.welcome(assigner.node(), serial, deeds);
            }
            (Stage::Giving(assigner), Outcome::Unheard) => {
                if let Some(node) = ModuleNode::new(assigner.node()) {
                    self.put(node, Seat::Cooling { remaining: lease(period) });
                }
                self.rest(Duration::ZERO);
            }
            (Stage::Giving(_), Outcome::Unclear | Outcome::Doubtful) => self.rest(Duration::ZERO),
            (Stage::Giving(_) | Stage::Guarding(_) | Stage::Resting { .. }, _) => {
                self.is_complete = true;
                self.suspicion = Suspicion::None;
                self.found = Diagnosis::NONE;
                self.rest(match stage {
                    _ if intake == Intake::Anyone => Duration::ZERO,
                    Stage::Guarding(_) => ADDRESS_GUARD_PERIOD,
                    Stage::Giving(_) | Stage::Checking(_) | Stage::Resting { .. } => ADDRESS_PROBE_PERIOD,
                });
            }
        }
    }

    fn welcome(&mut self, number: u8, serial: u32, deeds: &mut Deeds) {
        if let Some(node) = ModuleNode::new(number) {
            self.put(node, Seat::Taken);
            if let Some(place) = self.serials.get_mut(node.index()) {
                *place = Some(serial);
            }
            let _ = deeds.push(Deed::Welcome(node));
        }
        self.is_complete = false;
        self.suspicion = Suspicion::None;
        self.found = Diagnosis::NONE;
        self.rest(Duration::ZERO);
    }

    /// Two that sit have one serial number: each has its own address all the same.
    fn same_serial(&self) -> Diagnosis {
        let twin = MODULE_NODES.into_iter().find(|node| {
            let above = MODULE_NODES.into_iter().take(node.index());
            self.serial(*node)
                .is_some_and(|own| above.into_iter().any(|other| self.serial(other) == Some(own)))
        });
        twin.map_or(Diagnosis::NONE, |node| Diagnosis::new(Cause::SameSerial, node.number()))
    }
}

fn cooled(seat: Seat, elapsed: Duration) -> Seat {
    match seat {
        Seat::Free | Seat::Taken => seat,
        Seat::Cooling { remaining } if remaining.less(elapsed).is_zero() => Seat::Free,
        Seat::Cooling { remaining } => Seat::Cooling { remaining: remaining.less(elapsed) },
    }
}

fn stranger(number: u8) -> Diagnosis {
    match number {
        FIFTH => Diagnosis::new(Cause::TooMany, FIFTH),
        number => Diagnosis::new(Cause::Stranger, number),
    }
}

/// Until nobody can have an address that nobody commands: the module's own time, a sample period of it and of us, and
/// some more.
pub(super) fn lease(period: SamplePeriod) -> Duration {
    period.stretch(COMMAND_SILENCE) + period.0 + period.0 + ADDRESS_LEASE_MARGIN
}
