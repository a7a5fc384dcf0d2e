//! Whose things are, and where: what the output does not say of each is found from what belongs together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sidegate_model::{AccountId, Region, Scope};

use super::element::{Element, Fault, shown};
use super::kind::Kind;
use super::page::{Page, Pages};

/// What stands for the account of files that name none.
pub(super) const NOBODY: &str = "000000000000";

/// What is known of where things are.
#[derive(Default)]
pub(super) struct Places {
    /// The Regions and owners of VPCs.
    vpcs: BTreeMap<String, Whereabouts>,
    /// The VPCs of subnets, network interfaces and sets of DHCP options.
    things: BTreeMap<String, String>,
    /// The Regions that each file names.
    files: BTreeMap<Arc<str>, BTreeSet<Region>>,
    /// The Regions that are named.
    regions: BTreeSet<Region>,
    /// How often each account is named as an owner.
    accounts: BTreeMap<AccountId, usize>,
}

#[derive(Clone, Default)]
struct Whereabouts {
    account: Option<AccountId>,
    region: Option<Region>,
}

impl Places {
    /// What the lists say of it.
    pub(super) fn of(pages: &Pages) -> Self {
        let mut places = Self::default();
        for (kind, page) in pages.all() {
            places.regions.extend(page.hint.region);
            for element in page.elements() {
                places.note(kind, &element, page);
                for instance in element.list("Instances").unwrap_or_default() {
                    places.note(Kind::Reservations, &instance, page);
                }
                for side in ["RequesterVpcInfo", "AccepterVpcInfo"] {
                    places.note_side(element.object(side).ok().flatten());
                }
            }
        }
        places
    }

    fn note(&mut self, kind: Kind, element: &Element<'_>, page: &Page) {
        let region = region_of(element).unwrap_or_default();
        let account: Option<AccountId> = element.optional("OwnerId").unwrap_or_default();
        self.regions.extend(region);
        self.files.entry(Arc::clone(&page.file)).or_default().extend(region);
        if let Some(account) = &account {
            *self.accounts.entry(account.clone()).or_default() += 1;
        }
        let Ok(Some(vpc)) = element.text("VpcId") else { return };
        let known = self.vpcs.entry(vpc.to_owned()).or_default();
        // What is in a VPC may belong to another account than the VPC does, but for these.
        let is_vpcs = matches!(kind, Kind::Vpcs | Kind::Subnets | Kind::RouteTables | Kind::NetworkAcls);
        known.account = known.account.take().or(account.filter(|_| is_vpcs));
        known.region = known.region.or(region).or(page.hint.region);
        let thing = match kind {
            Kind::Subnets => "SubnetId",
            Kind::NetworkInterfaces => "NetworkInterfaceId",
            // Sets of options are in no VPC, but name no Region either.
            Kind::Vpcs => "DhcpOptionsId",
            _ => return,
        };
        if let Ok(Some(thing)) = element.text(thing) {
            self.things.insert(thing.to_owned(), vpc.to_owned());
        }
    }

    fn note_side(&mut self, side: Option<Element<'_>>) {
        let Some(side) = side else { return };
        let Ok(Some(vpc)) = side.text("VpcId") else { return };
        let known = self.vpcs.entry(vpc.to_owned()).or_default();
        known.account = known.account.take().or(side.optional("OwnerId").unwrap_or_default());
        known.region = known.region.or(side.optional("Region").unwrap_or_default());
    }

    /// Whose an element is, and where.
    pub(super) fn scope(&self, element: &Element<'_>, page: &Page) -> Result<Scope, Fault> {
        let hint = &page.hint;
        let vpc = self.vpc_of(element).and_then(|vpc| self.vpcs.get(vpc)).cloned().unwrap_or_default();
        let of_file = || self.files.get(&page.file).and_then(only);
        let own = region_of(element)?;
        let region = own.or(vpc.region).or(hint.region).or_else(of_file).or_else(|| only(&self.regions));
        let region = region.ok_or_else(|| {
            element.fault(
                "its Region cannot be told: nothing in it says so, and the files are of several or of none; name it in \
                 the file's name",
            )
        })?;
        let owner = owner_of(element)?;
        let account = owner.or(account_of(element)).or(vpc.account).or_else(|| hint.account.clone());
        let account = account.or_else(|| self.usual_account());
        let account = account.ok_or_else(|| element.fault("its account cannot be told"))?;
        Ok(Scope { account, region })
    }

    /// Whose a VPC is, and where, if it is not described itself.
    pub(super) fn scope_of_vpc(&self, vpc: &str) -> Option<Scope> {
        let known = self.vpcs.get(vpc)?;
        let account = known.account.clone().or_else(|| self.usual_account())?;
        Some(Scope { account, region: known.region.or_else(|| only(&self.regions))? })
    }

    /// The account that most things belong to; [`NOBODY`] if none is named.
    fn usual_account(&self) -> Option<AccountId> {
        let most = self.accounts.iter().max_by_key(|(_, count)| **count).map(|(account, _)| account.clone());
        most.or_else(|| NOBODY.parse().ok())
    }

    /// The VPC that an element says it is in, or its subnet or attachment does.
    fn vpc_of<'a>(&'a self, element: &Element<'a>) -> Option<&'a str> {
        let own = element.text("VpcId").ok().flatten();
        let by_thing = || {
            let things = ["SubnetId", "NetworkInterfaceId", "DhcpOptionsId"].into_iter();
            things
                .filter_map(|key| element.text(key).ok()?)
                .find_map(|thing| self.things.get(thing))
                .map(String::as_str)
        };
        let by_attachment = || {
            let lists = ["Attachments", "VpcAttachments"].into_iter().filter_map(|key| element.list(key).ok());
            lists.flatten().find_map(|attachment| attachment.text("VpcId").ok()?)
        };
        own.or_else(by_thing).or_else(by_attachment)
    }
}

/// The Region of these, if there is one alone.
fn only(regions: &BTreeSet<Region>) -> Option<Region> {
    regions.first().filter(|_| regions.len() == 1).copied()
}

/// The account that an element names as its owner. That of managed prefix lists may be AWS itself.
///
/// Source: VPC user guide, "AWS-managed prefix lists".
fn owner_of(element: &Element<'_>) -> Result<Option<AccountId>, Fault> {
    match element.text("OwnerId")? {
        Some("AWS") => Ok(None),
        _ => element.optional("OwnerId"),
    }
}

/// The Region that an element names, in a zone, in the name of a service or in an ARN.
fn region_of(element: &Element<'_>) -> Result<Option<Region>, Fault> {
    let placement = element.object("Placement").ok().flatten();
    for (holder, key) in [(Some(element), "AvailabilityZone"), (placement.as_ref(), "AvailabilityZone")] {
        let Some(zone) = holder.and_then(|holder| holder.text(key).ok()?) else { continue };
        let region = Region::all().find(|region| zone.starts_with(region.as_str()));
        let unknown = || element.fault_at(key, format!("`{}` is in no Region that Sidegate knows", shown(zone)));
        return region.map(Some).ok_or_else(unknown);
    }
    let named =
        |key| element.text(key).ok().flatten().and_then(|name| name.split('.').find_map(|part| part.parse().ok()));
    let by_arn = || arn_of(element)?.nth(3)?.parse().ok();
    Ok(named("ServiceName").or_else(|| named("PrefixListName")).or_else(|| named("NetworkBorderGroup")).or_else(by_arn))
}

/// The account that an ARN of an element names.
fn account_of(element: &Element<'_>) -> Option<AccountId> {
    arn_of(element)?.nth(4)?.parse().ok()
}

/// The parts of an element's own ARN.
fn arn_of<'a>(element: &Element<'a>) -> Option<std::str::Split<'a, char>> {
    let members = element.value().as_object()?;
    let own = members.iter().filter(|(key, _)| key.ends_with("Arn") && !key.starts_with("Outpost"));
    own.filter_map(|(_, value)| value.as_str()).find(|text| text.starts_with("arn:")).map(|text| text.split(':'))
}
