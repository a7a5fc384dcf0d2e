//! CreateSubnetCidrReservation, DeleteSubnetCidrReservation, GetSubnetCidrReservations.
//!
//! Source: EC2 API reference.

// coverage: ec2:CreateSubnetCidrReservation: interfaces have no prefixes, so that one of type prefix keeps its part free for nothing

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{IpCidr, ReservationType, Scope, SubnetCidrReservation, SubnetCidrReservationId, SubnetId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::{Filters, one, tag_values};
use super::super::ids::{self, arn, required};
use super::super::{fault, refused, tag, tagged};

/// The kind of these resources in ARNs and tag specifications.
const KIND: &str = "subnet-cidr-reservation";

/// The filters of GetSubnetCidrReservations.
const FILTERS: &[&str] = &["reservationType", "subnet-id", "tag-key", "tag:"];

impl Action for ec2::CreateSubnetCidrReservationRequest {
    type Answer = ec2::CreateSubnetCidrReservationResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, "*"), arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateSubnetCidrReservationResult, Failure> {
        let subnet: SubnetId = ids::given(self.subnet_id.as_deref(), "SubnetId")?;
        let cidr = required(self.cidr.as_deref(), "Cidr")?;
        let cidr: IpCidr = cidr.parse().map_err(|_| {
            let message = format!("Value ({cidr}) for parameter cidr is invalid. This is not a valid CIDR block.");
            refused("InvalidParameterValue", message)
        })?;
        let kind = required(self.reservation_type.as_deref(), "ReservationType")?;
        let kind = ReservationType::parse(kind).ok_or_else(|| {
            let message = format!(
                "Value ({kind}) for parameter reservationType is invalid. Valid values are prefix and explicit."
            );
            refused("InvalidParameterValue", message)
        })?;
        let (description, tags) = (self.description, tagged::specified(&self.tag_specifications, KIND, &[])?);
        let made = call
            .change(move |world, context| {
                let id = world.create_subnet_cidr_reservation(context, &subnet, cidr, kind, description)?;
                tag::put(world, context, id.as_str(), &tags)?;
                Ok(render(world, world.subnet_cidr_reservation(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateSubnetCidrReservationResult { subnet_cidr_reservation: Some(made) })
    }
}

impl Action for ec2::DeleteSubnetCidrReservationRequest {
    type Answer = ec2::DeleteSubnetCidrReservationResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.subnet_cidr_reservation_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteSubnetCidrReservationResult, Failure> {
        let given = self.subnet_cidr_reservation_id.as_deref();
        let id: SubnetCidrReservationId = ids::given(given, "SubnetCidrReservationId")?;
        let gone = call
            .change(move |world, context| {
                let shown = render(world, world.subnet_cidr_reservation(&context.scope, &id)?);
                world.delete_subnet_cidr_reservation(context, &id)?;
                Ok(shown)
            })
            .await?;
        Ok(ec2::DeleteSubnetCidrReservationResult { deleted_subnet_cidr_reservation: Some(gone) })
    }
}

impl Action for ec2::GetSubnetCidrReservationsRequest {
    type Answer = ec2::GetSubnetCidrReservationsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::GetSubnetCidrReservationsResult, Failure> {
        let world = call.world();
        let filters = Filters::read(&self.filters, FILTERS)?;
        let subnet: SubnetId = ids::given(self.subnet_id.as_deref(), "SubnetId")?;
        world.subnet(call.scope(), &subnet).map_err(|error| fault::of(&error))?;
        let all = world.reservations_of(&subnet);
        let chosen: Vec<_> = all.filter(|own| filters.pass(|filter| values(&world, own, filter))).collect();
        let key = |own: &&SubnetCidrReservation| own.id.to_string();
        let page = call.page(chosen, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        let (ipv4, ipv6): (Vec<_>, Vec<_>) = page.items.into_iter().partition(|own| matches!(own.cidr, IpCidr::V4(_)));
        let shown = |of: Vec<&SubnetCidrReservation>| of.into_iter().map(|own| render(&world, own)).collect();
        Ok(ec2::GetSubnetCidrReservationsResult {
            subnet_ipv4_cidr_reservations: shown(ipv4),
            subnet_ipv6_cidr_reservations: shown(ipv6),
            next_token: page.next_token,
        })
    }
}

fn render(world: &World, own: &SubnetCidrReservation) -> ec2::SubnetCidrReservation {
    ec2::SubnetCidrReservation {
        subnet_cidr_reservation_id: Some(own.id.to_string()),
        subnet_id: Some(own.subnet.to_string()),
        cidr: Some(own.cidr.to_string()),
        reservation_type: Some(own.kind.as_str().to_owned()),
        owner_id: Some(own.scope.account.to_string()),
        description: own.description.clone(),
        tags: tagged::shown(world, own.id.as_str()),
    }
}

fn values<'r>(world: &'r World, own: &'r SubnetCidrReservation, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "reservationType" => one(own.kind.as_str()),
        "subnet-id" => one(own.subnet.as_str()),
        _ => tag_values(world, own.id.as_str(), filter).unwrap_or_default(),
    }
}
