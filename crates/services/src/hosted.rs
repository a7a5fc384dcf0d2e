//! Services that are asked by names of a customer's own resources, as an API or a registry has, and by proofs of their
//! own beside AWS's signature: keys, tokens and passwords, or none.
//!
//! What such a request requires is told by its host, method and path. The proofs themselves nobody here can judge.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;
use sidegate_iam::{Policy, PolicyType, Principal, Requirement};
use sidegate_model::{AccountId, Scope};

/// The services, by the last part of their endpoint service names.
///
/// Sources: API Gateway guide, "Controlling and managing access"; ECR guide, "Private registry authentication"; AppSync
/// guide, "Authorization and authentication"; `CodeArtifact` guide, "Tokens"; `CodeCommit` guide, "HTTPS Git credentials"; SES
/// guide, "SMTP credentials"; the plug-in of Session Manager, which sends the token of a session in its first message.
const SERVICES: [&str; 7] = [
    "appsync-api",
    "codeartifact.repositories",
    "ecr.dkr",
    "email-smtp",
    "execute-api",
    "git-codecommit",
    "ssmmessages",
];

/// Whether a service takes requests without AWS's signature.
pub fn is_hosted(service: &str) -> bool {
    SERVICES.contains(&service)
}

/// The name of an operation where nothing tells it.
const UNTOLD: &str = "*";

/// What a request asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Asked {
    /// The operation, or `*`.
    pub(crate) operation: &'static str,
    /// What has to be allowed.
    pub(crate) requirements: Vec<Requirement>,
    /// The host that names the resource, if that of the request does not.
    pub(crate) host: Option<String>,
}

impl Asked {
    fn of(operation: &'static str, requirements: Vec<Requirement>) -> Self {
        Self { operation, requirements, host: None }
    }

    /// What a request to a service asks for, whose actions begin with this word. The resources are those of the scope
    /// where the request does not name another account.
    pub(crate) fn read(service: &str, prefix: &str, scope: &Scope, head: &Parts) -> Self {
        let told = match service {
            "appsync-api" => Some(Self::of("GraphQL", vec![Requirement::open("appsync:GraphQL")])),
            "codeartifact.repositories" => of_packages(scope, head),
            "ecr.dkr" => of_registry(scope, head),
            "execute-api" => of_api(scope, head),
            "git-codecommit" => of_repository(scope, head),
            _ => None,
        };
        told.unwrap_or_else(|| Self::of(UNTOLD, vec![Requirement::open(format!("{prefix}:{UNTOLD}"))]))
    }

    /// The same for a principal. To one that nobody here knows, the resource itself is open, which judges its proof:
    /// then the endpoint's policy decides, and what else binds everyone.
    #[must_use]
    pub(crate) fn by(mut self, principal: &Principal) -> Self {
        if *principal == Principal::Anonymous {
            let open = |requirement: Requirement| requirement.under(Arc::clone(&OPEN));
            self.requirements = self.requirements.into_iter().map(open).collect();
        }
        self
    }
}

/// Stands for what a resource lets in that judges by itself.
static OPEN: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    let text = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
    Arc::new(Policy::parse(text, PolicyType::Resource).unwrap_or_else(|_| Policy::denying()))
});

/// A stage's method and path. An API is named by the host, with the endpoint's id behind it or without, or by a header.
///
/// Source: API Gateway guide, "Invoke a private API", "Control access for invoking an API", "Use @connections commands".
fn of_api(scope: &Scope, head: &Parts) -> Option<Asked> {
    let named = label(&head.headers, ".execute-api.");
    let told = || head.headers.get("x-apigw-api-id")?.to_str().ok().map(str::to_owned);
    let label = named.filter(|label| !label.starts_with("vpce-")).or_else(told)?;
    let api = label.split('-').next().filter(|id| is_word(id))?;
    let Scope { account, region } = scope;
    let mut operation = "Invoke";
    let requirement = |path: String| {
        let (stage, rest) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
        operation = if rest.split('/').next() == Some("@connections") { "ManageConnections" } else { "Invoke" };
        let resource = format!("{api}/{stage}/{}/{rest}", head.method);
        let arn = format!("arn:aws:execute-api:{region}:{account}:{resource}");
        Requirement::new(format!("execute-api:{operation}"), arn)
    };
    // The plainest spelling comes last, and names the operation.
    let requirements = spellings(head.uri.path()).into_iter().map(requirement).collect();
    let host = Some(format!("{api}.execute-api.{region}.amazonaws.com"));
    Some(Asked { operation, requirements, host })
}

/// The paths that a server may take one for: as it stands, without escapes, and without empty segments.
fn spellings(path: &str) -> Vec<String> {
    let plain = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut dense = plain.clone();
    while dense.contains("//") {
        dense = dense.replace("//", "/");
    }
    let mut paths = vec![path.to_owned(), plain, dense];
    paths.dedup();
    paths
}

/// What clients of a registry ask for, as ECR names it. That there is a registry needs no permission.
///
/// Sources: OCI distribution specification, "Endpoints"; ECR API reference, whose actions say when a client's push or pull
/// calls them; service authorization reference.
fn of_registry(scope: &Scope, head: &Parts) -> Option<Asked> {
    let label = label(&head.headers, ".dkr.");
    let owner: Option<AccountId> = label.and_then(|label| label.parse().ok());
    let rest = head.uri.path().strip_prefix("/v2")?;
    let reads = matches!(head.method, Method::GET | Method::HEAD);
    if reads && (rest.is_empty() || rest == "/") {
        return Some(Asked::of(UNTOLD, Vec::new()));
    }
    let query = head.uri.query().unwrap_or_default();
    let path = rest.strip_prefix('/').filter(|path| is_plain(path) && !path.contains("//"))?;
    let (before, last) = path.rsplit_once('/')?;
    let at = |end: &str| before.strip_suffix(end).filter(|name| !name.is_empty());
    let (name, actions): (&str, &[&'static str]) = if let Some(name) = at("/manifests") {
        let action = match head.method {
            Method::PUT => "PutImage",
            Method::DELETE => "BatchDeleteImage",
            _ if reads => "BatchGetImage",
            _ => return None,
        };
        (name, &[action])
    } else if let Some(name) = at("/blobs/uploads") {
        let actions: &[&str] = match head.method {
            // Another repository may be named there as the source.
            Method::POST if query.is_empty() => &["InitiateLayerUpload"],
            Method::POST if query.starts_with("digest=") && !query.contains('&') => {
                &["InitiateLayerUpload", "CompleteLayerUpload"]
            }
            Method::PUT => &["CompleteLayerUpload"],
            Method::GET | Method::PATCH | Method::DELETE => &["UploadLayerPart"],
            _ => return None,
        };
        (name, actions)
    } else if let Some(name) = at("/blobs") {
        let action = match head.method {
            Method::GET => "GetDownloadUrlForLayer",
            Method::HEAD => "BatchCheckLayerAvailability",
            Method::DELETE => "BatchDeleteImage",
            _ => return None,
        };
        (name, &[action])
    } else if let Some(name) = at("/tags").filter(|_| last == "list" && reads) {
        (name, &["ListImages"])
    } else {
        return None;
    };
    let account = owner.as_ref().unwrap_or(&scope.account);
    let arn = format!("arn:aws:ecr:{}:{account}:repository/{name}", scope.region);
    let requirements = actions.iter().map(|action| Requirement::new(format!("ecr:{action}"), arn.clone())).collect();
    Some(Asked::of(actions.last()?, requirements))
}

/// What Git asks for of a repository.
///
/// Sources: `CodeCommit` guide, "Connect to a repository"; Git, "HTTP transfer protocols"; service authorization reference.
fn of_repository(scope: &Scope, head: &Parts) -> Option<Asked> {
    let path = head.uri.path().strip_prefix("/v1/repos/").filter(|path| is_plain(path))?;
    let (name, rest) = path.split_once('/').filter(|(name, _)| !name.is_empty())?;
    let pack = match rest {
        "info/refs" => head.uri.query()?.strip_prefix("service=")?,
        pack => pack,
    };
    let operation = match pack {
        "git-upload-pack" => "GitPull",
        "git-receive-pack" => "GitPush",
        _ => return None,
    };
    let arn = format!("arn:aws:codecommit:{}:{}:{name}", scope.region, scope.account);
    Some(Asked::of(operation, vec![Requirement::new(format!("codecommit:{operation}"), arn)]))
}

/// What a package manager reads of a repository; what it writes is told by its format alone.
///
/// Sources: `CodeArtifact` guide, "Getting started with packages"; service authorization reference.
fn of_packages(scope: &Scope, head: &Parts) -> Option<Asked> {
    let label = label(&head.headers, ".d.codeartifact.")?;
    let (domain, owner) = label.rsplit_once('-')?;
    let owner: AccountId = owner.parse().ok()?;
    // What is behind the repository may be spelled as it likes, such as a scope of npm.
    let mut segments = head.uri.path().strip_prefix('/')?.split('/');
    let mut segment = || segments.next().filter(|name| !name.is_empty() && is_plain(name));
    let (_format, repository) = (segment()?, segment()?);
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return None;
    }
    let arn = format!("arn:aws:codeartifact:{}:{owner}:repository/{domain}/{repository}", scope.region);
    let requirement = Requirement::new("codeartifact:ReadFromRepository", arn);
    Some(Asked::of("ReadFromRepository", vec![requirement]))
}

/// What stands before the service in the host of a request, in lower case.
fn label(headers: &HeaderMap, service: &str) -> Option<String> {
    let host = headers.get(HOST)?.to_str().ok()?.to_ascii_lowercase();
    let (label, _) = host.split_once(service)?;
    Some(label.to_owned()).filter(|label| !label.contains('.'))
}

/// Whether a path goes up somewhere, in whatever spelling: what it names then is told by whoever resolves it. Some servers
/// take escapes off twice, and those of servlets what is behind a semicolon for a parameter of the segment.
pub(crate) fn goes_up(path: &str) -> bool {
    let once: Cow<'_, str> = percent_decode_str(path).decode_utf8_lossy();
    let twice: Cow<'_, str> = percent_decode_str(&once).decode_utf8_lossy();
    let mut names = twice.split(['/', '\\']).filter_map(|segment| segment.split(';').next());
    names.any(|name| matches!(name, "." | ".."))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a path has one spelling alone.
fn is_plain(path: &str) -> bool {
    path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._:-+@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn scope() -> Scope {
        Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() }
    }

    /// What is asked about, as words.
    fn asked(service: &str, host: &str, line: &str) -> (Vec<String>, Option<String>) {
        let (method, uri) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(uri).header("host", host);
        let request = request.header("x-apigw-api-id", "told").body(()).unwrap();
        let asked = Asked::read(service, "prefix", &scope(), &request.into_parts().0);
        let words = asked.requirements.iter().map(|own| format!("{} {}", own.action, own.resource)).collect();
        (words, asked.host)
    }

    #[test]
    fn an_api_is_invoked_by_its_host_its_stage_and_its_path() {
        let api = "abc.execute-api.us-east-1.amazonaws.com";
        let arn = |rest: &str| format!("execute-api:Invoke arn:aws:execute-api:us-east-1:111122223333:{rest}");
        for (host, line, rest) in [
            (api, "GET /prod/a/b?c=d", "abc/prod/GET/a/b"),
            (api, "POST /prod", "abc/prod/POST/"),
            (api, "GET /", "abc//GET/"),
            ("ABC-vpce-0a.execute-api.us-east-1.amazonaws.com:443", "GET /prod/a/", "abc/prod/GET/a/"),
            ("vpce-0a-1b.execute-api.us-east-1.vpce.amazonaws.com", "GET /prod/a", "told/prod/GET/a"),
        ] {
            let (words, named) = asked("execute-api", host, line);
            assert_eq!(words, [arn(rest)], "{host} {line}");
            let id = rest.split('/').next().unwrap();
            assert_eq!(named.unwrap(), format!("{id}.execute-api.us-east-1.amazonaws.com"));
        }
        let connection = asked("execute-api", api, "POST /prod/@connections/c=").0;
        assert!(connection[0].starts_with("execute-api:ManageConnections "), "{connection:?}");
        // Also of a spelling that only some servers take for it.
        for line in ["POST /prod/%40connections/c", "POST /prod//@connections/c", "POST //prod/@connections/c"] {
            let words = asked("execute-api", api, line).0;
            let expected =
                "execute-api:ManageConnections arn:aws:execute-api:us-east-1:111122223333:abc/prod/POST/@connections/c";
            assert!(words.iter().any(|word| word == expected), "{line}: {words:?}");
        }
    }

    #[test]
    fn every_path_that_a_server_may_take_one_for_is_asked_about() {
        assert_eq!(spellings("/p/%61//b"), ["/p/%61//b", "/p/a//b", "/p/a/b"]);
        assert_eq!(spellings("/p/a%2F"), ["/p/a%2F", "/p/a/"]);
        assert_eq!(spellings("/"), ["/"]);
        assert!(goes_up("/p/%2e%2E/q") && goes_up("/p/.") && goes_up("/p/..\\q") && !goes_up("/p/a..b/.c"));
        assert!(goes_up("/p/..;/q") && goes_up("/p/..;x=1/q") && goes_up("/p/..%3b/q") && goes_up("/p/%252e%252e/q"));
        assert!(!goes_up("/p/a;..b/q") && !goes_up("/p/100%25/q"));
    }

    #[test]
    fn pushes_and_pulls_require_what_ecr_calls_them() {
        let host = "444455556666.dkr.ecr.us-east-1.amazonaws.com";
        for (line, actions) in [
            ("GET /v2/", ""),
            ("GET /v2/team/app/manifests/latest", "BatchGetImage"),
            ("HEAD /v2/team/app/manifests/sha256:0a", "BatchGetImage"),
            ("PUT /v2/team/app/manifests/latest", "PutImage"),
            ("GET /v2/team/app/blobs/sha256:0a", "GetDownloadUrlForLayer"),
            ("HEAD /v2/team/app/blobs/sha256:0a", "BatchCheckLayerAvailability"),
            ("POST /v2/team/app/blobs/uploads/", "InitiateLayerUpload"),
            ("POST /v2/team/app/blobs/uploads/?digest=sha256:0a", "InitiateLayerUpload CompleteLayerUpload"),
            ("PATCH /v2/team/app/blobs/uploads/0-1", "UploadLayerPart"),
            ("PUT /v2/team/app/blobs/uploads/0-1?digest=sha256:0a", "CompleteLayerUpload"),
            ("GET /v2/team/app/tags/list", "ListImages"),
        ] {
            let arn = "arn:aws:ecr:us-east-1:444455556666:repository/team/app";
            let expected: Vec<_> = actions.split_whitespace().map(|action| format!("ecr:{action} {arn}")).collect();
            assert_eq!(asked("ecr.dkr", host, line).0, expected, "{line}");
        }
        let untold =
            ["POST /v2/a/blobs/uploads/?mount=d&from=b", "GET /v2/_catalog", "GET /v2/a%2Fb/tags/list", "POST /v2/"];
        for line in untold {
            assert_eq!(asked("ecr.dkr", host, line).0, ["prefix:* *"], "{line}");
        }
    }

    #[test]
    fn git_and_package_managers_are_told_by_their_paths() {
        let git = "git-codecommit.us-east-1.amazonaws.com";
        let repository = "arn:aws:codecommit:us-east-1:111122223333:r";
        for (line, expected) in [
            ("GET /v1/repos/r/info/refs?service=git-upload-pack", format!("codecommit:GitPull {repository}")),
            ("POST /v1/repos/r/git-receive-pack", format!("codecommit:GitPush {repository}")),
            ("GET /v1/repos/r/info/refs", "prefix:* *".to_owned()),
        ] {
            assert_eq!(asked("git-codecommit", git, line).0, [expected], "{line}");
        }
        let packages = "my-team-444455556666.d.codeartifact.us-east-1.amazonaws.com";
        let read = "codeartifact:ReadFromRepository arn:aws:codeartifact:us-east-1:444455556666:repository/my-team/r";
        assert_eq!(asked("codeartifact.repositories", packages, "GET /pypi/r/simple/boto3/").0, [read]);
        assert_eq!(asked("codeartifact.repositories", packages, "GET /npm/r/@scope%2fx").0, [read]);
        for line in ["PUT /npm/r/x", "GET /npm%2Fsecret/r/x", "GET //npm/r/x", "GET /npm//r/x"] {
            assert_eq!(asked("codeartifact.repositories", packages, line).0, ["prefix:* *"], "{line}");
        }
        let graphql = asked("appsync-api", "abc.appsync-api.us-east-1.amazonaws.com", "POST /graphql").0;
        assert_eq!(graphql, ["appsync:GraphQL *"]);
    }
}
