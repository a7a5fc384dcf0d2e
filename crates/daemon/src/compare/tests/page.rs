//! docs/endpoint-types.md: what stands between its markers is what the program says.

use std::fs;
use std::path::Path;

use sidegate_plan::analyze::{Flow, Goal, Source, Trace};

use super::*;
use crate::compare::cost::Costs;
use crate::compare::table;
use crate::explain::{Screen, Verdict, path, rendered};

/// The columns of what stands there as text.
const WIDTH: usize = 110;

/// The file below this crate, and the picture that it shows.
const PAGE: &str = "../../docs/endpoint-types.md";
const PICTURE: &str = "../../docs/pictures/endpoint-types.svg";

/// What each marker stands for.
fn made(name: &str) -> String {
    let of = |service: &str| -> (Asked, Compiled) {
        let asked = asked(Some(service));
        let compiled = Compiled::example(&asked);
        (asked, compiled)
    };
    let part = |service: &str, keys: &[&str]| {
        let (asked, compiled) = of(service);
        let rows = asked.comparison(&compiled.network()).unwrap().rows(&compiled.network());
        let rows: Vec<_> = rows.into_iter().filter(|row| keys.contains(&row.key)).collect();
        assert_eq!(rows.len(), keys.len(), "{keys:?}");
        table::markdown(&rows)
    };
    match name {
        "compare" => {
            let asked = asked(None);
            let compiled = Compiled::example(&asked);
            table::markdown(&asked.comparison(&compiled.network()).unwrap().rows(&compiled.network()))
        }
        "explain gateway" => explained("s3", "s3"),
        "explain interface" => explained("bedrock-runtime", "bedrock-runtime"),
        "s3" => part("s3", &["names", "privateDns", "ownNames", "zones", "peers", "outside", "breakEven"]),
        "dynamodb" => part("dynamodb", &["names", "privateDns", "ownNames"]),
        "bedrock" => part("bedrock-runtime", &["endpoint", "path", "route"]),
        "costs" => costs(),
        other => panic!("no output is called {other}"),
    }
}

/// The path of a program in the example, as `sidegate explain` tells it.
fn explained(service: &str, to: &str) -> String {
    let world = example::world(None, None).unwrap();
    let plan = compile(&world);
    let program = world.interfaces.iter().find(|own| own.attachment == sidegate_model::Attachment::Program).unwrap();
    let flow = Flow::tcp(Source::Interface(program.id.clone()), Goal::Service(service.to_owned()), 443);
    let trace: Trace = sidegate_plan::analyze::trace(&world, &plan, &flow).unwrap();
    assert!(trace.disposition.is_reached(), "{trace}");
    let heading =
        vec![format!("{} reaches {to} at tcp 443", program.id), trace.disposition.to_string().replace("reached: ", "")];
    let tree = path(&world, Verdict::Reached, heading, &trace);
    format!("```text\n{}```\n", rendered(&tree, Screen { width: WIDTH, colour: false }))
}

/// The Regions whose prices are known, and where the costs meet.
fn costs() -> String {
    let prices = Prices::known().unwrap();
    let mut text = "| Region | interface endpoint, by the hour in each zone | no more than a NAT gateway that stays, with 1 zone \
                    | 2 zones | 3 zones | no more than a NAT gateway of its own, with 3 zones |\n|---|---|---|---|---|---|\n"
        .to_owned();
    for region in Region::all() {
        let by_zones = [1, 2, 3].map(|zones| Costs::of(&prices, region, Some(zones)));
        if !by_zones[0].is_priced() {
            continue;
        }
        let hour = by_zones[0].hour_lines()[0].replace(" in each zone", "");
        let volume = |costs: &Costs, line: usize| {
            let lines = costs.break_even_lines();
            lines[line].split_once(": ").unwrap().1.to_owned()
        };
        let [one, two, three] = by_zones.each_ref().map(|costs| volume(costs, 0));
        let instead = volume(&by_zones[2], 1);
        text += &format!("| {region} | {hour} | {one} | {two} | {three} | {instead} |\n");
    }
    text
}

/// The page with what is made in its places.
fn remade(page: &str) -> String {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<!-- made: ") {
        let (name, after) = after.split_once(" -->").expect("a marker ends");
        let (_, after) = after.split_once("<!-- end -->").unwrap_or_else(|| panic!("`{name}` has no end"));
        text += &format!("{before}<!-- made: {name} -->\n\n{}\n<!-- end -->", made(name));
        rest = after;
    }
    text + rest
}

#[test]
fn what_the_page_shows_is_what_the_program_says() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE)).unwrap();
    assert!(page.matches("<!-- made: ").count() >= 7, "{page}");
    is_golden(PAGE, &remade(&page));
    is_golden(PICTURE, &text(Asked { form: Form::Svg, ..asked(None) }.of_example().unwrap()));
}
