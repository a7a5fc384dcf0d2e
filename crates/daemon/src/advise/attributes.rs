//! The DNS attributes of VPCs that the files of an account do not tell: `describe-vpcs` never does.

use std::collections::BTreeMap;

use sidegate_import::Imported;
use sidegate_model::{VpcId, World};

use super::listed;

/// The attributes, as the files and their readers call them.
const ATTRIBUTES: [&str; 2] = ["enableDnsSupport", "enableDnsHostnames"];

/// The attributes of each VPC that are not known.
pub(crate) type Untold = BTreeMap<VpcId, Vec<&'static str>>;

/// The world of files, with those DNS attributes on that they do not tell, and which those are. What lets least through is
/// right for a path; for an advice it would make a fact of what nobody said.
pub(crate) fn with_names(imported: &Imported) -> (World, Untold) {
    let mut world = imported.world().clone();
    let mut untold = Untold::new();
    for vpc in imported.world().vpcs.iter() {
        let unknown = imported.unknown_of(vpc.id.as_str());
        let is_unknown = |name: &&'static str| unknown.iter().any(|unknown| unknown.what == *name);
        let names: Vec<&'static str> = ATTRIBUTES.into_iter().filter(is_unknown).collect();
        let [support, hostnames] = ATTRIBUTES.map(|name| names.contains(&name));
        world.vpcs.update(&vpc.id, |vpc| {
            vpc.dns_support |= support;
            vpc.dns_hostnames |= hostnames;
        });
        if !names.is_empty() {
            untold.insert(vpc.id.clone(), names);
        }
    }
    (world, untold)
}

/// Whether it is an attribute that is taken as on.
pub(crate) fn is_taken_as_on(what: &str) -> bool {
    ATTRIBUTES.contains(&what)
}

/// What is to be known of VPCs whose attributes are not.
pub(crate) fn untold<'v>(untold: &Untold, vpcs_of: impl IntoIterator<Item = &'v VpcId>) -> Vec<String> {
    let mut vpcs: BTreeMap<&[&'static str], Vec<String>> = BTreeMap::new();
    for id in vpcs_of {
        if let Some(names) = untold.get(id) {
            vpcs.entry(names).or_default().push(id.to_string());
        }
    }
    let remark = |(names, vpcs): (&[&'static str], Vec<String>)| {
        format!(
            "{}: the files do not tell {}; `aws ec2 describe-vpc-attribute` does. They are taken as on. Gateway endpoints and \
             private DNS need enableDnsSupport and enableDnsHostnames on.",
            listed(&vpcs),
            names.join(" and "),
        )
    };
    vpcs.into_iter().map(remark).collect()
}
