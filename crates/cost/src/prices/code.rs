//! The codes that Regions have in bills.

use sidegate_model::Region;

/// The codes, where they are not the zones' prefix in upper case.
///
/// Source: usage types in the price list and in bills that others made public. Asia and Canada are numbered in the order in
/// which their Regions were opened, not by their names.
const CODES: [(&str, &str); 15] = [
    ("eu-west-1", "EU"),
    ("ap-southeast-1", "APS1"),
    ("ap-southeast-2", "APS2"),
    ("ap-south-1", "APS3"),
    ("ap-southeast-3", "APS4"),
    ("ap-south-2", "APS5"),
    ("ap-southeast-4", "APS6"),
    ("ap-southeast-5", "APS7"),
    ("ap-southeast-7", "APS9"),
    ("ap-northeast-1", "APN1"),
    ("ap-northeast-2", "APN2"),
    ("ap-northeast-3", "APN3"),
    ("ap-east-2", "APE2"),
    ("ca-central-1", "CAN1"),
    ("ca-west-1", "CAN2"),
];

/// The codes that are the zones' prefix in upper case.
const PLAIN: [(&str, &str); 17] = [
    ("us-east-1", "USE1"),
    ("us-east-2", "USE2"),
    ("us-west-1", "USW1"),
    ("us-west-2", "USW2"),
    ("eu-west-2", "EUW2"),
    ("eu-west-3", "EUW3"),
    ("eu-central-1", "EUC1"),
    ("eu-central-2", "EUC2"),
    ("eu-north-1", "EUN1"),
    ("eu-south-1", "EUS1"),
    ("eu-south-2", "EUS2"),
    ("ap-east-1", "APE1"),
    ("sa-east-1", "SAE1"),
    ("me-south-1", "MES1"),
    ("me-central-1", "MEC1"),
    ("il-central-1", "ILC1"),
    ("af-south-1", "AFS1"),
];

/// The code of a Region in usage types, such as `USE1` in `USE1-VpcEndpoint-Hours`.
pub fn billing_code(region: Region) -> &'static str {
    let found = CODES.iter().chain(&PLAIN).find(|(name, _)| *name == region.as_str());
    found.map_or(region.as_str(), |(_, code)| code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_region_has_a_code_of_its_own() {
        let codes: BTreeSet<_> = Region::all().map(billing_code).collect();
        assert_eq!(codes.len(), Region::all().count());
        assert!(codes.iter().all(|code| code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())));
    }
}
