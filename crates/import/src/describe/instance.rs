//! Instances, which are told by reservation, and their profiles.
//!
//! Source: EC2 API reference, `Reservation`, `Instance`, `IamInstanceProfileAssociation`.

use std::collections::BTreeMap;

use sidegate_model::{
    AccountId, Instance, InstanceId, InstanceKey, InstanceProfile, InstanceProfileAssociation,
    InstanceProfileAssociationId, InstanceState, MetadataOptions, NetworkInterfaceId, ReservationId, Scope,
    ShutdownBehavior,
};

use super::element::{Element, Fault, shown};
use super::kind::Kind;
use super::network_interface;
use super::page::Page;
use super::reading::Reading;
use super::subnet::host_names;
use crate::Bearing;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let reservation: ReservationId = element.required("ReservationId")?;
    let owner: Option<AccountId> = element.optional("OwnerId")?;
    for instance in element.list("Instances")? {
        if let Err(fault) = read_one(reading, &instance, page, &reservation, owner.as_ref()) {
            let id = instance.text("InstanceId").ok().flatten();
            reading.leave_out(page, Kind::Reservations, id, &instance, fault);
        }
    }
    Ok(())
}

fn read_one(
    reading: &mut Reading, element: &Element<'_>, page: &Page, reservation: &ReservationId, owner: Option<&AccountId>,
) -> Result<(), Fault> {
    let id: InstanceId = element.required("InstanceId")?;
    let state = state(element)?;
    if state == InstanceState::Terminated && !element.has("SubnetId") {
        return Ok(());
    }
    let told = reading.scope(element, page)?;
    let scope = Scope { account: owner.cloned().unwrap_or(told.account), region: told.region };
    let interfaces = interfaces(reading, element, page, &scope, &id);
    let key = element.text("KeyName")?.map(|name| InstanceKey { name: name.to_owned(), public_key: String::new() });
    let (mut devices, launched) = (interfaces, element.moment("LaunchTime"));
    let instance = Instance {
        id: id.clone(),
        scope: scope.clone(),
        reservation: reservation.clone(),
        launch_index: element.number("AmiLaunchIndex")?.unwrap_or_default(),
        image: element.text("ImageId")?.unwrap_or_default().to_owned(),
        instance_type: element.text("InstanceType")?.unwrap_or_default().to_owned(),
        client_token: element.text("ClientToken")?.unwrap_or_default().to_owned(),
        user_data: None,
        vpc: element.required("VpcId")?,
        subnet: element.required("SubnetId")?,
        interface: devices.remove(&0),
        further_interfaces: devices.into_values().collect(),
        state,
        host_names: element.object("PrivateDnsNameOptions")?.map(|o| host_names(&o)).transpose()?.unwrap_or_default(),
        metadata: element.object("MetadataOptions")?.map(|o| metadata(&o)).transpose()?.unwrap_or_default(),
        key,
        profile: element.object("IamInstanceProfile")?.map(|told| profile(&told, &id, launched)).transpose()?,
        disable_api_termination: false,
        disable_api_stop: false,
        shutdown_behavior: ShutdownBehavior::default(),
        root_device: element.text("RootDeviceName")?.map(str::to_owned),
        volumes: BTreeMap::new(),
        ebs_optimized: element.flag("EbsOptimized")?.unwrap_or_default(),
        monitoring: false,
        booted: true,
        rebooting: false,
        reason: None,
        launched,
        changed: launched,
    };
    if instance.profile.is_some() {
        let why = "IAM tells which role its instance profile has, and with which policies";
        reading.open(id.as_str(), "what its role may do", why, Bearing::Requests);
    }
    if matches!(state, InstanceState::Pending | InstanceState::Stopping | InstanceState::ShuttingDown) {
        let why = format!("its state is {}", state.wire().1);
        reading.open(id.as_str(), "whether it runs", why, Bearing::Flow);
    }
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.instances, instance);
    Ok(())
}

fn state(element: &Element<'_>) -> Result<InstanceState, Fault> {
    use InstanceState::{Pending, Running, ShuttingDown, Stopped, Stopping, Terminated};
    let Some(told) = element.object("State")? else { return Err(element.fault_at("State", "is missing")) };
    let name = told.text("Name")?.unwrap_or_default();
    let known = [Pending, Running, ShuttingDown, Terminated, Stopping, Stopped];
    let found = known.into_iter().find(|state| state.wire().1 == name);
    found.ok_or_else(|| told.fault_at("Name", format!("`{}` is no state of an instance", shown(name))))
}

/// The interfaces of an instance by their device indexes: as it tells itself, and as they tell.
fn interfaces(
    reading: &mut Reading, element: &Element<'_>, page: &Page, scope: &Scope, id: &InstanceId,
) -> BTreeMap<u32, NetworkInterfaceId> {
    let told =
        reading.each(page, id.as_str(), &Bearing::Flow, element.list("NetworkInterfaces"), |one| Ok(one.clone()));
    for told in told {
        if let Err(fault) = network_interface::read_of_instance(reading, &told, page, scope, id) {
            let why = format!("`{}` in {} cannot be used: {}", fault.path, page.file, fault.message);
            reading.open(id.as_str(), "its network interfaces", why, Bearing::Flow);
            reading.fault(page, fault);
        }
    }
    reading.attached.get(id).cloned().unwrap_or_default()
}

fn profile(told: &Element<'_>, instance: &InstanceId, since: i64) -> Result<InstanceProfileAssociation, Fault> {
    let digits = instance.as_str().trim_start_matches(InstanceId::PREFIX);
    let text = |key| told.text(key).map(|text| text.unwrap_or_default().into());
    let profile = InstanceProfile { arn: text("Arn")?, id: text("Id")? };
    // The association has an id that the instance does not tell.
    Ok(InstanceProfileAssociation { id: InstanceProfileAssociationId::derived(digits), profile, since })
}

/// The association of an instance with its profile.
pub(super) fn read_profile(reading: &mut Reading, element: &Element<'_>, _: &Page) -> Result<(), Fault> {
    let (id, instance) = (element.required("AssociationId")?, element.required("InstanceId")?);
    reading.world.instances.update(&instance, |instance| {
        instance.profile.iter_mut().for_each(|association| association.id = InstanceProfileAssociationId::clone(&id));
    });
    Ok(())
}

fn metadata(options: &Element<'_>) -> Result<MetadataOptions, Fault> {
    let is = |key, word: &str| options.text(key).map(|text| text.is_some_and(|text| text == word));
    Ok(MetadataOptions {
        tokens_required: is("HttpTokens", "required")?,
        hop_limit: options.number("HttpPutResponseHopLimit")?.unwrap_or(1),
        ipv6: is("HttpProtocolIpv6", "enabled")?,
        endpoint: !is("HttpEndpoint", "disabled")?,
        tags: is("InstanceMetadataTags", "enabled")?,
    })
}
