//! What is wrong with a log is told of, and the rest is counted.

use proptest::prelude::*;

use super::*;

const GOOD: &str = "2 1 eni-1 10.0.0.1 52.216.0.1 1 443 6 1 100 1 2 ACCEPT OK\n";

#[test]
fn lines_that_are_wrong_are_told_of_with_line_and_column_and_the_rest_is_counted() {
    let bad = [
        ("2 1 eni-1 10.0.0.1\n", "a.log:3:1: the line has 4 fields instead of 14; it is left out"),
        (
            "2 1 eni-1 10.0.0.256 52.216.0.1 1 443 6 1 100 1 2 ACCEPT OK\n",
            "a.log:3:11: srcaddr: `10.0.0.256` is not an address; the line is left out",
        ),
        (
            "2 1 eni-1 10.0.0.1 52.216.0.1 1 443 6 1 -100 1 2 ACCEPT OK\n",
            "a.log:3:41: bytes: `-100` is not a number; the line is left out",
        ),
        (
            "2 1 eni-1 10.0.0.1 52.216.0.1 1 443 6 1 99999999999999999999 1 2 ACCEPT OK\n",
            "a.log:3:41: bytes: `99999999999999999999` is not a number; the line is left out",
        ),
        (
            "2 1 eni-1 10.0.0.1 52.216.0.1 1 443 6 1 - 1 2 ACCEPT OK\n",
            "a.log:3:41: bytes: `-` is not a number; the line is left out",
        ),
        (
            "2 1 eni-1 10.0.0.1 52.216.0.1 1 443 6 1 100 1 2 PERHAPS OK\n",
            "a.log:3:49: action: `PERHAPS` is not ACCEPT or REJECT; the line is left out",
        ),
        (
            "2 1 eni-1 10.0.0.1 52.216.0.1 1 443 6 1 100 1 2 ACCEPT FINE\n",
            "a.log:3:56: log-status: `FINE` is not OK, NODATA or SKIPDATA; the line is left out",
        ),
        ("\u{1b}[31m\n", "a.log:3:1: the line has 1 fields instead of 14; it is left out"),
    ];
    for (line, finding) in bad {
        let observed = observed(&format!("{HEAD}{GOOD}{line}\n{GOOD}"));
        assert_eq!(told(&observed), [finding]);
        assert_eq!((observed.total.bytes, observed.malformed), (200, 1), "{line}");
    }
}

#[test]
fn a_line_without_end_is_left_out_and_costs_no_memory() {
    let text = format!("{HEAD}{GOOD}{}\n{GOOD}", "x".repeat(1 << 20));
    let observed = observed(&text);
    assert_eq!(told(&observed), ["a.log:3:1: the line is longer than 32768 bytes; it is left out"]);
    assert_eq!((observed.total.bytes, observed.malformed), (200, 1));
    let mut logs = logs();
    let source = Slowly { source: text.as_bytes(), step: 1000 };
    logs.read_stream("a.log", source, &mut |_| {});
    let slowly = logs.finish();
    assert_eq!((slowly.total.bytes, slowly.malformed), (200, 1), "also where it comes piece by piece");
    let short = super::observed(&format!("{HEAD}{GOOD}{}\n{GOOD}", "x ".repeat(40_000)));
    assert_eq!(told(&short), ["a.log:3:1: the line is longer than 32768 bytes; it is left out"]);
    assert_eq!((short.total.bytes, short.malformed), (200, 1), "also where its end is held as well");
}

#[test]
fn a_file_without_what_is_counted_is_left_out() {
    let observed = observed("version srcaddr dstaddr\n2 1.1.1.1 2.2.2.2\n");
    assert_eq!(told(&observed), ["a.log:1:1: no column has `bytes`; the file is left out"]);
    assert_eq!((observed.total.flows, observed.malformed, observed.files), (0, 0, 1));
    let other = super::observed("bytes srcaddr\n1 1.1.1.1\n");
    let lack =
        "a.log:1:1: no columns have `srcaddr` and `dstaddr`, or `pkt-srcaddr` and `pkt-dstaddr`; the file is left out";
    assert_eq!(told(&other), [lack]);
}

#[test]
fn a_field_that_is_not_known_is_told_of_and_passed_over() {
    let observed = observed("srcaddr mood dstaddr bytes\n10.0.0.1 fair 52.216.0.1 7\n");
    assert_eq!(told(&observed), ["a.log:1:1: `mood` is no field that is known; it is passed over"]);
    assert_eq!(observed.total.bytes, 7);
}

#[test]
fn gzip_that_ends_too_soon_is_counted_up_to_there() {
    let text = format!("{HEAD}{}", GOOD.repeat(50_000));
    let mut bytes = gzip(text.as_bytes());
    bytes.truncate(bytes.len() / 2);
    let mut logs = logs();
    read(&mut logs, "a.log.gz", bytes);
    read(&mut logs, "b.log", format!("{HEAD}{GOOD}"));
    let observed = logs.finish();
    let told = told(&observed);
    assert!(told[0].starts_with("a.log.gz: it can be read no further: "), "{told:?}");
    assert!(observed.total.flows > 1 && observed.total.flows < 50_000);
    assert_eq!(observed.files, 2);
}

#[test]
fn of_many_findings_the_first_thousand_are_kept_and_all_are_counted() {
    let observed = observed(&format!("{HEAD}{}", "x\n".repeat(5000)));
    assert_eq!((observed.findings.len(), observed.further_findings, observed.malformed), (1000, 4000, 5000));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(
        bytes in prop::collection::vec(prop_oneof![Just(b' '), Just(b'\n'), Just(b'-'), b'0'..=b'9', any::<u8>()], 0..600),
        head in any::<bool>(), start in prop::sample::select(vec![&b""[..], b"PAR1", b"\x1f\x8b", b"2 1 eni-1 1.1.1.1 "])
    ) {
        let mut file = if head { HEAD.as_bytes().to_vec() } else { Vec::new() };
        file.extend_from_slice(start);
        file.extend_from_slice(&bytes);
        let mut logs = logs();
        read(&mut logs, "a.log", file);
        logs.finish();
    }

    #[test]
    fn one_damaged_byte_spoils_one_record_at_most(place in 0..10 * GOOD.len(), byte in any::<u8>()) {
        let mut text = format!("{HEAD}{}", GOOD.repeat(10)).into_bytes();
        text[HEAD.len() + place] = byte;
        let mut logs = logs();
        read(&mut logs, "a.log", text);
        let observed = logs.finish();
        // An end of line that is gone joins two, and one that is new parts one; digits may become others.
        prop_assert!(observed.total.flows + observed.no_data + observed.skipped >= 8, "{:?}", observed);
    }
}
