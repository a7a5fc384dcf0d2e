//! The ledger over worlds that change, and the bills that come of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;
use sidegate_cost::Prices;
use sidegate_edge::usage::Place;
use sidegate_linux::dataplane::Reading;
use sidegate_model::{
    AllocationId, AssociateNatAddresses, Context, CreateNatGateway, CreateVpcEndpoint, EndpointKind, Entity as _,
    Error, FixedAddresses, InstanceState, ModifyVpcEndpoint, NatGatewayId, NatSources, RunInstance, Scope,
    SecondaryAddresses, SubnetId, VpcEndpointId, VpcId, World,
};

use super::comparison::{By, Service};
use super::ledger::Interval;
use super::ledger::{Counters, HOUR, union};
use super::meter::Tally;
use super::standing::Standing;
use super::*;
use crate::store::Store;

const SECOND: i64 = 1_000;

/// The first of November 2026.
const NOVEMBER: i64 = 1_793_491_200_000;

/// The first of December.
const DECEMBER: i64 = NOVEMBER + 30 * 24 * HOUR;

fn scope() -> Scope {
    Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() }
}

/// A world with a ledger, and a VPC with a subnet in each of three zones and an internet gateway.
struct Site {
    store: Store,
    world: World,
    entropy: u64,
    vpc: VpcId,
    subnets: Vec<SubnetId>,
}

impl Site {
    fn new() -> Self {
        let store = Store::open(Path::new(":memory:")).unwrap();
        let vpc = "vpc-0123456789abcdef0".parse().unwrap();
        let mut site = Self { store, world: World::default(), entropy: 0, vpc, subnets: Vec::new() };
        site.vpc = site.at(NOVEMBER, |w, c| w.create_vpc(c, "10.77.0.0/16".parse().unwrap(), "default"));
        let vpc = site.vpc.clone();
        let gateway = site.at(NOVEMBER, |w, c| w.create_internet_gateway(c));
        site.at(NOVEMBER, |w, c| w.attach_internet_gateway(c, &gateway, &vpc));
        for (number, zone) in ["us-east-1a", "us-east-1b", "us-east-1c"].into_iter().enumerate() {
            let block = format!("10.77.{number}.0/24").parse().unwrap();
            let subnet = site.at(NOVEMBER, |w, c| w.create_subnet(c, &vpc, block, Some(zone)));
            site.subnets.push(subnet);
        }
        site
    }

    /// Changes the world at a time, and the ledger with it. What is refused changes neither.
    fn tries<T>(
        &mut self, at: i64, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>,
    ) -> Option<T> {
        let mut world = self.world.clone();
        let state = &mut self.entropy;
        let mut entropy = || {
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            *state ^ (*state >> 29)
        };
        let made = command(&mut world, &mut Context { scope: scope(), now: at, entropy: &mut entropy }).ok()?;
        self.store.write(&self.world, &world, at).unwrap();
        self.world = world;
        Some(made)
    }

    #[track_caller]
    fn at<T>(&mut self, at: i64, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>) -> T {
        self.tries(at, command).unwrap()
    }

    fn interface_endpoint(&mut self, at: i64, service: &str, subnets: &[usize]) -> VpcEndpointId {
        let wanted = CreateVpcEndpoint {
            vpc: Some(self.vpc.clone()),
            service: format!("com.amazonaws.us-east-1.{service}"),
            interface: true,
            private_dns: Some(false),
            subnets: subnets.iter().map(|number| self.subnets[*number].clone()).collect(),
            ..CreateVpcEndpoint::default()
        };
        self.at(at, |w, c| w.create_vpc_endpoint(c, wanted))
    }

    fn gateway(&self) -> CreateVpcEndpoint {
        let service = "com.amazonaws.us-east-1.s3".to_owned();
        CreateVpcEndpoint { vpc: Some(self.vpc.clone()), service, ..CreateVpcEndpoint::default() }
    }

    fn gateway_endpoint(&mut self, at: i64) -> VpcEndpointId {
        let wanted = self.gateway();
        self.at(at, |w, c| w.create_vpc_endpoint(c, wanted))
    }

    fn nat(&self, allocation: AllocationId) -> CreateNatGateway {
        let secondary = AssociateNatAddresses { allocations: Vec::new(), private: Vec::new() };
        let sources = NatSources::Public { allocation, secondary };
        CreateNatGateway { subnet: self.subnets[0].clone(), private: None, sources }
    }

    fn nat_gateway(&mut self, at: i64) -> (NatGatewayId, AllocationId) {
        let allocation = self.at(at, |w, c| w.allocate_address(c, None));
        let wanted = self.nat(allocation.clone());
        (self.at(at, |w, c| w.create_nat_gateway(c, wanted)), allocation)
    }

    fn zones(&mut self, at: i64, endpoint: &VpcEndpointId, add: &[usize], remove: &[usize]) {
        let named = |numbers: &[usize]| numbers.iter().map(|number| self.subnets[*number].clone()).collect();
        let change = ModifyVpcEndpoint {
            add_subnets: named(add),
            remove_subnets: named(remove),
            ..ModifyVpcEndpoint::default()
        };
        self.at(at, |w, c| w.modify_vpc_endpoint(c, endpoint, change));
    }

    /// Another subnet of the first zone.
    fn another_subnet(&mut self) {
        let (vpc, block) = (self.vpc.clone(), "10.77.9.0/24".parse().unwrap());
        let subnet = self.at(NOVEMBER, |w, c| w.create_subnet(c, &vpc, block, Some("us-east-1a")));
        self.subnets.push(subnet);
    }

    /// Another address of an endpoint in a subnet, and so another interface.
    fn moving(&self, subnet: usize, host: u8) -> ModifyVpcEndpoint {
        let id = self.subnets[subnet].clone();
        let [a, b, c, _] = self.world.subnets.get(&id).unwrap().cidr.first().octets();
        let wanted = FixedAddresses { ipv4: Some([a, b, c, host].into()), ipv6: None };
        ModifyVpcEndpoint { addresses: BTreeMap::from([(id, wanted)]), ..ModifyVpcEndpoint::default() }
    }

    /// Goes on with another VPC, which has a subnet in the first zone.
    fn another_vpc(&mut self) {
        let vpc = self.at(NOVEMBER, |w, c| w.create_vpc(c, "10.78.0.0/16".parse().unwrap(), "default"));
        let block = "10.78.0.0/24".parse().unwrap();
        let subnet = self.at(NOVEMBER, |w, c| w.create_subnet(c, &vpc, block, Some("us-east-1a")));
        (self.vpc, self.subnets) = (vpc, vec![subnet]);
    }

    fn carried(&self, bytes: &[(String, u64)]) {
        let bytes = bytes.iter().map(|(point, bytes)| ((NOVEMBER, point.clone()), *bytes)).collect();
        self.store.add_bytes(&bytes, &Counters::new()).unwrap();
    }

    fn intervals(&self) -> Vec<Interval> {
        let mut intervals = self.store.records(i64::MIN, i64::MAX).unwrap().intervals;
        intervals.sort();
        intervals
    }

    /// The network interface of an endpoint in a subnet.
    fn point(&self, endpoint: &VpcEndpointId, subnet: usize) -> String {
        let EndpointKind::Interface(own) = &self.world.endpoints.get(endpoint).unwrap().kind else { panic!() };
        own.interfaces[&self.subnets[subnet]].to_string()
    }

    fn statement(&self, month: &str, as_of: i64) -> Statement {
        self.priced(month, as_of, &Prices::known().unwrap()).0
    }

    fn priced(&self, month: &str, as_of: i64, prices: &Prices) -> (Statement, Comparison) {
        let period = Period::of(Some(month.parse().unwrap()), Some(as_of), NOVEMBER).unwrap();
        let records = self.store.records(period.from, period.until).unwrap();
        let statement = Statement::of(&records, &period, &Wanted::default(), prices);
        let comparison = Comparison::of(&records, &period, &Wanted::default(), prices, &statement);
        (statement, comparison)
    }
}

/// The lines of a resource that are counted by the hour: zone and quantity.
fn hours(statement: &Statement, resource: &impl ToString) -> Vec<(String, String)> {
    let is_hours = |line: &&statement::Line| line.resource == resource.to_string() && line.unit.as_str() == "hour";
    let lines = statement.lines.iter().filter(is_hours);
    lines.map(|line| (line.zone.clone().unwrap_or_default(), line.quantity.clone())).collect()
}

fn in_zones(hours: &[(&str, &str)]) -> Vec<(String, String)> {
    hours.iter().map(|(zone, hours)| (format!("us-east-1{zone}"), (*hours).to_owned())).collect()
}

#[test]
fn an_endpoint_is_billed_in_each_zone_for_as_long_as_it_is_there_and_each_begun_hour_whole() {
    let mut site = Site::new();
    let begin = NOVEMBER + 10 * HOUR + 30 * 60 * SECOND;
    let endpoint = site.interface_endpoint(begin, "kms", &[0, 1]);
    let hours_at = |site: &Site, at: i64| hours(&site.statement("2026-11", at), &endpoint);
    assert_eq!(hours_at(&site, begin + 1), in_zones(&[("a", "1"), ("b", "1")]), "a millisecond is an hour");
    assert_eq!(hours_at(&site, begin + HOUR), in_zones(&[("a", "1"), ("b", "1")]));
    assert_eq!(hours_at(&site, begin + HOUR + SECOND), in_zones(&[("a", "2"), ("b", "2")]));

    site.zones(begin + 2 * HOUR + SECOND, &endpoint, &[2], &[1]);
    let expected = [("a", "5"), ("b", "3"), ("c", "3")];
    assert_eq!(hours_at(&site, begin + 5 * HOUR), in_zones(&expected));
    // Another subnet of a zone that it has left: another interface, whose hours begin anew.
    site.zones(begin + 5 * HOUR, &endpoint, &[1], &[]);
    assert_eq!(hours_at(&site, begin + 5 * HOUR + 1), in_zones(&[("a", "6"), ("b", "4"), ("c", "3")]));

    site.at(begin + 6 * HOUR, |w, c| w.delete_vpc_endpoint(c, &endpoint));
    let deleted = in_zones(&[("a", "6"), ("b", "4"), ("c", "4")]);
    assert_eq!(hours_at(&site, begin + 6 * HOUR), deleted);
    assert_eq!(hours_at(&site, DECEMBER + HOUR), deleted, "what is deleted is billed until then, and no longer");
    assert_eq!(hours(&site.statement("2026-12", DECEMBER + HOUR), &endpoint), []);
}

#[test]
fn an_endpoint_that_gets_another_interface_in_a_zone_has_not_left_it() {
    let mut site = Site::new();
    site.another_subnet();
    let (minute, begin) = (60 * SECOND, DECEMBER - 90 * 60 * SECOND);
    let endpoint = site.interface_endpoint(begin, "kms", &[0, 1]);
    let mut points = BTreeSet::from([site.point(&endpoint, 0)]);
    // Other addresses in the same subnet, and another subnet of the same zone in the place of the first.
    for (at, host) in [(10, 77), (20, 78), (30, 79)] {
        let change = site.moving(0, host);
        site.at(begin + at * minute, |w, c| w.modify_vpc_endpoint(c, &endpoint, change));
        points.insert(site.point(&endpoint, 0));
    }
    site.zones(begin + 40 * minute, &endpoint, &[3], &[0]);
    points.insert(site.point(&endpoint, 3));
    assert_eq!(points.len(), 5, "each has another interface");
    site.carried(&points.into_iter().map(|point| (point, 100)).collect::<Vec<_>>());
    let of = |site: &Site, month: &str, at: i64| hours(&site.statement(month, at), &endpoint);
    assert_eq!(of(&site, "2026-11", begin + 60 * minute), in_zones(&[("a", "1"), ("b", "1")]));
    assert_eq!(of(&site, "2026-11", DECEMBER), in_zones(&[("a", "2"), ("b", "2")]));
    let statement = site.statement("2026-11", DECEMBER);
    let bytes: Vec<_> = statement.lines.iter().filter(|own| own.unit.as_str() == "GB").map(|own| own.counted).collect();
    assert_eq!(bytes, [500, 0], "all of its interfaces have been it");
    // Its hours go on as they began, though the interfaces with which they did are gone since another month.
    assert_eq!(of(&site, "2026-12", DECEMBER + 30 * minute), []);
    assert_eq!(of(&site, "2026-12", DECEMBER + 30 * minute + 1), in_zones(&[("a", "1"), ("b", "1")]));
}

#[test]
fn what_began_later_than_the_moment_is_not_in_its_bill() {
    let mut site = Site::new();
    let endpoint = site.interface_endpoint(NOVEMBER + 30 * 60 * SECOND, "kms", &[0]);
    site.carried(&[(site.point(&endpoint, 0), 100)]);
    let priced = |at| site.priced("2026-11", at, &Prices::known().unwrap());
    let (statement, comparison) = priced(NOVEMBER + 10 * 60 * SECOND);
    assert_eq!((statement.lines, comparison.services), (vec![], vec![]));
    assert_eq!(priced(NOVEMBER + 40 * 60 * SECOND).0.lines.len(), 2);
}

#[test]
fn seconds_have_the_tiers_of_a_price_by_the_hour() {
    let mut site = Site::new();
    let prices = own_prices(&[
        "us-east-1\tpublic-ipv4-idle-hour\thour\t{}-PublicIPv4:IdleAddress\t0\t0.005",
        "us-east-1\tpublic-ipv4-idle-hour\thour\t{}-PublicIPv4:IdleAddress\t2\t0.001",
    ]);
    for _ in 0..2 {
        site.at(NOVEMBER, |w, c| w.allocate_address(c, None));
    }
    let (statement, _) = site.priced("2026-11", NOVEMBER + 3 * HOUR, &prices);
    let charges: Vec<_> = statement.lines.iter().map(|line| line.charges.len()).collect();
    assert_eq!(charges, [2, 1], "the second has hours of the second tier alone");
    assert_eq!(statement.lines[0].quantity, "3.0000000000");
    assert_eq!(statement.total.to_string(), "0.014", "two hours at 0.005 and four at 0.001");
}

#[test]
fn prices_of_ones_own_are_used_where_a_line_has_them() {
    let (known, mut site) = (Prices::known().unwrap(), Site::new());
    site.interface_endpoint(NOVEMBER, "kms", &[0]);
    let uses = |row: &str| {
        let (own, all) = (own_prices(&[row]), known.clone().overridden(own_prices(&[row])));
        site.priced("2026-11", NOVEMBER + HOUR, &all).0.uses(&own, &all)
    };
    assert!(uses("us-east-1\tinterface-endpoint-hour\thour\t{}-VpcEndpoint-Hours\t0\t0.008"));
    assert!(!uses("us-east-1\tnat-gateway-hour\thour\tNatGateway-Hours\t0\t0.008"));
    assert!(uses("*\tinterface-endpoint-hour\thour\t{}-VpcEndpoint-Hours\t0\t0.008"), "everywhere is here too");
    assert!(!uses("eu-west-1\tinterface-endpoint-hour\thour\t{}-VpcEndpoint-Hours\t0\t0.008"));
}

#[test]
fn an_hour_is_in_the_bill_of_the_month_in_which_it_began() {
    let mut site = Site::new();
    let endpoint = site.interface_endpoint(DECEMBER - 2 * HOUR - 30 * 60 * SECOND, "kms", &[0]);
    let of = |site: &Site, month: &str, at: i64| hours(&site.statement(month, at), &endpoint);
    assert_eq!(of(&site, "2026-11", DECEMBER), in_zones(&[("a", "3")]));
    assert_eq!(of(&site, "2026-12", DECEMBER + 30 * 60 * SECOND), [], "the hour that began in November");
    assert_eq!(of(&site, "2026-12", DECEMBER + 30 * 60 * SECOND + 1), in_zones(&[("a", "1")]));
    assert_eq!(of(&site, "2026-11", DECEMBER + 40 * 24 * HOUR), in_zones(&[("a", "3")]), "a month is never more");
    let whole = of(&site, "2026-12", DECEMBER + 40 * 24 * HOUR);
    assert_eq!(whole, in_zones(&[("a", &(31 * 24).to_string())]));
}

#[test]
fn addresses_are_billed_by_the_second_idle_or_not_and_nat_gateways_by_the_hour() {
    let mut site = Site::new();
    let (nat, allocation) = site.nat_gateway(NOVEMBER);
    site.at(NOVEMBER + HOUR + 1, |w, c| w.delete_nat_gateway(c, &nat));
    let statement = site.statement("2026-11", NOVEMBER + 3 * HOUR);
    assert_eq!(hours(&statement, &nat), in_zones(&[("a", "2")]));
    let of = |kind| {
        let line = statement.lines.iter().find(|line| line.resource == allocation.as_str() && line.kind == kind);
        line.map(|line| (line.usage_type.clone().unwrap(), line.operation, line.counted, line.quantity.clone()))
    };
    let used = of(standing::Kind::Address).unwrap();
    assert_eq!(
        used,
        ("USE1-PublicIPv4:InUseAddress".to_owned(), "AssociateAddressVPC", 3_601, "1.0002777778".to_owned())
    );
    let idle = of(standing::Kind::IdleAddress).unwrap();
    assert_eq!(idle, ("USE1-PublicIPv4:IdleAddress".to_owned(), "AllocateAddressVPC", 7_200, "2".to_owned()));
    site.at(NOVEMBER + 4 * HOUR, |w, c| w.release_address(c, &allocation));
    assert_eq!(site.intervals().iter().filter(|own| own.ended.is_none()).count(), 1, "the internet gateway is left");
}

#[test]
fn an_elastic_ip_is_idle_while_its_instance_is_stopped_or_nothing_has_its_interface() {
    let mut site = Site::new();
    let subnet = site.subnets[0].clone();
    let interface = site.at(NOVEMBER, |w, c| {
        w.create_network_interface(c, &subnet, None, &[], String::new(), &SecondaryAddresses::default())
    });
    let allocation = site.at(NOVEMBER, |w, c| w.allocate_address(c, None));
    site.at(NOVEMBER, |w, c| w.associate_address(c, &allocation, &interface, None, false));
    let wanted = RunInstance {
        image: "ami-0".to_owned(),
        instance_type: "t3.micro".to_owned(),
        client_token: String::new(),
        user_data: None,
        key_name: None,
        subnet,
        address: None,
        groups: Vec::new(),
        more_addresses: SecondaryAddresses::default(),
        public_address: None,
        interface: Some(interface),
        delete_on_termination: false,
        devices: Vec::new(),
        ebs_optimized: false,
        count: 1,
    };
    let instance = site.at(NOVEMBER + HOUR, |w, c| w.run_instances(c, &wanted)).1.remove(0);
    let mut becomes = |at, state| {
        site.at(at, |w, c| {
            w.instance_is(c.now, &instance, state, None);
            Ok(())
        });
    };
    becomes(NOVEMBER + HOUR, InstanceState::Running);
    becomes(NOVEMBER + 3 * HOUR, InstanceState::Stopped);
    becomes(NOVEMBER + 6 * HOUR, InstanceState::Pending);
    becomes(NOVEMBER + 10 * HOUR, InstanceState::Terminated);
    let statement = site.statement("2026-11", NOVEMBER + 12 * HOUR);
    let of = |kind| {
        let lines = statement.lines.iter().filter(|line| line.resource == allocation.as_str() && line.kind == kind);
        lines.map(|line| line.counted).sum::<u64>()
    };
    assert_eq!(of(standing::Kind::Address), 6 * 3_600, "while the instance ran");
    assert_eq!(of(standing::Kind::IdleAddress), 6 * 3_600, "before, between and after");
}

#[test]
fn a_change_that_is_taken_back_has_left_no_trace() {
    let mut site = Site::new();
    let endpoint = site.interface_endpoint(NOVEMBER, "kms", &[0, 1]);
    let (before, intervals) = (site.world.clone(), site.intervals());
    site.zones(NOVEMBER + HOUR, &endpoint, &[2], &[0]);
    assert_ne!(site.intervals(), intervals);
    site.store.write_back(&site.world, &before, NOVEMBER + HOUR).unwrap();
    assert_eq!(site.intervals(), intervals);
    assert_eq!(site.store.world().unwrap(), before);
}

#[test]
fn a_world_of_an_earlier_version_is_billed_from_when_it_was_made_and_what_is_no_more_ends() {
    let mut site = Site::new();
    let endpoint = site.interface_endpoint(NOVEMBER + HOUR, "kms", &[0]);
    site.zones(NOVEMBER + 2 * HOUR, &endpoint, &[1], &[]);
    site.at(NOVEMBER + 3 * HOUR, |w, c| w.allocate_address(c, None));
    let site = Site { store: Store::open(Path::new(":memory:")).unwrap(), ..site };
    site.store.settle_ledger(&site.world, NOVEMBER + 9 * HOUR).unwrap();
    let began = |site: &Site| {
        let intervals = site.intervals();
        let told = intervals.iter().map(|own| (own.standing.kind, (own.began - NOVEMBER) / HOUR, own.ended));
        told.collect::<Vec<_>>()
    };
    let expected = [
        (standing::Kind::InterfaceEndpoint, 1, None),
        (standing::Kind::InterfaceEndpoint, 2, None),
        (standing::Kind::IdleAddress, 9, None),
        (standing::Kind::InternetGateway, 9, None),
    ];
    assert_eq!(BTreeSet::from_iter(began(&site)), BTreeSet::from(expected));
    // Again it says the same.
    let intervals = site.intervals();
    site.store.settle_ledger(&site.world, NOVEMBER + 10 * HOUR).unwrap();
    assert_eq!(site.intervals(), intervals);
    // What such a version has changed meanwhile.
    site.store.settle_ledger(&World::default(), NOVEMBER + 11 * HOUR).unwrap();
    assert!(site.intervals().iter().all(|own| own.ended == Some(NOVEMBER + 11 * HOUR)));
    site.store.settle_ledger(&site.world, NOVEMBER + 12 * HOUR).unwrap();
    let again: Vec<_> = site.intervals().into_iter().filter(|own| own.ended.is_none()).collect();
    assert_eq!(again.len(), 4);
    let is_after = |own: &Interval| own.began >= NOVEMBER + 11 * HOUR;
    assert!(again.iter().all(is_after), "nothing is billed twice: {again:?}");
}

#[test]
fn bytes_are_those_of_the_month_and_counters_of_the_kernel_count_once_whatever_dies() {
    let mut site = Site::new();
    let endpoint = site.interface_endpoint(NOVEMBER, "kms", &[0]);
    let gateway = site.gateway_endpoint(NOVEMBER);
    let (nat, _) = site.nat_gateway(NOVEMBER);
    let interface = site.world.nat_gateways.get(&nat).unwrap().interface.clone().unwrap().to_string();
    let place = |endpoint: &VpcEndpointId, interface: Option<String>| Place {
        vpc: site.vpc.clone(),
        endpoint: endpoint.clone(),
        interface: interface.map(|interface| interface.parse().unwrap()),
    };
    let reading = |namespace: &str, bytes, is_last| Reading {
        passage: interface.clone(),
        namespace: namespace.to_owned(),
        bytes,
        is_last,
    };
    let point = site.point(&endpoint, 0);
    let mut tally = Tally::from(site.store.counters().unwrap());
    let last_of_november = DECEMBER - HOUR;
    tally.add(last_of_november, vec![(place(&endpoint, Some(point.clone())), 700), (place(&gateway, None), 50)]);
    tally.read(last_of_november, vec![reading("one", 1_000, false)]);
    tally.write(&site.store).unwrap();
    tally.add(DECEMBER, vec![(place(&endpoint, Some(point.clone())), 7)]);
    tally.read(DECEMBER, vec![reading("one", 1_200, false)]);
    tally.write(&site.store).unwrap();

    // A daemon that dies has read what it did not write; the next one goes on from what was written.
    tally.read(DECEMBER, vec![reading("one", 1_900, false)]);
    let mut tally = Tally::from(site.store.counters().unwrap());
    tally.read(DECEMBER, vec![reading("one", 2_000, false)]);
    // Another namespace begins at nothing, even where it has gone beyond what the other one had.
    tally.read(DECEMBER, vec![reading("two", 3_000, true)]);
    tally.write(&site.store).unwrap();
    assert_eq!(site.store.counters().unwrap(), Counters::new());
    let bytes = |from, until| site.store.records(from, until).unwrap().bytes;
    let named = |told: &[(&str, u64)]| {
        told.iter().map(|(point, bytes)| ((*point).to_owned(), *bytes)).collect::<BTreeMap<_, _>>()
    };
    let gateway = gateway.to_string();
    assert_eq!(bytes(NOVEMBER, DECEMBER), named(&[(&point, 700), (&gateway, 50), (&interface, 1_000)]));
    assert_eq!(bytes(DECEMBER, DECEMBER + HOUR), named(&[(&point, 7), (&interface, 200 + 800 + 3_000)]));
}

/// Prices of these rows: Region, item, unit, usage type, and from where which price.
fn own_prices(rows: &[&str]) -> Prices {
    let rows: String = rows.iter().map(|row| format!("{row}\tgood\t-\tour contract\n")).collect();
    let columns = "region\titem\tunit\tusage\tabove\tusd\tstrength\tas of\tsource";
    Prices::read("ours.tsv", &format!("sidegate-prices\t1\t2026-11-30\n{columns}\n{rows}")).unwrap()
}

/// A bill with something of everything, and its comparison.
fn everything() -> (Site, Statement, Comparison) {
    everything_by(&Prices::known().unwrap())
}

fn everything_by(prices: &Prices) -> (Site, Statement, Comparison) {
    let mut site = Site::new();
    let kms = site.interface_endpoint(NOVEMBER, "kms", &[0, 1]);
    let s3 = site.gateway_endpoint(NOVEMBER);
    let (nat, _) = site.nat_gateway(NOVEMBER);
    let interface = site.world.nat_gateways.get(&nat).unwrap().interface.clone().unwrap().to_string();
    let bytes = [
        (site.point(&kms, 0), 3 << 30),
        (site.point(&kms, 1), 1_234_567),
        (s3.to_string(), 5_u64 << 40),
        (interface, 10 << 30),
    ];
    let bytes = bytes.into_iter().map(|(point, bytes)| ((NOVEMBER, point), bytes)).collect();
    site.store.add_bytes(&bytes, &Counters::new()).unwrap();
    site.at(NOVEMBER + 2 * HOUR, |w, c| w.delete_vpc_endpoint(c, &kms));
    let (statement, comparison) = site.priced("2026-11", NOVEMBER + 10 * HOUR, prices);
    (site, statement, comparison)
}

/// A text in which ids are words.
fn without_ids(text: &str) -> String {
    let word = |word: &str| {
        let (kind, digits) = word.split_once('-')?;
        let is_id = digits.len() >= 17 && digits.bytes().take(17).all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| format!("{kind}-{}", &"…".repeat(17)) + &digits[17..])
    };
    let words = text.split_inclusive([' ', '\n']).map(|own| word(own).unwrap_or_else(|| own.to_owned()));
    words.collect()
}

#[test]
fn the_bill_for_people_has_lines_subtotals_and_a_total() {
    let (_, statement, comparison) = everything();
    insta::assert_snapshot!(without_ids(&text(&statement)));
    insta::assert_snapshot!(without_ids(&comparison_text(&comparison)));
}

#[test]
fn the_bill_is_exact_as_json_and_csv() {
    let (_, statement, _) = everything();
    let whole = serde_json::to_value(&statement).unwrap();
    // Two zones for two hours; 3 GB and 1,234,567 bytes; NAT for ten hours and 10 GB; an address for ten hours.
    let data = 0.03 + 0.01 * 1_234_567.0 / 1_073_741_824.0;
    let total: f64 = whole["total"].as_str().unwrap().parse().unwrap();
    assert!((total - (0.04 + data + 0.45 + 0.45 + 0.05)).abs() < 1e-12, "{whole:#}");
    let line = whole["lines"].as_array().unwrap().iter().find(|line| line["counted"] == 1_234_567).unwrap();
    assert_eq!(line["usageType"], "USE1-VpcEndpoint-Bytes");
    assert_eq!(line["zone"], "us-east-1b");
    assert_eq!(line["quantity"], "0.001149780116975307464599609375");
    let sum: f64 = whole["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["amount"].as_str().unwrap().parse::<f64>().unwrap())
        .sum();
    assert!((sum - total).abs() < 1e-12);

    let table = csv(&statement);
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert!(rows.iter().all(|row| row.len() == 14), "{table}");
    let sum: f64 = rows.iter().skip(1).map(|row| row[12].parse::<f64>().unwrap_or_default()).sum();
    assert!((sum - total).abs() < 1e-12, "{table}");
}

#[test]
fn a_tier_is_reached_by_all_of_an_account_together() {
    let mut site = Site::new();
    let first = site.interface_endpoint(NOVEMBER, "kms", &[0]);
    let second = site.interface_endpoint(NOVEMBER, "logs", &[0]);
    let pib = 1_u64 << 50;
    let bytes = [(site.point(&first, 0), pib - (1 << 30)), (site.point(&second, 0), 3 << 30)];
    let bytes = bytes.into_iter().map(|(point, bytes)| ((NOVEMBER, point), bytes)).collect();
    site.store.add_bytes(&bytes, &Counters::new()).unwrap();
    let statement = site.statement("2026-11", NOVEMBER + HOUR);
    let data: Vec<_> = statement.lines.iter().filter(|line| line.unit.as_str() == "GB" && line.counted > 0).collect();
    let amounts: f64 = data.iter().map(|line| line.amount.as_ref().unwrap().to_string().parse::<f64>().unwrap()).sum();
    assert!((amounts - (1_048_576.0 * 0.01 + 2.0 * 0.006)).abs() < 1e-9, "{data:?}");
    assert_eq!(data.iter().map(|line| line.charges.len()).sum::<usize>(), 3, "one of them in two tiers");
    assert!(statement.doubtful, "the boundary of the tier has no good source");
}

#[test]
fn what_has_no_price_is_told_and_in_no_sum() {
    let mut site = Site::new();
    let elsewhere = Scope { region: "sa-east-1".parse().unwrap(), ..scope() };
    let mut standing = standing::all(&{
        site.interface_endpoint(NOVEMBER, "kms", &[0]);
        site.world.clone()
    });
    let (mut own, _) = standing.pop_first().unwrap();
    own.scope = elsewhere;
    let records =
        Records { intervals: vec![Interval { standing: own, began: NOVEMBER, ended: None }], ..Records::default() };
    let period = Period::of(None, Some(NOVEMBER + HOUR), NOVEMBER).unwrap();
    let statement = Statement::of(&records, &period, &Wanted::default(), &Prices::known().unwrap());
    assert_eq!(statement.total.to_string(), "0");
    assert_eq!(statement.unpriced.len(), 1);
    // Its data has a price, but what the endpoint costs is not known.
    assert_eq!(serde_json::to_value(&statement).unwrap()["resources"][0]["amount"], serde_json::Value::Null);
    assert_eq!(text(&statement).lines().filter(|line| line.trim() == "-").count(), 1, "{}", text(&statement));
    assert!(text(&statement).contains("not in the total: no price is known for interface-endpoint-hour in sa-east-1"));
    let of_another = Wanted { account: Some("999999999999".parse().unwrap()), region: None };
    assert_eq!(Statement::of(&records, &period, &of_another, &Prices::known().unwrap()).lines, []);
}

#[test]
fn a_comparison_has_the_ways_that_there_are_and_costs_what_they_cost_by_hand() {
    let (_, statement, comparison) = everything();
    let of = |name: &str| comparison.services.iter().find(|own| own.service.as_deref() == Some(name)).unwrap();
    let shown = |amount: &Option<sidegate_cost::Money>| amount.as_ref().map(|amount| amount.rounded(4));
    let s3 = of("s3");
    // 5 TB over ten hours, in the two zones that other endpoints have.
    assert_eq!((s3.hours, s3.zones, s3.vpcs, s3.endpoints.as_slice()), (10, 2, 1, ["gateway"].as_slice()));
    assert_eq!(shown(&s3.now).as_deref(), Some("0.0000"));
    assert_eq!(shown(&s3.gateway_endpoint).as_deref(), Some("0.0000"));
    assert_eq!(shown(&s3.interface_endpoint).as_deref(), Some("51.4000"), "20 hours, and 5,120 GB at 0.01");
    assert_eq!(shown(&s3.nat_gateway_that_stays).as_deref(), Some("230.4000"), "5,120 GB at 0.045");
    assert_eq!(shown(&s3.nat_gateway).as_deref(), Some("231.4000"), "and 20 hours at 0.045, with an address");
    assert_eq!(s3.hub, None, "there is no other VPC");
    let kms = of("kms");
    assert_eq!((kms.hours, kms.zones, &kms.gateway_endpoint), (2, 2, &None));
    assert_eq!(kms.now, kms.interface_endpoint, "it is what there was");
    assert_eq!(comparison.nat_gateway_bytes, 10 << 30);
    let [together] = comparison.together.as_slice() else { panic!("{comparison:?}") };
    assert_eq!((together.hours, together.bytes), (10, s3.bytes + kms.bytes));
    assert_eq!(
        together.now,
        Some(statement.resources.iter().filter(|own| own.resource.starts_with("vpce-")).map(|own| &own.amount).sum())
    );
}

fn of_service<'c>(comparison: &'c Comparison, name: &str) -> &'c Service {
    comparison.services.iter().find(|own| own.service.as_deref() == Some(name)).unwrap()
}

/// By interface endpoints, by NAT gateways, and by a hub.
fn by_ways(service: &Service) -> [Option<String>; 3] {
    [&service.interface_endpoint, &service.nat_gateway, &service.hub].map(|own| own.as_ref().map(ToString::to_string))
}

fn usd(amounts: [&str; 3]) -> [Option<String>; 3] {
    amounts.map(|amount| Some(amount.to_owned()).filter(|amount| amount != "-"))
}

#[test]
fn services_together_share_gateways_and_each_has_endpoints_where_and_while_it_had_any() {
    let mut site = Site::new();
    let kms = site.interface_endpoint(NOVEMBER, "kms", &[0, 1]);
    site.interface_endpoint(NOVEMBER, "logs", &[0]);
    site.at(NOVEMBER + 2 * HOUR, |w, c| w.delete_vpc_endpoint(c, &kms));
    site.another_vpc();
    let sqs = site.interface_endpoint(NOVEMBER, "sqs", &[0]);
    site.at(NOVEMBER + 3 * HOUR, |w, c| w.delete_vpc_endpoint(c, &sqs));
    let (_, comparison) = site.priced("2026-11", NOVEMBER + 10 * HOUR, &Prices::known().unwrap());
    for (name, hours, expected) in
        [("kms", 2, ["0.04", "0.2", "-"]), ("logs", 10, ["0.1", "0.5", "-"]), ("sqs", 3, ["0.03", "0.15", "-"])]
    {
        let own = of_service(&comparison, name);
        assert_eq!((own.hours, by_ways(own)), (hours, usd(expected)), "{name}");
    }
    let [together] = comparison.together.as_slice() else { panic!("{comparison:?}") };
    assert_eq!((together.hours, together.zones, together.vpcs), (10, 2, 2));
    // NAT gateways for 10, 2 and 3 hours; attachments for 10 and 3, and that of the hub for 10.
    assert_eq!(by_ways(together), usd(["0.17", "0.75", "1.32"]));
    assert_eq!(together.now, together.interface_endpoint);
}

#[test]
fn a_hub_has_endpoints_once_and_an_attachment_for_each_vpc_and_for_itself() {
    let mut site = Site::new();
    let first = site.interface_endpoint(NOVEMBER, "kms", &[0]);
    let first = site.point(&first, 0);
    site.another_vpc();
    let second = site.interface_endpoint(NOVEMBER, "kms", &[0]);
    site.carried(&[(first, 60 << 30), (site.point(&second, 0), 40 << 30)]);
    let (_, comparison) = site.priced("2026-11", NOVEMBER + 10 * HOUR, &Prices::known().unwrap());
    // 20 hours, or 10 and 30 of attachments; 100 GB at 0.01, 0.045 and 0.03.
    assert_eq!(by_ways(of_service(&comparison, "kms")), usd(["1.2", "5.5", "4.6"]));
}

#[test]
fn endpoints_one_after_the_other_are_compared_for_the_hours_of_all() {
    let mut site = Site::new();
    for hour in 0..6 {
        let endpoint = site.interface_endpoint(NOVEMBER + hour * HOUR, "kms", &[0]);
        site.at(NOVEMBER + (hour + 1) * HOUR, |w, c| w.delete_vpc_endpoint(c, &endpoint));
    }
    let (_, comparison) = site.priced("2026-11", NOVEMBER + 10 * HOUR, &Prices::known().unwrap());
    let kms = of_service(&comparison, "kms");
    assert_eq!((kms.hours, by_ways(kms)), (6, usd(["0.06", "0.3", "-"])));
    assert_eq!(kms.now, kms.interface_endpoint);
}

#[test]
fn what_nat_gateways_carried_is_told_where_no_endpoint_stood() {
    let mut site = Site::new();
    let (nat, _) = site.nat_gateway(NOVEMBER);
    let interface = site.world.nat_gateways.get(&nat).unwrap().interface.clone().unwrap().to_string();
    site.carried(&[(interface, 10 << 30)]);
    let (_, comparison) = site.priced("2026-11", NOVEMBER + HOUR, &Prices::known().unwrap());
    let told = comparison_text(&comparison);
    for part in ["nothing to compare", "10.0 GB went through NAT gateways", "`sidegate advise`"] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn a_comparison_marks_doubtful_prices_and_tells_of_missing_ones() {
    let mut site = Site::new();
    let kms = site.interface_endpoint(NOVEMBER, "kms", &[0]);
    site.carried(&[(site.point(&kms, 0), 2 << 50)]);
    let (_, comparison) = site.priced("2026-11", NOVEMBER + HOUR, &Prices::known().unwrap());
    let own = of_service(&comparison, "kms");
    assert_eq!(own.doubtful, BTreeSet::from([By::Now, By::InterfaceEndpoint]));
    let shown = own.interface_endpoint.as_ref().unwrap().rounded(2) + "?";
    assert!(comparison_text(&comparison).contains(&shown), "{}", comparison_text(&comparison));

    let prices = own_prices(&[
        "*\tinterface-endpoint-hour\thour\t{}-VpcEndpoint-Hours\t0\t0.01",
        "*\tinterface-endpoint-data\tGB\t{}-VpcEndpoint-Bytes\t0\t0.01",
    ]);
    let (_, comparison) = site.priced("2026-11", NOVEMBER + HOUR, &prices);
    let own = of_service(&comparison, "kms");
    assert_eq!(
        own.unpriced,
        BTreeSet::from([By::NatGatewayThatStays, By::NatGateway]),
        "the others are priced or none"
    );
    let told = comparison_text(&comparison);
    assert!(told.contains("none: no price is known for nat-gateway-data in us-east-1"), "{told}");
    let row = told.lines().find(|line| line.trim_start().starts_with("kms")).unwrap();
    assert_eq!(row.split_whitespace().filter(|cell| *cell == "none").count(), 2, "{told}");
    assert_eq!(row.split_whitespace().filter(|cell| *cell == "-").count(), 2, "no gateway endpoint, no hub: {told}");
    assert_eq!(serde_json::to_value(own).unwrap()["unpriced"][0], "natGatewayThatStays");
}

#[test]
fn months_and_moments_are_read_strictly() {
    for bad in ["2026-1", "2026-13", "2026-00", "26-11", "2026/11", "", "november", "+026-11", "1999-11", "3000-01"] {
        assert!(bad.parse::<Month>().is_err(), "{bad}");
    }
    assert_eq!("2026-12".parse::<Month>().unwrap().to_string(), "2026-12");
    assert_eq!(moment("2026-11-01").unwrap(), NOVEMBER);
    assert_eq!(moment("2026-11-01T01:00:00.5+01:00").unwrap(), NOVEMBER + 500);
    for bad in ["2026-11", "2026-02-30", "tomorrow", "2026-11-01 00:00", "9999-01-01", "2026-11-01T25:00:00Z", ""] {
        assert!(moment(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_month_that_has_not_begun_has_a_bill_only_as_of_a_moment_in_it() {
    let (november, december) = ("2026-11".parse().unwrap(), "2026-12".parse().unwrap());
    let now = NOVEMBER + 5 * HOUR;
    let present = Period::of(None, None, now).unwrap();
    assert_eq!((present.month, present.from, present.until, present.is_supposed), (november, NOVEMBER, now, false));
    let error = Period::of(Some(december), None, now).unwrap_err();
    assert!(error.to_string().contains("2026-12 has not begun") && error.to_string().contains("--as-of"), "{error}");
    let error = Period::of(Some(december), Some(now), now).unwrap_err();
    assert!(error.to_string().contains("2026-12 begins after"), "{error}");
    let supposed = Period::of(None, Some(DECEMBER + HOUR), now).unwrap();
    assert_eq!((supposed.month, supposed.from, supposed.until), (december, DECEMBER, DECEMBER + HOUR));
    assert!(supposed.is_supposed);
    let whole = Period::of(Some(november), Some(DECEMBER + HOUR), now).unwrap();
    assert_eq!((whole.from, whole.until), (NOVEMBER, DECEMBER));
}

#[test]
fn bytes_and_cents_are_rounded_for_people() {
    for (count, shown) in [
        (0, "0 B"),
        (1_023, "1023 B"),
        (1_024, "1.00 KB"),
        (1_234_567, "1.17 MB"),
        (15 << 20, "15.0 MB"),
        (1_023 << 20, "1023 MB"),
        (5 << 40, "5.00 TB"),
        (u64::MAX, "15.9 EB"),
    ] {
        assert_eq!(super::text::bytes(count), shown);
    }
    let usd = |text: &str| super::text::cents(&sidegate_cost::Money::parse(text).unwrap());
    assert_eq!([usd("0"), usd("0.001"), usd("0.005"), usd("12.344")], ["0.00", "<0.01", "0.01", "12.34"]);
}

/// A change of the kinds that the ledger is about.
#[derive(Clone, Debug)]
enum Step {
    Interface(Vec<usize>),
    Gateway,
    Nat,
    Allocate,
    Add(usize, usize),
    Remove(usize, usize),
    Swap(usize, usize, usize),
    Move(usize, usize, u8),
    DeleteEndpoint(usize),
    DeleteNat(usize),
    Release(usize),
    Undone(Box<Step>),
}

fn steps() -> impl Strategy<Value = Vec<(i64, Step)>> {
    let step = prop_oneof![
        prop::collection::btree_set(0..3_usize, 1..4)
            .prop_map(|subnets| Step::Interface(subnets.into_iter().collect())),
        Just(Step::Gateway),
        Just(Step::Nat),
        Just(Step::Allocate),
        (0..8_usize, 0..4_usize).prop_map(|(endpoint, subnet)| Step::Add(endpoint, subnet)),
        (0..8_usize, 0..4_usize).prop_map(|(endpoint, subnet)| Step::Remove(endpoint, subnet)),
        (0..8_usize, 0..4_usize, 0..4_usize).prop_map(|(endpoint, from, to)| Step::Swap(endpoint, from, to)),
        (0..8_usize, 0..4_usize, 10..250_u8).prop_map(|(endpoint, subnet, host)| Step::Move(endpoint, subnet, host)),
        (0..8_usize).prop_map(Step::DeleteEndpoint),
        (0..4_usize).prop_map(Step::DeleteNat),
        (0..4_usize).prop_map(Step::Release),
    ];
    let step = step.prop_recursive(1, 2, 1, |step| step.prop_map(|step| Step::Undone(Box::new(step))));
    prop::collection::vec((1..3 * HOUR, step), 1..40)
}

impl Site {
    /// Carries out a step, if it is possible.
    fn step(&mut self, at: i64, step: &Step) {
        let endpoint = |site: &Self, number: usize| site.world.endpoints.iter().nth(number).map(|own| own.id.clone());
        match step {
            Step::Interface(subnets) => {
                let wanted = CreateVpcEndpoint {
                    vpc: Some(self.vpc.clone()),
                    service: "com.amazonaws.us-east-1.kms".to_owned(),
                    interface: true,
                    private_dns: Some(false),
                    subnets: subnets.iter().map(|number| self.subnets[*number].clone()).collect(),
                    ..CreateVpcEndpoint::default()
                };
                self.tries(at, |w, c| w.create_vpc_endpoint(c, wanted));
            }
            Step::Gateway => {
                let wanted = self.gateway();
                self.tries(at, |w, c| w.create_vpc_endpoint(c, wanted));
            }
            Step::Nat => {
                let idle = self.world.elastic_ips.iter().find(|own| own.association.is_none()).map(|own| own.id());
                let Some(wanted) = idle.map(|allocation| self.nat(allocation)) else { return };
                self.tries(at, |w, c| w.create_nat_gateway(c, wanted));
            }
            Step::Allocate => drop(self.tries(at, |w, c| w.allocate_address(c, None))),
            Step::Add(number, subnet) | Step::Remove(number, subnet) => {
                let Some(id) = endpoint(self, *number) else { return };
                let subnet = vec![self.subnets[*subnet].clone()];
                let mut change = ModifyVpcEndpoint::default();
                if matches!(step, Step::Add(..)) {
                    change.add_subnets = subnet;
                } else {
                    change.remove_subnets = subnet;
                }
                self.tries(at, |w, c| w.modify_vpc_endpoint(c, &id, change));
            }
            Step::Swap(number, from, to) => {
                let Some(id) = endpoint(self, *number) else { return };
                let change = ModifyVpcEndpoint {
                    add_subnets: vec![self.subnets[*to].clone()],
                    remove_subnets: vec![self.subnets[*from].clone()],
                    ..ModifyVpcEndpoint::default()
                };
                self.tries(at, |w, c| w.modify_vpc_endpoint(c, &id, change));
            }
            Step::Move(number, subnet, host) => {
                let Some(id) = endpoint(self, *number) else { return };
                let change = self.moving(*subnet, *host);
                self.tries(at, |w, c| w.modify_vpc_endpoint(c, &id, change));
            }
            Step::DeleteEndpoint(number) => {
                let Some(id) = endpoint(self, *number) else { return };
                self.tries(at, |w, c| w.delete_vpc_endpoint(c, &id));
            }
            Step::DeleteNat(number) => {
                let Some(id) = self.world.nat_gateways.iter().nth(*number).map(|own| own.id.clone()) else { return };
                self.tries(at, |w, c| w.delete_nat_gateway(c, &id));
            }
            Step::Release(number) => {
                let Some(id) = self.world.elastic_ips.iter().nth(*number).map(|own| own.id()) else { return };
                self.tries(at, |w, c| w.release_address(c, &id));
            }
            Step::Undone(step) => {
                let before = self.world.clone();
                self.step(at, step);
                self.store.write_back(&self.world, &before, at).unwrap();
                self.world = before;
            }
        }
    }

    /// What is billed now, as one reads it off the world: what kind of thing, which one, and where.
    fn naive(&self) -> BTreeSet<(&'static str, String, String)> {
        let mut found = BTreeSet::new();
        for endpoint in self.world.endpoints.iter() {
            match &endpoint.kind {
                EndpointKind::Gateway { .. } => {
                    found.insert(("gateway-endpoint", endpoint.id.to_string(), String::new()));
                }
                EndpointKind::Interface(own) => {
                    for subnet in own.interfaces.keys() {
                        let zone = self.world.subnets.get(subnet).unwrap().zone.name();
                        found.insert(("interface-endpoint", endpoint.id.to_string(), zone));
                    }
                }
            }
        }
        for nat in self.world.nat_gateways.iter().filter(|nat| nat.is_available()) {
            found.insert(("nat-gateway", nat.id.to_string(), "us-east-1a".to_owned()));
        }
        for elastic in self.world.elastic_ips.iter() {
            let kind = if elastic.association.is_some() { "address" } else { "idle-address" };
            found.insert((kind, elastic.id.to_string(), String::new()));
        }
        found
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_ledger_of_random_changes_is_what_one_reads_off_the_world_after_each(steps in steps()) {
        let mut site = Site::new();
        site.another_subnet();
        let mut at = NOVEMBER;
        let mut standing: BTreeMap<_, i64> = BTreeMap::new();
        let mut expected = BTreeSet::new();
        for (pause, step) in steps {
            at += pause;
            site.step(at, &step);
            let now = site.naive();
            let gone: Vec<_> = standing.keys().filter(|own| !now.contains(*own)).cloned().collect();
            for own in gone {
                let began = standing.remove(&own).unwrap();
                expected.insert((own, began, Some(at)));
            }
            for own in now {
                standing.entry(own).or_insert(at);
            }
        }
        expected.extend(standing.into_iter().map(|(own, began)| (own, began, None)));
        let mut spans: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for own in site.intervals() {
            let span = own.span();
            let Standing { kind, resource, zone, .. } = own.standing;
            if kind != standing::Kind::InternetGateway {
                spans.entry((kind.as_str(), resource, zone.unwrap_or_default())).or_default().push(span);
            }
        }
        let found: BTreeSet<_> = spans
            .into_iter()
            .flat_map(|(own, spans)| union(spans).into_iter().map(move |span| (own.clone(), span)))
            .map(|(own, (began, ended))| (own, began, (ended < i64::MAX).then_some(ended)))
            .collect();
        prop_assert_eq!(found, expected);
        // Nothing is left to settle.
        let intervals = site.intervals();
        site.store.settle_ledger(&site.world, at + 1).unwrap();
        prop_assert_eq!(site.intervals(), intervals);
    }
}
