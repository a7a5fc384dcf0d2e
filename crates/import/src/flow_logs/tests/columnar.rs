//! Parquet: the same records as text, and what is wrong with files.

use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::*;

/// A record: direction, address of the other end, bytes (none for one without data), traffic path.
type Made = (bool, [u8; 4], Option<i64>, i32);

const SCHEMA: &str = "message log {
    OPTIONAL INT32 version; OPTIONAL BYTE_ARRAY interface_id (UTF8); OPTIONAL BYTE_ARRAY srcaddr (UTF8);
    OPTIONAL BYTE_ARRAY dstaddr (UTF8); OPTIONAL INT64 packets; OPTIONAL INT64 bytes; OPTIONAL INT64 start;
    OPTIONAL INT64 end; OPTIONAL BYTE_ARRAY action (UTF8); OPTIONAL BYTE_ARRAY log_status (UTF8);
    OPTIONAL BYTE_ARRAY flow_direction (UTF8); OPTIONAL INT32 traffic_path;
}";

/// A file with a group of rows for each part.
fn file(parts: &[Vec<Made>], compression: Compression) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut bytes = Vec::new();
    let mut writer = SerializedFileWriter::new(&mut bytes, schema, properties).unwrap();
    for part in parts {
        let mut group = writer.next_row_group().unwrap();
        let texts: [&dyn Fn(&Made) -> String; 6] = [
            &|_| "eni-1".to_owned(),
            &|(out, peer, ..)| if *out { "10.0.0.1".to_owned() } else { std::net::Ipv4Addr::from(*peer).to_string() },
            &|(out, peer, ..)| if *out { std::net::Ipv4Addr::from(*peer).to_string() } else { "10.0.0.1".to_owned() },
            &|_| "ACCEPT".to_owned(),
            &|(.., bytes, _)| if bytes.is_some() { "OK" } else { "NODATA" }.to_owned(),
            &|(out, ..)| if *out { "egress" } else { "ingress" }.to_owned(),
        ];
        let mut texts = texts.iter();
        let mut longs = 0;
        let mut shorts = 0;
        while let Some(mut column) = group.next_column().unwrap() {
            match column.untyped() {
                ::parquet::column::writer::ColumnWriter::ByteArrayColumnWriter(_) => {
                    let text = texts.next().unwrap();
                    let values: Vec<ByteArray> = part.iter().map(|made| text(made).into_bytes().into()).collect();
                    column.typed::<ByteArrayType>().write_batch(&values, Some(&vec![1; part.len()]), None).unwrap();
                }
                ::parquet::column::writer::ColumnWriter::Int64ColumnWriter(_) => {
                    // packets, bytes, start, end: packets and bytes are null where there is no data.
                    let levels: Vec<i16> =
                        part.iter().map(|(.., bytes, _)| i16::from(longs > 1 || bytes.is_some())).collect();
                    let values: Vec<i64> = part
                        .iter()
                        .zip(&levels)
                        .filter(|(_, level)| **level == 1)
                        .map(|((.., bytes, _), _)| [1, bytes.unwrap_or(0), 10, 20][longs])
                        .collect();
                    column.typed::<Int64Type>().write_batch(&values, Some(&levels), None).unwrap();
                    longs += 1;
                }
                _ => {
                    // version and traffic_path.
                    let values: Vec<i32> = part.iter().map(|(.., path)| if shorts == 0 { 5 } else { *path }).collect();
                    column.typed::<Int32Type>().write_batch(&values, Some(&vec![1; part.len()]), None).unwrap();
                    shorts += 1;
                }
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    bytes
}

/// The same as text.
fn text(parts: &[Vec<Made>]) -> String {
    let mut text =
        "version interface-id srcaddr dstaddr packets bytes start end action log-status flow-direction traffic-path\n"
            .to_owned();
    for (out, peer, bytes, path) in parts.iter().flatten() {
        let peer = std::net::Ipv4Addr::from(*peer).to_string();
        let (from, to) = if *out { ("10.0.0.1", peer.as_str()) } else { (peer.as_str(), "10.0.0.1") };
        let path = if *path < 0 { "-".to_owned() } else { path.to_string() };
        let direction = if *out { "egress" } else { "ingress" };
        text += &match bytes {
            Some(bytes) => format!("5 eni-1 {from} {to} 1 {bytes} 10 20 ACCEPT OK {direction} {path}\n"),
            None => format!("5 eni-1 {from} {to} - - 10 20 ACCEPT NODATA {direction} {path}\n"),
        };
    }
    text
}

fn parts() -> impl Strategy<Value = Vec<Vec<Made>>> {
    let peer = prop::sample::select(vec![[52, 216, 0, 1], [52, 94, 0, 7], [8, 8, 8, 8], [10, 0, 9, 9]]);
    let made =
        (any::<bool>(), peer, prop::option::weighted(0.9, 0..1_i64 << 40), prop::sample::select(vec![-1, 1, 7, 8]));
    prop::collection::vec(prop::collection::vec(made, 1..60), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parquet_tells_what_the_same_records_tell_as_text(parts in parts(), compression in 0..3_usize) {
        let compression = [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default())][compression];
        let mut columnar = logs();
        let bytes = file(&parts, compression);
        let length = bytes.len() as u64;
        columnar.read("a.parquet", Cursor::new(bytes), &mut |progress| assert_eq!(progress.length, Some(length)));
        let columnar = columnar.finish();
        let plain = observed(&text(&parts));
        prop_assert_eq!(told(&columnar), Vec::<String>::new());
        prop_assert_eq!(&columnar.rows, &plain.rows);
        prop_assert_eq!(&columnar.talkers, &plain.talkers);
        prop_assert_eq!((columnar.total, columnar.no_data, columnar.span), (plain.total, plain.no_data, plain.span));
    }

    #[test]
    fn a_damaged_file_is_told_of_and_brings_nothing_down(place in 0..4000_usize, byte in any::<u8>(), cut in 0..4000_usize) {
        let one = vec![(true, [52, 216, 0, 1], Some(5), 7); 40];
        let mut bytes = file(&[one.clone(), one], Compression::SNAPPY);
        let (place, cut) = (place % bytes.len(), cut % bytes.len());
        let mut logs = logs();
        read(&mut logs, "cut.parquet", bytes[..cut].to_vec());
        bytes[place] = byte;
        read(&mut logs, "damaged.parquet", bytes);
        read(&mut logs, "a.log", "bytes srcaddr dstaddr\n5 10.0.0.1 1.1.1.1\n");
        let observed = logs.finish();
        prop_assert!(observed.total.flows >= 1);
        prop_assert!(cut < 4 || !observed.findings.is_empty(), "{} bytes", cut);
    }
}

#[test]
fn more_rows_than_are_held_at_once_are_counted() {
    let part = vec![(true, [52, 216, 0, 1], Some(3), 7); 10_000];
    let mut logs = logs();
    let mut calls = 0;
    logs.read("a.parquet", Cursor::new(file(&[part.clone(), part], Compression::SNAPPY)), &mut |_| calls += 1);
    let observed = logs.finish();
    assert_eq!((observed.total.bytes, observed.rows.len()), (60_000, 1));
    assert_eq!(observed.rows[0].path, Some(Path::GatewayEndpoint));
    assert!(calls >= 6, "{calls}");
}

#[test]
fn parquet_from_a_stream_is_refused() {
    let mut logs = logs();
    logs.read_stream("-", &b"PAR1 and more"[..], &mut |_| {});
    assert_eq!(told(&logs.finish()), ["-: Parquet is read from its end, and needs a file"]);
}
