//! Volumes over the API.

use sidegate_model::InstanceState;

use super::super::instance::tests::{launch, note, run};
use super::super::tests::{Api, Network};

const ROOT: &str = "BlockDeviceMapping.1.Ebs";

/// The volumes that pass a filter.
fn found(api: &Api, filter: &str, value: &str) -> Vec<String> {
    let shown = api.ok("DescribeVolumes", &[("Filter.1.Name", filter), ("Filter.1.Value.1", value)]);
    // One that is attached is named by its attachment as well.
    let mut ids = shown.texts("volumeId");
    ids.dedup();
    ids
}

/// Launches an instance with a change of its root volume: the code with which that is refused.
fn refused(api: &Api, network: &Network, more: &[(&str, &str)]) -> String {
    let device = [("BlockDeviceMapping.1.DeviceName", "/dev/xvda")];
    api.refused("RunInstances", &launch(network, &[&device, more].concat())).0
}

#[test]
fn an_instance_starts_from_a_volume_of_its_image_that_ends_with_it() {
    let api = Api::new();
    let network = api.network();
    let id = run(&api, &network, &[]).text("instanceId");
    let shown = api.ok("DescribeInstances", &[("InstanceId.1", &id)]);
    assert_eq!((shown.text("rootDeviceName"), shown.text("rootDeviceType")), ("/dev/xvda".into(), "ebs".into()));
    let volume = shown.text("volumeId");
    assert_eq!((shown.text("deviceName"), shown.text("status")), ("/dev/xvda".into(), "attached".into()));
    let described = api.ok("DescribeVolumes", &[("VolumeId.1", &volume)]);
    let told = ["size", "volumeType", "iops", "throughput", "status", "encrypted", "instanceId", "availabilityZone"];
    let told = told.map(|name| described.text(name));
    assert_eq!(told, ["8", "gp3", "3000", "125", "in-use", "false", &id, "us-east-1a"]);
    assert_eq!(api.refused("DeleteVolume", &[("VolumeId", &volume)]).0, "VolumeInUse");
    for (filter, value) in [
        ("attachment.instance-id", id.as_str()),
        ("attachment.device", "/dev/xvda"),
        ("attachment.delete-on-termination", "true"),
        ("size", "8"),
        ("volume-type", "gp3"),
        ("snapshot-id", "snap-51de6a7e"),
        ("status", "in-use"),
    ] {
        assert_eq!(found(&api, filter, value), [volume.as_str()], "{filter}");
    }
    assert!(found(&api, "size", "9").is_empty());
    let by_volume = [("Filter.1.Name", "block-device-mapping.volume-id"), ("Filter.1.Value.1", volume.as_str())];
    assert_eq!(api.ok("DescribeInstances", &by_volume).text("instanceId"), id);
    note(&api, &id, InstanceState::Terminated);
    assert_eq!(api.refused("DescribeVolumes", &[("VolumeId.1", &volume)]).0, "InvalidVolume.NotFound");
    assert_eq!(api.refused("DescribeVolumes", &[("VolumeId.1", "disk")]).0, "InvalidParameterValue");
    assert_eq!(api.refused("DeleteVolume", &[("VolumeId", "disk")]).0, "InvalidParameterValue");
}

#[test]
fn a_launch_changes_the_root_volume_and_adds_others_that_may_stay() {
    let api = Api::new();
    let network = api.network();
    let asked = [
        ("BlockDeviceMapping.1.DeviceName", "/dev/sdf"),
        ("BlockDeviceMapping.1.Ebs.VolumeSize", "100"),
        ("BlockDeviceMapping.1.Ebs.VolumeType", "io2"),
        ("BlockDeviceMapping.1.Ebs.Iops", "4000"),
        ("BlockDeviceMapping.1.Ebs.DeleteOnTermination", "false"),
        ("BlockDeviceMapping.2.DeviceName", "/dev/xvda"),
        ("BlockDeviceMapping.2.Ebs.VolumeSize", "20"),
        ("BlockDeviceMapping.2.Ebs.VolumeType", "gp2"),
        ("BlockDeviceMapping.2.Ebs.Encrypted", "true"),
        ("BlockDeviceMapping.3.DeviceName", "/dev/sdb"),
        ("BlockDeviceMapping.3.VirtualName", "ephemeral0"),
        ("BlockDeviceMapping.4.DeviceName", "/dev/sdc"),
        ("BlockDeviceMapping.4.NoDevice", ""),
        ("EbsOptimized", "true"),
        ("TagSpecification.1.ResourceType", "volume"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "kept"),
    ];
    let id = run(&api, &network, &asked).text("instanceId");
    let shown = api.ok("DescribeInstances", &[("InstanceId.1", &id)]);
    assert_eq!((shown.text("ebsOptimized"), shown.text("rootDeviceName")), ("true".into(), "/dev/xvda".into()));
    let [data] = &found(&api, "volume-type", "io2")[..] else { panic!("one volume") };
    let [root] = &found(&api, "encrypted", "true")[..] else { panic!("one volume") };
    assert_eq!(found(&api, "tag:Name", "kept").len(), 2);
    let root = api.ok("DescribeVolumes", &[("VolumeId.1", root)]);
    assert_eq!((root.text("size"), root.text("iops")), ("20".into(), "100".into()));
    assert!(root.text("kmsKeyId").ends_with(":alias/aws/ebs") && !root.xml.contains("<throughput>"), "{}", root.xml);
    // What is said of a mapping later.
    let keep = |device: &str, on: &str| {
        let parameters = [
            ("InstanceId", id.as_str()),
            ("BlockDeviceMapping.1.DeviceName", device),
            ("BlockDeviceMapping.1.Ebs.DeleteOnTermination", on),
        ];
        api.call("ModifyInstanceAttribute", &parameters)
    };
    assert!(keep("/dev/xvda", "false").xml.contains("<return>true</return>"));
    assert!(keep("/dev/sdz", "false").xml.contains("<Code>InvalidInstanceAttributeValue</Code>"));
    assert!(keep("/dev/xvda", "true").xml.contains("<return>true</return>"));
    note(&api, &id, InstanceState::Terminated);
    assert_eq!(found(&api, "status", "available"), [data.as_str()]);
    assert_eq!(api.ok("DeleteVolume", &[("VolumeId", data)]).text("return"), "true");
    assert!(api.ok("DescribeVolumes", &[]).texts("volumeId").is_empty());
    assert!(api.ok("DescribeTags", &[]).texts("resourceType").iter().all(|kind| kind != "volume"));
}

#[test]
fn a_volume_that_cannot_be_is_refused_with_its_reason() {
    let api = Api::new();
    let network = api.network();
    let of = |part: &'static str| -> &'static str { format!("{ROOT}.{part}").leak() };
    let [size, kind, iops, throughput] = ["VolumeSize", "VolumeType", "Iops", "Throughput"].map(of);
    for (more, code) in [
        (vec![(size, "4")], "InvalidBlockDeviceMapping"),
        (vec![(size, "0")], "InvalidParameterValue"),
        (vec![(size, "70000")], "InvalidParameterValue"),
        (vec![(kind, "fast")], "InvalidParameterValue"),
        (vec![(kind, "st1"), (size, "200")], "InvalidBlockDeviceMapping"),
        (vec![(kind, "gp2"), (iops, "5000")], "InvalidParameterCombination"),
        (vec![(kind, "gp2"), (throughput, "200")], "InvalidParameterCombination"),
        (vec![(kind, "io1")], "MissingParameter"),
        (vec![(kind, "io1"), (iops, "401")], "InvalidParameterValue"),
        (vec![(iops, "2999")], "InvalidParameterValue"),
        (vec![(iops, "4001")], "InvalidParameterValue"),
        (vec![(throughput, "100")], "InvalidParameterValue"),
        (vec![(of("SnapshotId"), "snap-00000000")], "InvalidSnapshot.NotFound"),
        (vec![(of("KmsKeyId"), "alias/mine")], "InvalidParameterDependency"),
        (vec![("BlockDeviceMapping.1.NoDevice", "")], "InvalidBlockDeviceMapping"),
        (vec![], "InvalidBlockDeviceMapping"),
        (
            vec![
                (size, "9"),
                ("BlockDeviceMapping.2.DeviceName", "/dev/xvda"),
                ("BlockDeviceMapping.2.Ebs.VolumeSize", "9"),
            ],
            "InvalidBlockDeviceMapping",
        ),
        (
            vec![
                (size, "9"),
                ("BlockDeviceMapping.2.DeviceName", "/dev/sdf"),
                ("BlockDeviceMapping.2.Ebs.VolumeType", "gp3"),
            ],
            "MissingParameter",
        ),
    ] {
        assert_eq!(refused(&api, &network, &more), code, "{more:?}");
    }
    assert!(api.ok("DescribeVolumes", &[]).texts("volumeId").is_empty());
}
