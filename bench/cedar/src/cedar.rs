//! A scenario for cedar-policy.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request, RestrictedExpression,
};

use crate::Failure;
use crate::scenario::{Asked, Scenario};

/// What is parsed and looked up before a decision: for each request, the entities that it speaks of.
pub struct Prepared {
    authorizer: Authorizer,
    policies: PolicySet,
    requests: Vec<(Request, Entities)>,
}

impl Prepared {
    pub fn new(scenario: &Scenario) -> Result<Self, Failure> {
        let requests = scenario.requests.iter().map(prepare).collect::<Result<_, _>>()?;
        Ok(Self { authorizer: Authorizer::new(), policies: scenario.cedar.parse()?, requests })
    }

    pub fn decide(&self) -> usize {
        let decided = self
            .requests
            .iter()
            .map(|(request, entities)| self.authorizer.is_authorized(request, &self.policies, entities).decision());
        decided.filter(|decision| *decision == Decision::Allow).count()
    }
}

fn prepare(asked: &Asked) -> Result<(Request, Entities), Failure> {
    let named = |kind: &str, id: &str| -> Result<EntityUid, Failure> { Ok(format!("{kind}::{id:?}").parse()?) };
    let (ana, bucket, object) = (named("User", "ana")?, named("Bucket", "docs")?, named("Object", &asked.key)?);
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let key = [("key".to_owned(), text(&asked.key))].into();
    let entities = Entities::from_entities(
        [
            Entity::new_no_attrs(ana.clone(), Default::default()),
            Entity::new_no_attrs(bucket.clone(), Default::default()),
            Entity::new(object.clone(), key, [bucket].into())?,
        ],
        None,
    )?;
    let context = Context::from_pairs([
        ("sourceVpce".to_owned(), text(asked.endpoint)),
        ("principalOrgId".to_owned(), text(asked.organization)),
        ("secureTransport".to_owned(), RestrictedExpression::new_bool(true)),
    ])?;
    Ok((Request::new(ana, named("Action", asked.action)?, object, context, None)?, entities))
}
