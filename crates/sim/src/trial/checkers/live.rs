//! Faults that live: who broke when, whether sensors can see it by now, whether it was named.

use voltower_core::{Cause, ConditionSet, Diagnosis, Duration, Instant, TowerState};
use voltower_plant::Channel;

use super::sight::Glimpse;
use super::{Moment, Report, Rule, Timer};
use crate::scenario::{BduSensor, ClockFault, Fault, HardwareFault as H};
use crate::trial::catalogue::{Class, Entry, Kind, Named, Notice, Sight, When, entry};

/// A fault, from when it breaks until long after it is whole.
pub struct Live {
    /// What.
    pub fault: Fault,
    /// What a correct tower does about it.
    pub entry: Entry,
    /// When it broke.
    pub since: Instant,
    /// When it was made whole.
    pub whole: Option<Instant>,
    /// How it was named best so far.
    pub named: Named,
    /// Since when, and by what.
    pub by: Option<(Instant, String)>,
    /// The tower stood, and an inverter had been heard.
    talked: bool,
    seen: Timer,
    glimpse: Glimpse,
}

/// All that have lived in a tower.
#[derive(Default)]
pub(super) struct LiveFaults(Vec<Live>);

/// After this nothing of a fault that was made whole may be shown but what is locked out: a minute of calm, the
/// retries of converter and contact, and a module that comes to its address again.
const GRACE: Duration = Duration::secs(150);
/// What is known of sensors, cells and contacts is kept until current or charge has shown the other: the next day at
/// the latest.
const REMEMBERED: Duration = Duration::hours(24);

impl LiveFaults {
    pub(super) fn broke(&mut self, at: Instant, fault: &Fault, talked: bool) {
        let (fault, entry) = (fault.clone(), entry(fault));
        let (named, seen) = (Named::Not, Timer::default());
        let glimpse = Glimpse::default();
        self.0.push(Live { fault, entry, since: at, whole: None, named, by: None, talked, seen, glimpse });
    }

    pub(super) fn repaired(&mut self, at: Instant, fault: &Fault) {
        let same = |live: &&mut Live| {
            live.whole.is_none()
                && Kind::of(&live.fault) == Kind::of(fault)
                && live.fault.module() == fault.module()
        };
        self.0.iter_mut().filter(same).for_each(|live| live.whole = Some(at));
    }

    /// All that are not whole.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Live> {
        self.0.iter().filter(|live| live.whole.is_none())
    }

    /// Something has broken since the start.
    pub(super) fn have_lived(&self) -> bool {
        !self.0.is_empty()
    }

    /// All that may still be shown.
    pub(super) fn recent(&self, now: Instant) -> impl Iterator<Item = &Live> {
        self.0.iter().filter(move |live| live.whole.is_none_or(|whole| now.since(whole) < GRACE))
    }

    pub(super) fn any(&self, holds: impl Fn(&Fault) -> bool) -> bool {
        self.iter().any(|live| holds(&live.fault))
    }

    /// One that is not whole, or was not a moment ago, sits in this module and is such.
    pub(super) fn in_module(&self, now: Instant, module: usize, holds: impl Fn(&Fault) -> bool) -> bool {
        self.recent(now).any(|live| live.fault.module() == Some(module) && holds(&live.fault))
    }

    /// What the unit remembers of sensors, cells and contacts until the other has been proved: one that is broken, or
    /// was a day ago, could have led to this cause.
    pub(super) fn may_lead_to(&self, told: Diagnosis, now: Instant) -> bool {
        let lately = |live: &&Live| live.whole.is_none_or(|whole| now.since(whole) < REMEMBERED);
        let of_module =
            |fault: &Fault| fault.module().is_some_and(|module| module + 1 == usize::from(told.module));
        self.0.iter().filter(lately).any(|Live { fault, .. }| match told.cause {
            Cause::CellAlone | Cause::CellContact => {
                of_module(fault) && (fault.blinds_voltage() || fault.is_of_cells())
            }
            Cause::Shunt => of_module(fault) && (fault.moves_current() || fault.blinds_voltage()),
            Cause::BduSensor => fault.wrong_sensor().is_some(),
            _ => false,
        })
    }

    /// A single fault must be named in its time. Of several at once one may hide another: then nothing is said.
    pub(super) fn look(&mut self, moment: &Moment<'_>, shown: ConditionSet, report: &mut Report<'_>) {
        self.0.iter_mut().for_each(|live| live.wait_for_a_look(moment));
        let alone = self.recent(moment.now).count() == 1;
        for live in self.0.iter_mut().filter(|live| live.whole.is_none()) {
            live.look(moment, shown, alone, report);
        }
    }
}

impl Live {
    fn look(&mut self, moment: &Moment<'_>, shown: ConditionSet, alone: bool, report: &mut Report<'_>) {
        let Some(notice) = self.entry.notice().copied() else { return };
        self.glimpse.look(&self.fault, moment);
        let view = moment.view;
        let said = view.conditions.union(shown);
        let named = notice.names(said, view.diagnosis);
        if named < self.named {
            self.named = named;
            self.by = Some((moment.now, notice.words(said, view.diagnosis)));
        }
        let can_be_seen = alone && self.named == Named::Not && self.is_seen(moment, &notice);
        let lasted = self.seen.lasts(moment.now, can_be_seen);
        if lasted > notice.within + moment.slack {
            let what = format!("{}: not named {lasted} after sensors could see it", self.fault);
            report(Rule::Unnamed, self.fault.module(), None, what);
        }
    }

    /// That it is whole counts from the moment at which somebody is awake to see it.
    fn wait_for_a_look(&mut self, moment: &Moment<'_>) {
        if self.whole.is_none() {
            return;
        }
        self.glimpse.look(&self.fault, moment);
        if !moment.view.stands() || self.glimpse.sleeps() {
            self.whole = Some(moment.now);
        }
    }

    /// Whether sensors can see it at this moment.
    fn is_seen(&self, moment: &Moment<'_>, notice: &Notice) -> bool {
        let view = moment.view;
        let module = self.fault.module();
        let of_module = module.and_then(|module| view.modules.get(module));
        let speaks = view.unit_on && of_module.is_none_or(|module| module.speaks && module.alive);
        match notice.when {
            When::Awake => speaks && view.stands(),
            When::Loaded(amps) => speaks && of_module.is_some_and(|module| module.amps.abs() > amps),
            When::Contradicted => speaks && module.is_some_and(|module| contradicted(moment, module)),
            When::Talking => self.is_talked_to(moment),
            When::Running => view.stands() && !self.glimpse.sleeps(),
            When::Depends(Sight::InverterAway, _) => self.is_talked_to(moment) && !moment.inverter_runs,
            When::Depends(sight, _) => self.glimpse.sees(sight, &self.fault, notice, moment),
        }
    }

    fn is_talked_to(&self, moment: &Moment<'_>) -> bool {
        self.talked && moment.view.stands() && moment.view.state != Some(TowerState::Faulted)
    }
}

/// A contact of a module is not where it is driven to.
fn contradicted(moment: &Moment<'_>, module: usize) -> bool {
    let Some(view) = moment.view.modules.get(module) else { return false };
    moment.tower.module_drive(module).is_some_and(|drive| {
        drive.pcu.relay != view.relay_closed
            || (!drive.charge_mosfet && view.mosfet_closed.0)
            || (!drive.discharge_mosfet && view.mosfet_closed.1)
    })
}

impl Fault {
    /// It concerns all towers of the site.
    pub(super) const fn is_of_site(&self) -> bool {
        matches!(
            self,
            Self::CutCom
                | Self::ComStrapOpen
                | Self::InverterSilent
                | Self::InverterIgnoresLimits
                | Self::ComFrames { .. }
                | Self::ComFlood
                | Self::ComMalformed
                | Self::ComReplay
                | Self::InverterWrongSign
                | Self::InverterStale
                | Self::InverterReconnects { .. }
        )
    }

    /// The DC switch does not open, or late.
    pub(super) const fn holds_dc_switch(&self) -> bool {
        matches!(self, Self::Hardware(H::DcSwitchWelded | H::DcSwitchSlow { .. }))
    }

    /// Two units give addresses, and speak with one voice: whom one hears by a number need not be the module that it
    /// takes it for.
    pub(super) const fn is_second_unit(&self) -> bool {
        matches!(self, Self::SecondBdu)
    }

    /// The panel is driven by a clock that stands.
    pub(super) const fn stops_panel(&self) -> bool {
        matches!(self, Self::BduClock { clock: ClockFault::Stopped })
    }

    /// A cell of its module, or what connects it, is worse than the others.
    const fn is_of_cells(&self) -> bool {
        matches!(self, Self::Hardware(H::LostContact { .. } | H::WeakCell { .. } | H::InternalShort { .. }))
    }

    /// What the unit measures wrongly.
    const fn wrong_sensor(&self) -> Option<BduSensor> {
        match self {
            Self::Hardware(
                H::BduSensorOffset { sensor, .. }
                | H::BduSensorLost { sensor }
                | H::BduSensorStuck { sensor },
            ) => Some(*sensor),
            _ => None,
        }
    }

    /// The unit measures the current of the tower wrongly.
    pub(super) const fn blinds_tower_current(&self) -> bool {
        matches!(self.wrong_sensor(), Some(BduSensor::Current))
    }

    /// The unit measures one of the voltages around the fuse wrongly.
    pub(super) const fn blinds_fuse(&self) -> bool {
        matches!(self.wrong_sensor(), Some(BduSensor::BeforeFuse | BduSensor::AfterFuse))
    }

    /// A contact of its module does not open, or late.
    pub(super) const fn holds_contact(&self) -> bool {
        matches!(
            self,
            Self::Hardware(
                H::RelayWelded { .. } | H::RelaySlow { .. } | H::MosfetWelded { .. } | H::MosfetSlow { .. }
            )
        )
    }

    /// Its module's converter moves what nobody asked for, until it is noticed; or its current is measured wrongly.
    pub(super) const fn moves_current(&self) -> bool {
        matches!(self, Self::Hardware(H::PcuRunaway { .. })) || self.blinds_current()
    }

    /// Its module measures its current wrongly.
    const fn blinds_current(&self) -> bool {
        matches!(
            self,
            Self::Hardware(
                H::ShuntOffset { .. }
                    | H::ShuntOpen { .. }
                    | H::ShuntReversed { .. }
                    | H::ShuntGain { .. }
                    | H::SensorStuck { channel: Channel::Current, .. }
                    | H::SensorNoise { channel: Channel::Current, .. }
            )
        )
    }

    /// Its module measures temperatures wrongly, or not at all.
    pub(super) const fn blinds_temperature(&self) -> bool {
        matches!(
            self,
            Self::Hardware(
                H::AfeFrozen { .. }
                    | H::AfeSilent { .. }
                    | H::AfeLate { .. }
                    | H::NtcOpen { .. }
                    | H::NtcShort { .. }
                    | H::SensorOffset { .. }
                    | H::SensorSwapped { channel: Channel::Temperature(_), .. }
                    | H::SensorStuck { channel: Channel::Temperature(_), .. }
                    | H::SensorNoise { channel: Channel::Temperature(_), .. }
            )
        )
    }

    /// Its module sees something wrongly, or says nothing.
    pub(super) const fn blinds(&self) -> bool {
        let silent = matches!(
            self,
            Self::ModuleReset { .. }
                | Self::LinkDeaf { .. }
                | Self::LinkMute { .. }
                | Self::LinkBabbling { .. }
                | Self::RamStuckBit { .. }
                | Self::ImageCorrupted { .. }
                | Self::LinkBusOff { .. }
                | Self::ModuleBrownOut { .. }
                | Self::ModuleResetStorm { .. }
                | Self::ModuleHangs { .. }
                | Self::ModuleClock { .. }
        );
        silent || self.blinds_temperature() || self.blinds_voltage() || self.blinds_current()
    }

    /// Its module measures cells wrongly, or not at all.
    const fn blinds_voltage(&self) -> bool {
        matches!(
            self,
            Self::Hardware(
                H::AfeFrozen { .. }
                    | H::AfeSilent { .. }
                    | H::CellWireOpen { .. }
                    | H::AfeLate { .. }
                    | H::CellVoltageOffset { .. }
                    | H::CellVoltageGain { .. }
                    | H::SensorSwapped { channel: Channel::Cell(_), .. }
                    | H::SensorStuck { channel: Channel::Cell(_), .. }
                    | H::SensorNoise { channel: Channel::Cell(_), .. }
            )
        )
    }
}

impl Live {
    /// Control cannot undo it.
    #[must_use]
    pub const fn is_beyond(&self) -> bool {
        matches!(self.entry.class, Class::Beyond(_))
    }
}
