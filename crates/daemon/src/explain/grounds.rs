//! What explanations of the running daemon stand on.

use std::sync::Arc;

use sidegate_edge::gate::Probes;
use sidegate_linux::holder;
use sidegate_model::Scope;
use sidegate_services::Service;
use sidegate_services::iam::Directory;
use sidegate_services::lambda::Lambda;

use crate::engine::Engine;
use crate::identities::Identities;
use crate::programs::Programs;

/// What explanations of the running daemon stand on. Cloning it gives another handle.
#[derive(Clone)]
pub(crate) struct Grounds {
    pub(crate) engine: Engine,
    pub(crate) programs: Programs,
    pub(crate) identities: Identities,
    pub(crate) directory: Directory,
    pub(crate) lambda: Lambda,
    /// The services that answer here.
    pub(crate) services: Vec<Arc<dyn Service>>,
    pub(crate) holder: holder::Client,
    /// The certificate of the local authority.
    pub(crate) authority: String,
    /// What the gate is asked with.
    pub(crate) probes: Probes,
    /// The account and the Region of calls from the internet.
    pub(crate) home: Scope,
}
