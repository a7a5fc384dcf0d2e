//! The demo: a private AI workload. A function in two private subnets answers questions from documents in S3, and reaches each
//! service that it needs through the endpoint that suits it; then one thing after another is broken.
//!
//! It does what a user would do, with what a user has: a daemon of its own, AWS's API, and in the subnets an unmodified AWS
//! CLI and boto3. It is the twin of `examples/document-qa/terraform`, with an instance that brings the documents.
//!
//! | file | about |
//! |---|---|
//! | `place.rs` | the directory and the daemon |
//! | `clients.rs`, `documents.rs`, `archive.rs`, `models.rs` | what has to be there before |
//! | `network.rs`, `workload.rs`, `policies.rs` | what is built |
//! | `instance.rs`, `function.rs` | what runs inside |
//! | `calls.rs`, `table.rs`, `paths.rs` | what the requests of a question were |
//! | `proof.rs` | that no packet took another way |
//! | `breaks.rs` | what breaks what |
//! | `costs.rs` | what it would cost |
//! | `narration.rs`, `prompt.rs`, `answer.rs` | what is said, and heard |

mod answer;
mod archive;
mod breaks;
mod calls;
mod clients;
mod costs;
mod documents;
mod function;
mod instance;
mod models;
mod narration;
mod network;
mod paths;
mod place;
mod policies;
mod prompt;
mod proof;
mod table;
mod workload;

use std::path::{Path, PathBuf};
use std::time::Instant;

use sidegate_edge::events::EventPath;

use self::breaks::Break;
use self::calls::Taken;
use self::clients::Clients;
use self::documents::Documents;
use self::instance::Instance;
pub(crate) use self::models::Models;
use self::narration::Narration;
use self::network::{Endpoints, Network};
use self::paths::Waymarks;
use self::place::{Place, Stage};
use self::policies::Names;
use crate::diagram::{self, Picture};
use crate::interruption::Interruption;

/// What is asked if the user asks nothing.
const QUESTION: &str = "Why does Bedrock use an interface endpoint?";

/// What it is about.
const INTRODUCTION: &str = "\
A function in two private subnets answers questions from documents in S3. There is no internet gateway and no NAT gateway. \
It reaches S3 and DynamoDB through gateway endpoints, and Bedrock, Secrets Manager, KMS and CloudWatch Logs through \
interface endpoints.";

/// What the user wants to see.
#[derive(Debug)]
pub(crate) struct Wishes {
    /// The questions; [`QUESTION`] if there are none.
    pub(crate) questions: Vec<String>,
    /// A directory with the user's own documents.
    pub(crate) documents: Option<PathBuf>,
    /// A server that answers for the model.
    pub(crate) models: Option<Models>,
    /// A directory that gets the pictures of both paths.
    pub(crate) pictures: Option<PathBuf>,
    /// Whether everything is left in place at the end.
    pub(crate) keep: bool,
}

impl Wishes {
    /// A question to go on with, about the documents that are there.
    fn next_question(&self) -> &str {
        match (self.questions.last(), &self.documents) {
            (Some(asked), _) => asked,
            (None, Some(_)) => "What are these documents about?",
            (None, None) => "What does REJECT mean in a flow log?",
        }
    }
}

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
    /// A client is not there.
    #[error(
        "the demo needs {0}, and does not find it; run ./scripts/setup in Sidegate's directory, which puts the AWS clients into .venv there, and start the demo from there"
    )]
    Lacking(String),
    /// A client is where instances have something of their own.
    #[error("the demo's instance does not see `{}`, since it has a {place} of its own; put Sidegate's directory elsewhere", path.display())]
    Unseen {
        /// The client.
        path: PathBuf,
        /// The directory that an instance has of its own.
        place: &'static str,
    },
    /// A question that the function would not take.
    #[error("`--ask` wants a question of 1 to {longest} characters", longest = prompt::LONGEST)]
    Question,
    /// The user's documents cannot be used.
    #[error("no documents in `{}`: {reason}", path.display())]
    Documents {
        /// The directory, or what in it.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// It came to its end, and questions of the user's have no answer.
    #[error("{unanswered} of {asked} questions got no answer; what failed, and what to do, stands below each")]
    Unanswered {
        /// How many.
        unanswered: usize,
        /// Of how many.
        asked: usize,
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

impl DemoError {
    fn step(step: &'static str, reason: impl Into<String>) -> Self {
        Self::Step { step, reason: reason.into() }
    }
}

/// What a step needs to say why it failed.
trait Step<T> {
    fn step(self, step: &'static str) -> Result<T, DemoError>;
}

impl<T, E: std::fmt::Display> Step<T> for Result<T, E> {
    fn step(self, step: &'static str) -> Result<T, DemoError> {
        self.map_err(|reason| DemoError::step(step, reason.to_string()))
    }
}

/// Plays the demo with this program. With [`Wishes::keep`], the daemon and the network stay, and the demo says where; else
/// nothing is left, also if a step fails or the user interrupts it.
pub(crate) async fn play(exe: &Path, wishes: Wishes) -> Result<(), DemoError> {
    // Before there is anything that an interruption could leave.
    let mut interruption = Interruption::listen().step("listening to signals")?;
    if wishes.questions.iter().any(|question| !prompt::is_question(question)) {
        return Err(DemoError::Question);
    }
    let documents = wishes.documents.as_deref().map_or_else(|| Ok(Documents::shipped()), Documents::of)?;
    wishes.pictures.as_deref().map_or(Ok(()), paths::try_out).step("writing the pictures")?;
    if let Some(models) = &wishes.models {
        models.answer().await?;
    }
    let clients = tokio::task::spawn_blocking(Clients::find).await.step("looking for the AWS clients")??;
    let narration = Narration::new();
    let begun = Instant::now();
    narration.title("A private AI workload, and the two kinds of endpoint that it lives on");
    narration.text(&narration::wrapped(INTRODUCTION, narration.prose()).join("\n"));
    narration.text("");
    let mut place = Place::prepare(exe)?;
    let scene = Scene { wishes: &wishes, documents: &documents, narration: &narration };
    let outcome = tokio::select! {
        outcome = scene.play(&mut place, clients) => outcome,
        () = interruption.comes() => {
            // What the user typed, and the signal that the terminal shows, stay on their line.
            narration.text("");
            Err(DemoError::Interrupted)
        }
    };
    match outcome {
        Ok(played) if wishes.keep => {
            place.keep()?;
            let Played { set, .. } = &played;
            set.stage.keep(&narration, workload::NAME, &set.instance, wishes.next_question());
            played.told()
        }
        outcome => {
            let cleared = narration.during("cleaning up", place.clear()).await;
            match (outcome, cleared) {
                (Err(error), Err(left)) => {
                    narration.detail(&left.to_string());
                    Err(error)
                }
                (outcome, cleared) => {
                    let played = outcome.and_then(|played| cleared.map(|()| played))?;
                    narration.text(&format!("all of it: {:.1} s", begun.elapsed().as_secs_f64()));
                    played.told()
                }
            }
        }
    }
}

/// What is played, and to whom.
struct Scene<'a> {
    wishes: &'a Wishes,
    documents: &'a Documents,
    narration: &'a Narration,
}

/// All that was built.
struct Set {
    stage: Stage,
    network: Network,
    endpoints: Endpoints,
    names: Names,
    instance: Instance,
    /// Whether another server answers for the model.
    asks_models: bool,
}

/// What came of a play.
struct Played {
    set: Set,
    asked: usize,
    /// How many of the questions have no answer.
    unanswered: usize,
}

impl Played {
    fn told(&self) -> Result<(), DemoError> {
        match *self {
            Self { unanswered: 0, .. } => Ok(()),
            Self { unanswered, asked, .. } => Err(DemoError::Unanswered { unanswered, asked }),
        }
    }
}

impl Scene<'_> {
    async fn play(&self, place: &mut Place, clients: Clients) -> Result<Played, DemoError> {
        let set = self.build(place, clients).await?;
        let questions = match self.wishes.questions.as_slice() {
            [] => &[QUESTION.to_owned()][..],
            asked => asked,
        };
        let mut unanswered = 0;
        // The calls of the first answer. What was read for a question that failed is not read again.
        let (mut first, mut has_answer) = (Taken(Vec::new()), false);
        for question in questions {
            let (taken, is_answered) = self.answer(&set, question).await?;
            if !has_answer {
                first.0.extend(taken.0);
            }
            has_answer |= is_answered;
            unanswered += usize::from(!is_answered);
        }
        if self.wishes.questions.is_empty() && prompt::is_possible() {
            self.converse(&set).await?;
        }
        self.narration.title("The two paths, as these calls took them");
        if !has_answer && paths::drawn(&first.0).is_none() {
            self.narration.text("no question came as far as a model, so that there is nothing to draw");
        } else {
            let pictures = set.pictures(&first).await?;
            self.narration.text(&diagram::side_by_side(&pictures, self.narration.width()));
            if let Some(directory) = &self.wishes.pictures {
                let files = paths::write(directory, &pictures).step("writing the pictures")?;
                self.narration.text(&format!("written: {}", files.join(", ")));
            }
        }
        self.narration.title("No packet took another way");
        self.prove(&set).await?;
        self.narration.title("What breaks what");
        self.break_things(&set, questions.first().map_or(QUESTION, String::as_str)).await?;
        self.narration.title("What it would cost at AWS");
        for line in costs::of(&set.stage).await? {
            // What fits stands as it is: it has columns of its own.
            let fits = diagram::columns(&line) <= self.narration.width();
            let shown = if fits { line } else { narration::wrapped(&line, self.narration.prose()).join("\n") };
            self.narration.text(&shown);
        }
        Ok(Played { set, asked: questions.len(), unanswered })
    }

    async fn build(&self, place: &mut Place, clients: Clients) -> Result<Set, DemoError> {
        let Self { narration, documents, wishes } = self;
        let models = wishes.models.as_ref();
        let stage = narration.during("starting a daemon of its own", place.start(models)).await?;
        let network = narration.during("building the network", Network::build(&stage)).await?;
        narration.details(network.lines());
        let step = "making roles, key, bucket, table, secret and log groups";
        let names = narration.during(step, workload::build(&stage, models)).await?;
        let endpoints = narration.during("making the endpoints", async {
            let endpoints = network.endpoints(&stage, &names).await?;
            workload::guard(&stage, &names, &endpoints).await?;
            Ok(endpoints)
        });
        let endpoints = endpoints.await?;
        narration.details(endpoints.lines());
        let launch = Instance::launch(&stage, &network, clients);
        let instance = narration.during("launching an instance in the first subnet", launch).await?;
        narration.details(documents.left_out());
        let step = "encrypting what is confidential, inside";
        let encrypted = narration.during(step, instance.prepare(&stage, &names, documents)).await?;
        narration.detail(&format!(
            "{encrypted} of {} documents, with kms:Encrypt through {}",
            documents.len(),
            endpoints.kms
        ));
        let synchronise = instance.synchronise(&stage, &names);
        let written = narration.during("synchronising the documents, inside", synchronise).await?;
        narration.detail(&format!(
            "{written} {}, of {} bytes of text, with `aws s3 sync` through {}",
            if written == 1 { "object" } else { "objects" },
            table::grouped(documents.bytes() as u64),
            endpoints.s3
        ));
        if written != documents.len() {
            let found = format!("{written} were written of {}", documents.len());
            return Err(DemoError::Untrue { claim: "each document should have become an object", found });
        }
        let deploy = function::deploy(&stage, &network, &names);
        narration.during("deploying the function into both subnets", deploy).await?;
        Ok(Set { stage, network, endpoints, names, instance, asks_models: models.is_some() })
    }

    /// Asks a question, and shows the answer, or why there is none, and what the function called for it. Tells whether there
    /// is one.
    async fn answer(&self, set: &Set, question: &str) -> Result<(Taken, bool), DemoError> {
        self.narration.title(question);
        let reply = function::ask(&set.stage, question, false).await?;
        for line in answer::told(&reply, self.narration.prose())? {
            self.narration.text(&line);
        }
        let taken = Taken::of(&set.stage, &reply.told.calls).await?;
        self.narration.text("");
        self.narration.text(&table::of(&calls::folded(&taken.0), self.narration.width()));
        Ok((taken, reply.told.error.is_none()))
    }

    /// Answers questions from the terminal.
    async fn converse(&self, set: &Set) -> Result<(), DemoError> {
        self.narration.title("Your questions");
        self.narration.text("An empty line or Ctrl-D goes on.");
        while let Some(question) = prompt::question().await {
            if !prompt::is_question(&question) {
                self.narration.detail(&format!("a question has at most {} characters", prompt::LONGEST));
                continue;
            }
            // One that is not answered does not end the conversation.
            if let Err(error) = self.answer(set, &question).await {
                self.narration.detail(&error.to_string());
            }
        }
        Ok(())
    }

    /// Shows that no packet took another way, or all that says that one did.
    async fn prove(&self, set: &Set) -> Result<(), DemoError> {
        let proof = proof::of(set).await?;
        for statement in &proof.lines {
            self.narration.text(&narration::wrapped(statement, self.narration.prose()).join("\n"));
        }
        let mut against = proof.against.into_iter();
        let Some(first) = against.next() else { return Ok(()) };
        for other in against {
            self.narration.detail(&other.to_string());
        }
        Err(first)
    }

    /// Breaks one thing at a time, shows what fails, and mends it again.
    async fn break_things(&self, set: &Set, question: &str) -> Result<(), DemoError> {
        for broken in Break::ALL {
            if broken == Break::KeyPolicy && !self.documents.has_confidential() {
                self.narration.text("key policy: no document is below confidential/, so that nothing needs the key");
                continue;
            }
            let broke = broken.show(set, question);
            for (label, text) in self.narration.during(broken.what(), broke).await? {
                self.narration.labelled(label, &text);
            }
        }
        Ok(())
    }
}

impl Set {
    /// The two paths of a question's calls.
    async fn pictures(&self, taken: &Taken) -> Result<Vec<Picture>, DemoError> {
        let (gateway, interface) = paths::drawn(&taken.0).ok_or_else(|| DemoError::Untrue {
            claim: "a question should read documents through a gateway endpoint and ask a model through an interface endpoint",
            found: "the function did not".to_owned(),
        })?;
        let EventPath::Endpoint { destination, .. } = &interface.event.path else { return Ok(Vec::new()) };
        let address = destination.to_string();
        let filter = [("Filter.1.Name", "private-ip-address"), ("Filter.1.Value.1", address.as_str())];
        let marks = Waymarks {
            endpoint_subnet: self.stage.make("DescribeNetworkInterfaces", &filter, "subnetId").await?,
            function_group: self.network.function_group.clone(),
            prefixes: self.network.s3_prefixes.clone(),
            endpoint_group: self.network.endpoints_group.clone(),
            endpoint_interface: self.stage.make("DescribeNetworkInterfaces", &filter, "networkInterfaceId").await?,
        };
        Ok([gateway, interface].into_iter().filter_map(|request| paths::picture(request, &marks)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_with_a_question_about_the_documents_that_are_there() {
        let wishes = |questions: &[&str], documents: Option<&str>| Wishes {
            questions: questions.iter().map(|question| (*question).to_owned()).collect(),
            documents: documents.map(PathBuf::from),
            models: None,
            pictures: None,
            keep: true,
        };
        assert_eq!(wishes(&[], None).next_question(), "What does REJECT mean in a flow log?");
        assert_eq!(wishes(&[], Some("/d")).next_question(), "What are these documents about?");
        assert_eq!(wishes(&["a?", "b?"], Some("/d")).next_question(), "b?");
    }
}
