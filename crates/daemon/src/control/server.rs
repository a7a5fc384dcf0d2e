//! The daemon's side of the control socket.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, Semaphore, watch};
use tokio::time::timeout;

use super::protocol::{Access, Answer, LONGEST_REQUEST, Look, Network, Request, Status};
use super::short_path;
use crate::accounts::{Accounts, AccountsError};
use crate::advise;
use crate::billing::Meter;
use crate::clock;
use crate::engine::Engine;
use crate::event_log::EventLog;
use crate::explain::answer::answer;
use crate::explain::{self, Grounds};
use crate::flow_logs::FlowLogs;
use crate::programs::Programs;
use crate::state_dir::StateDir;
use crate::{compare, reach};
use sidegate_model::{AccountId, Attachment, EndpointKind, InstanceState, NetworkInterfaceId};

/// How long a client may take for its request, and for taking a line.
const CLIENT_LIMIT: Duration = Duration::from_secs(10);

/// How long a question about the engine may wait for a change.
const ENGINE_LIMIT: Duration = Duration::from_millis(500);

/// How many clients are served at once.
const MOST_CLIENTS: usize = 256;

/// How many of them may follow the events, and so stay as long as they like.
const MOST_FOLLOWERS: usize = 128;

/// What the socket gives access to.
pub(crate) struct Control {
    engine: Engine,
    programs: Programs,
    accounts: Accounts,
    events: Arc<EventLog>,
    state: StateDir,
    endpoint: String,
    flow_logs: Option<FlowLogs>,
    grounds: Option<Grounds>,
    meter: Option<Meter>,
    started: i64,
    stop: Notify,
    followers: Semaphore,
}

/// Makes the socket of a state directory, whose lock the caller holds. Within a runtime only.
pub(crate) fn listen(state: &StateDir) -> io::Result<UnixListener> {
    let (path, _dir) = short_path(state.path())?;
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Serves clients for ever.
pub(crate) async fn serve(listener: UnixListener, control: Arc<Control>) {
    let places = Arc::new(Semaphore::new(MOST_CLIENTS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let control = Arc::clone(&control);
                tokio::spawn(async move {
                    if let Err(error) = control.admit(stream).await {
                        tracing::debug!(%error, "a client of the control socket broke off");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                // Out of descriptors, most likely.
                tracing::warn!(%error, "cannot accept a client of the control socket");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

impl Control {
    /// What the socket gives access to; `endpoint` is the URL of the API.
    pub(crate) fn new(
        engine: Engine, programs: Programs, accounts: Accounts, events: Arc<EventLog>, state: StateDir,
        endpoint: String,
    ) -> Self {
        Self {
            engine,
            programs,
            accounts,
            events,
            state,
            endpoint,
            flow_logs: None,
            grounds: None,
            meter: None,
            started: clock::now_ms(),
            stop: Notify::new(),
            followers: Semaphore::new(MOST_FOLLOWERS),
        }
    }

    /// With the flow logs that it may be asked to flush.
    #[must_use]
    pub(crate) fn with_flow_logs(mut self, flow_logs: FlowLogs) -> Self {
        self.flow_logs = Some(flow_logs);
        self
    }

    /// With what explanations stand on.
    #[must_use]
    pub(crate) fn with_grounds(mut self, grounds: Grounds) -> Self {
        self.grounds = Some(grounds);
        self
    }

    /// With the meter of the bill.
    #[must_use]
    pub(crate) fn with_meter(mut self, meter: Meter) -> Self {
        self.meter = Some(meter);
        self
    }

    /// Waits for `sidegate down`: then everything inside has ended, and the daemon shall.
    pub(crate) async fn stopped(&self) {
        self.stop.notified().await;
    }

    async fn admit(&self, stream: UnixStream) -> io::Result<()> {
        let own = fs::metadata("/proc/self")?.uid();
        let peer = stream.peer_cred()?.uid();
        if peer != own && peer != 0 {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("user {peer} is not the owner")));
        }
        // Root's programs are number 0 in their sandboxes, too.
        if !sidegate_linux::peer::is_outside(&stream)? {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "the client is inside a sandbox, or has gone"));
        }
        self.converse(stream).await
    }

    /// One request with its answers.
    pub(super) async fn converse(&self, stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        let mut line = Line(BufReader::new(stream));
        let request = match line.request().await {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return line.refuse(&error).await,
            Err(error) => return Err(error),
        };
        match request {
            Request::Status => line.answer(&Answer::Status(Box::new(self.status().await))).await,
            Request::Access { account } => match self.access(account) {
                Ok(access) => line.answer(&Answer::Access(access)).await,
                Err(error) => line.refuse(&error).await,
            },
            Request::Attach { subnet, groups, role } => {
                match self.programs.attach(&subnet, groups, role.as_deref()).await {
                    Ok(attached) => {
                        let interface = attached.interface.clone();
                        let outcome = self.hand_over(&mut line, Answer::Attached(Box::new(attached)), &interface).await;
                        if outcome.is_err() {
                            self.programs.detach(&interface).await;
                        }
                        outcome
                    }
                    Err(error) => line.refuse(&error).await,
                }
            }
            Request::Held => line.refuse(&"there is no interface to hold; attach one first").await,
            Request::Detach { interface } => match self.programs.release(&interface).await {
                Ok(()) => line.answer(&Answer::Done).await,
                Err(error) => line.refuse(&error).await,
            },
            Request::Enter { instance } => match self.programs.entrance(&instance) {
                Ok(entrance) => line.answer(&Answer::Entrance(Box::new(entrance))).await,
                Err(error) => line.refuse(&error).await,
            },
            Request::Internet => line.answer(&Answer::Guest(Box::new(self.programs.guest()))).await,
            Request::Explain(question) => match answer(&self.engine, self.grounds.as_ref(), &question).await {
                Ok(told) => line.answer(&Answer::Explained(Box::new(told))).await,
                Err(error) => line.refuse(&error).await,
            },
            Request::Reach(asked) => match reach::told(&self.engine, self.grounds.as_ref(), *asked).await {
                Ok(told) => line.answer(&Answer::Reached(Box::new(told))).await,
                Err(reason) => line.refuse(&reason).await,
            },
            Request::Compare(asked) => match compare::told(&self.engine, *asked).await {
                Ok(told) => line.answer(&Answer::Compared(Box::new(told))).await,
                Err(reason) => line.refuse(&reason).await,
            },
            Request::Workloads { nat_may_go } => {
                line.answer(&Answer::Workloads(Box::new(self.workloads(nat_may_go)))).await
            }
            Request::Records { from, until } => match &self.meter {
                Some(meter) => match meter.records(from, until).await {
                    Ok(records) => line.answer(&Answer::Records(Box::new(records))).await,
                    Err(reason) => line.refuse(&reason).await,
                },
                None => line.refuse(&"nothing is counted here").await,
            },
            Request::Events { last, follow } => self.tell_events(&mut line, last, follow).await,
            Request::FlushFlowLogs => {
                if let Some(flow_logs) = &self.flow_logs {
                    let _ = flow_logs.flush().await;
                }
                line.answer(&Answer::Done).await
            }
            Request::Look(look) => match self.look(&look).await {
                Ok(seen) => line.answer(&seen).await,
                Err(reason) => line.refuse(&reason).await,
            },
            Request::Stop => self.end(&mut line).await,
        }
    }

    /// The VPCs with the traffic that events tell.
    fn workloads(&self, nat_may_go: bool) -> advise::Running {
        let world = self.engine.world();
        let events = self.events.follow(usize::MAX).0;
        let (seen, mut remarks) = advise::happened(&world, events.iter().map(|event| &**event));
        let mut workloads = advise::workloads(&world, nat_may_go);
        remarks.extend(seen.apply(&world, &mut workloads, nat_may_go));
        let workloads = advise::considered(workloads);
        remarks.extend(advise::ways_out(&world, &workloads));
        advise::Running { workloads, remarks }
    }

    /// Looks at a flow.
    async fn look(&self, look: &Look) -> Result<Answer, String> {
        let grounds = self.grounds.as_ref().ok_or("nothing can be looked at here")?;
        let seen = explain::look(grounds, look).await?;
        let live = serde_json::to_value(&seen.live).map_err(|error| error.to_string())?;
        Ok(Answer::Seen { trace: seen.trace.to_string(), notes: seen.notes, live, text: seen.live.to_string() })
    }

    /// Ends everything, whether the client stays to hear of it or not.
    async fn end<S: AsyncRead + AsyncWrite + Unpin>(&self, line: &mut Line<S>) -> io::Result<()> {
        let (left, mut news) = watch::channel(0);
        let mut told = Ok(());
        {
            let ending = std::pin::pin!(self.programs.end_all(&left));
            let mut ending = ending;
            loop {
                tokio::select! {
                    () = &mut ending => break,
                    Ok(()) = news.changed(), if told.is_ok() => {
                        let left = *news.borrow_and_update();
                        told = line.answer(&Answer::Ending { left }).await;
                    }
                }
            }
        }
        if told.is_ok() {
            told = line.answer(&Answer::Done).await;
        }
        self.stop.notify_one();
        told
    }

    /// Gives an interface to a client, and waits until that holds it. On an error nobody has it.
    async fn hand_over<S: AsyncRead + AsyncWrite + Unpin>(
        &self, line: &mut Line<S>, attached: Answer, interface: &NetworkInterfaceId,
    ) -> io::Result<()> {
        line.answer(&attached).await?;
        if line.request().await? != Some(Request::Held) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the interface was not taken"));
        }
        match self.programs.hold(interface) {
            // Whatever becomes of the client now, its lock tells.
            Ok(()) => drop(line.answer(&Answer::Done).await),
            Err(error) => {
                line.refuse(&error).await?;
                return Err(io::Error::other(error));
            }
        }
        Ok(())
    }

    async fn tell_events<S: AsyncRead + AsyncWrite + Unpin>(
        &self, line: &mut Line<S>, last: usize, follow: bool,
    ) -> io::Result<()> {
        let place = if follow { Some(self.followers.try_acquire()) } else { None };
        if matches!(place, Some(Err(_))) {
            return line.refuse(&format!("{MOST_FOLLOWERS} others follow the events; end one of them")).await;
        }
        let (newest, mut coming) = self.events.follow(last);
        for event in newest {
            line.event(&event).await?;
        }
        if !follow {
            return line.answer(&Answer::Done).await;
        }
        let mut byte = [0_u8; 1];
        loop {
            tokio::select! {
                // Nothing more is said: the client has gone.
                _ = line.0.read(&mut byte) => return Ok(()),
                event = coming.recv() => match event {
                    Ok(event) => line.event(&event).await?,
                    Err(RecvError::Lagged(missed)) => {
                        let reason = format!("events come faster than they are taken, and {missed} were left out; follow again");
                        return line.refuse(&reason).await;
                    }
                    Err(RecvError::Closed) => return line.answer(&Answer::Done).await,
                },
            }
        }
    }

    async fn status(&self) -> Status {
        let network = match timeout(ENGINE_LIMIT, self.engine.behind()).await {
            Ok(None) => Network::Applied,
            Ok(Some(_)) => Network::Behind,
            Err(_) => Network::Changing,
        };
        let world = self.engine.world();
        let gateways = world.endpoints.iter().filter(|e| matches!(e.kind, EndpointKind::Gateway { .. })).count();
        Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            pid: std::process::id(),
            endpoint: self.endpoint.clone(),
            state: self.state.path().to_owned(),
            started: self.started,
            region: self.accounts.region().to_string(),
            account: self.accounts.administrator().account.clone(),
            vpcs: world.vpcs.len(),
            subnets: world.subnets.len(),
            gateway_endpoints: gateways,
            interface_endpoints: world.endpoints.len() - gateways,
            instances: world.instances.iter().filter(|i| i.state == InstanceState::Running).count(),
            programs: world.interfaces.iter().filter(|i| i.attachment == Attachment::Program).count(),
            network,
        }
    }

    fn access(&self, account: Option<AccountId>) -> Result<Access, AccountsError> {
        let key = self.accounts.key_of(&account.unwrap_or_else(|| self.accounts.home()))?.into();
        let region = self.accounts.region().to_string();
        Ok(Access { endpoint: self.endpoint.clone(), key, region })
    }
}

/// A conversation in lines.
struct Line<S>(BufReader<S>);

impl<S: AsyncRead + AsyncWrite + Unpin> Line<S> {
    /// The next request; none if the client has gone.
    async fn request(&mut self) -> io::Result<Option<Request>> {
        let mut line = Vec::new();
        let mut bounded = (&mut self.0).take(LONGEST_REQUEST);
        timeout(CLIENT_LIMIT, bounded.read_until(b'\n', &mut line)).await??;
        if line.is_empty() {
            return Ok(None);
        }
        if line.last() != Some(&b'\n') {
            let reason = format!("a request is one line of at most {LONGEST_REQUEST} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, reason));
        }
        let understood = serde_json::from_slice(&line);
        understood.map(Some).map_err(|error| {
            let reason = format!("the daemon does not understand the request ({error}); is it of another version?");
            io::Error::new(io::ErrorKind::InvalidData, reason)
        })
    }

    async fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        let mut line = serde_json::to_vec(answer)?;
        line.push(b'\n');
        self.write(&line).await
    }

    async fn refuse(&mut self, reason: &impl ToString) -> io::Result<()> {
        self.answer(&Answer::Refused { reason: reason.to_string() }).await
    }

    async fn event(&mut self, event: &str) -> io::Result<()> {
        self.write(format!("{{\"event\":{event}}}\n").as_bytes()).await
    }

    async fn write(&mut self, line: &[u8]) -> io::Result<()> {
        timeout(CLIENT_LIMIT, self.0.write_all(line)).await??;
        timeout(CLIENT_LIMIT, self.0.flush()).await?
    }
}
