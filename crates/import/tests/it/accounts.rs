//! Whose things are, and where.

use serde_json::{Value, json};
use sidegate_import::{Imported, describe};
use sidegate_model::Scope;

use crate::account::{small, wrong};

fn text(scope: &Scope) -> String {
    format!("{}/{}", scope.account, scope.region)
}

/// The small account as another one in another Region.
fn as_of(account: &str, region: &str, digit: &str) -> String {
    let text = small().to_string().replace("111111111111", account).replace("us-east-1", region);
    text.replace("-0a\"", &format!("-0{digit}\""))
}

fn scopes(imported: &Imported) -> Vec<String> {
    let mut all: Vec<String> = imported.world().vpcs.iter().map(|vpc| text(&vpc.scope)).collect();
    all.extend(imported.world().instances.iter().map(|instance| text(&instance.scope)));
    all.extend(imported.world().internet_gateways.iter().map(|gateway| text(&gateway.scope)));
    all
}

#[test]
fn several_accounts_and_regions_are_kept_apart() {
    let files = [as_of("111111111111", "us-east-1", "a"), as_of("222222222222", "eu-west-1", "b")];
    let imported = describe::read(files.map(|text| ("account.json", text)));
    assert_eq!(wrong(&imported), Vec::<String>::new());
    let both = ["111111111111/us-east-1", "222222222222/eu-west-1"];
    assert_eq!(scopes(&imported), [both, both].concat());
}

#[test]
fn what_names_no_region_has_that_of_its_vpc_or_of_its_file_or_the_only_one() {
    let gateway = json!({"InternetGateways": [{"InternetGatewayId": "igw-0a", "OwnerId": "111111111111"}]}).to_string();
    let one = describe::read([("a", as_of("111111111111", "us-east-1", "a")), ("b", gateway.clone())]);
    assert_eq!(scopes(&one).last().unwrap(), "111111111111/us-east-1");
    let both = |name: &str| {
        let accounts = [as_of("111111111111", "us-east-1", "a"), as_of("111111111111", "eu-west-1", "b")];
        let [first, second] = accounts.map(|text| ("account.json".to_owned(), text));
        describe::read([first, second, (name.to_owned(), gateway.clone())])
    };
    let named = both("aws/111111111111/eu-west-1/InternetGateways.json");
    assert_eq!(scopes(&named).last().unwrap(), "111111111111/eu-west-1");
    let nowhere = both("InternetGateways.json");
    assert_eq!(nowhere.world().internet_gateways.len(), 0);
    assert!(wrong(&nowhere)[0].contains("its Region cannot be told"), "{nowhere}");
}

#[test]
fn what_is_in_a_shared_subnet_belongs_to_who_made_it() {
    let mut document = small();
    document["NetworkInterfaces"][0]["OwnerId"] = json!("333333333333");
    document["SecurityGroups"][0]["OwnerId"] = json!("333333333333");
    document["Reservations"][0]["OwnerId"] = json!("333333333333");
    let imported = describe::read([("account.json", document.to_string())]);
    let world = imported.world();
    assert_eq!(text(&world.subnets.iter().next().unwrap().scope), "111111111111/us-east-1");
    assert_eq!(text(&world.vpcs.iter().next().unwrap().scope), "111111111111/us-east-1");
    assert_eq!(text(&world.interfaces.iter().next().unwrap().scope), "333333333333/us-east-1");
    assert_eq!(text(&world.instances.iter().next().unwrap().scope), "333333333333/us-east-1");
    assert!(world.route_table_of(&"subnet-0a".parse().unwrap()).is_some());
}

#[test]
fn a_peering_connection_joins_accounts_of_which_both_are_read() {
    let side = |vpc: &str, owner: &str, region: &str| json!({"VpcId": vpc, "OwnerId": owner, "Region": region});
    let peering: Value = json!({"VpcPeeringConnections": [{"VpcPeeringConnectionId": "pcx-0a", "Status": {"Code": "active"},
        "RequesterVpcInfo": side("vpc-0a", "111111111111", "us-east-1"),
        "AccepterVpcInfo": side("vpc-0b", "222222222222", "eu-west-1")}]});
    let other = as_of("222222222222", "eu-west-1", "b").replace("10.0.", "10.8.");
    let imported =
        describe::read([as_of("111111111111", "us-east-1", "a"), other, peering.to_string()].map(|t| ("x", t)));
    let peering = imported.world().peerings.iter().next().unwrap();
    let both = peering.sides().map(|side| text(&side.scope));
    assert_eq!(both, ["111111111111/us-east-1", "222222222222/eu-west-1"]);
    assert_eq!(imported.unknown_of("pcx-0a"), []);
    let plan = sidegate_plan::compile(imported.world());
    assert_eq!(plan.passages.keys().collect::<Vec<_>>(), ["pcx-0a"]);
}

#[test]
fn files_that_name_no_account_are_of_one_that_is_not_known() {
    let document = small()
        .to_string()
        .replace("\"OwnerId\":\"111111111111\",", "")
        .replace("\"OwnerId\":\"111111111111\"", "\"x\":1");
    let imported = describe::read([("account.json", document)]);
    assert_eq!(wrong(&imported), Vec::<String>::new());
    assert_eq!(scopes(&imported), ["000000000000/us-east-1", "000000000000/us-east-1"]);
    let line = "vpc-0a: its account: no file names one; taken for 000000000000";
    assert!(imported.unknown().any(|unknown| unknown.to_string() == line), "{imported}");
}
