//! VPC peering connections over the API.

use super::super::tests::Api;

const OTHER: &str = "210987654321";

fn vpc(api: &Api, block: &str) -> String {
    api.ok("CreateVpc", &[("CidrBlock", block)]).text("vpcId")
}

/// Two VPCs of one account, and a connection between them that waits.
fn asked(api: &Api) -> (String, String, String) {
    let (one, two) = (vpc(api, "10.0.0.0/16"), vpc(api, "10.1.0.0/16"));
    let id =
        api.ok("CreateVpcPeeringConnection", &[("VpcId", &one), ("PeerVpcId", &two)]).text("vpcPeeringConnectionId");
    (id, one, two)
}

fn described(api: &Api, id: &str) -> String {
    api.ok("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", id)]).text("vpcPeeringConnectionSet")
}

fn code(api: &Api, id: &str) -> String {
    api.ok("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", id)]).text("code")
}

#[test]
fn a_request_is_answered_as_it_is_initiated_and_described_as_it_waits() {
    let api = Api::new();
    let (one, two) = (vpc(&api, "10.0.0.0/16"), vpc(&api, "10.1.0.0/16"));
    let parameters = [
        ("VpcId", one.as_str()),
        ("PeerVpcId", two.as_str()),
        ("TagSpecification.1.ResourceType", "vpc-peering-connection"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "both"),
    ];
    let answer = api.ok("CreateVpcPeeringConnection", &parameters);
    let id = answer.text("vpcPeeringConnectionId");
    let expires = answer.text("expirationTime");
    let shown = |status: &str| {
        format!(
            "<accepterVpcInfo><ipv6CidrBlockSet/><cidrBlockSet/><ownerId>123456789012</ownerId><vpcId>{two}</vpcId>\
             <region>us-east-1</region></accepterVpcInfo><expirationTime>{expires}</expirationTime>\
             <requesterVpcInfo><cidrBlock>10.0.0.0/16</cidrBlock><ipv6CidrBlockSet/><cidrBlockSet><item>\
             <cidrBlock>10.0.0.0/16</cidrBlock></item></cidrBlockSet><ownerId>123456789012</ownerId><peeringOptions>\
             <allowDnsResolutionFromRemoteVpc>false</allowDnsResolutionFromRemoteVpc>\
             <allowEgressFromLocalClassicLinkToRemoteVpc>false</allowEgressFromLocalClassicLinkToRemoteVpc>\
             <allowEgressFromLocalVpcToRemoteClassicLink>false</allowEgressFromLocalVpcToRemoteClassicLink>\
             </peeringOptions><vpcId>{one}</vpcId><region>us-east-1</region></requesterVpcInfo>\
             <status>{status}</status><tagSet><item><key>Name</key><value>both</value></item></tagSet>\
             <vpcPeeringConnectionId>{id}</vpcPeeringConnectionId>"
        )
    };
    let initiating = "<code>initiating-request</code><message>Initiating Request to 123456789012</message>";
    assert_eq!(answer.text("vpcPeeringConnection"), shown(initiating));
    let waits = "<code>pending-acceptance</code><message>Pending Acceptance by 123456789012</message>";
    assert_eq!(described(&api, &id), format!("<item>{}</item>", shown(waits)));
}

#[test]
fn an_accepted_connection_shows_the_blocks_and_options_of_both_sides() {
    let api = Api::new();
    let (id, _, two) = asked(&api);
    api.ok("AssociateVpcCidrBlock", &[("VpcId", &two), ("CidrBlock", "10.2.0.0/20")]);
    let answer = api.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(answer.text("status"), "<code>provisioning</code><message>Provisioning</message>");
    let shown = described(&api, &id);
    assert!(shown.contains("<status><code>active</code><message>Active</message></status>"), "{shown}");
    let blocks = "<cidrBlockSet><item><cidrBlock>10.1.0.0/16</cidrBlock></item><item><cidrBlock>10.2.0.0/20</cidrBlock>\
                  </item></cidrBlockSet>";
    assert!(shown.contains(blocks), "{shown}");
    assert_eq!(shown.matches("<peeringOptions>").count(), 2);
    assert!(!shown.contains("expirationTime"));
}

#[test]
fn two_accounts_connect_their_vpcs_and_each_sees_its_own_tags() {
    let mut api = Api::new();
    let mine = vpc(&api, "10.0.0.0/16");
    api.switch_account(OTHER);
    let theirs = vpc(&api, "10.1.0.0/16");
    api.switch_account("123456789012");
    let parameters = [("VpcId", mine.as_str()), ("PeerVpcId", theirs.as_str()), ("PeerOwnerId", OTHER)];
    let id = api.ok("CreateVpcPeeringConnection", &parameters).text("vpcPeeringConnectionId");
    let by_id = [("VpcPeeringConnectionId", id.as_str())];
    assert_eq!(
        api.refused("AcceptVpcPeeringConnection", &by_id),
        ("OperationNotPermitted".to_owned(), format!("User 123456789012 cannot accept peering {id}"))
    );
    let tag = |side| [("ResourceId.1", id.as_str()), ("Tag.1.Key", "Side"), ("Tag.1.Value", side)];
    api.ok("CreateTags", &tag("Requester"));
    api.switch_account(OTHER);
    api.ok("AcceptVpcPeeringConnection", &by_id);
    api.ok("CreateTags", &tag("Accepter"));
    assert!(described(&api, &id).contains("<value>Accepter</value>"));
    let tags = api.ok("DescribeTags", &[("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", &id)]);
    assert_eq!(
        tags.text("tagSet"),
        format!(
            "<item><key>Side</key><resourceId>{id}</resourceId><resourceType>vpc-peering-connection</resourceType>\
             <value>Accepter</value></item>"
        )
    );
    api.switch_account("123456789012");
    assert!(described(&api, &id).contains("<value>Requester</value>"));
    api.ok("DeleteVpcPeeringConnection", &by_id);
    api.switch_account(OTHER);
    assert!(described(&api, &id).contains("<code>deleted</code><message>Deleted by 123456789012</message>"));
    api.switch_account("111111111111");
    let (code, message) = api.refused("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", &id)]);
    assert_eq!(code, "InvalidVpcPeeringConnectionID.NotFound");
    assert_eq!(message, format!("The vpcPeeringConnection ID '{id}' does not exist"));
}

#[test]
fn two_regions_connect_their_vpcs() {
    let mut api = Api::new();
    let here = vpc(&api, "10.0.0.0/16");
    api.switch_region("eu-west-1");
    let there = vpc(&api, "10.1.0.0/16");
    api.switch_region("us-east-1");
    let parameters = [("VpcId", here.as_str()), ("PeerVpcId", there.as_str()), ("PeerRegion", "eu-west-1")];
    let id = api.ok("CreateVpcPeeringConnection", &parameters).text("vpcPeeringConnectionId");
    let by_id = [("VpcPeeringConnectionId", id.as_str())];
    assert_eq!(
        api.refused("AcceptVpcPeeringConnection", &by_id).1,
        format!(
            "Incorrect region (us-east-1) specified for this request. VPC peering connection {id} must be accepted in \
             region eu-west-1"
        )
    );
    api.switch_region("eu-west-1");
    assert!(described(&api, &id).contains("<region>eu-west-1</region>"));
    api.ok("AcceptVpcPeeringConnection", &by_id);
    api.switch_region("us-east-1");
    assert_eq!(code(&api, &id), "active");
    let nowhere = [("VpcId", here.as_str()), ("PeerVpcId", there.as_str()), ("PeerRegion", "mars-1")];
    assert_eq!(api.refused("CreateVpcPeeringConnection", &nowhere).0, "InvalidParameterValue");
}

#[test]
fn a_request_that_cannot_be_has_failed_and_one_that_is_rejected_is_inactive() {
    let api = Api::new();
    let (one, two) = (vpc(&api, "10.0.0.0/16"), vpc(&api, "10.0.0.0/20"));
    let answer = api.ok("CreateVpcPeeringConnection", &[("VpcId", &one), ("PeerVpcId", &two)]);
    let id = answer.text("vpcPeeringConnectionId");
    assert!(described(&api, &id).contains(
        "<code>failed</code><message>Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range</message>"
    ));
    let (code, message) = api.refused("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(code, "InvalidStateTransition");
    assert_eq!(message, format!("Invalid state transition for {id}, attempted to transition from failed to deleting"));
    let three = vpc(&api, "10.3.0.0/16");
    let answer = api.ok("CreateVpcPeeringConnection", &[("VpcId", &one), ("PeerVpcId", &three)]);
    let id = answer.text("vpcPeeringConnectionId");
    let rejected = api.ok("RejectVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(rejected.text("return"), "true");
    assert!(described(&api, &id).contains("<code>rejected</code><message>Inactive</message>"));
}

#[test]
fn what_a_request_must_have_is_asked_for_and_ids_are_checked() {
    let api = Api::new();
    let (id, one, two) = asked(&api);
    assert_eq!(
        api.refused("CreateVpcPeeringConnection", &[("PeerVpcId", &two)]),
        ("MissingParameter".to_owned(), "The request must contain the parameter VpcId".to_owned())
    );
    assert_eq!(api.refused("CreateVpcPeeringConnection", &[("VpcId", &one)]).0, "MissingParameter");
    let case = |peer: &str| api.refused("CreateVpcPeeringConnection", &[("VpcId", &one), ("PeerVpcId", peer)]).0;
    assert_eq!(
        (case("peer"), case("vpc-0123")),
        ("InvalidVpcID.Malformed".to_owned(), "InvalidVpcID.NotFound".to_owned())
    );
    assert_eq!(case(&two), "VpcPeeringConnectionAlreadyExists");
    let owner = [("VpcId", one.as_str()), ("PeerVpcId", two.as_str()), ("PeerOwnerId", "me")];
    assert_eq!(api.refused("CreateVpcPeeringConnection", &owner).0, "InvalidParameterValue");
    for action in ["AcceptVpcPeeringConnection", "RejectVpcPeeringConnection", "DeleteVpcPeeringConnection"] {
        let with = |id| api.refused(action, &[("VpcPeeringConnectionId", id)]).0;
        assert_eq!(with("pcx-0123"), "InvalidVpcPeeringConnectionID.NotFound");
        assert_eq!(with("vpc-0123"), "InvalidVpcPeeringConnectionId.Malformed");
        assert_eq!(api.refused(action, &[]).0, "MissingParameter");
        let dry = [("VpcPeeringConnectionId", id.as_str()), ("DryRun", "true")];
        assert_eq!(api.refused(action, &dry).0, "DryRunOperation");
    }
    assert_eq!(code(&api, &id), "pending-acceptance");
}

#[test]
fn options_are_answered_as_they_were_given_and_shown_for_each_side() {
    let api = Api::new();
    let (id, ..) = asked(&api);
    let dns = [
        ("VpcPeeringConnectionId", id.as_str()),
        ("RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc", "true"),
        ("AccepterPeeringConnectionOptions.AllowEgressFromLocalVpcToRemoteClassicLink", "false"),
    ];
    assert_eq!(
        api.refused("ModifyVpcPeeringConnectionOptions", &dns),
        (
            "OperationNotPermitted".to_owned(),
            format!("Peering {id} is not active. Peering options can be added only to active peerings.")
        )
    );
    api.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    let answer = api.ok("ModifyVpcPeeringConnectionOptions", &dns);
    assert_eq!(
        answer.text("requesterPeeringConnectionOptions"),
        "<allowDnsResolutionFromRemoteVpc>true</allowDnsResolutionFromRemoteVpc>"
    );
    let shown = described(&api, &id);
    let options: Vec<_> = shown.split("<allowDnsResolutionFromRemoteVpc>").skip(1).collect();
    assert!(options[0].starts_with("false") && options[1].starts_with("true"), "{shown}");
    let link = [
        ("VpcPeeringConnectionId", id.as_str()),
        ("RequesterPeeringConnectionOptions.AllowEgressFromLocalClassicLinkToRemoteVpc", "true"),
    ];
    assert_eq!(api.refused("ModifyVpcPeeringConnectionOptions", &link).0, "UnsupportedOperation");
    assert_eq!(api.refused("ModifyVpcPeeringConnectionOptions", &dns[..1]).0, "MissingParameter");
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let api = Api::new();
    let (id, one, two) = asked(&api);
    api.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Team"), ("Tag.1.Value", "A")]);
    let three = vpc(&api, "10.2.0.0/16");
    let waits = api.ok("CreateVpcPeeringConnection", &[("VpcId", &three), ("PeerVpcId", &one)]);
    let (waits, expires) = (waits.text("vpcPeeringConnectionId"), waits.text("expirationTime"));
    let found = |name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeVpcPeeringConnections", &parameters).texts("vpcPeeringConnectionId")
    };
    for (name, value) in [
        ("accepter-vpc-info.cidr-block", "10.1.0.0/16"),
        ("accepter-vpc-info.vpc-id", two.as_str()),
        ("requester-vpc-info.cidr-block", "10.0.0.0/16"),
        ("requester-vpc-info.vpc-id", one.as_str()),
        ("status-code", "active"),
        ("status-message", "Active"),
        ("tag:Team", "A"),
        ("tag-key", "Team"),
        ("vpc-peering-connection-id", id.as_str()),
    ] {
        assert_eq!(found(name, value), [id.as_str()], "{name}={value}");
    }
    assert_eq!(found("expiration-time", &expires), [waits.as_str()]);
    assert_eq!(found("requester-vpc-info.owner-id", "123456789012").len(), 2);
    assert_eq!(found("accepter-vpc-info.owner-id", "123456789012").len(), 2);
    assert!(found("accepter-vpc-info.cidr-block", "10.0.0.0/16").is_empty(), "it waits, and does not show its blocks");
}

#[test]
fn a_rule_that_names_a_group_of_a_peer_tells_of_the_connection_and_goes_stale_without_it() {
    let mut api = Api::new();
    let mine = vpc(&api, "10.0.0.0/16");
    let group = |api: &Api, vpc: &str| {
        let parameters = [("VpcId", vpc), ("GroupName", "web"), ("GroupDescription", "for a test")];
        api.ok("CreateSecurityGroup", &parameters).text("groupId")
    };
    let own = group(&api, &mine);
    api.switch_account(OTHER);
    let theirs = vpc(&api, "10.1.0.0/16");
    let peer = group(&api, &theirs);
    let asked = [("VpcId", theirs.as_str()), ("PeerVpcId", mine.as_str()), ("PeerOwnerId", "123456789012")];
    let id = api.ok("CreateVpcPeeringConnection", &asked).text("vpcPeeringConnectionId");
    api.switch_account("123456789012");
    api.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    let rule = |owner: &'static str| {
        [
            ("GroupId".to_owned(), own.clone()),
            ("IpPermissions.1.IpProtocol".to_owned(), "-1".to_owned()),
            ("IpPermissions.1.Groups.1.GroupId".to_owned(), peer.clone()),
            ("IpPermissions.1.Groups.1.UserId".to_owned(), owner.to_owned()),
        ]
    };
    let wrong = rule("123456789012");
    let wrong: Vec<_> = wrong.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(api.refused("AuthorizeSecurityGroupIngress", &wrong).0, "InvalidGroup.NotFound");
    let right = rule(OTHER);
    let right: Vec<_> = right.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let answer = api.ok("AuthorizeSecurityGroupIngress", &right);
    assert_eq!(
        answer.text("referencedGroupInfo"),
        format!(
            "<groupId>{peer}</groupId><peeringStatus>active</peeringStatus><userId>{OTHER}</userId>\
             <vpcId>{theirs}</vpcId><vpcPeeringConnectionId>{id}</vpcPeeringConnectionId>"
        )
    );
    let shown =
        api.ok("DescribeSecurityGroups", &[("Filter.1.Name", "ip-permission.user-id"), ("Filter.1.Value.1", OTHER)]);
    let pair = |status: &str, owner: &str| {
        format!(
            "<groups><item>{owner}<groupId>{peer}</groupId><vpcId>{theirs}</vpcId>\
             <vpcPeeringConnectionId>{id}</vpcPeeringConnectionId><peeringStatus>{status}</peeringStatus></item></groups>"
        )
    };
    let owned = format!("<userId>{OTHER}</userId>");
    assert!(shown.xml.contains(&pair("active", &owned)), "{}", shown.xml);
    let stale = |api: &Api| api.ok("DescribeStaleSecurityGroups", &[("VpcId", &mine)]);
    assert_eq!(stale(&api).text("staleSecurityGroupSet"), "");

    api.switch_account(OTHER);
    let references = |api: &Api| api.ok("DescribeSecurityGroupReferences", &[("GroupId.1", &peer)]);
    assert_eq!(
        references(&api).text("securityGroupReferenceSet"),
        format!(
            "<item><groupId>{peer}</groupId><referencingVpcId>{mine}</referencingVpcId>\
             <vpcPeeringConnectionId>{id}</vpcPeeringConnectionId></item>"
        )
    );
    api.ok("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(references(&api).text("securityGroupReferenceSet"), "");
    api.ok("DeleteSecurityGroup", &[("GroupId", &peer)]);
    api.switch_account("123456789012");
    let shown = stale(&api);
    assert_eq!((shown.text("groupId"), shown.text("groupName")), (own.clone(), "web".to_owned()));
    assert!(shown.xml.contains(&pair("deleted", "")), "{}", shown.xml);
    let given_back = [
        ("GroupId", own.as_str()),
        ("IpPermissions.1.IpProtocol", "-1"),
        ("IpPermissions.1.Groups.1.GroupId", peer.as_str()),
        ("IpPermissions.1.Groups.1.VpcId", theirs.as_str()),
        ("IpPermissions.1.Groups.1.VpcPeeringConnectionId", id.as_str()),
        ("IpPermissions.1.Groups.1.PeeringStatus", "deleted"),
    ];
    api.ok("RevokeSecurityGroupIngress", &given_back);
    assert_eq!(stale(&api).text("staleSecurityGroupSet"), "");
}
