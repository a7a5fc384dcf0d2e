//! What is compared: policies in both languages, and requests with the outcome that both must give.

/// Policies and requests.
pub struct Scenario {
    pub name: &'static str,
    /// The identity policies, as JSON.
    pub identity: Vec<String>,
    /// The bucket policy, as JSON.
    pub bucket: String,
    /// All of them, in Cedar.
    pub cedar: String,
    pub requests: Vec<Asked>,
}

/// A request: ana reads or writes an object over an endpoint.
pub struct Asked {
    pub action: &'static str,
    pub key: String,
    pub endpoint: &'static str,
    pub organization: &'static str,
    pub allowed: bool,
}

impl Scenario {
    pub fn statements(&self) -> usize {
        self.identity.iter().chain([&self.bucket]).map(|policy| policy.matches("\"Effect\"").count()).sum()
    }
}

pub fn all() -> [Scenario; 3] {
    [private_bucket(), many_prefixes(10), many_prefixes(100)]
}

const PERIMETER: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::docs/*",
        "Condition": {"StringNotEquals": {"aws:SourceVpce": ["vpce-1a", "vpce-1b"]}}},
    {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::docs/*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}}]}"#;

const PERIMETER_IN_CEDAR: &str = r#"
    forbid(principal, action, resource in Bucket::"docs")
        unless { ["vpce-1a", "vpce-1b"].contains(context.sourceVpce) };
    forbid(principal, action, resource in Bucket::"docs")
        when { context has principalOrgId && context.principalOrgId != "o-1" };"#;

fn asked(key: String, allowed: bool) -> Asked {
    Asked { action: "GetObject", key, endpoint: "vpce-1a", organization: "o-1", allowed }
}

/// One permission, and a bucket that is open to two endpoints and one organization alone.
fn private_bucket() -> Scenario {
    let identity = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::docs/*"}}"#;
    let permit = r#"permit(principal == User::"ana", action == Action::"GetObject", resource in Bucket::"docs");"#;
    let right = || asked("reports/2026.pdf".to_owned(), true);
    Scenario {
        name: "a private bucket",
        identity: vec![identity.to_owned()],
        bucket: PERIMETER.to_owned(),
        cedar: format!("{permit}{PERIMETER_IN_CEDAR}"),
        requests: vec![
            right(),
            Asked { endpoint: "vpce-2", allowed: false, ..right() },
            Asked { organization: "o-2", allowed: false, ..right() },
            Asked { action: "PutObject", allowed: false, ..right() },
        ],
    }
}

/// Many permissions, each for the keys with a prefix, as of teams that share a bucket.
fn many_prefixes(count: usize) -> Scenario {
    let statement = |team: usize| {
        format!(
            r#"{{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::docs/team-{team}/*",
                "Condition": {{"StringLike": {{"aws:SourceVpce": "vpce-1*"}}}}}}"#
        )
    };
    let permit = |team: usize| {
        format!(
            r#"permit(principal == User::"ana", action in [Action::"GetObject", Action::"PutObject"], resource in Bucket::"docs")
                when {{ resource.key like "team-{team}/*" && context.sourceVpce like "vpce-1*" }};"#
        )
    };
    let identity = |teams: std::ops::Range<usize>| {
        let statements: Vec<_> = teams.map(statement).collect();
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(","))
    };
    let permits: Vec<_> = (0..count).map(permit).collect();
    Scenario {
        name: "a bucket of many teams",
        // A managed policy has a bounded length.
        identity: (0..count).step_by(10).map(|from| identity(from..from + 10)).collect(),
        bucket: PERIMETER.to_owned(),
        cedar: format!("{}{PERIMETER_IN_CEDAR}", permits.join("\n")),
        requests: vec![
            asked("team-0/a".to_owned(), true),
            asked(format!("team-{}/a", count - 1), true),
            asked(format!("team-{count}/a"), false),
            Asked { endpoint: "vpce-2", allowed: false, ..asked("team-1/a".to_owned(), false) },
        ],
    }
}
