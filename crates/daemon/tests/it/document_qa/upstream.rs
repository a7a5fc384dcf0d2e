//! A server that speaks OpenAI's protocol, chat and embeddings, as well or as badly as it is told.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use serde_json::{Value, json};

/// How a server answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Well,
    /// What it says of a chat is no JSON.
    LyingOfText,
    /// What it calls a vector is none of numbers.
    LyingOfVectors,
    /// It takes longer for a chat than it has.
    Slow,
    /// It has too much to do.
    Refusing,
    /// It hears nobody any more.
    Gone,
}

/// What was asked: the path and the document.
type Asked = Vec<(String, Value)>;

/// The server. It answers until it is stopped.
pub(super) struct Upstream {
    port: u16,
    shared: Arc<Mutex<(Manner, Asked)>>,
    serving: JoinHandle<()>,
}

impl Upstream {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new((Manner::Well, Vec::new())));
        let own = Arc::clone(&shared);
        let serving = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if own.lock().unwrap().0 == Manner::Gone {
                    return;
                }
                let own = Arc::clone(&own);
                std::thread::spawn(move || serve(stream.unwrap(), &own));
            }
        });
        Self { port, shared, serving }
    }

    /// What the daemon is told of it.
    pub(super) fn configuration(&self) -> String {
        format!(
            "[service.bedrock-runtime]\nupstream = \"http://127.0.0.1:{}/v1\"\ntimeout_seconds = 1\n\
             [service.bedrock-runtime.models]\n\"amazon.nova-lite-v1:0\" = \"llama3.2\"\n\
             \"amazon.titan-embed-text-v2:0\" = \"nomic-embed-text\"\n",
            self.port
        )
    }

    pub(super) fn is_now(&self, manner: Manner) {
        self.shared.lock().unwrap().0 = manner;
    }

    /// What it was asked so far.
    pub(super) fn asked(&self) -> Asked {
        self.shared.lock().unwrap().1.clone()
    }

    /// Lets go of its port.
    pub(super) fn stop(self) {
        self.is_now(Manner::Gone);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        self.serving.join().unwrap();
    }
}

fn serve(mut stream: TcpStream, shared: &Mutex<(Manner, Asked)>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let asked: Value = serde_json::from_slice(&body).ok()?;
    let manner = {
        let mut shared = shared.lock().unwrap();
        shared.1.push((path.clone(), asked.clone()));
        shared.0
    };
    let (status, answer) = answer(manner, path.ends_with("/embeddings"), &asked);
    write!(stream, "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n").ok()?;
    write!(stream, "content-length: {}\r\n\r\n{answer}", answer.len()).ok()
}

fn answer(manner: Manner, embeds: bool, asked: &Value) -> (&'static str, String) {
    match (manner, embeds) {
        (Manner::LyingOfVectors, true) => ("200 OK", r#"{"data": [{"embedding": ["a", "b"]}]}"#.to_owned()),
        (_, true) => {
            ("200 OK", json!({"data": [{"embedding": vector(asked)}], "usage": {"prompt_tokens": 5}}).to_string())
        }
        (Manner::LyingOfText, false) => ("200 OK", r#"{"choices": [{"message": "#.to_owned()),
        (Manner::Refusing, false) => ("429 Too Many Requests", r#"{"error": {"message": "slow down"}}"#.to_owned()),
        (_, false) => {
            if manner == Manner::Slow {
                std::thread::sleep(Duration::from_secs(3));
            }
            let prompt = asked["messages"].to_string();
            let source = prompt.split("<source>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or("nothing");
            let text = format!("It says so in [{source}].");
            let choice = json!({"message": {"content": text}, "finish_reason": "stop"});
            ("200 OK", json!({"choices": [choice], "usage": {"prompt_tokens": 70, "completion_tokens": 9}}).to_string())
        }
    }
}

/// A vector that has to do with the letters of a text.
fn vector(asked: &Value) -> Vec<f64> {
    let mut numbers = vec![1.0; asked["dimensions"].as_u64().unwrap_or(8) as usize];
    for (at, byte) in asked["input"].as_str().unwrap_or_default().bytes().enumerate() {
        let place = (usize::from(byte) + at % 7) % numbers.len();
        numbers[place] += 1.0;
    }
    numbers
}
