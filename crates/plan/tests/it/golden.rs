//! The whole plan of a small world, as text.

use sidegate_model::Peer;
use sidegate_plan::{compile, lint};

use crate::built::Built;

#[test]
fn a_small_private_network() {
    let mut built = Built::new();
    let vpc = built.vpc();
    let (a, b) = (built.subnet(&vpc, 1, "us-east-1a"), built.subnet(&vpc, 2, "us-east-1b"));
    let (table_a, table_b) = (built.table_of(&vpc, &a), built.table_of(&vpc, &b));
    built.gateway(&vpc, "s3", &[&table_a]);
    built.gateway(&vpc, "dynamodb", &[&table_a, &table_b]);
    let (clients, doors) = (built.group(&vpc, "clients"), built.group(&vpc, "doors"));
    built.admit(&doors, 443, Peer::Group(clients.clone()));
    built.interface(&vpc, "secretsmanager", &[&a, &b], &[&doors]);
    built.instance(&a, &[&clients]);
    built.program(&b, &[&clients]);
    let plan = compile(&built.world);
    assert_eq!(lint(&plan), Vec::<String>::new());
    insta::assert_snapshot!(plan, @r"
    vpc-00000000000000010 of 123456789012 in us-east-1
      cidr 10.0.0.0/16
      router 10.0.0.2
      router 10.0.1.1
      router 10.0.2.1
      router 169.254.169.253
      router 169.254.169.254
      resolver 10.0.0.2
      link v00000000000360 into eni-00000000000000360 address 10.0.1.5/24 via 10.0.1.1 mac 02:8b:61:6f:e4:db subnet-000000000000000f0 table 2 group 2 interface eni-00000000000000360
      link v00000000000380 into eni-00000000000000380 address 10.0.2.5/24 via 10.0.2.1 mac 02:8b:61:6f:e4:d5 subnet-00000000000000110 table 3 group 2 interface eni-00000000000000380
      table 1 rtb-00000000000000050
      table 2 rtb-00000000000000130
      table 2 route 198.18.0.0/22 of pl-63a5400a to vpce-000000000000001b0
      table 2 route 198.18.4.0/24 of pl-63a5400a to vpce-000000000000001b0
      table 2 route 198.18.6.0/24 of pl-02cd2c6b to vpce-000000000000001d0
      table 3 rtb-00000000000000170
      table 3 route 198.18.6.0/24 of pl-02cd2c6b to vpce-000000000000001d0
      group 1 of sg-00000000000000230
      group 1 ingress 10.0.1.5 tcp port 443
      group 1 ingress 10.0.2.5 tcp port 443
      group 1 egress 0.0.0.0-255.255.255.255 all
      group 2 of sg-000000000000001f0
      group 2 egress 0.0.0.0-255.255.255.255 all
      gateway-prefix 198.18.0.0/22
      gateway-prefix 198.18.4.0/24
      gateway-prefix 198.18.6.0/24
      gateway-prefix 198.18.7.0/24
      endpoint vpce-000000000000001b0 gateway s3 default policy
      endpoint vpce-000000000000001b0 host *.s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-accesspoint-fips.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-accesspoint.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-accesspoint.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-control-fips.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-control-fips.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-control.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-control.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-fips.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-fips.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3-us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host *.s3.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-accesspoint-fips.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-accesspoint-fips.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-accesspoint.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-accesspoint.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-control-fips.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-control-fips.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-control.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-control.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-fips.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-fips.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3-us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3.amazonaws.com
      endpoint vpce-000000000000001b0 host s3.dualstack.us-east-1.amazonaws.com
      endpoint vpce-000000000000001b0 host s3.us-east-1.amazonaws.com
      endpoint vpce-000000000000001d0 gateway dynamodb default policy
      endpoint vpce-000000000000001d0 host *.ddb.us-east-1.amazonaws.com
      endpoint vpce-000000000000001d0 host *.ddb.us-east-1.api.aws
      endpoint vpce-000000000000001d0 host dynamodb-fips.us-east-1.amazonaws.com
      endpoint vpce-000000000000001d0 host dynamodb-fips.us-east-1.api.aws
      endpoint vpce-000000000000001d0 host dynamodb.us-east-1.amazonaws.com
      endpoint vpce-000000000000001d0 host dynamodb.us-east-1.api.aws
      endpoint vpce-00000000000000290 interface secretsmanager default policy
      endpoint vpce-00000000000000290 host secretsmanager.us-east-1.amazonaws.com
      endpoint vpce-00000000000000290 host vpce-00000000000000290-00000000-us-east-1a.secretsmanager.us-east-1.vpce.amazonaws.com
      endpoint vpce-00000000000000290 host vpce-00000000000000290-00000000-us-east-1b.secretsmanager.us-east-1.vpce.amazonaws.com
      endpoint vpce-00000000000000290 host vpce-00000000000000290-00000000.secretsmanager.us-east-1.vpce.amazonaws.com
      endpoint vpce-00000000000000290 address 10.0.1.4 group 1 table 2 interface eni-000000000000002c0
      endpoint vpce-00000000000000290 address 10.0.2.4 group 1 table 3 interface eni-000000000000002e0
      zone ec2.internal
      zone ec2.internal record ip-10-0-1-4.ec2.internal 10.0.1.4
      zone ec2.internal record ip-10-0-1-5.ec2.internal 10.0.1.5
      zone ec2.internal record ip-10-0-2-4.ec2.internal 10.0.2.4
      zone ec2.internal record ip-10-0-2-5.ec2.internal 10.0.2.5
      zone secretsmanager.us-east-1.amazonaws.com
      zone secretsmanager.us-east-1.amazonaws.com record secretsmanager.us-east-1.amazonaws.com 10.0.1.4 10.0.2.4
      metadata 10.0.1.5 eni-00000000000000360 i-00000000000000320 r-00000000000000300 ami-0abcdef1234567890 m7g.large us-east-1a use1-az1 ip-10-0-1-5.ec2.internal 10.0.1.5 02:8b:61:6f:e4:db subnet-000000000000000f0 10.0.1.0/24 groups sg-000000000000001f0 (clients) launched 1700000000000 index 0 user-data eb5c8494c4d2eac8 tokens required hops 1
      metadata 10.0.2.5 eni-00000000000000380 i-00000000000000380 r-00000000000000380 ami-00000000000000000 t3.micro us-east-1b use1-az2 ip-10-0-2-5.ec2.internal 10.0.2.5 02:8b:61:6f:e4:d5 subnet-00000000000000110 10.0.2.0/24 groups sg-000000000000001f0 (clients) launched 1700000000000 index 0 tokens required hops 1
    endpoint-name vpce-00000000000000290-00000000-us-east-1a.secretsmanager.us-east-1.vpce.amazonaws.com 10.0.1.4
    endpoint-name vpce-00000000000000290-00000000-us-east-1b.secretsmanager.us-east-1.vpce.amazonaws.com 10.0.2.4
    endpoint-name vpce-00000000000000290-00000000.secretsmanager.us-east-1.vpce.amazonaws.com 10.0.1.4 10.0.2.4
    ");
}
