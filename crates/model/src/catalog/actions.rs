//! The actions that policies may name, of the services that are emulated, as `actions.tsv` has them.

use super::Catalog;

/// The table, which says where its facts are from.
const TEXT: &str = include_str!("actions.tsv");

impl Catalog {
    /// The operations of a service's actions, by the prefix of these (`s3`): `GetObject` and so on, in order. `None` if
    /// they are not known here.
    pub fn operations(prefix: &str) -> Option<impl Iterator<Item = &'static str>> {
        let mut rows = TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('\t'));
        rows.find(|(own, _)| *own == prefix).map(|(_, operations)| operations.split(' '))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operations_of_a_service_are_those_that_policies_name() {
        let of = |prefix: &str| Catalog::operations(prefix).unwrap().collect::<Vec<_>>();
        assert!(of("s3").contains(&"ListAllMyBuckets") && !of("s3").contains(&"ListBuckets"));
        assert!(of("lambda").contains(&"InvokeFunction") && of("kms").contains(&"ReEncryptFrom"));
        assert!(Catalog::operations("nothing").is_none());
        for line in TEXT.lines().filter(|line| !line.starts_with('#')) {
            let (prefix, operations) = line.split_once('\t').unwrap();
            let all: Vec<_> = operations.split(' ').collect();
            assert!(all.is_sorted() && all.len() > 10, "{prefix}");
            assert!(all.iter().all(|own| own.bytes().all(|b| b.is_ascii_alphanumeric())), "{prefix}");
        }
    }
}
