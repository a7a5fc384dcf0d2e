//! The ports that clients of a service use.

use sidegate_model::Service;

/// The port of TLS.
const TLS: u16 = 443;

/// The services of other ports.
///
/// Source: Keyspaces guide, "Using Amazon Keyspaces with interface VPC endpoints"; SES guide, "Connecting to the Amazon SES
/// SMTP endpoint"; IoT Core guide, "Device communication protocols" (MQTT and HTTPS).
const OTHERS: [(&str, &[u16]); 4] = [
    ("cassandra", &[9142]),
    ("cassandra-fips", &[9142]),
    ("email-smtp", &[25, 465, 587, 2465, 2587]),
    ("iot.data", &[TLS, 8443, 8883]),
];

/// The ports of TCP by which clients get to a service's interface endpoint.
pub(crate) fn ports(service: &Service) -> &'static [u16] {
    let other = OTHERS.iter().find(|(name, _)| *name == service.name);
    other.map_or(&[TLS], |(_, ports)| ports)
}

#[cfg(test)]
mod tests {
    use sidegate_model::Catalog;

    use super::*;

    #[test]
    fn every_service_of_other_ports_is_one() {
        assert!(OTHERS.iter().all(|(name, _)| Catalog::named(name).is_some()));
        assert_eq!(ports(Catalog::named("kms").unwrap()), [443]);
    }
}
