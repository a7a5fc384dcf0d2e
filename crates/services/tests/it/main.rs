//! The services, each through its trait.

#[cfg(test)]
mod s3;
