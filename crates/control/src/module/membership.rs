//! The module's place in the network: its address, and what the distribution unit commands it there.

use voltower_core::{Duration, values};
use voltower_protocols::link::{ModuleCommand, ModuleNode, ModuleRequest};

use crate::io::SamplePeriod;
use crate::link::HeartbeatConsumer;
use crate::link::lss::{Address, Answer, LssIdentity, Request};

/// Address and command. The command is the permit to be on the bus: without a new one the module gives its address
/// back, forgets the command, and leaves the bus by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Membership {
    identity: LssIdentity,
    address: Address,
    command: Option<ModuleCommand>,
    /// The distribution unit's heartbeat, watched once it was heard.
    unit: HeartbeatConsumer,
}

impl Membership {
    /// Without an address.
    pub(super) const fn new(identity: LssIdentity) -> Self {
        Self { identity, address: Address::NONE, command: None, unit: HeartbeatConsumer::Unheard }
    }

    /// Gives everything back.
    pub(super) fn leave(&mut self) {
        *self = Self::new(self.identity);
    }

    /// Its address; none if it has none, or one that no module has.
    pub(super) fn node(&self) -> Option<ModuleNode> {
        ModuleNode::new(self.address.node()?)
    }

    /// Number of its address, 0 if it has none.
    pub(super) fn number(&self) -> u8 {
        self.node().map_or(0, ModuleNode::number)
    }

    /// Whether the enable line at Link In goes on to Link Out.
    pub(super) const fn passes_on(&self) -> bool {
        self.address.passes_on()
    }

    /// Takes a request of the addressing master; true if it has its address now.
    pub(super) fn on_request(
        &mut self,
        request: Request,
        link_in: bool,
        period: SamplePeriod,
    ) -> (Option<Answer>, bool) {
        let before = self.node();
        let answer = self.address.on_request(request, link_in, &self.identity, lease(period));
        (answer, before.is_none() && self.node().is_some())
    }

    /// A command to this module has come.
    pub(super) fn hear(&mut self, command: ModuleCommand, period: SamplePeriod) {
        self.address.commanded(lease(period));
        self.command = Some(command);
    }

    /// Nothing is wanted until the next command; the address stays.
    pub(super) fn forget_command(&mut self) {
        self.command = None;
    }

    /// A heartbeat of the distribution unit has come.
    pub(super) fn hear_unit(&mut self, period: SamplePeriod) {
        self.unit.heard(period.stretch(values::HEARTBEAT_SILENCE));
    }

    /// Falls dormant: the address stays, for as long as [`Self::rest`] is called instead of [`Self::tick`].
    pub(super) fn doze(&mut self, period: SamplePeriod) {
        self.forget_command();
        self.unit = HeartbeatConsumer::Unheard;
        self.renew(period);
    }

    /// The address holds for another lease, as if a command had come.
    pub(super) fn renew(&mut self, period: SamplePeriod) {
        if self.address.passes_on() {
            self.address.commanded(lease(period));
        }
    }

    /// Woken by a pulse: the address holds until a command can have come, and that is three samples.
    pub(super) fn hold_on(&mut self, period: SamplePeriod) {
        self.address.hold_on(period.stretch(Duration::ZERO));
    }

    /// The same, when `elapsed` will have passed.
    pub(super) fn hold_through(&mut self, elapsed: Duration, period: SamplePeriod) {
        self.address.hold_on(elapsed + period.stretch(Duration::ZERO));
    }

    /// Lets `elapsed` pass; true at the moment when the address is given back.
    pub(super) fn tick(&mut self, elapsed: Duration, link_in: bool) -> bool {
        let unit_lost = self.unit.tick(elapsed) && self.node().is_some();
        let lost = self.address.tick(elapsed, link_in) || unit_lost;
        if lost {
            self.leave();
        }
        lost
    }

    /// The command, while it holds.
    pub(super) const fn command(&self) -> Option<&ModuleCommand> {
        self.command.as_ref()
    }

    /// What is wanted, while it holds.
    pub(super) fn request(&self) -> Option<ModuleRequest> {
        self.command.map(|command| command.request)
    }
}

/// How long address and command hold without a new command.
fn lease(period: SamplePeriod) -> Duration {
    period.stretch(values::COMMAND_SILENCE)
}
