//! Any bytes as a flow log, text or gzip, and as published ranges: nothing comes down, what is counted adds up, and how
//! the bytes come makes no difference.

#![no_main]

use std::io::{self, Cursor, Read};

use libfuzzer_sys::fuzz_target;
use sidegate_import::Place;
use sidegate_import::flow_logs::{FlowLogs, Limits, Observed, Ranges, Totals};
use sidegate_model::World;

/// One byte at a time.
struct Slowly<'a>(&'a [u8]);

impl Read for Slowly<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = buffer.len().min(1);
        self.0.read(&mut buffer[..end])
    }
}

fn logs() -> FlowLogs {
    FlowLogs::new(&World::default(), Ranges::default(), Limits { rows: 8, talkers: 4 })
}

fn sum<'a>(all: impl Iterator<Item = &'a Totals>) -> (u64, u64, u64) {
    let add = |sum: (u64, u64, u64), one: &Totals| {
        (sum.0.saturating_add(one.bytes), sum.1.saturating_add(one.packets), sum.2 + one.flows)
    };
    all.fold((0, 0, 0), add)
}

fn adds_up(observed: &Observed) {
    let all = sum(observed.rows.iter().map(|row| &row.totals).chain([&observed.other_rows]));
    assert_eq!(all, sum([&observed.total].into_iter()));
    assert!(observed.rows.len() <= 8 && observed.talkers.len() <= 4);
}

fuzz_target!(|bytes: &[u8]| {
    let mut file = logs();
    file.read("file", Cursor::new(bytes.to_vec()), &mut |_| {});
    let file = file.finish();
    adds_up(&file);
    let mut stream = logs();
    stream.read_stream("file", Slowly(bytes), &mut |_| {});
    let stream = stream.finish();
    adds_up(&stream);
    // How far gzip is read that is damaged depends on how much of it is there at once.
    let breaks_off = |observed: &Observed| observed.findings.iter().any(|own| own.place == Place::File);
    if !bytes.starts_with(b"PAR1") && !breaks_off(&file) && !breaks_off(&stream) {
        assert_eq!((file.total, file.rows, file.findings), (stream.total, stream.rows, stream.findings));
    }
    let _ = Ranges::read("ranges", bytes);
});
