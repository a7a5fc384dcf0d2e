//! The parts of a multipart body, as its bytes come. Nothing waits here, and no more is held than the head of a part or
//! the start of a delimiter.
//!
//! Source: RFC 2046, 5.1; RFC 7578.

use bytes::{Buf as _, Bytes, BytesMut};

/// The largest head of a part, in bytes.
const LARGEST_HEAD: usize = 8 * 1024;

/// The body is not what it says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// What a part says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    /// How many bytes it has.
    pub(super) size: usize,
}

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// More bytes have to be pushed.
    Wants,
    /// A part begins.
    Part(Head),
    /// Bytes of the part.
    Data(Bytes),
    /// The part has ended.
    EndOfPart,
    /// The last part has ended; whatever follows is nothing.
    End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Preamble,
    /// A delimiter has been read, and what follows tells whether it was the last.
    Delimited,
    Head,
    Data,
    End,
}

/// A multipart body that is being read.
#[derive(Debug)]
pub(super) struct Parts {
    /// The line break before the boundary belongs to it.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    state: State,
}

impl Parts {
    pub(super) fn new(boundary: &str) -> Self {
        // The first delimiter may stand at the very beginning, where no line ends before it.
        let buffer = BytesMut::from(&b"\r\n"[..]);
        Self { delimiter: format!("\r\n--{boundary}").into_bytes(), buffer, state: State::Preamble }
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// What comes next.
    pub(super) fn next(&mut self) -> Result<Event, Malformed> {
        loop {
            match self.state {
                State::Preamble => {
                    let found = self.find_delimiter();
                    self.buffer.advance(found.until());
                    if !self.take_delimiter(found) {
                        return Ok(Event::Wants);
                    }
                }
                State::Delimited => match self.after_delimiter()? {
                    true => {}
                    false => return Ok(Event::Wants),
                },
                State::Head => return self.head(),
                State::Data => {
                    let found = self.find_delimiter();
                    if found.until() > 0 {
                        return Ok(Event::Data(self.buffer.split_to(found.until()).freeze()));
                    }
                    return Ok(if self.take_delimiter(found) { Event::EndOfPart } else { Event::Wants });
                }
                State::End => {
                    self.buffer.clear();
                    return Ok(Event::End);
                }
            }
        }
    }

    /// Takes a delimiter that stands at the start, if it is there as a whole.
    fn take_delimiter(&mut self, found: Found) -> bool {
        let whole = matches!(found, Found::Whole(_));
        if whole {
            self.buffer.advance(self.delimiter.len());
            self.state = State::Delimited;
        }
        whole
    }

    /// Where the next delimiter is, or where it may begin.
    fn find_delimiter(&self) -> Found {
        let bytes = &self.buffer[..];
        let mut from = 0;
        while let Some(at) = bytes.get(from..).and_then(|rest| rest.iter().position(|byte| *byte == b'\r')) {
            let start = from + at;
            let rest = bytes.get(start..).unwrap_or_default();
            if rest.starts_with(&self.delimiter) {
                return Found::Whole(start);
            }
            if self.delimiter.starts_with(rest) {
                return Found::Partly(start);
            }
            from = start + 1;
        }
        Found::Nowhere(bytes.len())
    }

    /// Reads the rest of a delimiter's line; `false` if it is not there yet.
    fn after_delimiter(&mut self) -> Result<bool, Malformed> {
        if self.buffer.starts_with(b"--") {
            self.state = State::End;
            return Ok(true);
        }
        let padding = self.buffer.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let rest = self.buffer.get(padding..).unwrap_or_default();
        if padding > LARGEST_HEAD {
            return Err(Malformed);
        }
        if rest.starts_with(b"\r\n") {
            self.buffer.advance(padding + 2);
            self.state = State::Head;
            return Ok(true);
        }
        let may_come = rest.is_empty() || rest == b"\r" || (padding == 0 && rest == b"-");
        if may_come { Ok(false) } else { Err(Malformed) }
    }

    fn head(&mut self) -> Result<Event, Malformed> {
        let end = self.buffer.windows(4).take(LARGEST_HEAD).position(|window| window == b"\r\n\r\n");
        let Some(end) = end else {
            return if self.buffer.len() > LARGEST_HEAD { Err(Malformed) } else { Ok(Event::Wants) };
        };
        let bytes = self.buffer.split_to(end + 4);
        self.state = State::Data;
        parse_head(&bytes).map(Event::Part)
    }
}

/// Where a delimiter is.
#[derive(Clone, Copy)]
enum Found {
    Whole(usize),
    Partly(usize),
    Nowhere(usize),
}

impl Found {
    /// How many bytes are certainly before it.
    fn until(self) -> usize {
        match self {
            Self::Whole(at) | Self::Partly(at) | Self::Nowhere(at) => at,
        }
    }
}

fn parse_head(bytes: &[u8]) -> Result<Head, Malformed> {
    let text = std::str::from_utf8(bytes).map_err(|_| Malformed)?;
    let disposition = text.split("\r\n").find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then(|| value.trim())
    });
    let (kind, parameters) = disposition.ok_or(Malformed)?.split_once(';').ok_or(Malformed)?;
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err(Malformed);
    }
    let parameters = parse_parameters(parameters)?;
    let value = |wanted: &str| parameters.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
    let name = value("name").map(|(_, value)| value.clone()).ok_or(Malformed)?;
    Ok(Head { name, file_name: value("filename").map(|(_, value)| value.clone()), size: bytes.len() })
}

/// `name="value"; other=value`, where a quotation mark within quotation marks has a backslash before it, or is written
/// `%22`, as browsers do.
fn parse_parameters(mut text: &str) -> Result<Vec<(String, String)>, Malformed> {
    let mut parameters = Vec::new();
    while !text.trim().is_empty() {
        let (name, rest) = text.split_once('=').ok_or(Malformed)?;
        let (value, rest) = match rest.trim_start().strip_prefix('"') {
            Some(quoted) => parse_quoted(quoted)?,
            None => {
                let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
                (value.trim().to_owned(), rest)
            }
        };
        parameters.push((name.trim().to_owned(), value));
        text = rest;
    }
    Ok(parameters)
}

fn parse_quoted(text: &str) -> Result<(String, &str), Malformed> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let rest = text.get(at + 1..).unwrap_or_default().trim_start();
                return match rest.strip_prefix(';') {
                    Some(rest) => Ok((value, rest)),
                    None if rest.is_empty() => Ok((value, "")),
                    None => Err(Malformed),
                };
            }
            '\\' if text.get(at + 1..).is_some_and(|rest| rest.starts_with('"')) => {
                value.push('"');
                characters.next();
            }
            other => value.push(other),
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a body that comes in pieces of these lengths, in turn.
    fn read(boundary: &str, body: &[u8], lengths: &[usize]) -> Result<Vec<(Head, Vec<u8>)>, Malformed> {
        let mut parts = Parts::new(boundary);
        let (mut rest, mut turn) = (body, lengths.iter().cycle());
        let mut found: Vec<(Head, Vec<u8>)> = Vec::new();
        loop {
            match parts.next()? {
                Event::Wants if rest.is_empty() => return Err(Malformed),
                Event::Wants => {
                    let (piece, after) = rest.split_at((*turn.next().unwrap()).clamp(1, rest.len()));
                    parts.push(piece);
                    rest = after;
                }
                Event::Part(head) => found.push((head, Vec::new())),
                Event::Data(data) => found.last_mut().unwrap().1.extend_from_slice(&data),
                Event::EndOfPart => {}
                Event::End => return Ok(found),
            }
            assert!(parts.buffer.len() <= LARGEST_HEAD + 64 + body.len().min(lengths.iter().copied().max().unwrap()));
        }
    }

    fn part(name: &str, value: &[u8]) -> Vec<u8> {
        let mut part = format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\n").into_bytes();
        part.extend_from_slice(value);
        part
    }

    fn body(parts: &[Vec<u8>]) -> Vec<u8> {
        let mut body = Vec::new();
        for part in parts {
            body.extend_from_slice(b"--b0\r\n");
            body.extend_from_slice(part);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b0--\r\nepilogue");
        body
    }

    /// Numbers that look random and are the same each time.
    fn numbers(mut state: u64) -> impl Iterator<Item = usize> {
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 40).unwrap()
        })
    }

    #[test]
    fn a_form_is_read_the_same_however_its_bytes_come() {
        // The values are made of what delimiters are made of.
        let alphabet: [&[u8]; 7] = [b"\r", b"\n", b"-", b"--b0", b"\r\n--b", b"x", b"\0"];
        for seed in 0..2000 {
            let mut number = numbers(seed);
            let mut next = |below: usize| number.next().unwrap() % below;
            let mut values = Vec::new();
            for _ in 0..next(4) {
                let mut value: Vec<u8> = (0..next(9)).flat_map(|_| alphabet[next(7)].to_vec()).collect();
                while value.windows(6).any(|window| window == b"\r\n--b0") || value.starts_with(b"--b0") {
                    value.pop();
                }
                // A delimiter must not come about at the seam either.
                value.push(b'.');
                values.push(value);
            }
            let lengths: Vec<usize> = (0..3).map(|_| 1 + next(7)).collect();
            let parts: Vec<Vec<u8>> = values.iter().map(|value| part("n", value)).collect();
            let found = read("b0", &body(&parts), &lengths).unwrap();
            assert_eq!(found.into_iter().map(|(_, value)| value).collect::<Vec<_>>(), values, "seed {seed}");
        }
    }

    #[test]
    fn whatever_comes_is_read_or_refused() {
        let alphabet: [&[u8]; 8] =
            [b"\r\n", b"--b0", b"--", b"Content-Disposition: form-data; name=\"", b"\"", b";", b"\\", b"\xff"];
        for seed in 0..5000 {
            let mut number = numbers(seed);
            let bytes: Vec<u8> = (0..40).flat_map(|_| alphabet[number.next().unwrap() % 8].to_vec()).collect();
            let _ = read("b0", &bytes, &[1 + number.next().unwrap() % 9]);
        }
    }

    #[test]
    fn heads_are_read_in_the_forms_that_browsers_have() {
        let head =
            |text: &str| parse_head(format!("{text}\r\n\r\n").as_bytes()).map(|head| (head.name, head.file_name));
        let named = |name: &str, file: Option<&str>| Ok((name.to_owned(), file.map(str::to_owned)));
        assert_eq!(head("Content-Disposition: form-data; name=\"a\""), named("a", None));
        assert_eq!(head("content-disposition:form-data;name=a"), named("a", None));
        assert_eq!(
            head("Content-Type: text/plain\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a;\\\"b.txt\""),
            named("f", Some("a;\"b.txt"))
        );
        assert_eq!(head("Content-Disposition: form-data; filename=\"C:\\x\"; name=f"), named("f", Some("C:\\x")));
        for bad in [
            "Content-Disposition: form-data",
            "Content-Disposition: attachment; name=a",
            "X: y",
            "",
            "Content-Disposition: form-data; name=\"a",
            "Content-Disposition: form-data; filename=a",
        ] {
            assert_eq!(head(bad), Err(Malformed), "{bad}");
        }
    }

    #[test]
    fn what_has_no_end_or_no_delimiter_is_refused() {
        assert_eq!(read("b0", b"", &[1]), Err(Malformed));
        assert_eq!(read("b0", b"--b0\r\n", &[1]), Err(Malformed));
        assert_eq!(read("b0", b"--b0x\r\n", &[1]), Err(Malformed));
        let cut = body(&[part("a", b"value")]);
        assert_eq!(read("b0", &cut[..cut.len() - 14], &[3]), Err(Malformed));
        let long = [b"--b0\r\nX: ".to_vec(), vec![b'a'; LARGEST_HEAD]].concat();
        assert_eq!(read("b0", &long, &[100]), Err(Malformed));
        assert_eq!(read("b0", b"--b0--", &[1]).unwrap(), []);
    }
}
