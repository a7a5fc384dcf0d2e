//! The page of codes.

use std::collections::BTreeSet;

use sidegate_plan::analyze::{Code, Origin};

const PAGE: &str = include_str!("../../../../docs/codes.md");

#[test]
fn the_page_of_codes_lists_all_of_them_as_they_are() {
    let rows: Vec<&str> = PAGE.lines().filter(|line| line.starts_with("| `")).collect();
    let wanted: Vec<String> = Code::ALL
        .iter()
        .map(|code| {
            let whose = match code.origin() {
                Origin::Aws => "AWS",
                Origin::Own => "own",
            };
            format!("| `{code}` | {whose} | {} |", code.meaning())
        })
        .collect();
    assert_eq!(rows, wanted);
    let names: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(names.len(), Code::ALL.len());
}
