//! `voltower link scan`: who is on the bus.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use voltower_gateway::can::{Access, Connection};
use voltower_gateway::link::{Message, NodeState, Sdo, decode, node_name};
use voltower_protocols::Frame;
use voltower_protocols::can::StandardId;
use voltower_protocols::link::SDO_REQUEST;

use super::{ScanArgs, connection_failure, open, sdo};
use crate::error::Failure;

/// Heartbeats of our devices come at least every second; those of others may take longer.
const LISTENS: Duration = Duration::from_millis(2500);
/// Between two questions, so that they do not fill the bus.
const GAP: Duration = Duration::from_millis(2);
/// Object 0x1018: identity. Sub-index 1 must be there (CiA 301).
const IDENTITY: u16 = 0x1018;

/// What is known of a node.
#[derive(Debug, Default)]
struct Node {
    state: Option<NodeState>,
    answers: bool,
    identity: [Option<u32>; 4],
    name: Option<String>,
    serial: Option<String>,
    software: Option<String>,
}

pub(super) fn run(args: &ScanArgs) -> Result<(), Failure> {
    let mut connection = open(&args.url, Access::Send)?;
    let mut nodes = BTreeMap::new();
    ask_all(&mut connection, &mut nodes)?;
    for (number, node) in nodes.iter_mut().filter(|(_, node)| node.answers) {
        ask_one(&mut connection, *number, node);
    }
    print(args, &nodes)
}

/// Asks every node for its vendor; whoever answers or beats is there.
fn ask_all(connection: &mut Connection, nodes: &mut BTreeMap<u8, Node>) -> Result<(), Failure> {
    let until = Instant::now() + LISTENS;
    let [low, high] = IDENTITY.to_le_bytes();
    for node in 1..=127 {
        if let Some(id) = StandardId::new(SDO_REQUEST + node) {
            let question = Frame::full(id, [0x40, low, high, 1, 0, 0, 0, 0]);
            connection.send(&question).map_err(|error| connection_failure(&error))?;
        }
        listen(connection, nodes, Instant::now() + GAP)?;
    }
    listen(connection, nodes, until)
}

fn listen(
    connection: &mut Connection,
    nodes: &mut BTreeMap<u8, Node>,
    until: Instant,
) -> Result<(), Failure> {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if let Some(heard) = connection.receive(left).map_err(|error| connection_failure(&error))? {
            note(&decode(&heard.frame), nodes);
        }
        if left.is_zero() {
            return Ok(());
        }
    }
}

fn note(message: &Message, nodes: &mut BTreeMap<u8, Node>) {
    match message {
        Message::Heartbeat(node, state) => nodes.entry(*node).or_default().state = Some(*state),
        Message::SdoAnswer(node, Sdo::Value(..) | Sdo::Aborted(..)) => {
            nodes.entry(*node).or_default().answers = true;
        }
        _ => {}
    }
}

/// What it says of itself. What it does not have, or does not tell, stays empty.
fn ask_one(connection: &mut Connection, number: u8, node: &mut Node) {
    let mut read = |index, sub| sdo::read(connection, number, index, sub).ok();
    for (place, sub) in node.identity.iter_mut().zip(1..) {
        *place = read(IDENTITY, sub).and_then(|bytes| Some(u32::from_le_bytes(bytes.try_into().ok()?)));
    }
    let mut text = |index, sub| {
        let bytes = read(index, sub)?;
        let text: String = bytes.trim_ascii_end().iter().map(|byte| char::from(*byte)).collect();
        text.chars().all(|c| c.is_ascii_graphic() || c == ' ').then_some(text)
    };
    node.name = text(0x1008, 0);
    node.software = text(0x100A, 0);
    node.serial = text(0x2006, 1);
}

impl Node {
    /// In full, or as the 32 bits that every device has.
    fn serial(&self) -> Option<String> {
        self.serial.clone().or_else(|| self.identity[3].map(|number| format!("{number:#010x}")))
    }

    fn state(&self) -> String {
        match self.state {
            Some(state) => state.to_string(),
            None => "no heartbeat".to_owned(),
        }
    }
}

fn print(args: &ScanArgs, nodes: &BTreeMap<u8, Node>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    if args.json {
        let nodes: Vec<Json> = nodes.iter().map(|(number, node)| as_json(*number, node)).collect();
        return Ok(writeln!(out, "{:#}", Json::Array(nodes))?);
    }
    if nodes.is_empty() {
        eprintln!("nobody answers, and no heartbeat was heard within {} s", LISTENS.as_secs_f32());
        return Ok(());
    }
    writeln!(
        out,
        "{:>4}  {:<18} {:<16} {:<21} {:<9} state",
        "node", "what", "name", "serial number", "software"
    )?;
    for (number, node) in nodes {
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        writeln!(
            out,
            "{number:>4}  {:<18} {:<16} {:<21} {:<9} {}",
            node_name(*number),
            or_dash(node.name.clone()),
            or_dash(node.serial()),
            or_dash(node.software.clone()),
            node.state()
        )?;
    }
    Ok(())
}

fn as_json(number: u8, node: &Node) -> Json {
    let [vendor, product, revision, _] = node.identity;
    json!({
        "node": number,
        "name": node.name,
        "serial": node.serial(),
        "software": node.software,
        "vendor": vendor,
        "product": product,
        "revision": revision,
        "answers": node.answers,
        "state": node.state.map(|state| state.to_string()),
    })
}
