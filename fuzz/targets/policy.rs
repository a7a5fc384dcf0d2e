//! Any text as a policy of any type: what is refused says why, and what is read is printed and read as the same.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use sidegate_iam::{Policy, PolicyType};

const TYPES: [PolicyType; 16] = [
    PolicyType::Identity,
    PolicyType::Managed,
    PolicyType::UserInline,
    PolicyType::RoleInline,
    PolicyType::GroupInline,
    PolicyType::Boundary,
    PolicyType::Session,
    PolicyType::ServiceControl,
    PolicyType::ResourceControl,
    PolicyType::RoleTrust,
    PolicyType::Resource,
    PolicyType::Bucket,
    PolicyType::Secret,
    PolicyType::Key,
    PolicyType::Endpoint,
    PolicyType::GatewayEndpoint,
];

fuzz_target!(|text: &str| -> Corpus {
    let mut read = Corpus::Reject;
    for kind in TYPES {
        match Policy::parse(text, kind) {
            Ok(policy) => {
                let printed = policy.to_string();
                match Policy::parse(&printed, kind) {
                    Ok(again) => assert!(again == policy && again.to_string() == printed, "{kind:?}: {printed}"),
                    // What is printed may be longer than what was written: `\u0001` for one character.
                    Err(error) => assert!(printed.len() > text.len(), "{kind:?}: {error}: {printed}"),
                }
            }
            Err(error) => assert!(!error.to_string().is_empty() && !error.iam_message().is_empty()),
        }
        read = Corpus::Keep;
    }
    read
});
