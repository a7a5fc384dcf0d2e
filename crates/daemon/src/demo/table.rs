//! The table of a question's calls: a row for those that are alike. Pure.

use sidegate_edge::events::EndpointType;

use super::calls::Row;

/// The titles of the columns.
const TITLES: [&str; 6] = ["call", "service", "endpoint", "path", "decided by", "bytes out/in"];

/// Below the table: what "decided by" means.
const LEGEND: &str = "\
decided by: the statement of each policy that allowed it: the endpoint's, the resource's, the role's
bytes: those of the bodies, without headers and TLS";

/// The table, with what was decided besides below it.
pub(super) fn of(rows: &[Row]) -> String {
    let cells: Vec<[String; 6]> = [TITLES.map(str::to_owned)].into_iter().chain(rows.iter().map(cells)).collect();
    let mut widths = [0; 6];
    for row in &cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut lines: Vec<String> = cells.iter().map(|row| line(row, widths)).collect();
    lines.insert(1, line(&widths.map(|width| "─".repeat(width)), widths));
    lines.push(LEGEND.to_owned());
    for row in rows {
        for (action, decided_by) in &row.besides {
            let operation = &row.operation;
            lines.push(format!("besides: {operation} needed {action} in the function's name, decided by {decided_by}"));
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn line(cells: &[String; 6], widths: [usize; 6]) -> String {
    let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

fn cells(row: &Row) -> [String; 6] {
    let operation = match row.count {
        1 => row.operation.clone(),
        count => format!("{} ×{count}", row.operation),
    };
    let endpoint = match row.endpoint_type {
        EndpointType::Gateway => "gateway",
        EndpointType::Interface => "interface",
    };
    let bytes = format!("{}/{}", grouped(row.sent), grouped(row.received));
    [operation, row.service.to_owned(), endpoint.to_owned(), row.path.clone(), row.decided_by.clone(), bytes]
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

    #[test]
    fn the_table_has_a_row_for_the_calls_that_are_alike_and_says_what_was_decided_besides() {
        let table = Some("rtb-0123456789abcdef0");
        let allowed =
            "statement 2 of the VPC endpoint policy and statement 2 of identity-based policy 1 calls allow it";
        let requests = [
            request(
                "secretsmanager",
                "GetSecretValue",
                None,
                &[allowed, "statement 1 of the resource-based policy allows it"],
            ),
            request("s3", "GetObject", table, &[allowed]),
            request("s3", "GetObject", table, &[allowed]),
        ];
        assert_eq!(
            of(&folded(&requests)),
            "\
call            service          endpoint   path                          decided by          bytes out/in
──────────────  ───────────────  ─────────  ────────────────────────────  ──────────────────  ────────────
GetSecretValue  Secrets Manager  interface  10.79.2.4 → vpce-0a1b2c3d     endpoint 2, role 2  1,000/4,383
GetObject ×2    S3               gateway    rtb-01234567 → vpce-0a1b2c3d  endpoint 2, role 2  2,000/8,766
decided by: the statement of each policy that allowed it: the endpoint's, the resource's, the role's
bytes: those of the bodies, without headers and TLS
besides: GetSecretValue needed secretsmanager:GetSecretValue in the function's name, decided by secret 1
"
        );
    }

    #[test]
    fn numbers_have_commas_between_thousands() {
        assert_eq!([0, 999, 1_000, 161_084, 1_000_000].map(grouped), ["0", "999", "1,000", "161,084", "1,000,000"]);
    }
}
