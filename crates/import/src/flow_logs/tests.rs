#[cfg(feature = "parquet")]
mod columnar;
mod damage;
mod exact;
mod peers;

use std::io::{self, Cursor, Read};

use super::*;

/// Version 2's names.
const HEAD: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end \
                    action log-status\n";

/// A sample of the published ranges.
fn ranges() -> Ranges {
    let sample = include_bytes!("../../tests/data/ip-ranges-sample.json");
    Ranges::read("ip-ranges-sample.json", sample).unwrap().0
}

fn logs() -> FlowLogs {
    FlowLogs::new(&World::default(), ranges(), Limits::default())
}

fn read(logs: &mut FlowLogs, name: &str, bytes: impl Into<Vec<u8>>) {
    logs.read(name, Cursor::new(bytes.into()), &mut |_| {});
}

fn observed(text: &str) -> Observed {
    let mut logs = logs();
    read(&mut logs, "a.log", text);
    logs.finish()
}

fn told(observed: &Observed) -> Vec<String> {
    observed.findings.iter().map(ToString::to_string).collect()
}

/// Gives so many bytes at once.
struct Slowly<R> {
    source: R,
    step: usize,
}

impl<R: Read> Read for Slowly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.step.min(buffer.len());
        self.source.read(&mut buffer[..end])
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
