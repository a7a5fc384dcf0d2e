//! What a call would require that nobody makes: for those who ask why a call is allowed or not.

use sidegate_iam::Requirement;

/// What a service says of an action on a resource, without a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Supposed {
    /// All of this would have to be allowed. Condition keys of a request's parameters are not there, nor what the service
    /// would do at others in the caller's name.
    Required(Vec<Requirement>),
    /// Somebody else has the resource: what its policy says is not known here.
    Elsewhere(Vec<Requirement>),
    /// The action is about another kind of resource.
    NotOfAction {
        /// The form of the ARNs that it is about.
        form: &'static str,
    },
}

impl Supposed {
    /// One action on one resource of whose policies the service knows all, since there are none.
    pub fn plain(action: &str, resource: &str) -> Self {
        Self::Required(vec![Requirement::new(action, resource)])
    }
}

/// The parts of an ARN of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    pub(crate) region: &'a str,
    pub(crate) account: &'a str,
    pub(crate) resource: &'a str,
}

impl<'a> Parts<'a> {
    /// The parts of an ARN of the service `service`; `None` for any other text.
    pub(crate) fn of(service: &str, arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (Some("arn"), Some("aws"), Some(own)) = (parts.next(), parts.next(), parts.next()) else { return None };
        let (region, account, resource) = (parts.next()?, parts.next()?, parts.next()?);
        (own == service && !resource.is_empty()).then_some(Self { region, account, resource })
    }
}

/// The action without the prefix of its service.
pub(crate) fn operation(action: &str) -> &str {
    action.split_once(':').map_or(action, |(_, operation)| operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_arn_are_those_of_its_own_service() {
        let arn = "arn:aws:logs:us-east-1:123456789012:log-group:a:*";
        let parts = Parts::of("logs", arn).unwrap();
        assert_eq!((parts.region, parts.account, parts.resource), ("us-east-1", "123456789012", "log-group:a:*"));
        for other in ["arn:aws:logs:us-east-1:123456789012:", "logs", "arn:aws:s3:::b", "arn:aws-cn:logs:::a"] {
            assert_eq!(Parts::of("logs", other), None, "{other}");
        }
        assert_eq!(operation("s3:GetObject"), "GetObject");
    }
}
