//! Traces that end where files are missing: what the world holds in place of a thing that no file describes is no evidence.

use sidegate_import::{How, Imported, Met};
use sidegate_model::{SubnetId, World};
use sidegate_plan::analyze::{Code, Disposition, Hop, Step, Trace, Unknown};

/// The same trace, where it ends because something is not described; undetermined then.
pub(crate) fn doubted(world: &World, files: &Imported, mut trace: Trace) -> Trace {
    let blocking = trace.hops.iter_mut().find_map(|hop| Some((undescribed(world, files, hop)?, hop)));
    if let Some((what, hop)) = blocking {
        hop.blocks = None;
        trace.disposition = Disposition::Undetermined { unknown: Unknown::Undescribed { what } };
    }
    trace
}

/// What is not described without which a hop ends the trace.
fn undescribed(world: &World, files: &Imported, hop: &Hop) -> Option<String> {
    let table = |subnet: &SubnetId| {
        world.route_table_of(subnet).is_none().then(|| format!("which route table {subnet} has: no file describes it"))
    };
    let code = hop.blocks?;
    match &hop.step {
        Step::Source { subnet, .. } if code == Code::BadState => table(subnet),
        Step::Interface { interface, .. } if code == Code::BadState => table(&world.interfaces.get(interface)?.subnet),
        Step::NetworkAcl { acl, subnet, .. } if world.network_acls.get(acl).is_none() => {
            Some(format!("what the network ACL of {subnet} says: no file describes it"))
        }
        Step::Routes(choice) => {
            let met = Met { resource: choice.table.as_str(), how: How::Stopped };
            let is_open = !files.undetermined(Some(choice.address), [met]).is_empty();
            is_open.then(|| format!("where {} leads {}", choice.table, choice.address))
        }
        _ => None,
    }
}
