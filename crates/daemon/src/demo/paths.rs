//! The two paths as they were taken: pictures of the events of real requests. Pure but for the files that they are
//! written to.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::{fs, io};

use sidegate_edge::events::{EndpointType, EventPath};

use super::calls::Request;
use crate::diagram::{Kind, Outcome, Picture, Stage, State, service_name};

/// The files of the pictures.
const FILES: [&str; 2] = ["gateway-endpoint.svg", "interface-endpoint.svg"];

/// A picture that cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to `{}` ({reason}); name another directory with --pictures", path.display())]
pub(super) struct Unwritable {
    /// The file or the directory.
    path: PathBuf,
    /// The system's answer.
    reason: io::Error,
}

/// What an event does not have: names of what stands on the way.
#[derive(Debug)]
#[cfg_attr(test, derive(serde::Deserialize))]
pub(super) struct Waymarks {
    /// The security group of the function.
    pub(super) function_group: String,
    /// The prefix list of the gateway endpoint's service.
    pub(super) prefixes: String,
    /// The security group of the interface endpoint, its network interface at the destination, and the subnet of that.
    pub(super) endpoint_group: String,
    pub(super) endpoint_interface: String,
    pub(super) endpoint_subnet: String,
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

/// The picture of a request's path; `None` if it led through no endpoint.
pub(super) fn picture(request: &Request, marks: &Waymarks) -> Option<Picture> {
    let EventPath::Endpoint { vpc, source, subnet, destination, route_table, endpoint, .. } = &request.event.path
    else {
        return None;
    };
    let (vpc, home) = (format!("VPC {vpc}"), format!("subnet {subnet}"));
    let in_home = |stage: Stage| stage.at(&vpc, &home);
    let service = service_name(&request.service);
    let host = request.event.host.clone().unwrap_or_default();
    let name = Stage::new(Kind::Name, format!("DNS: {host}")).with(format!("→ {}", told(*destination)));
    let group = Stage::new(Kind::Group, format!("security group {}, egress", marks.function_group));
    let mut stages = vec![in_home(Stage::new(Kind::Source, "the function").with(format!("{source}, in {subnet}")))];
    let (title, charge) = match (request.endpoint_type, route_table) {
        (EndpointType::Gateway, Some(table)) => {
            let route = format!("{} → {endpoint}, the most specific wins", marks.prefixes);
            let table = Stage::new(Kind::Routes, format!("route table {table}")).with(route);
            let gateway = Stage::new(Kind::Gateway, format!("gateway endpoint {endpoint}"));
            stages.extend([
                in_home(name.with("public DNS: the service's public address")),
                in_home(group),
                in_home(Stage::new(Kind::Acl, "network ACL of the subnet")),
                table.being(State::Decides).at(&vpc, ""),
                gateway.with("no network interface, no security group of its own").at(&vpc, ""),
            ]);
            (format!("Gateway endpoint {endpoint}"), "no hourly charge, no charge for data")
        }
        _ => {
            let far = format!("subnet {}", marks.endpoint_subnet);
            let door = Stage::new(Kind::Group, format!("security group {}, ingress", marks.endpoint_group));
            let interface = Stage::new(Kind::Interface, format!("network interface {}", marks.endpoint_interface));
            let interface = interface.with(destination.to_string()).with(format!("of interface endpoint {endpoint}"));
            stages.extend([
                in_home(name.with(format!("private DNS of {endpoint}")).being(State::Decides)),
                in_home(group),
                in_home(Stage::new(Kind::Acl, "network ACLs, where it leaves the subnet")),
                Stage::new(Kind::Local, "local route of the VPC").at(&vpc, ""),
                door.with("port 443").at(&vpc, &far),
                interface.at(&vpc, &far),
                Stage::new(Kind::PrivateLink, "PrivateLink").with(format!("to {service}, on AWS's network")),
            ]);
            (format!("Interface endpoint {endpoint}"), "charged per zone and hour, and per GB")
        }
    };
    stages.extend(request.event.requirements.iter().map(|judgement| {
        let verdict = if judgement.allowed { "allowed" } else { "denied" };
        Stage::new(Kind::Policy, format!("{} {verdict}", judgement.action)).with(&judgement.because)
    }));
    let status = request.event.status.map(|status| format!(" → {status}")).unwrap_or_default();
    let call = format!("{service} {}{status}", request.operation);
    stages.push(Stage::new(Kind::Service, call).with(charge));
    let is_answered = request.event.status.is_some_and(|status| status < 400);
    Some(Picture::new(&title, if is_answered { Outcome::Reached } else { Outcome::Blocked }, "", stages))
}

/// Writes the pictures into a directory, which is made if it is not there: their files.
///
/// # Errors
/// If one cannot be written.
pub(super) fn write(directory: &Path, pictures: &[Picture]) -> Result<Vec<String>, Unwritable> {
    make(directory)?;
    let files = FILES.iter().zip(pictures).map(|(name, picture)| {
        let file = directory.join(name);
        fs::write(&file, picture.svg()).map_err(|reason| Unwritable { path: file.clone(), reason })?;
        Ok(file.display().to_string())
    });
    files.collect()
}

/// Tries whether they can be written there, before there is anything to draw: makes the directory, and changes no file.
///
/// # Errors
/// If one cannot be written.
pub(super) fn try_out(directory: &Path) -> Result<(), Unwritable> {
    make(directory)?;
    for file in FILES.map(|name| directory.join(name)) {
        let is_new = file.symlink_metadata().is_err();
        let tried = fs::File::options().create(true).truncate(false).write(true).open(&file);
        tried.map_err(|reason| Unwritable { path: file.clone(), reason })?;
        if is_new {
            let _ = fs::remove_file(file);
        }
    }
    Ok(())
}

fn make(directory: &Path) -> Result<(), Unwritable> {
    fs::create_dir_all(directory).map_err(|reason| Unwritable { path: directory.to_owned(), reason })
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
    use crate::diagram::tests::is_golden;
    use crate::diagram::{columns, side_by_side};

    #[test]
    fn a_place_for_pictures_is_tried_out_without_a_trace_and_named_if_it_is_none() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("deep/er");
        try_out(&place).unwrap();
        assert_eq!(fs::read_dir(&place).unwrap().count(), 0);
        fs::write(place.join(FILES[0]), "drawn before").unwrap();
        try_out(&place).unwrap();
        assert_eq!(fs::read_to_string(place.join(FILES[0])).unwrap(), "drawn before");
        fs::create_dir(place.join(FILES[1])).unwrap();
        for (place, path) in [(place.clone(), place.join(FILES[1])), ("/proc/x".into(), "/proc/x".into())] {
            let error = try_out(&place).unwrap_err().to_string();
            assert!(error.starts_with(&format!("cannot write to `{}` (", path.display())), "{error}");
        }
    }

    /// Requests of a demo that was played, and what stood on their way.
    #[derive(serde::Deserialize)]
    struct Played {
        gateway: serde_json::Value,
        interface: serde_json::Value,
        marks: Waymarks,
    }

    impl Played {
        fn pictures(self) -> [Picture; 2] {
            let Self { gateway, interface, marks } = self;
            [(gateway, EndpointType::Gateway), (interface, EndpointType::Interface)].map(|(event, endpoint_type)| {
                let event: sidegate_edge::events::Event = serde_json::from_value(event).unwrap();
                let (operation, service) = (event.operation.clone().unwrap(), event.service.clone().unwrap());
                picture(&Request { operation, service, endpoint_type, event }, &marks).unwrap()
            })
        }
    }

    fn played() -> [Picture; 2] {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/paths/played.json");
        serde_json::from_str::<Played>(&std::fs::read_to_string(file).unwrap()).unwrap().pictures()
    }

    #[test]
    fn the_pictures_of_the_readme_are_those_that_the_demo_draws() {
        let [gateway, interface] = played();
        for (file, picture) in FILES.iter().zip([gateway, interface]) {
            is_golden(&format!("../../docs/pictures/{file}"), &picture.svg());
        }
    }

    #[test]
    fn the_paths_stand_beside_each_other_where_there_is_room_and_else_below() {
        for width in [60, 80, 118, 200] {
            let drawing = side_by_side(&played(), width - 2);
            is_golden(&format!("src/demo/paths/played-{width}.txt"), &drawing);
            assert!(drawing.lines().all(|line| columns(line) + 2 <= width), "{width}\n{drawing}");
            let is_beside = drawing.lines().any(|line| line.contains("Gateway endpoint") && line.contains("Interface"));
            assert_eq!(is_beside, width >= 118, "{drawing}");
        }
    }

    #[test]
    fn the_last_document_and_the_question_to_the_model_are_drawn() {
        let table = Some("rtb-0123456789abcdef0");
        let requests = [
            request("s3", "GetObject", table, &[]),
            request("s3", "GetObject", table, &["the last"]),
            request("bedrock-runtime", "Converse", None, &[]),
        ];
        let (gateway, interface) = drawn(&requests).unwrap();
        assert_eq!(gateway.event.requirements[0].because, "the last");
        assert_eq!(interface.operation, "Converse");
        assert!(drawn(&requests[..2]).is_none());
    }
}
