//! Key pairs over the API.

use super::super::tests::Api;

/// A public key that was made for these tests, and its fingerprint as `ssh-keygen` and `openssl` tell it:
/// `ssh-keygen -ef KEY -m PEM | openssl rsa -RSAPublicKey_in -outform DER | openssl md5 -c`.
const RSA: &str = include_str!("tests/rsa.pub");
const RSA_FINGERPRINT: &str = include_str!("tests/rsa.fingerprint");
/// `ssh-keygen -l -f KEY`, padded as base64 is.
const ED25519: &str = include_str!("tests/ed25519.pub");
const ED25519_FINGERPRINT: &str = include_str!("tests/ed25519.fingerprint");

fn encoded(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn a_key_that_is_made_is_handed_out_once_and_shown_without_its_secret() {
    let api = Api::new();
    for (kind, label) in [("rsa", "RSA PRIVATE KEY"), ("ed25519", "OPENSSH PRIVATE KEY")] {
        let name = format!("my-{kind}");
        let parameters = [
            ("KeyName", name.as_str()),
            ("KeyType", kind),
            ("TagSpecification.1.ResourceType", "key-pair"),
            ("TagSpecification.1.Tag.1.Key", "team"),
            ("TagSpecification.1.Tag.1.Value", "net"),
        ];
        let made = api.ok("CreateKeyPair", &parameters);
        assert!(made.text("keyMaterial").starts_with(&format!("-----BEGIN {label}-----\n")));
        assert!(made.text("keyPairId").starts_with("key-"));
        let shown = api.ok("DescribeKeyPairs", &[("KeyName.1", &name)]);
        assert_eq!(shown.text("keyFingerprint"), made.text("keyFingerprint"));
        assert_eq!((shown.text("keyType"), shown.text("keyName")), (kind.to_owned(), name));
        assert_eq!((shown.text("key"), shown.text("value")), ("team".to_owned(), "net".to_owned()));
        assert!(!shown.xml.contains("publicKey"));
    }
    assert_eq!(api.ok("DescribeKeyPairs", &[]).texts("keyName").len(), 2);
}

#[test]
fn a_key_that_is_imported_has_the_fingerprint_that_openssh_tells() {
    let api = Api::new();
    for (name, key, fingerprint) in [("rsa", RSA, RSA_FINGERPRINT), ("ed25519", ED25519, ED25519_FINGERPRINT)] {
        let made = api.ok("ImportKeyPair", &[("KeyName", name), ("PublicKeyMaterial", &encoded(key))]);
        assert_eq!((made.text("keyFingerprint").as_str(), made.text("keyName").as_str()), (fingerprint.trim(), name));
        let shown = api.ok("DescribeKeyPairs", &[("KeyName.1", name), ("IncludePublicKey", "true")]);
        let blob = key.split(' ').nth(1).unwrap();
        assert!(shown.text("publicKey").contains(blob));
        let filter = [("Filter.1.Name", "fingerprint"), ("Filter.1.Value.1", fingerprint.trim())];
        assert_eq!(api.ok("DescribeKeyPairs", &filter).texts("keyName"), [name]);
    }
}

#[test]
fn names_are_unique_and_keys_have_a_form() {
    let api = Api::new();
    api.ok("CreateKeyPair", &[("KeyName", "one"), ("KeyType", "ed25519")]);
    let (code, message) = api.refused("CreateKeyPair", &[("KeyName", "one")]);
    assert_eq!((code.as_str(), message.as_str()), ("InvalidKeyPair.Duplicate", "The keypair 'one' already exists."));
    let import = |name, key: &str| api.refused("ImportKeyPair", &[("KeyName", name), ("PublicKeyMaterial", key)]).0;
    assert_eq!(import("one", &encoded(ED25519)), "InvalidKeyPair.Duplicate");
    assert_eq!(import("two", &encoded("ssh-rsa AAAA me")), "InvalidKeyPair.Format");
    assert_eq!(import("two", "*"), "InvalidKeyPair.Format");
    assert_eq!(import("two", ""), "MissingParameter");
    assert_eq!(api.refused("CreateKeyPair", &[]).0, "MissingParameter");
    assert_eq!(api.refused("CreateKeyPair", &[("KeyName", "x"), ("KeyType", "dsa")]).0, "InvalidParameterValue");
    assert_eq!(api.refused("CreateKeyPair", &[("KeyName", &"x".repeat(256))]).0, "InvalidParameterValue");
    assert_eq!(api.refused("CreateKeyPair", &[("KeyName", "x"), ("DryRun", "true")]).0, "DryRunOperation");
    assert_eq!(api.refused("CreateKeyPair", &[("KeyName", "x"), ("KeyFormat", "ppk")]).0, "UnsupportedOperation");
}

#[test]
fn a_pair_that_is_deleted_is_gone_and_deleting_it_again_changes_nothing() {
    let mut api = Api::new();
    let id = api.ok("CreateKeyPair", &[("KeyName", "one"), ("KeyType", "ed25519")]).text("keyPairId");
    api.switch_region("eu-west-1");
    assert_eq!(api.refused("DescribeKeyPairs", &[("KeyName.1", "one")]).0, "InvalidKeyPair.NotFound");
    api.switch_region("us-east-1");
    let gone = api.ok("DeleteKeyPair", &[("KeyPairId", &id)]);
    assert_eq!((gone.text("return"), gone.text("keyPairId")), ("true".to_owned(), id.clone()));
    assert_eq!(api.ok("DeleteKeyPair", &[("KeyName", "one")]).text("return"), "true");
    let (code, message) = api.refused("DescribeKeyPairs", &[("KeyName.1", "one")]);
    assert_eq!((code.as_str(), message.as_str()), ("InvalidKeyPair.NotFound", "The key pair 'one' does not exist"));
    assert_eq!(api.refused("DescribeKeyPairs", &[("KeyPairId.1", &id)]).0, "InvalidKeyPair.NotFound");
    assert_eq!(api.refused("DeleteKeyPair", &[]).0, "MissingParameter");
}

#[test]
fn an_instance_shows_the_name_of_its_key_which_must_exist() {
    let api = Api::new();
    let network = api.network();
    let launch = |key| {
        [
            ("ImageId", "ami-51de6a7e"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", network.subnets[0].as_str()),
            ("KeyName", key),
        ]
    };
    let (code, message) = api.refused("RunInstances", &launch("mine"));
    assert_eq!((code.as_str(), message.as_str()), ("InvalidKeyPair.NotFound", "The key pair 'mine' does not exist"));
    api.ok("CreateKeyPair", &[("KeyName", "mine"), ("KeyType", "ed25519")]);
    assert_eq!(api.ok("RunInstances", &launch("mine")).text("keyName"), "mine");
    let filter = [("Filter.1.Name", "key-name"), ("Filter.1.Value.1", "mine")];
    assert_eq!(api.ok("DescribeInstances", &filter).texts("keyName"), ["mine"]);
}
