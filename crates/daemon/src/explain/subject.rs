//! Subjects: what a person types as the two ends of a path, and what it stands for in a world.
//!
//! | file | about |
//! |---|---|
//! | `thing.rs` | what there is, with ids and names, and what is near to a name |
//! | `form.rs` | the forms of addresses, URLs and ARNs |
//! | `target.rs` | what the far end stands for |

mod form;
mod target;
#[cfg(test)]
mod tests;
mod thing;

use std::fmt::{self, Write as _};
use std::net::IpAddr;

use sidegate_model::{AccountId, InstanceId, NetworkInterfaceId, Region, Scope, SecurityGroupId, SubnetId, World};
use sidegate_plan::analyze::{SOMEBODY, SOMEBODY_IPV6, Source};

pub(crate) use self::target::Target;
pub(crate) use self::thing::{Kind, Thing, near};
use crate::diagram::clean;

/// What things can be called for the internet.
const OUTSIDE: [&str; 2] = ["internet", "outside"];

/// What there is in a world, or in a part of it, for names to stand for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subjects<'a> {
    world: &'a World,
    account: Option<&'a AccountId>,
    region: Option<Region>,
}

/// An end of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Where it begins.
    Source,
    /// Where it leads.
    Target,
}

/// Why what was typed stands for no end of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SubjectError {
    /// Nothing is called so.
    Nothing {
        /// Which end.
        end: End,
        /// What was typed.
        text: String,
        /// What is called nearly so.
        near: Vec<Thing>,
    },
    /// What is called so is of another account, or in another Region, than those that were said.
    Elsewhere {
        /// What was typed.
        text: String,
        /// What is called so there.
        all: Vec<Thing>,
    },
    /// Nothing was typed.
    Unsaid {
        /// Which end.
        end: End,
    },
    /// Several things are called so.
    Several {
        /// What was typed.
        text: String,
        /// They.
        all: Vec<Thing>,
    },
    /// A path does not begin or end at such a thing.
    Kind {
        /// Which end.
        end: End,
        /// The thing.
        thing: Thing,
    },
    /// It has the form of something, and is none.
    Form {
        /// What was typed.
        text: String,
        /// Why it is none.
        reason: String,
    },
    /// Security groups go with a subnet alone.
    Groups {
        /// What was typed.
        text: String,
    },
}

impl<'a> Subjects<'a> {
    /// All of a world.
    pub(crate) fn of(world: &'a World) -> Self {
        Self { world, account: None, region: None }
    }

    /// Only what an account has, or what is in a Region.
    pub(crate) fn within(self, account: Option<&'a AccountId>, region: Option<Region>) -> Self {
        Self { account, region, ..self }
    }

    /// Where a path begins: an instance, a network interface, a function, a subnet (with the groups of a program in it) or
    /// the internet. Of the internet, `ipv6` says which family somebody there has.
    pub(crate) fn source(&self, text: &str, groups: &[SecurityGroupId], ipv6: bool) -> Result<Source, SubjectError> {
        let text = text.trim();
        End::Source.is_said(text)?;
        let source = match outside(text) {
            Some(address) => Source::Internet(match address? {
                Some(address) => address,
                None if ipv6 => SOMEBODY_IPV6.into(),
                None => SOMEBODY.into(),
            }),
            None => {
                let thing = self.sought(text, End::Source)?;
                let source = self.at_address(text, &thing).or_else(|| source_of(&thing, groups));
                source.ok_or(SubjectError::Kind { end: End::Source, thing })?
            }
        };
        match source {
            Source::Subnet { .. } => Ok(source),
            _ if groups.is_empty() => Ok(source),
            _ => Err(SubjectError::Groups { text: text.to_owned() }),
        }
    }

    /// Why nothing was found.
    fn unfound(&self, text: &str, end: End) -> SubjectError {
        if let Some(thing) = self.place_called(text) {
            return SubjectError::Kind { end, thing };
        }
        let all = || Subjects::of(self.world).called(text);
        let elsewhere = if self.account.is_some() || self.region.is_some() { all() } else { Vec::new() };
        match elsewhere.is_empty() {
            true => SubjectError::Nothing { end, text: text.to_owned(), near: self.near(text, end) },
            false => SubjectError::Elsewhere { text: text.to_owned(), all: elsewhere },
        }
    }

    /// An interface that is named by another of its addresses than the first, or by the public address of one.
    fn at_address(&self, text: &str, thing: &Thing) -> Option<Source> {
        let typed: IpAddr = text.parse().ok()?;
        let own = self.world.interfaces.get(&thing.id.parse().ok()?)?;
        let mapped = self.world.public_addresses_of(&own.vpc);
        let private = mapped.filter(|own| own.public == typed).map(|own| IpAddr::from(own.private)).next();
        let address = private.unwrap_or(typed);
        let is_first = address == IpAddr::from(own.address) || own.ipv6.first().is_some_and(|own| *own == address);
        (!is_first).then(|| Source::Address { interface: own.id.clone(), address })
    }

    /// The one thing that what was typed stands for.
    fn sought(&self, text: &str, end: End) -> Result<Thing, SubjectError> {
        let mut found = self.called(text);
        // What no path can have at this end is told only if it is all that is called so.
        if found.iter().any(|own| own.kind.is_end(end)) {
            found.retain(|own| own.kind.is_end(end));
        }
        match found.as_slice() {
            [] => Err(self.unfound(text, end)),
            [one] if one.kind.is_end(end) => Ok(one.clone()),
            [one] => Err(SubjectError::Kind { end, thing: one.clone() }),
            _ => Err(SubjectError::Several { text: text.to_owned(), all: found }),
        }
    }

    /// Whether something of this scope is looked at.
    fn holds(&self, scope: &Scope) -> bool {
        self.account.is_none_or(|own| *own == scope.account) && self.region.is_none_or(|own| own == scope.region)
    }
}

/// The address on the internet that stands there, if the internet does.
fn outside(text: &str) -> Option<Result<Option<IpAddr>, SubjectError>> {
    let lower = text.to_ascii_lowercase();
    let rest = OUTSIDE.iter().find_map(|name| lower.strip_prefix(name))?;
    if rest.is_empty() {
        return Some(Ok(None));
    }
    let address = rest.strip_prefix(':')?;
    let parsed = address.trim_start_matches('[').trim_end_matches(']').parse();
    Some(parsed.map(Some).map_err(|_| SubjectError::Form {
        text: text.to_owned(),
        reason: "an address follows the colon, as in `internet:198.51.100.7`".to_owned(),
    }))
}

fn source_of(thing: &Thing, groups: &[SecurityGroupId]) -> Option<Source> {
    Some(match thing.kind {
        Kind::Instance => Source::Instance(thing.id.parse::<InstanceId>().ok()?),
        Kind::Interface => Source::Interface(thing.id.parse::<NetworkInterfaceId>().ok()?),
        Kind::Function => Source::Function(thing.id.clone()),
        Kind::Subnet => Source::Subnet { subnet: thing.id.parse::<SubnetId>().ok()?, groups: groups.to_vec() },
        _ => return None,
    })
}

impl End {
    /// What can stand there, in words.
    const fn forms(self) -> &'static str {
        match self {
            Self::Source => {
                "an instance (i-…), a network interface (eni-…), a subnet (subnet-…), a Name tag or an address of one of them, \
                 lambda:FUNCTION, or internet[:ADDRESS]"
            }
            Self::Target => {
                "a service (s3), a DNS name, a URL, ADDRESS[:PORT], an instance, a network interface, an endpoint, a Name tag, \
                 s3://BUCKET/KEY or an ARN"
            }
        }
    }

    /// Refuses what is empty.
    fn is_said(self, text: &str) -> Result<(), SubjectError> {
        if text.is_empty() { Err(SubjectError::Unsaid { end: self }) } else { Ok(()) }
    }

    const fn verb(self) -> &'static str {
        match self {
            Self::Source => "begins",
            Self::Target => "ends",
        }
    }
}

/// Something typed, as it may be printed.
struct Typed<'a>(&'a str);

impl fmt::Display for Typed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", clean(self.0))
    }
}

impl fmt::Display for SubjectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |f: &mut fmt::Formatter<'_>, things: &[Thing]| {
            things.iter().try_for_each(|thing| {
                f.write_char('\n')?;
                write!(f, "  {thing}")
            })
        };
        match self {
            Self::Unsaid { end } => {
                write!(f, "nothing is said where the path {}; it {0} at {}", end.verb(), end.forms())
            }
            Self::Nothing { end, text, near } if near.is_empty() => {
                write!(f, "nothing is called {}; a path {} at {}", Typed(text), end.verb(), end.forms())
            }
            Self::Nothing { end, text, near } => {
                write!(f, "nothing where a path {} is called {}; there is:", end.verb(), Typed(text))?;
                list(f, near)
            }
            Self::Elsewhere { text, all } => {
                write!(f, "nothing of this account and Region is called {}; elsewhere there is:", Typed(text))?;
                list(f, all)
            }
            Self::Several { text, all } => {
                write!(f, "{} is the name of several; say which one is meant by its id:", Typed(text))?;
                list(f, all)
            }
            Self::Kind { end, thing } => {
                write!(f, "no path {} at the {} `{}`, but at {}", end.verb(), thing.kind, thing.id, end.forms())
            }
            Self::Form { text, reason } => write!(f, "{} cannot be understood: {reason}", Typed(text)),
            Self::Groups { text } => {
                write!(f, "{} has security groups of its own; --security-group goes with a subnet", Typed(text))
            }
        }
    }
}

impl std::error::Error for SubjectError {}
