//! What the code of a crate may not say. Looks at tokens, so comments, strings and test modules do not count.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, File, Item};

use super::Violation;
use crate::workspace::Source;

/// Words in a row that are forbidden in the crates named, and why.
struct Rule {
    crates: &'static [&'static str],
    words: &'static [&'static str],
    why: &'static str,
}

const NO_STD: &[&str] = &["core", "protocols", "control", "memory"];
const PURE: &[&str] = &["core", "protocols", "control", "memory", "plant", "sim", "gateway"];
const SEEDED: &[&str] = &["control", "plant", "sim"];
const ALL: &[&str] = &["core", "protocols", "control", "memory", "plant", "sim", "gateway", "cli"];

const RULES: &[Rule] = &[
    Rule { crates: ALL, words: &["unsafe"], why: "no unsafe code" },
    Rule { crates: NO_STD, words: &["std"], why: "no_std crate" },
    Rule { crates: NO_STD, words: &["alloc"], why: "allocates nothing" },
    Rule { crates: NO_STD, words: &["f32"], why: "integers with units only" },
    Rule { crates: NO_STD, words: &["f64"], why: "integers with units only" },
    Rule { crates: NO_STD, words: &["unwrap"], why: "cannot panic: handle it" },
    Rule { crates: NO_STD, words: &["expect"], why: "cannot panic: handle it" },
    Rule { crates: NO_STD, words: &["panic"], why: "cannot panic: handle it" },
    Rule { crates: NO_STD, words: &["unreachable"], why: "cannot panic: handle it" },
    Rule { crates: PURE, words: &["SystemTime"], why: "reads no clock: time is an argument" },
    Rule { crates: PURE, words: &["Instant", "now"], why: "reads no clock: time is an argument" },
    Rule { crates: PURE, words: &["std", "net"], why: "touches no network" },
    Rule { crates: PURE, words: &["std", "thread"], why: "one thread: a run is a function of its seed" },
    Rule { crates: SEEDED, words: &["HashMap"], why: "its order differs from run to run: use BTreeMap" },
    Rule { crates: SEEDED, words: &["HashSet"], why: "its order differs from run to run: use BTreeSet" },
    Rule { crates: SEEDED, words: &["mul_add"], why: "fused where the machine can: results would differ" },
    Rule {
        crates: &["plant"],
        words: &["voltower_core", "values"],
        why: "a plant that shares our numbers shares our mistakes",
    },
];

/// Estimates may count with `f32`; nothing else of a controller does.
const ESTIMATE: &str = "crates/control/src/estimate/";
/// The one place of a pure crate where sockets, clocks and threads are the business at hand.
const TRANSPORT: &str = "crates/gateway/src/can/transport/";

pub(super) fn check(source: &Source, file: &File) -> Vec<Violation> {
    let Some(member) = source.member().filter(|_| source.is_product()) else {
        return Vec::new();
    };
    let transport = source.path.starts_with(TRANSPORT);
    let estimates = source.path.starts_with(ESTIMATE);
    let counts = |rule: &&Rule| {
        let excused = transport && rule.crates == PURE || estimates && rule.words == ["f32"];
        rule.crates.contains(&member) && !excused
    };
    let rules: Vec<&Rule> = RULES.iter().filter(counts).collect();
    let mut words = Vec::new();
    for item in file.items.iter().filter(|item| !is_test(item)) {
        collect(item.to_token_stream(), &mut words);
    }
    let mut violations: Vec<Violation> = rules.iter().flat_map(|rule| broken(rule, &words, source)).collect();
    if NO_STD.contains(&member) && !estimates {
        violations.extend(floats(&words, source));
    }
    violations
}

/// An identifier or a literal, and its line.
struct Word {
    text: String,
    line: usize,
    literal: bool,
}

fn broken<'a>(rule: &'a Rule, words: &'a [Word], source: &'a Source) -> impl Iterator<Item = Violation> {
    let matches =
        |window: &&[Word]| window.iter().map(|word| word.text.as_str()).eq(rule.words.iter().copied());
    words.windows(rule.words.len()).filter(matches).map(|window| {
        Violation::new(source, window[0].line, format!("`{}`: {}", rule.words.join("::"), rule.why))
    })
}

fn floats<'a>(words: &'a [Word], source: &'a Source) -> impl Iterator<Item = Violation> {
    let float = |word: &&Word| word.literal && syn::parse_str::<syn::LitFloat>(&word.text).is_ok();
    words
        .iter()
        .filter(float)
        .map(|word| Violation::new(source, word.line, format!("`{}`: integers with units only", word.text)))
}

fn collect(tokens: TokenStream, words: &mut Vec<Word>) {
    for token in tokens {
        let line = token.span().start().line;
        match token {
            TokenTree::Group(group) => collect(group.stream(), words),
            TokenTree::Ident(ident) => words.push(Word { text: ident.to_string(), line, literal: false }),
            TokenTree::Literal(literal) => {
                words.push(Word { text: literal.to_string(), line, literal: true });
            }
            TokenTree::Punct(_) => {}
        }
    }
}

fn is_test(item: &Item) -> bool {
    let attributes: &[Attribute] = match item {
        Item::Mod(module) => &module.attrs,
        Item::Fn(function) => &function.attrs,
        Item::Use(import) => &import.attrs,
        _ => &[],
    };
    attributes.iter().any(|a| a.path().is_ident("cfg") && a.to_token_stream().to_string().contains("test"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(path: &str, text: &str) -> Vec<String> {
        let source = Source { path: path.to_owned(), text: text.to_owned() };
        let file = syn::parse_file(text).expect("Rust");
        check(&source, &file).into_iter().map(|violation| violation.to_string()).collect()
    }

    #[test]
    fn floats_and_panics_are_found_in_code_but_not_in_comments_strings_or_tests() {
        let control = "crates/control/src/a.rs";
        assert_eq!(violations(control, "fn a() -> i32 { 1 }\n/// f64\nconst A: &str = \"f32\";"), [""; 0]);
        assert_eq!(violations(control, "#[cfg(test)]\nmod tests { fn a(x: f64) { x.unwrap() } }"), [""; 0]);
        let estimate = "crates/control/src/estimate/a.rs";
        assert_eq!(violations(estimate, "fn a(b: f32) -> f32 { 1.5 * b }"), [""; 0]);
        assert_eq!(violations(estimate, "fn a(b: f64) {}").len(), 1);
        assert_eq!(
            violations(control, "fn a() {\n let b = 1.5;\n}"),
            ["crates/control/src/a.rs:2: `1.5`: integers with units only"]
        );
        assert_eq!(violations(control, "fn a(x: Option<u8>) { x.unwrap(); }").len(), 1);
        assert_eq!(violations("crates/plant/src/a.rs", "fn a() -> f64 { 1.5 }"), [""; 0]);
    }

    #[test]
    fn clocks_maps_and_shared_numbers_are_found() {
        assert_eq!(
            violations("crates/sim/src/a.rs", "fn a() { let t = std::time::Instant::now(); }").len(),
            1
        );
        assert_eq!(violations("crates/sim/src/a.rs", "use std::collections::HashMap;").len(), 1);
        assert_eq!(violations("crates/plant/src/a.rs", "use voltower_core::values::X;").len(), 1);
        assert_eq!(violations("crates/cli/src/a.rs", "use std::collections::HashMap;"), [""; 0]);
        let socket = "use std::net::TcpStream;";
        assert_eq!(violations("crates/gateway/src/can/url.rs", socket).len(), 1);
        assert_eq!(violations("crates/gateway/src/can/transport/tcp.rs", socket), [""; 0]);
    }
}
