//! Login profiles: that a user has a password. The password itself is checked and not kept, since there is no console.

use serde::{Deserialize, Serialize};
use sidegate_wire::aws_query::Content;

use super::access_key::Owner;
use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{PASSWORD, USER};
use super::text::date;
use super::user::{named_or_self, owner_arn};

/// That a user has a password.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct LoginProfile {
    created: i64,
    reset_required: bool,
}

impl LoginProfile {
    /// When the password was given.
    pub(super) fn created(self) -> i64 {
        self.created
    }

    fn render(self, name: &str) -> Content {
        let mut content = Content::default();
        content.nested("LoginProfile", |content| {
            content
                .text("UserName", name)
                .text("CreateDate", date(self.created))
                .text("PasswordResetRequired", self.reset_required);
        });
        content
    }
}

fn no_profile(name: &str) -> Fault {
    Fault::NoSuchEntity(format!("Login Profile for User {name} cannot be found."))
}

/// The user that an action is about. The root user's password is none of IAM's.
fn read_user(call: &Call<'_>) -> Result<(String, String), Fault> {
    let owner = named_or_self(call, &USER)?;
    let arn = owner_arn(call, &owner);
    match owner {
        Owner::User(name) => Ok((name, arn)),
        Owner::Root => {
            Err(Fault::Validation("Must specify userName when calling with non-User credentials".to_owned()))
        }
    }
}

/// `CreateLoginProfile`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, arn) = read_user(call)?;
    let password = call.form.text("Password", &PASSWORD);
    let reset_required = call.form.boolean("PasswordResetRequired").unwrap_or(false);
    call.form.sound()?;
    let requirements = vec![call.needs(arn)];
    Ok(Prepared::new(requirements, move |turn| {
        let profile = LoginProfile { created: turn.now, reset_required };
        let user = turn.write(|account| {
            let settings = account.settings();
            let user = account.user_mut(&name)?;
            if user.login.is_some() {
                return Err(Fault::EntityAlreadyExists(format!("Login Profile for user {name} already exists.")));
            }
            settings.check_password(password.as_deref().unwrap_or_default())?;
            user.login = Some(profile);
            Ok(user.name.clone())
        })?;
        Ok(Some(profile.render(&user)))
    }))
}

/// `GetLoginProfile`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, arn) = read_user(call)?;
    call.looks_up(call.needs(arn), move |account, _| {
        let user = account.user(&name)?;
        Ok(user.login.ok_or_else(|| no_profile(&name))?.render(&user.name))
    })
}

/// `UpdateLoginProfile`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &USER);
    let password = call.form.text("Password", &PASSWORD);
    let reset_required = call.form.boolean("PasswordResetRequired");
    call.changes(call.needs(call.account().user_arn(call.account_id(), &name)), move |account| {
        let settings = account.settings();
        let login = account.user_mut(&name)?.login.as_mut().ok_or_else(|| no_profile(&name))?;
        if let Some(password) = &password {
            settings.check_password(password)?;
        }
        login.reset_required = reset_required.unwrap_or(login.reset_required);
        Ok(())
    })
}

/// `DeleteLoginProfile`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, arn) = read_user(call)?;
    call.frees(call.needs(arn), move |account| {
        account.user_mut(&name)?.login.take().map(drop).ok_or_else(|| no_profile(&name))
    })
}
