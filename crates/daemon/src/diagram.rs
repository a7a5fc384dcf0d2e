//! Pictures of a path: what a flow passes, in order, with what decided each, drawn as text and as SVG. Pure.
//!
//! A [`Picture`] is a value that any teller of paths can make: [`Picture::of`] from a trace, the demo from the events of
//! real requests. How it looks is said here alone.
//!
//! | file | about |
//! |---|---|
//! | `path.rs` | a trace, and what the intended path has beyond where it ends |
//! | `steps.rs`, `policies.rs` | what is told of each hop |
//! | `names.rs` | ids with their names, and what things are called |
//! | `line.rs` | columns of characters, and lines of a width |
//! | `text.rs` | a picture as text; several beside each other |
//! | `svg.rs`, `layout.rs`, `look.rs` | a picture as SVG: elements, places, colours and signs |
//! | `sheet.rs` | two pictures over a table as SVG |

mod layout;
mod line;
mod look;
mod names;
mod path;
mod policies;
mod sheet;
mod steps;
mod svg;
#[cfg(test)]
pub(crate) mod tests;
mod text;

pub(crate) use self::line::{clean, columns, fitted};
pub(crate) use self::names::service_name;
pub(crate) use self::sheet::sheet;
pub(crate) use self::text::side_by_side;

/// The picture of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Which way it is, such as `Gateway endpoint vpce-…`.
    title: String,
    /// What becomes of it.
    outcome: Outcome,
    /// The same in words.
    result: String,
    /// What it passes, in order.
    stages: Vec<Stage>,
    /// What to change so that it arrives, in order.
    changes: Vec<Change>,
}

impl Picture {
    /// The same where nobody can say whether the path is so, in words.
    pub(crate) fn in_doubt(self, result: &str) -> Self {
        if self.outcome == Outcome::Undetermined {
            return self;
        }
        Self { outcome: Outcome::Undetermined, result: result.to_owned(), ..self }
    }
}

/// What becomes of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It gets there.
    Reached,
    /// It does not.
    Blocked,
    /// Nobody can say.
    Undetermined,
}

/// Something that a path passes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stage {
    kind: Kind,
    /// What it is.
    title: String,
    /// What there is to say of it, a text each.
    details: Vec<String>,
    /// Ways that are not taken here, each with why.
    aside: Vec<String>,
    state: State,
    place: Place,
}

/// What a stage is, by which it has its sign, and by which two pictures are laid beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Who sends.
    Source,
    /// The resolver.
    Name,
    /// Security groups.
    Group,
    /// A network ACL.
    Acl,
    /// The route within the VPC.
    Local,
    /// A route table, where ways part.
    Routes,
    /// A gateway of any kind, or a peering connection.
    Gateway,
    /// A network interface.
    Interface,
    /// What joins the network interface of an endpoint with its service.
    PrivateLink,
    /// The internet.
    Internet,
    /// What the answer has to pass.
    Back,
    /// The name that TLS asks for, or a port.
    Tls,
    /// Policies.
    Policy,
    /// The service.
    Service,
}

/// What a stage does to the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It lets the path through.
    Passed,
    /// It lets it through, and chooses the way.
    Decides,
    /// It ends the path.
    Blocked,
    /// The path does not come here: it would as it is intended.
    Beyond,
    /// Nobody can say what it does.
    Unknown,
}

/// Where a stage is: empty where it is outside of a VPC or a subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    vpc: String,
    subnet: String,
}

/// A setting to change.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Change {
    current: String,
    needed: String,
}

impl Picture {
    /// A picture of stages.
    pub(crate) fn new(title: &str, outcome: Outcome, result: &str, stages: Vec<Stage>) -> Self {
        Self { title: line::clean(title), outcome, result: line::clean(result), stages, changes: Vec::new() }
    }

    /// The same, with a setting to change.
    fn changing(mut self, current: &str, needed: &str) -> Self {
        self.changes.push(Change { current: line::clean(current), needed: line::clean(needed) });
        self
    }
}

impl Stage {
    /// A stage that lets the path through.
    pub(crate) fn new(kind: Kind, title: impl AsRef<str>) -> Self {
        let title = line::clean(title.as_ref());
        Self { kind, title, details: Vec::new(), aside: Vec::new(), state: State::Passed, place: Place::default() }
    }

    /// The same, with something to say of it.
    #[must_use]
    pub(crate) fn with(mut self, detail: impl AsRef<str>) -> Self {
        self.details.push(line::clean(detail.as_ref()));
        self
    }

    /// The same, with a way that is not taken.
    #[must_use]
    pub(crate) fn without(mut self, way: impl AsRef<str>) -> Self {
        self.aside.push(line::clean(way.as_ref()));
        self
    }

    /// The same in another state.
    #[must_use]
    pub(crate) fn being(self, state: State) -> Self {
        Self { state, ..self }
    }

    /// The same somewhere.
    #[must_use]
    pub(crate) fn at(self, vpc: &str, subnet: &str) -> Self {
        Self { place: Place { vpc: line::clean(vpc), subnet: line::clean(subnet) }, ..self }
    }
}

impl Kind {
    /// The part of a path: where it begins, how it goes, what is decided, and where it ends. Pictures beside each other
    /// have the parts at the same height.
    const fn part(self) -> usize {
        match self {
            Self::Source | Self::Name => 0,
            Self::Group | Self::Acl | Self::Local | Self::Routes | Self::Gateway => 1,
            Self::Interface | Self::PrivateLink | Self::Internet | Self::Back => 1,
            Self::Tls | Self::Policy => 2,
            Self::Service => 3,
        }
    }
}

impl State {
    /// What it is called; nothing for what is as it should be.
    const fn called(self) -> &'static str {
        match self {
            Self::Passed => "",
            Self::Decides => "chooses the way",
            Self::Blocked => "ends here",
            Self::Beyond => "not reached",
            Self::Unknown => "not known",
        }
    }
}

impl Outcome {
    /// What it is called.
    const fn called(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Blocked => "blocked",
            Self::Undetermined => "undetermined",
        }
    }
}
