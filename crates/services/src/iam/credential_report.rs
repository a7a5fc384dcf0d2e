//! Credential reports: a table of the root user and all users, with the state of their passwords, keys and devices.
//!
//! Source: IAM user guide, "Generate credential reports for your AWS account".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::access_key::Owner;
use super::action::{Call, Prepared, Turn};
use super::fault::Fault;
use super::state::{Account, Row};
use super::text::date;
use super::user::User;

/// How long a report is the current one: four hours.
const VALID: i64 = 4 * 3_600_000;

/// A day in milliseconds.
const DAY: i64 = 86_400_000;

const COLUMNS: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
    password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
    access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
    access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
    cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

/// What stands where there is nothing to tell.
const NONE: &str = "N/A";

/// The columns of two signing certificates that nobody has.
const NO_CERTIFICATES: [&str; 4] = ["false", NONE, "false", NONE];

/// A report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct CredentialReport {
    generated: i64,
    table: String,
}

impl Row for CredentialReport {
    const KIND: &'static str = "credential-report";
}

impl CredentialReport {
    fn is_valid(&self, now: i64) -> bool {
        now - self.generated < VALID
    }
}

/// A time as reports have it.
fn time(milliseconds: i64) -> String {
    date(milliseconds).replace('Z', "+00:00")
}

/// The columns of a user's keys, of which there are two.
fn keys(turn: &Turn<'_>, owner: &Owner) -> Vec<String> {
    let state = turn.state();
    let mut keys: Vec<_> = state.keys_of(turn.account_id, owner).collect();
    keys.sort_by_key(|(id, key)| (key.created, *id));
    let mut keys = keys.into_iter();
    let mut columns = Vec::new();
    for _ in 0..2 {
        let Some((id, key)) = keys.next() else {
            columns.extend(["false", NONE, NONE, NONE, NONE].map(str::to_owned));
            continue;
        };
        columns.extend([key.active.to_string(), time(key.created)]);
        match turn.directory.last_use(id) {
            Some(last) => columns.extend([time(last.at), last.region, last.service]),
            None => columns.extend([NONE, NONE, NONE].map(str::to_owned)),
        }
    }
    columns
}

/// The columns of a user's password.
fn password(account: &Account, user: &User) -> [String; 4] {
    let Some(changed) = user.login.map(super::login_profile::LoginProfile::created) else {
        return ["false", NONE, NONE, NONE].map(str::to_owned);
    };
    let next = account.settings().most_days().map_or_else(|| NONE.to_owned(), |days| time(changed + days * DAY));
    ["true".to_owned(), "no_information".to_owned(), time(changed), next]
}

fn line(columns: impl IntoIterator<Item = String>) -> String {
    columns.into_iter().collect::<Vec<_>>().join(",")
}

fn table(turn: &Turn<'_>) -> String {
    let (account, id): (Account, &AccountId) = (turn.account(), turn.account_id);
    let certificates = || NO_CERTIFICATES.map(str::to_owned);
    // Of the root user nobody has noted when it was made, and no device can be enabled for it.
    let root = ["<root_account>".to_owned(), format!("arn:aws:iam::{id}:root"), time(0)];
    let of_root = ["not_supported", "no_information", "not_supported", "not_supported", "false"].map(str::to_owned);
    let root = line(root.into_iter().chain(of_root).chain(keys(turn, &Owner::Root)).chain(certificates()));
    let users = account.users.values().map(|user| {
        let facts = [user.name.clone(), user.arn(id), time(user.created)];
        let has_device = account.devices_of(&user.id).next().is_some().to_string();
        let keys = keys(turn, &Owner::User(user.name.clone()));
        let before = facts.into_iter().chain(password(&account, user)).chain([has_device]);
        line(before.chain(keys).chain(certificates()))
    });
    [COLUMNS.to_owned(), root].into_iter().chain(users).collect::<Vec<_>>().join("\n")
}

/// `GenerateCredentialReport`. A report is there when its generation was begun.
pub(super) fn generate(call: &Call<'_>) -> Result<Prepared, Fault> {
    call.form.sound()?;
    let requirements = vec![call.needs("*")];
    Ok(Prepared::new(requirements, |turn| {
        let mut content = Content::default();
        if turn.account().report.get("").is_some_and(|report| report.is_valid(turn.now)) {
            content.text("State", "COMPLETE");
            return Ok(Some(content));
        }
        let report = CredentialReport { generated: turn.now, table: table(turn) };
        turn.write(|account| {
            account.report.insert(String::new(), report.clone());
            Ok(())
        })?;
        content.text("State", "STARTED").text("Description", "No report exists. Starting a new report generation task");
        Ok(Some(content))
    }))
}

/// `GetCredentialReport`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let now = call.caller.now;
    call.looks_up(call.needs("*"), move |account, _| {
        let report = account.report.get("").ok_or(Fault::ReportNotPresent)?;
        if !report.is_valid(now) {
            return Err(Fault::ReportExpired);
        }
        let mut content = Content::default();
        content
            .text("Content", STANDARD.encode(&report.table))
            .text("ReportFormat", "text/csv")
            .text("GeneratedTime", date(report.generated));
        Ok(content)
    })
}
