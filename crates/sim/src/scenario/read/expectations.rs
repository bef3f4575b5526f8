use toml::Spanned;
use voltower_core::catalogue::Expansion;
use voltower_core::{Cause, Condition, Diagnosis, Duration, Instant, TowerState};

use super::{Reader, Result, Text, mistakes};
use crate::scenario::raw::{RawExpect, RawRange};
use crate::scenario::{Check, Expectation, Observable, TowerSpec, Window, lights};

impl Reader<'_> {
    pub(super) fn expectations(
        &self,
        raw: &[Spanned<RawExpect>],
        towers: &[TowerSpec],
        end: Instant,
    ) -> Result<Vec<Expectation>> {
        let fields = raw.iter().enumerate();
        fields
            .map(|(index, raw)| self.expectation(&format!("expect[{}]", index + 1), raw, towers, end))
            .collect()
    }

    fn expectation(
        &self,
        field: &str,
        spanned: &Spanned<RawExpect>,
        towers: &[TowerSpec],
        end: Instant,
    ) -> Result<Expectation> {
        let raw = spanned.get_ref();
        let tower =
            self.index_or_first(&format!("{field}.tower"), raw.tower.as_ref(), towers.len(), "tower")?;
        let modules = towers.get(tower).map_or(0, |tower| tower.modules.len());
        let module = raw.module.as_ref();
        let module = module
            .map(|number| self.index(&format!("{field}.module"), number, modules, "module"))
            .transpose()?;
        let checks = self.checks(field, raw, module)?;
        if checks.is_empty() {
            let help =
                "add state, lights, condition, absent, diagnosis, or a quantity: soc = { min = \"20 %\" }";
            return Err(self.error(field, spanned.span(), "nothing is expected").help(help));
        }
        let before = self.text.get(..spanned.span().start).unwrap_or("");
        Ok(Expectation {
            text: raw.text.clone().unwrap_or_else(|| describe(&checks)),
            line: before.matches('\n').count() + 1,
            window: self.window(field, raw, end)?,
            tower,
            module,
            checks,
        })
    }

    fn window(&self, field: &str, raw: &RawExpect, end: Instant) -> Result<Window> {
        let time = |name: &str, text: &Option<Text>| {
            text.as_ref().map(|text| self.time(&format!("{field}.{name}"), text, end)).transpose()
        };
        let (at, from) = (time("at", &raw.at)?, time("from", &raw.from)?);
        let (until, by) = (time("until", &raw.until)?, time("by", &raw.by)?);
        let lasting = raw.lasting.as_ref();
        let lasting = lasting.map(|text| self.duration(&format!("{field}.for"), text)).transpose()?;
        let window = match (at, from, until, by) {
            (Some(at), None, None, None) => Window::Always { from: at, until: at },
            (None, from, until, None) => {
                Window::Always { from: from.unwrap_or(Instant::ZERO), until: until.unwrap_or(end) }
            }
            (None, from, None, Some(by)) => {
                let lasting = lasting.unwrap_or(Duration::ZERO);
                Window::Once { from: from.unwrap_or(Instant::ZERO), by, lasting }
            }
            _ => return Err(self.odd_window(field, raw)),
        };
        self.check_window(field, raw, window)
    }

    fn check_window(&self, field: &str, raw: &RawExpect, window: Window) -> Result<Window> {
        let (from, to) = match window {
            Window::Once { from, by, .. } => (from, by),
            Window::Always { from, until } => (from, until),
        };
        if let (Window::Always { .. }, Some(lasting)) = (window, &raw.lasting) {
            let help = "`for` goes with `by`: at some time until then, without a break for so long";
            return Err(self.error(&format!("{field}.for"), lasting.span(), "`for` without `by`").help(help));
        }
        if to < from {
            let span = raw.by.as_ref().or(raw.until.as_ref()).or(raw.from.as_ref()).map_or(0..0, Text::span);
            return Err(self.error(field, span, "the time ends before it begins").help("write a later time"));
        }
        Ok(window)
    }

    fn odd_window(&self, field: &str, raw: &RawExpect) -> super::ScenarioError {
        let span = raw.at.as_ref().or(raw.until.as_ref()).map_or(0..0, Text::span);
        let help = "write `at` (then), `from` and `until` (all the time), or `from` and `by` (once, at the latest by)";
        self.error(field, span, "these times do not go together").help(help)
    }

    fn checks(&self, field: &str, raw: &RawExpect, module: Option<usize>) -> Result<Vec<Check>> {
        let mut checks = Vec::new();
        if let Some(state) = &raw.state {
            let choices: Vec<_> = TowerState::ALL.iter().map(|state| (state.word(), *state)).collect();
            checks.push(Check::State(self.choice(&format!("{field}.state"), state, &choices)?));
        }
        if let Some(text) = &raw.lights {
            let lights = lights::parse(&text.get_ref().0);
            let lights = lights.map_err(|flaw| self.flaw(&format!("{field}.lights"), text.span(), flaw))?;
            checks.push(Check::Lights(lights));
        }
        if let Some(text) = &raw.condition {
            checks.push(Check::Present(self.condition(&format!("{field}.condition"), text)?));
        }
        match &raw.absent {
            Some(text) if text.get_ref().0 == "all" => checks.push(Check::NoCondition),
            Some(text) => checks.push(Check::Absent(self.condition(&format!("{field}.absent"), text)?)),
            None => {}
        }
        if let Some(text) = &raw.diagnosis {
            checks.push(Check::Diagnosis(self.diagnosis(&format!("{field}.diagnosis"), text)?));
        }
        for observable in Observable::ALL {
            if let Some(range) = raw.range(*observable) {
                checks.push(self.range(field, *observable, range, module)?);
            }
        }
        Ok(checks)
    }

    fn range(
        &self,
        field: &str,
        observable: Observable,
        spanned: &Spanned<RawRange>,
        module: Option<usize>,
    ) -> Result<Check> {
        let field = format!("{field}.{}", observable.key());
        if module.is_some() && !observable.of_module() {
            let help = "leave `module` out";
            return Err(self.error(&field, spanned.span(), "a module has no such quantity").help(help));
        }
        let end = |name: &str, text: &Option<Text>, open: f64| match text {
            Some(text) => self.quantity(&format!("{field}.{name}"), observable.unit(), text),
            None => Ok(open),
        };
        let raw = spanned.get_ref();
        let (min, max) = (end("min", &raw.min, f64::NEG_INFINITY)?, end("max", &raw.max, f64::INFINITY)?);
        if min > max || (raw.min.is_none() && raw.max.is_none()) {
            let help = "write { min = ..., max = ... }, or one of them, with min not above max";
            return Err(self.error(&field, spanned.span(), "the range is empty").help(help));
        }
        Ok(Check::Within { observable, min, max })
    }

    /// The words of one finding, or a part of them that no other finding has.
    fn diagnosis(&self, field: &str, text: &Text) -> Result<Diagnosis> {
        let said = text.get_ref().0.as_str();
        let findings = findings();
        if let Some((_, diagnosis)) = findings.iter().find(|(words, _)| words == said) {
            return Ok(*diagnosis);
        }
        let meant: Vec<_> = findings.iter().filter(|(words, _)| words.contains(said)).collect();
        if let [(_, diagnosis)] = meant.as_slice() {
            return Ok(*diagnosis);
        }
        let (message, choices) = if meant.is_empty() {
            (format!("`{said}` is nothing that a distribution unit finds out"), findings.iter().collect())
        } else {
            (format!("`{said}` may mean several findings"), meant)
        };
        let choices: Vec<&str> = choices.iter().map(|(words, _)| words.as_str()).collect();
        Err(self.error(field, text.span(), message).help(mistakes::suggest(said, &choices)))
    }

    /// The manual's name; `Other` is both an alarm and a fault, so its level is said.
    fn condition(&self, field: &str, text: &Text) -> Result<Condition> {
        let name = text.get_ref().0.as_str();
        if let Some(condition) = Condition::all().find(|condition| condition_name(*condition) == name) {
            return Ok(condition);
        }
        let names: Vec<String> = Condition::all().map(condition_name).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let message = format!("`{name}` is no condition of the manual");
        Err(self.error(field, text.span(), message).help(mistakes::suggest(name, &names)))
    }
}

/// What a distribution unit can find out, with its words.
fn findings() -> Vec<(String, Diagnosis)> {
    let mut findings = vec![("none".to_owned(), Diagnosis::NONE)];
    let causes = Cause::ALL.into_iter().filter(|cause| *cause != Cause::None);
    let places = |cause| (0..=Expansion::MAX_MODULES as u8).map(move |module| Diagnosis::new(cause, module));
    let elements = |found: Diagnosis| (0..=found.elements()).map(move |element| found.at(element));
    for diagnosis in causes.flat_map(places).flat_map(elements) {
        let words = diagnosis.to_string();
        if !words.contains("module 0") && findings.iter().all(|(known, _)| *known != words) {
            findings.push((words, diagnosis));
        }
    }
    findings
}

/// The manual's words for a condition, made unique: *Other alarm* and *Other fault*. So scenarios write it.
#[must_use]
pub fn condition_name(condition: Condition) -> String {
    match condition {
        Condition::Alarm(voltower_core::Alarm::Other) => "Other alarm".to_owned(),
        Condition::Fault(voltower_core::Fault::Other) => "Other fault".to_owned(),
        Condition::Alarm(_) | Condition::Fault(_) => condition.names().manual.to_owned(),
    }
}

fn describe(checks: &[Check]) -> String {
    let parts: Vec<String> = checks.iter().map(ToString::to_string).collect();
    parts.join(", ")
}
