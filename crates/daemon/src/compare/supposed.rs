//! What is supposed: the same world with something more or less in it, by the model's own commands.

use sidegate_model::{Context, Error, Scope, World};
use sidegate_plan::{Plan, recompile};

use super::network::Network;

/// The world and its plan after commands in a scope, with what they made. Ids of what they make begin with `ffffffff`.
///
/// # Errors
/// Those of the commands.
pub(super) fn suppose<T>(
    network: &Network<'_>, scope: &Scope, commands: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>,
) -> Result<(World, Plan, T), Error> {
    let mut world = network.world.clone();
    // Nobody keeps what is made, so that any ids do.
    let mut bits = 0_u64;
    let mut entropy = || {
        bits = bits.wrapping_sub(1);
        bits
    };
    let now = 0;
    let made = commands(&mut world, &mut Context { scope: scope.clone(), now, entropy: &mut entropy })?;
    let plan = recompile(network.plan, network.world, &world);
    Ok((world, plan, made))
}
