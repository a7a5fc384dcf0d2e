//! What other parts of Sidegate ask of S3 beside what requests can say. It stands among the extensions of a request, where no
//! client can put anything.

/// With PutBucketPolicy: the policy that it takes the place of, as GetBucketPolicy showed it; `None` if there was none. Where
/// the bucket has another one by now, nothing changes, and the answer is `OperationAborted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacing(pub Option<String>);

/// With PutObject: all is decided as if the object were put, by KMS too, and nothing is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rehearsal;
