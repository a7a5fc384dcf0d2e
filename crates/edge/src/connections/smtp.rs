//! SMTP, as a server speaks it that takes no mail.

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader};

/// What a client is greeted with.
const GREETING: &[u8] =
    b"554 Sidegate carries connections to email-smtp through the endpoint but does not emulate it.\r\n";

/// How much of what a client says all the same is heard, in bytes: some lines of the greatest length.
const MOST: u64 = 4 * 512;

/// Says that there is no service, and then no more than that.
///
/// Source: RFC 5321, 3.1: the server waits for `QUIT`, and answers 503 to everything else.
pub(super) async fn refuse(stream: impl AsyncRead + AsyncWrite + Unpin) {
    let mut stream = BufReader::new(stream);
    // Whether the client hears of it or not, this is the end.
    let _ = converse(&mut stream).await;
    let _ = stream.shutdown().await;
}

async fn converse(stream: &mut BufReader<impl AsyncRead + AsyncWrite + Unpin>) -> std::io::Result<()> {
    stream.write_all(GREETING).await?;
    stream.flush().await?;
    let mut left = MOST;
    loop {
        let mut line = Vec::new();
        let read = (&mut *stream).take(left).read_until(b'\n', &mut line).await?;
        left = left.saturating_sub(read as u64);
        if !line.ends_with(b"\n") {
            return Ok(());
        }
        let quits = line.get(..4).is_some_and(|word| word.eq_ignore_ascii_case(b"QUIT"));
        let answer: &[u8] = if quits { b"221 Bye\r\n" } else { b"503 There is no service here\r\n" };
        stream.write_all(answer).await?;
        stream.flush().await?;
        if quits {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    async fn told(said: &[u8]) -> String {
        let (mut client, server) = duplex(64 * 1024);
        let served = tokio::spawn(refuse(server));
        client.write_all(said).await.unwrap();
        let mut told = String::new();
        if said.ends_with(b"\n") {
            client.read_to_string(&mut told).await.unwrap();
        } else {
            client.shutdown().await.unwrap();
            client.read_to_string(&mut told).await.unwrap();
        }
        served.await.unwrap();
        told
    }

    #[tokio::test]
    async fn a_client_is_told_at_once_that_there_is_no_service_and_may_go() {
        let greeting = String::from_utf8(GREETING.to_vec()).unwrap();
        assert!(greeting.len() <= 512, "{}", greeting.len());
        assert_eq!(told(b"").await, greeting);
        assert_eq!(told(b"quit\r\n").await, format!("{greeting}221 Bye\r\n"));
        let stays = told(b"EHLO a\r\nQUIT\r\n").await;
        assert_eq!(stays, format!("{greeting}503 There is no service here\r\n221 Bye\r\n"));
        let long = told(&[b'x'; 3 * MOST as usize]).await;
        assert_eq!(long, greeting, "a line without end is not heard to its end");
    }
}
