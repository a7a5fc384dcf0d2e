//! The runtimes of functions: which AWS has, and which of them can be run here.
//!
//! Source: Lambda developer guide, "Lambda runtimes".

use std::fmt;

/// A runtime that Sidegate can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Runtime {
    /// `provided.al2023` and `provided.al2`: the code brings a program `bootstrap`, which speaks to the Runtime API.
    Provided(ProvidedBase),
    /// `python3.N`.
    Python {
        /// The minor version: 12 of `python3.12`.
        minor: u8,
    },
    /// `nodejsN.x`.
    Node {
        /// The major version: 22 of `nodejs22.x`.
        major: u8,
    },
}

/// The operating system that a program of the code's own is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProvidedBase {
    /// `provided.al2`
    Al2,
    /// `provided.al2023`
    Al2023,
}

/// What the name of a runtime is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A runtime that can be run.
    Served(Runtime),
    /// A runtime that AWS has and Sidegate has not.
    Unserved,
    /// A runtime that AWS had: functions cannot be made with it any more.
    Retired,
    /// No runtime.
    Unknown,
}

/// Runtimes that AWS has and that are not served.
const UNSERVED: [&str; 11] = [
    "dotnet10",
    "dotnet8",
    "java11",
    "java17",
    "java21",
    "java25",
    "java8.al2",
    "ruby3.2",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
];

/// Runtimes whose time is over.
///
/// Source: Lambda developer guide, "Deprecated runtimes".
const RETIRED: [&str; 23] = [
    "python2.7",
    "python3.6",
    "python3.7",
    "python3.8",
    "nodejs",
    "nodejs4.3",
    "nodejs4.3-edge",
    "nodejs6.10",
    "nodejs8.10",
    "nodejs10.x",
    "nodejs12.x",
    "nodejs14.x",
    "nodejs16.x",
    "java8",
    "dotnetcore1.0",
    "dotnetcore2.0",
    "dotnetcore2.1",
    "dotnetcore3.1",
    "dotnet6",
    "provided",
    "ruby2.5",
    "ruby2.7",
    "go1.x",
];

impl Runtime {
    /// Every runtime that is served, from the newest on.
    pub const ALL: [Self; 12] = [
        Self::Provided(ProvidedBase::Al2023),
        Self::Provided(ProvidedBase::Al2),
        Self::Python { minor: 14 },
        Self::Python { minor: 13 },
        Self::Python { minor: 12 },
        Self::Python { minor: 11 },
        Self::Python { minor: 10 },
        Self::Python { minor: 9 },
        Self::Node { major: 24 },
        Self::Node { major: 22 },
        Self::Node { major: 20 },
        Self::Node { major: 18 },
    ];

    /// What a name is.
    pub fn named(name: &str) -> Named {
        if let Some(runtime) = Self::ALL.into_iter().find(|runtime| runtime.to_string() == name) {
            return Named::Served(runtime);
        }
        if UNSERVED.contains(&name) {
            return Named::Unserved;
        }
        if RETIRED.contains(&name) { Named::Retired } else { Named::Unknown }
    }

    /// Whether the code brings the program that runs it.
    pub fn is_provided(self) -> bool {
        matches!(self, Self::Provided(_))
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Provided(ProvidedBase::Al2) => f.write_str("provided.al2"),
            Self::Provided(ProvidedBase::Al2023) => f.write_str("provided.al2023"),
            Self::Python { minor } => write!(f, "python3.{minor}"),
            Self::Node { major } => write!(f, "nodejs{major}.x"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runtime_is_known_by_its_own_name() {
        for runtime in Runtime::ALL {
            assert_eq!(Runtime::named(&runtime.to_string()), Named::Served(runtime));
        }
        assert_eq!(Runtime::named("python2.7"), Named::Retired);
        assert_eq!(Runtime::named("java21"), Named::Unserved);
        assert_eq!(Runtime::named("python3.99"), Named::Unknown);
    }
}
