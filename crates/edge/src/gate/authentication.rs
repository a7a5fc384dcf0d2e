//! Who made a request: its signature, proved.

use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, Method};
use percent_encoding::percent_decode_str;
use sidegate_iam::Principal;
use sidegate_model::{AccountId, Region};
use sidegate_services::{Budget, hosted, lambda, s3};
use sidegate_wire::aws_json;
use sidegate_wire::protocol::Protocol;
use sidegate_wire::query;
use sidegate_wire::rpc_v2_cbor;
use sidegate_wire::sigv2::{FormSignature, PresignedUrl};
use sidegate_wire::sigv4::{AuthError, PayloadHash, Placement, Presented, ScopePart, SecretKey, Signature};

use super::content::Content;
use super::context::Proof;
use super::credentials::{Credential, Credentials, Grants, NoCredential};
use super::dialect::Dialect;
use super::host;
use super::refusal::Refusal;

/// Who made a request.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) principal: Principal,
    /// The account; an anonymous request has none.
    pub(super) account: Option<AccountId>,
    /// The access key whose signature is still on the request.
    pub(super) access_key: Option<String>,
    /// The Region that the request was signed for.
    pub(super) region: Option<Region>,
    /// What policies say of the principal.
    pub(super) grants: Grants,
    /// How the request proves who sent it.
    pub(super) proof: Option<Proof>,
}

impl Identity {
    /// Nobody in particular.
    fn anonymous() -> Self {
        let principal = Principal::Anonymous;
        Self { principal, account: None, access_key: None, region: None, grants: Grants::default(), proof: None }
    }

    fn of(credential: Credential, proof: Proof) -> Self {
        let Credential { principal, account, grants, .. } = credential;
        Self { principal, account: Some(account), access_key: None, region: None, grants, proof: Some(proof) }
    }
}

/// What a signature has to be for.
pub(super) struct Asked<'a> {
    pub(super) dialect: &'a Dialect,
    /// The only Region that may be signed for, if there is such a one.
    pub(super) region: Option<Region>,
    /// The Region that is named as the right one where any would do.
    pub(super) home: Region,
    /// Unix time in seconds.
    pub(super) now: i64,
    /// For a body that the signature covers.
    pub(super) budget: &'a Budget,
}

impl Asked<'_> {
    /// Proves the signature of a request, and reads the body where the signature covers it.
    pub(super) async fn authenticate(
        &self, credentials: &dyn Credentials, head: &mut Parts, content: &mut Content,
    ) -> Result<Identity, Refusal> {
        let protocol = self.dialect.protocol(head);
        let streams = self.dialect.streams(head);
        // A browser asks without proof whether it may send a request, also one whose URL is presigned.
        if streams && head.method == Method::OPTIONS {
            return Ok(Identity::anonymous());
        }
        if streams && s3::is_form(&head.method, &head.headers) {
            return self.authenticate_form(credentials, head, content).await;
        }
        if streams && let Some(url) = PresignedUrl::parse(head)? {
            return Ok(self.authenticate_url(credentials, &url, head)?);
        }
        // What else proves the caller is for the service to judge.
        if hosted::is_hosted(self.dialect.service) && !is_signed(head) {
            return Ok(Identity::anonymous());
        }
        let presented = Presented::parse(head)?;
        let Some(signature) = presented.signature() else {
            // Only S3 may be asked by anyone.
            return if streams { Ok(Identity::anonymous()) } else { Err(AuthError::Missing.into()) };
        };
        let region = self.scope(signature)?;
        let access_key = signature.access_key();
        let credential = self.credential(credentials, access_key, signature.session_token())?;
        if streams {
            // The service holds the body to what the header says of it.
            presented.verify(head, PayloadHash::Header, &credential.secret, self.now)?;
        } else {
            let body = content.take().whole(largest(protocol, self.dialect.service), self.budget).await?;
            presented.verify(head, PayloadHash::OfBody(&body), &credential.secret, self.now)?;
            *content = Content::Whole(body);
        }
        let signed = signature.date().unix() * 1000;
        let proof = match signature.placement() {
            Placement::Header => Proof::Header(signed),
            Placement::Query => Proof::Url(signed),
        };
        let access_key = Some(access_key.to_owned());
        Ok(Identity { access_key, region: Some(region), ..Identity::of(credential, proof) })
    }

    /// Proves a presigned URL of Version 2, and takes the signature off: it covers no body that the service would have
    /// to hold to it. It names no Region either.
    fn authenticate_url(
        &self, credentials: &dyn Credentials, url: &PresignedUrl, head: &mut Parts,
    ) -> Result<Identity, AuthError> {
        let credential = self.credential(credentials, url.access_key(), url.session_token())?;
        let bucket = host::host(head).and_then(s3::bucket_of);
        url.verify(head, bucket.as_deref(), &credential.secret, self.now)?;
        url.take_off(head);
        Ok(Identity::of(credential, Proof::OldUrl))
    }

    /// Proves the signature that stands in a form, and hands the form on with the request. A form that cannot be read, or
    /// has not all of a signature, is nobody's, and the service says what is wrong with it.
    async fn authenticate_form(
        &self, credentials: &dyn Credentials, head: &mut Parts, content: &mut Content,
    ) -> Result<Identity, Refusal> {
        if PresignedUrl::parse(head)?.is_some() || Presented::parse(head)?.signature().is_some() {
            return Err(AuthError::Ambiguous.into());
        }
        let form = s3::Form::read(&head.headers, content.take().into_body()).await;
        let identity = match &form {
            Ok(form) => self.signer_of(form, credentials)?,
            Err(_) => Identity::anonymous(),
        };
        head.extensions.insert(s3::Opened::new(form));
        Ok(identity)
    }

    /// Who signed a form.
    fn signer_of(&self, form: &s3::Form, credentials: &dyn Credentials) -> Result<Identity, AuthError> {
        let field = |name: &str| form.field(name);
        let Some(policy) = field("policy") else { return Ok(Identity::anonymous()) };
        if let Some(signature) = Signature::of_form(field)? {
            let region = Some(self.scope(&signature)?);
            let credential = self.credential(credentials, signature.access_key(), signature.session_token())?;
            signature.prove_form(policy, &credential.secret)?;
            let access_key = Some(signature.access_key().to_owned());
            let proof = Proof::Form(signature.date().unix() * 1000);
            return Ok(Identity { access_key, region, ..Identity::of(credential, proof) });
        }
        if let Some(signature) = FormSignature::of_form(field)? {
            let credential = self.credential(credentials, signature.access_key(), signature.session_token())?;
            signature.prove(policy, &credential.secret)?;
            return Ok(Identity::of(credential, Proof::OldForm));
        }
        Ok(Identity::anonymous())
    }

    /// What an access key stands for, if the token is its own.
    fn credential(
        &self, credentials: &dyn Credentials, access_key: &str, session_token: Option<&str>,
    ) -> Result<Credential, AuthError> {
        let credential = credentials.credential(access_key, self.now * 1000).map_err(|missing| match missing {
            NoCredential::Unknown => AuthError::UnknownAccessKey { access_key: access_key.to_owned() },
            NoCredential::Expired => AuthError::ExpiredToken,
        })?;
        let own = credential.session_token.as_ref().map(SecretKey::expose);
        if own == session_token { Ok(credential) } else { Err(AuthError::InvalidToken) }
    }

    /// The Region that a signature is for, if the service can be asked for it here.
    fn scope(&self, signature: &Signature) -> Result<Region, AuthError> {
        let presented = signature.region();
        let Ok(region) = presented.parse::<Region>() else {
            signature.check_scope(presented, self.dialect.signing)?;
            return Err(AuthError::WrongScope {
                placement: signature.placement(),
                part: ScopePart::Region,
                presented: presented.to_owned(),
                expected: self.region.unwrap_or(self.home).to_string(),
            });
        };
        signature.check_scope(self.region.unwrap_or(region).as_str(), self.dialect.signing)?;
        Ok(region)
    }
}

/// Whether a request says anywhere, in whatever spelling, that it is signed.
fn is_signed(head: &Parts) -> bool {
    let is_scheme = |own: &HeaderValue| own.as_bytes().get(..5).is_some_and(|word| word.eq_ignore_ascii_case(b"AWS4-"));
    let is_signature = |part: &str| {
        let name = part.split('=').next().unwrap_or_default();
        percent_decode_str(name).decode_utf8_lossy().eq_ignore_ascii_case("X-Amz-Signature")
    };
    let by_header = head.headers.get_all(AUTHORIZATION).iter().any(is_scheme);
    by_header || head.uri.query().is_some_and(|query| query.split('&').any(is_signature))
}

/// The largest body of a request in a protocol whose signatures cover the body.
fn largest(protocol: Protocol, service: &str) -> usize {
    /// No service of this protocol takes more, but for Lambda, whose functions may come with their code.
    const REST_JSON: usize = 6 * 1024 * 1024;
    /// What is larger than Bedrock's 25 MB and no more than this the service refuses in its own words.
    const BEDROCK: usize = 32 * 1024 * 1024;
    match protocol {
        Protocol::RestJson if service == "lambda" => lambda::LARGEST_BODY,
        Protocol::AwsJson(_) if service == "logs" => aws_json::MAX_LOGS_BYTES,
        Protocol::AwsJson(_) if service == "dynamodb" => aws_json::MAX_DYNAMODB_BYTES,
        Protocol::AwsJson(_) | Protocol::AwsCbor => aws_json::MAX_BYTES,
        Protocol::RpcV2Cbor => rpc_v2_cbor::MAX_BYTES,
        Protocol::Ec2Query | Protocol::AwsQuery => query::MAX_BYTES,
        Protocol::RestJson if service == "bedrock-runtime" => BEDROCK,
        Protocol::RestJson | Protocol::RestXml => REST_JSON,
    }
}
