use std::collections::BTreeSet;

use proptest::prelude::*;

use super::Runs;

proptest! {
    #[test]
    fn runs_behave_as_a_set_of_numbers_for_each_key(
        steps in prop::collection::vec((any::<bool>(), 0_u8..2, 0_u32..24), 0..200)
    ) {
        let mut runs = Runs::<u8>::default();
        let mut naive = BTreeSet::new();
        for (take, key, number) in steps {
            if take {
                runs.take(&key, number);
                naive.insert((key, number));
            } else {
                runs.release(&key, number);
                naive.remove(&(key, number));
            }
            for key in 0..2 {
                let taken = |n: u32| naive.contains(&(key, n));
                prop_assert_eq!(runs.count(&key), naive.iter().filter(|(k, _)| *k == key).count() as u64);
                for n in 0..26 {
                    prop_assert_eq!(runs.contains(&key, n), taken(n));
                    prop_assert_eq!(runs.lowest_free(&key, n), (n..).find(|n| !taken(*n)));
                }
            }
            prop_assert!(runs.0.iter().zip(runs.0.iter().skip(1)).all(|(a, b)| a.0.0 < b.0.0 || a.1 + 1 < b.0.1));
        }
    }
}

#[test]
fn runs_reach_to_the_last_number_there_is() {
    let mut runs = Runs::<u8>::default();
    runs.take(&0, u32::MAX);
    runs.take(&0, u32::MAX - 1);
    assert_eq!(runs.lowest_free(&0, u32::MAX - 1), None);
    assert_eq!(runs.lowest_free(&0, u32::MAX - 2), Some(u32::MAX - 2));
    runs.release(&0, u32::MAX);
    assert_eq!(runs.lowest_free(&0, u32::MAX - 1), Some(u32::MAX));
}
