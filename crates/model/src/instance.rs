//! Instances: isolated sets of namespaces on this machine that run their user data.
//!
//! Source: EC2 user guide, "Instance lifecycle".

mod attribute;
mod power;
mod profile;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use self::attribute::{InstanceAttribute, ShutdownBehavior};
pub use self::profile::{InstanceProfile, InstanceProfileAssociation};
use crate::{
    Attachment, AttachmentId, BlockDevice, Context, Entity, Error, HostNameOptions, InstanceId, InstanceKey,
    NetworkInterfaceId, ReservationId, Scope, SecondaryAddresses, SecurityGroupId, SubnetId, VolumeId, VpcId, World,
};

/// An instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Instance {
    /// Its id.
    pub id: InstanceId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The call that it was launched by.
    pub reservation: ReservationId,
    /// Its position among those launched together.
    pub launch_index: u32,
    /// The image that was asked for. Every instance runs on this machine's own root file system.
    pub image: String,
    /// The type, kept only.
    pub instance_type: String,
    /// The token of the call.
    pub client_token: String,
    /// The user data, in base64. It may be long, and everything that is made from the world shares it.
    pub user_data: Option<Arc<str>>,
    /// Its VPC.
    pub vpc: VpcId,
    /// Its subnet.
    pub subnet: SubnetId,
    /// Its first interface; `None` once it is terminated.
    pub interface: Option<NetworkInterfaceId>,
    /// Its other interfaces.
    #[serde(default)]
    pub further_interfaces: Vec<NetworkInterfaceId>,
    /// Its state.
    pub state: InstanceState,
    /// What it is called, as its subnet said when it was launched.
    #[serde(default)]
    pub host_names: HostNameOptions,
    /// How its metadata service answers.
    #[serde(default)]
    pub metadata: MetadataOptions,
    /// The key that it was launched with.
    #[serde(default)]
    pub key: Option<InstanceKey>,
    /// The instance profile that it has.
    #[serde(default)]
    pub profile: Option<InstanceProfileAssociation>,
    /// Whether it cannot be terminated over the API.
    #[serde(default)]
    pub disable_api_termination: bool,
    /// Whether it cannot be stopped over the API.
    #[serde(default)]
    pub disable_api_stop: bool,
    /// What becomes of it when it shuts itself down, kept only.
    #[serde(default)]
    pub shutdown_behavior: ShutdownBehavior,
    /// The device of the volume that it starts from; `None` of instances of former versions, which have no volumes.
    #[serde(default)]
    pub root_device: Option<String>,
    /// Its volumes, by the names of their devices.
    #[serde(default)]
    pub volumes: BTreeMap<String, VolumeId>,
    /// Whether it is optimized for volumes, kept only.
    #[serde(default)]
    pub ebs_optimized: bool,
    /// Whether it is monitored in detail, kept only.
    #[serde(default)]
    pub monitoring: bool,
    /// Whether it has run before, so that its user data does not run again.
    #[serde(default)]
    pub booted: bool,
    /// Whether it is to end its programs and begin anew.
    #[serde(default)]
    pub rebooting: bool,
    /// Why it is in this state, where that is not plain: in AWS's form, code and text.
    pub reason: Option<(String, String)>,
    /// When it was launched: Unix time in milliseconds.
    pub launched: i64,
    /// When it came into its present state: Unix time in milliseconds.
    pub changed: i64,
}

/// How the metadata service answers an instance.
///
/// Source: EC2 API reference, `InstanceMetadataOptionsRequest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// Whether a request without a token is refused: `HttpTokens` is `required`.
    pub tokens_required: bool,
    /// How many hops the reply to a request for a token may travel, 1 to 64.
    pub hop_limit: u8,
    /// Whether it answers over IPv6 too: `HttpProtocolIpv6` is `enabled`.
    #[serde(default)]
    pub ipv6: bool,
    /// Whether it answers at all: `HttpEndpoint` is `enabled`.
    #[serde(default = "yes")]
    pub endpoint: bool,
    /// Whether it tells the tags of the instance: `InstanceMetadataTags` is `enabled`.
    #[serde(default)]
    pub tags: bool,
}

fn yes() -> bool {
    true
}

impl Default for MetadataOptions {
    /// What an instance has whose launch says nothing: tokens are required, as the one image that there is demands, and
    /// their replies travel one hop.
    fn default() -> Self {
        Self { tokens_required: true, hop_limit: 1, ipv6: false, endpoint: true, tags: false }
    }
}

/// The state of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstanceState {
    /// It is being started.
    Pending,
    /// It runs.
    Running,
    /// It is being ended.
    ShuttingDown,
    /// It is gone, and shown for a while.
    Terminated,
    /// Its programs are being ended.
    Stopping,
    /// It keeps what it has, and nothing runs.
    Stopped,
}

/// What to launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunInstance {
    /// The image.
    pub image: String,
    /// The type.
    pub instance_type: String,
    /// The token.
    pub client_token: String,
    /// The user data, in base64.
    pub user_data: Option<Arc<str>>,
    /// The name of a key pair.
    pub key_name: Option<String>,
    /// The subnet.
    pub subnet: SubnetId,
    /// The address, if a certain one is wanted.
    pub address: Option<std::net::Ipv4Addr>,
    /// The security groups; the VPC's default group if there are none.
    pub groups: Vec<SecurityGroupId>,
    /// What its interface is to have beside the one address.
    pub more_addresses: SecondaryAddresses,
    /// Whether its interface gets a public address; as the subnet says if nothing is said.
    pub public_address: Option<bool>,
    /// The interface that becomes its first, if it is not made for it. Then nothing is said of addresses and groups.
    pub interface: Option<NetworkInterfaceId>,
    /// Whether an interface that is made for it ends with it.
    pub delete_on_termination: bool,
    /// Its volumes, the one that it starts from first.
    pub devices: Vec<BlockDevice>,
    /// Whether it is optimized for volumes.
    pub ebs_optimized: bool,
    /// How many.
    pub count: u32,
}

impl Entity for Instance {
    type Id = InstanceId;
    const KIND: &'static str = "instance";

    fn id(&self) -> InstanceId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl RunInstance {
    fn check(&self) -> Result<(), Error> {
        if self.count == 0 {
            return Err(Error::InvalidParameterValue(
                "Value (0) for parameter maxCount is invalid. At least one instance must be launched.".to_owned(),
            ));
        }
        if self.interface.is_some() && self.count > 1 {
            return Err(Error::InvalidParameterCombination(
                "An existing network interface can be given for one instance only".to_owned(),
            ));
        }
        if (self.address.is_some() || self.more_addresses.is_certain()) && self.count > 1 {
            return Err(Error::InvalidParameterCombination(
                "A private address can be given for one instance only".to_owned(),
            ));
        }
        check_user_data(self.user_data.as_deref())
    }
}

/// Whether the key of a tag can be a name at the metadata service.
///
/// Source: EC2 user guide, "Tag your EC2 resources", tag restrictions with access to tags in instance metadata.
pub(crate) fn check_told_tag(key: &str) -> Result<(), Error> {
    let is_name = key.chars().all(|c| c.is_alphanumeric() || "+-=.,_:@".contains(c));
    if is_name && ![".", "..", "_index"].contains(&key) {
        return Ok(());
    }
    Err(Error::InvalidParameterValue(format!(
        "'{key}' is not a valid tag key. Tag keys must match pattern ([0-9a-zA-Z\\-_+=,.@:]{{1,255}}), and must not be a \
         reserved name ('.', '..', '_index')"
    )))
}

/// Whether user data, in base64, is not too long.
fn check_user_data(text: Option<&str>) -> Result<(), Error> {
    let raw = text.map_or(0, |text| text.trim_end_matches('=').len() * 3 / 4);
    if raw > USER_DATA_LIMIT {
        return Err(Error::InvalidParameterValue(format!("User data is limited to {USER_DATA_LIMIT} bytes")));
    }
    Ok(())
}

impl InstanceState {
    /// The state's code and name.
    pub fn wire(self) -> (i32, &'static str) {
        match self {
            Self::Pending => (0, "pending"),
            Self::Running => (16, "running"),
            Self::ShuttingDown => (32, "shutting-down"),
            Self::Terminated => (48, "terminated"),
            Self::Stopping => (64, "stopping"),
            Self::Stopped => (80, "stopped"),
        }
    }
}

/// The most bytes of user data, before they are encoded.
///
/// Source: EC2 user guide, "Run commands when you launch an EC2 instance with user data input".
const USER_DATA_LIMIT: usize = 16_384;

/// How long a terminated instance is shown, in milliseconds.
///
/// Source: EC2 API reference, `TerminateInstances`: "for approximately one hour".
const SHOWN_AFTER_END: i64 = 3_600_000;

impl World {
    /// The instance with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidInstanceID.NotFound`.
    pub fn instance(&self, scope: &Scope, id: &InstanceId) -> Result<&Instance, Error> {
        self.instances.get(id).filter(|i| i.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// Makes instances, each with an interface, in state pending.
    ///
    /// # Errors
    /// If the subnet or a group does not exist, or the subnet has not enough free addresses.
    pub fn run_instances(
        &mut self, context: &mut Context<'_>, wanted: &RunInstance,
    ) -> Result<(ReservationId, Vec<InstanceId>), Error> {
        wanted.check()?;
        let subnet = self.subnet(&context.scope, &wanted.subnet)?;
        let vpc = subnet.vpc.clone();
        let host_names = subnet.host_names;
        let key = wanted.key_name.as_deref().map(|name| self.instance_key(&context.scope, name)).transpose()?;
        if wanted.interface.is_none() && self.free_addresses(subnet) < u64::from(wanted.count) {
            return Err(Error::TooFewAddresses(wanted.subnet.clone()));
        }
        let reservation = ReservationId::random(context.entropy);
        let mut ids = Vec::new();
        for launch_index in 0..wanted.count {
            let id = InstanceId::random(context.entropy);
            let interface = self.first_interface(context, &id, wanted)?;
            self.instances.insert(Instance {
                id: id.clone(),
                scope: context.scope.clone(),
                reservation: reservation.clone(),
                launch_index,
                image: wanted.image.clone(),
                instance_type: wanted.instance_type.clone(),
                client_token: wanted.client_token.clone(),
                user_data: wanted.user_data.clone(),
                vpc: vpc.clone(),
                subnet: wanted.subnet.clone(),
                interface: Some(interface.clone()),
                further_interfaces: Vec::new(),
                state: InstanceState::Pending,
                host_names,
                metadata: MetadataOptions::default(),
                key: key.clone(),
                profile: None,
                disable_api_termination: false,
                disable_api_stop: false,
                shutdown_behavior: ShutdownBehavior::Stop,
                root_device: None,
                volumes: BTreeMap::new(),
                ebs_optimized: wanted.ebs_optimized,
                monitoring: false,
                booted: false,
                rebooting: false,
                reason: None,
                launched: context.now,
                changed: context.now,
            });
            self.create_volumes_of(context, &id, &wanted.devices)?;
            // One that was there already may be to have a public address too.
            self.renew_automatic_address(&interface)?;
            ids.push(id);
        }
        Ok((reservation, ids))
    }

    fn first_interface(
        &mut self, context: &mut Context<'_>, instance: &InstanceId, wanted: &RunInstance,
    ) -> Result<NetworkInterfaceId, Error> {
        if let Some(id) = &wanted.interface {
            self.take_as_first(context, id, instance)?;
            return Ok(id.clone());
        }
        let by_subnet = self.subnet(&context.scope, &wanted.subnet)?.public_addresses;
        let attachment = Attachment::Instance {
            instance: instance.clone(),
            attachment: AttachmentId::random(context.entropy),
            device: 0,
            delete_on_termination: wanted.delete_on_termination,
            attached: Some(context.now),
        };
        let id =
            self.add_interface(context, &wanted.subnet, wanted.address, &wanted.groups, String::new(), attachment)?;
        self.assign_on_creation(context, &id, &wanted.more_addresses)?;
        self.want_automatic_address(&id, wanted.public_address.unwrap_or(by_subnet))?;
        Ok(id)
    }

    fn instance_key(&self, scope: &Scope, name: &str) -> Result<InstanceKey, Error> {
        let key = self.key_pair_named(scope, name)?;
        Ok(InstanceKey { name: key.name.clone(), public_key: key.public_key.clone() })
    }

    /// Changes how the metadata service answers an instance.
    ///
    /// # Errors
    /// If the instance does not exist, the hop limit is not between 1 and 64, or tags are to be told one of which has a
    /// key that cannot be a name in the tree.
    pub fn set_metadata_options(
        &mut self, context: &Context<'_>, id: &InstanceId, options: MetadataOptions,
    ) -> Result<(), Error> {
        self.instance(&context.scope, id)?;
        if !(1..=64).contains(&options.hop_limit) {
            return Err(Error::InvalidParameterValue(format!(
                "The value '{}' for HttpPutResponseHopLimit is not valid. Specify a value between 1 and 64.",
                options.hop_limit
            )));
        }
        if options.tags {
            self.tags(id.as_str()).try_for_each(|(key, _)| check_told_tag(key))?;
        }
        self.instances.update(id, |i| i.metadata = options);
        Ok(())
    }

    /// Notes that an instance came into a state. One that is terminated gives its interface and its volumes back, and one that is stopped
    /// its automatic public address. What is being ended
    /// or has ended does not come back to life: such news is late, and is left out.
    pub fn instance_is(&mut self, now: i64, id: &InstanceId, state: InstanceState, reason: Option<(String, String)>) {
        let Some(present) = self.instances.get(id) else { return };
        let late = match present.state {
            InstanceState::Terminated => true,
            InstanceState::ShuttingDown => state != InstanceState::Terminated,
            InstanceState::Stopping => matches!(state, InstanceState::Pending | InstanceState::Running),
            InstanceState::Stopped => matches!(state, InstanceState::Running | InstanceState::Stopping),
            InstanceState::Pending | InstanceState::Running => false,
        };
        if late {
            return;
        }
        match state {
            InstanceState::Terminated => {
                self.give_back_interfaces(id);
                self.give_back_volumes(id);
            }
            InstanceState::Stopped => {
                let first = self.instances.get(id).and_then(|instance| instance.interface.clone());
                first.into_iter().for_each(|first| self.release_automatic_address(&first));
            }
            _ => {}
        }
        self.instances.update(id, |i| {
            if i.state != state {
                i.changed = now;
            }
            i.booted |= state == InstanceState::Running;
            if state == InstanceState::Terminated {
                i.profile = None;
            }
            i.state = state;
            i.reason = reason;
        });
    }

    /// Whether [`World::forget_terminated`] would forget any.
    pub fn has_forgettable_instances(&self, now: i64) -> bool {
        self.instances.iter().any(|i| is_forgettable(i, now))
    }

    /// Forgets instances that were terminated long ago.
    pub fn forget_terminated(&mut self, now: i64) {
        let old: Vec<_> = self.instances.iter().filter(|i| is_forgettable(i, now)).map(|i| i.id.clone()).collect();
        for id in old {
            self.instances.remove(&id);
            self.forget_tags(id.as_str());
        }
    }
}

fn is_forgettable(instance: &Instance, now: i64) -> bool {
    instance.state == InstanceState::Terminated && now - instance.changed > SHOWN_AFTER_END
}
