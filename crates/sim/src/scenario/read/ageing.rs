use voltower_plant::ageing::{Ageing, AgeingModel};

use super::{Reader, Result, ScenarioError, Text, mistakes};
use crate::scenario::raw::{RawAgeing, RawModule};
use crate::scenario::{HomeCell, ModuleSpec, ModuleState};

impl Reader<'_> {
    pub(super) fn ageing(&self, raw: &RawAgeing) -> Result<Ageing> {
        let model = raw.model.as_ref().map_or(Ok(AgeingModel::default()), |text| self.ageing_model(text))?;
        let acceleration = raw.acceleration.as_ref().map_or(Ok(1.0), |number| {
            let range = "0 to 1000000; 1 is real time";
            self.plain("ageing.acceleration", number, |value| (0.0..=1e6).contains(&value), range)
        })?;
        let scale = raw.scale.as_ref().map_or(Ok(1.0), |number| {
            let range = "0 to 100; 1 is the model as it is";
            self.plain("ageing.scale", number, |value| (0.0..=100.0).contains(&value), range)
        })?;
        Ageing::new(model, acceleration, scale).map_err(|error| self.error("ageing", 0..0, error.to_string()))
    }

    fn ageing_model(&self, text: &Text) -> Result<AgeingModel> {
        let name = &text.get_ref().0;
        name.parse().map_err(|_| {
            self.error("ageing.model", text.span(), format!("`{name}` is no ageing model"))
                .help(mistakes::suggest(name, &AgeingModel::ALL.map(AgeingModel::name)))
        })
    }

    /// A module from a file, which says all about its cells.
    pub(super) fn used_module(
        &self,
        field: &str,
        raw: &RawModule,
        file: &Text,
        (base, cell): (&ModuleSpec, HomeCell),
    ) -> Result<ModuleSpec> {
        self.says_it_once(field, raw)?;
        let field = format!("{field}.state");
        let name = &file.get_ref().0;
        let text = (self.files)(name).map_err(|error| {
            self.error(&field, file.span(), format!("{name} cannot be read: {error}"))
                .help("the path starts at the scenario's folder; `voltower simulate --save-modules` writes such files")
        })?;
        let state = ModuleState::from_toml(&text, name).map_err(|error| {
            let start: usize = text.split_inclusive('\n').take(error.line - 1).map(str::len).sum();
            let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
            let flaw = ScenarioError::at(name, &text, start..start + length, error.message);
            if error.field.is_empty() { flaw } else { flaw.field(error.field) }
        })?;
        let cell = cell.parameters();
        if state.cell != cell.name {
            let message = format!("{name} has cells called `{}`", state.cell);
            let help = format!("this tower has cells called `{}`", cell.name);
            return Err(self.error(&field, file.span(), message).help(help));
        }
        Ok(ModuleSpec {
            soc: state.soc(),
            stored_soc: self.stored_soc(field.trim_end_matches(".state"), raw)?,
            health: (state.capacity() / cell.capacity).clamp(0.01, 1.2),
            resistance_growth: 1.0,
            temperature: None,
            software: self.software(&field, raw.software.as_ref())?,
            plugged: raw.plugged.unwrap_or(base.plugged),
            state: Some(Box::new(state)),
        })
    }

    /// What the file of a used module says is not said again.
    fn says_it_once(&self, field: &str, raw: &RawModule) -> Result<()> {
        let growth = raw.resistance_growth.as_ref();
        let said = [
            ("soc", raw.soc.as_ref().map(Text::span)),
            ("health", raw.health.as_ref().map(Text::span)),
            ("resistance_growth", growth.map(toml::Spanned::span)),
            ("temperature", raw.temperature.as_ref().map(Text::span)),
        ];
        for (name, span) in said {
            if let Some(span) = span {
                let message = "the file in `state` says this already";
                return Err(self
                    .error(&format!("{field}.{name}"), span, message)
                    .help(format!("leave out `{name}`, or `state`")));
            }
        }
        Ok(())
    }
}
