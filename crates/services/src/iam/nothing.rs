//! Lists of what Sidegate has none of: signing certificates and credentials of single services. Terraform and the AWS CLI
//! ask for them before they delete a user.

use sidegate_wire::aws_query::Content;

use super::access_key::Owner;
use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::EXISTING_USER;
use super::page::Paging;
use super::user::{named_or_self, owner_arn};

/// An empty list of something of a user.
pub(super) fn of_user(call: &Call<'_>, list: &'static str) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    Paging::of(call)?;
    call.looks_up(call.needs(owner_arn(call, &owner)), move |account, _| {
        if let Owner::User(name) = &owner {
            account.user(name)?;
        }
        Ok(empty(list))
    })
}

fn empty(list: &str) -> Content {
    let mut content = Content::default();
    content.texts(list, Vec::<String>::new()).text("IsTruncated", false);
    content
}
