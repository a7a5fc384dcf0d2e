//! A look at a flow that the control socket asks for, in plain words.

use sidegate_linux::dataplane::INTERNET_HOSTS;
use sidegate_model::{InstanceId, NetworkInterfaceId, SubnetId};
use sidegate_plan::analyze::{Flow, Goal, Source, Trace, trace};

use super::Grounds;
use super::call::{AskedCall, call};
use super::live::{Live, live};
use crate::control::Look;

/// What came of a look.
pub(crate) struct Looked {
    /// What is to be seen.
    pub(crate) trace: Trace,
    /// What was taken for granted of the call.
    pub(crate) notes: Vec<String>,
    /// What was seen.
    pub(crate) live: Live,
}

/// Traces a flow over what is in force, and looks at it.
///
/// # Errors
/// In words, if there is no such flow, or nobody can look at it.
pub(crate) async fn look(grounds: &Grounds, look: &Look) -> Result<Looked, String> {
    let source = source(&look.from)?;
    let (asked, notes) = match &look.action {
        Some(action) => {
            let asked = call(grounds, &source, action, look.resource.as_deref(), look.principal.as_deref()).await;
            let AskedCall { call, notes } = asked.map_err(|error| error.to_string())?;
            (Some(call), notes)
        }
        None => (None, Vec::new()),
    };
    let mut flow = Flow { call: asked, ..Flow::tcp(source, goal(&look.to), look.port) };
    flow.protocol = look.protocol.unwrap_or(flow.protocol);
    let (world, plan) = grounds.engine.settled().await;
    let trace = trace(&world, &plan, &flow).map_err(|error| error.to_string())?;
    let live = live(grounds, &flow, &trace).await.map_err(|error| error.to_string())?;
    Ok(Looked { trace, notes, live })
}

fn source(text: &str) -> Result<Source, String> {
    if text == "internet" {
        let host = INTERNET_HOSTS.nth(1).ok_or("the internet has no host")?;
        return Ok(Source::Internet(host.into()));
    }
    if text.starts_with("arn:aws:lambda:") {
        return Ok(Source::Function(text.to_owned()));
    }
    let groups = Vec::new();
    let instance = || text.parse::<InstanceId>().map(Source::Instance).ok();
    let interface = || text.parse::<NetworkInterfaceId>().map(Source::Interface).ok();
    let subnet = || text.parse::<SubnetId>().map(|subnet| Source::Subnet { subnet, groups }).ok();
    instance().or_else(interface).or_else(subnet).ok_or_else(|| format!("`{text}` is no source"))
}

fn goal(text: &str) -> Goal {
    if let Ok(address) = text.parse() {
        return Goal::Address(address);
    }
    let instance = || text.parse::<InstanceId>().map(Goal::Instance).ok();
    let interface = || text.parse::<NetworkInterfaceId>().map(Goal::Interface).ok();
    let other = || if text.contains('.') { Goal::Name(text.to_owned()) } else { Goal::Service(text.to_owned()) };
    instance().or_else(interface).unwrap_or_else(other)
}
