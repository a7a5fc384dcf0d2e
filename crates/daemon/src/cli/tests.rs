//! The command line as it is typed, and what is printed for people.

use clap::{CommandFactory as _, Parser as _};

use super::*;
use crate::control::{Access, Network, Status};
use crate::programs::Key;

fn parse(line: &str) -> Result<Command, String> {
    Cli::try_parse_from(line.split_whitespace()).map(|cli| cli.command).map_err(|error| error.to_string())
}

#[test]
fn the_tree_of_commands_is_sound() {
    Cli::command().debug_assert();
}

#[test]
fn up_listens_where_recipes_expect_it_unless_it_is_told() {
    let Ok(Command::Up(args)) = parse("sidegate up") else { panic!() };
    assert_eq!(args.listen.to_string(), "127.0.0.1:4566");
    let line = "sidegate up --state /s --listen 127.0.0.1:1 --region eu-west-1 --account 123456789012 --detach \
                --access-key-id AKIAIOSFODNN7EXAMPLE --secret-access-key s3cr3t";
    let Ok(Command::Up(args)) = parse(line) else { panic!("{:?}", parse(line)) };
    let key = Key { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), secret: "s3cr3t".to_owned() };
    assert_eq!(args.access_key().unwrap(), Some(key));
    assert!(!format!("{args:?}").contains("s3cr3t"), "no secret in a log");
    assert!(args.detach && args.region.is_some() && args.account.is_some());
    assert!(parse("sidegate up --access-key-id AKIAIOSFODNN7EXAMPLE").is_err());
    assert!(parse("sidegate up --region nowhere-1").is_err());
}

#[test]
fn exec_takes_a_subnet_or_an_instance_and_a_command_after_two_hyphens() {
    for line in [
        "sidegate exec --subnet subnet-1 -- true",
        "sidegate exec --subnet subnet-1 --security-group sg-1 --security-group sg-2 -- aws s3 ls --debug",
        "sidegate exec i-1 -- sh -c true",
        "sidegate exec --subnet subnet-1 --role arn:aws:iam::123456789012:role/app -- true",
        "sidegate exec --state /s --subnet subnet-1 --writable /srv/x --read-only -- true",
    ] {
        assert!(matches!(parse(line), Ok(Command::Exec(_))), "{line}: {:?}", parse(line));
    }
    for line in [
        "sidegate exec -- true",
        "sidegate exec --subnet subnet-1",
        "sidegate exec i-1 --subnet subnet-1 -- true",
        "sidegate exec i-1 --security-group sg-1 -- true",
        "sidegate exec --internet --role app -- true",
        "sidegate exec vpc-1 -- true",
        "sidegate exec --subnet subnet-1 true",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
}

#[test]
fn the_internal_commands_are_understood_and_not_shown() {
    assert!(matches!(parse("sidegate holder --socket /s/holder.sock"), Ok(Command::Holder { .. })));
    assert!(matches!(parse("sidegate shim --spec-fd 7"), Ok(Command::Shim { spec_fd: 7 })));
    let help = Cli::command().render_long_help().to_string();
    assert!(!help.contains("shim") && !help.contains("holder"), "{help}");
}

#[test]
fn the_status_is_a_table_of_names_and_values() {
    let status = Status {
        version: "0.1.0".to_owned(),
        pid: 42,
        endpoint: "http://127.0.0.1:4566".to_owned(),
        state: "/var/lib/sidegate".into(),
        started: 0,
        region: "us-east-1".to_owned(),
        account: "000000000000".to_owned(),
        vpcs: 1,
        subnets: 2,
        gateway_endpoints: 1,
        interface_endpoints: 3,
        instances: 1,
        programs: 0,
        network: Network::Applied,
    };
    assert_eq!(
        status::table(&status, 3_723_000),
        "daemon     running, pid 42, version 0.1.0, since 1 h 2 min\n\
         API        http://127.0.0.1:4566\n\
         state      /var/lib/sidegate\n\
         account    000000000000\n\
         Region     us-east-1\n\
         network    as the API says\n\
         VPCs       1, with 2 subnets\n\
         endpoints  4: 1 gateway, 3 interface\n\
         running    1 instance, 0 programs\n"
    );
}

#[test]
fn the_environment_survives_a_shell_whatever_is_in_it() {
    let access = Access {
        endpoint: "http://127.0.0.1:4566".to_owned(),
        key: Key { id: "AKIA1".to_owned(), secret: "a'b $(x)/+".to_owned() },
        region: "us-east-1".to_owned(),
    };
    let script = format!("{}printf %s \"$AWS_SECRET_ACCESS_KEY\"", env::exports(&access));
    let output = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), access.key.secret);
    assert!(!format!("{access:?}").contains("$(x)"), "no secret in a log");
}
