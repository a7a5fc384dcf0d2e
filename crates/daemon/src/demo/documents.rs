//! The documents: explanatory texts about private networking, from `examples/document-qa`.

/// Each document with the name that it is stored under.
pub(super) const DOCUMENTS: [(&str, &str); 12] = [
    ("01-what-a-vpc-is.md", include_str!("../../../../examples/document-qa/documents/01-what-a-vpc-is.md")),
    (
        "02-subnets-and-addresses.md",
        include_str!("../../../../examples/document-qa/documents/02-subnets-and-addresses.md"),
    ),
    (
        "03-route-tables-and-longest-prefix.md",
        include_str!("../../../../examples/document-qa/documents/03-route-tables-and-longest-prefix.md"),
    ),
    ("04-gateway-endpoints.md", include_str!("../../../../examples/document-qa/documents/04-gateway-endpoints.md")),
    ("05-interface-endpoints.md", include_str!("../../../../examples/document-qa/documents/05-interface-endpoints.md")),
    ("06-private-dns.md", include_str!("../../../../examples/document-qa/documents/06-private-dns.md")),
    ("07-security-groups.md", include_str!("../../../../examples/document-qa/documents/07-security-groups.md")),
    ("08-network-acls.md", include_str!("../../../../examples/document-qa/documents/08-network-acls.md")),
    ("09-endpoint-policies.md", include_str!("../../../../examples/document-qa/documents/09-endpoint-policies.md")),
    (
        "10-costs-of-endpoints-and-nat.md",
        include_str!("../../../../examples/document-qa/documents/10-costs-of-endpoints-and-nat.md"),
    ),
    ("11-diagnosing-a-path.md", include_str!("../../../../examples/document-qa/documents/11-diagnosing-a-path.md")),
    (
        "12-designing-a-private-document-qa-system.md",
        include_str!("../../../../examples/document-qa/documents/12-designing-a-private-document-qa-system.md"),
    ),
];
