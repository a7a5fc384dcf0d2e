//! NAT gateways with several addresses, by what a host outside sees of the connections that go out by them.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Daemon, Network, announced, need_root, text};

/// A server: says its addresses, and tells each connection whom it comes from; then it gives back what it gets. It ends
/// with its input.
const SERVER: &str = r#"
import os, socket, subprocess, sys, threading
def serve(connection, peer):
    try:
        connection.sendall(peer[0].encode() + b"\n")
        while data := connection.recv(100):
            connection.sendall(data)
    except OSError:
        pass
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
listener = socket.create_server(("0.0.0.0", 9000), backlog=100)
print(subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.strip(), flush=True)
while True:
    threading.Thread(target=serve, args=listener.accept(), daemon=True).start()
"#;

/// A client: opens connections that last, and tells of each whom the server sees; asks by one that it has opened, and
/// tells whether there was an answer; closes one.
const CLIENT: &str = r#"
import socket, sys
print("ready", flush=True)
connections = []
for line in sys.stdin:
    what, which = line.split()
    if what == "open":
        connection = socket.create_connection((which, 9000), 5)
        connections.append(connection)
        print(connection.makefile().readline().strip(), flush=True)
    elif what == "ask":
        try:
            connections[int(which)].sendall(b"?")
            print("answer" if connections[int(which)].recv(1) else "end", flush=True)
        except OSError:
            print("end", flush=True)
    elif what == "close":
        connections[int(which)].close()
        print("closed", flush=True)
"#;

/// How long an address that nothing uses may take to go, and what is draining after its time.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections enough to see each address that is lent in turn.
const MANY: usize = 8;

/// The host on the internet that programs there are.
const INTERNET_HOST: &str = "198.19.255.1";

/// A program that lives in a subnet and opens connections to a server.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
    server: String,
    opened: usize,
}

impl Client {
    fn start(daemon: &Daemon, subnet: &str, group: &str, server: &str) -> Self {
        let mut command = daemon.exec(subnet, &[group], &["/usr/bin/python3", "-c", CLIENT]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        Self { child, input, lines, server: server.to_owned(), opened: 0 }
    }

    fn does(&mut self, what: &str, which: &str) -> String {
        writeln!(self.input.as_mut().unwrap(), "{what} {which}").unwrap();
        self.lines.next().unwrap().unwrap()
    }

    /// Opens a connection: its number, and whom the server sees.
    fn opens(&mut self) -> (usize, String) {
        let server = self.server.clone();
        let seen = self.does("open", &server);
        self.opened += 1;
        (self.opened - 1, seen)
    }

    /// Whom the server sees of many connections that are closed at once.
    fn seen(&mut self) -> BTreeSet<String> {
        let one = |_| {
            let (number, seen) = self.opens();
            self.does("close", &number.to_string());
            seen
        };
        (0..MANY).map(one).collect()
    }

    /// Opens a connection that goes out under this address.
    fn opens_under(&mut self, address: &str) -> usize {
        for _ in 0..MANY {
            let (number, seen) = self.opens();
            if seen == address {
                return number;
            }
            self.does("close", &number.to_string());
        }
        panic!("no connection goes out under {address}");
    }

    fn asks(&mut self, number: usize) -> String {
        self.does("ask", &number.to_string())
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // The end of its input is its end.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// A server that ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

fn named(addresses: &[&str]) -> BTreeSet<String> {
    addresses.iter().map(|address| (*address).to_owned()).collect()
}

/// The states of a gateway's addresses.
fn states(daemon: &Daemon, nat: &str) -> Vec<String> {
    let shown = daemon.ec2("DescribeNatGateways", &[("NatGatewayId.1", nat)]).unwrap();
    shown.split("<status>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Waits until the gateway has so many addresses.
fn waits_for(daemon: &Daemon, nat: &str, count: usize, patience: Duration) {
    let limit = Instant::now() + patience;
    while states(daemon, nat).len() != count {
        assert!(Instant::now() < limit, "{:?}\n{}", states(daemon, nat), daemon.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn allocated(daemon: &Daemon) -> (String, String) {
    let made = daemon.ec2("AllocateAddress", &[]).unwrap();
    (text(&made, "allocationId").unwrap().to_owned(), text(&made, "publicIp").unwrap().to_owned())
}

fn route(daemon: &Daemon, table: &str, block: &str, (kind, target): (&str, &str)) {
    let wanted = [("RouteTableId", table), ("DestinationCidrBlock", block), (kind, target)];
    daemon.ec2("CreateRoute", &wanted).unwrap();
}

// enforces: ec2:AssociateNatGatewayAddress, ec2:DisassociateNatGatewayAddress (positive)
// enforces: ec2:AssociateNatGatewayAddress, ec2:DisassociateNatGatewayAddress (negative)
#[test]
fn the_internet_sees_all_addresses_of_a_nat_gateway_and_one_that_is_taken_off_only_by_connections_that_it_has() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    let [public, private] = &network.subnets;
    let gateway = daemon.make("CreateInternetGateway", &[], "internetGatewayId");
    daemon.ec2("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &network.vpc)]).unwrap();
    route(&daemon, &network.tables[0], "0.0.0.0/0", ("GatewayId", &gateway));
    let [(first, one), (second, two)] = [(); 2].map(|()| allocated(&daemon));
    let nat = daemon.make("CreateNatGateway", &[("SubnetId", public), ("AllocationId", &first)], "natGatewayId");
    route(&daemon, &network.tables[1], "0.0.0.0/0", ("NatGatewayId", &nat));
    let mut on_the_internet = daemon.command("exec");
    on_the_internet.args(["--internet", "--", "/usr/bin/python3", "-c", SERVER]);
    let _server = Server(announced(on_the_internet).0);
    let mut client = Client::start(&daemon, private, &network.group, INTERNET_HOST);
    assert_eq!(client.seen(), named(&[&one]));
    let associate = [("NatGatewayId", nat.as_str()), ("AllocationId.1", second.as_str())];
    let mut association = daemon.make("AssociateNatGatewayAddress", &associate, "associationId");
    assert_eq!(client.seen(), named(&[&one, &two]));
    assert!(daemon.ec2("DisassociateAddress", &[("AssociationId", &association)]).is_err());

    // With nothing on it, it goes at once.
    let off = |daemon: &Daemon, association: &str, seconds: &str| {
        let wanted = [("NatGatewayId", &*nat), ("AssociationId.1", association), ("MaxDrainDurationSeconds", seconds)];
        daemon.ec2("DisassociateNatGatewayAddress", &wanted).unwrap();
    };
    off(&daemon, &association, "4000");
    assert_eq!(client.seen(), named(&[&one]));
    waits_for(&daemon, &nat, 1, PATIENCE);
    association = daemon.make("AssociateNatGatewayAddress", &associate, "associationId");

    // A connection keeps it until that ends.
    let kept = client.opens_under(&one);
    let used = client.opens_under(&two);
    off(&daemon, &association, "4000");
    assert_eq!(client.seen(), named(&[&one]));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(states(&daemon, &nat), ["succeeded", "disassociating"]);
    assert_eq!((client.asks(kept), client.asks(used)), ("answer".to_owned(), "answer".to_owned()));
    assert!(daemon.ec2("AssociateNatGatewayAddress", &associate).unwrap_err().contains("OperationInProgress"));
    assert!(daemon.ec2("ReleaseAddress", &[("AllocationId", &second)]).is_err());
    client.does("close", &used.to_string());
    waits_for(&daemon, &nat, 1, PATIENCE);
    association = daemon.make("AssociateNatGatewayAddress", &associate, "associationId");

    // Or until its time is over, of which a daemon that comes back knows.
    let used = client.opens_under(&two);
    off(&daemon, &association, "6");
    daemon.kill();
    daemon.run();
    assert_eq!(states(&daemon, &nat), ["succeeded", "disassociating"]);
    assert_eq!((client.asks(used), client.seen()), ("answer".to_owned(), named(&[&one])));
    waits_for(&daemon, &nat, 1, PATIENCE);
    assert_eq!((client.asks(kept), client.asks(used)), ("answer".to_owned(), "end".to_owned()));
    daemon.ec2("ReleaseAddress", &[("AllocationId", &second)]).unwrap();
    assert_eq!(client.seen(), named(&[&one]));
}

// enforces: ec2:AssignPrivateNatGatewayAddress, ec2:UnassignPrivateNatGatewayAddress (positive)
// enforces: ec2:AssignPrivateNatGatewayAddress, ec2:UnassignPrivateNatGatewayAddress (negative)
#[test]
fn a_peer_sees_all_addresses_of_a_private_nat_gateway_and_one_that_is_taken_off_only_by_connections_that_it_has() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let [of_nat, private] = &network.subnets;
    let vpc = daemon.make("CreateVpc", &[("CidrBlock", "10.78.0.0/16")], "vpcId");
    let subnet = daemon.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.78.1.0/24")], "subnetId");
    let ask = [("VpcId", network.vpc.as_str()), ("PeerVpcId", &vpc)];
    let peering = daemon.make("CreateVpcPeeringConnection", &ask, "vpcPeeringConnectionId");
    daemon.ec2("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &peering)]).unwrap();
    // What the peer knows is the subnet of the gateway alone.
    let of_vpc = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str())];
    let table = daemon.make("DescribeRouteTables", &of_vpc, "routeTableId");
    route(&daemon, &table, "10.77.1.0/24", ("VpcPeeringConnectionId", &peering));
    route(&daemon, &network.tables[0], "10.78.0.0/16", ("VpcPeeringConnectionId", &peering));
    let group = [("VpcId", vpc.as_str()), ("GroupName", "open"), ("GroupDescription", "open to the gateway")];
    let group = daemon.make("CreateSecurityGroup", &group, "groupId");
    let rule = [
        ("GroupId", group.as_str()),
        ("IpPermissions.1.IpProtocol", "tcp"),
        ("IpPermissions.1.FromPort", "9000"),
        ("IpPermissions.1.ToPort", "9000"),
        ("IpPermissions.1.IpRanges.1.CidrIp", "10.77.1.0/24"),
    ];
    daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
    let wanted = [
        ("SubnetId", of_nat.as_str()),
        ("ConnectivityType", "private"),
        ("PrivateIpAddress", "10.77.1.50"),
        ("SecondaryPrivateIpAddress.1", "10.77.1.60"),
    ];
    let nat = daemon.make("CreateNatGateway", &wanted, "natGatewayId");
    route(&daemon, &network.tables[1], "10.78.0.0/16", ("NatGatewayId", &nat));
    let (server, address) = announced(daemon.exec(&subnet, &[&group], &["/usr/bin/python3", "-c", SERVER]));
    let _server = Server(server);
    let mut client = Client::start(&daemon, private, &network.group, &address);
    assert_eq!(client.seen(), named(&["10.77.1.50", "10.77.1.60"]));
    let further = |action: &str, address: &str| {
        let wanted = [("NatGatewayId", nat.as_str()), ("PrivateIpAddress.1", address)];
        daemon.ec2(action, &wanted).unwrap();
    };
    further("AssignPrivateNatGatewayAddress", "10.77.1.70");
    assert_eq!(client.seen(), named(&["10.77.1.50", "10.77.1.60", "10.77.1.70"]));

    let (kept, used) = (client.opens_under("10.77.1.70"), client.opens_under("10.77.1.60"));
    further("UnassignPrivateNatGatewayAddress", "10.77.1.60");
    assert_eq!(client.seen(), named(&["10.77.1.50", "10.77.1.70"]));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(states(&daemon, &nat), ["succeeded", "unassigning", "succeeded"]);
    assert_eq!((client.asks(kept), client.asks(used)), ("answer".to_owned(), "answer".to_owned()));
    client.does("close", &used.to_string());
    waits_for(&daemon, &nat, 2, PATIENCE);
    assert_eq!((client.asks(kept), client.seen()), ("answer".to_owned(), named(&["10.77.1.50", "10.77.1.70"])));
    // Who has the address next is known by it alone.
    let taken = [("SubnetId", of_nat.as_str()), ("PrivateIpAddress", "10.77.1.60")];
    daemon.make("CreateNetworkInterface", &taken, "networkInterfaceId");
}
