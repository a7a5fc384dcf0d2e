//! Events of CloudWatch Logs in uploads of the size that it takes.
//!
//! Source: CloudWatch Logs API reference, `PutLogEvents`.

/// The most events and bytes of one upload, and what each event counts beside its text.
const MOST_EVENTS: usize = 10_000;
const MOST_BYTES: usize = 1_000_000;
const BESIDE_TEXT: usize = 26;

/// An event: its time in milliseconds and its text.
pub(crate) type Event = (i64, String);

/// Splits events into uploads.
pub(crate) fn uploads(events: &[Event]) -> Vec<&[Event]> {
    let mut uploads = Vec::new();
    let (mut rest, mut count, mut bytes) = (events, 0, 0);
    for (_, text) in events {
        let size = text.len() + BESIDE_TEXT;
        if count == MOST_EVENTS || (count > 0 && bytes + size > MOST_BYTES) {
            let (upload, behind) = rest.split_at(count);
            uploads.push(upload);
            (rest, count, bytes) = (behind, 0, 0);
        }
        (count, bytes) = (count + 1, bytes + size);
    }
    uploads.extend((count > 0).then_some(rest));
    uploads
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn uploads_are_within_bounds_and_leave_nothing_out(lengths in prop::collection::vec(1_usize..300_000, 0..30)) {
            let events: Vec<Event> = lengths.iter().zip(0..).map(|(length, at)| (at, "a".repeat(*length))).collect();
            let uploads = uploads(&events);
            let together: Vec<Event> = uploads.iter().flat_map(|upload| upload.iter().cloned()).collect();
            prop_assert_eq!(&together, &events);
            for upload in uploads {
                let bytes: usize = upload.iter().map(|(_, text)| text.len() + BESIDE_TEXT).sum();
                prop_assert!(!upload.is_empty() && bytes <= MOST_BYTES);
            }
        }
    }

    #[test]
    fn an_upload_has_so_many_events_and_no_more() {
        let events = vec![(0, "a".to_owned()); MOST_EVENTS * 2 + 1];
        assert_eq!(
            uploads(&events).iter().map(|upload| upload.len()).collect::<Vec<_>>(),
            [MOST_EVENTS, MOST_EVENTS, 1]
        );
    }
}
