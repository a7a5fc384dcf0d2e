//! The three protocols.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

/// `{"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1.5, "Timestamp": 1(NOW)}]}`
fn datum() -> Vec<u8> {
    let mut bytes =
        b"\xa2\x69Namespace\x61n\x6aMetricData\x81\xa3\x6aMetricName\x61m\x65Value\xfa\x3f\xc0\x00\x00\x69Timestamp"
            .to_vec();
    bytes.extend([0xc1, 0x1b]);
    bytes.extend((NOW as u64 / 1000).to_be_bytes());
    bytes
}

#[test]
fn a_metric_that_is_put_in_one_protocol_is_read_in_the_others() {
    let world = World::new();
    let (status, headers, body) = world.send(in_cbor("PutMetricData", datum()));
    assert_eq!((status, headers["smithy-protocol"].as_bytes(), body.as_slice()), (200, &b"rpc-v2-cbor"[..], &b""[..]));
    assert!(!headers.contains_key("content-type") && headers.contains_key("x-amzn-requestid"));

    let form = "Action=PutMetricData&Version=2010-08-01&Namespace=n&MetricData.member.1.MetricName=m&\
                MetricData.member.1.Values.member.1=2.5&MetricData.member.1.Counts.member.1=2&\
                MetricData.member.1.Timestamp=2025-06-15T16%3A00%3A30Z";
    let (status, headers, body) = world.send(in_query(form));
    let body = String::from_utf8(body).unwrap();
    assert_eq!((status, headers["content-type"].as_bytes()), (200, &b"text/xml"[..]), "{body}");
    assert!(
        body.contains("<PutMetricDataResponse xmlns=\"http://monitoring.amazonaws.com/doc/2010-08-01/\">"),
        "{body}"
    );
    assert!(body.contains("<RequestId>6f1a0d3e-0000-4000-8000-000000000001</RequestId>"), "{body}");
    world.put(&json!({"Value": 10.0, "Timestamp": "2025-06-15T16:00:00Z"}));

    assert_eq!(world.points("Sum", 0, MINUTE, 60), [(0, 16.5)]);
    let form = "Action=GetMetricStatistics&Version=2010-08-01&Namespace=n&MetricName=m&Period=60&\
                StartTime=2025-06-15T16:00:00Z&EndTime=2025-06-15T16:01:00Z&Statistics.member.1=Sum&\
                Statistics.member.2=SampleCount";
    let (_, _, body) = world.send(in_query(form));
    let expected = "<Datapoints><member><Timestamp>2025-06-15T16:00:00Z</Timestamp><Sum>16.5</Sum>\
                    <SampleCount>4.0</SampleCount><Unit>None</Unit></member></Datapoints>";
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains(expected) && body.contains("<Label>m</Label>"), "{body}");

    let (status, headers, body) = world.send(in_cbor("ListMetrics", b"\xbf\xff".to_vec()));
    assert_eq!((status, headers["content-type"].as_bytes()), (200, &b"application/cbor"[..]));
    let expected = b"\xa1\x67Metrics\x81\xa3\x69Namespace\x61n\x6aMetricName\x61m\x6aDimensions\x80";
    assert_eq!(body, expected);
}

#[test]
fn times_in_cbor_are_tagged_and_numbers_are_doubles() {
    let world = World::new();
    world.put(&json!({"Value": 2.0}));
    let mut document = b"\xa6\x69Namespace\x61n\x6aMetricName\x61m\x66Period\x18\x3c\x6aStatistics\x81\x63Sum".to_vec();
    for (name, at) in [("StartTime", NOW - HOUR), ("EndTime", NOW + HOUR)] {
        document.push(0x60 + name.len() as u8);
        document.extend(name.as_bytes());
        document.extend([0xc1, 0xfb]);
        document.extend(seconds(at).to_be_bytes());
    }
    let (status, _, body) = world.send(in_cbor("GetMetricStatistics", document));
    assert_eq!(status, 200);
    let mut expected = b"\x69Timestamp\xc1\xfb".to_vec();
    expected.extend(seconds(NOW).to_be_bytes());
    expected.extend(b"\x63Sum\xfb");
    expected.extend(2.0_f64.to_be_bytes());
    assert!(body.windows(expected.len()).any(|part| part == expected), "{body:x?}");
}

#[test]
fn an_error_is_told_in_the_protocol_of_the_request_and_names_the_code_of_the_query_protocol() {
    let world = World::new();
    let (status, headers, body) = world.send(in_cbor("PutMetricData", b"\xa0".to_vec()));
    assert_eq!((status, headers["x-amzn-query-error"].as_bytes()), (400, &b"MissingParameter;Sender"[..]));
    assert_eq!(headers["smithy-protocol"].as_bytes(), b"rpc-v2-cbor");
    let expected = b"\xa2\x66__type\x78\x21MissingRequiredParameterException\x67message\x78\x24The parameter Namespace is required.";
    assert_eq!(body, expected);

    let (status, headers, body) = world.send(in_json("PutMetricData", &json!({})));
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((status, headers["x-amzn-query-error"].as_bytes()), (400, &b"MissingParameter;Sender"[..]));
    assert_eq!(body["__type"], "MissingRequiredParameterException");
    assert_eq!(headers["content-type"].as_bytes(), b"application/x-amz-json-1.0");

    let (status, headers, body) = world.send(in_query("Action=PutMetricData&Version=2010-08-01"));
    let body = String::from_utf8(body).unwrap();
    assert!(body.contains("<Code>MissingParameter</Code>") && body.contains("<Type>Sender</Type>"), "{body}");
    assert_eq!((status, headers.contains_key("x-amzn-query-error")), (400, false));
}

#[test]
fn what_is_no_request_of_a_protocol_is_refused_by_it() {
    let world = World::new();
    let unread = |request: Request<Vec<u8>>| {
        let (status, _, body) = world.send(request);
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    let (status, body) = unread(in_cbor("ListMetrics", b"\xff".to_vec()));
    assert!(status == 400 && body.contains("SerializationException"), "{body}");
    let (status, body) = unread(in_cbor("ListMetrics", b"\xa1\x69Namespace\x01".to_vec()));
    assert!(status == 400 && body.contains("SerializationException") && !body.contains('1'), "{body}");
    let (status, body) = unread(in_cbor("Nothing", Vec::new()));
    assert!(status == 400 && body.contains("UnknownOperationException"), "{body}");
    let (status, body) = unread(in_cbor("PutAnomalyDetector", Vec::new()));
    assert!(status == 501 && body.contains("NotImplemented"), "{body}");
    let request = Request::post("/service/Other/operation/ListMetrics").header("smithy-protocol", "rpc-v2-cbor");
    let (status, body) = unread(request.body(Vec::new()).unwrap());
    assert!(status == 400 && body.contains("UnknownOperationException"), "{body}");
    let (status, body) = unread(in_json("Nothing", &json!({})));
    assert!(status == 400 && body.contains("UnknownOperationException"), "{body}");
    for (form, code) in [
        ("Version=2010-08-01", "MissingAction"),
        ("Action=Nothing&Version=2010-08-01", "InvalidAction"),
        ("Action=ListMetrics&Version=2009-01-01", "InvalidAction"),
        ("Action=ListMetrics&Namespace=a&Namespace.b=c", "MalformedQueryString"),
        ("Action=ListMetrics&Dimensions.member.x.Name=a", "MalformedQueryString"),
        ("Action=ListMetrics&%", "MalformedQueryString"),
    ] {
        let (status, body) = unread(in_query(form));
        assert!(status == 400 && body.contains(&format!("<Code>{code}</Code>")), "{form}: {body}");
    }
}

#[test]
fn a_body_may_be_packed_and_is_bounded_before_and_after() {
    let world = World::new();
    let packed = |bytes: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let send = |mut request: Request<Vec<u8>>, encoding: &'static str| {
        request.headers_mut().insert("content-encoding", encoding.parse().unwrap());
        world.send(request).0
    };
    assert_eq!(send(in_cbor("PutMetricData", packed(&datum())), "gzip"), 200);
    let form = "Action=PutMetricData&Namespace=n&MetricData.member.1.MetricName=m&MetricData.member.1.Value=1";
    let mut request = in_query("");
    *request.body_mut() = packed(form.as_bytes());
    assert_eq!(send(request, "GZIP"), 200);
    assert_eq!(world.points("SampleCount", 0, MINUTE, 60), [(0, 2.0)]);
    assert_eq!(send(in_cbor("PutMetricData", packed(&vec![0; 1 << 21])), "gzip"), 413);
    assert_eq!(send(in_cbor("PutMetricData", datum()), "gzip"), 400);
    assert_eq!(send(in_cbor("PutMetricData", datum()), "br"), 400);
    assert_eq!(world.send(in_cbor("PutMetricData", vec![0; (1 << 20) + 1])).0, 413);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_the_bytes_are_they_are_answered(
        at in proptest::prelude::any::<proptest::sample::Index>(), bytes in proptest::collection::vec(0_u8..=255, 1..6),
    ) {
        let world = World::new();
        let mut document = datum();
        let at = at.index(document.len());
        for (offset, byte) in bytes.into_iter().enumerate() {
            if let Some(there) = document.get_mut(at + offset) {
                *there = byte;
            }
        }
        for request in [in_cbor("PutMetricData", document.clone()), in_query(&String::from_utf8_lossy(&document))] {
            let (status, _, _) = world.send(request);
            proptest::prop_assert!(status == 200 || (400..500).contains(&status), "{}", status);
        }
    }
}
