//! How fast flow logs of text are counted.
//!
//! The goal is 500 MB/s on one core. A gigabyte is made in memory piece by piece, so that no disk is measured.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, Read};
use std::time::Instant;

use sidegate_import::flow_logs::{FlowLogs, Limits, Ranges};
use sidegate_model::World;

/// How many bytes are read in a round.
const TOTAL: u64 = 1 << 30;

/// How many rounds there are; the best one counts.
const ROUNDS: u32 = 3;

/// Lines that are read again and again.
struct Repeated<'a> {
    lines: &'a [u8],
    at: usize,
    left: u64,
}

impl Read for Repeated<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let have = self.lines.get(self.at..).unwrap_or_default();
        let count = have.len().min(buffer.len()).min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), have.get(..count)) {
            to.copy_from_slice(from);
        }
        self.at = (self.at + count) % self.lines.len();
        self.left -= count as u64;
        Ok(count)
    }
}

/// Lines of version 2: interfaces that talk with so many addresses, most of all with few.
fn lines(interfaces: u64, peers: u64) -> String {
    let (mut text, mut state) = (String::new(), 1_u64);
    let mut random = move |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    while text.len() < 64 << 20 {
        let interface = random(interfaces);
        let peer = random(peers).min(random(peers)).min(random(peers));
        let first = [52, 54, 16, 142].get((peer % 4) as usize).copied().unwrap_or(52_u8);
        let own = format!("10.0.{}.{}", interface / 250, interface % 250 + 4);
        let other = format!("{}.{}.{}.{}", first, peer >> 16 & 255, peer >> 8 & 255, peer & 255);
        let (port, packets) = (1024 + random(60_000), 1 + random(2000));
        let (bytes, start) = (packets * (40 + random(1400)), 1_790_000_000 + random(86_400));
        let (from, to, ports) = if random(2) == 0 { (&own, &other, (port, 443)) } else { (&other, &own, (443, port)) };
        let _ = writeln!(
            text,
            "2 123456789012 eni-{interface:017x} {from} {to} {} {} 6 {packets} {bytes} {start} {} ACCEPT OK",
            ports.0,
            ports.1,
            start + 60
        );
    }
    text
}

fn ranges() -> Result<Ranges, Box<dyn Error>> {
    let mut prefixes = Vec::new();
    for part in 0..256 {
        for (service, block) in [("AMAZON", "52"), ("S3", "54"), ("EC2", "16"), ("DYNAMODB", "142")] {
            prefixes
                .push(format!(r#"{{"ip_prefix":"{block}.{part}.0.0/17","region":"us-east-1","service":"{service}"}}"#));
        }
    }
    let file = format!(r#"{{"prefixes":[{}]}}"#, prefixes.join(","));
    Ok(Ranges::read("ranges", file.as_bytes())?.0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let ranges = ranges()?;
    for (interfaces, peers) in [(50, 200), (1000, 5000), (5000, 1 << 22)] {
        let text = lines(interfaces, peers);
        let mut best = f64::MAX;
        let mut counted = 0;
        for _ in 0..ROUNDS {
            let mut logs = FlowLogs::new(&World::default(), ranges.clone(), Limits::default());
            let start = Instant::now();
            logs.read_stream("generated", Repeated { lines: text.as_bytes(), at: 0, left: TOTAL }, &mut |_| {});
            best = best.min(start.elapsed().as_secs_f64());
            counted = logs.finish().total.flows;
        }
        let speed = TOTAL as f64 / best / 1e6;
        let each = best * 1e9 / counted as f64;
        println!(
            "{interfaces} interfaces, {peers} peers: {speed:.0} MB/s, {each:.0} ns for a record, {counted} records"
        );
    }
    Ok(())
}
