//! ACLs: what they grant, to whom, and what keeps them from it.

use std::collections::HashSet;

use s3s::crypto::{Checksum as _, Sha256};
use sidegate_iam::Principal;

use super::{ALL, Engine, OTHER, as_principal, user};
use crate::s3::{Answer, Store, me, open, request};

const STRANGER: &str = "777788889999";
const EVERYONE: &str = "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"";

fn id(account: &str) -> String {
    hex::encode(Sha256::checksum(format!("canonical user of {account}").as_bytes()))
}

fn granted(account: &str) -> String {
    format!("id=\"{}\"", id(account))
}

/// A bucket with ACLs, public ones among them.
async fn with_acls() -> Store {
    let store = Store::with_bucket("docs").await;
    let controls =
        "<OwnershipControls><Rule><ObjectOwnership>ObjectWriter</ObjectOwnership></Rule></OwnershipControls>";
    store.put("/docs?ownershipControls", &[], controls).await.ok();
    store.unblock().await;
    store
}

async fn ask(
    store: &Store, principal: &Principal, own: Option<&'static str>, (method, uri): (&str, &str),
    headers: &[(&str, &str)],
) -> Answer {
    let engine = Engine::of(principal.clone(), own);
    store.send_as(&as_principal(principal), &engine, request(method, uri, headers, "")).await
}

/// The statuses of some requests: of a user of another account, of a user of a third, both of whom their accounts let do
/// everything, and of nobody.
async fn statuses(store: &Store, asked: (&str, &str)) -> [u16; 3] {
    let of = async |principal: &Principal| ask(store, principal, Some(ALL), asked, &[]).await.status.as_u16();
    let nobody = ask(store, &Principal::Anonymous, None, asked, &[]).await.status.as_u16();
    [of(&user(OTHER)).await, of(&user(STRANGER)).await, nobody]
}

#[tokio::test]
async fn a_grant_on_an_object_gives_its_actions_to_its_account_alone() {
    let store = with_acls().await;
    for (header, allowed) in [
        ("x-amz-grant-read", ("GET", "/docs/key")),
        ("x-amz-grant-read-acp", ("GET", "/docs/key?acl")),
        ("x-amz-grant-full-control", ("GET", "/docs/key")),
        ("x-amz-grant-full-control", ("GET", "/docs/key?acl")),
    ] {
        store.put("/docs/key", &[(header, &granted(OTHER))], "x").await.ok();
        assert_eq!(statuses(&store, allowed).await, [200, 403, 403], "{header}");
        let unpermitted = ask(&store, &user(OTHER), None, allowed, &[]).await;
        assert_eq!(unpermitted.status, 403, "{header}: its own account has to let it too");
        assert_eq!(statuses(&store, ("DELETE", "/docs/key")).await, [403; 3], "{header}");
        assert_eq!(statuses(&store, ("GET", "/docs")).await, [403; 3], "{header}");
    }
    store.put("/docs/key", &[("x-amz-grant-write-acp", &granted(OTHER))], "x").await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs/key")).await, [403; 3]);
    let widened = [("x-amz-acl", "public-read")];
    assert_eq!(ask(&store, &user(STRANGER), Some(ALL), ("PUT", "/docs/key?acl"), &widened).await.status, 403);
    ask(&store, &user(OTHER), Some(ALL), ("PUT", "/docs/key?acl"), &widened).await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs/key")).await, [200; 3]);
    store.put("/docs/key", &[], "x").await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs/key")).await, [403; 3], "a new object has an ACL of its own");
}

#[tokio::test]
async fn groups_are_everyone_and_everyone_who_is_known() {
    let store = with_acls().await;
    store.put("/docs/all", &[("x-amz-acl", "public-read")], "x").await.ok();
    store.put("/docs/known", &[("x-amz-acl", "authenticated-read")], "x").await.ok();
    store.put("/docs/own", &[("x-amz-acl", "private")], "x").await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs/all")).await, [200; 3]);
    assert_eq!(statuses(&store, ("HEAD", "/docs/all")).await, [200; 3]);
    assert_eq!(statuses(&store, ("GET", "/docs/known")).await, [200, 200, 403]);
    assert_eq!(statuses(&store, ("GET", "/docs/own")).await, [403; 3]);
    assert_eq!(statuses(&store, ("PUT", "/docs/all")).await, [403; 3]);
    assert_eq!(statuses(&store, ("GET", "/docs/all?acl")).await, [403; 3]);
    let told = store.get("/docs/all?acl", &[]).await.ok();
    assert_eq!(told.elements("Permission"), ["FULL_CONTROL", "READ"]);
    assert_eq!(told.elements("URI"), ["http://acs.amazonaws.com/groups/global/AllUsers"]);
    store
        .set_policy(r#"{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/all"}"#)
        .await;
    assert_eq!(statuses(&store, ("GET", "/docs/all")).await, [403; 3], "a policy that denies counts for more");
    assert_eq!(statuses(&store, ("GET", "/docs/known")).await, [200, 200, 403], "beside a policy");
}

#[tokio::test]
async fn a_grant_on_a_bucket_gives_the_actions_of_the_bucket() {
    let store = with_acls().await;
    store.put("/docs/key", &[], "x").await.ok();
    let all = [
        ("x-amz-grant-read", ("GET", "/docs")),
        ("x-amz-grant-read", ("HEAD", "/docs")),
        ("x-amz-grant-read", ("GET", "/docs?versions")),
        ("x-amz-grant-read", ("GET", "/docs?uploads")),
        ("x-amz-grant-write", ("PUT", "/docs/new")),
        ("x-amz-grant-read-acp", ("GET", "/docs?acl")),
    ];
    for (header, _) in all {
        store.put("/docs?acl", &[(header, &granted(OTHER))], "").await.ok();
        for (of, asked) in all {
            let expected = if of == header { 200 } else { 403 };
            assert_eq!(statuses(&store, asked).await, [expected, 403, 403], "{header}: {asked:?}");
        }
        for asked in [("GET", "/docs/key"), ("DELETE", "/docs/key"), ("DELETE", "/docs"), ("GET", "/docs?policy")] {
            assert_eq!(statuses(&store, asked).await, [403; 3], "{header}: {asked:?}");
        }
    }
    store.put("/docs?acl", &[("x-amz-acl", "public-read-write")], "").await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs")).await, [200; 3]);
    assert_eq!(statuses(&store, ("PUT", "/docs/new")).await, [200; 3]);
    store.put("/docs?acl", &[("x-amz-acl", "private")], "").await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs")).await, [403; 3]);
}

#[tokio::test]
async fn settings_of_the_bucket_keep_acls_from_counting() {
    let store = with_acls().await;
    store.put("/docs?acl", &[("x-amz-grant-read", &granted(OTHER))], "").await.ok();
    store.put("/docs/all", &[("x-amz-grant-read", EVERYONE)], "x").await.ok();
    let block =
        |name: &str| format!("<PublicAccessBlockConfiguration><{name}>true</{name}></PublicAccessBlockConfiguration>");
    store.put("/docs?publicAccessBlock", &[], block("IgnorePublicAcls")).await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs/all")).await, [403; 3]);
    assert_eq!(statuses(&store, ("GET", "/docs")).await, [200, 403, 403], "one that is not public counts");
    store.put("/docs?publicAccessBlock", &[], block("BlockPublicAcls")).await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs/all")).await, [200; 3], "those that are there count");
    for uri in ["/docs?acl", "/docs/all?acl", "/docs/new"] {
        for acl in [("x-amz-acl", "public-read"), ("x-amz-grant-read", EVERYONE), ("x-amz-acl", "authenticated-read")] {
            assert_eq!(store.put(uri, &[acl], "").await.error(), (403, "AccessDenied".into()), "{uri} {acl:?}");
        }
    }
    let enforced =
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
    let refused = store.put("/docs?ownershipControls", &[], enforced).await;
    assert_eq!(refused.error(), (400, "InvalidBucketAclWithObjectOwnership".into()));
    store.put("/docs?acl", &[("x-amz-acl", "private")], "").await.ok();
    store.put("/docs?ownershipControls", &[], enforced).await.ok();
    assert_eq!(statuses(&store, ("GET", "/docs/all")).await, [403; 3]);
    assert_eq!(store.get("/docs/all?acl", &[]).await.ok().elements("Permission"), ["FULL_CONTROL"]);
}

#[tokio::test]
async fn an_acl_goes_with_what_is_made_and_outlives_a_restart() {
    let store = with_acls().await;
    let public = [("x-amz-acl", "public-read")];
    store.put("/docs/key", &public, "x").await.ok();
    store.put("/docs/copy", &[("x-amz-copy-source", "docs/key")], "").await.ok();
    store.put("/docs/shared", &[("x-amz-copy-source", "docs/key"), public[0]], "").await.ok();
    let upload = store.send("POST", "/docs/big?uploads", &public, "").await.ok().element("UploadId").unwrap();
    let part = store.put(&format!("/docs/big?partNumber=1&uploadId={upload}"), &[], "x").await.ok();
    let etag = part.header("etag").unwrap();
    let body = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    store.send("POST", &format!("/docs/big?uploadId={upload}"), &[], body).await.ok();
    let made = [("x-amz-object-ownership", "ObjectWriter"), ("x-amz-grant-read", &*granted(OTHER))];
    store.put("/mine", &made, "").await.ok();
    let store = Store { s3: open(store.dir.path()), dir: store.dir };
    for (key, expected) in [("key", 200), ("copy", 403), ("shared", 200), ("big", 200)] {
        let uri = format!("/docs/{key}");
        assert_eq!(statuses(&store, ("GET", &uri)).await, [expected; 3], "{key}");
    }
    assert_eq!(statuses(&store, ("GET", "/mine")).await, [200, 403, 403]);
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    store.put("/docs?versioning", &[], versioning).await.ok();
    let own = store.put("/docs/key", &[], "y").await.ok().header("x-amz-version-id").unwrap().to_owned();
    assert_eq!(statuses(&store, ("GET", "/docs/key")).await, [403; 3]);
    assert_eq!(statuses(&store, ("GET", "/docs/key?versionId=null")).await, [200; 3]);
    let of_version = format!("/docs/key?acl&versionId={own}");
    store.put(&of_version, &public, "").await.ok();
    assert_eq!(statuses(&store, ("GET", &format!("/docs/key?versionId={own}"))).await, [200; 3]);
}

#[tokio::test]
async fn a_document_is_an_acl_of_the_owner_with_grants_that_can_be() {
    let store = with_acls().await;
    store.put("/docs/key", &[], "x").await.ok();
    let own = id(me().scope.account.as_str());
    let document = |owner: &str, grantee: &str, permission: &str| {
        format!(
            "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList><Grant><Grantee \
             xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" {grantee}</Grantee><Permission>{permission}\
             </Permission></Grant></AccessControlList></AccessControlPolicy>"
        )
    };
    let of_user = format!("xsi:type=\"CanonicalUser\"><ID>{}</ID>", id(OTHER));
    for uri in ["/docs?acl", "/docs/key?acl"] {
        store.put(uri, &[], document(&own, &of_user, "READ")).await.ok();
        let told = store.get(uri, &[]).await.ok();
        assert_eq!(told.elements("Permission"), ["READ"]);
        let ids: HashSet<_> = told.elements("ID").into_iter().collect();
        assert_eq!(ids, HashSet::from([own.clone(), id(OTHER)]));
        // What was read can be put back.
        store.put(uri, &[], told.text()).await.ok();
        for (body, expected) in [
            (document(&id(OTHER), &of_user, "READ"), (403, "AccessDenied")),
            (document(&own, &of_user, "EVERYTHING"), (400, "MalformedACLError")),
            (document(&own, "xsi:type=\"CanonicalUser\"><ID>12</ID>", "READ"), (400, "InvalidArgument")),
            (document(&own, "xsi:type=\"Group\"><URI>http://example.com</URI>", "READ"), (400, "InvalidArgument")),
            (
                document(&own, "xsi:type=\"AmazonCustomerByEmail\"><EmailAddress>a@b.c</EmailAddress>", "READ"),
                (400, "UnresolvableGrantByEmailAddress"),
            ),
        ] {
            assert_eq!(store.put(uri, &[], body).await.error(), (expected.0, expected.1.into()), "{uri}");
        }
        let both = store.put(uri, &[("x-amz-acl", "private")], document(&own, &of_user, "READ")).await;
        assert_eq!(both.error(), (400, "UnexpectedContent".into()));
        let mixed = [("x-amz-acl", "private"), ("x-amz-grant-read", EVERYONE)];
        assert_eq!(store.put(uri, &mixed, "").await.error(), (400, "InvalidRequest".into()));
        assert_eq!(store.get(uri, &[]).await.ok().elements("Permission"), ["READ"]);
    }
    assert_eq!(statuses(&store, ("GET", "/docs/key")).await, [200, 403, 403]);
    assert_eq!(store.put("/docs/none?acl", &[("x-amz-acl", "private")], "").await.error(), (404, "NoSuchKey".into()));
}
