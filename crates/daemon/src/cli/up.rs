//! `sidegate up`: the daemon.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sidegate_edge::authority::Authority;
use sidegate_edge::connections::{Edge, serve_api};
use sidegate_edge::gate::Gate;
use sidegate_edge::metadata::Tokens;
use sidegate_edge::path::Facts;
use sidegate_edge::Limits;
use sidegate_linux::dataplane::{Dataplane, mark_of};
use sidegate_linux::{holder, preflight};
use sidegate_model::Scope;
use sidegate_services::s3::{S3, SecretText};
use sidegate_services::secretsmanager::SecretsManager;
use sidegate_services::sts::Sts;
use sidegate_services::Service;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::accounts::{Accounts, Wanted};
use crate::cli::UpArgs;
use crate::ec2::Ec2;
use crate::engine::Engine;
use crate::machine::Machine;
use crate::state_dir::StateDir;
use crate::store::Store;
