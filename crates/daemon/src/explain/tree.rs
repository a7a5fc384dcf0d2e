//! Trees: an explanation as people read it: what comes of it, the way there hop by hop, the way back, and what to change.

use serde::{Deserialize, Serialize};
use sidegate_iam::PolicyKind;
use sidegate_model::World;
use sidegate_plan::analyze::{Disposition, Hop, Leg, Step, Trace};

use super::explanation::{Advice, Explanation, Open, Verdict};
use super::live::Live;
use super::{names, step};

/// An explanation as people read it. Texts have the names of what has one behind its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tree {
    /// What comes of it.
    pub(crate) verdict: Verdict,
    /// The same in words, and why, a line for each.
    pub(crate) heading: Vec<String>,
    /// The parts, in order.
    pub(crate) sections: Vec<Section>,
}

/// A part of a tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Section {
    /// What it is about.
    pub(crate) title: String,
    /// What there is to say, in order.
    pub(crate) nodes: Vec<Node>,
}

/// Something that is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Node {
    /// How it bears on what comes of it.
    pub(crate) mark: Mark,
    /// What it is, in a word or two.
    pub(crate) label: String,
    /// What is said.
    pub(crate) text: String,
    /// What is said below it.
    pub(crate) notes: Vec<Note>,
}

/// How a node bears on what comes of the flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mark {
    /// The flow passes it.
    Passed,
    /// The flow ends there.
    Ends,
    /// The flow would pass it, were it not stopped before.
    Beyond,
    /// It is no place on the path.
    Aside,
}

/// Something below a node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Note {
    /// In words.
    Text(String),
    /// A command for a shell.
    Command(String),
}

/// The tree of an explanation.
pub(super) fn tree(world: &World, explanation: &Explanation) -> Tree {
    let Explanation { verdict, trace, remedy, unknown, remarks, .. } = explanation;
    let unsaid = explanation.unsaid.as_slice();
    let mut sections = way(&trace.hops, unsaid, ["the way there", "the answer, on its way back"], Mark::Passed);
    if let Some(remedy) = remedy {
        sections.extend(beyond(trace, unsaid, remedy));
        sections.push(Section { title: "to change".to_owned(), nodes: settings(remedy) });
        if !remedy.unknown.is_empty() {
            let title = "what the path beyond rests on, and the files do not tell".to_owned();
            sections.push(Section { title, nodes: remedy.unknown.iter().map(open).collect() });
        }
    }
    if !unknown.is_empty() {
        let title = "what this rests on, and the files do not tell".to_owned();
        sections.push(Section { title, nodes: unknown.iter().map(open).collect() });
    }
    if let Some(live) = &explanation.live {
        sections.push(Section { title: "seen with packets".to_owned(), nodes: seen(live) });
    }
    let mut tree = Tree { verdict: *verdict, heading: heading(explanation), sections };
    tree.heading.extend(remarks.iter().cloned());
    if *verdict == Verdict::Blocked && remedy.is_none() && trace.disposition.blocked_by().is_some() {
        tree.heading.push("nothing is known that could be changed to let it arrive".to_owned());
    }
    tree.named(world)
}

/// The tree of a path by itself.
pub(crate) fn path(world: &World, verdict: Verdict, heading: Vec<String>, trace: &Trace) -> Tree {
    let sections = way(&trace.hops, &[], ["the way there", "the answer, on its way back"], Mark::Passed);
    Tree { verdict, heading, sections }.named(world)
}

fn heading(explanation: &Explanation) -> Vec<String> {
    let Explanation { verdict, flow, trace, unknown, .. } = explanation;
    let (source, target, traffic) = (&flow.source, &flow.target, flow.traffic());
    let for_calls = match flow.calls.as_slice() {
        [] => String::new(),
        calls => {
            let all: Vec<String> = calls.iter().map(|(action, resource)| format!("{action} on {resource}")).collect();
            format!(", for {}", all.join(" and "))
        }
    };
    let said = match verdict {
        Verdict::Reached => "reaches",
        Verdict::Blocked => "does not reach",
        Verdict::Undetermined => "may or may not reach",
    };
    let mut lines = vec![format!("{source} {said} {target} at {traffic}{for_calls}")];
    match &trace.disposition {
        _ if explanation.live.as_ref().is_some_and(|live| live.agrees == Some(false)) => {
            lines.push("what was seen with packets is not what was explained".to_owned());
        }
        Disposition::Blocked { by } if unknown.is_empty() => lines.push(format!("{by}: {}", by.meaning())),
        Disposition::Undetermined { unknown } => lines.push(format!("not known: {unknown}")),
        end if !unknown.is_empty() => lines.push(format!("by what is known it is {end}")),
        end => {
            let end = end.to_string();
            lines.push(end.strip_prefix("reached: ").unwrap_or(&end).to_owned());
        }
    }
    if explanation.live.as_ref().is_some_and(|live| live.agrees.is_none()) {
        lines.push("nothing that was seen with packets could be compared with this".to_owned());
    }
    lines
}

/// The hops of a path: those of the way there, and those of the answer.
fn way(hops: &[Hop], unsaid: &[PolicyKind], [there, back]: [&str; 2], mark: Mark) -> Vec<Section> {
    let of = |leg: Leg, title: &str| {
        let nodes: Vec<Node> = hops.iter().filter(|hop| hop.leg == leg).map(|hop| node(hop, unsaid, mark)).collect();
        (!nodes.is_empty()).then(|| Section { title: title.to_owned(), nodes })
    };
    of(Leg::There, there).into_iter().chain(of(Leg::Back, back)).collect()
}

/// The intended path from where it differs from the one that ends.
fn beyond(trace: &Trace, unsaid: &[PolicyKind], remedy: &Advice) -> Vec<Section> {
    let same = trace.hops.iter().zip(&remedy.path.hops).take_while(|(own, intended)| own == intended).count();
    let rest = remedy.path.hops.get(same..).unwrap_or_default();
    let titles = ["from there on, once the settings below are changed", "the answer then"];
    let mut sections = way(rest, unsaid, titles, Mark::Beyond);
    if let Some(there) = sections.first_mut() {
        let end = remedy.path.disposition.to_string();
        let label = "end".to_owned();
        there.nodes.push(Node { mark: Mark::Beyond, label, text: end, notes: Vec::new() });
    }
    sections
}

fn node(hop: &Hop, unsaid: &[PolicyKind], mark: Mark) -> Node {
    let (label, text) = match &hop.step {
        Step::Policy(layer) if unsaid.contains(&layer.layer) => {
            ("policy", format!("{}: what it says is not known", layer.layer.as_str()))
        }
        step => step::shown(step),
    };
    let mut notes = step::notes(&hop.step);
    notes.extend(hop.notes.iter().map(|code| format!("{code}: {}", code.meaning())));
    notes.extend(hop.blocks.map(|code| format!("it ends here: {code}: {}", code.meaning())));
    Node {
        mark: if hop.blocks.is_some() { Mark::Ends } else { mark },
        label: label.to_owned(),
        text,
        notes: notes.into_iter().map(Note::Text).collect(),
    }
}

fn settings(remedy: &Advice) -> Vec<Node> {
    let nodes = remedy.settings.iter().enumerate().map(|(at, advised)| {
        let setting = &advised.setting;
        let mut notes =
            vec![Note::Text(format!("now:    {}", setting.current)), Note::Text(format!("needed: {}", setting.needed))];
        notes.extend(advised.command.clone().map(Note::Command));
        Node { mark: Mark::Aside, label: (at + 1).to_string(), text: setting.code.to_string(), notes }
    });
    nodes.collect()
}

/// What was seen, a node for each thing.
fn seen(live: &Live) -> Vec<Node> {
    let text = live.to_string();
    let lines = text.lines().skip(1).map(str::trim).map(|line| Node {
        mark: Mark::Aside,
        label: String::new(),
        text: line.to_owned(),
        notes: Vec::new(),
    });
    let first = Node { mark: Mark::Aside, label: String::new(), text: live.verdict(), notes: Vec::new() };
    std::iter::once(first).chain(lines).collect()
}

fn open(open: &Open) -> Node {
    let Open { resource, what, why, assumed } = open;
    let assumed = assumed.as_ref().map(|assumed| Note::Text(format!("taken for {assumed}")));
    let text = format!("{what}: {why}");
    Node { mark: Mark::Aside, label: resource.clone(), text, notes: assumed.into_iter().collect() }
}

impl Tree {
    /// The same with the names of what has one.
    fn named(mut self, world: &World) -> Self {
        let name = |text: &mut String| *text = names::named(world, text);
        self.heading.iter_mut().for_each(name);
        for node in self.sections.iter_mut().flat_map(|section| &mut section.nodes) {
            name(&mut node.text);
            for note in &mut node.notes {
                // A command stays one.
                if let Note::Text(text) = note {
                    name(text);
                }
            }
        }
        self
    }
}
