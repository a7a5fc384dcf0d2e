//! What an account has one of: its alias, its password policy, its summary.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sidegate_wire::aws_query::Content;

use super::access_key::Owner;
use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{ALIAS, Text};
use super::page::Paging;
use super::state::Row;
use super::{access_key, certificate, group, instance_profile, policy, role, user};

/// The settings of an account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Settings {
    alias: Option<String>,
    password_policy: Option<PasswordPolicy>,
    /// The newest tasks that deleted service-linked roles.
    pub(super) deletions: BTreeSet<String>,
    /// The version of the tokens that the global endpoint of STS gives.
    #[serde(default)]
    global_tokens: GlobalTokens,
}

/// Whether tokens of the global endpoint of STS are good in the Regions that are enabled by default, or in all. No Region
/// here refuses either.
///
/// Source: IAM API reference, "SetSecurityTokenServicePreferences".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum GlobalTokens {
    #[default]
    V1,
    V2,
}

impl Row for Settings {
    const KIND: &'static str = "settings";
}

/// What the account asks of passwords.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct PasswordPolicy {
    minimum_length: i64,
    symbols: bool,
    numbers: bool,
    uppercase: bool,
    lowercase: bool,
    users_may_change: bool,
    max_age: Option<i64>,
    reuse_prevention: Option<i64>,
    hard_expiry: Option<bool>,
}

impl Settings {
    /// How many days a password may be used, if there is an end to it.
    pub(super) fn most_days(&self) -> Option<i64> {
        self.password_policy.as_ref().and_then(|policy| policy.max_age)
    }

    /// Whether a password is good enough.
    ///
    /// Source: IAM user guide, "Set an account password policy for IAM users", default password policy.
    pub(super) fn check_password(&self, password: &str) -> Result<(), Fault> {
        let has = |test: fn(&char) -> bool| password.chars().any(|c| test(&c));
        let (upper, lower) = (has(char::is_ascii_uppercase), has(char::is_ascii_lowercase));
        let (number, symbol) = (has(char::is_ascii_digit), has(|c| "!@#$%^&*()_+-=[]{}|'".contains(*c)));
        let length = i64::try_from(password.chars().count()).unwrap_or(i64::MAX);
        let refused = match &self.password_policy {
            Some(policy) if length < policy.minimum_length => "Password is shorter than the policy's minimum length",
            Some(policy) if policy.uppercase && !upper => "Password should have at least one uppercase letter",
            Some(policy) if policy.lowercase && !lower => "Password should have at least one lowercase letter",
            Some(policy) if policy.numbers && !number => "Password should have at least one number",
            Some(policy) if policy.symbols && !symbol => "Password should have at least one symbol",
            None if length < 8 => "Password should have a minimum length of 8 characters",
            None if [upper, lower, number, symbol].iter().filter(|has| **has).count() < 3 => {
                "Password should have at least three of: uppercase letters, lowercase letters, numbers, symbols"
            }
            _ => return Ok(()),
        };
        Err(Fault::PasswordPolicyViolation(refused))
    }
}

/// `CreateAccountAlias`. It replaces the one that there is.
pub(super) fn create_alias(call: &Call<'_>) -> Result<Prepared, Fault> {
    let alias = call.form.required("AccountAlias", &ALIAS);
    call.form.sound()?;
    let requirements = vec![call.needs("*")];
    Ok(Prepared::new(requirements, move |turn| {
        turn.write_all(|state| {
            let taken = state.accounts.iter().any(|(id, account)| {
                id != turn.account_id && account.settings().alias.as_deref() == Some(alias.as_str())
            });
            if taken {
                return Err(Fault::EntityAlreadyExists(format!("The account alias {alias} already exists.")));
            }
            state.account_mut(turn.account_id).settings_mut().alias = Some(alias.clone());
            Ok(())
        })?;
        Ok(None)
    }))
}

/// `DeleteAccountAlias`
pub(super) fn delete_alias(call: &Call<'_>) -> Result<Prepared, Fault> {
    let alias = call.form.required("AccountAlias", &ALIAS);
    call.frees(call.needs("*"), move |account| {
        if account.settings().alias.as_deref() != Some(alias.as_str()) {
            return Err(Fault::no_entity("account alias", &alias));
        }
        account.settings_mut().alias = None;
        Ok(())
    })
}

/// `ListAccountAliases`
pub(super) fn list_aliases(call: &Call<'_>) -> Result<Prepared, Fault> {
    let paging = Paging::of(call)?;
    call.looks_up(call.needs("*"), move |account, _| {
        let page = paging.page(account.settings().alias.map(|alias| (alias.clone(), alias)));
        let mut content = Content::default();
        content.texts("AccountAliases", &page.items);
        page.end(&mut content);
        Ok(content)
    })
}

/// `UpdateAccountPasswordPolicy`. What is left out gets its default.
pub(super) fn update_password_policy(call: &Call<'_>) -> Result<Prepared, Fault> {
    let form = &call.form;
    let yes = |name: &str| form.boolean(name).unwrap_or(false);
    let policy = PasswordPolicy {
        minimum_length: form.number("MinimumPasswordLength", 6, 128).unwrap_or(6),
        symbols: yes("RequireSymbols"),
        numbers: yes("RequireNumbers"),
        uppercase: yes("RequireUppercaseCharacters"),
        lowercase: yes("RequireLowercaseCharacters"),
        users_may_change: yes("AllowUsersToChangePassword"),
        reuse_prevention: form.number("PasswordReusePrevention", 1, 24),
        max_age: form.number("MaxPasswordAge", 1, 1095),
        hard_expiry: form.boolean("HardExpiry"),
    };
    call.changes(call.needs("*"), move |account| {
        account.settings_mut().password_policy = Some(policy.clone());
        Ok(())
    })
}

/// `GetAccountPasswordPolicy`
pub(super) fn get_password_policy(call: &Call<'_>) -> Result<Prepared, Fault> {
    call.looks_up(call.needs("*"), move |account, id| {
        let policy = account.settings().password_policy.ok_or_else(|| {
            Fault::NoSuchEntity(format!("The Password Policy with domain name {id} cannot be found."))
        })?;
        let mut content = Content::default();
        content.nested("PasswordPolicy", |content| {
            content
                .text("MinimumPasswordLength", policy.minimum_length)
                .text("RequireSymbols", policy.symbols)
                .text("RequireNumbers", policy.numbers)
                .text("RequireUppercaseCharacters", policy.uppercase)
                .text("RequireLowercaseCharacters", policy.lowercase)
                .text("AllowUsersToChangePassword", policy.users_may_change)
                .text("ExpirePasswords", policy.max_age.is_some())
                .optional("MaxPasswordAge", policy.max_age)
                .optional("PasswordReusePrevention", policy.reuse_prevention)
                .optional("HardExpiry", policy.hard_expiry);
        });
        Ok(content)
    })
}

/// `DeleteAccountPasswordPolicy`
pub(super) fn delete_password_policy(call: &Call<'_>) -> Result<Prepared, Fault> {
    call.frees(call.needs("*"), move |account| {
        if account.settings().password_policy.is_none() {
            return Err(Fault::no_entity("account policy", "PasswordPolicy"));
        }
        account.settings_mut().password_policy = None;
        Ok(())
    })
}

/// `SetSecurityTokenServicePreferences`
pub(super) fn set_token_preferences(call: &Call<'_>) -> Result<Prepared, Fault> {
    const NAME: &str = "GlobalEndpointTokenVersion";
    let version = call.form.choice(NAME, &["v1Token", "v2Token"]);
    if call.form.given(NAME).is_none() {
        call.form.required(NAME, &Text::length(0, usize::MAX));
    }
    let tokens = if version == Some("v2Token") { GlobalTokens::V2 } else { GlobalTokens::V1 };
    call.changes(call.needs("*"), move |account| {
        account.settings_mut().global_tokens = tokens;
        Ok(())
    })
}

/// `GetAccountSummary`
pub(super) fn summary(call: &Call<'_>) -> Result<Prepared, Fault> {
    call.form.sound()?;
    let requirements = vec![call.needs("*")];
    Ok(Prepared::new(requirements, move |turn| {
        let account = turn.account();
        let root_keys = turn.state().keys_of(turn.account_id, &Owner::Root).count();
        let versions: usize = account.policies.values().map(|policy| policy.versions.len()).sum();
        let entries = [
            ("Users", account.users.len()),
            ("UsersQuota", user::MOST),
            ("Groups", account.groups.len()),
            ("GroupsQuota", group::MOST),
            ("GroupsPerUserQuota", group::MOST_OF_USER),
            ("Roles", account.roles.len()),
            ("RolesQuota", role::MOST),
            ("InstanceProfiles", account.profiles.len()),
            ("InstanceProfilesQuota", instance_profile::MOST),
            ("Policies", account.policies.len()),
            ("PoliciesQuota", policy::MOST),
            ("PolicyVersionsInUse", versions),
            ("PolicyVersionsInUseQuota", 10_000),
            ("VersionsPerPolicyQuota", policy::MOST_VERSIONS),
            ("Providers", account.oidc.len() + account.saml.len()),
            ("ServerCertificates", account.certificates.len()),
            ("ServerCertificatesQuota", certificate::MOST),
            ("UserPolicySizeQuota", 2048),
            ("GroupPolicySizeQuota", 5120),
            ("RolePolicySizeQuota", 10_240),
            ("PolicySizeQuota", 6144),
            ("AssumeRolePolicySizeQuota", 2048),
            ("AttachedPoliciesPerUserQuota", 10),
            ("AttachedPoliciesPerGroupQuota", 10),
            ("AttachedPoliciesPerRoleQuota", 10),
            ("AccessKeysPerUserQuota", access_key::MOST),
            ("SigningCertificatesPerUserQuota", 2),
            ("MFADevices", account.mfa.len()),
            ("MFADevicesInUse", account.mfa.values().filter(|device| device.is_in_use()).count()),
            ("AccountMFAEnabled", 0),
            ("AccountAccessKeysPresent", usize::from(root_keys > 0)),
            ("AccountPasswordPresent", 0),
            ("AccountSigningCertificatesPresent", 0),
            ("GlobalEndpointTokenVersion", if account.settings().global_tokens == GlobalTokens::V2 { 2 } else { 1 }),
        ];
        let mut content = Content::default();
        content.nested("SummaryMap", |map| {
            for (name, value) in entries {
                map.nested("entry", |entry| {
                    entry.text("key", name).text("value", value);
                });
            }
        });
        Ok(Some(content))
    }))
}
