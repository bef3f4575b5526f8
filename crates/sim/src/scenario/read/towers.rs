use toml::Spanned;
use voltower_control::bdu::FillSource;
use voltower_core::Duration;
use voltower_core::catalogue::{Expansion, ExpansionError, Model};
use voltower_core::panel::CellFaultLights;
use voltower_plant::parameters::InputParameters;

use super::{Number, Reader, Result, ScenarioError, Text, Unit, mistakes};
use crate::scenario::raw::{RawAfe, RawCable, RawLink, RawModule, RawTower};
use crate::scenario::{AfeTiming, Cable, HomeCell, ModuleSpec, TowerSpec};

const SOC: f64 = 0.5;
/// Periods that AFEs can be set to (public: 1 ms to about 1 s, usual are 10 to 250 ms).
const AFE_FASTEST: Duration = Duration::millis(1);
const AFE_SLOWEST: Duration = Duration::secs(1);
/// A Link cable (ours: from one device to the one below it).
const LINK_METRES: f64 = 0.5;

impl Reader<'_> {
    pub(super) fn towers(&self, raw: &[Spanned<RawTower>]) -> Result<Vec<TowerSpec>> {
        let fields = raw.iter().enumerate();
        let towers = fields
            .map(|(index, raw)| self.tower(&format!("tower[{}]", index + 1), raw))
            .collect::<Result<Vec<_>>>()?;
        let modules: Vec<usize> = towers.iter().map(|tower| tower.modules.len()).collect();
        Expansion::of(&modules).map_err(|error| self.expansion(raw, error))?;
        Ok(towers)
    }

    fn tower(&self, field: &str, spanned: &Spanned<RawTower>) -> Result<TowerSpec> {
        let raw = spanned.get_ref();
        let count = self.module_count(field, raw)?;
        let base = self.base_module(field, raw)?;
        let cell = self.home_cell(&format!("{field}.cell"), raw.cell.as_ref())?;
        let modules = (0..count).map(|index| match raw.module.get(index) {
            Some(module) => self.module(&format!("{field}.module[{}]", index + 1), module, &base, cell),
            None => Ok(base.clone()),
        });
        Ok(TowerSpec {
            modules: modules.collect::<Result<_>>()?,
            cell,
            afe: raw.afe.as_ref().map_or(Ok(AfeTiming::default()), |afe| self.afe(field, afe))?,
            dc_switch_closed: self.choice_or(
                &format!("{field}.dc_switch"),
                raw.dc_switch.as_ref(),
                &[("closed", true), ("open", false)],
                true,
            )?,
            cell_fault_lights: self.choice_or(
                &format!("{field}.cell_fault_lights"),
                raw.cell_fault_lights.as_ref(),
                &[("as-printed", CellFaultLights::AsPrinted), ("L2 L4", CellFaultLights::L2L4)],
                CellFaultLights::AsPrinted,
            )?,
            full_charge: self.choice_or(
                &format!("{field}.full_charge"),
                raw.full_charge.as_ref(),
                &[("sun", FillSource::Sun), ("grid", FillSource::Grid)],
                FillSource::default(),
            )?,
            cable: self.cable(&format!("{field}.cable"), raw.cable.as_ref())?,
            link_length: self.link_length(&format!("{field}.link"), raw.link.as_ref())?,
        })
    }

    /// A shipped cell of a home battery, by the name of its file.
    fn home_cell(&self, field: &str, text: Option<&Text>) -> Result<HomeCell> {
        let choices = HomeCell::ALL.map(|cell| (cell.name(), cell));
        self.choice_or(field, text, &choices, HomeCell::default())
    }

    fn afe(&self, tower: &str, raw: &RawAfe) -> Result<AfeTiming> {
        let named = |field: &str| format!("{tower}.afe.{field}");
        let time = |name: &str, text: &Option<Text>, longest: Duration| {
            let ends = (Duration::ZERO, longest);
            text.as_ref().map_or(Ok(Duration::ZERO), |text| self.between(&named(name), text, ends))
        };
        let ends = (AFE_FASTEST, AFE_SLOWEST);
        let period =
            raw.period.as_ref().map(|text| self.between(&named("period"), text, ends)).transpose()?;
        if let (None, Some(text)) = (period, raw.phase.as_ref().or(raw.jitter.as_ref())) {
            let error = self.error(&named("period"), text.span(), "phase and jitter are those of a period");
            return Err(error.help("add `period`, for instance \"100 ms\""));
        }
        let longest = period.unwrap_or(AFE_SLOWEST);
        let phase = time("phase", &raw.phase, longest)?;
        let jitter = time("jitter", &raw.jitter, Duration(longest.0 / 2))?;
        let lost = raw.lost.as_ref().map_or(Ok(0.0), |text| {
            self.within(&named("lost"), Unit::Share, text, (0.0, 0.9), "a share from \"0 %\" to \"90 %\"")
        })?;
        let seconds = |duration: Duration| duration.0 as f64 * 1e-6;
        Ok(AfeTiming { period: period.map(seconds), phase: seconds(phase), jitter: seconds(jitter), lost })
    }

    fn cable(&self, field: &str, raw: Option<&RawCable>) -> Result<Cable> {
        let usual = InputParameters::default().cable;
        let Some(raw) = raw else { return Ok(usual) };
        let gauge = raw.gauge.as_ref().map(|text| self.gauge(&format!("{field}.gauge"), text)).transpose()?;
        let length = self.length(field, raw.length.as_ref(), usual.length)?;
        Ok(Cable { awg: gauge.unwrap_or(usual.awg), length })
    }

    /// Of one Link cable, in metres.
    fn link_length(&self, field: &str, raw: Option<&RawLink>) -> Result<f64> {
        self.length(field, raw.and_then(|raw| raw.length.as_ref()), LINK_METRES)
    }

    fn length(&self, field: &str, text: Option<&Text>, usual: f64) -> Result<f64> {
        let Some(text) = text else { return Ok(usual) };
        let range = "a length from \"0.1 m\" to \"100 m\"";
        self.within(&format!("{field}.length"), Unit::Length, text, (0.1, 100.0), range)
    }

    fn gauge(&self, field: &str, text: &Text) -> Result<u8> {
        let range = "a whole gauge from \"1 AWG\" to \"16 AWG\"; the manual has \"10 AWG\"";
        let gauge = self.within(field, Unit::Gauge, text, (1.0, 16.0), range)?;
        if gauge.fract() != 0.0 {
            let message = format!("`{}` is between two gauges", text.get_ref().0);
            return Err(self.error(field, text.span(), message).help(format!("write {range}")));
        }
        Ok(gauge as u8)
    }

    /// The manual's rule, at the tower that breaks it.
    fn expansion(&self, raw: &[Spanned<RawTower>], error: ExpansionError) -> ScenarioError {
        let (field, tower) = match error {
            ExpansionError::NoTower => ("tower".to_owned(), None),
            ExpansionError::TooManyTowers { .. } => ("tower".to_owned(), raw.last()),
            ExpansionError::NoModule { tower } | ExpansionError::TooManyModules { tower, .. } => {
                (format!("tower[{tower}].modules"), raw.get(tower - 1))
            }
        };
        let counted = tower.and_then(|tower| tower.get_ref().modules.as_ref()).map(Number::span);
        let span = counted.or_else(|| tower.map(Spanned::span)).unwrap_or(0..0);
        let help = "write one or two [[tower]], each with a `model` (E5 to E20) or `modules = 1` to 4";
        self.error(&field, span, error.to_string()).help(help)
    }

    /// From `model`, `modules` or the `[[tower.module]]` tables, which must agree.
    fn module_count(&self, field: &str, raw: &RawTower) -> Result<usize> {
        let listed = raw.module.len();
        let of_model = raw.model.as_ref().map(|model| self.model(field, model)).transpose()?;
        let stated = raw.modules.as_ref().map(|modules| *modules.get_ref());
        let count = stated.or(of_model).unwrap_or(listed);
        if of_model.is_some_and(|of_model| of_model != count) || listed > count {
            let span = raw.modules.as_ref().map(Number::span);
            let span = span.or_else(|| raw.model.as_ref().map(Text::span)).unwrap_or(0..0);
            let message = format!("{count} modules here, {listed} in [[tower.module]]");
            let help = "let `model`, `modules` and [[tower.module]] say the same, or leave some out";
            return Err(self.error(&format!("{field}.modules"), span, message).help(help));
        }
        Ok(count)
    }

    fn model(&self, field: &str, text: &Text) -> Result<usize> {
        let field = format!("{field}.model");
        let words = &text.get_ref().0;
        words.parse::<Model>().map(|model| usize::from(model.modules())).map_err(|_| {
            let message = format!("`{words}` is no model");
            self.error(&field, text.span(), message)
                .help(mistakes::suggest(words, &Model::ALL.map(Model::grade)))
        })
    }

    fn base_module(&self, field: &str, raw: &RawTower) -> Result<ModuleSpec> {
        let new = ModuleSpec {
            soc: SOC,
            stored_soc: None,
            health: 1.0,
            resistance_growth: 1.0,
            temperature: None,
            software: None,
            plugged: true,
            state: None,
        };
        let (soc, temperature) = (raw.soc.as_ref(), raw.temperature.as_ref());
        Ok(ModuleSpec {
            soc: soc.map_or(Ok(new.soc), |text| self.soc(&format!("{field}.soc"), text))?,
            temperature: temperature
                .map(|text| self.cell_temperature(&format!("{field}.temperature"), text))
                .transpose()?,
            ..new
        })
    }

    fn module(&self, field: &str, raw: &RawModule, base: &ModuleSpec, cell: HomeCell) -> Result<ModuleSpec> {
        if let Some(state) = &raw.state {
            return self.used_module(field, raw, state, (base, cell));
        }
        let soc = raw.soc.as_ref().map(|text| self.soc(&format!("{field}.soc"), text)).transpose()?;
        let health = raw.health.as_ref();
        let health = health.map(|text| self.health(&format!("{field}.health"), text)).transpose()?;
        let growth = raw.resistance_growth.as_ref();
        let growth = growth.map(|number| self.growth(&format!("{field}.resistance_growth"), number));
        let temperature = raw.temperature.as_ref();
        let temperature =
            temperature.map(|text| self.cell_temperature(&format!("{field}.temperature"), text));
        Ok(ModuleSpec {
            soc: soc.unwrap_or(base.soc),
            stored_soc: self.stored_soc(field, raw)?,
            health: health.unwrap_or(base.health),
            resistance_growth: growth.transpose()?.unwrap_or(base.resistance_growth),
            temperature: temperature.transpose()?.or(base.temperature),
            software: self.software(&format!("{field}.software"), raw.software.as_ref())?,
            plugged: raw.plugged.unwrap_or(base.plugged),
            state: None,
        })
    }

    /// What the module's own count says.
    pub(super) fn stored_soc(&self, field: &str, raw: &RawModule) -> Result<Option<f64>> {
        raw.stored_soc.as_ref().map(|text| self.soc(&format!("{field}.stored_soc"), text)).transpose()
    }

    fn soc(&self, field: &str, text: &Text) -> Result<f64> {
        self.within(field, Unit::Share, text, (0.0, 1.0), "a share from \"0 %\" to \"100 %\"")
    }

    /// What is left of the rated capacity of a whole module that still works.
    fn health(&self, field: &str, text: &Text) -> Result<f64> {
        let range = "a share of the rated capacity from \"30 %\" to \"120 %\"; \
                     a single worse cell is the fault `weak-cell`";
        self.within(field, Unit::Share, text, (0.3, 1.2), range)
    }

    /// A share of the rated capacity.
    pub(super) fn capacity(&self, field: &str, text: &Text) -> Result<f64> {
        self.within(
            field,
            Unit::Share,
            text,
            (0.01, 1.2),
            "a share of the rated capacity from \"1 %\" to \"120 %\"",
        )
    }

    fn growth(&self, field: &str, number: &Spanned<f64>) -> Result<f64> {
        self.plain(field, number, |value| (0.5..=10.0).contains(&value), "0.5 to 10; a new module has 1.0")
    }

    fn cell_temperature(&self, field: &str, text: &Text) -> Result<f64> {
        self.within(field, Unit::Temperature, text, (-40.0, 100.0), "\"-40 degC\" to \"100 degC\"")
    }

    pub(super) fn software(&self, field: &str, text: Option<&Text>) -> Result<Option<String>> {
        text.map(|text| self.version(field, text)).transpose()
    }

    /// Eight ASCII characters, as the registers carry them.
    pub(super) fn version(&self, field: &str, text: &Text) -> Result<String> {
        let version = &text.get_ref().0;
        if version.is_empty() || version.len() > 8 || !version.is_ascii() {
            let message = format!("`{version}` does not fit a version register");
            let help = "write one to eight ASCII characters, for instance \"V0001000\"";
            return Err(self.error(field, text.span(), message).help(help));
        }
        Ok(version.clone())
    }
}
