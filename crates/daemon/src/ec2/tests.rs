//! The API without sockets: parameters in, documents out, over an engine that applies nothing.

mod network;
mod nothing;

use std::sync::Arc;

use async_trait::async_trait;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use sidegate_iam::{Denial, Path, Principal, Requirement};
use sidegate_model::{Context, Error, Scope, World};
use sidegate_plan::Plan;
use sidegate_services::iam::Iam;
use sidegate_services::reserve::Reserve;
use sidegate_services::{Authorizer, Body, Caller, Service as _};

pub(super) use self::network::Network;
use super::Ec2;
use crate::deliveries::Deliveries;
use crate::engine::{Actuator, ApplyError, Engine};
use crate::store::Store;

/// Applies nothing.
struct Paper;

#[async_trait]
impl Actuator for Paper {
    async fn apply(&self, _: &Arc<Plan>) -> Result<(), ApplyError> {
        Ok(())
    }
}

struct Permissive;

impl Authorizer for Permissive {
    fn authorize(&self, _: &str, _: &[Requirement]) -> Result<(), Denial> {
        Ok(())
    }
}

/// A client of an API of its own.
pub(super) struct Api {
    ec2: Ec2,
    iam: Iam,
    /// What the API is told of the deliveries of flow logs.
    pub(super) deliveries: Deliveries,
    _directory: tempfile::TempDir,
    account: &'static str,
    region: &'static str,
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) xml: String,
}

impl Api {
    /// An API whose accounts have no default VPC, since most tests want to see only what they make.
    pub(super) fn new() -> Self {
        let api = Self::fresh();
        api.close();
        api
    }

    /// An API that nobody has called yet.
    pub(super) fn fresh() -> Self {
        let store = Arc::new(Store::open(std::path::Path::new(":memory:")).unwrap());
        let mut state = 7_u64;
        // SplitMix64: ids are the same in every run.
        let entropy = move || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        let engine = Engine::open(store, Box::new(entropy)).unwrap();
        engine.drive(Arc::new(Paper));
        let directory = tempfile::tempdir().unwrap();
        let iam = Iam::open(directory.path(), Reserve::of(directory.path())).unwrap();
        let deliveries = Deliveries::default();
        let ec2 = Ec2::new(engine, iam.directory(), deliveries.clone());
        Self { ec2, iam, deliveries, _directory: directory, account: "123456789012", region: "us-east-1" }
    }

    /// Calls an action; parameters are `name=value` pairs as they stand on the wire, without escapes.
    pub(super) fn call(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.request(action, parameters))
    }

    /// Makes a role that trusts EC2, and an instance profile of its name with it.
    pub(super) fn make_role(&self, name: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(crate::role_sessions::tests::make_role(&self.iam, name));
    }

    /// Calls IAM, which must succeed.
    pub(super) fn iam(&self, action: &str, parameters: &[(&str, &str)]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(crate::role_sessions::tests::call(&self.iam, action, parameters));
    }

    /// Changes the world past the API: for what comes before the part that is tested.
    pub(super) fn change<T: Send + 'static>(
        &self, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error> + Send + 'static,
    ) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.ec2.engine.change(self.scope(), command)).unwrap()
    }

    /// The world as it is.
    pub(super) fn world(&self) -> Arc<World> {
        self.ec2.engine.world()
    }

    /// Calls in the name of another account from now on.
    pub(super) fn switch_account(&mut self, account: &'static str) {
        self.account = account;
        self.close();
    }

    /// Keeps the account from getting a default VPC.
    fn close(&self) {
        self.change(|world, context| {
            world.note_opened(&context.scope);
            Ok(())
        });
    }

    /// Calls in another Region from now on.
    pub(super) fn switch_region(&mut self, region: &'static str) {
        self.region = region;
    }

    fn scope(&self) -> Scope {
        Scope { account: self.account.parse().unwrap(), region: self.region.parse().unwrap() }
    }

    async fn request(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let escape = |text: &str| {
            text.bytes().fold(String::new(), |mut escaped, byte| {
                if byte.is_ascii_alphanumeric() {
                    escaped.push(char::from(byte));
                } else {
                    escaped.push_str(&format!("%{byte:02X}"));
                }
                escaped
            })
        };
        let mut form = format!("Action={action}&Version=2016-11-15");
        for (name, value) in parameters {
            form.push_str(&format!("&{}={}", escape(name), escape(value)));
        }
        let body: Body = Full::new(form.into()).map_err(|never| match never {}).boxed_unsync();
        let request = Request::post("/").body(body).unwrap();
        let scope = self.scope();
        let caller = Caller {
            request_id: "req-1".to_owned(),
            principal: Principal::Root(scope.account.clone().into()),
            scope,
            access_key: None,
            path: Path::Public { source: [127, 0, 0, 1].into() },
            now: 1_700_000_000_000,
        };
        let response = self.ec2.handle(request, &caller, &Permissive).await;
        let status = response.status();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, xml: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    /// Calls an action that must succeed.
    pub(super) fn ok(&self, action: &str, parameters: &[(&str, &str)]) -> Answer {
        let answer = self.call(action, parameters);
        assert_eq!(answer.status, StatusCode::OK, "{action}: {}", answer.xml);
        answer
    }

    /// Calls an action that must be refused: its code and message.
    pub(super) fn refused(&self, action: &str, parameters: &[(&str, &str)]) -> (String, String) {
        let answer = self.call(action, parameters);
        assert_ne!(answer.status, StatusCode::OK, "{action}: {}", answer.xml);
        (answer.text("Code"), answer.text("Message"))
    }
}

impl Answer {
    /// The text of the first element of this name; empty if there is none.
    pub(super) fn text(&self, element: &str) -> String {
        self.texts(element).into_iter().next().unwrap_or_default()
    }

    /// The texts of all elements of this name.
    pub(super) fn texts(&self, element: &str) -> Vec<String> {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        let parts = self.xml.split(&open).skip(1);
        parts
            .filter_map(|part| part.split_once(&close))
            .map(|(text, _)| {
                text.replace("&quot;", "\"")
                    .replace("&apos;", "'")
                    .replace("&lt;", "<")
                    .replace("&gt;", ">")
                    .replace("&amp;", "&")
            })
            .collect()
    }
}

#[test]
fn an_action_that_ec2_has_and_sidegate_lacks_is_told_from_one_that_nobody_has() {
    let api = Api::new();
    assert_eq!(api.refused("CreateTransitGateway", &[]).0, "NotImplemented");
    assert_eq!(api.refused("CreateCake", &[]).0, "InvalidAction");
}
