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
use sidegate_model::{DeliveryError, FlowLog, Region, S3Folder, S3Partitions, Scope};
use sidegate_services::Service;
use sidegate_services::s3::Rehearsal;
use time::OffsetDateTime;

use super::queue::{Line, PERIOD};
use crate::asker::{Answer, Asker};
use crate::identities::Identities;

/// The service that puts the files into buckets.
pub(super) const DELIVERY: &str = "delivery.logs.amazonaws.com";

/// What stands in the path of a request as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The key of a file, with the records that end in the five minutes from then on (Unix time in seconds).
pub(super) fn key(log: &FlowLog, folder: &S3Folder, partitions: S3Partitions, period: i64, hash: u32) -> String {
    let (account, region) = (&log.scope.account, log.scope.region);
    let at = time_of(period);
    let (year, month, day, hour, minute) = (at.year(), u8::from(at.month()), at.day(), at.hour(), at.minute());
    let time = format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}Z");
    let place = place(&log.scope, folder, partitions, at);
    format!("{place}{account}_vpcflowlogs_{region}_{}_{time}_{hash:08x}.log.gz", log.id)
}

/// When the five minutes began of which a time is (Unix time in seconds).
fn time_of(time: i64) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(time - time.rem_euclid(PERIOD)).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// What the keys of files of a time begin with.
fn place(scope: &Scope, folder: &S3Folder, partitions: S3Partitions, at: OffsetDateTime) -> String {
    let Scope { account, region } = scope;
    let (year, month, day, hour) = (at.year(), u8::from(at.month()), at.day(), at.hour());
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
    folder.prefix() + &place
}

/// A file of records, compressed.
pub(super) fn file(log: &FlowLog, lines: &[Line]) -> std::io::Result<Vec<u8>> {
    let mut file = GzEncoder::new(Vec::new(), Compression::default());
    writeln!(file, "{}", log.settings.format.header())?;
    lines.iter().try_for_each(|line| writeln!(file, "{}", line.text))?;
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
    /// Whether another server has them. It knows no rehearsals.
    pub(super) are_elsewhere: bool,
}

/// The file of which is asked before a flow log is made whether it could be put.
const REHEARSED: &str = "rehearsal.log.gz";

impl Buckets {
    /// The buckets of a service, which another server may have; `identities` tell what organizations say of their owners.
    pub(crate) fn new(s3: Arc<dyn Service>, identities: Identities, are_elsewhere: bool) -> Self {
        Self { s3, identities, are_elsewhere }
    }

    /// Whether a bucket lets in what is delivered for an account, as it is asked before each file; and its Region.
    ///
    /// # Errors
    /// S3's answer, if it does not: 404 where there is no such bucket.
    pub(super) async fn look(&self, scope: &Scope, bucket: &str, now: i64) -> Result<Region, Answer> {
        let answer = self.acl(scope, scope.region, bucket, now).await;
        let (answer, region) = match answer.region.filter(|region| *region != scope.region) {
            Some(region) if !answer.status.is_success() => (self.acl(scope, region, bucket, now).await, region),
            _ => (answer, scope.region),
        };
        if answer.status.is_success() { Ok(region) } else { Err(answer) }
    }

    async fn acl(&self, scope: &Scope, region: Region, bucket: &str, now: i64) -> Answer {
        let acl = request(region, Method::GET, bucket, "?acl");
        self.asker(scope, region, now).call(&self.s3, acl, Vec::new()).await
    }

    /// Whether a file could be put into a folder, encrypted as the bucket's files are.
    ///
    /// # Errors
    /// S3's answer, if it could not.
    pub(super) async fn rehearse(
        &self, scope: &Scope, region: Region, folder: &S3Folder, partitions: S3Partitions, now: i64,
    ) -> Result<(), Answer> {
        if self.are_elsewhere {
            // It would put the file.
            return Ok(());
        }
        let key = place(scope, folder, partitions, time_of(now / 1000)) + REHEARSED;
        let put = put(region, &folder.bucket, &key).extension(Rehearsal);
        let answer = self.asker(scope, region, now).call(&self.s3, put, Vec::new()).await;
        if answer.status.is_success() { Ok(()) } else { Err(answer) }
    }

    /// Puts a file into a bucket, if that lets it in.
    ///
    /// # Errors
    /// What is told of a delivery that fails.
    pub(super) async fn put(
        &self, scope: &Scope, bucket: &str, key: &str, file: Vec<u8>, now: i64,
    ) -> Result<(), DeliveryError> {
        let region = match self.look(scope, bucket, now).await {
            Ok(region) => region,
            Err(answer) => return Err(failure(&answer)),
        };
        let answer = self.asker(scope, region, now).call(&self.s3, put(region, bucket, key), file).await;
        if answer.status.is_success() { Ok(()) } else { Err(failure(&answer)) }
    }

    /// The service that delivers for an account's flow logs in a Region, as it calls the Region of a bucket.
    fn asker(&self, scope: &Scope, of_bucket: Region, now: i64) -> Asker<'_> {
        let Scope { account, region } = scope;
        Asker {
            identities: &self.identities,
            principal: Principal::Service(DELIVERY.to_owned()),
            context: of_service(DELIVERY)
                .with("aws:SourceAccount", account.as_str())
                .with("aws:SourceArn", format!("arn:aws:logs:{region}:{account}:*")),
            policies: Policies::default(),
            access_key: None,
            scope: Scope { account: account.clone(), region: of_bucket },
            errand: "flow-log",
            now,
        }
    }
}

fn request(region: Region, method: Method, bucket: &str, path: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri(format!("/{bucket}{path}"))
        .header("host", format!("s3.{region}.amazonaws.com"))
}

fn put(region: Region, bucket: &str, key: &str) -> http::request::Builder {
    request(region, Method::PUT, bucket, &format!("/{}", utf8_percent_encode(key, PLAIN)))
        .header("content-type", "application/x-gzip")
        .header("x-amz-acl", "bucket-owner-full-control")
}

/// What a flow log tells of an answer that is none of success.
fn failure(answer: &Answer) -> DeliveryError {
    match answer.status {
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => return DeliveryError::Access,
        StatusCode::TOO_MANY_REQUESTS => return DeliveryError::RateLimited,
        StatusCode::SERVICE_UNAVAILABLE if answer.text().contains("<Code>SlowDown</Code>") => {
            return DeliveryError::RateLimited;
        }
        _ => {}
    }
    // A key that is gone, or is disabled, lets nothing in.
    if answer.text().contains("<Code>KMS.") {
        return DeliveryError::Access;
    }
    tracing::warn!(status = %answer.status, answer = %answer.text(), "a file of flow log records was not taken");
    DeliveryError::Unknown
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;

    use super::super::queue::tests::log;
    use super::*;

    fn to(arn: &str) -> (FlowLog, S3Folder) {
        let folder = S3Folder::at(arn).unwrap();
        (log(sidegate_model::FlowLogDestination::S3 { folder: folder.clone(), partitions: None }), folder)
    }

    #[test]
    fn the_keys_of_files_are_those_of_the_guide() {
        // 2018-06-20T16:23:59Z.
        let until = 1_529_511_839;
        let of = |arn: &str, hive_compatible, per_hour| {
            let (log, folder) = to(arn);
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
        let (log, _) = to("arn:aws:s3:::b-1");
        let interface: sidegate_model::NetworkInterfaceId = "eni-0123456789abcdef1".parse().unwrap();
        let line = |text: &str| Line { interface: interface.clone(), start: 0, end: 0, text: text.to_owned() };
        let packed = file(&log, &[line("one"), line("two")]).unwrap();
        let mut text = String::new();
        GzDecoder::new(packed.as_slice()).read_to_string(&mut text).unwrap();
        assert_eq!(text, format!("{}\none\ntwo\n", log.settings.format.header()));
        assert!(text.starts_with("version account-id interface-id srcaddr "));
    }

    #[test]
    fn that_a_server_is_away_is_not_that_it_wants_less() {
        let of = |status, body: &'static str| failure(&Answer { status, region: None, body: body.into() });
        let (away, busy) = ("<Error><Code>ServiceUnavailable</Code></Error>", "<Error><Code>SlowDown</Code></Error>");
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, away), DeliveryError::Unknown);
        assert_eq!(of(StatusCode::SERVICE_UNAVAILABLE, busy), DeliveryError::RateLimited);
        assert_eq!(of(StatusCode::FORBIDDEN, ""), DeliveryError::Access);
        assert_eq!(of(StatusCode::BAD_REQUEST, "<Code>KMS.DisabledException</Code>"), DeliveryError::Access);
    }
}
