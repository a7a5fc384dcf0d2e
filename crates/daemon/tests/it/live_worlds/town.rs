//! Small worlds that lie side by side in one daemon, each with accounts of its own, and what is tried in them.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_iam::{Context as Keys, Policies, Policy, PolicyType, Principal, Requirement};
use sidegate_linux::dataplane::{INTERNET_HOSTS, INTERNET_HOSTS_IPV6};
use sidegate_model::{
    AccountId, Attachment, InstanceState, NetworkInterface, NetworkInterfaceId, VpcEndpointId, VpcId, World,
};
use sidegate_plan::analyze::{Call, Flow, Goal};

use crate::asked::{Asked, packets};
use crate::naive::{ICMP, ICMPV6, Outcome, TCP, UDP};
use crate::worlds::{Maker, Probe, Step, names};

/// What a world is made of, and by which numbers things are tried in it.
#[derive(Clone, Debug)]
pub(super) struct Recipe {
    pub(super) steps: Vec<Step>,
    pub(super) probes: Vec<Probe>,
    /// What names, and rules of buckets, are chosen by.
    pub(super) choice: usize,
}

/// A small world, and what is tried in it.
#[derive(Clone)]
pub(super) struct Town {
    pub(super) world: World,
    pub(super) bucket: Option<Bucket>,
    pub(super) attempts: Vec<Attempt>,
    /// Whether a function tries something too, in the place of an instance.
    pub(super) has_function: bool,
}

/// Something that is tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Attempt {
    /// The interface that it is tried from; `None` from the internet.
    pub(super) source: Option<NetworkInterfaceId>,
    /// The address on the internet that it is tried from.
    pub(super) from: IpAddr,
    pub(super) aim: Aim,
    pub(super) protocol: u8,
    pub(super) port: u16,
}

/// What it is tried on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Aim {
    Address(IpAddr),
    /// A name, with a call for the object of the world's bucket if that is wanted.
    Name {
        name: String,
        calls: bool,
    },
}

/// A bucket, which belongs to the account of the world's first VPC and holds one object.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Bucket {
    pub(super) name: String,
    pub(super) owner: AccountId,
    pub(super) rule: Rule,
}

/// What its policy says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Rule {
    /// There is none.
    Nothing,
    /// All but what comes through an endpoint is denied.
    Through(VpcEndpointId),
    /// All but what comes from a VPC is denied.
    From(VpcId),
    /// All but what comes from public addresses is denied.
    Public,
    /// Another account is allowed, beside its own.
    Guest(AccountId),
}

/// Of so many worlds one has a function: an environment takes longer to start than a program.
const WITH_FUNCTION: usize = 13;

/// The only object.
pub(super) const KEY: &str = "a";

/// The addresses of the program on the internet.
pub(super) fn outside() -> Vec<IpAddr> {
    let ipv6 = INTERNET_HOSTS_IPV6.nth(1).map(IpAddr::from);
    INTERNET_HOSTS.nth(1).map(IpAddr::from).into_iter().chain(ipv6).collect()
}

impl Rule {
    fn of(world: &World, choice: usize) -> Self {
        let endpoints: Vec<_> = world.endpoints.iter().filter(|own| own.service == "s3").collect();
        let endpoint = endpoints.get(choice / 5 % endpoints.len().max(1)).map(|own| Self::Through(own.id.clone()));
        let vpcs: Vec<_> = world.vpcs.iter().map(|vpc| Self::From(vpc.id.clone())).collect();
        match choice % 5 {
            1 => endpoint.unwrap_or(Self::Public),
            2 => vpcs.get(choice / 5 % vpcs.len().max(1)).cloned().unwrap_or(Self::Nothing),
            3 => Self::Public,
            4 => world.vpcs.iter().last().map_or(Self::Nothing, |vpc| Self::Guest(vpc.scope.account.clone())),
            _ => Self::Nothing,
        }
    }

    /// The document.
    pub(super) fn document(&self, bucket: &str) -> Option<String> {
        let unless = |condition: &str| ("Deny", format!(r#","Condition":{{{condition}}}"#));
        let (effect, condition) = match self {
            Self::Nothing => return None,
            Self::Guest(_) => ("Allow", String::new()),
            Self::Through(id) => unless(&format!(r#""StringNotEquals":{{"aws:SourceVpce":"{id}"}}"#)),
            Self::From(id) => unless(&format!(r#""StringNotEquals":{{"aws:SourceVpc":"{id}"}}"#)),
            Self::Public => unless(r#""NotIpAddress":{"aws:SourceIp":"198.18.0.0/15"}"#),
        };
        let who = match self {
            Self::Guest(account) => format!(r#"{{"AWS":"{account}"}}"#),
            _ => r#""*""#.to_owned(),
        };
        let about = format!(r#""Principal":{who},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*""#);
        Some(format!(r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}",{about}{condition}}}]}}"#))
    }
}

impl Bucket {
    /// Whether its account and its policy let an account read it that arrives so.
    pub(super) fn lets(&self, world: &World, caller: &AccountId, outcome: &Outcome) -> bool {
        let is_own = *caller == self.owner;
        let endpoint = match outcome {
            Outcome::Endpoint(id, _) => Some(id),
            _ => None,
        };
        match &self.rule {
            Rule::Nothing => is_own,
            Rule::Guest(account) => is_own || caller == account,
            Rule::Through(id) => is_own && endpoint == Some(id),
            Rule::From(vpc) => {
                is_own && endpoint.and_then(|id| world.endpoints.get(id)).is_some_and(|own| own.vpc == *vpc)
            }
            // What comes through an endpoint has no `aws:SourceIp`.
            Rule::Public => is_own && matches!(outcome, Outcome::Internet(IpAddr::V4(_))),
        }
    }

    /// A call for its object.
    fn call(&self, caller: &AccountId) -> Call {
        let wanted = Requirement::new("s3:GetObject", format!("arn:aws:s3:::{}/{KEY}", self.name));
        let wanted = wanted.owned_by(self.owner.clone());
        let policy = self.rule.document(&self.name).map(|text| Policy::parse(&text, PolicyType::Resource).unwrap());
        let wanted = policy.into_iter().fold(wanted, |wanted, policy| wanted.under(Arc::new(policy)));
        Call {
            principal: Principal::Root(caller.clone().into()),
            requirements: vec![wanted],
            policies: Policies::default(),
            context: Keys::new(),
            unknown: Vec::new(),
        }
    }
}

impl Attempt {
    /// The packet, where it is aimed at an address or a name leads to that one.
    pub(super) fn asked(&self, to: IpAddr) -> Asked {
        Asked { source: self.source.clone(), from: self.from, to, protocol: self.protocol, port: self.port }
    }

    /// The flow to trace.
    pub(super) fn flow(&self, town: &Town) -> Flow {
        match &self.aim {
            Aim::Address(to) => self.asked(*to).flow(),
            Aim::Name { name, calls } => {
                let flow = Flow { goal: Goal::Name(name.clone()), ..self.asked(self.from).flow() };
                let caller = self.home(town).map(|home| home.scope.account.clone());
                match (&town.bucket, caller) {
                    (Some(bucket), Some(caller)) if *calls => flow.calling(bucket.call(&caller)),
                    _ => flow,
                }
            }
        }
    }

    /// The interface that it is tried from.
    pub(super) fn home<'t>(&self, town: &'t Town) -> Option<&'t NetworkInterface> {
        town.world.interfaces.get(self.source.as_ref()?)
    }
}

/// Whether an instance runs behind an interface, which can be told to try something.
pub(super) fn is_inhabited(world: &World, interface: &NetworkInterface) -> bool {
    match &interface.attachment {
        Attachment::Instance { instance, .. } => {
            let state = world.instances.get(instance).map(|own| own.state);
            state.is_some_and(|state| [InstanceState::Pending, InstanceState::Running].contains(&state))
        }
        _ => false,
    }
}

impl Town {
    /// Makes a world beside others, which it is added to, and decides what to try.
    pub(super) fn make(recipe: &Recipe, all: &mut World, number: u64, now: i64) -> Self {
        let mut maker = Maker::beside(std::mem::take(all), number, now);
        for step in recipe.steps.iter().filter_map(lived) {
            maker.apply(&step);
        }
        let world = maker.world.clone();
        *all = maker.all();
        let first = world.vpcs.iter().find(|vpc| vpc.scope.region.as_str() == "us-east-1");
        let bucket = first.map(|vpc| Bucket {
            name: format!("world-{number}"),
            owner: vpc.scope.account.clone(),
            rule: Rule::of(&world, recipe.choice),
        });
        let has_function = recipe.choice.is_multiple_of(WITH_FUNCTION);
        let mut town = Self { attempts: Vec::new(), world, bucket, has_function };
        town.attempts = town.wanted(recipe);
        town
    }

    /// Whether a function makes an attempt: its interface is none of those that the world was made with.
    pub(super) fn is_by_function(&self, at: usize) -> bool {
        let source = self.attempts.get(at).and_then(|own| own.source.as_ref());
        source.is_some_and(|id| self.world.interfaces.get(id).is_none())
    }

    /// What is tried: packets by the recipe's numbers, and names.
    fn wanted(&self, recipe: &Recipe) -> Vec<Attempt> {
        let world = &self.world;
        let packets = packets(world, &recipe.probes, &outside()).into_iter();
        let mut all: Vec<_> = packets.filter_map(|asked| self.at_address(asked)).collect();
        let sources: Vec<_> = world.interfaces.iter().filter(|own| is_inhabited(world, own)).collect();
        let mut known = names(world);
        known.retain(|name| !name.starts_with("x.y."));
        let from = IpAddr::from([0, 0, 0, 0]);
        for (at, source) in sources.iter().enumerate() {
            let place = recipe.choice.wrapping_mul(31).wrapping_add(at * 7);
            let mut chosen = vec![(known[place % known.len()].clone(), false)];
            if let Some(bucket) = self.bucket.as_ref().filter(|_| source.scope.region.as_str() == "us-east-1") {
                let hosts = self.hosts_of_buckets();
                let host = &hosts[place % hosts.len()];
                chosen.push((format!("{}.{host}", bucket.name), true));
            }
            all.extend(chosen.into_iter().map(|(name, calls)| Attempt {
                source: Some(source.id.clone()),
                from,
                aim: Aim::Name { name, calls },
                protocol: TCP,
                port: 443,
            }));
        }
        all
    }

    /// What may stand behind the name of a bucket.
    fn hosts_of_buckets(&self) -> Vec<String> {
        let own = self.world.endpoints.iter().filter(|own| own.service == "s3" && own.interface().is_some());
        let names = own.flat_map(|own| own.own_names(&self.world)).map(|(name, _)| name.replace('*', "bucket"));
        let public = ["s3.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3.amazonaws.com"];
        public.map(str::to_owned).into_iter().chain(names.filter(|name| name.contains(".us-east-1."))).collect()
    }

    /// A packet that a program can send without being root.
    fn at_address(&self, asked: Asked) -> Option<Attempt> {
        let is_sent = match asked.protocol {
            TCP | UDP => true,
            ICMP => asked.port == 8 << 8 && asked.to.is_ipv4(),
            ICMPV6 => asked.port == 128 << 8 && asked.to.is_ipv6(),
            _ => false,
        };
        let source = asked.source.as_ref().and_then(|id| self.world.interfaces.get(id));
        let lives = asked.source.is_none() || source.is_some_and(|own| is_inhabited(&self.world, own));
        (is_sent && lives).then_some(Attempt {
            source: asked.source,
            from: asked.from,
            aim: Aim::Address(asked.to),
            protocol: asked.protocol,
            port: asked.port,
        })
    }
}

/// The step as it is taken where programs really run: all are instances, which the daemon starts and nothing else does.
fn lived(step: &Step) -> Option<Step> {
    match step {
        Step::Exec { subnet, groups } => Some(Step::Run { subnet: *subnet, groups: groups.clone(), count: 1 }),
        Step::InstanceIs { .. } | Step::Start { .. } => None,
        other => Some(other.clone()),
    }
}
