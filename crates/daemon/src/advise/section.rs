//! The parts of a report that are about one thing: the VPC, its zones, its NAT gateways, a hub.

use sidegate_advise::{Advice, Egress, Network, Peerings, VpcAdvice, range};

use super::report::{gb, money, money_or_unknown};

/// What a VPC is.
pub(super) fn heading(network: &Network, vpc: &VpcAdvice, advice: &Advice) -> String {
    let zones: Vec<String> = network.zones().iter().map(|zone| zone.name()).collect();
    let zones = if zones.is_empty() { "no subnets".to_owned() } else { zones.join(", ") };
    let egress = match network.egress {
        Egress::Closed => "no way out".to_owned(),
        Egress::InternetGateway => "an internet gateway".to_owned(),
        Egress::Nat(nat) => {
            let count = counted(nat.gateways, "NAT gateway");
            match (nat.exist, nat.stay) {
                (true, true) => format!("{count}, to stay"),
                (true, false) => format!("{count}, which may go"),
                (false, _) => format!("{count} to be made"),
            }
        }
    };
    let count = if vpc.count > 1 { format!(" ({} VPCs that are alike)", vpc.count) } else { String::new() };
    format!("{}{count} in {}: clients in {zones}; {egress}", vpc.name, advice.region)
}

/// `1 zone`, `2 zones`.
fn counted(count: u32, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What zones cost.
pub(super) fn zones(vpc: &VpcAdvice) -> Vec<String> {
    let Some(zones) = &vpc.zones else { return Vec::new() };
    let count = u32::try_from(zones.zones.len()).unwrap_or(u32::MAX);
    let endpoints = counted(zones.endpoints, "interface endpoint");
    let mut items = vec![format!(
        "{endpoints} in each of {count} zones with clients: {} a month by the hour, and no zone that fails takes them from another.",
        money(&zones.in_each)
    )];
    items.push(format!(
        "In one zone alone: {}. At most {} would go between zones then, at no charge, by what AWS announced in 2022 (not verified).",
        money(&zones.in_one),
        gb(zones.crossing)
    ));
    items
}

/// What all endpoints cost in place of the NAT gateways.
pub(super) fn together(vpc: &VpcAdvice) -> Vec<String> {
    let Some(together) = &vpc.together else { return Vec::new() };
    let mut items = vec![format!(
        "{} in {}: {} a month. {} with the same {}: {}. Break-even: {}.",
        counted(together.endpoints, "interface endpoint"),
        counted(together.zones, "zone"),
        money(&together.cost),
        counted(together.gateways, "NAT gateway"),
        gb(together.bytes),
        money(&together.nat),
        range(&together.break_even),
    )];
    if together.kept > 0 {
        items.push(format!(
            "Clients outside of the VPC need {} in either case; both amounts have that.",
            counted(together.kept, "endpoint")
        ));
    }
    items
}

/// What remains on NAT gateways.
pub(super) fn rest(vpc: &VpcAdvice) -> Vec<String> {
    let Some(rest) = &vpc.rest else { return Vec::new() };
    if rest.can_go {
        return vec![format!("Nothing: {} can go.", counted(rest.gateways, "NAT gateway"))];
    }
    let mut items = Vec::new();
    if !rest.services.is_empty() {
        items.push(format!("Services: {}.", rest.services.join(", ")));
    }
    if rest.other > 0 {
        items.push(format!("{} a month with the internet.", gb(rest.other)));
    }
    if rest.unnamed > 0 {
        items.push(format!(
            "{} a month with services of AWS that its published ranges do not name; query logs of the resolver tell which.",
            gb(rest.unnamed)
        ));
    }
    if items.is_empty() {
        items.push("No service that was named; they stay for other traffic.".to_owned());
    }
    items.push(format!(
        "{} by the hour, and {} for this traffic.",
        money_or_unknown(rest.hours.as_ref()),
        money_or_unknown(rest.traffic.as_ref())
    ));
    items
}

/// One set in each VPC, against a central one.
pub(super) fn hub(advice: &Advice) -> Vec<String> {
    let Some(hub) = &advice.hub else { return Vec::new() };
    let peering = (hub.peerings != Peerings::TooMany).then_some(&hub.peering.cost);
    let costs = [&hub.local, &hub.recommended, &hub.transit_gateway.cost].into_iter().chain(peering);
    let least = costs.min().cloned();
    let mark = |cost: &sidegate_cost::Money| if Some(cost) == least.as_ref() { " (the least)" } else { "" };
    let mut items = Vec::new();
    if hub.recommended != hub.local {
        items.push(format!(
            "As recommended for each of {} VPCs by itself: {} a month{}.",
            hub.vpcs,
            money(&hub.recommended),
            mark(&hub.recommended)
        ));
    }
    items.push(format!(
        "Interface endpoints in each of {} VPCs: {} a month{}.",
        hub.vpcs,
        money(&hub.local),
        mark(&hub.local)
    ));
    items.push(format!(
        "In a central VPC over a transit gateway, {} in {}: {}{}. Break-even, all VPCs together: {}.",
        counted(hub.endpoints, "endpoint"),
        counted(hub.zones, "zone"),
        money(&hub.transit_gateway.cost),
        mark(&hub.transit_gateway.cost),
        range(&hub.transit_gateway.break_even),
    ));
    items.push(match hub.peerings {
        Peerings::TooMany => "Not over peering: a VPC has at most 125 peering connections.".to_owned(),
        within => format!(
            "In a central VPC over peering, from the same zones: {}{}. Break-even, all VPCs together: {}.{}",
            money(&hub.peering.cost),
            mark(&hub.peering.cost),
            range(&hub.peering.break_even),
            if within == Peerings::QuotaToRaise {
                " The quota of 50 peering connections has to be raised."
            } else {
                ""
            },
        ),
    });
    items.push(
        "Private DNS of a central endpoint holds in its own VPC alone: the others need private hosted zones that are \
         associated with them, and gateway endpoints of their own."
            .to_owned(),
    );
    items
}
