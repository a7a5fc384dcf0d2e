//! Host names: of requests, and the patterns that cover them.

use http::header::HOST;
use http::request::Parts;

/// The longest host that is looked at, in bytes.
///
/// Source: RFC 1035, 2.3.4, and a port.
const LONGEST: usize = 261;

/// The host that a request is for: the authority of its target, or its `Host`. `None` if there is none, several that
/// differ, or one that is no name.
///
/// A server has to go by the authority of the target where there is one, and refuse a `Host` that is repeated.
/// Source: RFC 9112, 3.2.2 and 3.2; RFC 9113, 8.3.1.
pub(super) fn host(head: &Parts) -> Option<&str> {
    let mut fields = head.headers.get_all(HOST).iter();
    let (first, second) = (fields.next(), fields.next());
    let field = first.map(|value| value.to_str());
    match (head.uri.authority(), field, second) {
        (_, _, Some(_)) | (_, Some(Err(_)), _) | (None, None, _) => None,
        (Some(authority), None, None) => Some(authority.as_str()),
        (None, Some(Ok(field)), None) => Some(field),
        (Some(authority), Some(Ok(field)), None) => authority.as_str().eq_ignore_ascii_case(field).then_some(field),
    }
    .filter(|host| host.len() <= LONGEST && !host.contains('@'))
}

/// The name in a host: in lower case, without port and final dot.
pub(super) fn name(host: &str) -> String {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

/// Whether one of the patterns covers a name in lower case: `a.b` covers itself, and `*.b` every name below `b`.
pub(crate) fn is_covered(name: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_prefix('*') {
        Some(suffix) => name.len() > suffix.len() && name.ends_with(suffix),
        None => pattern == name,
    })
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn of(uri: &str, hosts: &[&str]) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        host(&head).map(name)
    }

    #[test]
    fn the_host_is_one_name_or_none() {
        assert_eq!(of("/", &["S3.Amazonaws.com.:443"]).as_deref(), Some("s3.amazonaws.com"));
        assert_eq!(of("http://a.b/c", &[]).as_deref(), Some("a.b"));
        assert_eq!(of("http://a.b/c", &["A.b"]).as_deref(), Some("a.b"));
        assert_eq!(of("http://a.b/c", &["c.d"]), None);
        assert_eq!(of("/", &["a.b", "a.b"]), None);
        assert_eq!(of("/", &[]), None);
        assert_eq!(of("/", &[&"a".repeat(300)]), None);
    }

    #[test]
    fn a_pattern_covers_what_lies_below_it() {
        let patterns = ["s3.amazonaws.com".to_owned(), "*.s3.amazonaws.com".to_owned()];
        for covered in ["s3.amazonaws.com", "b.s3.amazonaws.com", "a.b.s3.amazonaws.com"] {
            assert!(is_covered(covered, &patterns), "{covered}");
        }
        for other in ["xs3.amazonaws.com", ".s3.amazonaws.com", "s3.amazonaws.com.evil", "10.0.0.1", ""] {
            assert!(!is_covered(other, &patterns), "{other}");
        }
    }
}
