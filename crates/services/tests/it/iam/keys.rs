//! Public keys for SSH and server certificates.

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};

use super::{Answer, World, arn};

/// A public key as OpenSSH writes it, its fingerprint, and the same key as PEM.
pub(super) const SSH: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDF6ClqnYX114h1VB0RXkYGbnHW/D0/6SU68A4pV+GpXCBBrVBjI0qVR1sjL/WK1Zdb7HYH\
    yKSUT09qzzAI1+j+LmyrEugjSEytDLWZS31d4i3g04h8hbJKJ4Q4Dr5mlAkQWHmdrfC688CeFoUR9bSzxPSmWpR+25EG9Wz3SMY5\
    uWzW8o7JedCz8FSegWOqfyDkseqNN6yLPxW1jfmkurkCLhYPwGeG59vtaytWxMf6/6h+f1+5KGIvCmkJI0enRjd3bvYZG1OLtP4H\
    es+i+HiCuYMcKixkI2QOLla911mu+i7uqCGZcrqf6ZDQLTsgZ/9u+pO7aG4XyY2uOTFAY8sB";
const FINGERPRINT: &str = "80:9d:4e:8d:44:40:73:4a:d7:65:f2:20:bd:ef:36:21";
const PEM: &str = "-----BEGIN PUBLIC KEY-----\n\
    MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAxegpap2F9deIdVQdEV5G\n\
    Bm5x1vw9P+klOvAOKVfhqVwgQa1QYyNKlUdbIy/1itWXW+x2B8iklE9Pas8wCNfo\n\
    /i5sqxLoI0hMrQy1mUt9XeIt4NOIfIWySieEOA6+ZpQJEFh5na3wuvPAnhaFEfW0\n\
    s8T0plqUftuRBvVs90jGObls1vKOyXnQs/BUnoFjqn8g5LHqjTesiz8VtY35pLq5\n\
    Ai4WD8Bnhufb7WsrVsTH+v+ofn9fuShiLwppCSNHp0Y3d272GRtTi7T+B3rPovh4\n\
    grmDHCosZCNkDi5WvddZrvou7qghmXK6n+mQ0C07IGf/bvqTu2huF8mNrjkxQGPL\n\
    AQIDAQAB\n\
    -----END PUBLIC KEY-----\n";

async fn upload(world: &World, user: &str, body: &str) -> Answer {
    let (user, body) = (format!("UserName={user}"), format!("SSHPublicKeyBody={body}"));
    world.iam("UploadSSHPublicKey", &[&user, &body]).await
}

#[tokio::test]
async fn a_public_key_is_given_in_both_encodings_and_belongs_to_one_user() {
    let world = World::new();
    world.users(&["alice", "bob"]).await;
    let commented = format!("{SSH} alice@example");
    let made = upload(&world, "alice", &commented).await.ok();
    let id = format!("SSHPublicKeyId={}", made.element("SSHPublicKeyId"));
    assert_eq!((made.element("Fingerprint").as_str(), made.element("Status").as_str()), (FINGERPRINT, "Active"));
    assert_eq!(upload(&world, "alice", PEM).await.error().1, "DuplicateSSHPublicKey");
    let of_bob = upload(&world, "bob", PEM).await.ok();
    assert_eq!(of_bob.element("Fingerprint"), FINGERPRINT);
    let of_bob = format!("SSHPublicKeyId={}", of_bob.element("SSHPublicKeyId"));
    let body = async |user: &str, id: &str, encoding: &str| {
        let (user, encoding) = (format!("UserName={user}"), format!("Encoding={encoding}"));
        world.iam("GetSSHPublicKey", &[&user, id, &encoding]).await.ok().element("SSHPublicKeyBody")
    };
    assert_eq!((body("alice", &id, "PEM").await, body("alice", &id, "SSH").await), (PEM.into(), commented));
    assert_eq!((body("bob", &of_bob, "PEM").await, body("bob", &of_bob, "SSH").await), (PEM.into(), SSH.into()));
    let others = world.iam("GetSSHPublicKey", &["UserName=bob", &id, "Encoding=SSH"]).await;
    assert_eq!(others.error().1, "NoSuchEntity");
    world.iam("UpdateSSHPublicKey", &["UserName=alice", &id, "Status=Inactive"]).await.ok();
    let world = world.restarted();
    let listed = world.iam("ListSSHPublicKeys", &["UserName=alice"]).await.ok();
    assert_eq!((listed.elements("SSHPublicKeyId").len(), listed.element("Status")), (1, "Inactive".into()));
    let refused = world.iam("DeleteUser", &["UserName=alice"]).await;
    assert_eq!(refused.error().1, "DeleteConflict");
    world.iam("DeleteSSHPublicKey", &["UserName=alice", &id]).await.ok();
    assert_eq!(world.iam("DeleteSSHPublicKey", &["UserName=alice", &id]).await.status, 404);
    world.iam("DeleteUser", &["UserName=alice"]).await.ok();
}

#[tokio::test]
async fn what_is_no_public_key_of_rsa_is_refused() {
    let world = World::new();
    world.users(&["alice"]).await;
    let code = async |body: &str| upload(&world, "alice", body).await.error().1;
    assert_eq!(code("ssh-ed25519 AAAA").await, "UnrecognizedPublicKeyEncoding");
    assert_eq!(code(&PEM.replace("PUBLIC KEY", "RSA PUBLIC KEY")).await, "UnrecognizedPublicKeyEncoding");
    for body in ["ssh-rsa", "ssh-rsa AAAA", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQE=", &PEM[..200]] {
        assert_eq!(code(body).await, "InvalidPublicKey", "{body}");
    }
}

/// A certificate, its private key, and that of who signed it.
pub(super) struct Made {
    pub(super) certificate: String,
    pub(super) key: String,
    signer: String,
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new([name.to_owned()]).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

pub(super) fn made(change: impl Fn(&mut CertificateParams)) -> Made {
    let mut signer = params("signer.example");
    signer.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (signer_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let signed = signer.self_signed(&signer_key).unwrap().pem();
    let mut own = params("own.example");
    change(&mut own);
    let certificate = own.signed_by(&key, &Issuer::new(signer, signer_key)).unwrap().pem();
    Made { certificate, key: key.serialize_pem(), signer: signed }
}

impl Made {
    async fn upload(&self, world: &World, parameters: &[&str]) -> Answer {
        let (body, key) = (format!("CertificateBody={}", self.certificate), format!("PrivateKey={}", self.key));
        world.iam("UploadServerCertificate", &[&[body.as_str(), key.as_str()], parameters].concat()).await
    }
}

#[tokio::test]
async fn a_server_certificate_is_kept_without_its_key_and_moved() {
    let world = World::new();
    let own = made(|_| {});
    let chain = format!("CertificateChain={}", own.signer);
    let tags = ["Tags.member.1.Key=a", "Tags.member.1.Value=b"];
    let parameters = [&["ServerCertificateName=Site", "Path=/cloudfront/", &chain], &tags[..]].concat();
    let kept = own.upload(&world, &parameters).await.ok();
    assert_eq!(kept.element("Arn"), arn("server-certificate/cloudfront/Site"));
    assert!(kept.element("ServerCertificateId").starts_with("ASCA"));
    assert_eq!(kept.element("Expiration"), "2040-01-01T00:00:00Z");
    let taken = own.upload(&world, &["ServerCertificateName=SITE"]).await;
    let words = "The Server Certificate with name SITE already exists.";
    assert_eq!(taken.error(), (409, "EntityAlreadyExists".into(), words.into()));
    let world = world.restarted();
    let name = "ServerCertificateName=site";
    let seen = world.iam("GetServerCertificate", &[name]).await.ok();
    assert_eq!(seen.element("CertificateBody").trim(), own.certificate.trim());
    assert_eq!(seen.element("CertificateChain").trim(), own.signer.trim());
    assert!(!seen.text.contains("PRIVATE KEY"));
    let moved = ["NewServerCertificateName=other", "NewPath=/"];
    world.iam("UpdateServerCertificate", &[name, moved[0], moved[1]]).await.ok();
    let missing = world.iam("GetServerCertificate", &[name]).await;
    let words = "The Server Certificate with name site cannot be found.";
    assert_eq!(missing.error(), (404, "NoSuchEntity".into(), words.into()));
    let listed = world.iam("ListServerCertificates", &["PathPrefix=/"]).await.ok();
    assert_eq!(listed.elements("Arn"), [arn("server-certificate/other")]);
    let other = "ServerCertificateName=other";
    world.iam("UntagServerCertificate", &[other, "TagKeys.member.1=a"]).await.ok();
    world.iam("TagServerCertificate", &[other, "Tags.member.1.Key=c", "Tags.member.1.Value=d"]).await.ok();
    assert_eq!(world.iam("ListServerCertificateTags", &[other]).await.ok().elements("Key"), ["c"]);
    world.iam("DeleteServerCertificate", &[other]).await.ok();
    assert_eq!(world.iam("DeleteServerCertificate", &[other]).await.status, 404);
}

#[tokio::test]
async fn a_server_certificate_is_valid_goes_with_its_key_and_is_signed_by_its_chain() {
    let world = World::new();
    let (own, other) = (made(|_| {}), made(|_| {}));
    let name = "ServerCertificateName=site";
    let mismatched = Made { key: other.key.clone(), ..made(|_| {}) };
    assert_eq!(mismatched.upload(&world, &[name]).await.error().1, "KeyPairMismatch");
    let over = made(|params| params.not_after = date_time_ymd(2025, 1, 1));
    let early = made(|params| params.not_before = date_time_ymd(2030, 1, 1));
    let broken = Made { certificate: "x".to_owned(), ..made(|_| {}) };
    let keyless = Made { key: own.certificate.clone(), ..made(|_| {}) };
    for wrong in [over, early, broken, keyless] {
        assert_eq!(wrong.upload(&world, &[name]).await.error().1, "MalformedCertificate");
    }
    let chain = format!("CertificateChain={}{}", own.signer, own.certificate);
    let refused = own.upload(&world, &[name, &chain]).await.error();
    assert!(refused.1 == "MalformedCertificate" && refused.2.ends_with("invalid certificate is: 1"), "{refused:?}");
    own.upload(&world, &[name]).await.ok();
}
