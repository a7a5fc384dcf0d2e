//! Explanations: what is told of a path, as a value.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use sidegate_iam::PolicyKind;
use sidegate_import::{Imported, Unknown as Undescribed, stands_for_a_service};
use sidegate_model::World;
use sidegate_plan::Plan;
use sidegate_plan::analyze::{
    self, Change, Code, Disposition, Flow, FlowError, Goal, Hop, NameOrigin, Remedy, Setting, Source, Step, Trace,
};

use super::live::Live;
use super::question::{Asked, QuestionError, WireProtocol};
use super::{command, doubt, met, names};

/// Whether a path is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    /// It is.
    Reached,
    /// It is not.
    Blocked,
    /// Nobody can say by what is known.
    Undetermined,
}

/// What is told of a path. Members are named in docs/how-to/explain-a-path.md, and keep their names.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Explanation {
    /// Whether it is reached.
    #[serde(rename = "result")]
    pub(crate) verdict: Verdict,
    /// The flow that was asked about.
    pub(crate) flow: Shown,
    /// Its path, and what becomes of it.
    pub(crate) trace: Trace,
    /// What to change so that it arrives; `None` if it does, or if nothing that is known helps.
    pub(crate) remedy: Option<Advice>,
    /// The layers of policies of which nobody knows what they say.
    #[serde(skip)]
    pub(super) unsaid: Vec<PolicyKind>,
    /// What the answer rests on and files do not tell.
    pub(crate) unknown: Vec<Open>,
    /// What was seen with packets, if it was looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) live: Option<Live>,
    /// What else is worth knowing.
    pub(crate) remarks: Vec<String>,
    /// The `Name` tags of the resources whose ids stand in it, by id.
    pub(crate) names: BTreeMap<String, String>,
}

/// A flow, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shown {
    /// Where it begins: an id, an ARN or `internet`.
    pub(crate) source: String,
    /// Where it leads: an id, an address, a name or a service.
    pub(crate) target: String,
    /// The protocol's number.
    pub(crate) protocol: u8,
    /// The port; for ICMP the type times 256 plus the code.
    pub(crate) port: u16,
    /// The calls that it is for, action and resource.
    pub(crate) calls: Vec<(String, String)>,
}

/// What to change, with what it leads to.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Advice {
    /// The settings, in the order in which the flow meets them.
    pub(crate) settings: Vec<Advised>,
    /// The path once they are changed.
    pub(crate) path: Trace,
    /// What that path rests on and files do not tell.
    pub(crate) unknown: Vec<Open>,
}

/// A setting to change.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Advised {
    /// The setting.
    #[serde(flatten)]
    pub(crate) setting: Setting,
    /// The command of the AWS CLI that changes it, if one does.
    pub(crate) command: Option<String>,
}

/// Something that files do not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Open {
    /// The id of the resource.
    pub(crate) resource: String,
    /// What of it.
    pub(crate) what: String,
    /// Why.
    pub(crate) why: String,
    /// What the answer takes it for.
    pub(crate) assumed: Option<String>,
}

impl Explanation {
    /// The answer, where `plan` is that of `world`, and `imported` has the world if it was read from files.
    pub(super) fn of(
        world: &World, plan: &Plan, asked: &Asked, imported: Option<&Imported>,
    ) -> Result<Self, QuestionError> {
        let flow = &asked.flow;
        let trace = analyze::trace(world, plan, flow)?;
        let unknown = imported.map(|files| open(world, files, flow, &trace)).unwrap_or_default();
        let trace = match imported.filter(|_| !unknown.is_empty()) {
            Some(files) => doubt::doubted(world, files, trace),
            None => trace,
        };
        let missed = missed(asked, &trace.disposition);
        let stand_ins = imported.and_then(|_| stand_ins(&trace));
        let zones = imported.filter(|_| unknown.is_empty()).and_then(|_| private_zones(&trace));
        let verdict = match &trace.disposition {
            _ if !unknown.is_empty() => Verdict::Undetermined,
            Disposition::Undetermined { .. } => Verdict::Undetermined,
            Disposition::Blocked { .. } => Verdict::Blocked,
            _ if missed.is_some() => Verdict::Blocked,
            _ => Verdict::Reached,
        };
        // What is not known may be all that there is to change.
        let remedy = if unknown.is_empty() && verdict != Verdict::Reached {
            advice(world, plan, asked, imported)?
        } else {
            None
        };
        let mut explanation = Self {
            verdict,
            flow: Shown::of(flow),
            trace,
            remedy,
            unsaid: flow.call.as_ref().map(|call| call.unknown.clone()).unwrap_or_default(),
            unknown,
            live: None,
            remarks: missed.into_iter().chain(asked.remarks.iter().cloned()).chain(stand_ins).chain(zones).collect(),
            names: BTreeMap::new(),
        };
        let text = serde_json::to_string(&explanation).unwrap_or_default();
        explanation.names = names::names_in(world, &text);
        Ok(explanation)
    }

    /// The same with what was seen. Where that differs, nobody can say.
    pub(super) fn seen(mut self, live: Live) -> Self {
        if live.agrees == Some(false) {
            self.verdict = Verdict::Undetermined;
        }
        self.live = Some(live);
        self
    }
}

impl Advice {
    /// The settings and the path alone.
    pub(super) fn remedy(&self) -> Remedy {
        let settings = self.settings.iter().map(|advised| advised.setting.clone()).collect();
        Remedy { settings, path: self.path.clone() }
    }
}

fn advice(world: &World, plan: &Plan, asked: &Asked, imported: Option<&Imported>) -> Result<Option<Advice>, FlowError> {
    let flow = &asked.flow;
    // A route of which it is not known where it leads is no fault that could be mended.
    let may_be = |change: &Change| match change {
        Change::ReplaceRoute { table, destination, .. } | Change::DeleteRoute { table, destination } => {
            imported.is_none_or(|files| !files.is_open_route(table, destination))
        }
        _ => true,
    };
    // Whoever names an endpoint wants it to be the way, and not any other.
    let by = asked.target.endpoint.as_ref();
    let remedy = by.map_or(Ok(None), |own| analyze::remedy_by(world, plan, flow, own))?;
    let remedy = remedy.filter(|remedy| remedy.settings.iter().all(|setting| may_be(&setting.change)));
    let remedy = match remedy {
        Some(remedy) => Some(remedy),
        None => analyze::remedy_among(world, plan, flow, may_be)?,
    };
    let advised = |setting: Setting| Advised { command: command::command(world, &setting.change), setting };
    Ok(remedy.map(|remedy| Advice {
        unknown: imported.map(|files| open(world, files, flow, &remedy.path)).unwrap_or_default(),
        path: remedy.path,
        settings: remedy.settings.into_iter().map(advised).collect(),
    }))
}

/// That a flow which was to reach an endpoint is taken elsewhere.
fn missed(asked: &Asked, end: &Disposition) -> Option<String> {
    let wanted = asked.target.endpoint.as_ref()?;
    match end {
        Disposition::Endpoint { endpoint, .. } if endpoint == wanted => None,
        Disposition::Endpoint { endpoint, .. } => Some(format!("{endpoint} takes it, and not {wanted}")),
        Disposition::Internet { service, .. } => {
            Some(format!("it reaches {service} over the internet, and not by {wanted}"))
        }
        Disposition::Outside { address, .. } => Some(format!("it leaves for {address}, and not to {wanted}")),
        Disposition::Delivered { interface } => Some(format!("it gets to {interface}, and not to {wanted}")),
        _ => None,
    }
}

/// What the trace of a flow rests on and files do not tell.
pub(crate) fn open(world: &World, files: &Imported, flow: &Flow, trace: &Trace) -> Vec<Open> {
    let mut all: Vec<Open> = Vec::new();
    for (to, met) in met::met(world, flow, trace) {
        for unknown in files.undetermined(to, met.iter().map(met::Meeting::as_met)) {
            let own = Open::of(unknown);
            if !all.contains(&own) {
                all.push(own);
            }
        }
    }
    // What is not known of a VPC's own names is enough to be said of one of these.
    let is_told = !all.is_empty();
    let names = trace.hops.iter().filter(|hop| !(is_told && is_host_name(world, hop)));
    all.extend(names.filter_map(undescribed_name));
    all
}

/// Whether a name is one that files tell an interface of the VPC to have.
fn is_host_name(world: &World, hop: &Hop) -> bool {
    let Step::Name(resolution) = &hop.step else { return false };
    let mut interfaces = resolution.vpc.iter().flat_map(|vpc| world.interfaces.of_vpc(vpc));
    interfaces.any(|own| own.private_dns_name() == resolution.name)
}

/// A name that public DNS would be asked for, and that none of the names known here is.
fn undescribed_name(hop: &Hop) -> Option<Open> {
    let Step::Name(resolution) = &hop.step else { return None };
    let is_absent = matches!(hop.blocks, Some(Code::DnsNoSuchName | Code::DnsNoRecord));
    (is_absent && resolution.origin == NameOrigin::PublicDns).then(|| Open {
        resource: resolution.name.clone(),
        what: "where it leads".to_owned(),
        why: "files tell neither public DNS nor private hosted zones".to_owned(),
        assumed: Some("a name that does not exist".to_owned()),
    })
}

/// That an answer of public DNS is one only as long as the VPC has none of its own, which no file tells.
fn private_zones(trace: &Trace) -> Option<String> {
    let resolution = trace.hops.iter().find_map(|hop| match &hop.step {
        Step::Name(resolution) => Some(resolution),
        _ => None,
    })?;
    let is_private = matches!(resolution.origin, NameOrigin::PrivateDns(_) | NameOrigin::Loopback | NameOrigin::Nobody);
    let (vpc, name) = (resolution.vpc.as_ref().filter(|_| !is_private)?, &resolution.name);
    Some(format!("it holds if no private hosted zone and no Resolver rule of {vpc} has {name}; files tell neither"))
}

/// That addresses in it are not the account's, if there are any.
fn stand_ins(trace: &Trace) -> Option<String> {
    let has = trace.hops.iter().any(|hop| match &hop.step {
        Step::Name(resolution) => resolution.addresses.iter().copied().any(stands_for_a_service),
        Step::Routes(choice) => stands_for_a_service(choice.address),
        _ => false,
    });
    let text =
        "public addresses of services in 198.18.0.0/15 and 2001:2::/48 stand for AWS's own, which files do not tell";
    has.then(|| text.to_owned())
}

impl fmt::Display for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { resource, what, why, assumed } = self;
        write!(f, "{resource}: {what}: {why}")?;
        assumed.as_ref().map_or(Ok(()), |assumed| write!(f, "; taken for {assumed}"))
    }
}

impl Open {
    fn of(unknown: &Undescribed) -> Self {
        let Undescribed { resource, what, why, assumed, .. } = unknown.clone();
        Self { resource, what, why, assumed }
    }
}

impl Shown {
    fn of(flow: &Flow) -> Self {
        let source = match &flow.source {
            Source::Interface(id) => id.to_string(),
            Source::Address { interface, address } => format!("{address} of {interface}"),
            Source::Instance(id) => id.to_string(),
            Source::Function(arn) => arn.clone(),
            Source::Subnet { subnet, .. } => subnet.to_string(),
            Source::Internet(_) => "internet".to_owned(),
        };
        let target = match &flow.goal {
            Goal::Address(address) => address.to_string(),
            Goal::Name(name) | Goal::Service(name) => name.clone(),
            Goal::Interface(id) => id.to_string(),
            Goal::Instance(id) => id.to_string(),
        };
        let requirements = flow.call.iter().flat_map(|call| &call.requirements);
        let calls = requirements.map(|own| (own.action.clone(), own.resource.clone())).collect();
        Self { source, target, protocol: flow.protocol, port: flow.port, calls }
    }

    /// The protocol with its port: `tcp 443`.
    pub(super) fn traffic(&self) -> String {
        let protocol = WireProtocol(self.protocol);
        if protocol.has_ports() { format!("{protocol} {}", self.port) } else { protocol.to_string() }
    }
}

impl Verdict {
    /// The word for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Reached => "reached",
            Self::Blocked => "blocked",
            Self::Undetermined => "undetermined",
        }
    }
}
