//! The Smithy RPC v2 CBOR protocol: the operation in the path, the parameters as a CBOR document.
//!
//! A document is read into the form that it would have in JSON, so that a service that speaks both has one reader: times
//! become seconds since 1970, bytes become base64, and numbers that JSON does not have become their names.
//!
//! See <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ciborium_io::Read as _;
use ciborium_ll::{Decoder, Header, simple, tag};
use http::{HeaderMap, Response, StatusCode, header::CONTENT_TYPE};
use serde_json::{Map, Number, Value};

use crate::document;
use crate::protocol::{Failure, answer, set};

/// The largest document that is read, in bytes.
pub const MAX_BYTES: usize = 1024 * 1024;

/// How deep a document may be nested.
pub const MAX_DEPTH: usize = 64;

/// The most values of a document, with those in lists and maps.
pub const MAX_VALUES: usize = 400_000;

/// The header that says which protocol a request speaks.
pub const HEADER: &str = "smithy-protocol";

/// The value of that header.
pub const NAME: &str = "rpc-v2-cbor";

/// The content type of requests and answers.
pub const MEDIA_TYPE: &str = "application/cbor";

/// Whether a request says that it speaks this protocol.
pub fn is_spoken(headers: &HeaderMap) -> bool {
    headers.get(HEADER).is_some_and(|value| value.as_bytes() == NAME.as_bytes())
}

/// The service and the operation that a path names.
///
/// ```
/// use sidegate_wire::rpc_v2_cbor::operation;
///
/// let path = "/service/GraniteServiceVersion20100801/operation/ListMetrics";
/// assert_eq!(operation(path), Some(("GraniteServiceVersion20100801", "ListMetrics")));
/// assert_eq!(operation("/service/a/operation/"), None);
/// ```
pub fn operation(path: &str) -> Option<(&str, &str)> {
    let (rest, operation) = path.rsplit_once("/operation/")?;
    let (_, service) = rest.rsplit_once("service/")?;
    let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    (word(service) && word(operation)).then_some((service, operation))
}

/// What is wrong with a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CborError {
    /// It is larger than [`MAX_BYTES`].
    #[error("the document is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// It is nested deeper than [`MAX_DEPTH`].
    #[error("the document is nested deeper than {MAX_DEPTH}")]
    TooDeep,
    /// It has more than [`MAX_VALUES`].
    #[error("the document has more than {MAX_VALUES} values")]
    TooMany,
    /// It is no CBOR, or has what the protocol does not.
    #[error("the document cannot be read at byte {0}")]
    Malformed(usize),
}

impl CborError {
    /// The error as the client is told it.
    pub fn failure(&self) -> Failure {
        Failure::new(StatusCode::BAD_REQUEST, "SerializationException", self.to_string())
    }
}

/// Reads a request's document. No document is the same as one without members.
///
/// ```
/// use sidegate_wire::rpc_v2_cbor::parse;
///
/// // {"a": [1, 1(1.5), NaN]}
/// let document = b"\xa1\x61a\x83\x01\xc1\xf9\x3e\x00\xf9\x7e\x00";
/// assert_eq!(parse(document)?, serde_json::json!({"a": [1, 1.5, "NaN"]}));
/// assert!(parse(b"\xa1\x61a").is_err());
/// # Ok::<(), sidegate_wire::rpc_v2_cbor::CborError>(())
/// ```
///
/// # Errors
/// When the document is out of bounds, or no CBOR.
pub fn parse(body: &[u8]) -> Result<Value, CborError> {
    if body.len() > MAX_BYTES {
        return Err(CborError::TooLarge);
    }
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut reader = Reader { decoder: Decoder::from(body), length: body.len(), values: 0 };
    let value = reader.value(0)?;
    // What follows the document is none of it.
    if reader.left() == 0 { Ok(value) } else { Err(reader.malformed()) }
}

struct Reader<'a> {
    decoder: Decoder<&'a [u8]>,
    length: usize,
    values: usize,
}

impl Reader<'_> {
    fn malformed(&mut self) -> CborError {
        CborError::Malformed(self.decoder.offset())
    }

    /// How many bytes are left.
    fn left(&mut self) -> usize {
        self.length.saturating_sub(self.decoder.offset())
    }

    fn header(&mut self) -> Result<Header, CborError> {
        self.decoder.pull().map_err(|_| self.malformed())
    }

    fn value(&mut self, depth: usize) -> Result<Value, CborError> {
        let header = self.header()?;
        self.after(header, depth)
    }

    /// The value that begins with this header.
    fn after(&mut self, header: Header, depth: usize) -> Result<Value, CborError> {
        if depth > MAX_DEPTH {
            return Err(CborError::TooDeep);
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(CborError::TooMany);
        }
        match header {
            Header::Positive(number) => Ok(number.into()),
            Header::Negative(number) => match i64::try_from(number) {
                Ok(number) => Ok((-1 - number).into()),
                Err(_) => Err(self.malformed()),
            },
            Header::Float(number) => Ok(float(number)),
            Header::Simple(simple::TRUE) => Ok(Value::Bool(true)),
            Header::Simple(simple::FALSE) => Ok(Value::Bool(false)),
            Header::Simple(simple::NULL | simple::UNDEFINED) => Ok(Value::Null),
            Header::Tag(tag) => self.tagged(tag, depth),
            Header::Bytes(length) => Ok(Value::String(STANDARD.encode(self.segments(length, Kind::Bytes)?))),
            Header::Text(length) => self.text(length).map(Value::String),
            Header::Array(length) => self.list(length, depth),
            Header::Map(length) => self.map(length, depth),
            Header::Simple(_) | Header::Break => Err(self.malformed()),
        }
    }

    /// Only times have a tag that means something here.
    fn tagged(&mut self, tag: u64, depth: usize) -> Result<Value, CborError> {
        let value = self.value(depth + 1)?;
        match (tag, &value) {
            (1, Value::Number(_)) => Ok(value),
            (tag::BIGPOS | tag::BIGNEG, _) | (1, _) => Err(self.malformed()),
            _ => Ok(value),
        }
    }

    fn list(&mut self, length: Option<usize>, depth: usize) -> Result<Value, CborError> {
        let mut list = Vec::new();
        while length.is_none_or(|length| list.len() < length) {
            match self.header()? {
                Header::Break if length.is_none() => break,
                header => list.push(self.after(header, depth + 1)?),
            }
        }
        Ok(Value::Array(list))
    }

    fn map(&mut self, length: Option<usize>, depth: usize) -> Result<Value, CborError> {
        let mut map = Map::new();
        let mut read = 0;
        while length.is_none_or(|length| read < length) {
            let key = match self.header()? {
                Header::Break if length.is_none() => break,
                Header::Text(length) => self.text(length)?,
                _ => return Err(self.malformed()),
            };
            let value = self.value(depth + 1)?;
            // Which of two values counts would be a guess.
            if map.insert(key, value).is_some() {
                return Err(self.malformed());
            }
            read += 1;
        }
        Ok(Value::Object(map))
    }

    fn text(&mut self, length: Option<usize>) -> Result<String, CborError> {
        let bytes = self.segments(length, Kind::Text)?;
        String::from_utf8(bytes).map_err(|_| self.malformed())
    }

    /// The bytes of a text or of bytes, whole or in segments.
    fn segments(&mut self, length: Option<usize>, kind: Kind) -> Result<Vec<u8>, CborError> {
        let mut whole = Vec::new();
        if let Some(length) = length {
            self.segment(length, &mut whole)?;
            return Ok(whole);
        }
        loop {
            match (self.header()?, kind) {
                (Header::Break, _) => return Ok(whole),
                (Header::Bytes(Some(length)), Kind::Bytes) | (Header::Text(Some(length)), Kind::Text) => {
                    self.segment(length, &mut whole)?;
                }
                _ => return Err(self.malformed()),
            }
        }
    }

    fn segment(&mut self, length: usize, whole: &mut Vec<u8>) -> Result<(), CborError> {
        if length > self.left() {
            return Err(self.malformed());
        }
        let start = whole.len();
        whole.resize(start + length, 0);
        let read = whole.get_mut(start..).map(|part| self.decoder.read_exact(part));
        if matches!(read, Some(Ok(()))) { Ok(()) } else { Err(self.malformed()) }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Bytes,
    Text,
}

/// A number, or its name where JSON does not have it.
fn float(number: f64) -> Value {
    let name = || match number {
        number if number.is_nan() => "NaN",
        number if number > 0.0 => "Infinity",
        _ => "-Infinity",
    };
    Number::from_f64(number).map_or_else(|| Value::String(name().to_owned()), Value::Number)
}

/// The answer to an operation that succeeded. One that has no result has no body.
pub fn response(result: Option<&document::Value>, request_id: &str) -> Response<Vec<u8>> {
    let body = result.map(document::Value::to_cbor);
    let has_body = body.is_some();
    let mut response = answer(StatusCode::OK, MEDIA_TYPE, request_id, body.unwrap_or_default());
    if !has_body {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    set(response.headers_mut(), HEADER, NAME);
    response
}

/// The answer that tells an error.
pub fn error(failure: &Failure, request_id: &str) -> Response<Vec<u8>> {
    let mut response = answer(failure.status, MEDIA_TYPE, request_id, error_document(failure));
    set(response.headers_mut(), HEADER, NAME);
    response
}

/// The document that tells an error.
pub(crate) fn error_document(failure: &Failure) -> Vec<u8> {
    let text = |text: &str| document::Value::Text(text.to_owned());
    document::Value::Structure(vec![("__type", text(&failure.code)), ("message", text(&failure.message))]).to_cbor()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_document_out_of_bounds_is_refused_before_it_is_built() {
        assert_eq!(parse(&vec![0; MAX_BYTES + 1]), Err(CborError::TooLarge));
        assert_eq!(parse(&[0x81; 200]), Err(CborError::TooDeep));
        assert_eq!(parse(&[0xc0; 200]), Err(CborError::TooDeep));
        let mut many = vec![0x9f];
        many.resize(MAX_VALUES + 2, 0);
        assert_eq!(parse(&many), Err(CborError::TooMany));
        // A text, bytes, a list and a map that say that they are longer than all there is.
        for major in [0x7b, 0x5b, 0x9b, 0xbb] {
            let document = [&[major], &[0xff; 8][..]].concat();
            assert!(matches!(parse(&document), Err(CborError::Malformed(_))), "{major:x}");
        }
    }

    #[test]
    fn what_is_no_document_of_the_protocol_is_refused() {
        let malformed: [&[u8]; 9] = [
            b"\xff",                                 // an end of nothing
            b"\xa1\x01\x01",                         // a key that is no text
            b"\xa2\x61a\x01\x61a\x02",               // a key twice
            b"\x01\x01",                             // something behind it
            b"\x62\xc3\x28",                         // text that is not UTF-8
            b"\x7f\x41a\xff",                        // bytes in a text
            b"\xc1\x61a",                            // a time that is a text
            b"\xc2\x41\x01",                         // a large number
            b"\x3b\xff\xff\xff\xff\xff\xff\xff\xff", // a negative number that does not fit
        ];
        for document in malformed {
            assert!(matches!(parse(document), Err(CborError::Malformed(_))), "{document:x?}");
        }
    }

    #[test]
    fn texts_in_segments_and_lists_without_a_length_are_read() {
        let document = b"\xbf\x61a\x9f\x7f\x61b\x61c\xff\x5f\x41\x00\xff\xff\xff";
        assert_eq!(parse(document).unwrap(), serde_json::json!({"a": ["bc", "AA=="]}));
    }

    fn values() -> impl Strategy<Value = document::Value> {
        use document::Value as V;
        let leaf = prop_oneof![
            ".{0,8}".prop_map(V::Text),
            any::<i64>().prop_map(V::Integer),
            any::<bool>().prop_map(V::Flag),
            any::<f64>().prop_map(V::Double),
            (-1_000_000_000_000_i64..4_000_000_000_000).prop_map(V::Time),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(V::List),
                prop::collection::btree_map(".{0,4}", inner, 0..6).prop_map(V::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn whatever_the_bytes_are_they_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = parse(&bytes);
        }

        #[test]
        fn a_document_that_is_damaged_is_read_or_refused(
            value in values(), at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = value.to_cbor();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = parse(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            let _ = parse(&bytes);
        }

        #[test]
        fn what_is_written_in_cbor_reads_as_what_is_written_in_json(value in values()) {
            prop_assert_eq!(parse(&value.to_cbor()).unwrap(), value.to_json());
        }
    }
}
