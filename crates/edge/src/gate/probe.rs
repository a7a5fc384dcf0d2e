//! Probes: requests that the gate decides and that call nothing, for who asks whether a call would be allowed on a path.
//!
//! A request is one if it bears a token that the daemon has given out: 128 random bits, once, for a few seconds. What is
//! asked is kept here beside the token, and what was decided is told here; the request says neither, and its answer is empty.
//! So whoever guesses or overhears a token can spend it and learns nothing. A request without a valid token is like any
//! other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use http::HeaderMap;
use sidegate_iam::{Denial, Path, Principal, Requirement};
use tokio::sync::oneshot;

use super::credentials::Grants;

/// The header that bears the token, in hexadecimal.
pub(crate) const HEADER: &str = "x-sidegate-probe";

/// How long a token is good for.
const LIFETIME: Duration = Duration::from_secs(10);

/// How many tokens may be out at a time.
const MOST: usize = 64;

/// How many bytes a token has.
const LENGTH: usize = 16;

/// What is asked of the gate.
#[derive(Clone, Debug)]
pub struct Question {
    /// Who would call.
    pub principal: Principal,
    /// What policies say of the principal.
    pub grants: Grants,
    /// The API's name of the operation, for the event.
    pub operation: String,
    /// What would have to be allowed: all of it.
    pub requirements: Vec<Requirement>,
}

/// What the gate decided.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The path on which the probe came.
    pub path: Path,
    /// Nothing if the call is allowed; else the denial that decided, which hides nothing.
    pub denial: Option<Denial>,
}

/// Why nothing can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAsked {
    /// The system gives no random numbers.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// Too many others ask.
    #[error("{MOST} others ask at the moment; try again in a few seconds")]
    TooMany,
}

/// The tokens that are out. Cloning it gives another handle of the same ones.
#[derive(Clone, Default)]
pub struct Probes(Arc<Mutex<Vec<Waiting>>>);

struct Waiting {
    token: [u8; LENGTH],
    until: Instant,
    question: Question,
    verdict: oneshot::Sender<Verdict>,
}

/// A question whose token is out. It is good for nothing any more once this is dropped.
pub struct Asked {
    probes: Probes,
    token: [u8; LENGTH],
    verdict: oneshot::Receiver<Verdict>,
}

/// A question that was claimed with its token, which is spent.
pub(super) struct Claim {
    pub(super) question: Question,
    pub(super) verdict: oneshot::Sender<Verdict>,
}

impl Probes {
    /// Gives out a token for a question.
    ///
    /// # Errors
    /// [`NotAsked`] if there is none to be had.
    pub fn ask(&self, question: Question) -> Result<Asked, NotAsked> {
        let mut token = [0; LENGTH];
        aws_lc_rs::rand::fill(&mut token).map_err(|_| NotAsked::NoRandomness)?;
        let (sender, verdict) = oneshot::channel();
        let now = Instant::now();
        let mut waiting = self.waiting();
        waiting.retain(|own| own.until > now);
        if waiting.len() >= MOST {
            return Err(NotAsked::TooMany);
        }
        waiting.push(Waiting { token, until: now + LIFETIME, question, verdict: sender });
        drop(waiting);
        Ok(Asked { probes: self.clone(), token, verdict })
    }

    /// The question of a request, if it bears a token that is good. It is spent by that.
    pub(super) fn claim(&self, headers: &HeaderMap) -> Option<Claim> {
        let mut presented = [0; LENGTH];
        hex_bytes(headers.get(HEADER)?.as_bytes(), &mut presented)?;
        let now = Instant::now();
        let mut waiting = self.waiting();
        // Each is compared to its end, so that the time tells nothing of any.
        let same = waiting.iter().map(|own| verify_slices_are_equal(&own.token, &presented).is_ok());
        let found = same.enumerate().fold(None, |found, (at, is_same)| if is_same { Some(at) } else { found })?;
        let Waiting { until, question, verdict, .. } = waiting.swap_remove(found);
        (until > now).then_some(Claim { question, verdict })
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    /// The token, as the header bears it.
    pub fn token(&self) -> String {
        self.token.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What was decided; `None` if the gate was not asked.
    pub fn verdict(mut self) -> Option<Verdict> {
        self.verdict.try_recv().ok()
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.probes.waiting().retain(|own| own.token != self.token);
    }
}

/// Reads hexadecimal digits, twice as many as there are bytes.
fn hex_bytes(text: &[u8], bytes: &mut [u8; LENGTH]) -> Option<()> {
    if text.len() != 2 * LENGTH {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn question(operation: &str) -> Question {
        let operation = operation.to_owned();
        Question { principal: Principal::Anonymous, grants: Grants::default(), operation, requirements: Vec::new() }
    }

    fn bearing(token: &str) -> HeaderMap {
        HeaderMap::from_iter([(HEADER.parse().unwrap(), HeaderValue::from_str(token).unwrap())])
    }

    #[test]
    fn a_token_leads_to_its_own_question_and_only_once() {
        let probes = Probes::default();
        let (first, second) = (probes.ask(question("A")).unwrap(), probes.ask(question("B")).unwrap());
        assert_ne!(first.token(), second.token());
        let claim = probes.claim(&bearing(&second.token())).unwrap();
        assert_eq!(claim.question.operation, "B");
        assert!(probes.claim(&bearing(&second.token())).is_none(), "it is spent");
        let path = Path::Public { source: [198, 18, 0, 1].into() };
        claim.verdict.send(Verdict { path: path.clone(), denial: None }).unwrap();
        assert_eq!(second.verdict().unwrap().path, path);
        assert!(first.verdict().is_none(), "nobody asked");
    }

    #[test]
    fn what_is_no_token_that_is_out_leads_to_nothing() {
        let probes = Probes::default();
        let asked = probes.ask(question("A")).unwrap();
        let token = asked.token();
        let other = token.replace(|c: char| c != '0', "0");
        let longer = format!("{token}0");
        for wrong in [other.as_str(), &token[1..], &longer, "", "+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1"] {
            assert!(probes.claim(&bearing(wrong)).is_none(), "{wrong:?}");
        }
        assert!(probes.claim(&HeaderMap::new()).is_none());
        drop(asked);
        assert!(probes.claim(&bearing(&token)).is_none(), "who asked has gone");
    }

    #[test]
    fn a_token_is_good_for_seconds_and_there_are_only_so_many() {
        let probes = Probes::default();
        let all: Vec<_> = (0..MOST).map(|_| probes.ask(question("A")).unwrap()).collect();
        assert_eq!(probes.ask(question("A")).map(|_| ()), Err(NotAsked::TooMany));
        let token = all[0].token();
        for waiting in probes.waiting().iter_mut() {
            waiting.until = Instant::now();
        }
        assert!(probes.claim(&bearing(&token)).is_none());
        assert!(probes.ask(question("A")).is_ok(), "old ones make room");
    }
}
