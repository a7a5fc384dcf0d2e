//! Delivery to S3, by the service `delivery.logs.amazonaws.com`, which the bucket's policy has to let in: files of records,
//! compressed, with the names of the fields in the first line.
//!
//! Source: VPC user guide, "Publish flow logs to Amazon S3", "Flow log files", "Amazon S3 bucket permissions for flow logs".

use std::io::Write as _;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use http::{Method, Request, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sidegate_iam::{Context, Policies, Principal};
use sidegate_model::{DeliveryError, FlowLog, S3Folder, S3Partitions, Scope};
use sidegate_services::Service;
use time::OffsetDateTime;

use crate::asker::{Answer, Asker};
use crate::identities::Identities;

/// The service that puts the files into buckets.
pub(super) const DELIVERY: &str = "delivery.logs.amazonaws.com";

/// How long the records of a file are gathered, in seconds.
pub(super) const PERIOD: i64 = 300;

/// What stands in the path of a request as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The key of a file, whose records were gathered until then (Unix time in seconds).
pub(super) fn key(log: &FlowLog, folder: &S3Folder, partitions: S3Partitions, until: i64, hash: u32) -> String {
    let (account, region) = (&log.scope.account, log.scope.region);
    let at =
        OffsetDateTime::from_unix_timestamp(until - until.rem_euclid(PERIOD)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day, hour, minute) = (at.year(), u8::from(at.month()), at.day(), at.hour(), at.minute());
    let mut place = if partitions.hive_compatible {
        format!(
            "AWSLogs/aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/year={year:04}/month={month:02}/day={day:02}/"
        )
    } else {
        format!("AWSLogs/{account}/vpcflowlogs/{region}/{year:04}/{month:02}/{day:02}/")
    };
    if partitions.per_hour {
        place += &if partitions.hive_compatible { format!("hour={hour:02}/") } else { format!("{hour:02}/") };
    }
    let time = format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}Z");
    format!("{}{place}{account}_vpcflowlogs_{region}_{}_{time}_{hash:08x}.log.gz", folder.prefix(), log.id)
}

/// A file of records, compressed.
pub(super) fn file(log: &FlowLog, lines: &[String]) -> std::io::Result<Vec<u8>> {
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    writeln!(file, "{}", log.settings.format.header())?;
    lines.iter().try_for_each(|line| writeln!(file, "{line}"))?;
    file.finish()
}

/// The condition keys of a call that a service makes on its own behalf.
///
/// Source: IAM user guide, "AWS global condition context keys".
pub(super) fn of_service(name: &str) -> Context {
    Context::new()
        .with("aws:PrincipalIsAWSService", "true")
        .with("aws:PrincipalServiceName", name)
        .with_many("aws:PrincipalServiceNamesList", [name])
}

/// The buckets, as the delivery of flow logs meets them.
#[derive(Clone)]
pub(crate) struct Buckets {
    pub(super) s3: Arc<dyn Service>,
    identities: Identities,
}

impl Buckets {
    /// The buckets of a service; `identities` tell what organizations say of their owners.
    pub(crate) fn new(s3: Arc<dyn Service>, identities: Identities) -> Self {
        Self { s3, identities }
    }

    /// Whether a bucket lets in what is delivered for an account, as it is asked before each file.
    ///
    /// # Errors
    /// S3's answer, if it does not: 404 where there is no such bucket.
    pub(super) async fn look(&self, scope: &Scope, bucket: &str, now: i64) -> Result<(), Answer> {
        let asker = self.asker(scope, now);
        let answer = asker.call(&self.s3, request(scope, Method::GET, bucket, "?acl"), Vec::new()).await;
        if answer.status.is_success() { Ok(()) } else { Err(answer) }
    }

    /// Puts a file into a bucket, if that lets it in.
    ///
    /// # Errors
    /// What is told of a delivery that fails.
    pub(super) async fn put(
        &self, scope: &Scope, bucket: &str, key: &str, file: Vec<u8>, now: i64,
    ) -> Result<(), DeliveryError> {
        self.look(scope, bucket, now).await.or_else(|answer| checked(&answer))?;
        let path = format!("/{}", utf8_percent_encode(key, PLAIN));
        let put = request(scope, Method::PUT, bucket, &path)
            .header("content-type", "application/x-gzip")
            .header("x-amz-acl", "bucket-owner-full-control");
        checked(&self.asker(scope, now).call(&self.s3, put, file).await)
    }

    fn asker(&self, scope: &Scope, now: i64) -> Asker<'_> {
        let Scope { account, region } = scope;
        Asker {
            identities: &self.identities,
            principal: Principal::Service(DELIVERY.to_owned()),
            context: of_service(DELIVERY)
                .with("aws:SourceAccount", account.as_str())
                .with("aws:SourceArn", format!("arn:aws:logs:{region}:{account}:*")),
            policies: Policies::default(),
            access_key: None,
            scope: scope.clone(),
            errand: "flow-log",
            now,
        }
    }
}

fn request(scope: &Scope, method: Method, bucket: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(format!("/{bucket}{path}"))
        .header("host", format!("s3.{}.amazonaws.com", scope.region))
}

fn checked(answer: &Answer) -> Result<(), DeliveryError> {
    match answer.status {
        status if status.is_success() => Ok(()),
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Err(DeliveryError::Access),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => Err(DeliveryError::RateLimited),
        status => {
            tracing::warn!(%status, answer = %answer.text(), "a file of flow log records was not taken");
            Err(DeliveryError::Unknown)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use sidegate_model::{
        AggregationInterval, FlowLogDestination, FlowLogResource, FlowLogSettings, LogFormat, TrafficType,
    };

    use super::*;

    fn log(arn: &str) -> (FlowLog, S3Folder) {
        let folder = S3Folder::at(arn).unwrap();
        let vpc: sidegate_model::VpcId = "vpc-0123456789abcdef0".parse().unwrap();
        let log = FlowLog {
            id: "fl-1234abcd1234abcd1".parse().unwrap(),
            scope: sidegate_model::Scope {
                account: "123456789012".parse().unwrap(),
                region: "us-east-1".parse().unwrap(),
            },
            resource: FlowLogResource::Vpc(vpc.clone()),
            vpc,
            settings: FlowLogSettings {
                traffic: TrafficType::All,
                interval: AggregationInterval::Minute,
                destination: FlowLogDestination::S3 { folder: folder.clone(), partitions: None },
                format: LogFormat::default(),
            },
            created: 0,
        };
        (log, folder)
    }

    #[test]
    fn the_keys_of_files_are_those_of_the_guide() {
        // 2018-06-20T16:23:59Z.
        let until = 1_529_511_839;
        let of = |arn: &str, hive_compatible, per_hour| {
            let (log, folder) = log(arn);
            key(&log, &folder, S3Partitions { hive_compatible, per_hour }, until, 0xfe12_3456)
        };
        let file = "123456789012_vpcflowlogs_us-east-1_fl-1234abcd1234abcd1_20180620T1620Z_fe123456.log.gz";
        let cases = [
            ("arn:aws:s3:::b-1", false, false, "AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/"),
            ("arn:aws:s3:::b-1/a/", false, true, "a/AWSLogs/123456789012/vpcflowlogs/us-east-1/2018/06/20/16/"),
            (
                "arn:aws:s3:::b-1",
                true,
                false,
                "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2018/month=06/day=20/",
            ),
            (
                "arn:aws:s3:::b-1",
                true,
                true,
                "AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1/year=2018/month=06/day=20/hour=16/",
            ),
        ];
        for (arn, hive, hourly, place) in cases {
            assert_eq!(of(arn, hive, hourly), format!("{place}{file}"));
        }
    }

    #[test]
    fn a_file_has_the_names_of_the_fields_first() {
        let (log, _) = log("arn:aws:s3:::b-1");
        let packed = file(&log, &["one".to_owned(), "two".to_owned()]).unwrap();
        let mut text = String::new();
        GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, format!("{}\none\ntwo\n", log.settings.format.header()));
        assert!(text.starts_with("version account-id interface-id srcaddr "));
    }
}
