//! Any bytes as what describe calls told of an account: what is wrong with them is said, and what is left is a world of
//! which a plan can be made.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sidegate_import::describe;

fuzz_target!(|bytes: &[u8]| {
    let read = || describe::read([("123456789012/us-east-1/account.json", bytes)]);
    let imported = read();
    for finding in imported.findings() {
        assert!(!finding.to_string().is_empty());
    }
    let again = read();
    assert!(imported.world() == again.world() && imported.findings() == again.findings());
    let plan = sidegate_plan::compile(imported.world());
    assert!(plan == sidegate_plan::compile(again.world()));
});
