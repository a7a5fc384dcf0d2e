//! An advice as it is printed, and the files that are written of it.

use std::fs;
use std::path::Path;

use serde_json::json;
use sidegate_advise::{Advice, Workload, cloudformation, is_own, terraform};

use super::{AdviseArgs, Format, named};
use crate::advise::{listed, markdown, report, text};
use crate::cli::error::NotAdvised;
use crate::cli::{explain, remark};
use crate::terminal;

/// The columns of what is no terminal.
const COLUMNS: usize = 120;

/// What the file is called that Terraform is written to.
const FILE: &str = "endpoints.tf";

/// What is printed of advices.
pub(super) fn rendered(
    args: &AdviseArgs, advices: &[(Workload, Advice)], remarks: &[String], left_out: &[String],
) -> Result<String, NotAdvised> {
    if args.cloudformation {
        let (workload, advice) = only(advices)?;
        return Ok(explain::json(&cloudformation(workload, advice))?);
    }
    match args.terraform.as_deref() {
        Some([directory, ..]) => {
            let (workload, advice) = only(advices)?;
            write(directory, &terraform(workload, advice))?;
        }
        Some([]) => {
            let (workload, advice) = only(advices)?;
            return Ok(terraform(workload, advice));
        }
        None => {}
    }
    Ok(match args.format {
        Format::Text => text(&report(advices, remarks), terminal::columns().unwrap_or(COLUMNS)),
        Format::Markdown => markdown(&report(advices, remarks)),
        Format::Json => {
            let advices: Vec<&Advice> = advices.iter().map(|(_, advice)| advice).collect();
            explain::json(&json!({ "advices": advices, "remarks": remarks, "leftOut": left_out }))?
        }
    })
}

/// The only advice: a file that is applied is of one account and Region.
fn only(advices: &[(Workload, Advice)]) -> Result<&(Workload, Advice), NotAdvised> {
    match advices {
        [one] => Ok(one),
        several => {
            let vpcs: Vec<String> =
                several.iter().flat_map(|(workload, _)| named(std::slice::from_ref(workload))).collect();
            Err(NotAdvised::Unusable(format!(
                "a file that is applied is of one account and Region, and there are VPCs in {}: {}; name the Region with \
                 --region, or those of one account with --vpc",
                several.len(),
                listed(&vpcs)
            )))
        }
    }
}

/// Writes Terraform, over nothing but what was written so before.
fn write(directory: &Path, content: &str) -> Result<(), NotAdvised> {
    let path = directory.join(FILE);
    let failed = |verb, error: std::io::Error| NotAdvised::File { verb, path: path.clone(), reason: error.to_string() };
    match fs::read_to_string(&path) {
        Ok(old) if !is_own(&old) => {
            return Err(NotAdvised::File {
                verb: "write",
                path,
                reason: "it is there, and was not written by this command".to_owned(),
            });
        }
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed("write", error)),
        _ => {}
    }
    fs::create_dir_all(directory).and_then(|()| fs::write(&path, content)).map_err(|error| failed("write", error))?;
    remark(&format!("wrote `{}`", path.display()));
    Ok(())
}
