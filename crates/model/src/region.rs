//! Accounts, Regions, zones and ARNs.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{Error, Ipv4Cidr, Ipv6Cidr};

/// A 12-digit AWS account id.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountId(Arc<str>);

impl AccountId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(format!("`{text}` is not an account id: twelve digits are expected"))
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The Regions that Sidegate knows, with the code that their zone ids begin with.
///
/// The position in this list gives a Region its block of emulated public addresses, so entries are only ever added at
/// the end.
const REGIONS: [(&str, &str); 32] = [
    ("us-east-1", "use1"),
    ("us-east-2", "use2"),
    ("us-west-1", "usw1"),
    ("us-west-2", "usw2"),
    ("eu-west-1", "euw1"),
    ("eu-west-2", "euw2"),
    ("eu-west-3", "euw3"),
    ("eu-central-1", "euc1"),
    ("eu-central-2", "euc2"),
    ("eu-north-1", "eun1"),
    ("eu-south-1", "eus1"),
    ("eu-south-2", "eus2"),
    ("ap-south-1", "aps1"),
    ("ap-south-2", "aps2"),
    ("ap-southeast-1", "apse1"),
    ("ap-southeast-2", "apse2"),
    ("ap-southeast-3", "apse3"),
    ("ap-southeast-4", "apse4"),
    ("ap-southeast-5", "apse5"),
    ("ap-southeast-7", "apse7"),
    ("ap-northeast-1", "apne1"),
    ("ap-northeast-2", "apne2"),
    ("ap-northeast-3", "apne3"),
    ("ap-east-1", "ape1"),
    ("ap-east-2", "ape2"),
    ("ca-central-1", "cac1"),
    ("ca-west-1", "caw1"),
    ("sa-east-1", "sae1"),
    ("me-south-1", "mes1"),
    ("me-central-1", "mec1"),
    ("il-central-1", "ilc1"),
    ("af-south-1", "afs1"),
];

/// A Region of the `aws` partition.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Region(u8);

impl Region {
    /// Every Region that is known, in the order of their names' registration.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..REGIONS.len()).map(|i| Self(i as u8))
    }

    fn entry(self) -> (&'static str, &'static str) {
        REGIONS.get(usize::from(self.0)).copied().unwrap_or(("us-east-1", "use1"))
    }

    /// The name, such as `us-east-1`.
    pub fn as_str(self) -> &'static str {
        self.entry().0
    }

    /// The zones: three in each Region, and six in us-east-1.
    pub fn zones(self) -> impl Iterator<Item = Zone> {
        let count = if self.as_str() == "us-east-1" { 6 } else { 3 };
        (0..count).map(move |index| Zone { region: self, index })
    }

    /// The Region's block of emulated public addresses, a /20 of 198.18.0.0/15, the range that RFC 2544 sets aside for
    /// tests and that is routed nowhere.
    pub fn public_block(self) -> Ipv4Cidr {
        let base = Ipv4Addr::new(198, 18, 0, 0).to_bits();
        Ipv4Cidr::new(Ipv4Addr::from_bits(base + u32::from(self.0) * 4096), 20)
    }
}

impl Region {
    /// The domain in which private host names lie.
    ///
    /// Source: VPC user guide, "DNS attributes for your VPC".
    pub fn private_domain(self) -> String {
        match self.as_str() {
            "us-east-1" => "ec2.internal".to_owned(),
            region => format!("{region}.compute.internal"),
        }
    }

    /// The Region's block of emulated public IPv6 addresses, a /56 of 2001:2::/48, the range that RFC 5180 sets aside for
    /// tests and that is routed nowhere.
    pub fn public_ipv6_block(self) -> Ipv6Cidr {
        Ipv6Cidr::new(Ipv6Addr::new(0x2001, 0x2, 0, u16::from(self.0) << 8, 0, 0, 0, 0), 56)
    }

    /// The block from which the Region's VPCs get their IPv6 blocks: a /38 of 2001:db8::/32, the range that RFC 3849
    /// sets aside for documentation and that is routed nowhere.
    pub fn ipv6_block(self) -> Ipv6Cidr {
        let base = Ipv6Addr::new(0x2001, 0xdb8, u16::from(self.0) << 10, 0, 0, 0, 0, 0);
        Ipv6Cidr::new(base, 38)
    }
}

impl FromStr for Region {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        REGIONS
            .iter()
            .position(|(name, _)| *name == text)
            .map(|i| Self(i as u8))
            .ok_or_else(|| format!("`{text}` is not a Region that Sidegate knows"))
    }
}

impl TryFrom<String> for Region {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Region> for String {
    fn from(region: Region) -> Self {
        region.as_str().to_owned()
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An availability zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Zone {
    region: Region,
    index: u8,
}

impl Zone {
    /// The Region of the zone.
    pub fn region(self) -> Region {
        self.region
    }

    /// The account's name of the zone, such as `us-east-1a`.
    pub fn name(self) -> String {
        format!("{}{}", self.region, char::from(b'a' + self.index))
    }

    /// The zone's id, which is the same for every account, such as `use1-az1`.
    pub fn id(self) -> String {
        format!("{}-az{}", self.region.entry().1, self.index + 1)
    }

    /// The zone of the Region with this name, also one that [`Region::zones`] does not have: which letters an account sees
    /// differs. `None` for what is no name of an availability zone, such as that of a Local Zone.
    pub fn named(region: Region, name: &str) -> Option<Self> {
        let letter = name.strip_prefix(region.as_str())?;
        match letter.as_bytes() {
            [letter @ b'a'..=b'z'] => Some(Self { region, index: letter - b'a' }),
            _ => None,
        }
    }

    /// Finds a zone of the Region by its name or its id.
    ///
    /// # Errors
    /// [`Error::InvalidZone`] if the Region has no such zone.
    pub fn find(region: Region, text: &str) -> Result<Self, Error> {
        region.zones().find(|z| z.name() == text || z.id() == text).ok_or_else(|| Error::InvalidZone {
            zone: text.to_owned(),
            known: region.zones().map(Self::name).collect::<Vec<_>>().join(", "),
        })
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

/// Whose resources, and where: every resource belongs to one account in one Region, and a request sees only those.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// The account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
}

/// An Amazon Resource Name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    /// The service, such as `ec2`.
    pub service: &'static str,
    /// The Region, or empty where the service's ARNs have none.
    pub region: String,
    /// The account, or empty where the service's ARNs have none.
    pub account: String,
    /// The rest, such as `vpc-endpoint/vpce-0a1b`.
    pub resource: String,
}

impl Arn {
    /// The ARN of a resource of EC2.
    pub fn ec2(scope: &Scope, kind: &str, id: &dyn fmt::Display) -> Self {
        Self {
            service: "ec2",
            region: scope.region.to_string(),
            account: scope.account.to_string(),
            resource: format!("{kind}/{id}"),
        }
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:aws:{}:{}:{}:{}", self.service, self.region, self.account, self.resource)
    }
}
