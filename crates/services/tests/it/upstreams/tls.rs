//! Servers that speak TLS.

use std::path::Path as FilePath;

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::*;

/// A server for `localhost` that answers with an empty document; its certificate is its own authority.
async fn serve() -> (u16, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let config = config.with_single_cert(vec![cert.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(async |request: Request<hyper::body::Incoming>| {
                    let (head, body) = request.into_parts();
                    proved(&head, &body.collect().await.unwrap().to_bytes());
                    Ok::<_, std::convert::Infallible>(Response::new(Full::new(Bytes::from_static(b"{\"Keys\":[]}"))))
                });
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (port, cert.pem())
}

fn trusting(url: &str, path: &FilePath) -> Arc<dyn Service> {
    let secret = SecretKey::new(SECRET);
    upstream("kms", Origin::new(url, KEY.to_owned(), secret, "eu-west-1".to_owned(), Some(path)).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_server_that_the_authorities_vouch_for_is_asked() {
    let (port, pem) = serve().await;
    let dir = TempDir::new().unwrap();
    let (own, other) = (dir.path().join("own.pem"), dir.path().join("other.pem"));
    std::fs::write(&own, pem).unwrap();
    std::fs::write(&other, rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap().cert.pem()).unwrap();
    let ask = async |url: String, path: &FilePath| {
        super::ask(&trusting(&url, path), &Engine::all(), "kms", "ListKeys", &json!({})).await
    };
    assert_eq!(ok(ask(format!("https://localhost:{port}"), &own).await), json!({"Keys": []}));
    assert_eq!(code(ask(format!("https://localhost:{port}"), &other).await), "KMSInternalException");
    let another_name = format!("https://127.0.0.1:{port}");
    assert_eq!(code(ask(another_name, &own).await), "KMSInternalException");
    assert_eq!(
        code(ask(format!("http://localhost:{port}"), &own).await),
        "KMSInternalException",
        "it speaks TLS alone"
    );
}
