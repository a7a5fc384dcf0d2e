//! What can go wrong between a plan and the kernel.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

use sidegate_model::VpcId;

use super::{Applied, RenderError};
use crate::holder::HolderError;
use crate::netns::NetNsError;

/// Why the kernel is not, or may not be, what a plan says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataplaneError {
    /// The holder of the namespaces failed.
    #[error(transparent)]
    Holder(#[from] HolderError),
    /// Some VPCs could not be set. They pass nothing that the plan forbids; the next attempt reads them back.
    #[error("cannot set {}", Failures(.failures))]
    Incomplete {
        /// What was done in the others.
        applied: Applied,
        /// What went wrong, by VPC.
        failures: BTreeMap<VpcId, VpcError>,
    },
    /// One VPC could not be dealt with.
    #[error("{vpc}: {reason}")]
    Vpc {
        /// The VPC.
        vpc: VpcId,
        /// What went wrong.
        reason: VpcError,
    },
    /// The VPC has no namespace.
    #[error("{vpc} has no network namespace: one is made when the first interface in it starts")]
    NoNamespace {
        /// The VPC.
        vpc: VpcId,
    },
}

/// What went wrong in one VPC's namespace.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VpcError {
    /// The plan cannot be carried out by any kernel.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The holder of the namespaces failed.
    #[error(transparent)]
    Holder(#[from] HolderError),
    /// It is not known what the holder of the namespaces has.
    #[error("the holder of the namespaces could not be heard, or not be given what it must keep")]
    Unattended,
    /// The namespace could not be entered.
    #[error(transparent)]
    Namespace(#[from] NetNsError),
    /// Something could not be read back.
    #[error("cannot read {what} ({reason})")]
    Read {
        /// What.
        what: String,
        /// The kernel's answer.
        reason: io::Error,
    },
    /// A change was refused.
    #[error("cannot {step} ({reason})")]
    Apply {
        /// The change.
        step: String,
        /// The kernel's answer.
        reason: io::Error,
    },
    /// A passage of the VPC could not be set. It lets nothing pass.
    #[error("passage {name}: {reason}")]
    Passage {
        /// The passage.
        name: String,
        /// What went wrong.
        reason: String,
    },
    /// A socket could not be opened.
    #[error("cannot listen on {address} ({reason}); is another Sidegate running on this state directory?")]
    Listen {
        /// Address and port.
        address: String,
        /// The kernel's answer.
        reason: io::Error,
    },
}

impl VpcError {
    pub(super) fn read(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        |reason| Self::Read { what, reason }
    }
}

struct Failures<'a>(&'a BTreeMap<VpcId, VpcError>);

impl fmt::Display for Failures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (vpc, reason)) in self.0.iter().enumerate() {
            write!(f, "{}{vpc}: {reason}", if place == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}
