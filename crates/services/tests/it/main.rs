//! The services, each through its trait.

#[cfg(test)]
mod organizations;
#[cfg(test)]
mod s3;
