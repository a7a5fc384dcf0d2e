//! Selectors: what a person types for many ends at once, and what that stands for in a world.

use std::collections::BTreeSet;
use std::fmt;

use sidegate_model::{Attachment, Catalog, InstanceState, NetworkInterface, Service, SubnetId, World};
use sidegate_plan::analyze::reach::Ends;

use crate::diagram::clean;
use crate::explain::subject::near;

/// Which end of paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Where they begin.
    From,
    /// Where they lead.
    To,
}

/// What a selector stands for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selected {
    /// The ends.
    pub(crate) ends: Ends,
    /// The subnets that were selected as such: what might be started there counts too.
    pub(crate) subnets: BTreeSet<SubnetId>,
}

/// Why a selector stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SelectorError {
    /// Nothing is called so.
    Nothing {
        /// What was typed.
        text: String,
        /// Some of what there is.
        near: Vec<String>,
    },
    /// Something is called so, and nothing is in it.
    Empty {
        /// What was typed.
        text: String,
    },
    /// No path begins there.
    BeginsNothing {
        /// What was typed.
        text: String,
    },
    /// It has no form that a selector has.
    Form {
        /// What was typed.
        text: String,
    },
}

/// The kinds of things that can be selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Vpc,
    Subnet,
    Group,
    Instance,
    Function,
    Interface,
    Endpoint,
}

/// How things are picked.
enum Pick<'a> {
    All,
    Tag(&'a str, &'a str),
    Called(&'a str),
}

/// Something with an id and perhaps names.
struct Thing {
    kind: Kind,
    id: String,
    names: Vec<String>,
}

/// The most things that are told where nothing fits.
const MOST_NEAR: usize = 8;

const KINDS: [(&str, Kind); 7] = [
    ("vpc", Kind::Vpc),
    ("subnet", Kind::Subnet),
    ("group", Kind::Group),
    ("instance", Kind::Instance),
    ("function", Kind::Function),
    ("interface", Kind::Interface),
    ("endpoint", Kind::Endpoint),
];

/// What a selector stands for: `internet`, `service NAME`, or things by their kind, id, name or tag.
///
/// # Errors
/// [`SelectorError`] if it stands for nothing.
pub(crate) fn select(world: &World, text: &str, side: Side) -> Result<Selected, SelectorError> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).map_or((text, ""), |(word, rest)| (word, rest.trim()));
    match word {
        "" => return Err(SelectorError::Form { text: text.to_owned() }),
        "internet" | "outside" if rest.is_empty() => {
            return Ok(Selected { ends: Ends::internet(), subnets: BTreeSet::new() });
        }
        "service" => return service(rest, text, side),
        _ => {}
    }
    let kind = KINDS.iter().find(|(name, _)| *name == word && !rest.is_empty()).map(|(_, kind)| *kind);
    let what = if kind.is_some() { rest } else { text };
    let pick = match what.strip_prefix("tag:") {
        _ if what == "*" && kind.is_some() => Pick::All,
        Some(tag) => {
            let pair = tag.split_once('=').filter(|(key, _)| !key.is_empty());
            let (key, value) = pair.ok_or_else(|| SelectorError::Form { text: text.to_owned() })?;
            Pick::Tag(key, value)
        }
        None => Pick::Called(what),
    };
    let all: Vec<Thing> = things(world).into_iter().filter(|own| kind.is_none_or(|kind| own.kind == kind)).collect();
    let picked: Vec<&Thing> = all.iter().filter(|own| pick.takes(world, own)).collect();
    if picked.is_empty() {
        if kind.is_none() && side == Side::To && known(what).is_some() {
            return service(what, text, side);
        }
        let is_listed = |own: &&Thing| kind.is_some() || own.kind != Kind::Interface;
        let near = all.iter().filter(|own| is_near(own, what)).chain(all.iter().filter(is_listed));
        let mut told: Vec<String> = Vec::new();
        for own in near.map(Thing::to_string) {
            if !told.contains(&own) && told.len() < MOST_NEAR {
                told.push(own);
            }
        }
        return Err(SelectorError::Nothing { text: text.to_owned(), near: told });
    }
    let mut selected = Selected::default();
    for own in picked {
        selected.take(world, own, side);
    }
    if selected.ends.is_empty() && (side == Side::To || selected.subnets.is_empty()) {
        return Err(SelectorError::Empty { text: text.to_owned() });
    }
    Ok(selected)
}

fn service(name: &str, text: &str, side: Side) -> Result<Selected, SelectorError> {
    let known = known(name).ok_or_else(|| SelectorError::Nothing { text: text.to_owned(), near: services(name) })?;
    if side == Side::From {
        return Err(SelectorError::BeginsNothing { text: text.to_owned() });
    }
    let ends = Ends { services: BTreeSet::from([known.name]), ..Ends::default() };
    Ok(Selected { ends, subnets: BTreeSet::new() })
}

/// The service with this name that endpoints lead to.
fn known(name: &str) -> Option<&'static Service> {
    Catalog::named(name).filter(|own| own.has_endpoints())
}

/// The services that are called nearly so.
fn services(name: &str) -> Vec<String> {
    let all: Vec<&str> = Service::all().iter().map(|own| own.name).collect();
    near(name, &all).into_iter().take(MOST_NEAR).map(|own| format!("service {own}")).collect()
}

impl SelectorError {
    /// Whether a selector that says it may be empty may be so.
    pub(crate) const fn is_empty(&self) -> bool {
        matches!(self, Self::Nothing { .. } | Self::Empty { .. })
    }
}

impl Pick<'_> {
    fn takes(&self, world: &World, thing: &Thing) -> bool {
        match self {
            Self::All => true,
            Self::Tag(key, value) => world.tags(&thing.id).any(|own| own == (*key, *value)),
            Self::Called(name) => thing.id == *name || thing.names.iter().any(|own| own == name),
        }
    }
}

impl Selected {
    fn take(&mut self, world: &World, thing: &Thing, side: Side) {
        let is_of = |own: &NetworkInterface| match thing.kind {
            Kind::Vpc => own.vpc.as_str() == thing.id,
            Kind::Subnet => own.subnet.as_str() == thing.id,
            Kind::Group => own.groups.iter().any(|group| group.as_str() == thing.id),
            Kind::Instance => {
                matches!(&own.attachment, Attachment::Instance { instance, .. } if instance.as_str() == thing.id)
            }
            Kind::Function => own.functions().is_some_and(|all| all.contains(&thing.id)),
            Kind::Interface => own.id.as_str() == thing.id,
            Kind::Endpoint => matches!(&own.attachment, Attachment::Endpoint(id) if id.as_str() == thing.id),
        };
        let counts = |own: &NetworkInterface| match own.attachment {
            Attachment::NatGateway(_) => false,
            Attachment::Endpoint(_) => side == Side::To,
            _ => true,
        };
        let own = world.interfaces.iter().filter(|own| is_of(own) && counts(own));
        self.ends.interfaces.extend(own.map(|own| own.id.clone()));
        match (thing.kind, side) {
            (Kind::Subnet, Side::From) => self.subnets.extend(thing.id.parse::<SubnetId>().ok()),
            (Kind::Vpc, Side::From) => {
                let own = world.subnets.iter().filter(|own| own.vpc.as_str() == thing.id);
                self.subnets.extend(own.map(|own| own.id.clone()));
            }
            (Kind::Endpoint, Side::To) => {
                let own = thing.id.parse().ok().and_then(|id| world.endpoints.get(&id));
                self.ends.gateways.extend(own.filter(|own| own.route_tables().is_some()).map(|own| own.id.clone()));
            }
            _ => {}
        }
    }
}

/// All that can be selected, in the order of kinds and ids.
fn things(world: &World) -> Vec<Thing> {
    let thing = |kind, id: String| {
        let names = world.tags(&id).filter(|(key, _)| *key == "Name").map(|(_, name)| name.to_owned()).collect();
        Thing { kind, id, names }
    };
    let mut all: Vec<Thing> = world.vpcs.iter().map(|own| thing(Kind::Vpc, own.id.to_string())).collect();
    all.extend(world.subnets.iter().map(|own| thing(Kind::Subnet, own.id.to_string())));
    all.extend(world.security_groups.iter().map(|own| {
        let mut group = thing(Kind::Group, own.id.to_string());
        group.names.push(own.name.as_str().to_owned());
        group
    }));
    let instances = world.instances.iter().filter(|own| own.state != InstanceState::Terminated);
    all.extend(instances.map(|own| thing(Kind::Instance, own.id.to_string())));
    let functions: BTreeSet<&String> = world.interfaces.iter().filter_map(|own| own.functions()).flatten().collect();
    all.extend(functions.into_iter().map(|arn| {
        let name = arn.rsplit(':').next().unwrap_or(arn).to_owned();
        Thing { kind: Kind::Function, id: arn.clone(), names: vec![name] }
    }));
    all.extend(world.interfaces.iter().map(|own| thing(Kind::Interface, own.id.to_string())));
    all.extend(world.endpoints.iter().map(|own| thing(Kind::Endpoint, own.id.to_string())));
    all
}

/// Whether something could have been meant: what begins so, or in which it stands.
fn is_near(thing: &Thing, what: &str) -> bool {
    let what = what.to_lowercase();
    let stem = what.get(..what.len().saturating_sub(2)).filter(|stem| stem.len() >= 3).unwrap_or(&what);
    std::iter::once(&thing.id).chain(&thing.names).any(|own| own.to_lowercase().contains(stem))
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = KINDS.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(name, _)| name);
        write!(f, "{kind} {}", self.id)?;
        self.names.iter().try_for_each(|name| write!(f, " \"{}\"", clean(name)))
    }
}

impl fmt::Display for SelectorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |text: &String| format!("`{}`", clean(text));
        match self {
            Self::Nothing { text, near } if near.is_empty() => {
                write!(f, "{} selects nothing, and there is nothing like it", shown(text))
            }
            Self::Nothing { text, near } => {
                write!(f, "{} selects nothing", shown(text))?;
                if let Some((word, _)) = text.split_once(char::is_whitespace)
                    && !KINDS.iter().any(|(name, _)| *name == word)
                    && word != "service"
                {
                    let kinds = KINDS.map(|(name, _)| name).join(", ");
                    write!(f, " (`{}` is no kind; kinds are {kinds})", clean(word))?;
                }
                f.write_str("; there is:")?;
                near.iter().try_for_each(|own| write!(f, "\n  {own}"))
            }
            Self::Empty { text } => write!(f, "nothing runs in what {} selects", shown(text)),
            Self::BeginsNothing { text } => write!(f, "{} begins no connections", shown(text)),
            Self::Form { text } => write!(
                f,
                "{} is no selector; one is `internet`, `service NAME`, or an id, a name, `tag:KEY=VALUE` or `*`, with the \
                 kind before it: {}",
                shown(text),
                KINDS.map(|(name, _)| name).join(", ")
            ),
        }
    }
}
