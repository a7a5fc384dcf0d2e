//! The services, each through its trait.

#[cfg(test)]
mod bedrock;
#[cfg(test)]
mod client;
#[cfg(test)]
mod cloudwatch;
#[cfg(test)]
mod dynamodb;
#[cfg(test)]
mod iam;
#[cfg(test)]
mod kms;
#[cfg(test)]
mod lambda;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod organizations;
#[cfg(test)]
mod s3;
#[cfg(test)]
mod secretsmanager;
#[cfg(test)]
mod sts;
#[cfg(test)]
mod upstreams;
