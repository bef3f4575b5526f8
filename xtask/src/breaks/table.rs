//! The table of breaks, `xtask/breaks.toml`.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;
use toml::Spanned;

use crate::docs::safety::Requirement;
use crate::workspace::root;

/// Where it stands.
pub(crate) const PATH: &str = "xtask/breaks.toml";

/// One place where the code behind a requirement is broken.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Break {
    /// Number of the requirement, or the name of a rule that is none.
    requirement: Spanned<String>,
    /// Line of the table.
    #[serde(skip)]
    line: usize,
    /// Tests that must notice, as `requirements.toml` cites them.
    pub(super) tests: Vec<String>,
    /// File that is broken.
    pub(super) file: String,
    /// Text that occurs once in it.
    pub(super) find: String,
    /// What stands there instead.
    pub(super) with: String,
    /// What is broken, in a short sentence.
    pub(super) what: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(rename = "break")]
    breaks: Vec<Break>,
}

impl Break {
    /// Number of its requirement, or the name of its rule.
    pub(super) fn requirement(&self) -> &str {
        self.requirement.get_ref()
    }

    /// What it breaks stands in `SAFETY.md`.
    pub(crate) fn is_of_safety(&self) -> bool {
        self.requirement().starts_with("SR-")
    }

    /// Requirement, a test or the file contains `word`.
    pub(super) fn is_about(&self, word: &str) -> bool {
        let mut texts = self.tests.iter().chain([self.requirement.get_ref(), &self.file]);
        texts.any(|text| text.contains(word))
    }

    /// It breaks `path`, or one of its tests stands there.
    pub(super) fn touches(&self, path: &str) -> bool {
        let is_there = |test: &String| test.split_once(": ").is_some_and(|(file, _)| file == path);
        self.file == path || self.tests.iter().any(is_there)
    }

    /// The file with the break.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub(super) fn make(&self, text: &str) -> Result<String, String> {
        match text.matches(&self.find).count() {
            _ if self.find == self.with => Err("changes nothing".to_owned()),
            1 => Ok(text.replacen(&self.find, &self.with, 1)),
            count => Err(format!("what it looks for stands {count} times in {}, and not once", self.file)),
        }
    }

    fn complaint(&self) -> Option<String> {
        let name = format!("{} ({})", self.requirement(), self.what);
        if self.what.is_empty() || self.tests.is_empty() {
            return Some(format!("{name}: says neither what is broken nor who must notice"));
        }
        let text = fs::read_to_string(root().join(&self.file));
        let made = text.map_err(|_| format!("{} is not there", self.file)).and_then(|text| self.make(&text));
        made.err().map(|wrong| format!("{name}: {wrong}"))
    }
}

/// All of the table.
///
/// # Errors
/// If it cannot be read.
pub(crate) fn breaks() -> Result<Vec<Break>> {
    let text = fs::read_to_string(root().join(PATH)).context(PATH)?;
    let Table { mut breaks } = toml::from_str(&text).context(PATH)?;
    for one in &mut breaks {
        let before = text.get(..one.requirement.span().start).unwrap_or_default();
        one.line = before.matches('\n').count() + 1;
    }
    Ok(breaks)
}

/// What is wrong with the places that are to be broken, with the line of the table.
pub(crate) fn complaints(breaks: &[Break]) -> Vec<(usize, String)> {
    breaks.iter().filter_map(|one| Some((one.line, one.complaint()?))).collect()
}

/// What the table and the requirements say of each other: every test that is cited has a break of its requirement, and
/// every break of a requirement is of a test that it cites. Rules that are no requirement cite nothing.
pub(crate) fn gaps(breaks: &[Break], requirements: &[Requirement]) -> Vec<(usize, String)> {
    let cited: BTreeSet<_> = requirements
        .iter()
        .flat_map(|one| one.tests().map(|(file, name)| (one.id.clone(), format!("{file}: {name}"))))
        .collect();
    let pairs = |one: &Break| {
        let requirement = one.requirement().to_owned();
        one.tests.clone().into_iter().map(move |test| (requirement.clone(), test))
    };
    let broken: BTreeSet<_> = breaks.iter().filter(|one| one.is_of_safety()).flat_map(pairs).collect();
    let unbroken = cited.difference(&broken);
    let unbroken =
        unbroken.map(|(id, test)| (1, format!("nothing is broken behind {test}, which {id} cites")));
    let of = |id: &str| breaks.iter().find(|one| one.requirement() == id).map_or(1, |one| one.line);
    let uncited = broken.difference(&cited);
    let uncited = uncited.map(|(id, test)| (of(id), format!("{id} does not cite {test}")));
    unbroken.chain(uncited).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(find: &str, with: &str) -> Break {
        of("SR-001", find, with)
    }

    fn of(requirement: &str, find: &str, with: &str) -> Break {
        let text = format!(
            "[[break]]\nrequirement = \"{requirement}\"\ntests = [\"a.rs: b\"]\nfile = \"c.rs\"\nfind = '{find}'\n\
             with = '{with}'\nwhat = \"it is\"\n"
        );
        let Table { mut breaks } = toml::from_str(&text).expect("a table");
        breaks.remove(0)
    }

    #[test]
    fn a_break_is_made_only_where_its_text_stands_once() {
        assert_eq!(broken("x < 3", "x > 3").make("if x < 3 {}"), Ok("if x > 3 {}".to_owned()));
        assert!(broken("x", "y").make("x and x").is_err_and(|wrong| wrong.contains("2 times")));
        assert!(broken("x", "y").make("z").is_err_and(|wrong| wrong.contains("0 times")));
        assert!(broken("x", "x").make("x").is_err());
    }

    #[test]
    fn a_cited_test_without_a_break_is_named_and_so_is_a_break_that_nobody_cites() {
        let requirements = crate::docs::safety::requirements().expect("a table");
        let named = gaps(&[broken("x", "y")], &requirements);
        let cited: usize = requirements.iter().map(|one| one.tests().count()).sum();
        assert_eq!(named.len(), cited + 1);
        assert!(named.iter().any(|(_, text)| text == "SR-001 does not cite a.rs: b"));
        assert_eq!(gaps(&[of("band", "x", "y")], &requirements).len(), cited, "a rule is no requirement");
    }
}
