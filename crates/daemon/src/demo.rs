//! The demo: a private network with both endpoint types, documents and a secret used from inside, and what happens
//! without each endpoint.
//!
//! It does what a user would do, with what a user has: a daemon of its own, the API for the network, and
//! `sidegate exec` with an unmodified `curl` for all that happens inside.

mod documents;
mod narration;
mod paths;
mod stage;

use std::path::Path;

use self::documents::DOCUMENTS;
use self::narration::Narration;
use self::stage::{Network, Place, Stage};
use crate::interruption::Interruption;

/// The bucket that takes the documents.
const BUCKET: &str = "sidegate-demo-documents";

/// The secret that is read, and what it holds.
const SECRET: (&str, &str) = ("demo/question-answering", r#"{"model":"extractive-reader","language":"en"}"#);

/// How long a program inside waits for a connection before it gives up, in seconds.
const PATIENCE: &str = "4";

/// Why the demo did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DemoError {
    /// A step needs what the machine does not have, or was refused.
    #[error("{step}: {reason}")]
    Step {
        /// What was to be done.
        step: &'static str,
        /// Why it was not.
        reason: String,
    },
    /// The user ended it.
    #[error("the demo was interrupted")]
    Interrupted,
    /// Something came out that must not.
    #[error("{claim}, but {found}")]
    Untrue {
        /// What should have been so.
        claim: &'static str,
        /// What was.
        found: String,
    },
}

/// What a step needs to say why it failed.
trait Step<T> {
    fn step(self, step: &'static str) -> Result<T, DemoError>;
}

impl<T, E: std::fmt::Display> Step<T> for Result<T, E> {
    fn step(self, step: &'static str) -> Result<T, DemoError> {
        self.map_err(|reason| DemoError::Step { step, reason: reason.to_string() })
    }
}

/// Plays the demo with this program. With `keep`, the daemon and the network stay, and the demo says where; else nothing
/// is left, also if a step fails or the user interrupts it.
pub(crate) async fn play(exe: &Path, keep: bool) -> Result<(), DemoError> {
    // Before there is anything that an interruption could leave.
    let mut interruption = Interruption::listen().step("listening to signals")?;
    let narration = Narration::new();
    narration.title("A private network, and the two ways out of it");
    let mut place = Place::prepare(exe)?;
    let outcome = tokio::select! {
        outcome = perform(&mut place, &narration) => outcome,
        () = interruption.comes() => Err(DemoError::Interrupted),
    };
    match outcome {
        Ok(stage) if keep => {
            place.keep()?;
            stage.keep(&narration);
            Ok(())
        }
        outcome => {
            let cleared = narration.during("cleaning up", place.clear()).await;
            match (outcome, cleared) {
                (Err(error), Err(left)) => {
                    narration.detail(&left.to_string());
                    Err(error)
                }
                (outcome, cleared) => outcome.map(drop).and(cleared),
            }
        }
    }
}

async fn perform(place: &mut Place, narration: &Narration) -> Result<Stage, DemoError> {
    let stage = narration.during("starting a daemon of its own", place.start()).await?;
    act(&stage, narration).await?;
    Ok(stage)
}

async fn act(stage: &Stage, narration: &Narration) -> Result<(), DemoError> {
    let network = narration.during("building the network", stage.network()).await?;
    for line in network.lines() {
        narration.detail(&line);
    }
    let documents = narration.during("storing the documents, from inside", store(stage, &network)).await?;
    narration.detail(&documents);
    let read = narration.during("reading them back, in the other zone", read_back(stage, &network)).await?;
    narration.detail(&read);
    let secret = narration.during("reading a secret, from inside", read_secret(stage, &network)).await?;
    narration.detail(&secret);

    let taken = paths::Taken::of(stage, &network).await?;
    narration.title("The two paths, as they were taken");
    narration.text(&taken.side_by_side());

    narration.title("Without the gateway endpoint");
    let lost = narration.during("deleting it and asking S3 again", without_gateway(stage, &network)).await?;
    narration.detail(&lost);
    narration.title("Without the interface endpoint");
    let lost = narration.during("deleting it and asking Secrets Manager again", without_interface(stage, &network));
    narration.detail(&lost.await?);
    narration.title("What was shown");
    narration.text(
        "A program in a private subnet reached S3 through a route and Secrets Manager through a network\n\
         interface, both without a way to the internet. Each path ended with its endpoint, in silence.\n",
    );
    Ok(())
}

async fn store(stage: &Stage, network: &Network) -> Result<String, DemoError> {
    let script = format!(
        r#"set -e
s3() {{ curl --silent --show-error --fail --max-time 20 --aws-sigv4 aws:amz:us-east-1:s3 --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@"; }}
s3 --request PUT https://{BUCKET}.s3.us-east-1.amazonaws.com/
for file in documents/*.md; do
  s3 --upload-file "$file" "https://{BUCKET}.s3.us-east-1.amazonaws.com/$file"
done"#
    );
    let inside = stage
        .inside(&network.subnets.0, &network.program_group, &["sh", "-c", &script])
        .await
        .step("storing the documents")?;
    inside.success("storing the documents")?;
    let bytes: usize = DOCUMENTS.iter().map(|(_, text)| text.len()).sum();
    Ok(format!(
        "{} documents, {bytes} bytes, into s3://{BUCKET}/documents/ with curl in {}",
        DOCUMENTS.len(),
        network.subnets.0
    ))
}

async fn read_back(stage: &Stage, network: &Network) -> Result<String, DemoError> {
    let script = format!(
        r#"set -e
for file in documents/*.md; do
  curl --silent --show-error --fail --max-time 20 --aws-sigv4 aws:amz:us-east-1:s3 --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "https://{BUCKET}.s3.us-east-1.amazonaws.com/$file" | cmp - "$file"
done"#
    );
    let inside = stage
        .inside(&network.subnets.1, &network.program_group, &["sh", "-c", &script])
        .await
        .step("reading the documents back")?;
    inside.success("reading the documents back")?;
    Ok(format!("all {} are byte for byte the same in {}", DOCUMENTS.len(), network.subnets.1))
}

async fn read_secret(stage: &Stage, network: &Network) -> Result<String, DemoError> {
    let (name, value) = SECRET;
    let body = serde_json::json!({ "Name": name, "SecretString": value }).to_string();
    stage.client.secrets_manager("CreateSecret", &body).await.step("creating the secret")?;
    let inside = ask_secret(stage, network).await?;
    inside.success("reading the secret")?;
    let answer: serde_json::Value = serde_json::from_str(&inside.output).step("reading the secret")?;
    match answer.get("SecretString").and_then(serde_json::Value::as_str) {
        Some(found) if found == value => Ok(format!("{name} holds what was put into it")),
        _ => Err(DemoError::Untrue { claim: "the secret should hold what was put into it", found: inside.output }),
    }
}

async fn ask_secret(stage: &Stage, network: &Network) -> Result<stage::Inside, DemoError> {
    let script = format!(
        r#"curl --silent --show-error --fail --connect-timeout {PATIENCE} --max-time 20 --aws-sigv4 aws:amz:us-east-1:secretsmanager --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" --header 'X-Amz-Target: secretsmanager.GetSecretValue' --header 'Content-Type: application/x-amz-json-1.1' --data '{{"SecretId":"{}"}}' https://secretsmanager.us-east-1.amazonaws.com/"#,
        SECRET.0
    );
    stage
        .inside(&network.subnets.0, &network.program_group, &["sh", "-c", &script])
        .await
        .step("asking Secrets Manager from inside")
}

/// The exit status of a curl whose connection was not answered in time.
const TIMED_OUT: i32 = 28;

async fn without_gateway(stage: &Stage, network: &Network) -> Result<String, DemoError> {
    stage.delete_endpoint(&network.gateway).await?;
    let script = format!(
        r#"curl --silent --show-error --fail --connect-timeout {PATIENCE} --max-time 20 --aws-sigv4 aws:amz:us-east-1:s3 --header 'x-amz-content-sha256: UNSIGNED-PAYLOAD' --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "https://{BUCKET}.s3.us-east-1.amazonaws.com/documents/{}""#,
        DOCUMENTS.first().map_or("", |(name, _)| name)
    );
    let inside = stage
        .inside(&network.subnets.0, &network.program_group, &["sh", "-c", &script])
        .await
        .step("asking S3 from inside")?;
    inside.failed_with(TIMED_OUT, "without its endpoint, S3 should be out of reach")?;
    Ok(format!("{}: the name still resolves to S3's public address, and no route leads there", inside.output.trim()))
}

async fn without_interface(stage: &Stage, network: &Network) -> Result<String, DemoError> {
    stage.delete_endpoint(&network.interface).await?;
    let inside = ask_secret(stage, network).await?;
    inside.failed_with(TIMED_OUT, "without its endpoint, Secrets Manager should be out of reach")?;
    Ok(format!("{}: the name leads to the public address again, and no route leads there", inside.output.trim()))
}
