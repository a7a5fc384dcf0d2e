//! Random identifiers and secrets. This is where randomness comes in; the state gets what is made here.

use sidegate_model::AccountId;

use crate::random::bytes;
use crate::vault::NoRandomness;

/// The characters of unique ids: those of base 32 (RFC 4648).
pub(super) const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The characters of secrets and session tokens.
const BASE_64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// How long a session token is, as AWS's are.
const TOKEN_LENGTH: usize = 660;

/// What the session tokens of AWS begin with.
const TOKEN_PREFIX: &str = "IQoJb3JpZ2luX2Vj";

fn characters<const N: usize>(alphabet: &[u8; N], count: usize) -> Result<String, NoRandomness> {
    let mut random = vec![0; count];
    aws_lc_rs::rand::fill(&mut random).map_err(|_| NoRandomness)?;
    // Both alphabets divide 256, so that no character comes up more often than others.
    Ok(random.iter().map(|byte| alphabet.get(usize::from(*byte) % N).map_or('A', |c| char::from(*c))).collect())
}

/// A unique id: a prefix such as `AIDA`, and 17 characters.
///
/// Source: IAM user guide, "IAM identifiers", unique identifiers.
pub(super) fn unique_id(prefix: &str) -> Result<String, NoRandomness> {
    Ok(format!("{prefix}{}", characters(BASE_32, 17)?))
}

/// The id of an access key: `AKIA` or `ASIA`, and 16 characters which name the account, as those of AWS do.
pub(super) fn access_key_id(prefix: &str, account: &AccountId) -> Result<String, NoRandomness> {
    // Ten bytes: 48 bits with the account in all but the last seven, of which the topmost is set as AWS's are.
    let account: u64 = account.as_str().parse().unwrap_or(0);
    let random = u64::from_ne_bytes(bytes()?);
    let bits = (u128::from(1_u64 << 47 | account << 7) << 32) | u128::from(random & 0x7f_ffff_ffff);
    let digit = |at: u32| BASE_32.get((bits >> (75 - 5 * at) & 0x1f) as usize).map_or('A', |c| char::from(*c));
    Ok(format!("{prefix}{}", (0..16).map(digit).collect::<String>()))
}

/// The account that the id of an access key names.
pub(crate) fn account_of(access_key: &str) -> Option<AccountId> {
    let mut bits: u128 = 0;
    for character in access_key.get(4..14)?.bytes() {
        let digit = BASE_32.iter().position(|c| *c == character)?;
        bits = bits << 5 | digit as u128;
    }
    let account = (bits >> 2 & 0x7fff_ffff_ff80) >> 7;
    format!("{account:012}").parse().ok()
}

/// The secret of an access key: 40 characters.
pub(super) fn secret() -> Result<String, NoRandomness> {
    characters(BASE_64, 40)
}

/// The seed of a device, in base 32: 64 characters, as AWS's have.
pub(super) fn seed() -> Result<String, NoRandomness> {
    characters(BASE_32, 64)
}

/// A session token.
pub(super) fn session_token() -> Result<String, NoRandomness> {
    Ok(format!("{TOKEN_PREFIX}{}", characters(BASE_64, TOKEN_LENGTH)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_an_access_key_names_its_account() {
        for account in ["000000000000", "111122223333", "999999999999"] {
            let account = account.parse().unwrap();
            let id = access_key_id("AKIA", &account).unwrap();
            assert_eq!(id.len(), 20);
            assert_eq!(account_of(&id), Some(account), "{id}");
        }
        assert_eq!(account_of("AKIA"), None);
    }

    #[test]
    fn a_unique_id_has_a_prefix_and_seventeen_characters() {
        let id = unique_id("AROA").unwrap();
        assert!(id.starts_with("AROA") && id.len() == 21 && id.bytes().all(|c| c.is_ascii_alphanumeric()), "{id}");
    }
}
