//! Methods and paths of operations that there are and that are not served, so that they are told from what there is not.

use http::Method;

/// An operation that is not served.
pub(super) struct Unserved {
    pub(super) name: &'static str,
    /// Its method and its path, in which `{}` stands for a segment.
    route: &'static str,
}

/// An operation, by its method and path.
pub(super) const fn unserved(name: &'static str, route: &'static str) -> Unserved {
    Unserved { name, route }
}

impl Unserved {
    /// Whether a request is for it.
    pub(super) fn is_asked(&self, method: &Method, path: &str) -> bool {
        let Some((own, pattern)) = self.route.split_once(' ') else { return false };
        let mut segments = path.split('/');
        let fits = pattern.split('/').all(|wanted| match segments.next() {
            Some(segment) => wanted == segment || (wanted == "{}" && !segment.is_empty()),
            None => false,
        });
        own == method.as_str() && fits && segments.next().is_none()
    }
}
