//! Sets of DHCP options: what an instance learns of its network as it starts.
//!
//! Source: VPC user guide, "DHCP option sets in Amazon VPC"; EC2 API reference, CreateDhcpOptions.

mod configuration;

use serde::{Deserialize, Serialize};

use crate::{Context, DhcpOptionsId, Entity, Error, Scope, Vpc, VpcId, World};

pub use configuration::{DhcpConfiguration, NameServer};

/// The most sets of an account in a Region.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const SET_LIMIT: usize = 100;

/// A set of options. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpOptions {
    /// Its id.
    pub id: DhcpOptionsId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The options.
    pub configuration: DhcpConfiguration,
}

/// Which options a VPC has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum VpcDhcpOptions {
    /// The default set of the account in the Region, which is not stored.
    #[default]
    Default,
    /// A set of the account's own.
    Set(DhcpOptionsId),
    /// None at all: instances learn of no name server.
    None,
}

impl Entity for DhcpOptions {
    type Id = DhcpOptionsId;
    const KIND: &'static str = "dhcp-options";

    fn id(&self) -> DhcpOptionsId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl DhcpOptions {
    /// The default set of an account in a Region: Amazon's name server, and the Region's private domain. Its id is made
    /// from both, so that it need not be stored.
    pub fn default_of(scope: &Scope) -> Self {
        // FNV-1a with 64 bits.
        let bytes = scope.account.as_str().bytes().chain(scope.region.as_str().bytes());
        let hash =
            bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
        Self {
            id: DhcpOptionsId::derived(&format!("{hash:017x}")),
            scope: scope.clone(),
            configuration: DhcpConfiguration {
                domain_name: Some(scope.region.private_domain()),
                domain_name_servers: vec![NameServer::AmazonProvided],
                ..DhcpConfiguration::default()
            },
        }
    }
}

impl Vpc {
    /// The id of its options as answers show it: `default` if it has none.
    pub fn dhcp_options_id(&self) -> String {
        match &self.dhcp_options {
            VpcDhcpOptions::Default => DhcpOptions::default_of(&self.scope).id.to_string(),
            VpcDhcpOptions::Set(id) => id.to_string(),
            VpcDhcpOptions::None => "default".to_owned(),
        }
    }
}

impl World {
    /// The set with this id, if the caller has it; the default set is one that every account has.
    ///
    /// # Errors
    /// `InvalidDhcpOptionID.NotFound`.
    pub fn dhcp_options(&self, scope: &Scope, id: &DhcpOptionsId) -> Result<DhcpOptions, Error> {
        let default = DhcpOptions::default_of(scope);
        if default.id == *id {
            return Ok(default);
        }
        self.dhcp_options.get(id).filter(|set| set.scope == *scope).cloned().ok_or_else(|| id.not_found())
    }

    /// The options that a VPC's instances learn.
    pub fn dhcp_options_of(&self, vpc: &Vpc) -> Option<DhcpConfiguration> {
        match &vpc.dhcp_options {
            VpcDhcpOptions::Default => Some(DhcpOptions::default_of(&vpc.scope).configuration),
            VpcDhcpOptions::Set(id) => self.dhcp_options.get(id).map(|set| set.configuration.clone()),
            VpcDhcpOptions::None => None,
        }
    }

    /// Makes a set.
    ///
    /// # Errors
    /// `DhcpOptionsLimitExceeded` for the 101st of an account in a Region.
    pub fn create_dhcp_options(
        &mut self, context: &mut Context<'_>, configuration: DhcpConfiguration,
    ) -> Result<DhcpOptionsId, Error> {
        if self.dhcp_options.iter().filter(|set| set.scope == context.scope).count() >= SET_LIMIT {
            return Err(Error::limit("DhcpOptionsLimitExceeded", "DHCP option sets"));
        }
        let id = DhcpOptionsId::random(context.entropy);
        self.dhcp_options.insert(DhcpOptions { id: id.clone(), scope: context.scope.clone(), configuration });
        Ok(id)
    }

    /// Deletes a set.
    ///
    /// # Errors
    /// `DependencyViolation` while a VPC has it, and for the default set, which new VPCs will have.
    pub fn delete_dhcp_options(&mut self, context: &Context<'_>, id: &DhcpOptionsId) -> Result<(), Error> {
        self.dhcp_options(&context.scope, id)?;
        let is_default = DhcpOptions::default_of(&context.scope).id == *id;
        let used = VpcDhcpOptions::Set(id.clone());
        if is_default || self.vpcs.iter().any(|vpc| vpc.dhcp_options == used) {
            return Err(Error::DependencyViolation(format!(
                "The dhcpOptions '{id}' has dependencies and cannot be deleted."
            )));
        }
        self.dhcp_options.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }

    /// Gives a VPC a set, or none. Programs that run keep what they have learnt; those that start learn the new one.
    ///
    /// # Errors
    /// If the VPC or the set does not exist.
    pub fn associate_dhcp_options(
        &mut self, context: &Context<'_>, vpc: &VpcId, set: Option<&DhcpOptionsId>,
    ) -> Result<(), Error> {
        let options = match set {
            None => VpcDhcpOptions::None,
            Some(id) => {
                self.dhcp_options(&context.scope, id)?;
                let is_default = DhcpOptions::default_of(&context.scope).id == *id;
                if is_default { VpcDhcpOptions::Default } else { VpcDhcpOptions::Set(id.clone()) }
            }
        };
        self.vpc(&context.scope, vpc)?;
        self.vpcs.update(vpc, |vpc| vpc.dhcp_options = options);
        Ok(())
    }
}
