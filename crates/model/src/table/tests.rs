use crate::{InternetGateway, InternetGatewayId, Scope, Table, VpcId};

fn gateway(id: &str, vpc: Option<&VpcId>) -> InternetGateway {
    let scope = Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() };
    InternetGateway { id: id.parse().unwrap(), scope, vpc: vpc.cloned() }
}

fn of(table: &Table<InternetGateway>, vpc: &VpcId) -> Vec<String> {
    table.of_vpc(vpc).map(|gateway| gateway.id.to_string()).collect()
}

#[test]
fn a_table_tells_what_is_in_a_vpc_through_every_change() {
    let [one, other]: [VpcId; 2] = ["vpc-1", "vpc-2"].map(|id| id.parse().unwrap());
    let second: InternetGatewayId = "igw-2".parse().unwrap();
    let mut table = Table::default();
    table.insert(gateway("igw-2", None));
    table.insert(gateway("igw-1", Some(&one)));
    assert_eq!(of(&table, &one), ["igw-1"]);
    table.update(&second, |gateway| gateway.vpc = Some(one.clone()));
    assert_eq!(of(&table, &one), ["igw-1", "igw-2"]);
    let before = table.clone();
    table.update(&second, |gateway| gateway.vpc = Some(other.clone()));
    assert_eq!((of(&table, &one), of(&table, &other)), (vec!["igw-1".to_owned()], vec!["igw-2".to_owned()]));
    assert_eq!(of(&before, &one), ["igw-1", "igw-2"], "a clone keeps what it had");
    table.insert(gateway("igw-2", Some(&one)));
    assert_eq!((of(&table, &one).len(), of(&table, &other).len()), (2, 0));
    table.update(&second, |gateway| gateway.vpc = None);
    table.remove(&"igw-1".parse().unwrap());
    assert_eq!((of(&table, &one).len(), table.len()), (0, 1));
}
