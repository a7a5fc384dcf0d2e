//! What a browser asks before a request of another origin. Nobody proves who he is with it, and nothing is done: whoever
//! reaches S3 may ask.

use http::header::{ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_LENGTH, ORIGIN};
use http::{Request, Response};
use http_body_util::{BodyExt as _, Empty};

use super::super::answer::Asked;
use super::super::cross_origin::CrossOrigin;
use super::super::fault::Fault;
use super::target::Target;
use super::{returned, unavailable};
use crate::Body;
use crate::upstream::Server;

/// The answer of the server to such a question.
pub(super) async fn passed_on(
    server: &Server, request: Request<Body>, asked: &Asked<'_>,
) -> Result<Response<Body>, Fault> {
    let (head, _) = request.into_parts();
    CrossOrigin::of(&head.method, &head.uri, &head.headers)?;
    let target = Target::of(&head)?;
    let path = target.as_ref().map_or_else(|| "/".to_owned(), Target::path);
    let mut sent = Request::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *sent.method_mut() = head.method;
    *sent.uri_mut() = server.uri(&path).map_err(|_| Fault::invalid_request("The request cannot be sent on"))?;
    for name in [ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, ACCESS_CONTROL_REQUEST_HEADERS] {
        if let Some(value) = head.headers.get(&name) {
            sent.headers_mut().insert(name, value.clone());
        }
    }
    sent.headers_mut().insert(CONTENT_LENGTH, 0.into());
    let answer = server.send(sent).await.map_err(|error| unavailable(&error))?;
    returned::answer(asked, answer, true, None).await
}
