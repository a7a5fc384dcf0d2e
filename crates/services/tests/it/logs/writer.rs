//! Writing without a request.

use sidegate_services::logs::{LogEvent, WriteError};

use super::*;

fn event(timestamp: i64, message: &str) -> LogEvent {
    LogEvent { timestamp, message: message.to_owned() }
}

#[test]
fn the_machine_itself_writes_without_a_request() {
    let world = World::new();
    let writer = world.logs.writer();
    let scope = Scope { account: OWNER.parse().unwrap(), region: "us-east-1".parse().unwrap() };
    let now = world.now;
    block_on(async {
        assert!(matches!(
            writer.put(&scope, "flow", "eni-1", vec![event(now, "x")], now).await,
            Err(WriteError::NoGroup)
        ));
        writer.ensure_group(&scope, "flow", now).await.unwrap();
        writer.ensure_group(&scope, "flow", now).await.unwrap();
        assert!(matches!(
            writer.put(&scope, "flow", "eni-1", vec![event(now, "x")], now).await,
            Err(WriteError::NoStream)
        ));
        writer.ensure_stream(&scope, "flow", "eni-1", now).await.unwrap();
        writer.ensure_stream(&scope, "flow", "eni-1", now).await.unwrap();
        assert!(matches!(writer.ensure_group(&scope, "a b", now).await, Err(WriteError::Refused(_))));
        assert!(matches!(writer.ensure_stream(&scope, "none", "s", now).await, Err(WriteError::NoGroup)));
    });
    let filter = json!({"logGroupName": "flow", "filterName": "f", "filterPattern": "REJECT",
        "metricTransformations": [{"metricName": "rejected", "metricNamespace": "vpc", "metricValue": "1"}]});
    world.ok("PutMetricFilter", &filter);
    let events = vec![event(now, "b REJECT"), event(now - 1, "a ACCEPT"), event(now - 20 * DAY, "old"), event(now, "")];
    assert_eq!(block_on(writer.put(&scope, "flow", "eni-1", events, now)).unwrap(), 2);
    assert_eq!(world.messages("flow"), ["a ACCEPT", "b REJECT"]);
    assert_eq!(world.recorder.take().len(), 1);
}
