//! Virtual devices for multi-factor authentication, whose codes are checked.
//!
//! A device is enabled for a user by two codes in a row, which tell how far its clock is off; from then on each code is
//! good once. The picture of the seed for a camera is not made.
//!
//! Source: IAM API reference; IAM user guide, "Using virtual MFA devices", "Resynchronize MFA devices".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sidegate_wire::aws_query::Content;

use super::access_key::Owner;
use super::action::{Call, Prepared};
use super::directory::Directory;
use super::fault::Fault;
use super::form::{DEVICE, EXISTING_USER, PATH, SERIAL, TOKEN};
use super::identity::Identity;
use super::page::Paging;
use super::random;
use super::secret::Secret;
use super::state::{Account, Row};
use super::tags::{self, Tagged, Tags};
use super::text::{arn, date};
use super::totp;
use super::user::{User, named_or_self, owner_arn};
use crate::{Authorized, Caller};

/// The most devices of a user.
const MOST_OF_USER: usize = 8;

/// A virtual device. Its serial number, which is an ARN, is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct MfaDevice {
    /// In base 32.
    seed: Secret,
    assigned: Option<Assignment>,
    pub(super) tags: Tags,
}

/// Whose a device is.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Assignment {
    /// The unique id of the user.
    user: String,
    enabled: i64,
    /// By how many steps its clock is ahead.
    drift: i64,
    /// The step of the last code that was used.
    last: i64,
}

impl Row for MfaDevice {
    const KIND: &'static str = "mfa-device";
    const SEALED: bool = true;
}

impl MfaDevice {
    fn owner(&self) -> Option<&str> {
        self.assigned.as_ref().map(|own| own.user.as_str())
    }

    pub(super) fn is_in_use(&self) -> bool {
        self.assigned.is_some()
    }
}

/// Two codes in a row.
struct Codes {
    first: String,
    second: String,
}

impl Codes {
    fn read(call: &Call<'_>) -> Self {
        let code = |name: &str| call.form.required(name, &TOKEN);
        Self { first: code("AuthenticationCode1"), second: code("AuthenticationCode2") }
    }

    /// Gives a device to a user, if it made these codes.
    fn assign(&self, device: &MfaDevice, user: &str, enabled: i64, now: i64) -> Result<Assignment, Fault> {
        let step = totp::synchronize(device.seed.reveal(), &self.first, &self.second, now);
        let step = step.ok_or(Fault::InvalidAuthenticationCode)?;
        Ok(Assignment { user: user.to_owned(), enabled, drift: totp::drift(step, now), last: step })
    }
}

pub(super) fn no_device(serial: &str) -> Fault {
    Fault::NoSuchEntity(format!("VirtualMFADevice with serial number {serial} doesn't exist."))
}

/// The device is not the user's.
fn not_of_user() -> Fault {
    Fault::NoSuchEntity("MFA Device invalid for user.".to_owned())
}

impl Account {
    /// The devices of a user, by its unique id.
    pub(super) fn devices_of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = (&'a str, i64)> {
        self.mfa.iter().filter_map(move |(serial, device)| {
            device.assigned.as_ref().filter(|own| own.user == user).map(|own| (serial, own.enabled))
        })
    }

    /// The user whose device this is.
    fn device_user(&self, device: &MfaDevice) -> Option<&User> {
        device.owner().and_then(|user| self.user_by_id(user))
    }

    fn enable(&mut self, name: &str, serial: &str, codes: &Codes, now: i64) -> Result<(), Fault> {
        let user = self.user(name)?.id.clone();
        let device = self.mfa.get(serial).ok_or_else(|| no_device(serial))?;
        if device.is_in_use() {
            return Err(Fault::EntityAlreadyExists("MFA Device is already in use.".to_owned()));
        }
        if self.devices_of(&user).count() >= MOST_OF_USER {
            return Err(Fault::quota("MFADevicesPerUser", MOST_OF_USER));
        }
        let assigned = codes.assign(device, &user, now, now)?;
        self.reassign(serial, Some(assigned))
    }

    fn resync(&mut self, name: &str, serial: &str, codes: &Codes, now: i64) -> Result<(), Fault> {
        let user = self.user(name)?.id.clone();
        let device = self.mfa.get(serial).ok_or_else(not_of_user)?;
        let own = device.assigned.as_ref().filter(|own| own.user == user).ok_or_else(not_of_user)?;
        let assigned = codes.assign(device, &user, own.enabled, now)?;
        // A device whose clock was put back does not make good again what was used.
        let last = own.last.max(assigned.last);
        self.reassign(serial, Some(Assignment { last, ..assigned }))
    }

    fn deactivate(&mut self, owner: &Owner, serial: &str) -> Result<(), Fault> {
        let user = match owner {
            Owner::User(name) => self.user(name)?.id.as_str(),
            // No device can be enabled for the root user through the API.
            Owner::Root => return Err(not_of_user()),
        };
        if self.mfa.get(serial).and_then(MfaDevice::owner) != Some(user) {
            return Err(not_of_user());
        }
        self.reassign(serial, None)
    }

    fn reassign(&mut self, serial: &str, assigned: Option<Assignment>) -> Result<(), Fault> {
        self.mfa.edit(serial).ok_or_else(|| no_device(serial))?.assigned = assigned;
        Ok(())
    }
}

/// A code that was found to be right, and has to be used up.
#[derive(Clone, Debug)]
pub(crate) struct Proof {
    account: sidegate_model::AccountId,
    serial: String,
    step: i64,
}

impl Directory {
    /// Checks a code of a device of the caller.
    ///
    /// # Errors
    /// `AccessDenied` if it is not one of the caller's devices, or not a code of it that was not used yet.
    pub(crate) fn prove(&self, caller: &Caller, serial: &str, code: &str) -> Result<Proof, Fault> {
        let unknown = || {
            let message = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA \
                           serial number is valid and associated with this user.";
            Fault::AccessDenied(message.to_owned())
        };
        let Identity::User { account, id, .. } = self.identity(caller) else { return Err(unknown()) };
        let state = self.state().account(&account);
        let device = state.mfa.get(serial).ok_or_else(unknown)?;
        let own = device.assigned.as_ref().filter(|own| own.user == id).ok_or_else(unknown)?;
        let step = totp::verify(device.seed.reveal(), code, own.drift, own.last, caller.now).ok_or_else(wrong_code)?;
        Ok(Proof { account, serial: serial.to_owned(), step })
    }

    /// Uses a code up, so that nobody can use it again. Blocks.
    ///
    /// # Errors
    /// `AccessDenied` if somebody was faster.
    pub(crate) fn use_up(&self, allowed: &Authorized, proof: &Proof) -> Result<(), Fault> {
        self.write(allowed, |state| {
            let device = state.account_mut(&proof.account).mfa.edit(&proof.serial).ok_or_else(wrong_code)?;
            let own = device.assigned.as_mut().filter(|own| own.last < proof.step).ok_or_else(wrong_code)?;
            own.last = proof.step;
            Ok(())
        })
    }
}

fn wrong_code() -> Fault {
    Fault::AccessDenied("MultiFactorAuthentication failed with invalid MFA one time pass code. ".to_owned())
}

/// `CreateVirtualMFADevice`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let path = call.form.text("Path", &PATH).unwrap_or_else(|| "/".to_owned());
    let name = call.form.required("VirtualMFADeviceName", &DEVICE);
    let given = call.form.tags();
    call.form.sound()?;
    let tags = Tagged::Mfa.checked(&given)?;
    let serial = arn(call.account_id(), "mfa", &path, &name);
    let requirements = call.needs_with_tags(serial.clone(), "TagMFADevice", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let device = MfaDevice { seed: Secret::new(random::seed()?), assigned: None, tags };
        turn.write(|account| {
            if account.mfa.contains(&serial) {
                let message = "MFADevice entity at the same path and name already exists.";
                return Err(Fault::EntityAlreadyExists(message.to_owned()));
            }
            account.mfa.insert(serial.clone(), device.clone());
            Ok(())
        })?;
        let mut content = Content::default();
        content.nested("VirtualMFADevice", |content| {
            content.text("SerialNumber", &serial).text("Base32StringSeed", STANDARD.encode(device.seed.reveal()));
            tags::render_some(content, &device.tags);
        });
        Ok(Some(content))
    }))
}

/// `EnableMFADevice`
pub(super) fn enable(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, serial) = read_device_of_user(call);
    let codes = Codes::read(call);
    let now = call.caller.now;
    let user = call.account().user_arn(call.account_id(), &name);
    call.changes(call.needs(user), move |account| account.enable(&name, &serial, &codes, now))
}

/// `ResyncMFADevice`
pub(super) fn resync(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, serial) = read_device_of_user(call);
    let codes = Codes::read(call);
    let now = call.caller.now;
    let user = call.account().user_arn(call.account_id(), &name);
    call.changes(call.needs(user), move |account| account.resync(&name, &serial, &codes, now))
}

fn read_device_of_user(call: &Call<'_>) -> (String, String) {
    (call.form.required("UserName", &EXISTING_USER), call.form.required("SerialNumber", &SERIAL))
}

/// `DeactivateMFADevice`. The device stays, and can be enabled again.
pub(super) fn deactivate(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    let serial = call.form.required("SerialNumber", &SERIAL);
    call.frees(call.needs(owner_arn(call, &owner)), move |account| account.deactivate(&owner, &serial))
}

/// `DeleteVirtualMFADevice`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let serial = call.form.required("SerialNumber", &SERIAL);
    call.frees(call.needs(&serial), move |account| {
        if account.mfa.get(&serial).ok_or_else(|| no_device(&serial))?.is_in_use() {
            return Err(Fault::DeleteConflict("MFA VirtualDevice in use. Must deactivate first."));
        }
        account.mfa.remove(&serial);
        Ok(())
    })
}

/// `GetMFADevice`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    let serial = call.form.required("SerialNumber", &SERIAL);
    call.looks_up(call.needs(owner_arn(call, &owner)), move |account, _| {
        let Owner::User(name) = &owner else { return Err(not_of_user()) };
        let user = account.user(name)?;
        let found = account.devices_of(&user.id).find(|(own, _)| *own == serial);
        let (_, enabled) = found.ok_or_else(not_of_user)?;
        let mut content = Content::default();
        content.text("UserName", &user.name).text("SerialNumber", &serial).text("EnableDate", date(enabled));
        Ok(content)
    })
}

/// `ListMFADevices`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    let paging = Paging::of(call)?;
    call.looks_up(call.needs(owner_arn(call, &owner)), move |account, _| {
        let user = match &owner {
            Owner::User(name) => Some(account.user(name)?),
            Owner::Root => None,
        };
        let devices = user.into_iter().flat_map(|user| account.devices_of(&user.id).map(move |own| (user, own)));
        let page = paging.page(devices.map(|(user, own)| (own.0.to_owned(), (user, own))));
        Ok(page.render("MFADevices", |content, (user, (serial, enabled))| {
            content.text("UserName", &user.name).text("SerialNumber", serial).text("EnableDate", date(enabled));
        }))
    })
}

/// `ListVirtualMFADevices`
pub(super) fn list_virtual(call: &Call<'_>) -> Result<Prepared, Fault> {
    let status = call.form.choice("AssignmentStatus", &["Assigned", "Unassigned", "Any"]).unwrap_or("Any");
    let paging = Paging::of(call)?;
    call.looks_up(call.needs("*"), move |account, id| {
        let wanted = |device: &MfaDevice| status == "Any" || device.is_in_use() == (status == "Assigned");
        let devices = account.mfa.iter().filter(|(_, device)| wanted(device));
        let page = paging.page(devices.map(|(serial, device)| (serial.to_owned(), (serial, device))));
        Ok(page.render("VirtualMFADevices", |content, (serial, device)| {
            content.text("SerialNumber", serial);
            if let Some(user) = account.device_user(device) {
                content.nested("User", |content| user.render(content, id));
            }
            content.optional("EnableDate", device.assigned.as_ref().map(|own| date(own.enabled)));
        }))
    })
}
