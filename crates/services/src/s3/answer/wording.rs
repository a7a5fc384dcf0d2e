//! AWS's words where s3s refuses a request by itself, with others or with none.
//!
//! Source: S3 API reference, "Error responses"; what S3 is on record with for `CopyObject`.

/// The message of each code that s3s uses without one.
const MESSAGES: [(&str, &str); 7] = [
    ("InvalidBucketName", "The specified bucket is not valid."),
    ("KeyTooLongError", "Your key is too long"),
    ("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"),
    ("MethodNotAllowed", "The specified method is not allowed against this resource."),
    ("MissingContentLength", "You must provide the Content-Length HTTP header."),
    (
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing \
         method.",
    ),
    ("InternalError", "We encountered an internal error. Please try again."),
];

const COPY_SOURCE: &str = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey";

/// The longest key, in bytes.
const LONGEST_KEY: &str = "1024";

/// The document of an error, still open at its end, in AWS's words.
pub(super) fn of_aws(open: &str) -> String {
    let mut all = open.to_owned();
    let code = between(open, "<Code>", "</Code>").unwrap_or_default();
    match between(open, "<Message>", "</Message>") {
        None => {
            if let Some((_, message)) = MESSAGES.iter().find(|(known, _)| *known == code) {
                all.push_str(&format!("<Message>{message}</Message>"));
            }
            if code == "KeyTooLongError" {
                all.push_str(&format!("<MaxSizeAllowed>{LONGEST_KEY}</MaxSizeAllowed>"));
            }
        }
        Some(message) if message.starts_with("invalid header: x-amz-copy-source:") => {
            all = open.replacen(message, COPY_SOURCE, 1);
            all.push_str("<ArgumentName>x-amz-copy-source</ArgumentName>");
        }
        Some(_) => {}
    }
    all
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    text.split_once(start)?.1.split_once(end).map(|(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use super::of_aws;

    #[test]
    fn a_refusal_of_s3s_gets_the_words_of_aws() {
        let bare = of_aws("<Error><Code>InvalidBucketName</Code>");
        assert_eq!(bare, "<Error><Code>InvalidBucketName</Code><Message>The specified bucket is not valid.</Message>");
        let long = of_aws("<Error><Code>KeyTooLongError</Code>");
        assert!(
            long.ends_with("<Message>Your key is too long</Message><MaxSizeAllowed>1024</MaxSizeAllowed>"),
            "{long}"
        );
        let own = "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message>";
        assert_eq!(of_aws(own), own);
        let copy = of_aws("<Error><Code>InvalidArgument</Code><Message>invalid header: x-amz-copy-source: x</Message>");
        assert!(copy.contains("<Message>Copy Source must mention"), "{copy}");
    }
}
