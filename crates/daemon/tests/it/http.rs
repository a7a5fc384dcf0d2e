//! A minimal signed client over a socket, so that most steps of a test cost no client's start-up.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sidegate_wire::sigv4::{PayloadHash, SecretKey, Signer};

use crate::harness::{ACCESS_KEY, SECRET_KEY};

/// An access key: its id and its secret.
pub(crate) type Key<'a> = (&'a str, &'a str);

/// Calls EC2: the document of the answer, or that of the error.
pub(crate) fn ec2(api: &str, action: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
    ec2_with(api, (ACCESS_KEY, SECRET_KEY), action, parameters)
}

/// Calls EC2 with this key.
pub(crate) fn ec2_with(api: &str, key: Key<'_>, action: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
    let mut form = format!("Action={action}&Version=2016-11-15");
    for (name, value) in parameters {
        let escaped: String = value.bytes().map(|b| format!("%{b:02X}")).collect();
        form.push_str(&format!("&{name}={escaped}"));
    }
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    call_with(api, key, "ec2", "POST", "/", &headers, form.as_bytes())
}

/// Sends a request that the administrator has signed.
pub(crate) fn call(
    api: &str, service: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8],
) -> Result<String, String> {
    call_with(api, (ACCESS_KEY, SECRET_KEY), service, method, path, headers, body)
}

/// Sends a request that is signed with this key.
pub(crate) fn call_with(
    api: &str, (access_key, secret): Key<'_>, service: &str, method: &str, path: &str, headers: &[(&str, &str)],
    body: &[u8],
) -> Result<String, String> {
    let mut request = http::Request::builder().method(method).uri(format!("http://{api}{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    let secret = SecretKey::new(secret);
    let signer = Signer { access_key, secret: &secret, session_token: None, region: "us-east-1", service };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    signer.sign(&mut head, PayloadHash::OfBody(body), i64::try_from(now).unwrap()).unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    text.push_str(&format!("content-length: {}\r\nconnection: close\r\n\r\n", body.len()));
    let (status, answer) = raw(api, &[text.as_bytes(), body].concat())?;
    if (200..300).contains(&status) { Ok(answer) } else { Err(answer) }
}

/// Sends bytes and reads the answer up to the end of the connection: the status and the body.
pub(crate) fn raw(api: &str, bytes: &[u8]) -> Result<(u16, String), String> {
    let mut stream = TcpStream::connect(api).map_err(|e| e.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    // A server that refuses early may close before all is sent.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(|| format!("no answer: `{answer}`"))?;
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or("no status")?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Ok((status, if chunked { dechunked(body) } else { body.to_owned() }))
}

fn dechunked(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((length, rest)) = body.split_once("\r\n") {
        let Ok(length) = usize::from_str_radix(length, 16) else { break };
        whole.push_str(rest.get(..length).unwrap_or_default());
        body = rest.get(length + 2..).unwrap_or_default();
    }
    whole
}
