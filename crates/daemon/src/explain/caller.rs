//! Who calls from a source, and what policies say of the caller.

use sidegate_edge::gate::Grants;
use sidegate_iam::{PolicyKind, Principal};
use sidegate_model::{
    AccountId, Arn, Attachment, InstanceId, NetworkInterface, NetworkInterfaceId, Scope, SubnetId, World,
};
use sidegate_plan::analyze::Source;
use sidegate_services::iam::{InstanceFacts, RoleFacts, Subject};

use super::Grounds;
use super::call::CallError;
use crate::identities::SessionFacts;
use crate::role_sessions::trusts_ec2;

/// The name of a role's session of which only the role is known.
const SUPPOSED: &str = "supposed";

/// Who calls.
pub(super) struct Caller {
    pub(super) principal: Principal,
    pub(super) grants: Grants,
    /// The layers of which nothing is known.
    pub(super) unknown: Vec<PolicyKind>,
    /// How it comes that it is this one.
    pub(super) notes: Vec<String>,
}

impl Caller {
    fn of((principal, grants): (Principal, Grants), note: Option<String>) -> Self {
        Self { principal, grants, unknown: Vec::new(), notes: note.into_iter().collect() }
    }

    fn bare(principal: Principal, note: Option<String>) -> Self {
        Self::of((principal, Grants::default()), note)
    }

    fn nobody(why: impl Into<String>) -> Self {
        Self::bare(Principal::Anonymous, Some(why.into()))
    }
}

/// The caller that is named: by the ARN of a user, a role, a session of one or a root user, by the name of a service, or as
/// `anonymous`.
pub(super) fn named(grounds: &Grounds, text: &str, now: i64) -> Result<Caller, CallError> {
    let unknown = || CallError::NoPrincipal(text.to_owned());
    let suppose = |account: &AccountId, subject: &Subject| {
        grounds.identities.suppose(account, subject, SessionFacts::default(), now)
    };
    if let Some(role) = grounds.directory.role(text) {
        let note = format!("of {text} it is a session that nothing was added to");
        return Ok(Caller::of(suppose(&role.account, &role.session(SUPPOSED)), Some(note)));
    }
    let principal = Principal::parse(text).map_err(|_| unknown())?;
    Ok(match &principal {
        Principal::User { account, name, .. } => {
            let user = grounds.directory.user_named(&account.id, name).ok_or_else(unknown)?;
            let (found, grants) = suppose(&account.id, &user);
            if found.arn() != principal.arn() {
                return Err(unknown());
            }
            Caller::of((found, grants), None)
        }
        Principal::AssumedRole { account, role, session, .. } => {
            let role = grounds.directory.role_named(&account.id, role).ok_or_else(unknown)?;
            Caller::of(suppose(&account.id, &role.session(session)), None)
        }
        // What limits such a session is known of a key alone.
        Principal::FederatedUser { .. } => Caller {
            unknown: vec![PolicyKind::Identity, PolicyKind::Boundary, PolicyKind::Session],
            ..Caller::bare(principal, Some("what limits a federated session is not known without its key".to_owned()))
        },
        _ => Caller::bare(principal, None),
    })
}

/// The caller that a source has if nobody is named.
pub(super) fn of_source(grounds: &Grounds, world: &World, source: &Source, now: i64) -> Result<Caller, CallError> {
    match source {
        Source::Interface(id) | Source::Address { interface: id, .. } => {
            of_interface(grounds, world, interface(world, id)?, now)
        }
        Source::Instance(id) => of_instance(grounds, world, id, now),
        Source::Function(arn) => Ok(of_function(grounds, arn, now)),
        Source::Subnet { subnet, .. } => Ok(with_the_accounts_key(&subnet_scope(world, subnet)?.account)),
        Source::Internet(_) => Ok(Caller::nobody("nobody is named, and so it is called without a signature")),
    }
}

/// The account and the Region of a source.
pub(super) fn scope(grounds: &Grounds, world: &World, source: &Source) -> Result<Scope, CallError> {
    Ok(match source {
        Source::Interface(id) | Source::Address { interface: id, .. } => interface(world, id)?.scope.clone(),
        Source::Instance(id) => {
            let instance = world.instances.get(id).ok_or_else(|| CallError::NoSource(id.to_string()))?;
            instance.scope.clone()
        }
        Source::Function(arn) => scope_of_arn(arn).ok_or_else(|| CallError::NoSource(arn.clone()))?,
        Source::Subnet { subnet, .. } => subnet_scope(world, subnet)?,
        Source::Internet(_) => grounds.home.clone(),
    })
}

/// The account and the Region of an ARN that names both.
pub(super) fn scope_of_arn(arn: &str) -> Option<Scope> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(Scope { account, region })
}

fn interface<'w>(world: &'w World, id: &NetworkInterfaceId) -> Result<&'w NetworkInterface, CallError> {
    world.interfaces.get(id).ok_or_else(|| CallError::NoSource(id.to_string()))
}

fn subnet_scope(world: &World, id: &SubnetId) -> Result<Scope, CallError> {
    let subnet = world.subnets.get(id).ok_or_else(|| CallError::NoSource(id.to_string()))?;
    Ok(subnet.scope.clone())
}

fn of_interface(grounds: &Grounds, world: &World, interface: &NetworkInterface, now: i64) -> Result<Caller, CallError> {
    match &interface.attachment {
        Attachment::Instance { instance, .. } => of_instance(grounds, world, instance, now),
        Attachment::Functions(functions) => match functions.first() {
            Some(first) => {
                let mut caller = of_function(grounds, first, now);
                if functions.len() > 1 {
                    caller
                        .notes
                        .push(format!("{} functions share the interface; it is asked for {first}", functions.len()));
                }
                Ok(caller)
            }
            None => Ok(Caller::nobody("no function has the interface any more")),
        },
        Attachment::Program => Ok(match interface.role.as_deref().map(|arn| (arn, grounds.directory.role(arn))) {
            Some((_, Some(role))) => {
                // The name that the metadata service gives to a program's session.
                let session = interface.id.as_str().replacen("eni-", "i-", 1);
                let facts = session_of(&interface.scope, &session, Some(interface));
                Caller::of(of_role(grounds, &role, &session, facts, now), None)
            }
            Some((arn, None)) => Caller::nobody(format!("the program's role {arn} is gone")),
            None => with_the_accounts_key(&interface.scope.account),
        }),
        Attachment::Endpoint(_) | Attachment::NatGateway(_) | Attachment::None => {
            Ok(Caller::nobody("nothing that calls runs behind the interface"))
        }
    }
}

/// A session of the role of an instance's profile, as the metadata service gives it.
fn of_instance(grounds: &Grounds, world: &World, id: &InstanceId, now: i64) -> Result<Caller, CallError> {
    let instance = world.instances.get(id).ok_or_else(|| CallError::NoSource(id.to_string()))?;
    let account = &instance.scope.account;
    let Some(profile) = instance.profile.as_ref().map(|association| &association.profile) else {
        return Ok(with_the_accounts_key(account));
    };
    let found = grounds.directory.instance_profile(account, &profile.arn).filter(|found| *found.id == *profile.id);
    let Some(role) = found.and_then(|found| found.role) else {
        return Ok(Caller::nobody(format!("the instance profile {} leads to no role", profile.arn)));
    };
    if !trusts_ec2(&role, now) {
        return Ok(Caller::nobody(format!(
            "the role {} does not trust EC2, which gets no credentials of it",
            role.arn
        )));
    }
    let first = instance.interface.as_ref().and_then(|id| world.interfaces.get(id));
    let session = session_of(&instance.scope, id.as_str(), first);
    Ok(Caller::of(of_role(grounds, &role, id.as_str(), session, now), None))
}

/// What the metadata service notes of the session of an instance, or of what has the place of one.
fn session_of(scope: &Scope, instance: &str, first: Option<&NetworkInterface>) -> SessionFacts {
    let facts = InstanceFacts {
        arn: Arn::ec2(scope, "instance", &instance).to_string(),
        vpc: first.map(|own| own.vpc.to_string()),
        private_ipv4: first.map(|own| own.address),
        role_delivery: "2.0".to_owned(),
    };
    SessionFacts { instance: Some(facts), function: None }
}

/// A session of the execution role of a function.
fn of_function(grounds: &Grounds, arn: &str, now: i64) -> Caller {
    let role = scope_of_arn(arn).and_then(|scope| grounds.lambda.execution_role(&scope, arn));
    let Some(role) = role.and_then(|role| grounds.directory.role(&role)) else {
        return Caller::nobody(format!("no execution role of {arn} is there"));
    };
    let whole: Vec<_> = arn.split(':').take(7).collect();
    let name = whole.last().copied().unwrap_or(SUPPOSED).to_owned();
    let session = SessionFacts { instance: None, function: Some(whole.join(":")) };
    Caller::of(of_role(grounds, &role, &name, session, now), None)
}

fn of_role(grounds: &Grounds, role: &RoleFacts, session: &str, facts: SessionFacts, now: i64) -> (Principal, Grants) {
    grounds.identities.suppose(&role.account, &role.session(session), facts, now)
}

/// Whoever has no role is given the key of its account here.
fn with_the_accounts_key(account: &AccountId) -> Caller {
    let principal = Principal::Root(account.clone().into());
    let note =
        "the source has no role, and so it calls with the key that Sidegate gives it: that of its account's root user";
    Caller::bare(principal, Some(note.to_owned()))
}
