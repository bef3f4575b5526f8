//! A way through the model, told so that a person can follow it.

use voltower_control::bdu::addressing::Deed;
use voltower_control::link::lss::{Address, Answer, Request};

use super::addressing::{Action, Fate, Said, State};
use super::sequence;

/// One line for each step: what happens, what the unit then sends, and which modules are not what they were.
pub(super) fn tell(way: &[(State, Option<Action>)]) -> Vec<String> {
    let steps = way.iter().zip(way.iter().skip(1));
    let told = steps.filter_map(|((before, action), (after, _))| Some((before, action.as_ref()?, after)));
    told.enumerate()
        .map(|(index, (before, action, after))| {
            let changes: Vec<String> = sent(before, action, after).chain(changed(before, after)).collect();
            format!("{:>3}  {:<52} {}", index + 1, what(before, action), changes.join("; "))
                .trim_end()
                .to_owned()
        })
        .collect()
}

/// The same of start and stop: what happens, and what is then not what it was.
pub(super) fn tell_sequence(way: &[(sequence::State, Option<sequence::Action>)]) -> Vec<String> {
    let steps = way.iter().zip(way.iter().skip(1));
    let told = steps.filter_map(|((before, action), (after, _))| Some((before, action.as_ref()?, after)));
    told.enumerate()
        .map(|(index, (before, action, after))| {
            format!("{:>3}  {action:?}: {}", index + 1, moved(before, after).join("; "))
        })
        .collect()
}

fn moved(before: &sequence::State, after: &sequence::State) -> Vec<String> {
    let unit = (before.unit != after.unit).then(|| format!("{:?}", after.unit));
    let modules = (1..).zip(before.modules.iter().zip(&after.modules));
    let modules = modules.filter(|(_, (before, after))| before != after);
    unit.into_iter().chain(modules.map(|(number, (_, after))| format!("{number}: {after:?}"))).collect()
}

fn what(before: &State, action: &Action) -> String {
    match action {
        Action::Deliver(fates) => {
            let frame = before.sent.first().map_or(String::new(), deed);
            format!("{frame} comes to the modules{}", of_fates(fates))
        }
        Action::Hear(fate) => {
            format!("{} {}", before.said.first().map_or(String::new(), said), of_fate(*fate))
        }
        Action::TimeOut => "the unit's time is up".to_owned(),
        Action::Status(position) => format!("module {} is heard", position + 1),
        Action::LateStatus(position) => format!("module {} speaks, and is not heard yet", position + 1),
        Action::Command(node) => format!("address {} is commanded", node.number()),
        Action::Silence(node) => format!("address {} was not heard for a second", node.number()),
        Action::Cooled(node) => format!("address {} is nobody's any more", node.number()),
        Action::Expire(position) => format!("module {} had no command for a second", position + 1),
        Action::ResetModule(position) => format!("module {} is reset", position + 1),
        Action::ResetUnit => "the unit is reset".to_owned(),
        Action::Close => "the tower has started".to_owned(),
    }
}

fn of_fates(fates: &[Fate]) -> String {
    let numbered = (1..).zip(fates);
    let told = numbered.filter_map(|(module, fate)| match fate {
        Fate::Once => None,
        Fate::Lost => Some(format!(", not to {module}")),
        Fate::Twice => Some(format!(", twice to {module}")),
    });
    told.collect()
}

fn of_fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Once => "comes to the unit",
        Fate::Lost => "is lost",
        Fate::Twice => "comes to the unit twice",
    }
}

/// What the unit sends in this step.
fn sent(before: &State, action: &Action, after: &State) -> impl Iterator<Item = String> {
    let kept = before.sent.len() - usize::from(matches!(action, Action::Deliver(_)));
    after.sent.iter().skip(kept).map(|frame| format!("the unit sends {}", deed(frame)))
}

fn changed(before: &State, after: &State) -> impl Iterator<Item = String> {
    let modules = (1..).zip(before.modules.iter().zip(&after.modules));
    let changed = modules.filter(|(_, (before, after))| before != after);
    changed.map(|(number, (_, after))| format!("module {number} {}", address(*after)))
}

fn address(address: Address) -> String {
    match address {
        Address::None { asked: 0 } => "has no address".to_owned(),
        Address::None { asked } => format!("fits in {asked} of 4 numbers"),
        Address::Chosen { pending: None } => "is chosen".to_owned(),
        Address::Chosen { pending: Some(node) } => format!("will take address {node}"),
        Address::Given { node, .. } => format!("has address {node}"),
        Address::Held { node, .. } => format!("holds address {node}"),
    }
}

fn deed(deed: &Deed) -> String {
    match deed {
        Deed::Ask(Request::Anyone) => "\"anyone?\"".to_owned(),
        Deed::Ask(Request::Scan { number, bit, sub, .. }) => format!("\"{}\"", scan(*number, *bit, *sub)),
        Deed::Ask(Request::Configure(node)) => format!("\"take address {node}\""),
        Deed::Ask(Request::Wait) => "\"wait\"".to_owned(),
        Deed::Reset(node) => format!("\"reset {}\"", node.number()),
        Deed::Call(_) => "a call of the roll".to_owned(),
        Deed::Welcome(node) => format!("the first command to {}", node.number()),
    }
}

fn scan(number: u32, bit: u8, sub: u8) -> String {
    let name = ["vendor", "product", "revision", "serial"].get(usize::from(sub)).unwrap_or(&"number");
    if bit == 0 { format!("{name} {number}?") } else { format!("{name} {number}, down to bit {bit}?") }
}

fn said(said: &Said) -> String {
    match said {
        Said::Answer(Answer::Here) => "\"here\"".to_owned(),
        Said::Answer(Answer::Taken) => "\"taken\"".to_owned(),
        Said::Answer(Answer::Refused) => "\"refused\"".to_owned(),
        Said::Frame(node) => format!("a frame of address {}", node.number()),
    }
}
