//! What is asked: a world and its plan, and what is not known of them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use sidegate_import::{Bearing, Imported};
use sidegate_model::{Attachment, Context, IpCidr, NetworkInterfaceId, SubnetId, World};
use sidegate_plan::analyze::reach::Known;
use sidegate_plan::analyze::{Flow, Trace};
use sidegate_plan::{Plan, recompile};

use crate::explain::{doubted, open};

/// A world and its plan.
pub(crate) struct Stand<'a> {
    world: Cow<'a, World>,
    plan: Cow<'a, Plan>,
    imported: Option<&'a Imported>,
    programs: BTreeSet<NetworkInterfaceId>,
}

impl<'a> Stand<'a> {
    /// What a daemon has.
    pub(crate) fn of(world: &'a World, plan: &'a Plan) -> Self {
        Self { world: Cow::Borrowed(world), plan: Cow::Borrowed(plan), imported: None, programs: BTreeSet::new() }
    }

    /// What was read from files.
    pub(crate) fn read(imported: &'a Imported, plan: &'a Plan) -> Self {
        Self { imported: Some(imported), ..Self::of(imported.world(), plan) }
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Whether it was read from files, which tell nothing of policies.
    pub(crate) const fn is_read(&self) -> bool {
        self.imported.is_some()
    }

    /// A trace of which something is not known: undetermined, where it ends because of that.
    pub(crate) fn doubted(&self, trace: &Trace) -> Trace {
        match self.imported {
            Some(files) => doubted(&self.world, files, trace.clone()),
            None => trace.clone(),
        }
    }

    /// The programs that are supposed.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &NetworkInterfaceId> {
        self.programs.iter()
    }

    /// The same, with a program of the VPC's default group in each of these subnets that has nothing which asks. A subnet
    /// without room for one stays as it is.
    pub(crate) fn with_programs(&self, subnets: &BTreeSet<SubnetId>) -> Stand<'_> {
        let asks = |attachment: &Attachment| !matches!(attachment, Attachment::Endpoint(_) | Attachment::NatGateway(_));
        let inhabited: BTreeSet<&SubnetId> =
            self.world.interfaces.iter().filter(|own| asks(&own.attachment)).map(|own| &own.subnet).collect();
        let mut world = Cow::Borrowed(&*self.world);
        let mut programs = BTreeSet::new();
        // Nobody keeps the interfaces, so that any ids do.
        let mut bits = 0_u64;
        let mut entropy = || {
            bits = bits.wrapping_sub(1);
            bits
        };
        for id in subnets.iter().filter(|id| !inhabited.contains(id)) {
            let Some(scope) = self.world.subnets.get(id).map(|own| own.scope.clone()) else { continue };
            let mut context = Context { scope, now: 0, entropy: &mut entropy };
            programs.extend(world.to_mut().attach_program(&mut context, id, &[]).ok());
        }
        let plan = match &world {
            Cow::Borrowed(_) => Cow::Borrowed(&*self.plan),
            Cow::Owned(supposed) => Cow::Owned(recompile(&self.plan, &self.world, supposed)),
        };
        Stand { world, plan, imported: self.imported, programs }
    }
}

impl Known for Stand<'_> {
    fn open(&self, flow: &Flow, trace: &Trace) -> Vec<String> {
        let files = self.imported;
        let all = files.map(|files| open(&self.world, files, flow, trace)).unwrap_or_default();
        all.into_iter().map(|own| own.to_string()).collect()
    }

    fn ports(&self) -> Vec<u16> {
        let unknown = self.imported.into_iter().flat_map(Imported::unknown);
        let ranges = unknown.filter_map(|own| match &own.bearing {
            Bearing::Rule(traffic) => traffic.ports,
            _ => None,
        });
        // One border before the first port and one behind the last are none.
        ranges.flat_map(|own| [own.from, own.to.saturating_add(1)]).filter_map(|port| port.try_into().ok()).collect()
    }

    fn is_open(&self, interface: &NetworkInterfaceId) -> bool {
        let Some(files) = self.imported else { return false };
        let instance = self.world.interfaces.get(interface).and_then(|own| match &own.attachment {
            Attachment::Instance { instance, .. } => Some(instance.as_str()),
            _ => None,
        });
        let ids = [Some(interface.as_str()), instance];
        ids.into_iter().flatten().any(|id| !files.unknown_of(id).is_empty())
    }

    fn blocks(&self) -> Vec<IpCidr> {
        let unknown = self.imported.into_iter().flat_map(Imported::unknown);
        let mut blocks: Vec<IpCidr> = unknown
            .filter_map(|own| match &own.bearing {
                Bearing::Destinations(blocks) => Some(blocks.iter().copied()),
                _ => None,
            })
            .flatten()
            .collect();
        blocks.sort_unstable();
        blocks.dedup();
        blocks
    }
}
