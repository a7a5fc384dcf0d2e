//! Explanations: what a person asks about a path, and what is answered. Pure but for what asks the running daemon.
//!
//! | file | about |
//! |---|---|
//! | `subject.rs` | what is typed as the two ends of a path, and what it stands for |
//! | `action.rs` | whether an action that is typed is one, and of which service |
//! | `question.rs` | a question as it is typed, and the flow that it asks about |
//! | `explanation.rs` | the answer: the trace, the remedy, and what is not known |
//! | `met.rs` | which resources of a world from files a trace has met |
//! | `undescribed.rs` | a call of which files tell nothing but the endpoint's policy |
//! | `doubt.rs` | traces that end where something is not described |
//! | `command.rs` | the commands of the AWS CLI that change a setting |
//! | `names.rs` | ids with the names that people gave |
//! | `tree.rs`, `step.rs` | the answer as a tree for people |
//! | `render.rs` | a tree as lines for a terminal |
//! | `answer.rs` | the answer of the running daemon |
//! | `grounds.rs` | what that stands on: the parts of the daemon |
//! | `call.rs` | what applies to a call from a source, as the gate finds it |
//! | `caller.rs` | who calls from a source, and what policies say of the caller |
//! | `looked.rs` | a look that the control socket asks for |
//! | `live.rs` | looking, with packets, whether it is as it was explained |
//! | `vantage.rs` | the network that it is looked from |
//! | `seen.rs` | what was seen |
//! | `compared.rs` | what of it can be compared with a trace, and where it differs |

mod action;
pub(crate) mod answer;
#[cfg(test)]
#[expect(dead_code, reason = "what plans are tested with builds more than is asked about here")]
#[path = "../../plan/tests/it/built.rs"]
pub(crate) mod built;
pub(crate) mod call;
mod caller;
mod command;
mod compared;
#[cfg(test)]
pub(crate) mod described;
mod doubt;
mod explanation;
mod grounds;
pub(crate) mod live;
mod looked;
mod met;
mod names;
mod question;
mod render;
mod seen;
mod step;
pub(crate) mod subject;
#[cfg(test)]
mod tests;
mod tree;
mod undescribed;
mod vantage;

pub(crate) use self::doubt::doubted;
use self::explanation::Advice;
pub(crate) use self::explanation::{Explanation, Open, Verdict, open};
pub(crate) use self::grounds::Grounds;
pub(crate) use self::looked::look;
pub(crate) use self::names::{is_made_up, named};
pub(crate) use self::question::{Question, QuestionError, WireProtocol};
pub(crate) use self::render::{Screen, rendered};
pub(crate) use self::step::labelled;
pub(crate) use self::tree::{Tree, path};
pub(crate) use self::undescribed::session_of;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sidegate_import::Imported;
use sidegate_model::World;

use crate::diagram::Picture;

/// What is told of a path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    /// Whether it is reached.
    pub(crate) verdict: Verdict,
    /// The answer for people.
    pub(crate) tree: Tree,
    /// The whole answer, by the names of docs/how-to/explain-a-path.md.
    pub(crate) whole: Value,
    /// The path as a picture, if one was asked for.
    pub(crate) drawn: Option<Drawn>,
}

/// A path as a picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Drawn {
    /// As text.
    pub(crate) text: String,
    /// As SVG.
    pub(crate) svg: String,
}

/// Answers a question about a world that was read from files. An answer that rests on what they do not tell is
/// [`Verdict::Undetermined`].
///
/// # Errors
/// [`QuestionError`] if there is no such flow.
pub(crate) fn explain_imported(imported: &Imported, question: &Question) -> Result<Told, QuestionError> {
    let world = imported.world();
    let mut asked = question.asked(world)?;
    if let Some((call, notes)) = undescribed::call(question, asked.target.resource.as_deref())? {
        asked.remarks.extend(notes);
        asked.flow = asked.flow.calling(call);
    }
    let plan = sidegate_plan::compile(world);
    let explanation = Explanation::of(world, &plan, &asked, Some(imported))?;
    Ok(told(world, &explanation, question))
}

/// What is told of an explanation.
fn told(world: &World, explanation: &Explanation, question: &Question) -> Told {
    Told {
        verdict: explanation.verdict,
        tree: tree::tree(world, explanation),
        whole: serde_json::to_value(explanation).unwrap_or(Value::Null),
        drawn: question.diagram.map(|columns| {
            let remedy = explanation.remedy.as_ref().map(Advice::remedy);
            let mut picture = Picture::of(world, &explanation.trace, remedy.as_ref());
            if explanation.verdict == Verdict::Undetermined {
                picture = picture.in_doubt("it rests on what is not known");
            }
            Drawn { text: picture.text(columns), svg: picture.svg() }
        }),
    }
}
