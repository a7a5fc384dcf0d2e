//! What requests call a table: its name, or its ARN, which may be that of another account.
//!
//! Source: API reference, "PutItem" and others: "You can also provide the Amazon Resource Name (ARN) of the table in this
//! parameter"; developer guide, "Using resource-based policies".

use sidegate_model::{AccountId, Region, Scope};

use super::fault::Fault;

/// A table, as a request speaks of it. It need not be there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct TableName {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) name: String,
}

impl TableName {
    /// Reads a name or an ARN. `None` for what can be neither, of which the engine tells what is wrong.
    pub(super) fn read(scope: &Scope, text: &str) -> Result<Option<Self>, Fault> {
        if !text.starts_with("arn:") {
            let name = is_name(text).then(|| text.to_owned());
            return Ok(name.map(|name| Self { account: scope.account.clone(), region: scope.region, name }));
        }
        match Resource::read(text) {
            Some(Resource { table, part: Part::Whole }) if table.region == scope.region => Ok(Some(table)),
            Some(Resource { table, part: Part::Whole }) => Err(Fault::no_table(&table.name)),
            _ => Err(Fault::Validation(format!("Invalid table ARN: {text}"))),
        }
    }

    pub(super) fn arn(&self) -> String {
        format!("arn:aws:dynamodb:{}:{}:table/{}", self.region, self.account, self.name)
    }
}

/// A part of a table that an ARN can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Whole,
    Index(String),
    /// With the label of the stream.
    Stream(String),
}

/// A table, an index or a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Resource {
    pub(super) table: TableName,
    pub(super) part: Part,
}

impl Resource {
    /// Reads an ARN.
    pub(super) fn read(arn: &str) -> Option<Self> {
        let rest = arn.strip_prefix("arn:aws:dynamodb:")?;
        let (region, rest) = rest.split_once(':')?;
        let (account, rest) = rest.split_once(':')?;
        let mut parts = rest.strip_prefix("table/")?.splitn(3, '/');
        let name = parts.next().filter(|name| is_name(name))?.to_owned();
        let table = TableName { account: account.parse().ok()?, region: region.parse().ok()?, name };
        let part = match (parts.next(), parts.next()) {
            (None, None) => Part::Whole,
            (Some("index"), Some(index)) if is_name(index) => Part::Index(index.to_owned()),
            (Some("stream"), Some(label)) if !label.is_empty() && !label.contains('/') => {
                Part::Stream(label.to_owned())
            }
            _ => return None,
        };
        Some(Self { table, part })
    }
}

/// Whether it can be the name of a table or an index.
pub(super) fn is_name(text: &str) -> bool {
    (3..=255).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() }
    }

    #[test]
    fn a_table_is_called_by_its_name_or_by_its_arn() {
        let own = TableName::read(&scope(), "Music").unwrap().unwrap();
        assert_eq!(own.arn(), "arn:aws:dynamodb:us-east-1:111122223333:table/Music");
        let other = "arn:aws:dynamodb:us-east-1:444455556666:table/Music";
        assert_eq!(TableName::read(&scope(), other).unwrap().unwrap().arn(), other);
        assert!(TableName::read(&scope(), "a b").unwrap().is_none());
        assert!(TableName::read(&scope(), "ab").unwrap().is_none());
        for wrong in ["arn:aws:dynamodb:us-east-1:444455556666:table/Music/index/byYear", "arn:aws:s3:::bucket"] {
            assert!(TableName::read(&scope(), wrong).is_err(), "{wrong}");
        }
        let elsewhere = "arn:aws:dynamodb:eu-west-1:111122223333:table/Music";
        assert!(matches!(TableName::read(&scope(), elsewhere), Err(Fault::NotFound(_))));
    }

    #[test]
    fn an_arn_names_a_table_an_index_or_a_stream() {
        let part = |rest: &str| {
            let arn = format!("arn:aws:dynamodb:us-east-1:111122223333:table/Music{rest}");
            Resource::read(&arn).map(|resource| resource.part)
        };
        assert_eq!(part(""), Some(Part::Whole));
        assert_eq!(part("/index/byYear"), Some(Part::Index("byYear".to_owned())));
        let label = "2026-01-02T03:04:05.678";
        assert_eq!(part(&format!("/stream/{label}")), Some(Part::Stream(label.to_owned())));
        for wrong in ["/", "/index", "/index/", "/export/1", "/stream/a/b"] {
            assert_eq!(part(wrong), None, "{wrong}");
        }
    }
}
