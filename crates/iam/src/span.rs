//! Where the statements of a policy stand in its text, as the policy simulator tells it.
//!
//! Found on demand: a policy that decides does not carry its text. Source: the examples of the IAM API reference,
//! "SimulatePrincipalPolicy", and recorded answers of `SimulateCustomPolicy`.

use crate::Policy;
use crate::json::{Json, Node, Position};

/// Where a statement stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Where AWS's reader is when it comes to the statement: behind the bracket that opens the list or the end of the
    /// statement before, and so ahead of commas and white space. Behind the brace of one that stands in no list.
    pub start: Position,
    /// Behind the statement's closing brace.
    pub end: Position,
}

impl Policy {
    /// Where the statements of a policy's text stand, in their order. None for a text that is no JSON.
    ///
    /// ```
    /// use sidegate_iam::Policy;
    ///
    /// let spans = Policy::spans("{\"Statement\": [\n  {\"Effect\": \"Allow\"}\n]}");
    /// assert_eq!((spans[0].start.line, spans[0].start.column), (1, 16));
    /// assert_eq!((spans[0].end.line, spans[0].end.column), (2, 22));
    /// ```
    pub fn spans(text: &str) -> Vec<Span> {
        let Ok(node) = Node::read(text) else { return Vec::new() };
        let Some(statements) = node.member("Statement") else { return Vec::new() };
        if !matches!(statements.value, Json::List(_) | Json::Object(_)) {
            return Vec::new();
        }
        let mut before = statements.offset + 1;
        let mut offsets = Vec::new();
        for statement in statements.elements() {
            offsets.extend([before, statement.end]);
            before = statement.end;
        }
        let positions = Position::of_all(text, offsets);
        positions.as_chunks::<2>().0.iter().map(|[start, end]| Span { start: *start, end: *end }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(text: &str) -> Vec<[(usize, usize); 2]> {
        let pair = |position: Position| (position.line, position.column);
        Policy::spans(text).iter().map(|span| [pair(span.start), pair(span.end)]).collect()
    }

    #[test]
    fn statements_stand_where_aws_says_that_they_do() {
        let one = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
        assert_eq!(spans(one), [[(1, 38), (1, 95)]]);
        let alone = r#"{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}}"#;
        assert_eq!(spans(alone), [[(1, 16), (1, 77)]]);
        let cli = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;
        assert_eq!(spans(cli), [[(1, 38), (1, 167)]]);
        let latin = r#"{"Id": "café", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}"#;
        assert_eq!(spans(latin), [[(1, 30), (1, 92)]]);
        let broad = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {\n      \"Effect\": \"Allow\",\n      \"Action\": \
                     \"s3:GetObject\",\n      \"Resource\": \"*\",\n      \"Sid\": \"First\"\n    },\n    {\n      \"Effect\": \
                     \"Deny\",\n      \"Action\": \"s3:PutObject\",\n      \"Resource\": \"*\",\n      \"Sid\": \"Second\"\n    \
                     }\n  ]\n}";
        let expected = [[(3, 17), (9, 6)], [(9, 6), (15, 6)]];
        assert_eq!(spans(broad), expected);
        assert_eq!(spans(&broad.replace('\n', "\r\n")), expected);
        assert_eq!(spans(&broad.replace('\n', "\r")), expected);
        assert_eq!(spans(&format!(" \r\n{broad}")), [[(4, 17), (10, 6)], [(10, 6), (16, 6)]]);
    }

    #[test]
    fn what_has_no_statements_has_no_spans() {
        for text in ["", "{", "[]", "{}", r#"{"Statement": []}"#, r#"{"Statement": "x"}"#] {
            assert!(spans(text).is_empty(), "{text}");
        }
    }
}
