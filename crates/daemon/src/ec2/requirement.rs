//! What an action requires: its resources, each with the condition keys that are known of it and of the request.
//!
//! All actions are alike here: tags are read from the parameters, whose names are the same everywhere, and what exists is
//! found by the id at the end of its ARN.
//!
//! Source: Service authorization reference, "Actions, resources, and condition keys for Amazon EC2"; EC2 user guide,
//! "Grant permission to tag Amazon EC2 resources during creation".

mod found;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use sidegate_iam::{Context, Requirement};
use sidegate_model::{Scope, SubnetId, VpcId, World};
use sidegate_wire::query::Params;

use super::ids::arn;

/// The owner of the endpoint services that there are.
const AMAZON: &str = "amazon";

/// The parameters of RunInstances that have a key of their own, which is known of the instance.
const OF_INSTANCE: [(&str, &str); 4] = [
    ("ec2:InstanceType", "InstanceType"),
    ("ec2:MetadataHttpEndpoint", "MetadataOptions.HttpEndpoint"),
    ("ec2:MetadataHttpPutResponseHopLimit", "MetadataOptions.HttpPutResponseHopLimit"),
    ("ec2:MetadataHttpTokens", "MetadataOptions.HttpTokens"),
];

/// What a request asks for, as far as requirements rest on it.
pub(super) struct Asked<'a> {
    pub(super) action: &'static str,
    pub(super) params: &'a Params,
    pub(super) world: &'a World,
    pub(super) scope: &'a Scope,
}

/// Tags that a request gives, by their keys.
type Tags<'a> = BTreeMap<&'a str, Option<&'a str>>;

impl Asked<'_> {
    /// The requirements of the action on its resources, and those of tagging what it makes.
    pub(super) fn requirements(&self, resources: Vec<String>) -> Vec<Requirement> {
        let mut resources: Vec<String> = resources.into_iter().map(|resource| self.found(resource)).collect();
        if resources.is_empty() {
            resources.push("*".to_owned());
        }
        let made_in = MadeIn::of(self, &resources);
        let tags = self.specified();
        let mut requirements = Vec::with_capacity(resources.len() + tags.len());
        for resource in &resources {
            let mut context = self.known(resource, &made_in);
            if let Some(tags) = self.tags_of(resource, &tags) {
                with_tags(&mut context, tags);
            }
            let action = format!("ec2:{}", self.action);
            requirements.push(Requirement { context, ..Requirement::new(action, resource.as_str()) });
        }
        // Who makes something with tags must be allowed to tag it.
        for (kind, tags) in tags.iter().filter(|(kind, _)| !kind.is_empty()) {
            let same_kind = |resource: &&String| kind_and_name(resource).is_some_and(|(own, _)| own == *kind);
            let new = resources.iter().filter(|resource| self.makes(resource)).find(same_kind);
            let resource = new.cloned().unwrap_or_else(|| arn(self.scope, kind, "*"));
            let mut context = self.known(&resource, &made_in).with("ec2:CreateAction", self.action);
            with_tags(&mut context, tags);
            requirements.push(Requirement { context, ..Requirement::new("ec2:CreateTags", resource) });
        }
        requirements
    }

    /// Whether the action makes the resource.
    fn makes(&self, resource: &str) -> bool {
        resource.ends_with("/*") || (["CreateKeyPair", "ImportKeyPair"].contains(&self.action) && resource != "*")
    }

    /// The tags that the request gives to a resource.
    fn tags_of<'t>(&self, resource: &str, specified: &'t BTreeMap<&str, Tags<'t>>) -> Option<&'t Tags<'t>> {
        let (kind, _) = kind_and_name(resource)?;
        if ["CreateTags", "DeleteTags"].contains(&self.action) {
            return specified.get("");
        }
        specified.get(kind).filter(|_| self.makes(resource))
    }

    /// The tags of the request by the type of resource that gets them; those of CreateTags are of no certain type.
    fn specified(&self) -> BTreeMap<&str, Tags<'_>> {
        let mut all = BTreeMap::<&str, Tags<'_>>::new();
        let is_tagging = ["CreateTags", "DeleteTags"].contains(&self.action);
        for (name, value) in self.params.iter() {
            let Some(prefix) = name.strip_suffix(".Key") else { continue };
            let kind = match prefix.split('.').collect::<Vec<_>>()[..] {
                ["Tag", _] if is_tagging => "",
                ["TagSpecification", number, "Tag", _] => {
                    let kind = self.params.get(&format!("TagSpecification.{number}.ResourceType"));
                    kind.filter(|kind| !kind.is_empty()).unwrap_or("unknown")
                }
                _ => continue,
            };
            let given = self.params.get(&format!("{prefix}.Value"));
            all.entry(kind).or_default().insert(value, given);
        }
        all
    }

    /// What is known of a resource, apart from the tags that it is to get.
    fn known(&self, resource: &str, made_in: &MadeIn) -> Context {
        let mut context = Context::new().with("ec2:Region", self.scope.region.as_str());
        let Some((kind, name)) = kind_and_name(resource) else { return context };
        if self.makes(resource) && name == "*" {
            made_in.describe(self, kind, &mut context);
        } else {
            describe(self.world, self.scope, kind, name, &mut context);
        }
        context
    }
}

/// What tagging a resource by another API than EC2's requires. Tags that are taken away have no value.
pub(crate) fn of_tagging(
    world: &World, scope: &Scope, action: &str, resource: &str, tags: &[(String, Option<String>)],
) -> Requirement {
    let mut context = Context::new().with("ec2:Region", scope.region.as_str());
    if let Some((kind, name)) = kind_and_name(resource) {
        describe(world, scope, kind, name, &mut context);
    }
    with_tags(&mut context, &tags.iter().map(|(key, value)| (key.as_str(), value.as_deref())).collect());
    Requirement { context, ..Requirement::new(action, resource) }
}

/// The keys of what exists. What another account has is not described.
fn describe(world: &World, scope: &Scope, kind: &str, name: &str, context: &mut Context) {
    let mut put = |key: &str, value: &str| *context = std::mem::take(context).with(key, value);
    let id = match kind {
        "key-pair" => {
            put("ec2:KeyPairName", name);
            let named = world.key_pairs.iter().find(|key| key.scope == *scope && key.name == name);
            named.map_or_else(|| name.to_owned(), |key| key.id.to_string())
        }
        "image" => {
            put("ec2:ImageID", name);
            return;
        }
        "vpc-peering-connection" => {
            let peering = name.parse().ok().and_then(|id| world.peerings.get(&id));
            peering.map_or_else(|| name.to_owned(), |peering| peering.tag_key(scope))
        }
        _ => name.to_owned(),
    };
    if let Some(own) = world.tags.get(&id).filter(|own| own.scope == *scope) {
        for (key, value) in &own.tags {
            put(&format!("aws:ResourceTag/{key}"), value);
            put(&format!("ec2:ResourceTag/{key}"), value);
        }
    }
    let place = Place::of(world, scope, kind, &id);
    if let Some(vpc) = &place.vpc {
        put("ec2:Vpc", &arn(scope, "vpc", vpc.as_str()));
    }
    if let Some(subnet) = &place.subnet {
        put("ec2:Subnet", &arn(scope, "subnet", subnet.as_str()));
    }
    if let Some(zone) = &place.zone {
        put("ec2:AvailabilityZone", zone);
    }
    if let Some(kind) = &place.instance_type {
        put("ec2:InstanceType", kind);
    }
    if let Some(service) = &place.service {
        put("ec2:VpceServiceName", service);
        put("ec2:VpceServiceOwner", AMAZON);
    }
    if let Some(key) = id_key(kind) {
        put(key, name);
    }
}

/// The key that has the id of a resource of a type.
fn id_key(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "dhcp-options" => "ec2:DhcpOptionsID",
        "elastic-ip" => "ec2:AllocationId",
        "instance" => "ec2:InstanceID",
        "internet-gateway" => "ec2:InternetGatewayID",
        "network-acl" => "ec2:NetworkAclID",
        "network-interface" => "ec2:NetworkInterfaceID",
        "route-table" => "ec2:RouteTableID",
        "security-group" => "ec2:SecurityGroupID",
        "subnet" => "ec2:SubnetID",
        "vpc" => "ec2:VpcID",
        "vpc-peering-connection" => "ec2:VpcPeeringConnectionID",
        _ => return None,
    })
}

/// Where something is, and what it is of.
#[derive(Default)]
struct Place {
    vpc: Option<VpcId>,
    subnet: Option<SubnetId>,
    zone: Option<String>,
    instance_type: Option<String>,
    /// The endpoint service name.
    service: Option<String>,
}

impl Place {
    fn in_vpc(vpc: &VpcId) -> Self {
        Self { vpc: Some(vpc.clone()), ..Self::default() }
    }

    fn of(world: &World, scope: &Scope, kind: &str, id: &str) -> Self {
        let zone = |subnet: &SubnetId| world.subnets.get(subnet).map(|subnet| subnet.zone.name());
        let place = match kind {
            "subnet" => id
                .parse()
                .ok()
                .and_then(|id| world.subnet(scope, &id).ok())
                .map(|subnet| Self { zone: Some(subnet.zone.name()), ..Self::in_vpc(&subnet.vpc) }),
            "route-table" => {
                id.parse().ok().and_then(|id| world.route_table(scope, &id).ok()).map(|table| Self::in_vpc(&table.vpc))
            }
            "security-group" => id
                .parse()
                .ok()
                .and_then(|id| world.security_group(scope, &id).ok())
                .map(|group| Self::in_vpc(&group.vpc)),
            "network-acl" => {
                id.parse().ok().and_then(|id| world.network_acl(scope, &id).ok()).map(|acl| Self::in_vpc(&acl.vpc))
            }
            "network-interface" => id.parse().ok().and_then(|id| world.interface(scope, &id).ok()).map(|own| Self {
                zone: zone(&own.subnet),
                subnet: Some(own.subnet.clone()),
                ..Self::in_vpc(&own.vpc)
            }),
            "instance" => id.parse().ok().and_then(|id| world.instance(scope, &id).ok()).map(|instance| Self {
                zone: zone(&instance.subnet),
                instance_type: Some(instance.instance_type.clone()),
                ..Self::default()
            }),
            "vpc-endpoint" => id
                .parse()
                .ok()
                .and_then(|id| world.endpoint(scope, &id).ok())
                .map(|endpoint| Self { service: Some(endpoint.service_name()), ..Self::default() }),
            _ => None,
        };
        place.unwrap_or_default()
    }
}

/// Where what an action makes will be: in the VPC or subnet that stands among its resources.
struct MadeIn {
    vpc: Option<VpcId>,
    subnet: Option<SubnetId>,
}

impl MadeIn {
    fn of(asked: &Asked<'_>, resources: &[String]) -> Self {
        let find = |wanted: &str| {
            let named = resources.iter().filter_map(|resource| kind_and_name(resource));
            named.filter(|(kind, _)| *kind == wanted).map(|(_, name)| name).next()
        };
        let subnet: Option<SubnetId> = find("subnet").and_then(|id| id.parse().ok());
        let of_subnet =
            || subnet.as_ref().and_then(|id| asked.world.subnet(asked.scope, id).ok()).map(|own| own.vpc.clone());
        let vpc = find("vpc").and_then(|id| id.parse().ok()).or_else(of_subnet);
        Self { vpc, subnet }
    }

    fn describe(&self, asked: &Asked<'_>, kind: &str, context: &mut Context) {
        let mut put = |key: &str, value: &str| *context = std::mem::take(context).with(key, value);
        let is_in_vpc = ["network-acl", "network-interface", "route-table", "security-group", "subnet"];
        if let Some(vpc) = self.vpc.as_ref().filter(|_| is_in_vpc.contains(&kind)) {
            put("ec2:Vpc", &arn(asked.scope, "vpc", vpc.as_str()));
        }
        if let Some(subnet) = self.subnet.as_ref().filter(|_| kind == "network-interface") {
            put("ec2:Subnet", &arn(asked.scope, "subnet", subnet.as_str()));
        }
        if kind == "instance" {
            for (key, parameter) in OF_INSTANCE {
                if let Some(value) = asked.params.get(parameter) {
                    put(key, value);
                }
            }
        }
        if let Some(service) = asked.params.get("ServiceName").filter(|_| kind == "vpc-endpoint") {
            put("ec2:VpceServiceName", service);
            put("ec2:VpceServiceOwner", AMAZON);
        }
    }
}

fn with_tags(context: &mut Context, tags: &Tags<'_>) {
    let mut whole = std::mem::take(context).with_many("aws:TagKeys", tags.keys().copied());
    for (key, value) in tags {
        if let Some(value) = value {
            whole = whole.with(&format!("aws:RequestTag/{key}"), *value);
        }
    }
    *context = whole;
}

/// The type of a resource and what follows it in its ARN.
fn kind_and_name(resource: &str) -> Option<(&str, &str)> {
    resource.splitn(6, ':').nth(5)?.split_once('/')
}
