//! Answers of the running daemon: over the world and the plan of one moment, with the policies that it knows, and, where
//! that is asked for, with what is seen by packets.

use std::sync::Arc;

use tokio::task::spawn_blocking;

use super::call::{self, AskedCall, CallError};
use super::live::{LiveError, live};
use super::{Explanation, Grounds, Question, QuestionError, Told, told};
use crate::engine::Engine;

/// Why the daemon has no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnswerError {
    /// The question has none.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// There is no such call.
    #[error(transparent)]
    Call(#[from] CallError),
    /// It cannot be looked from there.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The daemon has not started as far as this.
    #[error("the daemon does not serve yet; ask again")]
    Starting,
    /// A part of the daemon broke off.
    #[error("the answer broke off ({0})")]
    Broken(#[from] tokio::task::JoinError),
}

/// Answers a question.
///
/// It takes time in proportion to the VPCs on the path, for each set of settings that is tried where the path is blocked;
/// and some seconds more if it is looked with packets.
///
/// # Errors
/// [`AnswerError`] if there is no such flow or call, or it cannot be looked from its source.
pub(crate) async fn answer(
    engine: &Engine, grounds: Option<&Grounds>, question: &Question,
) -> Result<Told, AnswerError> {
    let (world, plan) = engine.settled().await;
    let mut asked = question.asked(&world)?;
    if let Some(action) = &question.action {
        let grounds = grounds.ok_or(AnswerError::Starting)?;
        let resource = question.resource.as_deref().or(asked.target.resource.as_deref());
        let principal = question.principal.as_deref();
        let AskedCall { call, notes } = call::call(grounds, &asked.flow.source, action, resource, principal).await?;
        asked.remarks = notes;
        asked.flow = asked.flow.calling(call);
    }
    let flow = asked.flow.clone();
    let explained = spawn_blocking({
        let world = Arc::clone(&world);
        move || Explanation::of(&world, &plan, &asked, None)
    });
    let mut explanation = explained.await??;
    if question.live {
        let grounds = grounds.ok_or(AnswerError::Starting)?;
        let seen = live(grounds, &flow, &explanation.trace).await?;
        explanation = explanation.seen(seen);
    }
    Ok(told(&world, &explanation, question))
}
