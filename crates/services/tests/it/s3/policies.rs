//! Bucket policies: stored, refused, and in force.

mod acls;

use std::sync::Mutex;

use sidegate_iam::{Attached, Context, Denial, Policies, Policy, PolicyType, Principal, Request, Requirement, decide};
use sidegate_services::{Authorizer, Caller};

use super::{Answer, Store, caller, me, open, request};

const OTHER: &str = "444455556666";

/// Decides as the gate does, for a principal with a policy of its own.
struct Engine {
    principal: Principal,
    own: Option<&'static str>,
    context: Context,
    asked: Mutex<Vec<Requirement>>,
}

impl Engine {
    fn of(principal: Principal, own: Option<&'static str>) -> Self {
        Self { principal, own, context: Context::new(), asked: Mutex::default() }
    }
}

impl Authorizer for Engine {
    fn authorize(&self, _: &str, requirements: &[Requirement]) -> Result<(), Denial> {
        self.asked.lock().unwrap().extend(requirements.iter().cloned());
        let own = self.own.map(|text| Attached::from(Policy::parse(text, PolicyType::Identity).unwrap()));
        let policies = Policies { identity: own.into_iter().collect(), ..Policies::default() };
        for requirement in requirements {
            let request = Request { principal: &self.principal, context: &self.context, requirement };
            if let Some(mut denial) = decide(&request, &policies).denial(&request, &policies) {
                denial.is_discreet = requirement.owner().as_ref() != self.principal.account();
                return Err(denial);
            }
        }
        Ok(())
    }
}

const ALL: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;

fn user(account: &str) -> Principal {
    Principal::user(account.parse::<sidegate_iam::Account>().unwrap(), "/", "ann")
}

fn as_principal(principal: &Principal) -> Caller {
    let account = principal.account().map_or_else(|| "111122223333".to_owned(), ToString::to_string);
    Caller { principal: principal.clone(), ..caller(&account, "us-east-1") }
}

impl Store {
    /// Sends a request of a principal, which is decided by its own policy and that of the bucket.
    async fn ask(
        &self, principal: &Principal, own: Option<&'static str>, method: &str, uri: &str, body: &str,
    ) -> Answer {
        let engine = Engine::of(principal.clone(), own);
        let request = request(method, uri, &[], body.to_owned());
        self.send_as(&as_principal(principal), &engine, request).await
    }

    async fn set_policy(&self, statement: &str) {
        let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        self.put("/docs?policy", &[], policy).await.ok();
    }

    /// Lets policies be public.
    async fn unblock(&self) {
        self.delete("/docs?publicAccessBlock").await.ok();
    }
}

#[tokio::test]
async fn a_policy_is_stored_as_it_was_put_and_survives() {
    let store = Store::with_bucket("docs").await;
    let policy = r#"{ "Version": "2012-10-17", "Statement": [{"Sid": "one", "Effect": "Allow",
        "Principal": {"AWS": ["111122223333"]}, "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::docs/*"}] }"#;
    assert_eq!(store.get("/docs?policy", &[]).await.error(), (404, "NoSuchBucketPolicy".into()));
    assert_eq!(store.put("/docs?policy", &[], policy).await.ok().status, 204);
    let read = store.get("/docs?policy", &[]).await.ok();
    assert_eq!((read.header("content-type"), read.text().as_str()), (Some("application/json"), policy));
    let reopened = Store { s3: open(store.dir.path()), dir: store.dir };
    assert_eq!(reopened.get("/docs?policy", &[]).await.ok().text(), policy);
    let status = reopened.get("/docs?policyStatus", &[]).await.ok();
    assert_eq!(status.element("IsPublic").unwrap(), "false");
    for _ in 0..2 {
        assert_eq!(reopened.delete("/docs?policy").await.status, 204, "without a policy too");
    }
    let missing = reopened.get("/docs?policy", &[]).await;
    assert_eq!(missing.error(), (404, "NoSuchBucketPolicy".into()));
    assert_eq!(missing.element("Message").unwrap(), "The bucket policy does not exist");
    assert_eq!(missing.element("BucketName").unwrap(), "docs");
    for method in ["GET", "PUT", "DELETE"] {
        let body = if method == "PUT" { policy } else { "" };
        let none = reopened.send(method, "/none?policy", &[], body).await;
        assert_eq!(none.error(), (404, "NoSuchBucket".into()), "{method}");
    }
}

#[tokio::test]
async fn a_malformed_policy_is_refused_and_leaves_the_old_one() {
    let store = Store::with_bucket("docs").await;
    store
        .set_policy(r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::docs/a"}"#)
        .await;
    let before = store.get("/docs?policy", &[]).await.ok().text();
    for (policy, message) in [
        ("", "Policies must be valid JSON and the first byte must be '{'"),
        (
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/*"}]}"#,
            "Missing required field Principal",
        ),
        (
            r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::other/*"}]}"#,
            "Policy has invalid resource",
        ),
    ] {
        let refused = store.put("/docs?policy", &[], policy).await;
        assert_eq!(refused.error(), (400, "MalformedPolicy".into()), "{policy}");
        assert_eq!(refused.element("Message").unwrap(), message);
    }
    assert_eq!(store.get("/docs?policy", &[]).await.ok().text(), before);
}

#[tokio::test]
async fn a_policy_grants_to_other_accounts_whose_own_policies_must_allow_too() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "x").await.ok();
    let stranger = user(OTHER);
    let denied = store.ask(&stranger, Some(ALL), "GET", "/docs/key", "").await;
    assert_eq!(denied.error(), (403, "AccessDenied".into()));
    assert_eq!(denied.element("Message").unwrap(), "Access Denied", "a stranger is not told why");
    store
        .set_policy(
            r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":["s3:GetObject","s3:PutObject"],
            "Resource":"arn:aws:s3:::docs/*"}"#,
        )
        .await;
    assert_eq!(store.ask(&stranger, Some(ALL), "GET", "/docs/key", "").await.ok().text(), "x");
    store.ask(&stranger, Some(ALL), "PUT", "/docs/theirs", "y").await.ok();
    assert_eq!(store.ask(&stranger, None, "GET", "/docs/key", "").await.error(), (403, "AccessDenied".into()));
    for (method, uri) in [("DELETE", "/docs/key"), ("GET", "/docs"), ("GET", "/docs?policy")] {
        let denied = store.ask(&stranger, Some(ALL), method, uri, "").await;
        assert_eq!(denied.error(), (403, "AccessDenied".into()), "{method} {uri}");
    }
    // The object belongs to the bucket's owner.
    store.delete("/docs/theirs").await.ok();
}

#[tokio::test]
async fn only_the_owners_account_may_touch_the_policy_whatever_it_says() {
    let store = Store::with_bucket("docs").await;
    store
        .set_policy(
            r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:*","Resource":"arn:aws:s3:::docs"}"#,
        )
        .await;
    for method in ["GET", "DELETE"] {
        let refused = store.ask(&user(OTHER), Some(ALL), method, "/docs?policy", "").await;
        assert_eq!(refused.error(), (405, "MethodNotAllowed".into()), "{method}");
    }
    let locked =
        r#"{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::docs","arn:aws:s3:::docs/*"]}"#;
    store.set_policy(locked).await;
    let (root, own) = (me().principal, user("111122223333"));
    assert_eq!(store.ask(&own, Some(ALL), "DELETE", "/docs?policy", "").await.error(), (403, "AccessDenied".into()));
    let listed = store.ask(&root, None, "GET", "/docs", "").await;
    assert_eq!(
        listed.element("Message").unwrap(),
        "User: arn:aws:iam::111122223333:root is not authorized to perform: s3:ListBucket on resource: \
         \"arn:aws:s3:::docs\" with an explicit deny in a resource-based policy"
    );
    store.ask(&root, None, "GET", "/docs?policy", "").await.ok();
    store.ask(&root, None, "DELETE", "/docs?policy", "").await.ok();
    store.ask(&root, None, "GET", "/docs", "").await.ok();
}

#[tokio::test]
async fn a_missing_object_is_told_to_those_alone_who_may_list() {
    let store = Store::with_bucket("docs").await;
    const READ: &str = r#"{"Statement":{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"}}"#;
    let ann = user("111122223333");
    let hidden = store.ask(&ann, Some(READ), "GET", "/docs/none", "").await;
    assert_eq!(hidden.error(), (403, "AccessDenied".into()));
    assert_eq!(
        hidden.element("Message").unwrap(),
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: s3:ListBucket on resource: \
         \"arn:aws:s3:::docs\" because no identity-based policy allows the s3:ListBucket action"
    );
    assert_eq!(store.ask(&ann, Some(READ), "HEAD", "/docs/none", "").await.status, 403);
    let copy = request("PUT", "/docs/copy", &[("x-amz-copy-source", "docs/none")], "");
    let copied = store.send_as(&as_principal(&ann), &Engine::of(ann.clone(), Some(READ)), copy).await;
    assert_eq!(copied.error(), (403, "AccessDenied".into()));
    assert_eq!(store.ask(&ann, Some(ALL), "GET", "/docs/none", "").await.error(), (404, "NoSuchKey".into()));
    assert_eq!(store.ask(&ann, Some(ALL), "HEAD", "/docs/none", "").await.status, 404);
}

#[tokio::test]
async fn what_is_made_with_an_acl_or_an_ownership_needs_the_permission_for_it() {
    const MAKE: &str = r#"{"Statement":{"Effect":"Allow","Action":["s3:PutObject","s3:CreateBucket"],"Resource":"*"}}"#;
    let store = Store::with_bucket("docs").await;
    let ann = user("111122223333");
    let send = async |own, method: &str, uri: &str, header: Option<(&str, &str)>| {
        let headers: Vec<_> = header.into_iter().collect();
        let engine = Engine::of(ann.clone(), Some(own));
        store.send_as(&as_principal(&ann), &engine, request(method, uri, &headers, "")).await
    };
    let acl = Some(("x-amz-acl", "bucket-owner-full-control"));
    for (method, uri) in [("PUT", "/docs/k"), ("POST", "/docs/k?uploads")] {
        send(MAKE, method, uri, None).await.ok();
        let refused = send(MAKE, method, uri, acl).await;
        assert_eq!(refused.error(), (403, "AccessDenied".into()), "{method} {uri}");
        assert!(refused.element("Message").unwrap().contains("s3:PutObjectAcl on resource: \"arn:aws:s3:::docs/k\""));
        send(ALL, method, uri, acl).await.ok();
    }
    send(MAKE, "PUT", "/plain", Some(("x-amz-acl", "private"))).await.ok();
    let owned = Some(("x-amz-object-ownership", "ObjectWriter"));
    // Whose a bucket is that there is not nobody knows here, so that no reason is told.
    assert_eq!(send(MAKE, "PUT", "/owned", owned).await.error(), (403, "AccessDenied".into()));
    assert_eq!(send(MAKE, "PUT", "/shared", Some(("x-amz-acl", "public-read"))).await.status, 403);
    send(ALL, "PUT", "/owned", owned).await.ok();
}

#[tokio::test]
async fn a_refusal_is_xml_whatever_stands_in_the_request() {
    let store = Store::with_bucket("docs").await;
    let refused = store.ask(&me().principal, None, "PUT", "/docs?policy", "{\"Ef\\u0001\\ufffe\": 1}").await;
    assert_eq!(refused.error(), (400, "MalformedPolicy".into()));
    assert_eq!(refused.element("Message").unwrap(), "Unknown field Ef\u{FFFD}\u{FFFD}");
}

#[tokio::test]
async fn each_object_of_a_batch_is_deleted_or_denied_by_itself() {
    let store = Store::with_bucket("docs").await;
    for key in ["a", "b", "c"] {
        store.put(&format!("/docs/{key}"), &[], "x").await.ok();
    }
    store
        .set_policy(r#"{"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::docs/b"}"#)
        .await;
    let batch =
        "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object><Object><Key>c</Key></Object></Delete>";
    let answer = store.ask(&me().principal, None, "POST", "/docs?delete", batch).await.ok();
    let deleted = answer.elements("Deleted");
    assert!(deleted.len() == 2 && deleted[0].contains("<Key>a</Key>") && deleted[1].contains("<Key>c</Key>"));
    assert_eq!(answer.elements("Error").len(), 1);
    assert!(answer.element("Error").unwrap().contains("<Key>b</Key>"));
    assert_eq!(answer.element("Code").unwrap(), "AccessDenied");
    assert!(answer.element("Message").unwrap().ends_with("with an explicit deny in a resource-based policy"));
    assert_eq!(store.get("/docs", &[]).await.ok().elements("Key"), ["b"]);
    let none = store.ask(&me().principal, None, "POST", "/none?delete", batch).await;
    assert_eq!(none.error(), (404, "NoSuchBucket".into()));
}

/// The requirements of a request, with which nothing happens.
async fn required(store: &Store, request: http::Request<sidegate_services::Body>) -> Vec<Requirement> {
    let engine = Engine::of(user(OTHER), None);
    store.send_as(&me(), &engine, request).await;
    engine.asked.into_inner().unwrap()
}

#[tokio::test]
async fn requirements_carry_the_owner_the_policy_and_the_keys_of_the_action() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[("x-amz-tagging", "team=a")], "x").await.ok();
    store
        .set_policy(r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::docs/a"}"#)
        .await;
    let headers = [
        ("x-amz-acl", "private"),
        ("x-amz-storage-class", "STANDARD_IA"),
        ("x-amz-server-side-encryption", "AES256"),
        ("x-amz-tagging", "cost=b&team=c"),
        ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
        ("x-amz-object-lock-mode", "GOVERNANCE"),
        ("if-none-match", "*"),
    ];
    let listing = request("GET", "/docs?list-type=2&prefix=a/&delimiter=/&max-keys=7", &[], "");
    let copy = [("x-amz-copy-source", "docs/key"), ("x-amz-metadata-directive", "REPLACE")];
    let ireland =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    let tags = "<Tagging><TagSet><Tag><Key>cost</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let cases = [
        (
            request("PUT", "/docs/key", &headers, "x"),
            vec![
                "s3:if-none-match=*",
                "s3:object-lock-mode=GOVERNANCE",
                "s3:objectcreationoperation=true",
                "s3:requestobjecttag/cost=b",
                "s3:requestobjecttag/team=c",
                "s3:requestobjecttagkeys=cost,team",
                "s3:resourceaccount=111122223333",
                "s3:x-amz-acl=private",
                "s3:x-amz-content-sha256=UNSIGNED-PAYLOAD",
                "s3:x-amz-server-side-encryption=AES256",
                "s3:x-amz-storage-class=STANDARD_IA",
            ],
        ),
        (listing, vec!["s3:delimiter=/", "s3:max-keys=7", "s3:prefix=a/", "s3:resourceaccount=111122223333"]),
        (
            request("GET", "/docs/key?versionId=null", &[], ""),
            vec!["s3:existingobjecttag/team=a", "s3:resourceaccount=111122223333", "s3:versionid=null"],
        ),
        (
            request("DELETE", "/docs/key?versionId=null", &[], ""),
            vec!["s3:resourceaccount=111122223333", "s3:versionid=null"],
        ),
        (
            request("PUT", "/new", &[("x-amz-acl", "private")], ireland),
            vec!["s3:locationconstraint=eu-west-1", "s3:x-amz-acl=private"],
        ),
        (
            request("PUT", "/docs/key?tagging", &[], tags),
            vec![
                "s3:existingobjecttag/team=a",
                "s3:requestobjecttag/cost=b",
                "s3:requestobjecttagkeys=cost",
                "s3:resourceaccount=111122223333",
            ],
        ),
    ];
    for (request, expected) in cases {
        let asked = required(&store, request).await;
        let keys: Vec<String> =
            asked[0].context.iter().map(|(key, values)| format!("{key}={}", values.as_slice().join(","))).collect();
        assert_eq!(keys, expected);
        let is_new = asked[0].resource.ends_with(":new");
        assert_eq!(asked[0].resource_account.is_none(), is_new);
        assert_eq!(asked[0].resource_policy.is_none(), is_new);
    }
    let asked = required(&store, request("PUT", "/docs/copy", &copy, "")).await;
    let actions: Vec<String> = asked.iter().map(|r| format!("{} {}", r.action, r.resource)).collect();
    assert_eq!(
        actions,
        [
            "s3:GetObject arn:aws:s3:::docs/key",
            "s3:PutObject arn:aws:s3:::docs/copy",
            "s3:GetObjectTagging arn:aws:s3:::docs/key",
            "s3:PutObjectTagging arn:aws:s3:::docs/copy",
        ]
    );
    let has = |at: usize, key: &str| asked[at].context.values(key).is_some();
    assert!(has(1, "s3:x-amz-copy-source") && has(1, "s3:x-amz-metadata-directive"));
    assert!(
        !has(0, "s3:x-amz-copy-source") && has(0, "s3:ExistingObjectTag/team") && !has(1, "s3:ExistingObjectTag/team")
    );
}

#[tokio::test]
async fn a_name_that_no_bucket_has_is_told_to_everyone() {
    let store = Store::with_bucket("docs").await;
    let anonymous = Principal::Anonymous;
    assert_eq!(store.ask(&anonymous, None, "GET", "/none/key", "").await.error(), (404, "NoSuchBucket".into()));
    let head = store.ask(&anonymous, None, "HEAD", "/docs", "").await;
    assert_eq!((head.status.as_u16(), head.header("x-amz-bucket-region")), (403, Some("us-east-1")));
    let denied = store.ask(&anonymous, None, "GET", "/docs/key", "").await;
    assert_eq!(
        (denied.error(), denied.element("Message").unwrap()),
        ((403, "AccessDenied".into()), "Access Denied".into())
    );
}

#[tokio::test]
async fn an_index_without_policies_gets_room_for_them() {
    let dir = tempfile::tempdir().unwrap();
    let index = rusqlite::Connection::open(dir.path().join("s3.sqlite")).unwrap();
    index
        .execute_batch(
            "CREATE TABLE bucket (name TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
                 created INTEGER NOT NULL, tags TEXT NOT NULL) WITHOUT ROWID;
             CREATE TABLE object (
                 bucket TEXT NOT NULL, key BLOB NOT NULL, body TEXT NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
                 modified INTEGER NOT NULL, checksum TEXT NOT NULL, parts INTEGER NOT NULL, attributes TEXT NOT NULL,
                 tags TEXT NOT NULL, PRIMARY KEY (bucket, key)) WITHOUT ROWID;
             CREATE TABLE piece (body TEXT NOT NULL, number INTEGER NOT NULL, start INTEGER NOT NULL,
                 size INTEGER NOT NULL, file TEXT NOT NULL, checksum TEXT NOT NULL, PRIMARY KEY (body, number)) WITHOUT ROWID;
             CREATE TABLE upload (bucket TEXT NOT NULL, key BLOB NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL,
                 algorithm TEXT NOT NULL, attributes TEXT NOT NULL, tags TEXT NOT NULL,
                 PRIMARY KEY (bucket, key, id)) WITHOUT ROWID;
             CREATE TABLE part (upload TEXT NOT NULL, number INTEGER NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL,
                 md5 TEXT NOT NULL, checksum TEXT NOT NULL, modified INTEGER NOT NULL, PRIMARY KEY (upload, number)) WITHOUT ROWID;
             INSERT INTO bucket VALUES ('docs', '111122223333', 'us-east-1', 1750000000000, '{}');
             PRAGMA user_version = 1;",
        )
        .unwrap();
    drop(index);
    let store = Store { s3: open(dir.path()), dir };
    store.put("/docs/key", &[], "x").await.ok();
    assert_eq!(store.get("/docs?policy", &[]).await.error(), (404, "NoSuchBucketPolicy".into()));
    store
        .set_policy(r#"{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::docs/a"}"#)
        .await;
    let reopened = Store { s3: open(store.dir.path()), dir: store.dir };
    reopened.get("/docs?policy", &[]).await.ok();
    let answer = reopened.get("/docs?publicAccessBlock", &[]).await.ok();
    assert_eq!(answer.element("BlockPublicPolicy").unwrap(), "true");
}

const READ_BY_ALL: &str =
    r#"{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/*"}"#;

#[tokio::test]
async fn a_public_policy_is_refused_while_it_is_blocked_and_serves_everyone_after() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "x").await.ok();
    let policy = format!(r#"{{"Statement":[{READ_BY_ALL}]}}"#);
    let refused = store.put("/docs?policy", &[], policy).await;
    assert_eq!(refused.error(), (403, "AccessDenied".into()));
    assert_eq!(
        refused.element("Message").unwrap(),
        "User: arn:aws:iam::111122223333:root is not authorized to perform: s3:PutBucketPolicy on resource: \
         \"arn:aws:s3:::docs\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block \
         Public Access."
    );
    let missing = store.get("/docs?policyStatus", &[]).await;
    assert_eq!(missing.error(), (404, "NoSuchBucketPolicy".into()));
    store.unblock().await;
    let none = store.get("/docs?publicAccessBlock", &[]).await;
    assert_eq!(none.error(), (404, "NoSuchPublicAccessBlockConfiguration".into()));
    store.set_policy(READ_BY_ALL).await;
    assert_eq!(store.get("/docs?policyStatus", &[]).await.ok().element("IsPublic").unwrap(), "true");
    let anyone = Principal::Anonymous;
    assert_eq!(store.ask(&anyone, None, "GET", "/docs/key", "").await.ok().text(), "x");
    assert_eq!(store.ask(&anyone, None, "PUT", "/docs/key", "y").await.error(), (403, "AccessDenied".into()));

    let restrict = "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets>\
        </PublicAccessBlockConfiguration>";
    store.put("/docs?publicAccessBlock", &[], restrict).await.ok();
    let read = store.get("/docs?publicAccessBlock", &[]).await.ok();
    let settings = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    assert_eq!(settings.map(|name| read.element(name).unwrap()), ["false", "false", "false", "true"]);
    for outsider in [anyone, user(OTHER)] {
        let denied = store.ask(&outsider, Some(ALL), "GET", "/docs/key", "").await;
        assert_eq!(denied.error(), (403, "AccessDenied".into()), "{outsider}");
    }
    let service = Principal::Service("cloudfront.amazonaws.com".into());
    for insider in [user("111122223333"), service] {
        assert_eq!(store.ask(&insider, None, "GET", "/docs/key", "").await.ok().text(), "x", "{insider}");
    }
}

#[tokio::test]
async fn a_policy_that_is_not_public_grants_to_other_accounts_though_public_ones_are_restricted() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "x").await.ok();
    let theirs = r#"{"Effect":"Allow","Principal":{"AWS":"444455556666"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/*"}"#;
    store.set_policy(theirs).await;
    store.ask(&user(OTHER), Some(ALL), "GET", "/docs/key", "").await.ok();
    // One public statement takes the grant of the other with it.
    store.unblock().await;
    store.set_policy(&format!("{theirs},{READ_BY_ALL}")).await;
    let restrict = "<PublicAccessBlockConfiguration><RestrictPublicBuckets>true</RestrictPublicBuckets>\
        </PublicAccessBlockConfiguration>";
    store.put("/docs?publicAccessBlock", &[], restrict).await.ok();
    let denied = store.ask(&user(OTHER), Some(ALL), "GET", "/docs/key", "").await;
    assert_eq!(denied.error(), (403, "AccessDenied".into()));
}

#[tokio::test]
async fn ownership_controls_are_kept_and_tell_whether_acls_may_be_spoken_of() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "x").await.ok();
    let controls = |name: &str| {
        format!("<OwnershipControls><Rule><ObjectOwnership>{name}</ObjectOwnership></Rule></OwnershipControls>")
    };
    let not_supported = (400, "AccessControlListNotSupported".to_owned());
    let private = [("x-amz-acl", "private")];
    let public = [("x-amz-acl", "public-read")];
    for uri in ["/docs?acl", "/docs/key?acl"] {
        for acl in [private, public] {
            assert_eq!(store.put(uri, &acl, "").await.error(), not_supported, "{uri}");
        }
    }
    assert_eq!(store.put("/docs/key", &public, "y").await.error(), not_supported);
    let grant = [("x-amz-grant-read", "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\"")];
    assert_eq!(store.put("/docs/key", &grant, "y").await.error(), not_supported);

    assert_eq!(store.put("/docs?ownershipControls", &[], controls("Mine")).await.error(), (400, "MalformedXML".into()));
    store.put("/docs?ownershipControls", &[], controls("BucketOwnerPreferred")).await.ok();
    let read = store.get("/docs?ownershipControls", &[]).await.ok();
    assert_eq!(read.element("ObjectOwnership").unwrap(), "BucketOwnerPreferred");
    for (uri, operation, resource) in [
        ("/docs?acl", "PutBucketAcl", "docs"),
        ("/docs/key?acl", "PutObjectAcl", "docs/key"),
        ("/docs/key", "PutObject", "docs/key"),
    ] {
        store.put(uri, &private, "").await.ok();
        for acl in [public, grant] {
            let blocked = store.put(uri, &acl, "").await;
            assert_eq!(blocked.error(), (403, "AccessDenied".into()), "{uri}");
            assert_eq!(
                blocked.element("Message").unwrap(),
                format!(
                    "User: arn:aws:iam::111122223333:root is not authorized to perform: s3:{operation} on resource: \
                     \"arn:aws:s3:::{resource}\" because public ACLs are prevented by the BlockPublicAcls setting in S3 \
                     Block Public Access."
                )
            );
        }
    }
    assert_eq!(store.put("/docs?acl", &[], "").await.error(), (400, "MissingSecurityHeader".into()));
    assert_eq!(store.put("/docs?acl", &[("x-amz-acl", "aws-exec-read")], "").await.error().0, 501);
    store.unblock().await;
    store.put("/docs/key", &public, "y").await.ok();
    // The ACL that every object has may be put back as it was read.
    let own = store.get("/docs?acl", &[]).await.ok().text();
    store.put("/docs?acl", &[], own).await.ok();
    store.delete("/docs?ownershipControls").await.ok();
    let none = store.get("/docs?ownershipControls", &[]).await;
    assert_eq!(none.error(), (404, "OwnershipControlsNotFoundError".into()));
}

#[tokio::test]
async fn a_new_bucket_has_the_ownership_that_it_is_made_with_and_no_public_acl() {
    let store = Store::with_bucket("docs").await;
    store.put("/mine", &[("x-amz-object-ownership", "ObjectWriter")], "").await.ok();
    let read = store.get("/mine?ownershipControls", &[]).await.ok();
    assert_eq!(read.element("ObjectOwnership").unwrap(), "ObjectWriter");
    let public = ("x-amz-acl", "public-read");
    let refused = store.put("/other", &[public], "").await;
    assert_eq!(refused.error(), (400, "InvalidBucketAclWithObjectOwnership".into()));
    let refused = store.put("/other", &[public, ("x-amz-object-ownership", "ObjectWriter")], "").await;
    assert_eq!(refused.error(), (400, "InvalidBucketAclWithBlockPublicAccessError".into()));
    let refused = store.put("/other", &[("x-amz-object-ownership", "Mine")], "").await;
    assert_eq!(refused.error(), (400, "InvalidArgument".into()));
}

#[tokio::test]
async fn conditions_and_locks_of_a_write_are_known_to_policies() {
    let store = Store::with_bucket("docs").await;
    let has = |requirement: &Requirement, key: &str| {
        requirement.context.values(key).map(|values| values.as_slice().join(","))
    };
    let operation = "s3:ObjectCreationOperation";
    for (method, uri, made) in [
        ("PUT", "/docs/key", "true"),
        ("POST", "/docs/key?uploads", "false"),
        ("PUT", "/docs/key?partNumber=1&uploadId=u", "false"),
    ] {
        let asked = required(&store, request(method, uri, &[], "")).await;
        assert_eq!(has(&asked[0], operation).as_deref(), Some(made), "{method} {uri}");
    }
    let done =
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>";
    let asked = required(&store, request("POST", "/docs/key?uploadId=u", &[("if-none-match", "*")], done)).await;
    assert_eq!(has(&asked[0], operation).as_deref(), Some("true"));
    assert_eq!(has(&asked[0], "s3:if-none-match").as_deref(), Some("*"));

    let etag = [("if-match", "\"00\"")];
    for method in ["PUT", "DELETE"] {
        let asked = required(&store, request(method, "/docs/key", &etag, "")).await;
        assert!(has(&asked[0], "s3:if-match").is_some_and(|value| value.contains("00")), "{method}");
        assert!(asked.iter().any(|requirement| requirement.action == "s3:GetObject"), "{method}");
    }
    let lock = [
        ("x-amz-object-lock-mode", "COMPLIANCE"),
        ("x-amz-object-lock-retain-until-date", "2025-06-25T15:06:41Z"),
        ("x-amz-object-lock-legal-hold", "ON"),
    ];
    let asked = required(&store, request("PUT", "/docs/key", &lock, "")).await;
    for action in ["s3:PutObject", "s3:PutObjectRetention", "s3:PutObjectLegalHold"] {
        let requirement = asked.iter().find(|requirement| requirement.action == action).unwrap();
        assert_eq!(has(requirement, "s3:object-lock-remaining-retention-days").as_deref(), Some("10"), "{action}");
        assert_eq!(has(requirement, "s3:object-lock-mode").as_deref(), Some("COMPLIANCE"), "{action}");
        assert_eq!(has(requirement, "s3:object-lock-legal-hold").as_deref(), Some("ON"), "{action}");
    }
}
