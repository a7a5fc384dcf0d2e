//! Files that are damaged at random.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use sidegate_import::{Imported, describe};
use sidegate_plan::compile;

use crate::account::{self, Files};

/// What is done to a file.
#[derive(Clone, Debug)]
enum Damage {
    /// It ends early.
    Cut(prop::sample::Index),
    /// One of its bytes is another.
    Flip(prop::sample::Index, u8),
    /// A member of one of its objects is gone.
    Drop(prop::sample::Index),
    /// A value is another.
    Replace(prop::sample::Index, Value),
}

fn damage() -> impl Strategy<Value = Damage> {
    let value = prop_oneof![
        Just(Value::Null),
        Just(Value::from(-1)),
        Just(Value::from("")),
        Just(Value::from("vpc-é/0")),
        Just(Value::from("255.255.255.255/33")),
        Just(Value::from(u64::MAX)),
        Just(Value::from(vec![Value::Null])),
        Just(Value::Object(serde_json::Map::new())),
    ];
    prop_oneof![
        any::<prop::sample::Index>().prop_map(Damage::Cut),
        (any::<prop::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        any::<prop::sample::Index>().prop_map(Damage::Drop),
        (any::<prop::sample::Index>(), value).prop_map(|(at, value)| Damage::Replace(at, value)),
    ]
}

/// The paths to all values that lie in a value, as RFC 6901 writes them: a damaged key may have any letter.
fn paths(value: &Value, path: &str, all: &mut Vec<String>) {
    let mut go = |key: &str, value| {
        let path = format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
        paths(value, &path, all);
        all.push(path);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(key, value)| go(key, value)),
        Value::Array(values) => values.iter().enumerate().for_each(|(at, value)| go(&at.to_string(), value)),
        _ => {}
    }
}

fn damaged(bytes: &[u8], damage: &Damage) -> Vec<u8> {
    let changed = |at: &prop::sample::Index, change: &dyn Fn(&mut Value, &str)| {
        let Ok(mut document) = serde_json::from_slice::<Value>(bytes) else { return bytes.to_vec() };
        let mut all = Vec::new();
        paths(&document, "", &mut all);
        if !all.is_empty() {
            change(&mut document, &all[at.index(all.len())]);
        }
        serde_json::to_vec(&document).unwrap()
    };
    match damage {
        _ if bytes.is_empty() => Vec::new(),
        Damage::Cut(at) => bytes[..at.index(bytes.len())].to_vec(),
        Damage::Flip(at, byte) => {
            let mut bytes = bytes.to_vec();
            let at = at.index(bytes.len());
            bytes[at] = *byte;
            bytes
        }
        Damage::Drop(at) => changed(at, &|document, path| {
            let (holder, key) = path.rsplit_once('/').unwrap();
            match document.pointer_mut(holder).unwrap() {
                Value::Object(members) => drop(members.shift_remove(&key.replace("~1", "/").replace("~0", "~"))),
                Value::Array(values) => drop(values.remove(key.parse().unwrap())),
                _ => {}
            }
        }),
        Damage::Replace(at, value) => {
            changed(at, &|document, path| *document.pointer_mut(path).unwrap() = value.clone())
        }
    }
}

/// What does not hang on any one file.
fn check(imported: &Imported) {
    let world = imported.world();
    let plan = compile(world);
    assert!(plan.vpcs.len() <= 1);
    for table in world.route_tables.iter() {
        assert!(table.index > 0);
    }
    for interface in world.interfaces.iter() {
        assert_eq!(interface.group_number == 0, interface.groups.is_empty());
        for group in &interface.groups {
            let known = world.security_groups.get(group).is_some();
            assert!(known || !imported.unknown_of(interface.id.as_str()).is_empty());
        }
    }
    for subnet in world.subnets.iter() {
        let has_table = world.route_table_of(&subnet.id).is_some();
        assert!(has_table || !imported.unknown_of(subnet.id.as_str()).is_empty());
    }
    assert!(!imported.to_string().is_empty());
}

fn files_with(at: usize, bytes: Vec<u8>) -> Files {
    let mut files = account::case();
    files[at].1 = bytes;
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_damaged_nothing_panics_and_the_other_files_are_read(
        file in any::<prop::sample::Index>(), damages in vec(damage(), 1..4),
    ) {
        let case = account::case();
        let at = file.index(case.len());
        let bytes = damages.iter().fold(case[at].1.clone(), |bytes, damage| damaged(&bytes, damage));
        let imported = describe::read(files_with(at, bytes));
        check(&imported);
        let without = describe::read(files_with(at, Vec::new()));
        // What the others tell of is there, whatever stands in this one.
        for group in without.world().security_groups.iter() {
            prop_assert!(imported.world().security_groups.get(&group.id).is_some());
        }
        for subnet in without.world().subnets.iter() {
            prop_assert!(imported.world().subnets.get(&subnet.id).is_some());
        }
        for table in without.world().route_tables.iter() {
            prop_assert!(imported.world().route_tables.get(&table.id).is_some());
        }
        for endpoint in without.world().endpoints.iter() {
            prop_assert!(imported.world().endpoints.get(&endpoint.id).is_some());
        }
    }

    #[test]
    fn any_bytes_are_a_file(bytes in vec(any::<u8>(), 0..200)) {
        let imported = describe::read([("x.json", &bytes)]);
        prop_assert!(imported.world().vpcs.is_empty());
        prop_assert!(!imported.findings().is_empty());
    }
}
