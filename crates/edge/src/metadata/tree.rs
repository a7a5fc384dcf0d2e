//! What the metadata service tells of an instance, as a tree of names.
//!
//! Source: EC2 user guide, "Instance metadata categories". Names that would say nothing are not there.

use std::net::Ipv4Addr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sidegate_plan::{Metadata, VpcPlan};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A place in the tree.
pub(super) enum Node {
    /// A line or several.
    Text(String),
    /// Bytes of the user's.
    Bytes(Bytes),
    /// The credentials of the role that is its name, which are made when they are asked for.
    Credentials,
    /// Names, in the order in which they are listed.
    Directory(Vec<(String, Node)>),
}

/// Everything that an instance can ask for below a version, with what stands below `iam/` if anything does.
pub(super) fn tree(vpc: &VpcPlan, metadata: &Metadata, iam: Option<Node>) -> Node {
    let identity = directory([("document", text(identity_document(vpc, metadata)))]);
    let mut entries = vec![
        ("dynamic".to_owned(), directory([("instance-identity", identity)])),
        ("meta-data".to_owned(), meta_data(vpc, metadata, iam)),
    ];
    if let Some(user_data) = &metadata.user_data {
        entries.push(("user-data".to_owned(), Node::Bytes(decoded(user_data))));
    }
    Node::Directory(entries)
}

fn meta_data(vpc: &VpcPlan, metadata: &Metadata, iam: Option<Node>) -> Node {
    let mac = Node::Directory(vec![(metadata.mac.clone(), interface(vpc, metadata))]);
    let placement = directory([
        ("availability-zone", text(&metadata.zone)),
        ("availability-zone-id", text(&metadata.zone_id)),
        ("region", text(vpc.scope.region)),
    ]);
    let services = directory([("domain", text("amazonaws.com")), ("partition", text("aws"))]);
    let mut entries = vec![
        ("ami-id", text(&metadata.image)),
        ("ami-launch-index", text(metadata.launch_index)),
        ("ami-manifest-path", text("(unknown)")),
        ("hostname", text(&metadata.hostname)),
        ("instance-action", text("none")),
        ("instance-id", text(&metadata.instance)),
        ("instance-life-cycle", text("on-demand")),
        ("instance-type", text(&metadata.instance_type)),
        ("local-hostname", text(&metadata.hostname)),
        ("local-ipv4", text(metadata.address)),
        ("mac", text(&metadata.mac)),
        ("network", directory([("interfaces", directory([("macs", mac)]))])),
        ("placement", placement),
        ("profile", text("default-hvm")),
        ("reservation-id", text(&metadata.reservation)),
        ("security-groups", lines(metadata.groups.iter().map(|(_, name)| name))),
        ("services", services),
    ];
    entries.extend(metadata.ipv6.first().map(|first| ("ipv6", text(first))));
    entries.extend(iam.map(|iam| ("iam", iam)));
    entries.extend(public_hostname(metadata));
    if let Some((public, _)) = primary_public(metadata) {
        entries.push(("public-ipv4", text(public)));
    }
    if let Some((name, public_key)) = &metadata.key {
        entries.push(("public-keys", public_keys(name, public_key)));
    }
    entries.extend(metadata.tags.as_ref().map(|tags| ("tags", self::tags(tags))));
    entries.sort_by_key(|(name, _)| *name);
    Node::Directory(entries.into_iter().map(|(name, node)| (name.to_owned(), node)).collect())
}

/// The tags of an instance.
///
/// Source: EC2 user guide, "View tags for your EC2 instances using instance metadata".
fn tags(tags: &[(String, String)]) -> Node {
    let tags = tags.iter().map(|(key, value)| (key.clone(), text(value))).collect();
    directory([("instance", Node::Directory(tags))])
}

/// The public address of the primary private one, and that.
fn primary_public(metadata: &Metadata) -> Option<&(Ipv4Addr, Ipv4Addr)> {
    metadata.public.iter().find(|(_, private)| *private == metadata.address)
}

/// The public host name, which is told only where the VPC gives names.
fn public_hostname(metadata: &Metadata) -> Option<(&'static str, Node)> {
    metadata.public_hostname.as_ref().map(|name| ("public-hostname", text(name)))
}

/// The one key of an instance. Its directory is listed with the name of the pair, and found by its number.
fn public_keys(name: &str, public_key: &str) -> Node {
    let key = directory([("openssh-key", text(public_key))]);
    Node::Directory(vec![(format!("0={name}"), key)])
}

fn interface(vpc: &VpcPlan, metadata: &Metadata) -> Node {
    let (subnet, block) = &metadata.subnet;
    let ipv4 = || vpc.cidrs.iter().filter(|block| !block.is_ipv6());
    let associations = metadata.public.iter().map(|(public, private)| (public.to_string(), text(private))).collect();
    let public = [
        ("ipv4-associations", Node::Directory(associations)),
        ("public-ipv4s", lines(metadata.public.iter().map(|(public, _)| public))),
    ];
    let public = public.into_iter().filter(|_| !metadata.public.is_empty()).chain(public_hostname(metadata));
    let entries = [
        ("device-number", text(0)),
        ("interface-id", text(&metadata.interface)),
        ("local-hostname", text(&metadata.hostname)),
        ("local-ipv4s", text(metadata.address)),
        ("mac", text(&metadata.mac)),
        ("owner-id", text(&vpc.scope.account)),
        ("security-group-ids", lines(metadata.groups.iter().map(|(id, _)| id))),
        ("security-groups", lines(metadata.groups.iter().map(|(_, name)| name))),
        ("subnet-id", text(subnet)),
        ("subnet-ipv4-cidr-block", text(block)),
        ("vpc-id", text(&vpc.vpc)),
        ("vpc-ipv4-cidr-block", lines(ipv4().take(1))),
        ("vpc-ipv4-cidr-blocks", lines(ipv4())),
    ];
    let [vpc_block, subnet_block] = &metadata.ipv6_blocks;
    let ipv6 = [
        ("ipv6s", lines(&metadata.ipv6)),
        ("subnet-ipv6-cidr-blocks", lines(subnet_block)),
        ("vpc-ipv6-cidr-blocks", lines(vpc_block)),
    ];
    let ipv6 = ipv6.into_iter().filter(|_| !metadata.ipv6.is_empty());
    let mut entries: Vec<_> = entries.into_iter().chain(public).chain(ipv6).collect();
    entries.sort_by_key(|(name, _)| *name);
    Node::Directory(entries.into_iter().map(|(name, node)| (name.to_owned(), node)).collect())
}

/// The identity document, with the spaces that AWS sets, since programs compare its signed text.
fn identity_document(vpc: &VpcPlan, metadata: &Metadata) -> String {
    let quoted = |value: &dyn std::fmt::Display| serde_json::Value::String(value.to_string()).to_string();
    let null = || "null".to_owned();
    let fields = [
        ("accountId", quoted(&vpc.scope.account)),
        ("architecture", quoted(&architecture(&metadata.instance_type))),
        ("availabilityZone", quoted(&metadata.zone)),
        ("billingProducts", null()),
        ("devpayProductCodes", null()),
        ("marketplaceProductCodes", null()),
        ("imageId", quoted(&metadata.image)),
        ("instanceId", quoted(&metadata.instance)),
        ("instanceType", quoted(&metadata.instance_type)),
        ("kernelId", null()),
        ("pendingTime", quoted(&whole_seconds(metadata.launched))),
        ("privateIp", quoted(&metadata.address)),
        ("ramdiskId", null()),
        ("region", quoted(&vpc.scope.region)),
        ("version", quoted(&"2017-09-30")),
    ];
    object(fields)
}

/// A document whose values are texts.
pub(super) fn document(fields: impl IntoIterator<Item = (&'static str, String)>) -> String {
    object(fields.into_iter().map(|(name, value)| (name, serde_json::Value::String(value).to_string())))
}

/// An object with the spaces and lines that AWS sets; the values are JSON already.
fn object(fields: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let fields: Vec<String> = fields.into_iter().map(|(name, value)| format!("  \"{name}\" : {value}")).collect();
    format!("{{\n{}\n}}", fields.join(",\n"))
}

/// The architecture of an instance type: `g` behind the number of its generation marks Graviton, and `a1` was the
/// first.
///
/// Source: EC2 instance types guide, "Amazon EC2 instance type naming conventions".
fn architecture(instance_type: &str) -> &'static str {
    let family = instance_type.split('.').next().unwrap_or_default();
    let numbered = family.trim_start_matches(|c: char| !c.is_ascii_digit());
    let options = numbered.trim_start_matches(|c: char| c.is_ascii_digit());
    if family == "a1" || options.contains('g') { "arm64" } else { "x86_64" }
}

/// A time in milliseconds as ISO 8601 with whole seconds.
pub(super) fn whole_seconds(milliseconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(milliseconds.div_euclid(1000))
        .ok()
        .and_then(|t| t.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// The bytes that user data stands for. It is kept in base64, as it came; what is not base64 stands for itself.
fn decoded(user_data: &str) -> Bytes {
    let compact: String = user_data.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(compact).map_or_else(|_| Bytes::copy_from_slice(user_data.as_bytes()), Bytes::from)
}

pub(super) fn text(value: impl ToString) -> Node {
    Node::Text(value.to_string())
}

fn lines(values: impl IntoIterator<Item = impl ToString>) -> Node {
    let lines: Vec<String> = values.into_iter().map(|v| v.to_string()).collect();
    text(lines.join("\n"))
}

fn directory<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::Directory(entries.into_iter().map(|(name, node)| (name.to_owned(), node)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn graviton_is_known_by_the_letter_behind_the_generation() {
        for arm in ["t4g.medium", "m6gd.large", "c7gn.xlarge", "im4gn.large", "a1.medium", "g5g.xlarge"] {
            assert_eq!(architecture(arm), "arm64", "{arm}");
        }
        for intel in ["t3.micro", "g4dn.xlarge", "g5.xlarge", "m7i-flex.large", "", "mac"] {
            assert_eq!(architecture(intel), "x86_64", "{intel}");
        }
    }
}
