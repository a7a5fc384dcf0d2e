//! Credential reports, and what an account prefers of tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sidegate_services::Caller;

use super::{NOW, Notes, World, arn, me};

#[tokio::test]
async fn a_credential_report_has_the_root_user_and_every_user_and_expires() {
    let world = World::new();
    assert_eq!(world.iam("GetCredentialReport", &[]).await.error().1, "ReportNotPresent");
    world.users(&["alice", "bob"]).await;
    let key = world.key("alice").await;
    drop(world.iam.directory().note_use(&key, "s3", "us-east-1", NOW));
    world.iam("CreateLoginProfile", &["UserName=bob", "Password=Correct-horse-1"]).await.ok();
    world.iam("UpdateAccountPasswordPolicy", &["MaxPasswordAge=10"]).await.ok();
    assert_eq!(world.iam("GenerateCredentialReport", &[]).await.ok().element("State"), "STARTED");
    assert_eq!(world.iam("GenerateCredentialReport", &[]).await.ok().element("State"), "COMPLETE");
    let world = world.restarted();
    let report = world.iam("GetCredentialReport", &[]).await.ok();
    assert_eq!(report.element("ReportFormat"), "text/csv");
    let table = String::from_utf8(STANDARD.decode(report.element("Content")).unwrap()).unwrap();
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    let users: Vec<_> = lines.iter().map(|line| line[0]).collect();
    assert_eq!(users, ["user", "<root_account>", "alice", "bob"]);
    assert!(lines.iter().all(|line| line.len() == 22), "{table}");
    let of = |user: usize, column: &str| lines[user][lines[0].iter().position(|name| *name == column).unwrap()];
    let now = "2025-06-15T15:06:40+00:00";
    assert_eq!((of(2, "arn"), of(2, "user_creation_time")), (arn("user/alice").as_str(), now));
    assert_eq!((of(2, "access_key_1_active"), of(2, "access_key_1_last_used_service")), ("true", "s3"));
    assert_eq!((of(2, "password_enabled"), of(2, "password_last_changed")), ("false", "N/A"));
    assert_eq!((of(3, "password_enabled"), of(3, "password_next_rotation")), ("true", "2025-06-25T15:06:40+00:00"));
    assert_eq!((of(1, "password_enabled"), of(3, "access_key_1_last_rotated")), ("not_supported", "N/A"));

    let later = Caller { now: NOW + 4 * 3_600_000, ..me() };
    let expired = world.iam_as(&later, &Notes::default(), "GetCredentialReport", &[]).await.error();
    assert_eq!((expired.0, expired.1.as_str()), (410, "ReportExpired"));
    let again = world.iam_as(&later, &Notes::default(), "GenerateCredentialReport", &[]).await.ok();
    assert_eq!(again.element("State"), "STARTED");
}

#[tokio::test]
async fn the_version_of_the_tokens_of_the_global_endpoint_is_kept() {
    let world = World::new();
    let version = async |world: &World| {
        let summary = world.iam("GetAccountSummary", &[]).await.ok().text;
        let at = summary.split("<key>GlobalEndpointTokenVersion</key><value>").nth(1).unwrap();
        at.split('<').next().unwrap().to_owned()
    };
    assert_eq!(version(&world).await, "1");
    for wrong in [vec![], vec!["GlobalEndpointTokenVersion=v3Token"]] {
        assert_eq!(world.iam("SetSecurityTokenServicePreferences", &wrong).await.error().1, "ValidationError");
    }
    world.iam("SetSecurityTokenServicePreferences", &["GlobalEndpointTokenVersion=v2Token"]).await.ok();
    let world = world.restarted();
    assert_eq!(version(&world).await, "2");
    world.iam("SetSecurityTokenServicePreferences", &["GlobalEndpointTokenVersion=v1Token"]).await.ok();
    assert_eq!(version(&world).await, "1");
}
