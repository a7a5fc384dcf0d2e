//! A server that streams in OpenAI's protocol as many tokens as it is asked for, at once. It costs as little as it can.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::bench::{BenchError, Step as _};

/// The server, which ends with the program.
#[derive(Debug)]
pub(super) struct Upstream(SocketAddr);

impl Upstream {
    pub(super) fn start() -> Result<Self, BenchError> {
        const STEP: &str = "starting a server that answers for a model";
        let listener = TcpListener::bind("127.0.0.1:0").step(STEP)?;
        let address = listener.local_addr().step(STEP)?;
        std::thread::Builder::new()
            .name("upstream".to_owned())
            .spawn(move || {
                for stream in listener.incoming().flatten() {
                    // Who breaks off has had enough.
                    std::thread::spawn(move || drop(serve(&stream)));
                }
            })
            .step(STEP)?;
        Ok(Self(address))
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.0
    }
}

/// Answers requests of one connection until it ends.
fn serve(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(body) = read(&mut reader)? {
        let asked: Value = serde_json::from_slice(&body)?;
        let tokens = asked.get("max_tokens").and_then(Value::as_u64).unwrap_or(1);
        answer(stream, tokens)?;
    }
    Ok(())
}

/// The body of the next request; none where there is no more.
fn read(reader: &mut impl BufRead) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        match line.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(std::io::Error::other)?;
            }
            None if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(body))
}

fn answer(stream: &TcpStream, tokens: u64) -> std::io::Result<()> {
    let mut out = BufWriter::new(stream);
    out.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n")?;
    let token = json!({"choices": [{"delta": {"content": "word "}, "finish_reason": null}]});
    for _ in 0..tokens {
        event(&mut out, &token.to_string())?;
        out.flush()?;
    }
    let end = json!({"choices": [{"delta": {}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 9, "completion_tokens": tokens}});
    event(&mut out, &end.to_string())?;
    event(&mut out, "[DONE]")?;
    out.write_all(b"0\r\n\r\n")?;
    out.flush()
}

/// An event in a chunk of its own.
fn event(out: &mut impl Write, data: &str) -> std::io::Result<()> {
    let text = format!("data: {data}\n\n");
    write!(out, "{:x}\r\n{text}\r\n", text.len())
}
