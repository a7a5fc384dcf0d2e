//! The upkeep of Secrets Manager: rotations whose time has come, and secrets whose waiting period is over.

use std::sync::Arc;
use std::time::Duration;

use sidegate_services::secretsmanager::SecretsManager;

use crate::clock;

/// How long after one round the next one begins. Windows open on the hour, and attempts are minutes apart.
const PAUSE: Duration = Duration::from_secs(20);

/// Keeps the secrets up for ever. What was due while nothing ran is made up for at once.
pub(crate) async fn run(secrets: Arc<SecretsManager>) {
    loop {
        if let Err(error) = secrets.keep(clock::now_ms()).await {
            tracing::error!(error = &error as &dyn std::error::Error, "secrets were not rotated, or not destroyed");
        }
        tokio::time::sleep(PAUSE).await;
    }
}
