//! The signatures of the chunks of a streamed body: each covers the one before it, and the first that of the request.
//!
//! Source: S3 API reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks".

use aws_lc_rs::digest::{SHA256, digest};

use super::{AuthError, SecretKey, Signature, TERMINATOR, key::SigningKey};

const ALGORITHM: &str = "AWS4-HMAC-SHA256-PAYLOAD";

/// What the next chunk has to be signed with.
pub struct ChunkChain {
    key: SigningKey,
    /// The lines of what is signed that are the same for every chunk.
    head: String,
    previous: String,
}

impl ChunkChain {
    /// The chain that begins with the signature of a request.
    pub fn new(signature: &Signature, secret: &SecretKey) -> Self {
        let (date, region, service) = (signature.date(), signature.region(), signature.service());
        let head = format!("{ALGORITHM}\n{date}\n{}/{region}/{service}/{TERMINATOR}", date.day());
        let key = SigningKey::derive(secret, date, region, service);
        Self { key, head, previous: hex::encode(signature.bytes()) }
    }

    /// Proves that the holder of the secret signed this chunk after the ones before.
    ///
    /// # Errors
    /// [`AuthError::SignatureMismatch`].
    pub fn prove(&mut self, chunk: &[u8], signature: &str) -> Result<(), AuthError> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(signature, &mut bytes).map_err(|_| AuthError::SignatureMismatch)?;
        let hash = |bytes| hex::encode(digest(&SHA256, bytes));
        let text = format!("{}\n{}\n{}\n{}", self.head, self.previous, hash(b""), hash(chunk));
        if !self.key.proves(&text, &bytes) {
            return Err(AuthError::SignatureMismatch);
        }
        self.previous = hex::encode(bytes);
        Ok(())
    }
}

impl std::fmt::Debug for ChunkChain {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ChunkChain(..)")
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::sigv4::Presented;

    /// The published example: 66,560 times the letter a in chunks of 64 KiB.
    fn chain() -> ChunkChain {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
            SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class, \
            Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
        let request = Request::put("https://s3.amazonaws.com/examplebucket/chunkObject.txt")
            .header("authorization", authorization)
            .header("x-amz-date", "20130524T000000Z")
            .body(())
            .unwrap();
        let (parts, ()) = request.into_parts();
        let presented = Presented::parse(&parts).unwrap();
        ChunkChain::new(presented.signature().unwrap(), &SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"))
    }

    const SIGNATURES: [&str; 3] = [
        "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648",
        "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497",
        "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9",
    ];

    #[test]
    fn the_chunks_of_the_published_example_are_proved_in_their_order() {
        let mut chain = chain();
        let body = vec![b'a'; 66_560];
        let (first, second) = body.split_at(65_536);
        for (chunk, signature) in [first, second, &[]].into_iter().zip(SIGNATURES) {
            assert_eq!(chain.prove(chunk, signature), Ok(()));
        }
    }

    #[test]
    fn a_chunk_that_was_changed_or_moved_is_not_proved() {
        let body = vec![b'a'; 66_560];
        assert!(chain().prove(&body[..65_535], SIGNATURES[0]).is_err());
        assert!(chain().prove(&body[65_536..], SIGNATURES[1]).is_err());
        assert!(chain().prove(&body[..65_536], "none").is_err());
    }
}
