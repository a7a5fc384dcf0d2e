//! Servers that answer in place of services of Sidegate.
//!
//! What a request requires is found out here and decided here; only then it is sent on, signed with the key of the server.
//! S3 is told by method and path and has rules of its own (`s3::Upstream`). The services whose requests are documents have
//! an `Upstream` each, in which the same operations that act here only decide: they see the document and what the server
//! told of the resource, and another acts.
//!
//! A service that is not emulated here has a [`Relay`], which knows no more than what a request says of itself. One that is
//! asked by names of resources, and by proofs of its own, gets requests nearly as they came (`hosted_call`).
//!
//! What a server has counts as the caller's own: the account and the Region in its ARNs stand for those of the caller.

mod connector;
mod forwarding;
mod hosted_call;
pub(crate) mod members;
mod origin;
mod patience;
mod place;
mod relay;
mod remote_call;
mod server;

use http::Response;

pub use origin::{NoOrigin, Origin};
pub use relay::Relay;

pub(crate) use forwarding::{is_of_credentials, parameters};
pub(crate) use patience::Stopped;
pub(crate) use place::Place;
pub(crate) use remote_call::RemoteCall;
pub(crate) use server::{Answer, Server, Unanswered};

use crate::Authorized;

/// What became of a request.
pub(crate) enum Outcome {
    /// It was done here.
    Answered(Response<Vec<u8>>),
    /// It may be done, by another server.
    Allowed(Authorized),
    /// The same, but for some of its parts: of each, in their order, the code and the message of why not, if it may not.
    AllowedInPart(Authorized, Vec<Option<(String, String)>>),
}

impl Outcome {
    /// The answer of what was done here.
    pub(crate) fn answered(self) -> Option<Response<Vec<u8>>> {
        match self {
            Self::Answered(answer) => Some(answer),
            Self::Allowed(_) | Self::AllowedInPart(..) => None,
        }
    }

    /// The proof that another server may act.
    pub(crate) fn allowed(self) -> Option<Authorized> {
        match self {
            // What may be done in part is not to be taken for the whole.
            Self::Answered(_) | Self::AllowedInPart(..) => None,
            Self::Allowed(allowed) => Some(allowed),
        }
    }
}
