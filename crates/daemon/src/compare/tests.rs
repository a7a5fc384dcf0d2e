//! Comparisons of the example and of worlds that are built for it. `SIDEGATE_GOLDEN=write` writes golden files anew.

mod page;

use sidegate_model::{Direction, IpProtocol, ModifyVpcEndpoint, Peer, PortRange, World};
use sidegate_plan::{Plan, compile};

use super::*;
use crate::diagram::columns;
use crate::diagram::tests::is_golden;
use crate::explain::built::Built;

fn asked(service: Option<&str>) -> Asked {
    Asked { service: service.map(str::to_owned), region: None, prices: None, form: Form::Text, width: 120 }
}

/// A world with its plan.
struct Compiled {
    world: World,
    plan: Plan,
    origin: Origin,
}

impl Compiled {
    fn example(asked: &Asked) -> Self {
        let world = example::world(asked.region, asked.service().unwrap()).unwrap();
        Self { plan: compile(&world), world, origin: Origin::Example }
    }

    fn of(built: &Built) -> Self {
        Self { world: built.world.clone(), plan: compile(&built.world), origin: Origin::Running }
    }

    fn network(&self) -> Network<'_> {
        Network { world: &self.world, plan: &self.plan, files: None, untold: None, origin: self.origin }
    }

    /// The cells of a row, with their lines one below the other.
    fn cells(&self, asked: &Asked, about: &str) -> [String; 2] {
        let rows = asked.comparison(&self.network()).unwrap().rows(&self.network());
        rows.iter().find(|row| row.key == about).unwrap().cells.each_ref().map(|lines| lines.join("\n"))
    }

    fn interface(&self, asked: &Asked, about: &str) -> String {
        let [_, interface] = self.cells(asked, about);
        interface
    }
}

fn text(told: Told) -> String {
    match told {
        Told::Text(text) => text,
        Told::Whole(whole) => serde_json::to_string_pretty(&whole).unwrap() + "\n",
    }
}

#[test]
fn the_example_is_told_as_text_of_a_width_and_as_json() {
    for width in [60, 120, 180] {
        let told = text(Asked { width, ..asked(None) }.of_example().unwrap());
        assert!(told.lines().all(|line| columns(line) <= width), "{width}\n{told}");
        is_golden(&format!("src/compare/tests/example-{width}.txt"), &told);
    }
    let whole = text(Asked { form: Form::Json, ..asked(None) }.of_example().unwrap());
    is_golden("src/compare/tests/example.json", &whole);
    let markdown = text(Asked { form: Form::Markdown, ..asked(None) }.of_example().unwrap());
    is_golden("src/compare/tests/example.md", &markdown);
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with('|')).collect();
    assert!(rows.iter().all(|row| row.replace("\\|", "").matches('|').count() == 4), "{markdown}");
}

#[test]
fn the_picture_of_the_example_is_xml_with_both_paths_and_all_rows() {
    let svg = text(Asked { form: Form::Svg, ..asked(None) }.of_example().unwrap());
    let mut reader = quick_xml::Reader::from_str(&svg);
    let mut texts = String::new();
    loop {
        match reader.read_event().unwrap() {
            quick_xml::events::Event::Text(own) => texts.push_str(&own.decode().unwrap()),
            quick_xml::events::Event::Eof => break,
            _ => {}
        }
    }
    for said in
        ["Gateway endpoint vpce-", "Interface endpoint vpce-", "PrivateLink", "route table entry", "costs no more"]
    {
        assert!(texts.contains(said), "{said}: {texts}");
    }
}

#[test]
fn every_service_has_the_types_that_the_catalog_says_and_the_example_reaches_them_in_every_region() {
    for region in Region::all() {
        let few = Service::all_in(region).enumerate().filter(|(at, own)| at % 97 == 3 || own.gateway());
        for (_, service) in few {
            let asked = Asked { region: Some(region), ..asked(Some(service.name)) };
            let compiled = Compiled::example(&asked);
            let [gateway, interface] = compiled.cells(&asked, "path");
            let what = format!("{} in {region}: {gateway}\n{interface}", service.name);
            assert_eq!(gateway.starts_with("reached"), service.gateway(), "{what}");
            assert_eq!(interface.starts_with("reached"), service.interface(), "{what}");
        }
    }
}

#[test]
fn s3_has_both_types_and_its_global_name_and_its_peers_tell_them_apart() {
    let asked = asked(Some("s3"));
    let compiled = Compiled::example(&asked);
    assert_eq!(compiled.cells(&asked, "types"), ["gateway and interface"; 2]);
    let [gateway, interface] = compiled.cells(&asked, "names");
    assert!(gateway.contains("s3.amazonaws.com: ") && !gateway.contains("s3.amazonaws.com: no"), "{gateway}");
    let global = |cell: &str| cell.lines().find(|line| line.starts_with("s3.amazonaws.com: ")).unwrap().to_owned();
    assert!(global(&gateway).ends_with(", to it"), "{gateway}");
    assert!(global(&interface).ends_with(", past it"), "{interface}");
    let [gateway, interface] = compiled.cells(&asked, "peers");
    assert!(gateway.contains("blocked") && interface.contains("reached"), "{gateway}\n{interface}");
    let [gateway, interface] = compiled.cells(&asked, "outside");
    // The group of the example's endpoint lets in the VPC's programs and the peer alone.
    assert!(gateway.starts_with("no") && interface.starts_with("only with a rule"), "{gateway}\n{interface}");
    // Private DNS is for resolvers of other networks as long as there is the gateway endpoint.
    assert!(compiled.interface(&asked, "privateDns").contains("inbound resolvers"));
}

#[test]
fn dynamodb_has_no_private_name_and_bedrock_no_gateway_endpoint() {
    let dynamodb = asked(Some("dynamodb"));
    let compiled = Compiled::example(&dynamodb);
    assert!(compiled.interface(&dynamodb, "privateDns").contains("no private name"));
    assert!(compiled.interface(&dynamodb, "names").contains("past it"));
    assert!(compiled.interface(&dynamodb, "ownNames").contains(".dynamodb.us-east-1.vpce.amazonaws.com: 10.0.16."));

    let bedrock = asked(Some("com.amazonaws.us-east-1.bedrock-runtime"));
    let compiled = Compiled::example(&bedrock);
    let [gateway, interface] = compiled.cells(&bedrock, "endpoint");
    assert!(gateway.contains("bedrock-runtime has no gateway endpoints") && interface.contains("vpce-"), "{gateway}");
    let [gateway, _] = compiled.cells(&bedrock, "path");
    assert!(gateway.contains("without an endpoint: blocked: NO_ROUTE_TO_DESTINATION"), "{gateway}");
    let [gateway, _] = compiled.cells(&bedrock, "hour");
    assert!(gateway.contains("0.045 USD by the hour"), "{gateway}");
}

/// A world with a program, and an endpoint for Secrets Manager with private DNS and a group that lets the program in.
fn secrets() -> (Built, sidegate_model::VpcEndpointId, sidegate_model::SecurityGroupId) {
    let mut built = Built::new();
    let vpc = built.vpc();
    let subnet = built.subnet(&vpc, 1, "us-east-1a");
    let (programs, guard) = (built.group(&vpc, "programs"), built.group(&vpc, "guard"));
    built.admit(&guard, 443, Peer::Group(programs.clone()));
    let endpoint = built.endpoint(&vpc, "secretsmanager", |wanted| {
        wanted.interface = true;
        wanted.private_dns = Some(true);
        wanted.subnets = vec![subnet.clone()];
        wanted.groups = vec![guard.clone()];
    });
    built.program(&subnet, &[&programs]);
    (built, endpoint, guard)
}

#[test]
fn the_cells_of_names_change_with_private_dns() {
    let (mut built, endpoint, _) = secrets();
    let asked = asked(Some("secretsmanager"));
    let on = Compiled::of(&built);
    assert!(on.interface(&asked, "privateDns").starts_with("on"), "{}", on.interface(&asked, "privateDns"));
    let name = |compiled: &Compiled| compiled.interface(&asked, "names").lines().next().unwrap().to_owned();
    assert!(name(&on).starts_with("secretsmanager.us-east-1.amazonaws.com: 10.0.1."), "{}", name(&on));
    assert!(name(&on).ends_with(", to it"), "{}", name(&on));

    let off = ModifyVpcEndpoint { private_dns: Some(false), ..ModifyVpcEndpoint::default() };
    built.with(|world, context| world.modify_vpc_endpoint(context, &endpoint, off));
    let off = Compiled::of(&built);
    assert!(off.interface(&asked, "privateDns").starts_with("off"));
    assert!(
        name(&off).starts_with("secretsmanager.us-east-1.amazonaws.com: 198.18.") && name(&off).ends_with("past it")
    );
    // Its own name leads there all the same.
    assert!(off.interface(&asked, "path").starts_with("reached"), "{}", off.interface(&asked, "path"));
}

#[test]
fn the_cells_of_groups_and_paths_change_with_a_rule() {
    let (mut built, _, guard) = secrets();
    let asked = asked(None);
    let with = Compiled::of(&built);
    let rule = built
        .world
        .security_groups
        .get(&guard)
        .unwrap()
        .rules
        .iter()
        .find(|own| own.rule.direction == Direction::Ingress);
    let rule = rule.unwrap().id.clone();
    let told = with.interface(&asked, "groups");
    assert!(told.contains(&format!("in to the endpoint: {rule} of {guard} lets tcp 443")), "{told}");
    assert!(with.interface(&asked, "path").starts_with("reached"));
    let [gateway, _] = with.cells(&asked, "endpoint");
    assert!(gateway.starts_with("no gateway endpoint stands here"), "{gateway}");

    built.with(|world, context| world.revoke_by_id(context, &guard, Direction::Ingress, &[rule]));
    let without = Compiled::of(&built);
    let told = without.interface(&asked, "groups");
    assert!(told.contains(&format!("in to the endpoint: no rule of {guard} lets it through")), "{told}");
    let path = without.interface(&asked, "path");
    assert!(path.starts_with("blocked: SG_HAS_NO_RULES"), "{path}");
    assert_eq!(without.interface(&asked, "seen"), "nothing of the flow");
    // What is supposed of a peer has a rule of its own.
    assert!(without.interface(&asked, "peers").contains("reached"), "{}", without.interface(&asked, "peers"));
    built.rule(
        &guard,
        Direction::Ingress,
        IpProtocol::TCP,
        Some(PortRange { from: 80, to: 80 }),
        Peer::Cidr("10.0.0.0/8".parse().unwrap()),
    );
    let path = Compiled::of(&built).interface(&asked, "path");
    assert!(path.starts_with("blocked: ENI_SG_RULES_MISMATCH"), "{path}");
}

#[test]
fn the_cell_of_the_policy_has_what_stands_there() {
    let (mut built, endpoint, _) = secrets();
    let asked = asked(None);
    let cell = |built: &Built| Compiled::of(built).interface(&asked, "policy");
    assert_eq!(cell(&built), "supported\nthe default one, which allows everything");
    let policy = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#.to_owned();
    let change = sidegate_model::PolicyChange::Replace(policy);
    let change = ModifyVpcEndpoint { policy: change, ..ModifyVpcEndpoint::default() };
    built.with(|world, context| world.modify_vpc_endpoint(context, &endpoint, change));
    assert!(cell(&built).contains(r#""Effect": "Deny""#), "{}", cell(&built));
}

#[test]
fn the_cells_of_cost_change_with_a_file_of_prices() {
    let (built, ..) = secrets();
    let compiled = Compiled::of(&built);
    let known = asked(Some("secretsmanager"));
    assert_eq!(compiled.interface(&known, "hour"), "0.01 USD in each zone\n0.01 USD in 1 zone");
    // 7.30 a month are what 0.035 more for each GB costs over 208.57 GB.
    assert!(compiled.interface(&known, "breakEven").contains("that stays: from 209 GB a month on"));
    assert!(compiled.interface(&known, "month").contains("8.30 USD for 730 hours and 100 GB"));
    let file = "sidegate-prices\t1\t2026-12-01\n\
                region\titem\tunit\tusage\tabove\tusd\tstrength\tas of\tsource\n\
                us-east-1\tinterface-endpoint-hour\thour\t{}-VpcEndpoint-Hours\t0\t0.02\tdoubtful\t-\tan offer\n";
    let own = Asked { prices: Some(("own.tsv".to_owned(), file.to_owned())), ..known.clone() };
    assert_eq!(compiled.interface(&own, "hour"), "0.02 USD (doubtful) in each zone\n0.02 USD in 1 zone");
    assert!(compiled.interface(&own, "breakEven").contains("that stays: from 418 GB a month on"));
    let torn = Asked { prices: Some(("own.tsv".to_owned(), "torn".to_owned())), ..known };
    let error = torn.check().unwrap_err().to_string();
    assert!(error.starts_with("own.tsv:1: "), "{error}");
    // A price that nobody knows is said to be missing.
    let tokyo = Asked { region: Some("sa-east-1".parse().unwrap()), ..asked(Some("kms")) };
    let told = Compiled::example(&tokyo).interface(&tokyo, "hour");
    assert!(told.contains("no price is known for interface-endpoint-hour in sa-east-1"), "{told}");
    // What does not rest on it is told.
    assert!(Compiled::example(&tokyo).interface(&tokyo, "gigabyte").starts_with("0.01 USD"));
    let s3 = Asked { region: tokyo.region, ..asked(Some("s3")) };
    let compiled = Compiled::example(&s3);
    let ([hour, _], [months, _]) = (compiled.cells(&s3, "hour"), compiled.cells(&s3, "month"));
    assert_eq!((hour.as_str(), months.lines().next()), ("0 USD", Some("0.00 USD for 730 hours and 100 GB")));
    assert!(months.contains("no price is known for nat-gateway-data in sa-east-1"), "{months}");
    // A price of a NAT gateway that has no good source.
    let oregon = Asked { region: Some("us-west-2".parse().unwrap()), ..asked(Some("kms")) };
    let told = Compiled::example(&oregon).interface(&oregon, "breakEven");
    assert!(told.lines().all(|line| line.ends_with(" (doubtful)")), "{told}");
}

#[test]
fn a_peer_is_the_worlds_own_or_supposed() {
    let (mut built, ..) = secrets();
    let asked = asked(None);
    assert!(Compiled::of(&built).interface(&asked, "peers").starts_with("if one were"));
    let vpc = built.world.vpcs.iter().next().unwrap().id.clone();
    let other = built.vpc_of("10.1.0.0/16");
    built.subnet_of(&other, "10.1.1.0/24", "us-east-1a");
    built.peering(&other, &vpc);
    let told = Compiled::of(&built).interface(&asked, "peers");
    assert!(told.starts_with(&format!("{other}: blocked: NO_ROUTE_TO_DESTINATION")), "{told}");
}

#[test]
fn what_cannot_be_compared_is_told_with_what_to_do() {
    let none = Compiled::of(&Built::new());
    let error = |asked: &Asked| asked.comparison(&none.network()).unwrap_err().to_string();
    assert!(error(&asked(None)).contains("no endpoint stands in the running network"), "{}", error(&asked(None)));
    assert!(error(&asked(Some("s3"))).contains("for s3") && error(&asked(Some("s3"))).contains("--example"));
    assert!(error(&asked(Some("s4"))).contains("`s4` is no service"));
    let nowhere = Asked { region: Some("us-west-1".parse().unwrap()), ..asked(Some("iam")) };
    assert!(error(&nowhere).contains("us-west-1 has no endpoints for iam"), "{}", error(&nowhere));
    // Of a service that has both types and stands by one, the other column says so.
    let mut built = Built::new();
    let vpc = built.vpc();
    built.subnet(&vpc, 1, "us-east-1a");
    built.gateway_of_main(&vpc, "dynamodb");
    let compiled = Compiled::of(&built);
    let told = compiled.interface(&asked(Some("dynamodb")), "endpoint");
    assert!(told.starts_with("none stands here for dynamodb, which could have one\n"), "{told}");
    let make = format!("--vpc-id {vpc} --vpc-endpoint-type Interface --service-name com.amazonaws.us-east-1.dynamodb");
    assert!(told.contains(&make), "{told}");
    assert!(compiled.interface(&asked(Some("dynamodb")), "path").contains("without an endpoint: blocked"));
}
