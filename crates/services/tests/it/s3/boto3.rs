//! A real client: boto3 over HTTP.

use std::sync::Arc;

use http::Request;
use sidegate_services::{Body, Service as _};

use super::{ACCESS_KEY, Notes, SECRET, Store, me};
use crate::client;

/// Serves S3 on a port of 127.0.0.1, to whoever signs with the one key.
pub(super) async fn serve(store: Arc<Store>) -> u16 {
    client::serve(move |request: Request<Body>| {
        let store = Arc::clone(&store);
        async move {
            let mut caller = me();
            caller.now = client::now();
            let presigned = request.uri().query().is_some_and(|query| query.contains("X-Amz-Credential"));
            if presigned || request.headers().contains_key("authorization") {
                caller.access_key = Some(ACCESS_KEY.to_owned());
            }
            store.s3.handle(request, &caller, &Notes::default()).await
        }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_works_unmodified() {
    let store = Arc::new(Store::new());
    let port = serve(Arc::clone(&store)).await;
    let key = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    if client::boto3(include_str!("session.py"), port, &key).await {
        assert!(store.files().is_empty(), "what was deleted is gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_puts_configurations_and_gets_them_back() {
    let store = Arc::new(Store::new());
    let port = serve(Arc::clone(&store)).await;
    let key = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    client::boto3(include_str!("configurations.py"), port, &key).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn boto3_grants_restores_and_blocks() {
    let store = Arc::new(Store::new());
    let port = serve(Arc::clone(&store)).await;
    let key = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    if client::boto3(include_str!("edges.py"), port, &key).await {
        assert!(store.files().is_empty(), "what was deleted is gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_form_that_boto3_makes_uploads_an_object() {
    let store = Arc::new(Store::new());
    let port = serve(Arc::clone(&store)).await;
    let key = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET)];
    if client::boto3(include_str!("forms.py"), port, &key).await {
        assert!(store.files().is_empty(), "what was refused or deleted is gone");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "serves until it is killed, for measurements by hand"]
async fn serves_until_it_is_killed() {
    let store = Arc::new(Store::new());
    let port = serve(Arc::clone(&store)).await;
    println!("listening on 127.0.0.1:{port}, objects in {}", store.dir.path().display());
    std::future::pending::<()>().await;
}
