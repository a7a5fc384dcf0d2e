//! What of a request's CPU is cryptography that S3 demands: there is no way to ask Sidegate without it, so it is measured by
//! itself, on one core, with the library and in the portions in which the daemon does it.

use std::time::{Duration, Instant};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use md5::{Digest as _, Md5};
use sidegate_linux::workbench;

use super::Direction;
use crate::bench::report::{Cell, Row, Table};
use crate::bench::size::{KIB, MIB, Size};

/// How long each is measured.
const LASTS: Duration = Duration::from_millis(200);

/// Up to which size an object's costs are looked at: large ones, whose bytes are what they cost, but not such as are
/// measured once.
const LARGEST: u64 = 64 * MIB;

/// A part of the work.
struct Part {
    name: &'static str,
    /// Seconds for a gigabyte.
    cost: f64,
    in_put: bool,
    in_get: bool,
}

/// The table of shares, if costs of some objects in both directions are known: microseconds for a request.
pub(super) fn shares(costs: &[(Direction, Size, f64)]) -> Option<Table> {
    let of = |direction: Direction| {
        let sizes = costs.iter().filter(|(of, size, cost)| *of == direction && size.0 <= LARGEST && cost.is_finite());
        sizes.max_by_key(|(_, size, _)| *size).map(|(_, size, cost)| (*size, cost / 1e6 / (size.0 as f64 / 1e9)))
    };
    let ((size, put), (_, get)) = (of(Direction::Put)?, of(Direction::Get)?);
    let share = |part: &Part, takes_part: bool, of: f64| {
        if takes_part { Cell::of(part.cost / of * 100.0, 0) } else { Cell::default() }
    };
    let mut rows = vec![Row {
        name: format!("the daemon's CPU, objects of {size}"),
        cells: vec![Cell::default(), Cell::of(put, 2), Cell::of(get, 2)],
    }];
    rows.extend(parts()?.iter().map(|part| Row {
        name: format!("{}, % of it", part.name),
        cells: vec![Cell::of(part.cost, 2), share(part, part.in_put, put), share(part, part.in_get, get)],
    }));
    Some(Table {
        title: "Cryptography alone on one core, and its share of the daemon's CPU".to_owned(),
        columns: ["CPU s/GB", "PUT", "GET"].map(str::to_owned).to_vec(),
        rows,
    })
}

fn parts() -> Option<Vec<Part>> {
    Some(vec![
        Part { name: "AES-256-GCM of files, 64 KiB at a time", cost: aes(64 * KIB)?, in_put: true, in_get: true },
        Part { name: "AES-256-GCM of TLS, 16 KiB at a time", cost: aes(16 * KIB)?, in_put: true, in_get: true },
        Part { name: "MD5", cost: cost(&mut vec![0; 64 << 10], digest)?, in_put: true, in_get: false },
    ])
}

/// Sealing so many bytes at a time; opening costs the same.
fn aes(bytes: u64) -> Option<f64> {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &[7; 32]).ok()?);
    let mut plain = vec![0_u8; usize::try_from(bytes).ok()?];
    let mut count = 0_u64;
    cost(&mut plain, |plain| {
        let mut nonce = [0; NONCE_LEN];
        count += 1;
        for (to, from) in nonce.iter_mut().zip(count.to_be_bytes()) {
            *to = from;
        }
        let nonce = Nonce::assume_unique_for_key(nonce);
        std::hint::black_box(key.seal_in_place_separate_tag(nonce, Aad::empty(), plain).is_ok());
    })
}

fn digest(bytes: &mut [u8]) {
    std::hint::black_box(Md5::digest(bytes));
}

/// Seconds of CPU for a gigabyte, of work on this many bytes at a time. Nothing else of this process runs meanwhile.
fn cost(bytes: &mut [u8], mut work: impl FnMut(&mut [u8])) -> Option<f64> {
    let (begin, before) = (Instant::now(), workbench::cpu_time().ok()?);
    let mut times = 0.0;
    while begin.elapsed() < LASTS {
        work(bytes);
        times += 1.0;
    }
    let spent = workbench::cpu_time().ok()?.saturating_sub(before);
    Some(spent.as_secs_f64() / (times * bytes.len() as f64 / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_the_largest_object_that_is_measured_often() {
        let costs = [
            (Direction::Put, Size(4 * KIB), 100.0),
            (Direction::Put, Size(64 * MIB), 67_108.864 * 3.0),
            (Direction::Get, Size(64 * MIB), 67_108.864),
            (Direction::Put, Size(1024 * MIB), 1.0),
        ];
        let table = shares(&costs).unwrap().to_string();
        assert!(["objects of 64 MiB", "3.00", "1.00"].iter().all(|part| table.contains(part)), "{table}");
        assert!(shares(&costs[..2]).is_none());
    }
}
