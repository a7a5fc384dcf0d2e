//! A scenario for Sidegate's engine.

use std::hint::black_box;
use std::sync::Arc;

use sidegate_iam::{Attached, Context, Policies, Policy, PolicyType, Principal, Request, Requirement, decide, explain};

use crate::Failure;
use crate::scenario::Scenario;

/// What is parsed and looked up before a decision.
pub struct Prepared {
    principal: Principal,
    policies: Policies,
    requests: Vec<(Context, Requirement)>,
}

impl Prepared {
    pub fn new(scenario: &Scenario) -> Result<Self, Failure> {
        let bucket = Arc::new(Policy::parse(&scenario.bucket, PolicyType::Bucket)?);
        let identity =
            scenario.identity.iter().map(|text| Policy::parse(text, PolicyType::Identity).map(Attached::from));
        let requests = scenario.requests.iter().map(|asked| {
            let context = Context::new()
                .with("aws:SourceVpce", asked.endpoint)
                .with("aws:PrincipalOrgID", asked.organization)
                .with("aws:SecureTransport", "true");
            let resource = format!("arn:aws:s3:::docs/{}", asked.key);
            let requirement = Requirement::new(format!("s3:{}", asked.action), resource);
            Ok::<_, Failure>((context, requirement.owned_by("111111111111".parse()?).under(Arc::clone(&bucket))))
        });
        Ok(Self {
            principal: Principal::parse("arn:aws:iam::111111111111:user/ana")?,
            policies: Policies { identity: identity.collect::<Result<_, _>>()?, ..Policies::default() },
            requests: requests.collect::<Result<_, _>>()?,
        })
    }

    fn requests(&self) -> impl Iterator<Item = Request<'_>> {
        let principal = &self.principal;
        self.requests.iter().map(move |(context, requirement)| Request { principal, context, requirement })
    }

    pub fn decide(&self) -> usize {
        self.requests().filter(|request| decide(request, &self.policies).is_allowed()).count()
    }

    pub fn explain(&self) -> usize {
        self.requests().filter(|request| black_box(explain(request, &self.policies)).decision.is_allowed()).count()
    }
}
