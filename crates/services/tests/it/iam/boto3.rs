//! A real client: boto3 over HTTP, against IAM and STS.

use std::sync::Arc;

use http::Request;
use sidegate_services::{Body, Caller, Service};

use super::{Notes, World, keys, me};
use crate::client;

/// The access key and the service in the signature of a request, which nobody verifies here.
fn signed(request: &Request<Body>) -> Option<(String, String)> {
    let header = request.headers().get("authorization")?.to_str().ok()?;
    let mut scope = header.split_once("Credential=")?.1.split(',').next()?.split('/');
    Some((scope.next()?.to_owned(), scope.nth(2)?.to_owned()))
}

fn whose(world: &World, request: &Request<Body>) -> (Caller, bool) {
    let mut caller = me();
    caller.now = client::now();
    let (key, service) = signed(request).unwrap_or_default();
    if let Some(owner) = world.iam.directory().credential(&key, caller.now) {
        caller.scope.account = owner.account;
        caller.access_key = Some(key);
    }
    (caller, service == "sts")
}

/// Serves IAM and STS on a port of 127.0.0.1. Whose a request is follows from its access key alone.
async fn serve(world: Arc<World>) -> u16 {
    client::serve(move |request: Request<Body>| {
        let world = Arc::clone(&world);
        async move {
            let (caller, is_sts) = whose(&world, &request);
            let service: &dyn Service = if is_sts { &world.sts } else { &world.iam };
            service.handle(request, &caller, &Notes::default()).await
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_works_unmodified() {
    let port = serve(Arc::new(World::new())).await;
    let own = keys::made(|_| {});
    let variables = [
        ("SIDEGATE_SSH_KEY", keys::SSH),
        ("SIDEGATE_CERTIFICATE", &own.certificate),
        ("SIDEGATE_PRIVATE_KEY", &own.key),
    ];
    client::boto3(include_str!("session.py"), port, &variables).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_and_the_aws_cli_simulate_policies_as_aws_shows_it() {
    let port = serve(Arc::new(World::new())).await;
    client::boto3(include_str!("simulate.py"), port, &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves until it is killed, for clients that are tried by hand"]
async fn serves_until_it_is_killed() {
    let world = Arc::new(World::new());
    let port = serve(Arc::clone(&world)).await;
    println!("listening on 127.0.0.1:{port}, identities in {}", world.dir.path().display());
    std::future::pending::<()>().await;
}
