//! Ranges of addresses of conditions.

use std::net::IpAddr;

/// A range of addresses; one without a prefix length is one address.
///
/// Source: IAM user guide, "IAM JSON policy elements: Condition operators", IP address condition operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    prefix: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
            None => longest,
        };
        (prefix <= longest).then_some(Self { address, prefix })
    }

    /// Whether an address lies in it. One of the other family never does.
    pub(super) fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(32 - self.prefix).unwrap_or(0) == 0
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                (own.to_bits() ^ other.to_bits()).checked_shr(128 - self.prefix).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn an_address_lies_in_a_range_of_its_own_family() {
        let lies = |range: &str, address: &str| Network::parse(range).unwrap().contains(address.parse().unwrap());
        assert!(lies("10.0.0.0/16", "10.0.3.4") && lies("10.0.3.4", "10.0.3.4") && lies("0.0.0.0/0", "1.2.3.4"));
        assert!(lies("2001:db8::/32", "2001:db8:ffff::1") && lies("::/0", "::1") && lies("10.0.9.9/16", "10.0.0.1"));
        assert!(!lies("10.0.0.0/16", "10.1.0.0") && !lies("10.0.3.5", "10.0.3.4"));
        assert!(!lies("::/0", "1.2.3.4") && !lies("0.0.0.0/0", "::1") && !lies("2001:db8::1", "2001:db8::2"));
        for bad in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "10.0.0.0/+8", "a"] {
            assert_eq!(Network::parse(bad), None, "{bad}");
        }
    }
}
