//! `sidegate demo`: a private AI workload, end to end.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::error::CliError;
use super::runtime;
use crate::demo::{self, Models, Wishes};

/// Arguments of `sidegate demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// A question about the documents; may be repeated [default: one about Bedrock, and on a terminal yours]
    #[arg(long, value_name = "QUESTION")]
    ask: Vec<String>,
    /// Documents of your own: .md and .txt files at any depth, but for what is hidden; those below `confidential/` are
    /// encrypted. At most 1,000 of 1,000,000 bytes each (600,000 below `confidential/`), and 64 MB in all (4 MB there); what
    /// is left out is told [default: 40 about private networks]
    #[arg(long, value_name = "DIR")]
    documents: Option<PathBuf>,
    /// A server that speaks OpenAI's protocol, such as http://127.0.0.1:11434/v1, which answers in the place of Sidegate's
    /// own reader (docs/how-to/use-an-upstream.md)
    #[arg(long, value_name = "URL", requires = "model")]
    models: Option<String>,
    /// That server's name of a model
    #[arg(long, value_name = "NAME", requires = "models")]
    model: Option<String>,
    /// A file with the key that it wants
    #[arg(long, value_name = "FILE", requires = "models")]
    api_key_file: Option<PathBuf>,
    /// A directory that gets both paths as pictures: gateway-endpoint.svg and interface-endpoint.svg
    #[arg(long, value_name = "DIR")]
    pictures: Option<PathBuf>,
    /// Leave everything in place at the end, to look around
    #[arg(long)]
    keep: bool,
}

/// Plays the demo.
pub(super) fn run(args: &DemoArgs) -> Result<ExitCode, CliError> {
    let exe = std::env::current_exe().map_err(|e| CliError::system("find this program's file", &e))?;
    let api_key_file = args
        .api_key_file
        .as_deref()
        .map(|file| file.canonicalize().map_err(|e| CliError::system(format!("find `{}`", file.display()), &e)));
    let api_key_file = api_key_file.transpose()?;
    let models = args.models.clone().zip(args.model.clone());
    let models = models.map(|(upstream, model)| Models { upstream, model, api_key_file });
    let wishes = Wishes {
        questions: args.ask.clone(),
        documents: args.documents.clone(),
        models,
        pictures: args.pictures.clone(),
        keep: args.keep,
    };
    runtime()?.block_on(demo::play(&exe, wishes))?;
    Ok(ExitCode::SUCCESS)
}
