//! Instance profiles of instances over the API.

use super::super::tests::{Api, Network};

const ARN: &str = "arn:aws:iam::123456789012:instance-profile/";

fn launch(api: &Api, network: &Network, more: &[(&str, &str)]) -> String {
    api.ok("RunInstances", &wanted(network, more)).text("instanceId")
}

fn wanted<'p>(network: &'p Network, more: &[(&'p str, &'p str)]) -> Vec<(&'p str, &'p str)> {
    let base = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1"), ("SubnetId", &*network.subnets[0])];
    [&base, more].concat()
}

fn site() -> (Api, Network) {
    let api = Api::new();
    let network = api.network();
    api.make_role("app");
    api.make_role("other");
    (api, network)
}

#[test]
fn a_launch_names_a_profile_by_its_name_or_its_arn_and_the_instance_shows_it() {
    let (api, network) = site();
    let arn = format!("{ARN}app");
    for profile in [("IamInstanceProfile.Name", "app"), ("IamInstanceProfile.Arn", &*arn)] {
        let launched = api.ok("RunInstances", &wanted(&network, &[profile]));
        assert_eq!(launched.text("arn"), arn);
        let id = launched.text("instanceId");
        let shown = api.ok("DescribeInstances", &[("InstanceId.1", &id)]);
        assert!(shown.text("iamInstanceProfile").contains("<id>AIPA"), "{}", shown.xml);
        let associations = api.ok("DescribeIamInstanceProfileAssociations", &[]);
        assert!(associations.texts("instanceId").contains(&id));
    }
    launch(&api, &network, &[("IamInstanceProfile.Name", "other")]);
    launch(&api, &network, &[("IamInstanceProfile.Name", "")]);
    for (filter, value, count) in [
        ("iam-instance-profile.arn", &*arn, 2),
        ("iam-instance-profile.name", "app", 2),
        ("iam-instance-profile.name", "*", 3),
        ("iam-instance-profile.id", "AIPA*", 3),
    ] {
        let found = api.ok("DescribeInstances", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
        assert_eq!(found.texts("instanceId").len(), count, "{filter} {value}");
    }
}

#[test]
fn a_profile_that_is_not_there_or_has_no_role_is_refused_in_ec2s_words() {
    let (api, network) = site();
    api.iam("CreateInstanceProfile", &[("InstanceProfileName", "empty")]);
    let refused = |more: &[(&str, &str)]| api.refused("RunInstances", &wanted(&network, more));
    let invalid = |message: &str| ("InvalidParameterValue".to_owned(), message.to_owned());
    for (name, value, message) in [
        (
            "IamInstanceProfile.Name",
            "nobody",
            "Value (nobody) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        ),
        (
            "IamInstanceProfile.Name",
            "path/app",
            "Value (path/app) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name",
        ),
        (
            "IamInstanceProfile.Arn",
            "app",
            "Value (app) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN",
        ),
        (
            "IamInstanceProfile.Arn",
            "arn:aws:iam::210987654321:instance-profile/app",
            "Value (arn:aws:iam::210987654321:instance-profile/app) for parameter iamInstanceProfile.arn is invalid. \
             Invalid IAM Instance Profile ARN",
        ),
        (
            "IamInstanceProfile.Name",
            "empty",
            "IAM Instance Profile \"arn:aws:iam::123456789012:instance-profile/empty\" has no associated IAM Roles",
        ),
    ] {
        assert_eq!(refused(&[(name, value)]), invalid(message));
    }
    let arn = format!("{ARN}app");
    let both = [("IamInstanceProfile.Name", "other"), ("IamInstanceProfile.Arn", &*arn)];
    assert_eq!(refused(&both).0, "InvalidParameterCombination");
    assert!(api.world().instances.iter().next().is_none());
}

#[test]
fn an_instance_has_one_profile_which_can_be_replaced_and_taken_away() {
    let (api, network) = site();
    let id = launch(&api, &network, &[]);
    let associate = [("InstanceId", &*id), ("IamInstanceProfile.Name", "app")];
    let made = api.ok("AssociateIamInstanceProfile", &associate);
    let association = made.text("associationId");
    assert!(association.starts_with("iip-assoc-"), "{}", made.xml);
    assert_eq!((made.text("state"), made.text("instanceId")), ("associating".to_owned(), id.clone()));
    assert_eq!(
        api.refused("AssociateIamInstanceProfile", &associate),
        ("IncorrectState".to_owned(), format!("There is an existing association for instance {id}"))
    );
    let shown = api.ok("DescribeIamInstanceProfileAssociations", &[("AssociationId.1", &association)]);
    assert_eq!((shown.text("state"), shown.text("arn")), ("associated".to_owned(), format!("{ARN}app")));

    let replace = [("AssociationId", &*association), ("IamInstanceProfile.Name", "other")];
    let replaced = api.ok("ReplaceIamInstanceProfileAssociation", &replace);
    let second = replaced.text("associationId");
    assert_eq!((replaced.text("arn"), replaced.text("instanceId")), (format!("{ARN}other"), id.clone()));
    assert_ne!(second, association);
    let unknown = |id: &str| {
        let message = format!("An invalid association-id of '{id}' was given");
        ("InvalidAssociationID.NotFound".to_owned(), message)
    };
    assert_eq!(api.refused("ReplaceIamInstanceProfileAssociation", &replace), unknown(&association));
    assert_eq!(api.refused("DisassociateIamInstanceProfile", &[("AssociationId", "fake")]), unknown("fake"));

    let taken = api.ok("DisassociateIamInstanceProfile", &[("AssociationId", &second)]);
    assert_eq!((taken.text("state"), taken.text("arn")), ("disassociating".to_owned(), format!("{ARN}other")));
    assert!(api.ok("DescribeIamInstanceProfileAssociations", &[]).texts("item").is_empty());
    assert_eq!(
        api.refused("DescribeIamInstanceProfileAssociations", &[("AssociationId.1", &second)]),
        unknown(&second)
    );
    assert!(!api.ok("DescribeInstances", &[]).xml.contains("iamInstanceProfile"));
    api.ok("AssociateIamInstanceProfile", &associate);
}

#[test]
fn associations_are_filtered_and_come_in_pages() {
    let (api, network) = site();
    let ids: Vec<String> = (0..7).map(|_| launch(&api, &network, &[("IamInstanceProfile.Name", "app")])).collect();
    let first = api.ok("DescribeIamInstanceProfileAssociations", &[("MaxResults", "5")]);
    let token = first.text("nextToken");
    let second = api.ok("DescribeIamInstanceProfileAssociations", &[("MaxResults", "5"), ("NextToken", &token)]);
    let mut seen = [first.texts("instanceId"), second.texts("instanceId")].concat();
    assert_eq!((seen.len(), second.text("nextToken").as_str()), (7, ""));
    seen.sort();
    let mut sorted = ids.clone();
    sorted.sort();
    assert_eq!(seen, sorted);
    for (filter, value, count) in
        [("instance-id", &*ids[3], 1), ("state", "associated", 7), ("state", "disassociated", 0)]
    {
        let parameters = [("Filter.1.Name", filter), ("Filter.1.Value.1", value)];
        let found = api.ok("DescribeIamInstanceProfileAssociations", &parameters);
        assert_eq!(found.texts("instanceId").len(), count, "{filter} {value}");
    }
    let unknown = [("Filter.1.Name", "arn"), ("Filter.1.Value.1", "x")];
    assert_eq!(api.refused("DescribeIamInstanceProfileAssociations", &unknown).0, "InvalidParameterValue");
}

#[test]
fn another_account_sees_no_association_and_has_no_such_profile() {
    let (mut api, network) = site();
    let id = launch(&api, &network, &[("IamInstanceProfile.Name", "app")]);
    let association = api.ok("DescribeIamInstanceProfileAssociations", &[]).text("associationId");
    api.switch_account("210987654321");
    assert!(api.ok("DescribeIamInstanceProfileAssociations", &[]).texts("item").is_empty());
    let refused = api.refused("DisassociateIamInstanceProfile", &[("AssociationId", &association)]);
    assert_eq!(refused.0, "InvalidAssociationID.NotFound");
    let associate = [("InstanceId", &*id), ("IamInstanceProfile.Name", "app")];
    assert_eq!(api.refused("AssociateIamInstanceProfile", &associate).0, "InvalidInstanceID.NotFound");
    let network = api.network();
    let refused = api.refused("RunInstances", &wanted(&network, &[("IamInstanceProfile.Name", "app")]));
    assert_eq!(refused.0, "InvalidParameterValue");
}
