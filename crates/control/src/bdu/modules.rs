//! What the distribution unit knows of its modules: what they said last, how long ago, and whether they may be on
//! the bus.

use voltower_core::values::{
    CELL_DISCHARGE_TAPER_END, DORMANT_AFTER, DORMANT_CELL, DORMANT_CELL_LEFT, DORMANT_HEARD_WITHIN,
    DORMANT_LOOK_TIME, DORMANT_RECALLED, HEARTBEAT_SILENCE, HOLD_CELL_VOLTAGE, LADDER_ASK, LITTLE_CHARGE,
    MODULE_POWER, MODULE_SILENCE, OWN_SENSOR_DIFFERENCE, PCU_NO_OUTPUT_SEEN, RESERVE_CELL_VOLTAGE,
    TEMPERATURES_OLD, WOKEN_HEARD_WITHIN, WORTH_CHARGING,
};
use voltower_core::{
    Alarm, Binding, Cause, Charge, Condition, ConditionSet, DeciCelsius, Diagnosis, Duration, Fault,
    MilliAmps, MilliVolts, ModuleState, PerMille, Watts,
};
use voltower_protocols::Frame;
use voltower_protocols::link::{
    CellDoubt, CellGroup, Limit, MODULE_NODES, ModuleCapacity, ModuleCells, ModuleEstimate, ModuleLimits,
    ModuleNode, ModulePower, ModuleStatus, ModuleTemperatures, TowerEstimate,
};

use super::addressing::lease;
use super::contact::{Contact, ContactState};
use super::own_sensors::Testimony;
use super::versions::PROTOCOL_CHARACTERS;
use super::wiring::{self, BusSpan};
use crate::io::{MODULES, SamplePeriod};
use crate::link::HeartbeatConsumer;
use crate::protect::table::is_healed_by_charge;
use crate::share::{Member, Members, NodeSet};

/// Charge of a full module that has not told its own: the rated 100 Ah (ours).
const RATED: Charge = Charge::from_deci_amp_hours(1000);

/// Whether a module is heard.
///
/// ```text
///            a status frame              silent 1 s
///  Absent ------------------> Online{} -------------> Absent
///    ^                         |    ^
///    | silent for a day        |    | a status frame
///    |                         v    |
///    +---------------------- Dormant{} ----> Waking{} ---> Online{}, or Absent after 15 s
///                    silent 1 s after it was let go; a pulse of the wake line
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Hearing {
    /// Silent, or never heard.
    #[default]
    Absent,
    /// Heard.
    Online {
        /// Until its silence makes it absent.
        remaining: Duration,
    },
    /// Out of service and asleep, as it was told to be: it has its address and drives its part of the enable line.
    Dormant {
        /// Until its silence makes it absent.
        remaining: Duration,
    },
    /// Woken from that, and not heard yet.
    Waking {
        /// Until its silence makes it absent.
        remaining: Duration,
    },
}

/// To whom charge comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChargeComes {
    /// The tower is charged.
    ToAll,
    /// A full module would give to one that is below its stage.
    ToTheEmptiest,
    /// None comes.
    ToNobody,
}

/// Whether a module is awake for nothing.
///
/// ```text
///           nobody may use it               for long, or it says so itself
///  Needed ---------------------> Useless{} --------------------------------> LetGo
///    ^  ^                           |                                          |
///    |  +---------------------------+                                          |
///    |                 for a moment                    it says something else  |
///    +--------------------------------- Recalled{} <---------------------------+
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
enum Need {
    /// It serves, or will.
    #[default]
    Needed,
    /// It is ready, and may not be used.
    Useless {
        /// For so long.
        elapsed: Duration,
    },
    /// It is told to go dormant, which may have reached it.
    LetGo,
    /// It says otherwise, and is told so: what is still under way in either direction must not lead back.
    Recalled {
        /// Until it counts again what it says.
        remaining: Duration,
    },
}

/// Whether its software and ours work together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Version {
    /// Not read yet.
    #[default]
    Unknown,
    /// They do.
    Compatible,
    /// They do not; what tells it from ours, zeros if it would not tell.
    Wrong([u8; PROTOCOL_CHARACTERS]),
}

/// One module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Module {
    hearing: Hearing,
    /// A status frame came since the last sample.
    heard: bool,
    /// The number of its last status frame, while it is heard.
    counted: Option<u8>,
    /// A power frame came since the modules were asked last what they measure.
    testified: bool,
    /// A power frame came since the last sample, and how long before that the one before it came.
    measured: bool,
    measured_before: Duration,
    /// Where the bus was since then.
    bus: Option<BusSpan>,
    pub(super) status: Option<ModuleStatus>,
    pub(super) power: Option<ModulePower>,
    limits: Option<ModuleLimits>,
    pub(super) capacity: Option<ModuleCapacity>,
    /// What it makes of its charge: decisions use this, people are shown what its status says.
    pub(super) estimate: Option<ModuleEstimate>,
    /// It has told its estimate since it woke.
    has_estimated: bool,
    /// What it says of a cell, or of its shunt; kept while it shows *other*, which it takes back later than the doubt.
    doubt: Option<(CellDoubt, u8)>,
    temperatures: Option<ModuleTemperatures>,
    /// Since these were told.
    temperatures_age: Duration,
    /// The lowest cell of each four, as told last.
    lowest: [Option<MilliVolts>; CellGroup::ALL.len()],
    pub(super) version: Version,
    contact: Contact,
    heartbeat: HeartbeatConsumer,
    need: Need,
    /// So long a command to go dormant may still be obeyed, of which it has said nothing.
    told_to_go: Duration,
    /// It has been let go before, and nothing has changed since.
    again: bool,
    /// It is low, another one is on the bus, and nobody charges: it would only sleep there.
    waits: bool,
    /// It needs charge.
    low: bool,
    /// It would not be let on the bus, as far as was known when it was awake last: charge does not help it.
    kept_off: bool,
}

impl Module {
    /// Heard lately, or asleep as it was told to be.
    #[must_use]
    pub const fn is_online(&self) -> bool {
        !matches!(self.hearing, Hearing::Absent)
    }

    /// Heard lately: it can be asked and commanded.
    #[must_use]
    pub const fn is_awake(&self) -> bool {
        matches!(self.hearing, Hearing::Online { .. })
    }

    /// It can be asked, and stays awake for the answer: whoever asks one that falls asleep wakes it.
    #[must_use]
    pub fn stays_awake(&self) -> bool {
        self.is_awake() && self.state() != Some(ModuleState::Dormant)
    }

    /// Asleep, as it was told to be.
    #[must_use]
    pub const fn is_dormant(&self) -> bool {
        matches!(self.hearing, Hearing::Dormant { .. } | Hearing::Waking { .. })
    }

    /// Ready, but its contact is barred, its software is another, or it has nothing to do before charge comes.
    fn is_useless(&self) -> bool {
        let unusable = matches!(self.version, Version::Wrong(_)) || self.contact.is_barred() || self.waits;
        self.is_awake() && unusable && self.state() == Some(ModuleState::Ready)
    }

    /// Whoever has nothing to do need not be awake.
    fn consider(&mut self, elapsed: Duration, period: SamplePeriod) {
        if self.is_awake() && self.version != Version::Unknown {
            self.kept_off = self.version != Version::Compatible || self.contact.is_barred();
        }
        let patience = if self.again { DORMANT_LOOK_TIME } else { DORMANT_AFTER };
        let says_so = self.is_awake() && self.state() == Some(ModuleState::Dormant);
        self.need = match self.need {
            Need::Recalled { remaining } if !remaining.less(elapsed).is_zero() => {
                Need::Recalled { remaining: remaining.less(elapsed) }
            }
            _ if says_so || self.is_dormant() => Need::LetGo,
            Need::LetGo if self.is_useless() => Need::LetGo,
            Need::Useless { elapsed: so_far } if self.is_useless() => {
                let elapsed = so_far + elapsed;
                if elapsed >= period.stretch(patience) { Need::LetGo } else { Need::Useless { elapsed } }
            }
            Need::Needed if self.is_useless() => Need::Useless { elapsed: Duration::ZERO },
            Need::LetGo => Need::Recalled { remaining: period.stretch(DORMANT_RECALLED) },
            Need::Needed | Need::Useless { .. } | Need::Recalled { .. } => Need::Needed,
        };
        self.told_to_go = match self.need {
            Need::LetGo => period.stretch(MODULE_SILENCE) + period.stretch(MODULE_SILENCE),
            Need::Needed | Need::Useless { .. } | Need::Recalled { .. } => self.told_to_go.less(elapsed),
        };
        self.again |= self.is_dormant();
        self.again &= self.state() != Some(ModuleState::Connected);
    }

    fn state(&self) -> Option<ModuleState> {
        self.status.map(|status| status.state).filter(|_| self.is_online())
    }

    /// What it reports as wrong with itself; nothing while it is silent.
    #[must_use]
    pub fn conditions(&self) -> ConditionSet {
        self.status.filter(|_| self.is_online()).map_or(ConditionSet::EMPTY, |status| status.conditions)
    }

    /// The charge that comes is for it, too.
    fn is_offered(&self, comes: ChargeComes) -> bool {
        match comes {
            ChargeComes::ToAll => true,
            ChargeComes::ToTheEmptiest => self.is_below_its_stage() && self.takes() > Watts::ZERO,
            ChargeComes::ToNobody => false,
        }
    }

    /// So empty that it asks for charge.
    pub(super) fn is_below_its_stage(&self) -> bool {
        self.estimated().is_some_and(|soc| soc <= LADDER_ASK)
    }

    /// It needs charge, and sleeps without.
    const fn is_low(&self) -> bool {
        self.low
    }

    /// A cell at the very level must not send it on the bus and off again.
    fn measure_low(&self) -> bool {
        let below = if self.low { DORMANT_CELL_LEFT } else { DORMANT_CELL };
        self.lowest_cell().is_some_and(|cell| cell < below)
    }

    /// May be on the bus, as far as it is concerned.
    fn is_usable(&self) -> bool {
        let fit = match self.state() {
            Some(ModuleState::Ready | ModuleState::Connected | ModuleState::Stopping) => true,
            Some(
                ModuleState::Shutdown
                | ModuleState::Starting
                | ModuleState::Faulted
                | ModuleState::Updating
                | ModuleState::Dormant,
            )
            | None => false,
        };
        fit && self.version == Version::Compatible && !self.contact.is_barred()
    }

    /// Heard, past its self test, and of known version.
    fn is_found(&self) -> bool {
        let past_self_test = match self.state() {
            Some(
                ModuleState::Ready
                | ModuleState::Connected
                | ModuleState::Stopping
                | ModuleState::Faulted
                | ModuleState::Updating
                | ModuleState::Dormant,
            ) => true,
            Some(ModuleState::Shutdown | ModuleState::Starting) | None => false,
        };
        past_self_test && self.version != Version::Unknown
    }

    /// The same place, whoever sits there: its contact is no better for a module that starts anew. What it did in an
    /// earlier life it does no more.
    fn forgotten(&self) -> Self {
        let status = self.status.map(|status| ModuleStatus {
            state: ModuleState::Shutdown,
            conditions: ConditionSet::EMPTY,
            ..status
        });
        let Self { capacity, estimate, contact, .. } = *self;
        Self { status, capacity, estimate, contact, ..Self::default() }
    }

    /// True if frames were lost or changed, this one or those to the module: its number does not follow that of the one
    /// before, or it does what nobody has asked for.
    fn take_status(&mut self, status: ModuleStatus) -> bool {
        let follows = self.counted.is_none_or(|last| last.wrapping_add(1) == status.sequence);
        let is_asked = match status.state {
            ModuleState::Shutdown | ModuleState::Updating => false,
            ModuleState::Dormant => self.need == Need::LetGo,
            ModuleState::Starting
            | ModuleState::Ready
            | ModuleState::Connected
            | ModuleState::Stopping
            | ModuleState::Faulted => true,
        };
        self.counted = Some(status.sequence);
        self.status = Some(status);
        self.heard = true;
        !follows || !is_asked
    }

    fn take_cells(&mut self, told: &ModuleCells) {
        if let Some(lowest) = self.lowest.get_mut(told.group as usize) {
            *lowest = told.cells.into_iter().flatten().min();
        }
    }

    /// Its lowest cell, as told last; none before all were told.
    pub(super) fn lowest_cell(&self) -> Option<MilliVolts> {
        self.lowest.iter().copied().try_fold(MilliVolts(i32::MAX), |lowest, cell| Some(lowest.min(cell?)))
    }

    /// What it can take, as told last.
    pub(super) fn charge_limit(&self) -> Option<Limit> {
        self.limits.map(|limits| limits.charge)
    }

    /// What it can give, as told last.
    pub(super) fn discharge_limit(&self) -> Option<Limit> {
        self.limits.map(|limits| limits.discharge)
    }

    fn full(&self) -> Charge {
        self.capacity.map(|capacity| capacity.full).filter(|full| full.0 > 0).unwrap_or(RATED)
    }

    /// Its charge, if anything is known of it: what people are shown of a lost record is no charge.
    fn known(&self) -> Option<PerMille> {
        self.estimate.filter(|estimate| !estimate.is_unknown()).and(self.status).map(|status| status.soc)
    }

    fn charge_at(&self, soc: PerMille) -> Charge {
        Charge(self.full().0 / 1000 * i64::from(soc.0))
    }

    fn remaining(&self) -> Option<Charge> {
        self.known().map(|soc| self.charge_at(soc))
    }

    /// Estimate and band as charge; of an unknown one between nothing and everything, and in the middle.
    fn band(&self) -> [Charge; 3] {
        let known = self.estimate.filter(|estimate| !estimate.is_unknown());
        let of = known.map_or([PerMille(500), PerMille::ZERO, PerMille::FULL], |estimate| {
            [estimate.soc, estimate.soc_low, estimate.soc_high]
        });
        of.map(|soc| self.charge_at(soc))
    }

    fn take_estimate(&mut self, estimate: ModuleEstimate) {
        self.estimate = Some(estimate);
        self.has_estimated = true;
        let cell = estimate.doubted_cell;
        let doubt = (cell > 0 || estimate.doubt == CellDoubt::Shunt).then_some((estimate.doubt, cell));
        let kept = self.doubt.filter(|_| self.conditions().contains(Alarm::Other));
        self.doubt = doubt.or(kept);
    }

    /// What decisions are made by; none while nothing is known.
    pub(super) fn estimated(&self) -> Option<PerMille> {
        self.estimate.filter(|estimate| !estimate.is_unknown()).map(|estimate| estimate.soc)
    }

    /// It gives, or could but for what it must keep: it is not at the end of its taper. What binds its limit does not
    /// say so alone: a low-SOC stage is told before a low cell.
    fn is_above_its_taper(&self) -> bool {
        let limit = self.limits.map_or(Limit::NOT_CONNECTED, |limits| limits.discharge);
        let is_low = self.lowest_cell().is_some_and(|cell| cell <= CELL_DISCHARGE_TAPER_END)
            || matches!(limit.binding, Binding::CellVoltageLow | Binding::Condition);
        limit.power > Watts::ZERO || !is_low
    }

    /// It may form the bus, and be it for a moment. What its cells are it tells within a second.
    fn may_form(&self) -> bool {
        self.is_usable() && self.lowest_cell().is_some_and(|cell| cell > HOLD_CELL_VOLTAGE)
    }

    /// How well it forms the bus: whoever can give before whoever cannot, the fullest first.
    fn rank(&self) -> (bool, Option<PerMille>) {
        (self.is_above_its_taper(), self.estimated())
    }

    fn member(&self) -> Member {
        Member {
            // For sharing an unknown one is half full: it is not left out, and not used first.
            remaining: self.remaining().unwrap_or(Charge(self.full().0 / 2)),
            full: self.full(),
            charge_limit: self.limits.map_or(Limit::NOT_CONNECTED, |limits| limits.charge).power,
            discharge_limit: self.limits.map_or(Limit::NOT_CONNECTED, |limits| limits.discharge).power,
            is_low: self.is_low(),
        }
    }

    fn listen(&mut self, elapsed: Duration, period: SamplePeriod) {
        self.hearing = match self.hearing {
            _ if self.heard => Hearing::Online { remaining: period.stretch(MODULE_SILENCE) },
            Hearing::Absent => Hearing::Absent,
            Hearing::Online { remaining } if remaining.less(elapsed).is_zero() => self.silent(),
            Hearing::Online { remaining } => Hearing::Online { remaining: remaining.less(elapsed) },
            Hearing::Dormant { remaining } if remaining.less(elapsed).is_zero() => Hearing::Absent,
            Hearing::Dormant { remaining } => Hearing::Dormant { remaining: remaining.less(elapsed) },
            Hearing::Waking { remaining } if remaining.less(elapsed).is_zero() => Hearing::Absent,
            Hearing::Waking { remaining } => Hearing::Waking { remaining: remaining.less(elapsed) },
        };
        self.heard = false;
        self.temperatures_age = self.temperatures_age + elapsed;
        if self.temperatures_age > period.stretch(TEMPERATURES_OLD) {
            self.temperatures = None;
        }
        if self.heartbeat.tick(elapsed) && self.is_awake() {
            self.hearing = self.silent();
        }
        if !self.is_awake() {
            self.counted = None;
        }
        if !self.is_online() {
            // Whoever comes back may be another module.
            self.version = Version::Unknown;
            self.again = false;
        }
        self.consider(elapsed, period);
    }

    /// What its silence means: whoever was let go is asleep.
    const fn silent(&self) -> Hearing {
        if self.told_to_go.is_zero() {
            Hearing::Absent
        } else {
            Hearing::Dormant { remaining: DORMANT_HEARD_WITHIN }
        }
    }

    /// Judges its contact with the bus on each fresh measurement.
    fn judge_terminal(&mut self, bus: Option<MilliVolts>, elapsed: Duration) {
        self.measured_before = self.measured_before + elapsed;
        self.bus = bus.map(|bus| self.bus.map_or(BusSpan::at(bus), |span| span.with(bus)));
        let Some(power) = self.power.filter(|_| self.measured) else { return };
        self.contact.step(wiring::is_bad_contact(&power, self.bus), self.measured_before);
        self.bus = bus.map(BusSpan::at);
        self.measured = false;
        self.measured_before = Duration::ZERO;
    }
}

/// Whatever a module says, it is built for no more than its rating.
fn within_rating(limits: ModuleLimits) -> ModuleLimits {
    let within = |limit: Limit| Limit { power: limit.power.min(MODULE_POWER), ..limit };
    ModuleLimits { charge: within(limits.charge), discharge: within(limits.discharge) }
}

/// Whoever has lost its address while it was dormant is found by a search first, and its seat is not given before the
/// lease of it is over.
fn woken_heard_within(period: SamplePeriod) -> Duration {
    period.stretch(WOKEN_HEARD_WITHIN) + lease(period)
}

fn sum(charges: impl Iterator<Item = Charge>) -> Charge {
    Charge(charges.fold(0, |sum: i64, charge| sum.saturating_add(charge.0)))
}

/// All modules, by position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Modules {
    modules: [Module; MODULES],
    /// So long those that were called from sleep have still to speak.
    called: Duration,
}

impl Modules {
    /// Nobody is known but the contacts, as they were kept.
    #[must_use]
    pub fn with_contacts(kept: [ContactState; MODULES]) -> Self {
        Self {
            modules: kept.map(|kept| Module { contact: Contact::new(kept), ..Module::default() }),
            called: Duration::ZERO,
        }
    }

    /// What outlives a loss of power of the contacts.
    #[must_use]
    pub fn contacts(&self) -> [ContactState; MODULES] {
        self.modules.map(|module| module.contact.kept())
    }

    /// What is known of `node`.
    #[must_use]
    pub fn get(&self, node: ModuleNode) -> Option<&Module> {
        self.modules.get(node.index())
    }

    pub(super) fn get_mut(&mut self, node: ModuleNode) -> Option<&mut Module> {
        self.modules.get_mut(node.index())
    }

    /// All of them with their numbers, from the top.
    pub fn iter(&self) -> impl Iterator<Item = (ModuleNode, &Module)> {
        MODULE_NODES.into_iter().zip(&self.modules)
    }

    /// Takes a frame of a module, if it is process data that matters here. True if frames of it were lost or changed.
    pub fn hear(&mut self, frame: &Frame) -> bool {
        let mut breaks = false;
        if let Some((node, status)) = ModuleStatus::from_frame(frame) {
            self.update(node, |module| breaks = module.take_status(status));
        } else if let Some((node, power)) = ModulePower::from_frame(frame) {
            self.update(node, |module| {
                module.power = Some(power);
                module.measured = true;
                module.testified = true;
            });
        } else if let Some((node, limits)) = ModuleLimits::from_frame(frame) {
            self.update(node, |module| module.limits = Some(within_rating(limits)));
        } else if let Some((node, capacity)) = ModuleCapacity::from_frame(frame) {
            self.update(node, |module| module.capacity = Some(capacity));
        } else if let Some((node, estimate)) = ModuleEstimate::from_frame(frame) {
            self.update(node, |module| module.take_estimate(estimate));
        } else if let Some((node, temperatures)) = ModuleTemperatures::from_frame(frame) {
            self.update(node, |module| {
                module.temperatures = Some(temperatures);
                module.temperatures_age = Duration::ZERO;
            });
        } else if let Some((node, cells)) = ModuleCells::from_frame(frame) {
            self.update(node, |module| module.take_cells(&cells));
        }
        breaks
    }

    fn update(&mut self, node: ModuleNode, change: impl FnOnce(&mut Module)) {
        if let Some(module) = self.get_mut(node) {
            change(module);
        }
    }

    /// One sample period has passed; `bus` is the bus voltage where it is held and can be compared with. Whoever is low
    /// need not wait when charge comes.
    pub fn step(
        &mut self,
        bus: Option<MilliVolts>,
        comes: ChargeComes,
        elapsed: Duration,
        period: SamplePeriod,
    ) {
        self.called = self.called.less(elapsed);
        let any_on_bus = !self.connected().is_empty();
        for module in &mut self.modules {
            module.low = module.measure_low();
            // Whoever is on its way off the bus must not be called back, only to leave again.
            let off_the_bus = matches!(
                module.state(),
                Some(ModuleState::Starting | ModuleState::Ready | ModuleState::Stopping)
            );
            module.waits = any_on_bus && module.is_low() && off_the_bus && !module.is_offered(comes);
            module.listen(elapsed, period);
            module.judge_terminal(bus, elapsed);
        }
    }

    /// What all that are heard have said of the bus, once each of them has said something since this was asked last.
    /// `expected` of them have a current that counts.
    pub(super) fn testimony(&mut self, expected: u8) -> Option<Testimony> {
        let awake = self.awake();
        let those = || self.iter().filter(|(node, _)| awake.contains(*node)).map(|(_, module)| module);
        if awake.is_empty() || !those().all(|module| module.testified) {
            return None;
        }
        let told = || those().filter_map(|module| module.power);
        let agree_with = |one: MilliVolts| {
            told().filter(|power| (power.terminal_voltage - one).abs() <= OWN_SENSOR_DIFFERENCE).count()
        };
        let most = told().map(|power| power.terminal_voltage).max_by_key(|voltage| agree_with(*voltage));
        let all = told().count();
        let bus = most.map(|bus| (bus, agree_with(bus))).filter(|(_, voters)| voters * 2 > all);
        let complete = NodeSet::first(expected).minus(self.online()).is_empty();
        let fits =
            bus.is_some_and(|(_, voters)| voters == all) && complete && told().all(wiring::fits_its_pack);
        let current = fits.then(|| told().fold(MilliAmps::ZERO, |sum, power| sum + power.bus_current));
        self.modules.iter_mut().for_each(|module| module.testified = false);
        Some(Testimony { bus, current })
    }

    /// Starts anew; what is known of their charge and contacts stays.
    pub fn forget(&mut self) {
        for module in &mut self.modules {
            *module = module.forgotten();
        }
    }

    /// A person has looked at the terminals.
    pub fn forgive(&mut self) {
        for module in &mut self.modules {
            module.contact = Contact::default();
        }
    }

    /// An operator has looked at the terminals whose contacts were as `seen`, and are still.
    pub fn forgive_if(&mut self, seen: &[ContactState; MODULES]) {
        for (module, seen) in self.modules.iter_mut().zip(seen) {
            if module.contact.kept() == *seen {
                module.contact = Contact::default();
            }
        }
    }

    fn those(&self, belongs: impl Fn(&Module) -> bool) -> NodeSet {
        NodeSet::of(|node| self.get(node).is_some_and(&belongs))
    }

    /// Heard lately.
    #[must_use]
    pub fn online(&self) -> NodeSet {
        self.those(Module::is_online)
    }

    /// Heard lately: they can be asked and commanded.
    #[must_use]
    pub fn awake(&self) -> NodeSet {
        self.those(Module::is_awake)
    }

    /// Out of service and asleep.
    #[must_use]
    pub fn dormant(&self) -> NodeSet {
        self.those(Module::is_dormant)
    }

    /// Woken from being dormant, and not heard yet.
    #[must_use]
    pub fn waking(&self) -> NodeSet {
        self.those(|module| matches!(module.hearing, Hearing::Waking { .. }))
    }

    /// Dormant ones were called a moment ago.
    #[must_use]
    pub const fn are_called(&self) -> bool {
        !self.called.is_zero()
    }

    /// Those that are told to go dormant.
    #[must_use]
    pub fn let_go(&self) -> NodeSet {
        self.those(|module| module.need == Need::LetGo)
    }

    /// The wake line has fallen for a moment: whoever is dormant wakes, and is heard soon.
    pub fn wake(&mut self, period: SamplePeriod) {
        if !self.dormant().is_empty() {
            self.called = woken_heard_within(period);
        }
        for module in self.modules.iter_mut().filter(|module| module.is_dormant()) {
            module.hearing = Hearing::Waking { remaining: woken_heard_within(period) };
        }
    }

    /// Heard, past the self test, version read.
    #[must_use]
    pub fn found(&self) -> NodeSet {
        self.those(Module::is_found)
    }

    /// May be on the bus.
    #[must_use]
    pub fn usable(&self) -> NodeSet {
        self.those(Module::is_usable)
    }

    /// One waits for charge off the bus that could take enough of it.
    #[must_use]
    pub(super) fn one_waits_that_takes(&self) -> bool {
        self.modules
            .iter()
            .any(|module| module.waits && module.is_usable() && module.takes() >= WORTH_CHARGING)
    }

    /// Those of them that shall be on the bus: whoever is low closes its relay for charge only, while another one is
    /// there to take it first.
    #[must_use]
    pub fn wanted(&self) -> NodeSet {
        self.usable().minus(self.those(|module| module.waits))
    }

    /// Asleep because they are low, as far as is known: they could be charged, and nothing is wrong that charge does
    /// not heal.
    #[must_use]
    pub fn asleep_and_low(&self) -> NodeSet {
        self.those(|module| {
            module.is_dormant()
                && module.is_low()
                && !module.kept_off
                && module.conditions().faults().iter().all(is_healed_by_charge)
        })
    }

    /// On the bus, and may be.
    #[must_use]
    pub fn connected(&self) -> NodeSet {
        self.those(|module| module.is_usable() && module.state() == Some(ModuleState::Connected))
    }

    /// Charge flows into the cells of one that is on the bus: both sides of its converter say so.
    #[must_use]
    pub fn are_charged(&self) -> bool {
        let flows = |power: ModulePower| {
            power.pack_current >= PCU_NO_OUTPUT_SEEN && power.bus_current >= LITTLE_CHARGE
        };
        let flows_in = |module: &Module| module.power.is_some_and(flows);
        !self.connected().common(self.those(flows_in)).is_empty()
    }

    /// On the bus, or about to leave it.
    #[must_use]
    pub fn on_bus(&self) -> NodeSet {
        self.those(|module| matches!(module.state(), Some(ModuleState::Connected | ModuleState::Stopping)))
    }

    /// Whose software does not work with ours.
    #[must_use]
    pub fn wrong_version(&self) -> NodeSet {
        self.those(|module| matches!(module.version, Version::Wrong(_)))
    }

    /// Whose software differs from that of the others: a module, or 0 if it is the unit's own.
    #[must_use]
    pub fn odd_software(&self) -> Option<u8> {
        let wrong = self.wrong_version();
        let first = wrong.iter().next()?;
        let version = |node| self.get(node).map(|module| module.version);
        let agree = wrong.iter().all(|node| version(node) == version(first));
        let read = self.those(|module| module.version != Version::Unknown);
        let unit_is_odd = wrong.len() > 1 && wrong == read && agree;
        Some(if unit_is_odd { 0 } else { first.number() })
    }

    /// `node` has been given its address: it has a moment to speak.
    pub fn welcome(&mut self, node: ModuleNode, period: SamplePeriod) {
        self.update(node, |module| {
            *module = module.forgotten();
            module.hearing = Hearing::Online { remaining: period.stretch(MODULE_SILENCE) };
        });
    }

    /// A heartbeat of `node` has come.
    pub fn hear_heartbeat(&mut self, node: ModuleNode, period: SamplePeriod) {
        self.update(node, |module| module.heartbeat.heard(period.stretch(HEARTBEAT_SILENCE)));
    }

    /// Whose terminals are bad.
    #[must_use]
    pub fn bad_terminals(&self) -> NodeSet {
        self.those(|module| module.contact.is_barred())
    }

    /// Those that may be on the bus, fullest first.
    #[must_use]
    pub fn ranking(&self) -> [Option<ModuleNode>; MODULES] {
        let mut rest = self.usable();
        MODULE_NODES.map(|_| {
            let rank = |node: &ModuleNode| self.get(*node).map(Module::rank);
            let fullest = rest.iter().max_by_key(|node| (rank(node), core::cmp::Reverse(node.number())))?;
            rest = rest.without(fullest);
            Some(fullest)
        })
    }

    /// Those on the bus, for sharing.
    #[must_use]
    pub fn members(&self) -> Members {
        let connected = self.connected();
        MODULE_NODES.map(|node| self.get(node).filter(|_| connected.contains(node)).map(Module::member))
    }

    /// Published limits of those on the bus.
    pub fn limits(&self) -> impl Iterator<Item = (ModuleNode, ModuleLimits)> {
        let connected = self.connected();
        self.iter()
            .filter(move |(node, _)| connected.contains(*node))
            .filter_map(|(node, module)| Some((node, module.limits?)))
    }

    /// Everything that is wrong with those that are heard.
    #[must_use]
    pub fn conditions(&self) -> ConditionSet {
        self.modules.iter().fold(ConditionSet::EMPTY, |all, module| all.union(module.conditions()))
    }

    /// The first that says so of itself.
    #[must_use]
    pub fn with(&self, condition: impl Into<Condition>) -> Option<u8> {
        let condition = condition.into();
        self.iter().find(|(_, module)| module.conditions().contains(condition)).map(|(node, _)| node.number())
    }

    /// The first that says *other*, and of no cell or sensor why: its electronics are hot. Whoever has just woken says
    /// why a moment later.
    pub(super) fn hot(&self) -> Option<u8> {
        let says_why = |module: &Module| module.doubt.is_some() || !module.has_estimated;
        self.others().find(|(_, module)| !says_why(module)).map(|(node, _)| node.number())
    }

    /// The first that says *other*, and what of a cell or of its shunt.
    pub(super) fn doubted(&self) -> Diagnosis {
        let said = self.others().find_map(|(node, module)| Some((node, module.doubt?)));
        said.map_or(Diagnosis::NONE, |(node, (doubt, cell))| {
            let cause = match doubt {
                CellDoubt::Contact => Cause::CellContact,
                CellDoubt::End => Cause::CellAlone,
                CellDoubt::Shunt => Cause::Shunt,
            };
            Diagnosis::new(cause, node.number()).at(cell)
        })
    }

    fn others(&self) -> impl Iterator<Item = (ModuleNode, &Module)> {
        self.iter().filter(|(_, module)| module.conditions().contains(Alarm::Other))
    }

    /// One of them says that its converter has failed.
    #[must_use]
    pub fn has_converter_fault(&self) -> bool {
        self.conditions().contains(Fault::Pcu)
    }

    /// Those whose charge counts: the ones that are heard, or else all that ever were.
    fn counted(&self) -> impl Iterator<Item = &Module> {
        let nobody = self.online().is_empty();
        self.modules.iter().filter(move |module| nobody || module.is_online()).filter(|m| m.status.is_some())
    }

    /// Charge left, of all together whose charge is known.
    #[must_use]
    pub fn remaining(&self) -> Charge {
        sum(self.counted().filter_map(Module::remaining))
    }

    /// What is made of the charge of all together; of an unknown one there may be nothing, or everything.
    #[must_use]
    pub fn estimate(&self) -> TowerEstimate {
        let full = sum(self.counted().map(Module::full));
        if full.0 <= 0 {
            return TowerEstimate::UNKNOWN;
        }
        let part = |place: usize| {
            let charges = self.counted().filter_map(|module| module.band().get(place).copied());
            PerMille::of(sum(charges).0, full.0)
        };
        let (soc, soc_low, soc_high) = (part(0), part(1), part(2));
        TowerEstimate {
            soc,
            soc_low: soc_low.min(soc),
            soc_high: soc_high.max(soc),
            ..TowerEstimate::UNKNOWN
        }
    }

    /// Those that may form the bus.
    #[must_use]
    pub fn forming(&self) -> NodeSet {
        self.those(Module::may_form)
    }

    /// Those on the bus that are above the end of their taper.
    #[must_use]
    pub fn holding(&self) -> NodeSet {
        let connected = self.connected();
        connected.common(self.those(Module::is_above_its_taper))
    }

    /// Estimates of those that may be on the bus.
    fn estimates(&self) -> impl Iterator<Item = (PerMille, &Module)> {
        let usable = self.usable();
        let of_usable = self.iter().filter(move |(node, _)| usable.contains(*node));
        of_usable.filter_map(|(_, module)| Some((module.estimated()?, module)))
    }

    /// The fullest of those in service: the tower feeds the house as long as it can; none in service, all that is
    /// known.
    #[must_use]
    pub fn fullest(&self) -> Option<PerMille> {
        self.estimates().map(|(soc, _)| soc).max().or_else(|| self.soc())
    }

    /// The emptiest of those in service that can be charged.
    #[must_use]
    pub fn emptiest(&self) -> Option<PerMille> {
        let takes = |module: &Module| module.limits.is_some_and(|limits| limits.charge.power > Watts::ZERO);
        self.estimates().filter(|(_, module)| takes(module)).map(|(soc, _)| soc).min()
    }

    /// Each module that may be on the bus is too cold or too hot to be charged with more than its converter takes;
    /// false where none may.
    #[must_use]
    pub fn are_kept_from_charge_by_temperature(&self) -> bool {
        let usable = self.usable();
        let limit = |node| self.get(node).and_then(Module::charge_limit);
        let is_kept = |limit: Limit| {
            limit.power < WORTH_CHARGING
                && matches!(limit.binding, Binding::LowTemperature | Binding::HighTemperature)
        };
        !usable.is_empty() && usable.iter().all(|node| limit(node).is_some_and(is_kept))
    }

    /// No module that may be on the bus has all its cells above what must be kept for the time asleep; where none may,
    /// no module at all.
    #[must_use]
    pub fn is_reserve_used(&self) -> bool {
        let usable = self.usable();
        let known = self.those(|module| module.lowest_cell().is_some());
        let feeding = if usable.is_empty() { known } else { usable };
        let lowest = || self.iter().filter(|(node, _)| feeding.contains(*node)).map(|(_, m)| m.lowest_cell());
        !feeding.is_empty() && lowest().all(|cell| cell.is_some_and(|cell| cell < RESERVE_CELL_VOLTAGE))
    }

    /// State of charge of all together whose charge is known, weighted with capacity; none before a module has told its
    /// own.
    #[must_use]
    pub fn soc(&self) -> Option<PerMille> {
        let known = self.counted().filter(|module| module.known().is_some());
        let full = sum(known.map(Module::full)).0;
        (full > 0).then(|| PerMille::of(self.remaining().0, full))
    }

    /// Mean state of health.
    #[must_use]
    pub fn health(&self) -> PerMille {
        let told = || self.counted().filter_map(|module| module.capacity);
        let sum = told().fold(0, |sum: u32, capacity| sum + u32::from(capacity.health.0));
        let mean = sum.checked_div(told().count() as u32).unwrap_or(u32::from(PerMille::FULL.0));
        PerMille(mean.min(u32::from(PerMille::FULL.0)) as u16)
    }

    /// Cycles of the most used one.
    #[must_use]
    pub fn cycles(&self) -> u16 {
        self.counted().filter_map(|module| module.capacity).map(|capacity| capacity.cycles).max().unwrap_or(0)
    }

    /// Temperature of the hottest cell; none before one is told, nor if what was told is too old.
    #[must_use]
    pub fn hottest(&self) -> Option<DeciCelsius> {
        self.counted().filter_map(|module| module.temperatures).flat_map(|t| t.cells).flatten().max()
    }
}
