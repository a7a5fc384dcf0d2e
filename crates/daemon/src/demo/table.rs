//! The table of a question's calls: a row for those that are alike. Pure.

use sidegate_edge::events::EndpointType;

use super::calls::Row;
use crate::diagram::{columns, fitted};

/// The titles of the columns.
const TITLES: [&str; 6] = ["call", "service", "endpoint", "path", "decided by", "bytes out/in"];

/// A space at which no line is broken.
const BOUND: char = '\u{a0}';

/// What is between two columns.
const GAP: usize = 2;

/// Below the table: what "decided by" means.
const LEGEND: [&str; 2] = [
    "decided by: the statement of each policy that allowed it: the endpoint's, the resource's, the role's",
    "bytes: those of the bodies, without headers and TLS",
];

/// The table in lines of at most `width` columns, with what was decided besides below it. Where it is too wide, cells are
/// broken between words; where that is not enough, also between numbers; and in the end each row is a few lines.
pub(super) fn of(rows: &[Row], width: usize) -> String {
    let form = |form: fn(&Row) -> [String; 6]| -> Vec<[String; 6]> {
        [TITLES.map(str::to_owned)].into_iter().chain(rows.iter().map(form)).collect()
    };
    let mut cells = form(bound_cells);
    let mut found = widths(&cells, width);
    if found.is_none() {
        cells = form(tight_cells);
        found = widths(&cells, width);
    }
    let mut lines = match found {
        Some(widths) => {
            let mut lines: Vec<String> = cells.iter().flat_map(|row| line(row, widths)).collect();
            let heading = cells.first().map(|row| line(row, widths).len()).unwrap_or_default();
            let rule = line(&widths.map(|width| "─".repeat(width)), widths);
            lines.splice(heading..heading, rule);
            lines
        }
        None => form(bound_cells).iter().skip(1).flat_map(|row| entry(row, width)).collect(),
    };
    lines.extend(LEGEND.iter().flat_map(|line| fitted(line, width)));
    for row in rows {
        for (action, decided_by) in &row.besides {
            let operation = &row.operation;
            let besides =
                format!("besides: {operation} needed {action} in the function's name, decided by {decided_by}");
            lines.extend(fitted(&besides, width));
        }
    }
    lines.iter().map(|line| format!("{}\n", line.replace(BOUND, " "))).collect()
}

/// The cells of a row that are broken between words alone.
fn bound_cells(row: &Row) -> [String; 6] {
    cells(row).map(|cell| bound(&cell))
}

/// The cells of a row that take as few columns as can be read: how often it was called, and the second of two numbers, may
/// stand in a line of their own.
fn tight_cells(row: &Row) -> [String; 6] {
    let [call, service, endpoint, path, decided_by, bytes] = cells(row);
    [call, service, endpoint, bound(&path), bound(&decided_by), bytes.replace('/', "/ ")]
}

/// A cell in which numbers and signs stay with the word before them.
fn bound(cell: &str) -> String {
    let mut text = String::new();
    let mut rest = cell.chars().peekable();
    while let Some(c) = rest.next() {
        let binds = |next: &char| next.is_ascii_digit() || ['→', '×'].contains(next);
        text.push(if c == ' ' && rest.peek().is_some_and(binds) { BOUND } else { c });
    }
    text
}

/// The widths of the columns: the widest one is narrowed until all have room. `None` if a word is wider than that.
fn widths(rows: &[[String; 6]], limit: usize) -> Option<[usize; 6]> {
    let (mut widths, mut words) = ([0; 6], [0; 6]);
    for row in rows {
        for ((width, word), cell) in widths.iter_mut().zip(&mut words).zip(row) {
            *width = columns(cell).max(*width);
            *word = cell.split(' ').map(columns).max().unwrap_or_default().max(*word);
        }
    }
    let room = limit.saturating_sub(GAP * (widths.len() - 1));
    while widths.iter().sum::<usize>() > room {
        let narrowable = widths.iter_mut().zip(words).filter(|(width, word)| **width > *word);
        *narrowable.map(|(width, _)| width).max_by_key(|width| **width)? -= 1;
    }
    Some(widths)
}

/// A row: as many lines as its highest cell has.
fn line(cells: &[String; 6], widths: [usize; 6]) -> Vec<String> {
    // Two numbers that are not divided after all are one word.
    let joined = |cell: String| cell.replace("/ ", "/");
    let fit = |cell: &String, width| fitted(cell, width).into_iter().map(joined).collect::<Vec<String>>();
    let cells: Vec<_> = cells.iter().zip(widths).map(|(cell, width)| (fit(cell, width), width)).collect();
    let height = cells.iter().map(|(lines, _)| lines.len()).max().unwrap_or_default();
    let cell = |(lines, width): &(Vec<String>, usize), row: usize| {
        let text = lines.get(row).map(String::as_str).unwrap_or_default();
        format!("{text}{}", " ".repeat((width + GAP).saturating_sub(columns(text))))
    };
    let row = |row: usize| cells.iter().map(|own| cell(own, row)).collect::<String>().trim_end().to_owned();
    (0..height).map(row).collect()
}

/// A row where there is no room for columns.
fn entry(row: &[String; 6], width: usize) -> Vec<String> {
    let [call, service, endpoint, path, decided_by, bytes] = row;
    let mut lines = fitted(&format!("{call}: {service}, {endpoint}"), width);
    for said in [path.clone(), format!("decided by {decided_by}"), format!("{bytes} bytes out/in")] {
        lines.extend(fitted(&said, width.saturating_sub(GAP)).into_iter().map(|line| format!("{:GAP$}{line}", "")));
    }
    lines
}

fn cells(row: &Row) -> [String; 6] {
    let name = match row.failed {
        None => row.operation.clone(),
        Some(status) => format!("{} ({status})", row.operation),
    };
    let operation = match row.count {
        1 => name,
        count => format!("{name} ×{count}"),
    };
    let endpoint = match row.endpoint_type {
        EndpointType::Gateway => "gateway",
        EndpointType::Interface => "interface",
    };
    let bytes = format!("{}/{}", grouped(row.sent), grouped(row.received));
    [operation, row.service.clone(), endpoint.to_owned(), row.path.clone(), row.decided_by.clone(), bytes]
}

/// A number with commas between thousands.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::calls::folded;
    use crate::demo::calls::tests::request;

    fn rows() -> Vec<Row> {
        let table = Some("rtb-0123456789abcdef0");
        let allowed =
            "statement 2 of the VPC endpoint policy and statement 2 of identity-based policy 1 calls allow it";
        let resource = "statement 1 of the resource-based policy allows it";
        folded(&[
            request("secretsmanager", "GetSecretValue", None, &[allowed, resource]),
            request("s3", "GetObject", table, &[allowed]),
            request("s3", "GetObject", table, &[allowed]),
        ])
    }

    #[test]
    fn the_table_has_a_row_for_the_calls_that_are_alike_and_says_what_was_decided_besides() {
        let wide = "\
call            service          endpoint   path                          decided by          bytes out/in
──────────────  ───────────────  ─────────  ────────────────────────────  ──────────────────  ────────────
GetSecretValue  Secrets Manager  interface  10.79.2.4 → vpce-0a1b2c3d     endpoint 2, role 2  1,000/4,383
GetObject ×2    S3               gateway    rtb-01234567 → vpce-0a1b2c3d  endpoint 2, role 2  2,000/8,766
decided by: the statement of each policy that allowed it: the endpoint's, the resource's, the role's
bytes: those of the bodies, without headers and TLS
besides: GetSecretValue needed secretsmanager:GetSecretValue in the function's name, decided by secret 1
";
        assert_eq!((of(&rows(), 116), of(&rows(), 198)), (wide.to_owned(), wide.to_owned()));
    }

    #[test]
    fn a_call_that_failed_has_a_row_of_its_own_with_its_status() {
        let answered = request("bedrock-runtime", "Converse", None, &[]);
        let mut refused = answered.clone();
        refused.event.status = Some(429);
        let table = of(&folded(&[answered.clone(), refused, answered]), 116);
        let names: Vec<_> = table.lines().skip(2).take(2).map(|line| line.split("  ").next().unwrap()).collect();
        assert_eq!(names, ["Converse ×2", "Converse (429)"]);
    }

    #[test]
    fn a_narrow_table_breaks_its_cells_and_one_that_is_narrower_still_has_no_columns() {
        assert_eq!(
            of(&rows(), 78),
            "\
call            service    endpoint   path            decided by   bytes
                                                                   out/in
──────────────  ─────────  ─────────  ──────────────  ───────────  ───────────
GetSecretValue  Secrets    interface  10.79.2.4 →     endpoint 2,  1,000/4,383
                Manager               vpce-0a1b2c3d   role 2
GetObject ×2    S3         gateway    rtb-01234567 →  endpoint 2,  2,000/8,766
                                      vpce-0a1b2c3d   role 2
decided by: the statement of each policy that allowed it: the endpoint's, the
resource's, the role's
bytes: those of the bodies, without headers and TLS
besides: GetSecretValue needed secretsmanager:GetSecretValue in the function's
name, decided by secret 1
"
        );
        let narrow = of(&rows(), 58);
        assert!(
            narrow.starts_with(
                "\
GetSecretValue: Secrets Manager, interface
  10.79.2.4 → vpce-0a1b2c3d
  decided by endpoint 2, role 2
  1,000/4,383 bytes out/in
"
            ),
            "{narrow}"
        );
        for width in [38, 58, 78, 116, 198] {
            let table = of(&rows(), width);
            assert!(table.lines().all(|line| columns(line) <= width), "{width}\n{table}");
        }
    }

    #[test]
    fn long_names_and_numbers_are_a_table_at_eighty_columns() {
        let table = Some("rtb-0123456789abcdef0");
        let allowed =
            "statement 2 of the VPC endpoint policy and statement 2 of identity-based policy 1 calls allow it";
        let mut rows = folded(&[
            request("s3", "GetObject", table, &[allowed]),
            request("logs", "CreateLogStream", None, &[allowed]),
            request("bedrock-runtime", "InvokeModel", None, &[allowed]),
        ]);
        rows[0].count = 41;
        rows[0].received = 1_234_567;
        rows[2].sent = 161_084;
        assert!(
            of(&rows, 78).starts_with(
                "\
call             service     endpoint   path            decided by   bytes
                                                                     out/in
───────────────  ──────────  ─────────  ──────────────  ───────────  ─────────
GetObject ×41    S3          gateway    rtb-01234567 →  endpoint 2,  1,000/
                                        vpce-0a1b2c3d   role 2       1,234,567
CreateLogStream  CloudWatch  interface  10.79.2.4 →     endpoint 2,  1,000/
                 Logs                   vpce-0a1b2c3d   role 2       4,383
InvokeModel      Bedrock     interface  10.79.2.4 →     endpoint 2,  161,084/
                                        vpce-0a1b2c3d   role 2       4,383
"
            ),
            "{}",
            of(&rows, 78)
        );
    }

    #[test]
    fn numbers_have_commas_between_thousands() {
        assert_eq!([0, 999, 1_000, 161_084, 1_000_000].map(grouped), ["0", "999", "1,000", "161,084", "1,000,000"]);
    }
}
