//! Policies: what the layers say of a call, those of the endpoint by themselves.

use sidegate_iam::{Outcome, PolicyKind};
use sidegate_plan::analyze::{Hop, LayerMet};

use super::names::joined;
use super::{Kind, Stage, State};

/// The stages of layers that follow one another: the endpoint's policy is one, what else is asked of the same action is
/// another.
pub(super) fn stages(layers: &[(&Hop, &LayerMet)]) -> Vec<Stage> {
    let is_same = |(_, one): &(&Hop, &LayerMet), (_, other): &(&Hop, &LayerMet)| {
        let kind = |own: &LayerMet| own.layer == PolicyKind::Endpoint;
        (&one.action, &one.resource, kind(one)) == (&other.action, &other.resource, kind(other))
    };
    layers.chunk_by(is_same).filter_map(stage).collect()
}

fn stage(layers: &[(&Hop, &LayerMet)]) -> Option<Stage> {
    let (_, first) = layers.first()?;
    let mut kinds: Vec<_> = layers.iter().map(|(_, own)| own.layer.as_str()).collect();
    kinds.dedup();
    let title = joined(kinds);
    let mut stage = Stage::new(Kind::Policy, title).with(format!("{} on {}", first.action, first.resource));
    for (hop, layer) in layers {
        let alone = layers.len() == 1;
        stage = said(stage, layer, alone);
        if let Some(code) = hop.blocks {
            stage = stage.with(format!("{code}: {}", code.meaning())).being(State::Blocked);
        }
    }
    Some(stage)
}

/// What a layer says, with the statement that decides if one does.
fn said(stage: Stage, layer: &LayerMet, alone: bool) -> Stage {
    let said = match layer.outcome {
        _ if !layer.applies => "does not speak of this principal",
        None => "none",
        Some(Outcome::Allowed) => "allows it",
        Some(Outcome::ExplicitlyDenied) => "denies it",
        Some(Outcome::ImplicitlyDenied) => "does not allow it",
    };
    let statement = layer.deciding.and_then(|own| Some((own.listed + 1, layer.statements.get(own.listed)?)));
    let whose = if alone { String::new() } else { format!("{}: ", layer.layer.as_str()) };
    match statement {
        Some((number, text)) => stage.with(format!("{whose}statement {number}: {text}")),
        None => stage.with(format!("{whose}{said}")),
    }
}
