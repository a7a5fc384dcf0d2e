//! The signature of a form that a browser sends to S3: what is signed is the policy in the form, in base64.
//!
//! Source: S3 API reference, "Authenticating Requests in Browser-Based Uploads Using POST (AWS Signature Version 4)".

use super::presented::{Fields, malformed};
use super::{ALGORITHM, AmzDate, AuthError, Placement, SecretKey, Signature, key::SigningKey};

/// Where its errors are said to be: with the parameters that a presigned URL has.
const PLACEMENT: Placement = Placement::Query;

impl Signature {
    /// Reads the signature of a form, of which `field` gives the fields. `None` if it has not all that belongs to one.
    ///
    /// # Errors
    /// [`AuthError::Malformed`] or [`AuthError::ScopeDate`].
    pub fn of_form<'a>(field: impl Fn(&str) -> Option<&'a str>) -> Result<Option<Self>, AuthError> {
        let (Some(algorithm), Some(credential), Some(date), Some(signature)) =
            (field("x-amz-algorithm"), field("x-amz-credential"), field("x-amz-date"), field("x-amz-signature"))
        else {
            return Ok(None);
        };
        if algorithm != ALGORITHM {
            return Err(malformed(PLACEMENT, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""));
        }
        let date = AmzDate::parse(date).ok_or_else(|| {
            malformed(PLACEMENT, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        })?;
        let session_token = field("x-amz-security-token").map(str::to_owned);
        // No header is signed.
        let fields =
            Fields { placement: PLACEMENT, credential, signed_headers: "host", signature, date, session_token };
        fields.parse().map(Some)
    }

    /// Proves that the holder of the secret signed this policy. For how long it holds stands in the policy.
    ///
    /// # Errors
    /// [`AuthError::SignatureMismatch`].
    pub fn prove_form(&self, policy: &str, secret: &SecretKey) -> Result<(), AuthError> {
        let key = SigningKey::derive(secret, self.date, &self.region, &self.service);
        key.proves(policy, &self.signature).then_some(()).ok_or(AuthError::SignatureMismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The policy of the example, whose signature is published with it.
    ///
    /// Source: S3 API reference, "Example: Browser-Based Upload using HTTP POST (Using AWS Signature Version 4)".
    const POLICY: &str = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    fn form(name: &str) -> Option<&'static str> {
        Some(match name {
            "x-amz-algorithm" => "AWS4-HMAC-SHA256",
            "x-amz-credential" => "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
            "x-amz-date" => "20151229T000000Z",
            "x-amz-signature" => "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
            _ => return None,
        })
    }

    #[test]
    fn the_published_example_is_proved_and_no_other_policy() {
        let signature = Signature::of_form(form).unwrap().unwrap();
        let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        assert_eq!(signature.access_key(), "AKIAIOSFODNN7EXAMPLE");
        assert_eq!(signature.prove_form(POLICY, &secret), Ok(()));
        assert_eq!(signature.prove_form(&POLICY.replacen('e', "f", 1), &secret), Err(AuthError::SignatureMismatch));
        assert_eq!(signature.prove_form(POLICY, &SecretKey::new("x")), Err(AuthError::SignatureMismatch));
    }

    #[test]
    fn a_form_without_all_of_it_is_not_signed_and_one_that_cannot_be_read_is_refused() {
        for missing in ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"] {
            assert_eq!(Signature::of_form(|name| form(name).filter(|_| name != missing)), Ok(None));
            let wrong = Signature::of_form(|name| if name == missing { Some("x") } else { form(name) });
            assert!(matches!(wrong, Err(AuthError::Malformed { .. })), "{missing}");
        }
    }
}
