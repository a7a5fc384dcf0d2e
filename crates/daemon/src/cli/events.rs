//! `sidegate events`: the requests that reached the edge, each with its path and what was decided.

mod line;

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Args;
use sidegate_linux::peer;

use super::error::CliError;
use super::{Reader, StateArgs, print};
use crate::control::{Answer, Client, Request};

/// Arguments of `sidegate events`.
#[derive(Debug, Args)]
pub(crate) struct EventsArgs {
    #[command(flatten)]
    state: StateArgs,
    /// How many of the newest events to print; the newest comes last
    #[arg(long, value_name = "N", default_value_t = 20)]
    last: usize,
    /// Go on printing events as they happen
    #[arg(long, short)]
    follow: bool,
    /// Print each event as a line of JSON
    #[arg(long)]
    json: bool,
}

/// Asks the daemon, and prints one line per event.
pub(super) fn run(args: &EventsArgs) -> Result<ExitCode, CliError> {
    let mut client = Client::connect(&args.state.path())?;
    let unread = Arc::new(AtomicBool::new(false));
    if args.follow {
        // Before anything is asked: the first event may be long in coming, too.
        client.wait_for_ever()?;
        let (conversation, unread) = (client.stream()?, Arc::clone(&unread));
        let watch = std::thread::Builder::new().spawn(move || end_with_reader(&conversation, &unread));
        watch.map_err(|e| CliError::system("start a thread", &e))?;
    }
    match tell(&mut client, args) {
        // What was broken off for want of a reader is no error.
        Err(_) if unread.load(Ordering::SeqCst) => Ok(ExitCode::SUCCESS),
        other => other.map(|()| ExitCode::SUCCESS),
    }
}

fn tell(client: &mut Client, args: &EventsArgs) -> Result<(), CliError> {
    let mut answer = Some(client.ask(&Request::Events { last: args.last, follow: args.follow })?);
    while let Some(present) = answer {
        let reader = match present {
            Answer::Event(event) if args.json => print(&format!("{event}\n"))?,
            Answer::Event(event) => print(&line::of(&event))?,
            Answer::Done => break,
            other => return Err(client.unexpected(&other).into()),
        };
        if reader == Reader::Gone {
            break;
        }
        answer = client.next()?;
    }
    Ok(())
}

/// Breaks off the conversation once nobody reads what is printed, even if no event comes that could not be printed.
fn end_with_reader(conversation: &UnixStream, unread: &AtomicBool) {
    // A file cannot be waited for, and is always there.
    if peer::wait_for_end_of_reader(&io::stdout()).is_ok() {
        unread.store(true, Ordering::SeqCst);
        let _ = conversation.shutdown(Shutdown::Both);
    }
}
