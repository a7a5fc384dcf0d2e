//! What the running daemon is asked: over the world and the plan of one moment, with what its services know.

use std::net::{IpAddr, Ipv4Addr};

use sidegate_iam::{Path, Principal, Requirement};
use sidegate_services::{Caller, Supposed};
use tokio::task::spawn_blocking;

use super::bucket::{Buckets, LISTING, arn};
use super::{Asked, AssertionFile, ReachError, Stand, Told, answer};
use crate::clock;
use crate::engine::Engine;
use crate::explain::Grounds;

/// Answers a question.
///
/// # Errors
/// In words for the user.
pub(crate) async fn told(engine: &Engine, grounds: Option<&Grounds>, asked: Asked) -> Result<Told, String> {
    let mut buckets = Buckets::new();
    if let Asked::Assertions { name, text } = &asked {
        let file = AssertionFile::parse(name, text).map_err(|error| error.to_string())?;
        for bucket in file.buckets() {
            buckets.insert(bucket.clone(), required_of(grounds, bucket).await);
        }
    }
    let (world, plan) = engine.settled().await;
    let told = spawn_blocking(move || answer(&Stand::of(&world, &plan), &asked, &buckets)).await;
    told.map_err(|broken| broken.to_string())?.map_err(|error: ReachError| error.to_string())
}

/// What has to be allowed of those who list a bucket.
async fn required_of(grounds: Option<&Grounds>, bucket: &str) -> Result<Requirement, String> {
    let grounds = grounds.ok_or("no services answer here")?;
    let s3 = grounds.services.iter().find(|own| own.name() == "s3").ok_or("S3 is not emulated here")?;
    let asking = Caller {
        request_id: "reach".to_owned(),
        principal: Principal::Anonymous,
        scope: grounds.home.clone(),
        access_key: None,
        // What is required does not depend on it.
        path: Path::Public { source: IpAddr::V4(Ipv4Addr::UNSPECIFIED) },
        now: clock::now_ms(),
    };
    match s3.suppose(LISTING, &arn(bucket), &asking).await? {
        // A bucket that somebody has is somebody's.
        Supposed::Required(required) => {
            let own = required.into_iter().find(|own| own.owner().is_some());
            own.ok_or_else(|| format!("no bucket `{bucket}` is kept here"))
        }
        Supposed::Elsewhere(_) => Err(format!("no bucket `{bucket}` is kept here")),
        Supposed::NotOfAction { form } => Err(format!("`{bucket}` is no bucket; one is named like {form}")),
    }
}
