//! The two paths as they were taken: told from the events of real requests, beside each other. Pure.

use std::net::IpAddr;

use sidegate_edge::events::{EndpointType, EventPath};

use super::calls::{Request, name_of, short};
use super::narration::wrapped;

/// How wide the column of the first path is, and how much of a column text takes that can be wrapped.
const WIDTH: usize = 62;
const TEXT: usize = 54;

/// What an event does not have: names of what stands on the way.
pub(super) struct Waymarks {
    /// The security group of the function.
    pub(super) function_group: String,
    /// The prefix list of the gateway endpoint's service.
    pub(super) prefixes: String,
    /// The security group of the interface endpoint, and its network interface at the destination.
    pub(super) endpoint_group: String,
    pub(super) endpoint_interface: String,
}

/// The requests that are drawn: the last one through a gateway endpoint that fetched a document, and the question to the
/// model.
pub(super) fn drawn(requests: &[Request]) -> Option<(&Request, &Request)> {
    let last = |endpoint_type, operation: &str| {
        let is_it = |request: &&Request| request.endpoint_type == endpoint_type && request.operation == operation;
        requests.iter().rev().find(is_it)
    };
    Some((last(EndpointType::Gateway, "GetObject")?, last(EndpointType::Interface, "Converse")?))
}

/// Both paths, beside each other.
pub(super) fn side_by_side(gateway: &Request, interface: &Request, marks: &Waymarks) -> String {
    let columns = column(gateway, marks).into_iter().zip(column(interface, marks));
    let mut lines = String::new();
    for (left, right) in columns {
        for row in 0..left.len().max(right.len()) {
            let cell = |part: &[String]| part.get(row).map(String::as_str).unwrap_or_default().to_owned();
            lines.push_str(format!("{:WIDTH$}{}", cell(&left), cell(&right)).trim_end());
            lines.push('\n');
        }
    }
    lines
}

/// The parts of a path, each of which begins at the same height as the other path's.
fn column(request: &Request, marks: &Waymarks) -> Vec<Vec<String>> {
    let EventPath::Endpoint { source, subnet, destination, route_table, endpoint, .. } = &request.event.path else {
        return Vec::new();
    };
    let arrow = || "  v".to_owned();
    let endpoint = short(endpoint.as_str());
    let title = match request.endpoint_type {
        EndpointType::Gateway => format!("GATEWAY ENDPOINT {endpoint}"),
        EndpointType::Interface => format!("INTERFACE ENDPOINT {endpoint}"),
    };
    let host = request.event.host.clone().unwrap_or_default();
    let begin = vec![
        title,
        String::new(),
        format!("the function, {source} in {}", short(subnet.as_str())),
        format!("  |  DNS: {host}"),
        format!("  |       → {}", told(*destination)),
        arrow(),
        format!("security group {} (egress)", short(&marks.function_group)),
        arrow(),
    ];
    let between = match (request.endpoint_type, route_table) {
        (EndpointType::Gateway, Some(table)) => vec![
            "network ACL of the subnet".to_owned(),
            arrow(),
            format!("route table {}", short(table.as_str())),
            format!("  {} → {endpoint}, the most specific wins", marks.prefixes),
            arrow(),
            "no network interface, no group of the endpoint's own".to_owned(),
            arrow(),
        ],
        _ => vec![
            "network ACLs, where it leaves the subnet".to_owned(),
            arrow(),
            "local route of the VPC".to_owned(),
            arrow(),
            format!("security group {} (ingress 443)", short(&marks.endpoint_group)),
            arrow(),
            format!("network interface {}, {destination}", short(&marks.endpoint_interface)),
            arrow(),
            "PrivateLink".to_owned(),
            arrow(),
        ],
    };
    let decided = request.event.requirements.iter().flat_map(|judgement| {
        let verdict = if judgement.allowed { "allowed" } else { "denied" };
        let because = wrapped(&judgement.because, TEXT - 2).into_iter().map(|line| format!("  {line}"));
        [format!("{} {verdict}:", judgement.action)].into_iter().chain(because).collect::<Vec<_>>()
    });
    let status = request.event.status.map(|status| status.to_string()).unwrap_or_default();
    let charge = match request.endpoint_type {
        EndpointType::Gateway => "no hourly charge, no charge for data",
        EndpointType::Interface => "charged per zone and hour, and per GB",
    };
    let end =
        vec![arrow(), format!("{} {} → {status}", name_of(&request.service), request.operation), charge.to_owned()];
    vec![begin, between, decided.collect(), end]
}

/// An address, and whether a private network may have it.
pub(super) fn told(address: IpAddr) -> String {
    match address {
        IpAddr::V4(own) if own.is_private() => format!("{address} (private)"),
        _ => format!("{address} (public)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::calls::tests::request;

    #[test]
    fn the_paths_stand_beside_each_other_with_what_each_packet_met() {
        let allowed =
            "statement 2 of the VPC endpoint policy and statement 6 of identity-based policy 2 calls allow it";
        let requests = [
            request("s3", "GetObject", Some("rtb-0123456789abcdef0"), &[allowed]),
            request("bedrock-runtime", "Converse", None, &[allowed]),
        ];
        let (gateway, interface) = drawn(&requests).unwrap();
        let marks = Waymarks {
            function_group: "sg-1111111111111111".to_owned(),
            prefixes: "pl-63a5400a".to_owned(),
            endpoint_group: "sg-2222222222222222".to_owned(),
            endpoint_interface: "eni-3333333333333333".to_owned(),
        };
        let drawing = side_by_side(gateway, interface, &marks);
        assert_eq!(
            drawing,
            "\
GATEWAY ENDPOINT vpce-0a1b2c3d                                INTERFACE ENDPOINT vpce-0a1b2c3d

the function, 10.79.1.9 in subnet-01234567                    the function, 10.79.1.9 in subnet-01234567
  |  DNS: s3.us-east-1.amazonaws.com                            |  DNS: bedrock-runtime.us-east-1.amazonaws.com
  |       → 198.18.0.16 (public)                                |       → 10.79.2.4 (private)
  v                                                             v
security group sg-11111111 (egress)                           security group sg-11111111 (egress)
  v                                                             v
network ACL of the subnet                                     network ACLs, where it leaves the subnet
  v                                                             v
route table rtb-01234567                                      local route of the VPC
  pl-63a5400a → vpce-0a1b2c3d, the most specific wins           v
  v                                                           security group sg-22222222 (ingress 443)
no network interface, no group of the endpoint's own            v
  v                                                           network interface eni-33333333, 10.79.2.4
                                                                v
                                                              PrivateLink
                                                                v
s3:GetObject allowed:                                         bedrock-runtime:Converse allowed:
  statement 2 of the VPC endpoint policy and statement          statement 2 of the VPC endpoint policy and statement
  6 of identity-based policy 2 calls allow it                   6 of identity-based policy 2 calls allow it
  v                                                             v
S3 GetObject → 200                                            Bedrock Converse → 200
no hourly charge, no charge for data                          charged per zone and hour, and per GB
"
        );
        assert!(drawing.lines().all(|line| line.chars().count() <= 118));
        assert!(drawn(&requests[..1]).is_none());
    }
}
