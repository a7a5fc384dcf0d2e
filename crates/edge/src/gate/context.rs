//! The condition keys of a request, but those that its resource and its parameters give.
//!
//! Source: IAM user guide, "AWS global condition context keys"; Service authorization reference, "Actions, resources, and
//! condition keys for Amazon S3".

use http::HeaderMap;
use http::header::{REFERER, USER_AGENT};
use sidegate_iam::{Context, Path, tells_endpoint_owner};
use sidegate_model::{AccountId, Region};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::credentials::Membership;
use super::way::Tls;

/// How a request proves who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// By a signature of Version 4 in its header, made at this time (Unix milliseconds).
    Header(i64),
    /// By a presigned URL of Version 4.
    Url(i64),
    /// By a presigned URL of Version 2.
    OldUrl,
    /// By a signature of Version 4 in a form.
    Form(i64),
    /// By one of Version 2.
    OldForm,
}

/// What the condition keys of a request are made of.
pub(super) struct Known<'a> {
    pub(super) service: &'static str,
    pub(super) region: Region,
    /// `None` for a call that nobody makes, of which nothing is told that follows from it.
    pub(super) path: Option<&'a Path>,
    pub(super) tls: Option<Tls>,
    /// The endpoint's account, and the organization that is in.
    pub(super) endpoint: Option<(&'a AccountId, Option<&'a Membership>)>,
    pub(super) headers: &'a HeaderMap,
    pub(super) proof: Option<Proof>,
    /// The organization of the principal.
    pub(super) membership: Option<&'a Membership>,
    /// Unix time in milliseconds.
    pub(super) now: i64,
}

impl Known<'_> {
    /// The keys.
    pub(super) fn context(&self) -> Context {
        let mut context = match self.path {
            Some(path) => path.context().with("aws:SecureTransport", self.tls.is_some().to_string()),
            None => Context::new(),
        };
        context = context
            .with("aws:EpochTime", (self.now / 1000).to_string())
            .with("aws:RequestedRegion", self.region.as_str());
        if let Some(time) = rfc3339(self.now) {
            context = context.with("aws:CurrentTime", time);
        }
        for (key, name) in [("aws:UserAgent", USER_AGENT), ("aws:Referer", REFERER)] {
            if let Some(value) = self.headers.get(name).and_then(|value| value.to_str().ok()) {
                context = context.with(key, value);
            }
        }
        if self.proof.is_some() {
            context = context.with("aws:ViaAWSService", "false");
        }
        if let Some(membership) = self.membership {
            context = context
                .with("aws:PrincipalOrgID", membership.organization.as_str())
                .with_many("aws:PrincipalOrgPaths", [membership.path.as_str()]);
        }
        if let Some((account, membership)) = self.endpoint.filter(|_| tells_endpoint_owner(self.service)) {
            context = context.with("aws:VpceAccount", account.to_string());
            if let Some(Path::Endpoint { vpc, .. }) = self.path {
                context = context.with("aws:SourceVpcArn", format!("arn:aws:ec2:{}:{account}:vpc/{vpc}", self.region));
            }
            if let Some(membership) = membership {
                context = context
                    .with("aws:VpceOrgID", membership.organization.as_str())
                    .with_many("aws:VpceOrgPaths", [membership.path.as_str()]);
            }
        }
        if self.service == "s3" { self.of_s3(context) } else { context }
    }

    fn of_s3(&self, mut context: Context) -> Context {
        if let Some(tls) = self.tls {
            context = context.with("s3:TlsVersion", tls.as_str());
        }
        let Some(proof) = self.proof else { return context };
        let (kind, version) = match proof {
            Proof::Header(_) => ("REST-HEADER", "AWS4-HMAC-SHA256"),
            Proof::Url(_) => ("REST-QUERY-STRING", "AWS4-HMAC-SHA256"),
            Proof::OldUrl => ("REST-QUERY-STRING", "AWS"),
            Proof::Form(_) => ("POST", "AWS4-HMAC-SHA256"),
            Proof::OldForm => ("POST", "AWS"),
        };
        let context = context.with("s3:authType", kind).with("s3:signatureversion", version);
        match proof {
            Proof::Header(at) | Proof::Url(at) | Proof::Form(at) => {
                context.with("s3:signatureAge", self.now.saturating_sub(at).max(0).to_string())
            }
            Proof::OldUrl | Proof::OldForm => context,
        }
    }
}

/// A time (Unix milliseconds) as policies write it.
fn rfc3339(milliseconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(milliseconds / 1000).ok()?.format(&Rfc3339).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(service: &'static str, path: &Path) -> Vec<String> {
        context(service, path, Some(Tls::V1_3)).iter().map(|(key, _)| key.to_owned()).collect()
    }

    fn context(service: &'static str, path: &Path, tls: Option<Tls>) -> Context {
        let membership = Membership { organization: "o-a".into(), path: "o-a/r-1/".into(), ..Membership::default() };
        let account = "123456789012".parse().unwrap();
        let known = Known {
            service,
            region: "us-east-1".parse().unwrap(),
            path: Some(path),
            tls,
            endpoint: matches!(path, Path::Endpoint { .. }).then_some((&account, Some(&membership))),
            headers: &HeaderMap::new(),
            proof: Some(Proof::Header(0)),
            membership: None,
            now: 1_000,
        };
        known.context()
    }

    #[test]
    fn the_version_of_tls_is_a_key_of_s3_and_there_is_none_without_it() {
        let path = Path::Public { source: [198, 51, 100, 7].into() };
        let value = |service, tls| {
            let context = context(service, &path, tls);
            let secure = context.values("aws:SecureTransport").map(|v| v.as_slice().join(","));
            (secure, context.values("s3:TlsVersion").map(|v| v.as_slice().join(",")))
        };
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(value("s3", Some(Tls::V1_2)), (text("true"), text("1.2")));
        assert_eq!(value("s3", Some(Tls::V1_3)), (text("true"), text("1.3")));
        assert_eq!(value("s3", None), (text("false"), None));
        assert_eq!(value("secretsmanager", Some(Tls::V1_3)), (text("true"), None));
    }

    #[test]
    fn the_owner_of_an_endpoint_is_known_to_some_services_alone() {
        let (vpc, endpoint) = ("vpc-0123456789abcdef0".parse().unwrap(), "vpce-0123456789abcdef0".parse().unwrap());
        let path = Path::Endpoint { vpc, endpoint, source: [10, 0, 0, 4].into() };
        let has = |service, key: &str| keys(service, &path).iter().any(|own| own == key);
        assert!(has("s3", "aws:vpceaccount") && has("s3", "aws:vpceorgid") && has("s3", "s3:authtype"));
        assert!(has("s3", "aws:sourcevpcarn") && !has("secretsmanager", "aws:sourcevpcarn"));
        assert!(!has("secretsmanager", "aws:vpceaccount") && has("secretsmanager", "aws:sourcevpce"));
        let public = keys("s3", &Path::Public { source: [198, 51, 100, 7].into() });
        assert!(!public.iter().any(|key| key.starts_with("aws:vpc")) && public.iter().any(|key| key == "aws:sourceip"));
    }
}
