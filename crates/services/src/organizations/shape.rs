//! The documents that answers are made of, in the form of the API's model.

use serde_json::{Value, json};
use sidegate_model::AccountId;

use super::id::{HandshakeId, ParentId, PolicyId, RequestId, ResourcePolicyId, TargetId, UnitId};
use super::organization::{
    Account, CreateRequest, FeatureSet, Handshake, Joined, Organization, Party, Standing, managed_policies,
};
use super::world::World;
use crate::asked::seconds;

/// `Organization`
pub(super) fn organization(organization: &Organization) -> Value {
    let head = &organization.head;
    let management = TargetId::Account(head.management.clone());
    let email = organization.accounts.get(&head.management).map(|account| account.email.as_str());
    // A field that AWS has given up: it only ever tells of service control policies.
    let available = match head.feature_set {
        FeatureSet::All => json!([{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }]),
        FeatureSet::ConsolidatedBilling => json!([]),
    };
    json!({
        "Id": head.id, "Arn": organization.own_arn(), "FeatureSet": head.feature_set.name(),
        "MasterAccountArn": organization.target_arn(&management), "MasterAccountId": head.management,
        "MasterAccountEmail": email, "AvailablePolicyTypes": available,
    })
}

/// `Root`
pub(super) fn root(organization: &Organization) -> Value {
    let types: Vec<_> =
        organization.head.enabled.iter().map(|kind| json!({ "Type": kind.name(), "Status": "ENABLED" })).collect();
    let arn = organization.target_arn(&TargetId::Parent(organization.root()));
    json!({ "Id": organization.head.root, "Arn": arn, "Name": "Root", "PolicyTypes": types })
}

/// `OrganizationalUnit`
pub(super) fn unit(organization: &Organization, id: &UnitId) -> Value {
    let name = organization.units.get(id).map(|unit| unit.name.as_str());
    let own = ParentId::Unit(id.clone());
    let path = organization.path(&own);
    json!({ "Id": id, "Arn": organization.target_arn(&TargetId::Parent(own)), "Name": name, "Path": path })
}

/// `Account`
pub(super) fn account(organization: &Organization, id: &AccountId, account: &Account) -> Value {
    // Both tell the same; AWS means to do without the first.
    let (status, state) = match account.standing {
        Standing::Active => ("ACTIVE", "ACTIVE"),
        Standing::Closed => ("SUSPENDED", "CLOSED"),
    };
    let joined = match account.joined {
        Joined::Invited => "INVITED",
        Joined::Created => "CREATED",
    };
    json!({
        "Id": id, "Arn": organization.target_arn(&TargetId::Account(id.clone())), "Email": account.email,
        "Name": account.name, "Status": status, "State": state,
        "Paths": [format!("{}{id}/", organization.path(&account.parent))],
        "JoinedMethod": joined, "JoinedTimestamp": seconds(account.since),
    })
}

/// `CreateAccountStatus`
pub(super) fn request(id: &RequestId, request: &CreateRequest) -> Value {
    let time = seconds(request.requested);
    let common = json!({
        "Id": id, "AccountName": request.name, "RequestedTimestamp": time, "CompletedTimestamp": time,
    });
    match &request.outcome {
        Ok(account) => with(common, json!({ "State": "SUCCEEDED", "AccountId": account })),
        Err(reason) => with(common, json!({ "State": "FAILED", "FailureReason": reason })),
    }
}

/// `PolicySummary`
pub(super) fn policy_summary(organization: &Organization, id: &PolicyId) -> Value {
    let Some(policy) = organization.policy(id) else { return Value::Null };
    json!({
        "Id": id, "Arn": organization.policy_arn(id), "Name": policy.name, "Description": policy.description,
        "Type": policy.kind.name(), "AwsManaged": managed_policies().contains_key(id),
    })
}

/// `Policy`
pub(super) fn policy(organization: &Organization, id: &PolicyId) -> Value {
    let content = organization.policy(id).map(|policy| &*policy.content);
    json!({ "PolicySummary": policy_summary(organization, id), "Content": content })
}

/// `PolicyTargetSummary`
pub(super) fn target(organization: &Organization, target: &TargetId) -> Value {
    let name = match target {
        TargetId::Parent(ParentId::Root(_)) => Some("Root"),
        TargetId::Parent(ParentId::Unit(id)) => organization.units.get(id).map(|unit| unit.name.as_str()),
        TargetId::Account(id) => organization.accounts.get(id).map(|account| account.name.as_str()),
    };
    json!({ "TargetId": target, "Arn": organization.target_arn(target), "Name": name, "Type": target.kind() })
}

/// `ResourcePolicy`
pub(super) fn resource_policy(organization: &Organization, id: &ResourcePolicyId) -> Value {
    let content = organization.resource_policy.get(id).map(|policy| policy.content.as_str());
    let arn = organization.arn("resourcepolicy", &format!("/{id}"));
    json!({ "ResourcePolicySummary": { "Id": id, "Arn": arn }, "Content": content })
}

/// `Handshake`
pub(super) fn handshake(
    world: &World, organization: &Organization, id: &HandshakeId, shown: &Handshake, now: i64,
) -> Value {
    let head = &organization.head;
    let mut parties = vec![json!({ "Id": head.id, "Type": "ORGANIZATION" })];
    let mut resources = Vec::new();
    let contact = world.contact(&head.management);
    resources.push(json!({
        "Type": "ORGANIZATION", "Value": head.id,
        "Resources": [
            { "Type": "MASTER_EMAIL", "Value": contact.email },
            { "Type": "MASTER_NAME", "Value": contact.name },
            { "Type": "ORGANIZATION_FEATURE_SET", "Value": head.feature_set.name() },
        ],
    }));
    let (value, kind) = match &shown.target {
        Some(Party::Account(account)) => (account.to_string(), "ACCOUNT"),
        Some(Party::Email(email)) => (email.clone(), "EMAIL"),
        None => (String::new(), ""),
    };
    if !kind.is_empty() {
        parties.push(json!({ "Id": value, "Type": kind }));
        resources.push(json!({ "Type": kind, "Value": value }));
    }
    resources.extend(shown.notes.iter().map(|notes| json!({ "Type": "NOTES", "Value": notes })));
    resources.extend(shown.parent.iter().map(|parent| json!({ "Type": "PARENT_HANDSHAKE", "Value": parent })));
    json!({
        "Id": id, "Arn": organization.handshake_arn(id, shown.action), "Parties": parties,
        "State": shown.state(now).name(), "RequestedTimestamp": seconds(shown.requested),
        "ExpirationTimestamp": seconds(shown.expires), "Action": shown.action.name(), "Resources": resources,
    })
}

/// `Tag`
pub(super) fn tag(key: &str, value: &str) -> Value {
    json!({ "Key": key, "Value": value })
}

/// A document with the members of another.
pub(super) fn with(mut document: Value, more: Value) -> Value {
    if let (Some(document), Value::Object(more)) = (document.as_object_mut(), more) {
        document.extend(more);
    }
    document
}
