//! No panic is reachable from a controller's `step`: checked after link-time optimisation, libraries included.
//!
//! `panic-probe` exports both steps from a static library. Its sections are the nodes of a graph, its relocations the
//! edges (calls, and pointers in tables); whatever the entries reach must not belong to `core::panicking`.

use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use object::read::archive::ArchiveFile;
use object::{File, Object, ObjectSection, ObjectSymbol, RelocationTarget, SymbolIndex};

use crate::workspace::{root, target_dir};

const ENTRY: &str = "voltower_entry_";

/// Compiles the probe and looks at what it reaches.
///
/// # Errors
/// If a panic is reachable; the message shows the way to it.
pub(crate) fn run() -> Result<()> {
    let library = build()?;
    let bytes = fs::read(&library).with_context(|| format!("reading {}", library.display()))?;
    let graph = Graph::of_archive(&bytes)?;
    ensure!(!graph.entries.is_empty(), "no {ENTRY}* function in {}", library.display());
    let reached = graph.reach();
    let panics: Vec<Vec<String>> = reached.panics(&graph);
    if panics.is_empty() {
        println!("panics: {} functions and tables reachable from step, none panics", reached.from.len());
        return Ok(());
    }
    for way in &panics {
        println!("{}", way.join("\n    -> "));
    }
    bail!("panics: {} ways to panic from step", panics.len())
}

fn build() -> Result<PathBuf> {
    let probe = root().join("xtask/panic-probe");
    let target = target_dir().join("panic-probe");
    let status = Command::new(env!("CARGO"))
        .args(["build", "--release", "--quiet", "--locked", "--target-dir"])
        .arg(&target)
        .current_dir(&probe)
        .status()
        .context("cargo build of xtask/panic-probe")?;
    ensure!(status.success(), "xtask/panic-probe does not compile");
    Ok(target.join("release/libpanic_probe.a"))
}

/// A section of one object file of the archive: with one function per section, a function.
type Node = (usize, usize);

#[derive(Default)]
struct Graph {
    names: BTreeMap<Node, String>,
    edges: BTreeMap<Node, Vec<Target>>,
    definitions: BTreeMap<String, Node>,
    entries: Vec<Node>,
}

enum Target {
    Here(Node),
    Elsewhere(String),
}

impl Graph {
    fn of_archive(bytes: &[u8]) -> Result<Self> {
        let mut graph = Self::default();
        let archive = ArchiveFile::parse(bytes).context("not an archive")?;
        for (number, member) in archive.members().enumerate() {
            let data = member.context("archive member")?.data(bytes).context("archive member")?;
            if let Ok(file) = File::parse(data) {
                graph.add(number, &file);
            }
        }
        Ok(graph)
    }

    fn add(&mut self, number: usize, file: &File<'_>) {
        for symbol in file.symbols().filter(|symbol| !symbol.is_undefined()) {
            if let (Ok(name), Some(section)) = (symbol.name(), symbol.section_index()) {
                self.define((number, section.0), name, symbol.is_global());
            }
        }
        for section in file.sections().filter(|section| is_program(section.name())) {
            let targets = section.relocations().filter_map(|(_, r)| resolve(number, file, r.target()));
            self.edges.insert((number, section.index().0), targets.collect());
        }
    }

    fn define(&mut self, node: Node, name: &str, global: bool) {
        if name.is_empty() {
            return;
        }
        if name.contains(ENTRY) {
            self.entries.push(node);
        }
        if global {
            self.definitions.insert(name.to_owned(), node);
        }
        self.names.entry(node).or_insert_with(|| format!("{:#}", rustc_demangle::demangle(name)));
    }

    fn reach(&self) -> Reached {
        let mut from: BTreeMap<Node, Option<Node>> =
            self.entries.iter().map(|entry| (*entry, None)).collect();
        let mut undefined = BTreeMap::new();
        let mut queue: VecDeque<Node> = self.entries.iter().copied().collect();
        while let Some(node) = queue.pop_front() {
            for target in self.edges.get(&node).into_iter().flatten() {
                match self.locate(target) {
                    Ok(next) if !from.contains_key(&next) => {
                        from.insert(next, Some(node));
                        queue.push_back(next);
                    }
                    Ok(_) => {}
                    Err(name) => {
                        undefined.entry(name.to_owned()).or_insert(node);
                    }
                }
            }
        }
        Reached { from, undefined }
    }

    fn locate<'a>(&self, target: &'a Target) -> Result<Node, &'a str> {
        match target {
            Target::Here(node) => Ok(*node),
            Target::Elsewhere(name) => self.definitions.get(name).copied().ok_or(name),
        }
    }

    fn name(&self, node: Node) -> &str {
        self.names.get(&node).map_or("(data)", String::as_str)
    }
}

/// What the entries reach, and from where each was reached first.
struct Reached {
    from: BTreeMap<Node, Option<Node>>,
    undefined: BTreeMap<String, Node>,
}

impl Reached {
    /// The way from an entry to each function that panics, entry first.
    fn panics(&self, graph: &Graph) -> Vec<Vec<String>> {
        let defined = self.from.keys().filter(|node| is_panic(graph.name(**node)));
        let mut ways: Vec<Vec<String>> = defined.map(|node| self.way(graph, *node)).collect();
        for (name, node) in self.undefined.iter().filter(|(name, _)| is_panic(name)) {
            let mut way = self.way(graph, *node);
            way.push(format!("{:#}", rustc_demangle::demangle(name)));
            ways.push(way);
        }
        ways
    }

    fn way(&self, graph: &Graph, to: Node) -> Vec<String> {
        let mut way = vec![graph.name(to).to_owned()];
        let mut node = to;
        while let Some(Some(previous)) = self.from.get(&node) {
            way.push(graph.name(*previous).to_owned());
            node = *previous;
        }
        way.reverse();
        way
    }
}

fn resolve(number: usize, file: &File<'_>, target: RelocationTarget) -> Option<Target> {
    match target {
        RelocationTarget::Symbol(index) => resolve_symbol(number, file, index),
        RelocationTarget::Section(section) => Some(Target::Here((number, section.0))),
        _ => None,
    }
}

fn resolve_symbol(number: usize, file: &File<'_>, index: SymbolIndex) -> Option<Target> {
    let symbol = file.symbol_by_index(index).ok()?;
    match symbol.section_index() {
        Some(section) => Some(Target::Here((number, section.0))),
        None => Some(Target::Elsewhere(symbol.name().ok()?.to_owned())),
    }
}

fn is_program(name: object::Result<&str>) -> bool {
    name.is_ok_and(|name| [".text", ".rodata", ".data"].iter().any(|prefix| name.starts_with(prefix)))
}

fn is_panic(name: &str) -> bool {
    // `Option<T>::map_or` that was not inlined is no panic; what it calls is followed.
    ["core::panicking", "core::option::", "core::result::unwrap_failed", "rust_begin_unwind", "panic_fmt"]
        .iter()
        .any(|part| name.contains(part) && !name.contains("{impl") && !name.contains("option::Option<"))
        || name.contains("slice::index::") && name.contains("fail")
}
