//! The event stream encoding: messages of headers and a payload, one after the other in the body of an answer.
//!
//! A message begins with its own length, the length of its headers and a checksum of both, and ends with a checksum of
//! all that is before it. Numbers are big-endian, checksums are CRC-32 (IEEE 802.3).
//!
//! Source: <https://smithy.io/2.0/aws/amazon-eventstream.html>.

/// The content type of a body of such messages.
pub const MEDIA_TYPE: &str = "application/vnd.amazon.eventstream";

/// The largest payload, in bytes.
const LARGEST_PAYLOAD: usize = 24 * 1024 * 1024;

/// The largest sum of all headers as they are encoded, in bytes.
const LARGEST_HEADERS: usize = 128 * 1024;

/// The type of a header whose value is text.
const TEXT: u8 = 7;

/// What there is around headers and payload: two lengths, their checksum, and the checksum of the message.
const FRAME: usize = 16;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    headers: Vec<(&'static str, String)>,
    payload: Vec<u8>,
}

/// A message that the encoding has no room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the message is too large for an event stream")]
pub struct TooLarge;

impl Message {
    /// An event: one of the members of the stream, with a payload of JSON.
    pub fn event(name: &str, payload: Vec<u8>) -> Self {
        let headers = vec![
            (":event-type", name.to_owned()),
            (":content-type", "application/json".to_owned()),
            (":message-type", "event".to_owned()),
        ];
        Self { headers, payload }
    }

    /// An error that ends the stream, by the name of the stream's member.
    pub fn exception(name: &str, payload: Vec<u8>) -> Self {
        let headers = vec![
            (":exception-type", name.to_owned()),
            (":content-type", "application/json".to_owned()),
            (":message-type", "exception".to_owned()),
        ];
        Self { headers, payload }
    }

    /// The message as it is sent.
    ///
    /// ```
    /// use sidegate_wire::event_stream::Message;
    ///
    /// let bytes = Message::event("chunk", b"{}".to_vec()).encode().unwrap();
    /// assert_eq!(bytes.len(), u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize);
    /// ```
    ///
    /// # Errors
    /// [`TooLarge`] if the payload or a header is.
    pub fn encode(&self) -> Result<Vec<u8>, TooLarge> {
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            headers.push(u8::try_from(name.len()).map_err(|_| TooLarge)?);
            headers.extend_from_slice(name.as_bytes());
            headers.push(TEXT);
            // Source: the same page: the length is a signed short.
            let length = i16::try_from(value.len()).map_err(|_| TooLarge)?;
            headers.extend_from_slice(&length.to_be_bytes());
            headers.extend_from_slice(value.as_bytes());
        }
        if headers.len() > LARGEST_HEADERS || self.payload.len() > LARGEST_PAYLOAD {
            return Err(TooLarge);
        }
        let total = FRAME + headers.len() + self.payload.len();
        let number = |length: usize| u32::try_from(length).map(u32::to_be_bytes).map_err(|_| TooLarge);
        let mut bytes = Vec::with_capacity(total);
        bytes.extend_from_slice(&number(total)?);
        bytes.extend_from_slice(&number(headers.len())?);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes.extend_from_slice(&headers);
        bytes.extend_from_slice(&self.payload);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An empty message, and one with a payload alone, as other implementations have them among their test vectors.
    #[test]
    fn messages_without_headers_are_those_of_the_published_vectors() {
        let empty = Message { headers: Vec::new(), payload: Vec::new() };
        assert_eq!(hex::encode(empty.encode().unwrap()), "000000100000000005c248eb7d98c8ff");
        let alone = Message { headers: Vec::new(), payload: b"{'foo':'bar'}".to_vec() };
        let told = hex::encode(alone.encode().unwrap());
        assert_eq!(told, "0000001d00000000fd528c5a7b27666f6f273a27626172277dc3653936");
    }

    #[test]
    fn an_event_has_its_name_its_type_and_its_payload() {
        let bytes = Message::event("chunk", b"{}".to_vec()).encode().unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(text.contains(":event-type\u{7}\0\u{5}chunk"), "{text:?}");
        assert!(text.contains(":message-type\u{7}\0\u{5}event"), "{text:?}");
        assert_eq!(&bytes[bytes.len() - 6..bytes.len() - 4], b"{}");
        let whole = u32::from_be_bytes(bytes[bytes.len() - 4..].try_into().unwrap());
        assert_eq!(whole, crc32fast::hash(&bytes[..bytes.len() - 4]));
        let error = Message::exception("modelStreamErrorException", b"{}".to_vec()).encode().unwrap();
        assert!(String::from_utf8_lossy(&error).contains(":exception-type\u{7}\0\u{19}modelStreamErrorException"));
    }

    #[test]
    fn what_the_encoding_has_no_room_for_is_refused() {
        assert_eq!(Message::event(&"x".repeat(40_000), Vec::new()).encode(), Err(TooLarge));
        assert_eq!(Message::event("x", vec![0; LARGEST_PAYLOAD + 1]).encode(), Err(TooLarge));
    }
}
