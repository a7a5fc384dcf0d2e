//! Virtual devices: enabled by their codes, and what they vouch for.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{ACCOUNT, Answer, NOW, Notes, TRUST, World, arn, caller};
use sidegate_services::Caller;

const STEP: i64 = 30_000;

/// The code of a seed at a time, by RFC 6238.
fn code(seed: &str, now: i64) -> String {
    let digit = |c: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(c).unwrap();
    let bits: String = seed.chars().map(|c| format!("{:05b}", digit(c))).collect();
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap())
        .collect();
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &bytes);
    let tag = hmac::sign(&key, &(now / STEP).to_be_bytes());
    let at = usize::from(tag.as_ref()[19] & 0xf);
    let number = u32::from_be_bytes(tag.as_ref()[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// A user with a device.
struct Holder {
    world: World,
    serial: String,
    seed: String,
    key: String,
}

impl Holder {
    /// Of a user whose device is enabled.
    async fn new() -> Self {
        let world = World::new();
        world.users(&["alice"]).await;
        let key = world.key("alice").await;
        let made = world.iam("CreateVirtualMFADevice", &["VirtualMFADeviceName=phone", "Path=/dev/"]).await.ok();
        let seed = STANDARD.decode(made.element("Base32StringSeed")).unwrap();
        let (serial, seed) = (made.element("SerialNumber"), String::from_utf8(seed).unwrap());
        assert_eq!((serial.as_str(), seed.len()), (arn("mfa/dev/phone").as_str(), 64));
        let holder = Self { world, serial, seed, key };
        holder.codes("EnableMFADevice", -STEP, 0).await.ok();
        holder
    }

    async fn ask(&self, action: &str, parameters: &[&str]) -> Answer {
        let serial = format!("SerialNumber={}", self.serial);
        self.world.iam(action, &[&[serial.as_str()], parameters].concat()).await
    }

    /// An action of alice with two codes, of times relative to now.
    async fn codes(&self, action: &str, first: i64, second: i64) -> Answer {
        let code = |name: &str, at: i64| format!("AuthenticationCode{name}={}", code(&self.seed, NOW + at));
        self.ask(action, &["UserName=alice", &code("1", first), &code("2", second)]).await
    }

    fn alice(&self, now: i64) -> Caller {
        Caller { now, ..caller(ACCOUNT, Some(&self.key)) }
    }

    /// A call of alice to STS with the code of a time.
    async fn sts(&self, action: &str, parameters: &[&str], now: i64, of: i64) -> Answer {
        let given = [format!("SerialNumber={}", self.serial), format!("TokenCode={}", code(&self.seed, of))];
        let parameters = [&[given[0].as_str(), given[1].as_str()], parameters].concat();
        self.world.sts_as(&self.alice(now), &Notes::default(), action, &parameters).await
    }
}

const WRONG: &str = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";

#[tokio::test]
async fn a_device_is_enabled_by_two_codes_in_a_row_for_one_user() {
    let holder = Holder::new().await;
    let listed = holder.world.iam("ListMFADevices", &["UserName=alice"]).await.ok();
    assert_eq!(listed.elements("SerialNumber"), [holder.serial.as_str()]);
    assert_eq!(listed.element("EnableDate"), "2025-06-15T15:06:40Z");
    let again = holder.codes("EnableMFADevice", -STEP, 0).await;
    assert_eq!(again.error().1, "EntityAlreadyExists");
    holder.world.users(&["bob"]).await;
    let others = holder.ask("DeactivateMFADevice", &["UserName=bob"]).await;
    assert_eq!(others.error(), (404, "NoSuchEntity".into(), "MFA Device invalid for user.".into()));
    let in_use = holder.ask("DeleteVirtualMFADevice", &[]).await;
    let words = "MFA VirtualDevice in use. Must deactivate first.";
    assert_eq!(in_use.error(), (409, "DeleteConflict".into(), words.into()));

    let holder = Holder { world: holder.world.restarted(), ..holder };
    holder.ask("DeactivateMFADevice", &["UserName=alice"]).await.ok();
    let words = "Authentication code for device is not valid.";
    for (first, second) in [(0, 0), (-STEP, STEP), (40 * STEP, 41 * STEP)] {
        let answer = holder.codes("EnableMFADevice", first, second).await;
        assert_eq!(answer.error(), (403, "InvalidAuthenticationCode".into(), words.into()));
    }
    holder.codes("EnableMFADevice", 3 * STEP, 4 * STEP).await.ok();
    holder.codes("ResyncMFADevice", -3 * STEP, -2 * STEP).await.ok();
    assert_eq!(holder.codes("ResyncMFADevice", 0, 0).await.error().1, "InvalidAuthenticationCode");
    let seen = holder.ask("GetMFADevice", &["UserName=alice"]).await.ok();
    assert_eq!(seen.element("UserName"), "alice");
    holder.ask("DeactivateMFADevice", &["UserName=alice"]).await.ok();
    holder.ask("DeleteVirtualMFADevice", &[]).await.ok();
    assert_eq!(holder.ask("DeleteVirtualMFADevice", &[]).await.status, 404);
}

#[tokio::test]
async fn devices_are_listed_by_whether_they_are_in_use_and_have_tags() {
    let holder = Holder::new().await;
    let tag = ["Tags.member.1.Key=a", "Tags.member.1.Value=b"];
    let other = [&["VirtualMFADeviceName=spare"], &tag[..]].concat();
    let made = holder.world.iam("CreateVirtualMFADevice", &other).await.ok();
    assert_eq!(made.element("Value"), "b");
    let taken = holder.world.iam("CreateVirtualMFADevice", &other).await;
    assert_eq!(taken.error().2, "MFADevice entity at the same path and name already exists.");
    let listed = async |status: &str| {
        let answer = holder.world.iam("ListVirtualMFADevices", &[&format!("AssignmentStatus={status}")]).await.ok();
        assert!(answer.elements("Base32StringSeed").is_empty(), "a seed is told once");
        (answer.elements("SerialNumber"), answer.elements("UserName"))
    };
    let spare = arn("mfa/spare");
    assert_eq!(listed("Assigned").await, (vec![holder.serial.clone()], vec!["alice".to_owned()]));
    assert_eq!(listed("Unassigned").await, (vec![spare.clone()], vec![]));
    assert_eq!(listed("Any").await.0, [holder.serial.clone(), spare]);
    holder.ask("TagMFADevice", &tag).await.ok();
    assert_eq!(holder.ask("ListMFADeviceTags", &[]).await.ok().element("Key"), "a");
    holder.ask("UntagMFADevice", &["TagKeys.member.1=a"]).await.ok();
    assert!(holder.ask("ListMFADeviceTags", &[]).await.ok().elements("Key").is_empty());
    let summary = holder.world.iam("GetAccountSummary", &[]).await.ok().text;
    for (name, value) in [("MFADevices", 2), ("MFADevicesInUse", 1)] {
        assert!(summary.contains(&format!("<key>{name}</key><value>{value}</value>")), "{name}");
    }
    let files = std::fs::read(holder.world.dir.path().join("iam.sqlite")).unwrap();
    assert!(!files.windows(16).any(|bytes| bytes == &holder.seed.as_bytes()[..16]), "seeds are encrypted");
}

#[tokio::test]
async fn a_user_with_a_device_keeps_it_under_another_name_and_is_not_deleted() {
    let holder = Holder::new().await;
    holder.world.iam("UpdateUser", &["UserName=alice", "NewUserName=carol"]).await.ok();
    assert_eq!(holder.world.iam("ListMFADevices", &["UserName=carol"]).await.ok().element("UserName"), "carol");
    holder.world.iam("DeleteAccessKey", &["UserName=carol", &format!("AccessKeyId={}", holder.key)]).await.ok();
    let refused = holder.world.iam("DeleteUser", &["UserName=carol"]).await;
    let words = "Cannot delete entity, must delete MFA device first.";
    assert_eq!(refused.error(), (409, "DeleteConflict".into(), words.into()));
    holder.ask("DeactivateMFADevice", &["UserName=carol"]).await.ok();
    holder.world.iam("DeleteUser", &["UserName=carol"]).await.ok();
}

#[tokio::test]
async fn a_session_that_a_device_vouched_for_may_call_iam_and_each_code_is_good_once() {
    let holder = Holder::new().await;
    let later = NOW + STEP;
    let used = holder.sts("GetSessionToken", &[], NOW, NOW).await;
    assert_eq!(used.error(), (403, "AccessDenied".into(), WRONG.into()), "it enabled the device");
    let session = holder.sts("GetSessionToken", &[], later, later).await.ok().element("AccessKeyId");
    let again = holder.sts("GetSessionToken", &[], later, later).await;
    assert_eq!(again.error().2, WRONG);
    let vouched = Caller { now: later, ..caller(ACCOUNT, Some(&session)) };
    holder.world.iam_as(&vouched, &Notes::default(), "ListUsers", &[]).await.ok();
    let directory = holder.world.iam.directory();
    let grants = |key: &str| directory.grants(&directory.credential(key, later).unwrap());
    assert_eq!(grants(&session).mfa_time, Some(later));

    let plain = holder.world.sts_as(&holder.alice(later), &Notes::default(), "GetSessionToken", &[]).await.ok();
    let plain = plain.element("AccessKeyId");
    assert_eq!(grants(&plain).mfa_time, None);
    let refused = Caller { now: later, ..caller(ACCOUNT, Some(&plain)) };
    let refused = holder.world.iam_as(&refused, &Notes::default(), "ListUsers", &[]).await;
    assert_eq!(refused.error().1, "InvalidClientTokenId");
}

/// Notes the values of a condition key.
struct Seen(&'static str, std::sync::Mutex<Vec<String>>);

impl sidegate_services::Authorizer for Seen {
    fn authorize(&self, _: &str, requirements: &[sidegate_iam::Requirement]) -> Result<(), sidegate_iam::Denial> {
        let values = requirements.iter().filter_map(|own| own.context.values(self.0));
        self.1.lock().unwrap().extend(values.flat_map(|own| own.as_slice()).map(|own| own.to_string()));
        Ok(())
    }
}

#[tokio::test]
async fn a_role_is_assumed_with_a_device_as_its_trust_may_demand() {
    let holder = Holder::new().await;
    holder.world.iam("CreateRole", &["RoleName=app", &format!("AssumeRolePolicyDocument={TRUST}")]).await.ok();
    let role = format!("RoleArn={}", arn("role/app"));
    let parameters = [role.as_str(), "RoleSessionName=one"];
    let later = NOW + STEP;
    let (serial, code) =
        (format!("SerialNumber={}", holder.serial), format!("TokenCode={}", code(&holder.seed, later)));
    for (given, expected) in [(vec![], vec![]), (vec![serial.as_str(), code.as_str()], vec!["true"])] {
        let seen = Seen("aws:MultiFactorAuthPresent", std::sync::Mutex::default());
        let request = super::request("2011-06-15", "AssumeRole", &[&parameters, &given[..]].concat());
        let answer = super::send(&holder.world.sts, &holder.alice(later), &seen, request).await.ok();
        assert_eq!(seen.1.into_inner().unwrap(), expected);
        let directory = holder.world.iam.directory();
        let owner = directory.credential(&answer.element("AccessKeyId"), later).unwrap();
        assert_eq!(directory.grants(&owner).mfa_time.is_some(), !given.is_empty());
    }
    let half = [&parameters[..], &[serial.as_str()]].concat();
    let half = holder.world.sts_as(&holder.alice(later), &Notes::default(), "AssumeRole", &half).await;
    let words = "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.";
    assert_eq!(half.error(), (403, "AccessDenied".into(), words.into()));
    let denied = Notes::denying(holder.alice(later).principal);
    let next = format!("TokenCode={}", self::code(&holder.seed, later + STEP));
    let all = [&parameters[..], &[serial.as_str(), next.as_str()]].concat();
    let now = Caller { now: later + STEP, ..holder.alice(later) };
    assert_eq!(holder.world.sts_as(&now, &denied, "AssumeRole", &all).await.error().1, "AccessDenied");
    holder.world.sts_as(&now, &Notes::default(), "AssumeRole", &all).await.ok();
}
