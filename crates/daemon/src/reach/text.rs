//! Answers for people.

use std::fmt::Write as _;

use sidegate_model::{Attachment, IpProtocol, NetworkInterface, World};
use sidegate_plan::analyze::reach::{Decided, Member, Reach, Set, Span, Unreached};

use super::assertion::Judged;
use super::{Outcome, Stand};
use crate::diagram::clean;
use crate::explain::{Screen, Verdict, is_made_up, named, path, rendered};

/// The most members that are told one by one.
const MOST: usize = 12;

/// The columns of a path.
const COLUMNS: usize = 110;

/// What gets where.
pub(super) fn reach(stand: &Stand<'_>, found: &Reach, outcome: Outcome) -> String {
    let world = stand.world();
    let mut text = String::new();
    let _ = match outcome {
        Outcome::Yes if found.sets.len() == 1 => writeln!(text, "reached, in one set:"),
        Outcome::Yes => writeln!(text, "reached, in {} sets:", found.sets.len()),
        Outcome::No => writeln!(text, "nothing gets there"),
        Outcome::Undetermined => writeln!(text, "nothing is known to get there"),
    };
    for set in &found.sets {
        block(&mut text, world, set);
    }
    if !found.undetermined.is_empty() {
        let _ = writeln!(text, "\nundetermined:");
        found.undetermined.iter().for_each(|set| block(&mut text, world, set));
    }
    if !found.unreached.is_empty() {
        let _ = writeln!(text, "\nnot reached:");
        for own in &found.unreached {
            let why =
                own.code.map_or("somebody else takes it".to_owned(), |code| format!("{code}: {}", code.meaning()));
            let _ = writeln!(text, "  {why}");
            ends(&mut text, world, &own.from, &own.to);
        }
    }
    let is_named = |set: &Set| set.to.iter().any(|own| matches!(own, Member::Service { .. }));
    if stand.is_read() && found.sets.iter().any(is_named) {
        let _ = writeln!(
            text,
            "\nservices are asked by name: it holds if no private hosted zone and no Resolver rule has one; files tell neither"
        );
    }
    shown(world, &text)
}

/// What came of assertions.
pub(super) fn assertions(stand: &Stand<'_>, judged: &[Judged]) -> String {
    let world = stand.world();
    let mut text = String::new();
    for own in judged {
        let word = match own.outcome {
            Outcome::Yes => "holds",
            Outcome::No => "FAILS",
            Outcome::Undetermined => "undetermined",
        };
        let _ = writeln!(text, "{word}: {} ({}:{})", clean(&own.name), own.file, own.line);
        for reason in own.reasons.iter().filter(|_| own.outcome != Outcome::Yes) {
            let _ = writeln!(text, "  {}", shown(world, reason));
        }
        if let Some(example) = &own.example {
            let verdict = match (&example.disposition, own.outcome) {
                (_, Outcome::Undetermined) => Verdict::Undetermined,
                (end, _) if end.blocked_by().is_some() => Verdict::Blocked,
                _ => Verdict::Reached,
            };
            let tree = path(world, verdict, vec![example.disposition.to_string()], example);
            let screen = Screen { width: COLUMNS, colour: false };
            for line in rendered(&tree, screen).lines() {
                let _ = writeln!(text, "{}", format!("    {line}").trim_end());
            }
        }
    }
    let count = |outcome| judged.iter().filter(|own| own.outcome == outcome).count();
    let (held, failed, open) = (count(Outcome::Yes), count(Outcome::No), count(Outcome::Undetermined));
    let _ = writeln!(text, "{held} hold, {failed} fail, {open} are undetermined");
    text
}

/// A set in a line.
pub(super) fn line(world: &World, set: &Set) -> String {
    format!("{} to {} at {}", members(world, &set.from), members(world, &set.to), traffic(set))
}

/// Those who do not get there, in a line.
pub(super) fn stopped(world: &World, own: &Unreached) -> String {
    let why = own.code.map_or("somebody else takes it", |code| code.as_str());
    format!("{} does not get to {}: {why}", members(world, &own.from), members(world, &own.to))
}

fn block(text: &mut String, world: &World, set: &Set) {
    let _ = writeln!(text, "  {}", traffic(set));
    ends(text, world, &set.from, &set.to);
    if !set.by.is_empty() {
        let by: Vec<String> = set.by.iter().map(Decided::to_string).collect();
        let _ = writeln!(text, "    by    {}", by.join("; "));
    }
    for own in &set.unknown {
        let _ = writeln!(text, "    not known: {own}");
    }
}

fn ends(text: &mut String, world: &World, from: &[Member], to: &[Member]) {
    let _ = writeln!(text, "    from  {}", members(world, from));
    let _ = writeln!(text, "    to    {}", members(world, to));
}

fn traffic(set: &Set) -> String {
    let protocol = IpProtocol::Number(set.protocol);
    let all = [Span(0, u16::MAX)];
    if ![6, 17].contains(&set.protocol) {
        return if [1, 58].contains(&set.protocol) { format!("{protocol} echo") } else { protocol.to_string() };
    }
    if set.ports == all {
        return format!("{protocol}, all ports");
    }
    format!("{protocol} {}", set.ports.iter().map(Span::to_string).collect::<Vec<_>>().join(", "))
}

fn members(world: &World, all: &[Member]) -> String {
    let mut told: Vec<String> = all.iter().take(MOST).map(|own| member(world, own)).collect();
    if all.len() > MOST {
        told.push(format!("and {} more", all.len() - MOST));
    }
    told.join(", ")
}

fn member(world: &World, member: &Member) -> String {
    match member {
        Member::Internet { ranges } => {
            let all = || {
                ranges.iter().take(3).map(
                    |(first, last)| {
                        if first == last { first.to_string() } else { format!("{first}-{last}") }
                    },
                )
            };
            let rest = ranges.len().saturating_sub(3);
            let rest = if rest > 0 { format!(" and {rest} more ranges") } else { String::new() };
            format!("the internet ({}{rest})", all().collect::<Vec<_>>().join(", "))
        }
        Member::Interface { interface, address } => {
            let name = world.interfaces.get(interface).map_or_else(|| interface.to_string(), belongs_to);
            address.map_or_else(|| name.clone(), |address| format!("{name} at {address}"))
        }
        Member::Gateway { endpoint } => endpoint.to_string(),
        Member::Service { service } => (*service).to_owned(),
    }
}

/// What an interface belongs to, and which it is: one that is only supposed has no id that anybody would know.
fn belongs_to(own: &NetworkInterface) -> String {
    let id = &own.id;
    match &own.attachment {
        Attachment::Instance { instance, .. } => format!("{instance} ({id})"),
        Attachment::Endpoint(endpoint) => format!("{endpoint} ({id})"),
        Attachment::NatGateway(gateway) => format!("{gateway} ({id})"),
        Attachment::Functions(all) => {
            let names: Vec<&str> = all.iter().filter_map(|arn| arn.rsplit(':').next()).collect();
            let functions = if names.len() == 1 { "function" } else { "functions" };
            format!("{functions} {} in {} ({id})", names.join(", "), own.subnet)
        }
        Attachment::Program if is_made_up(id.as_str()) => format!("a program in {}", own.subnet),
        Attachment::Program => format!("a program in {} ({id})", own.subnet),
        Attachment::None => format!("{id} in {}", own.subnet),
    }
}

/// A text with the names of what has one, as it may be printed.
fn shown(world: &World, text: &str) -> String {
    let lines: Vec<String> = text.lines().map(|line| clean(&named(world, line))).collect();
    if text.ends_with('\n') { lines.join("\n") + "\n" } else { lines.join("\n") }
}
