//! Looking, with packets, whether it is as it was explained.
//!
//! A connection is opened from the source's own network, and no service does anything for it: the gate is asked with a probe,
//! whose question stands in the daemon, and answers nothing.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use sidegate_edge::gate::{Grants, Question, Verdict};
use sidegate_edge::visit;
use sidegate_iam::{Path, Policies};
use sidegate_plan::analyze::{Call, Code, EPHEMERAL_PORTS, Flow, Goal, Source, Step, Trace};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Grounds;
pub(crate) use super::seen::Live;
use super::seen::{Connection, Decision, Dns, From, Outcome, Tls};
pub(crate) use super::vantage::LiveError;
use super::vantage::Vantage;

/// How long a connection, an answer and a handshake are waited for: AWS drops in silence.
const LIMIT: Duration = Duration::from_secs(3);

/// How many of a name's addresses are tried.
const MOST: usize = 16;

/// The numbers of protocols.
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: [u8; 2] = [1, 58];

/// The types and codes of echo requests, as flows write them.
const ECHO: [u16; 2] = [8 << 8, 128 << 8];

/// The ports of HTTP and of HTTP over TLS.
const PLAIN: u16 = 80;
const SECURE: u16 = 443;

/// Looks whether a flow goes as `trace`, which is that of the same flow, says: the name, the connection, TLS, and the decision
/// about the call, if it has one. It takes at most some seconds, and does nothing at any service.
///
/// A source in a subnet looks from an interface that is attached for it, and so does a function, whose own lets out nothing
/// but what its environments send; it has another address than the source. It is taken away whatever becomes of whoever asks.
///
/// # Errors
/// [`LiveError`] if it cannot be looked from there.
pub(crate) async fn live(grounds: &Grounds, flow: &Flow, trace: &Trace) -> Result<Live, LiveError> {
    let (grounds, flow, trace) = (grounds.clone(), flow.clone(), trace.clone());
    // A task of its own, which goes on to the end if nobody waits for it any more.
    let look = tokio::spawn(async move {
        let ports = Some(flow.source_ports).filter(|ports| *ports != EPHEMERAL_PORTS);
        let vantage = Vantage::of(&grounds, &flow.source, trace.source.as_ref(), ports).await?;
        let seen = Look { grounds: &grounds, flow: &flow, trace: &trace, vantage: &vantage }.seen().await;
        vantage.leave(&grounds).await;
        Ok(seen.compare(&trace))
    });
    look.await.map_err(|_| LiveError::Interrupted)?
}

/// A look that is under way.
struct Look<'a> {
    grounds: &'a Grounds,
    flow: &'a Flow,
    trace: &'a Trace,
    vantage: &'a Vantage,
}

impl Look<'_> {
    async fn seen(&self) -> Live {
        let (mut notes, mut uncompared) = (Vec::new(), Vec::new());
        let Vantage { interface, addresses, is_supposed, .. } = self.vantage;
        let from = From { interface: interface.clone(), addresses: addresses.clone(), supposed: *is_supposed };
        if let Source::Internet(own) = &self.flow.source
            && !addresses.contains(own)
        {
            notes.push(format!("it was looked from the emulated internet's own host, not from {own}"));
        }
        let dns = match self.name() {
            Some(name) => Some(self.resolved(name).await),
            None => None,
        };
        let goals = match &dns {
            Some(dns) => dns.addresses.clone(),
            None => self.address().into_iter().collect(),
        };
        let goals = goals.into_iter().filter(|to| self.vantage.has_family_of(*to)).take(MOST);
        let goals: Vec<_> = goals.map(|to| SocketAddr::new(to, self.port())).collect();
        let (connections, stream) = self.connected(&goals, &mut uncompared).await;
        let mut live = Live {
            from,
            dns,
            connections,
            tls: None,
            decision: None,
            agrees: None,
            compared: Vec::new(),
            uncompared,
            differences: Vec::new(),
            notes,
        };
        if let Some(stream) = stream.filter(|_| self.is_for_service()) {
            self.served(stream, &mut live).await;
        }
        live
    }

    /// The name that is asked for.
    fn name(&self) -> Option<&str> {
        self.trace.hops.iter().find_map(|hop| match &hop.step {
            Step::Name(resolution) => Some(resolution.name.as_str()),
            _ => None,
        })
    }

    /// The address that is meant, where no name is.
    fn address(&self) -> Option<IpAddr> {
        let world = self.grounds.engine.world();
        let interface = match &self.flow.goal {
            Goal::Address(address) => return Some(*address),
            Goal::Interface(id) => id.clone(),
            Goal::Instance(id) => world.instances.get(id)?.interface.clone()?,
            Goal::Name(_) | Goal::Service(_) => return None,
        };
        match &self.flow.source {
            Source::Internet(IpAddr::V6(_)) => world.interfaces.get(&interface)?.ipv6.first().map(|own| (*own).into()),
            Source::Internet(IpAddr::V4(_)) => {
                world.public_addresses().find(|own| own.interface.id == interface).map(|own| own.public.into())
            }
            _ => world.interfaces.get(&interface).map(|own| own.address.into()),
        }
    }

    /// The port; 0 for what has none.
    fn port(&self) -> u16 {
        if [TCP, UDP].contains(&self.flow.protocol) { self.flow.port } else { 0 }
    }

    /// Whether the other side is a service of AWS, as far as is known. Of others, nothing but a connection is wanted.
    fn is_for_service(&self) -> bool {
        let met = |step: &Step| {
            matches!(step, Step::Endpoint(_) | Step::Service { .. } | Step::ServerName { .. } | Step::Listener { .. })
        };
        self.flow.protocol == TCP
            && (self.flow.call.is_some()
                || matches!(self.flow.goal, Goal::Service(_))
                || self.trace.hops.iter().any(|hop| met(&hop.step)))
    }

    async fn resolved(&self, name: &str) -> Dns {
        let answer = async {
            let socket = self.vantage.resolver()?;
            visit::resolve(&socket, name, LIMIT).await
        };
        match answer.await {
            Ok(visit::Answer { code, addresses }) => Dns { name: name.to_owned(), answer: code, addresses },
            Err(error) => Dns { name: name.to_owned(), answer: error.to_string(), addresses: Vec::new() },
        }
    }

    /// What comes of each address at once, and a connection to the first that takes one.
    async fn connected(
        &self, goals: &[SocketAddr], uncompared: &mut Vec<String>,
    ) -> (Vec<Connection>, Option<TcpStream>) {
        let (mut seen, mut first) = (Vec::new(), None);
        match self.flow.protocol {
            TCP => {
                let tries = goals.iter().map(|to| timeout(LIMIT, self.vantage.connect(*to)));
                for (to, tried) in goals.iter().zip(all(tries).await) {
                    let outcome = match tried {
                        Err(_) => Outcome::Silent,
                        Ok(Err(error)) => of_error(&error),
                        Ok(Ok(stream)) => {
                            first.get_or_insert(stream);
                            Outcome::Connected
                        }
                    };
                    seen.push(Connection { to: *to, outcome });
                }
            }
            UDP => {
                for (to, outcome) in goals.iter().zip(all(goals.iter().map(|to| self.knocked(*to))).await) {
                    seen.push(Connection { to: *to, outcome });
                }
            }
            protocol if ICMP.contains(&protocol) && ECHO.contains(&self.flow.port) => {
                for (to, outcome) in goals.iter().zip(all(goals.iter().map(|to| self.echoed(to.ip()))).await) {
                    seen.push(Connection { to: *to, outcome });
                }
            }
            protocol => uncompared.push(format!(
                "nothing was sent: nobody has to answer by protocol {protocol}, so that nothing would be seen of it"
            )),
        }
        (seen, first)
    }

    async fn knocked(&self, to: SocketAddr) -> Outcome {
        let answered = async {
            let socket = self.vantage.datagrams(to)?;
            visit::knock(&socket, LIMIT).await
        };
        answered.await.map_or_else(
            |error| of_error(&error),
            |answered| if answered { Outcome::Answered } else { Outcome::Unanswered },
        )
    }

    async fn echoed(&self, to: IpAddr) -> Outcome {
        let answered = async {
            let socket = self.vantage.messages(to)?;
            visit::echo(&socket, to, LIMIT).await
        };
        answered.await.map_or_else(
            |error| of_error(&error),
            |answered| if answered { Outcome::Answered } else { Outcome::Silent },
        )
    }

    /// What comes of TLS and of the call over a connection to a service.
    async fn served(&self, stream: TcpStream, live: &mut Live) {
        let name = self.name().or(self.flow.server_name.as_deref());
        let Some(name) = name else {
            live.notes.push("no name is asked for, without which no service is spoken to".to_owned());
            return;
        };
        match self.flow.port {
            SECURE => {
                let shaken = visit::handshake(stream, name, &self.grounds.authority, LIMIT).await;
                let (version, failure) = match &shaken {
                    Ok(stream) => (Some(visit::tls_version(stream).to_owned()), None),
                    Err(reason) => (None, Some(reason.to_string())),
                };
                live.tls = Some(Tls { name: name.to_owned(), version, failure });
                if let (Ok(stream), Some(call)) = (shaken, &self.flow.call) {
                    live.decision = Some(self.decided(call, name, stream).await);
                }
            }
            PLAIN => {
                if let Some(call) = &self.flow.call {
                    live.decision = Some(self.decided(call, name, stream).await);
                }
            }
            _ => {}
        }
    }

    /// What the gate decides about a call that comes over a connection.
    async fn decided<S>(&self, call: &Call, name: &str, stream: S) -> Decision
    where
        S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    {
        let none = |reason: String| Decision { reason: Some(reason), ..Decision::default() };
        let asked = match self.grounds.probes.ask(question(call)) {
            Ok(asked) => asked,
            Err(error) => return none(error.to_string()),
        };
        let answer = visit::probe(stream, name, &asked.token(), LIMIT).await;
        match (asked.verdict(), answer) {
            (Some(Verdict { path, denial }), _) => {
                let (endpoint, source) = match path {
                    Path::Public { source } => (None, source),
                    Path::Endpoint { endpoint, source, .. } => (Some(endpoint), source),
                };
                Decision {
                    allowed: Some(denial.is_none()),
                    code: denial.as_ref().map(|own| Code::of_policy(own.policy, own.statement.is_some())),
                    endpoint,
                    source: Some(source),
                    reason: denial.map(|own| own.to_string()),
                }
            }
            (None, Ok(status)) => none(format!("the request was refused with status {status} before it was decided")),
            (None, Err(error)) => none(error.to_string()),
        }
    }
}

/// What the gate is asked: the call, without what the gate finds out for itself.
fn question(call: &Call) -> Question {
    let found_by_gate = |key: &str| {
        ["aws:currenttime", "aws:epochtime", "aws:viaawsservice", "aws:requestedregion"].contains(&key)
            || ["s3:", "aws:principalorg", "aws:resourceorg"].iter().any(|prefix| key.starts_with(prefix))
    };
    let policies =
        Policies { service_control: Vec::new(), resource_control: Vec::new(), endpoint: None, ..call.policies.clone() };
    let operation = call.requirements.first().and_then(|first| first.action.split_once(':'));
    Question {
        principal: call.principal.clone(),
        grants: Grants { policies, context: call.context.clone().without(found_by_gate) },
        operation: operation.map(|(_, name)| name.to_owned()).unwrap_or_default(),
        requirements: call.requirements.clone(),
    }
}

/// What an error of a connection tells.
fn of_error(error: &io::Error) -> Outcome {
    match error.kind() {
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset => Outcome::Refused,
        io::ErrorKind::TimedOut => Outcome::Silent,
        _ => Outcome::Unreachable,
    }
}

/// All of them at once, in their order.
async fn all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut is_over = true;
        for (future, output) in running.iter_mut().filter(|(_, output)| output.is_none()) {
            match future.as_mut().poll(context) {
                std::task::Poll::Ready(value) => *output = Some(value),
                std::task::Poll::Pending => is_over = false,
            }
        }
        if is_over { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    running.into_iter().filter_map(|(_, output)| output).collect()
}
