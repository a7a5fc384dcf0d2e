//! Launching instances.
//!
//! Source: EC2 API reference, `RunInstances`. What cannot be had is refused, never left out in silence.

mod device;
mod requested;

pub(in super::super) use self::requested::user_data;

use sidegate_model::{Context, Error, InstanceId, InstanceState, ReservationId, Scope, World};
use sidegate_wire::ec2::{Reservation, RunInstancesRequest};
use sidegate_wire::protocol::Failure;

use self::requested::{Further, Launch};
use super::super::action::{Action, Call};
use super::super::ids::arn;
use super::super::{client_token, default_vpc, iam_instance_profile, network_interface, tag};
use super::describe::reservation;

/// The name of the operation, under which tokens of it are kept.
const RUN: &str = "RunInstances";

impl Action for RunInstancesRequest {
    type Answer = Reservation;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let image = format!("arn:aws:ec2:{}::image/{}", scope.region, self.image_id.as_deref().unwrap_or("*"));
        let interfaces = &self.network_interfaces;
        let subnets = self.subnet_id.iter().chain(interfaces.iter().filter_map(|i| i.subnet_id.as_ref()));
        let groups = self.security_group_ids.iter().chain(interfaces.iter().flat_map(|i| &i.groups));
        let keys = self.key_name.iter().map(|name| arn(scope, "key-pair", name));
        [image, arn(scope, "instance", "*"), arn(scope, "network-interface", "*")]
            .into_iter()
            .chain(keys)
            .chain(subnets.map(|id| arn(scope, "subnet", id)))
            .chain(groups.map(|id| arn(scope, "security-group", id)))
            .collect()
    }

    fn require(&self, call: &Call<'_>) -> Result<(), Failure> {
        iam_instance_profile::passed(call, RUN, self.iam_instance_profile.as_ref(), "*").map(drop)
    }

    async fn act(mut self, call: &Call<'_>) -> Result<Reservation, Failure> {
        self.dry_run = None;
        let client_token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        requested::locate(&mut self, &call.world(), call.scope())?;
        default_vpc::complete(&mut self, &call.world(), call.scope())?;
        let profile = iam_instance_profile::passed_before(call, self.iam_instance_profile.as_ref())?;
        let launch = requested::launch(self, call.scope(), client_token.clone().unwrap_or_default(), profile)?;
        let made = call.change(move |world, context| {
            let (id, instances) = launch_once(world, context, launch, client_token.as_deref(), &parameters)?;
            let instances = instances.iter().filter_map(|id| world.instances.get(id)).collect();
            Ok(reservation(world, id, &context.scope, instances))
        });
        made.await
    }
}

/// What a call launched.
type Launched = (ReservationId, Vec<InstanceId>);

/// Launches instances, unless an earlier call with the token did.
fn launch_once(
    world: &mut World, context: &mut Context<'_>, launch: Launch, token: Option<&str>, parameters: &str,
) -> Result<Launched, Error> {
    let Some(token) = token else { return launch.carry_out(world, context) };
    if let Some(made) = world.replay(context, RUN, token, parameters)? {
        return launched_before(world, &context.scope, made.parse()?);
    }
    let made = launch.carry_out(world, context)?;
    world.remember(context, RUN, token, parameters, made.0.as_str());
    Ok(made)
}

/// What an earlier call with the same token launched.
///
/// # Errors
/// `IdempotentInstanceTerminated` if nothing of it is left.
fn launched_before(world: &World, scope: &Scope, reservation: ReservationId) -> Result<Launched, Error> {
    let instances: Vec<_> = world
        .instances
        .iter()
        .filter(|instance| instance.scope == *scope && instance.reservation == reservation)
        .filter(|instance| instance.state != InstanceState::Terminated)
        .map(|instance| instance.id.clone())
        .collect();
    if instances.is_empty() {
        return Err(Error::IdempotentInstanceTerminated);
    }
    Ok((reservation, instances))
}

impl Launch {
    fn carry_out(self, world: &mut World, context: &mut Context<'_>) -> Result<Launched, Error> {
        let subnet = world.subnet(&context.scope, &self.wanted.subnet)?.clone();
        if let Some(zone) = self.zone.as_ref().filter(|zone| **zone != subnet.zone.name() && **zone != subnet.zone.id())
        {
            return Err(Error::InvalidParameterValue(format!(
                "The availability zone '{zone}' is not that of the subnet {}, which is in {}.",
                subnet.id, subnet.zone
            )));
        }
        let mut wanted = self.wanted.clone();
        // As many as there is room for, if that is enough.
        let room = u32::try_from(world.free_addresses(&subnet)).unwrap_or(u32::MAX);
        if wanted.interface.is_none() {
            wanted.count = wanted.count.min(room.max(self.least));
        }
        let (reservation, instances) = world.run_instances(context, &wanted)?;
        for id in &instances {
            world.set_metadata_options(context, id, self.metadata)?;
            for attribute in &self.attributes {
                world.modify_instance_attribute(context, id, attribute.clone())?;
            }
            world.set_monitoring(context, id, self.monitoring)?;
            if let Some(profile) = &self.profile {
                world.associate_instance_profile(context, id, profile.clone())?;
            }
            let interface = world.instance(&context.scope, id)?.interface.clone();
            tag::put(world, context, id.as_str(), &self.tags)?;
            let volumes: Vec<_> = world.volumes_of(id).into_iter().map(|(volume, _)| volume.id.to_string()).collect();
            volumes.iter().try_for_each(|volume| tag::put(world, context, volume, &self.volume_tags))?;
            let Some(interface) = interface else { continue };
            if wanted.interface.is_none() {
                tag::put(world, context, interface.as_str(), &self.interface_tags)?;
            }
            self.further.iter().try_for_each(|further| further.attach(world, context, id, &self.interface_tags))?;
            if let Some(description) = &self.description {
                world.modify_network_interface(context, &interface, None, Some(description.clone()), None)?;
            }
        }
        Ok((reservation, instances))
    }
}

impl Further {
    /// Attaches the interface to an instance that is launched, and makes it before if it is not there.
    fn attach(
        &self, world: &mut World, context: &mut Context<'_>, instance: &InstanceId, tags: &[(String, String)],
    ) -> Result<(), Error> {
        let one = &self.interface;
        let id = match &one.existing {
            Some(id) => id.clone(),
            None => {
                let description = one.description.clone().unwrap_or_default();
                let id = world.create_network_interface(
                    context,
                    &one.subnet,
                    one.address,
                    &one.groups,
                    description,
                    &one.more,
                )?;
                tag::put(world, context, id.as_str(), tags)?;
                id
            }
        };
        let kind = world.instance(&context.scope, instance)?.instance_type.clone();
        let limits = network_interface::limits(&kind);
        world.attach_at_launch(context, &id, instance, self.device, limits, one.delete_on_termination)?;
        Ok(())
    }
}
