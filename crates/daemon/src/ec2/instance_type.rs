//! Instance types: some that are common, so that clients which look theirs up find it.
//!
//! A type is kept and shown, and has no effect: instances share this machine. Source: EC2 instance types guide.

// coverage: ec2:RunInstances: a program of the machine under a subnet's rules; types bound interfaces and nothing else

mod offering;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;

use sidegate_model::{Instance, InstanceId, InterfaceLimits};
use sidegate_wire::ec2::{
    DescribeInstanceCreditSpecificationsRequest, DescribeInstanceCreditSpecificationsResult,
    DescribeInstanceTypesRequest, DescribeInstanceTypesResult, EbsInfo, InstanceCreditSpecification, InstanceTypeInfo,
    MemoryInfo, NetworkInfo, PlacementGroupInfo, ProcessorInfo, VCpuInfo,
};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one};
use super::ids::{chosen, ids};
use super::refused;

const FILTERS: &[&str] = &[
    "auto-recovery-supported",
    "bare-metal",
    "burstable-performance-supported",
    "current-generation",
    "dedicated-hosts-supported",
    "ebs-info.attachment-limit-type",
    "ebs-info.ebs-optimized-info.baseline-bandwidth-in-mbps",
    "ebs-info.ebs-optimized-info.baseline-iops",
    "ebs-info.ebs-optimized-info.baseline-throughput-in-mbps",
    "ebs-info.ebs-optimized-info.maximum-bandwidth-in-mbps",
    "ebs-info.ebs-optimized-info.maximum-iops",
    "ebs-info.ebs-optimized-info.maximum-throughput-in-mbps",
    "ebs-info.ebs-optimized-support",
    "ebs-info.encryption-support",
    "ebs-info.maximum-ebs-attachments",
    "ebs-info.nvme-support",
    "free-tier-eligible",
    "hibernation-supported",
    "hypervisor",
    "instance-storage-info.disk.count",
    "instance-storage-info.disk.size-in-gb",
    "instance-storage-info.disk.type",
    "instance-storage-info.encryption-support",
    "instance-storage-info.nvme-support",
    "instance-storage-info.total-size-in-gb",
    "instance-storage-supported",
    "instance-type",
    "memory-info.size-in-mib",
    "network-info.bandwidth-weightings",
    "network-info.efa-info.maximum-efa-interfaces",
    "network-info.efa-supported",
    "network-info.ena-support",
    "network-info.encryption-in-transit-supported",
    "network-info.flexible-ena-queues-support",
    "network-info.ipv4-addresses-per-interface",
    "network-info.ipv6-addresses-per-interface",
    "network-info.ipv6-supported",
    "network-info.maximum-network-cards",
    "network-info.maximum-network-interfaces",
    "network-info.network-performance",
    "nitro-enclaves-support",
    "nitro-tpm-info.supported-versions",
    "nitro-tpm-support",
    "processor-info.supported-architecture",
    "processor-info.supported-features",
    "processor-info.sustained-clock-speed-in-ghz",
    "reboot-migration-support",
    "supported-boot-mode",
    "supported-root-device-type",
    "supported-usage-class",
    "supported-virtualization-type",
    "vcpu-info.default-cores",
    "vcpu-info.default-threads-per-core",
    "vcpu-info.default-vcpus",
    "vcpu-info.valid-cores",
    "vcpu-info.valid-threads-per-core",
];

/// The type of an instance whose launch names none.
///
/// Source: EC2 API reference, `RunInstances`.
const DEFAULT: &str = "m1.small";

/// An instance type.
#[derive(Clone, Copy)]
pub(super) struct InstanceType {
    family: &'static Family,
    size: &'static str,
    vcpus: i32,
    memory_mib: i64,
}

/// What the types of a family have in common.
struct Family {
    name: &'static str,
    architecture: &'static str,
    threads_per_core: i32,
    current: bool,
    /// How the family earns CPU credits by default, if its performance is burstable.
    credits: Option<&'static str>,
    /// Sizes with their virtual CPUs and MiB of memory.
    sizes: &'static [(&'static str, i32, i64)],
}

const T3: &[(&str, i32, i64)] = &[
    ("nano", 2, 512),
    ("micro", 2, 1024),
    ("small", 2, 2048),
    ("medium", 2, 4096),
    ("large", 2, 8192),
    ("xlarge", 4, 16_384),
    ("2xlarge", 8, 32_768),
];
/// The sizes of families with some GiB of memory per virtual CPU.
macro_rules! sizes {
    ($gib:literal: $($size:literal $vcpus:literal),+) => { &[$(($size, $vcpus, $gib * 1024 * $vcpus)),+] };
}

const GENERAL: &[(&str, i32, i64)] = sizes!(4:
    "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "8xlarge" 32, "12xlarge" 48, "16xlarge" 64, "24xlarge" 96);
const COMPUTE: &[(&str, i32, i64)] = sizes!(2:
    "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "8xlarge" 32, "12xlarge" 48, "16xlarge" 64, "24xlarge" 96);
const MEMORY: &[(&str, i32, i64)] = sizes!(8:
    "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "8xlarge" 32, "12xlarge" 48, "16xlarge" 64, "24xlarge" 96);
const C5: &[(&str, i32, i64)] = sizes!(2:
    "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "9xlarge" 36, "12xlarge" 48, "18xlarge" 72, "24xlarge" 96);
const GENERAL_ARM: &[(&str, i32, i64)] = sizes!(4:
    "medium" 1, "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "8xlarge" 32, "12xlarge" 48, "16xlarge" 64);
const COMPUTE_ARM: &[(&str, i32, i64)] = sizes!(2:
    "medium" 1, "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "8xlarge" 32, "12xlarge" 48, "16xlarge" 64);
const MEMORY_ARM: &[(&str, i32, i64)] = sizes!(8:
    "medium" 1, "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "8xlarge" 32, "12xlarge" 48, "16xlarge" 64);

/// A family of the current generation with two threads per core.
const fn x86(name: &'static str, sizes: &'static [(&'static str, i32, i64)]) -> Family {
    Family { name, architecture: "x86_64", threads_per_core: 2, current: true, credits: None, sizes }
}

/// A family of the current generation with Arm processors.
const fn arm(name: &'static str, sizes: &'static [(&'static str, i32, i64)]) -> Family {
    Family { architecture: "arm64", threads_per_core: 1, ..x86(name, sizes) }
}

/// A family of a former generation.
const fn former(name: &'static str, threads_per_core: i32, sizes: &'static [(&'static str, i32, i64)]) -> Family {
    Family { threads_per_core, current: false, ..x86(name, sizes) }
}

const FAMILIES: &[Family] = &[
    former("c4", 2, &[("large", 2, 3840), ("xlarge", 4, 7680), ("2xlarge", 8, 15_360), ("4xlarge", 16, 30_720)]),
    x86("c5", C5),
    x86("c5a", COMPUTE),
    x86("c6a", COMPUTE),
    arm("c6g", COMPUTE_ARM),
    x86("c6i", COMPUTE),
    Family { threads_per_core: 1, ..x86("c7a", COMPUTE) },
    arm("c7g", COMPUTE_ARM),
    x86("c7i", COMPUTE),
    arm("c8g", COMPUTE_ARM),
    x86("g4dn", sizes!(4: "xlarge" 4, "2xlarge" 8, "4xlarge" 16, "8xlarge" 32, "16xlarge" 64)),
    x86("i3", &[("large", 2, 15_616), ("xlarge", 4, 31_232), ("2xlarge", 8, 62_464), ("4xlarge", 16, 124_928)]),
    former("m1", 1, &[("small", 1, 1740)]),
    former("m4", 2, sizes!(4: "large" 2, "xlarge" 4, "2xlarge" 8, "4xlarge" 16)),
    x86("m5", GENERAL),
    x86("m5a", GENERAL),
    x86("m6a", GENERAL),
    arm("m6g", GENERAL_ARM),
    x86("m6i", GENERAL),
    Family { threads_per_core: 1, ..x86("m7a", GENERAL) },
    arm("m7g", GENERAL_ARM),
    x86("m7i", GENERAL),
    arm("m8g", GENERAL_ARM),
    x86("r5", MEMORY),
    x86("r5a", MEMORY),
    x86("r6a", MEMORY),
    arm("r6g", MEMORY_ARM),
    x86("r6i", MEMORY),
    arm("r7g", MEMORY_ARM),
    x86("r7i", MEMORY),
    arm("r8g", MEMORY_ARM),
    former("t1", 1, &[("micro", 1, 627)]),
    Family {
        threads_per_core: 1,
        credits: Some("standard"),
        ..x86(
            "t2",
            &[("nano", 1, 512), ("micro", 1, 1024), ("small", 1, 2048), ("medium", 2, 4096), ("large", 2, 8192)],
        )
    },
    Family { credits: Some("unlimited"), ..x86("t3", T3) },
    Family { credits: Some("unlimited"), ..x86("t3a", T3) },
    Family { credits: Some("unlimited"), ..arm("t4g", T3) },
];

impl InstanceType {
    fn all() -> impl Iterator<Item = Self> {
        let of = |family: &'static Family| {
            let size = move |&(size, vcpus, memory_mib)| Self { family, size, vcpus, memory_mib };
            family.sizes.iter().map(size)
        };
        FAMILIES.iter().flat_map(of)
    }

    fn name(&self) -> String {
        format!("{}.{}", self.family.name, self.size)
    }

    /// How many network interfaces an instance of it can have, and how many IPv4 addresses each of them.
    ///
    /// Source: EC2 instance types guide, "IP addresses per network interface per instance type".
    pub(super) fn interfaces(&self) -> InterfaceLimits {
        let (interfaces, addresses) = match (self.family.name, self.size) {
            ("m1", _) => (2, 4),
            (_, "nano" | "micro") => (2, 2),
            ("t3a", "small") => (2, 4),
            (_, "small") => (3, 4),
            ("t2" | "t3" | "t3a" | "t4g", "medium") => (3, 6),
            (_, "medium") => (2, 4),
            ("t2" | "t3" | "t3a" | "t4g", "large") => (3, 12),
            ("m4", "large") => (2, 10),
            (_, "large") | ("g4dn", "xlarge" | "2xlarge" | "4xlarge") => (3, 10),
            ("g4dn", _) => (4, 15),
            (_, "4xlarge" | "8xlarge" | "9xlarge" | "12xlarge") => (8, 30),
            (_, "16xlarge" | "18xlarge" | "24xlarge") => (15, 50),
            _ => (4, 15),
        };
        InterfaceLimits { interfaces, addresses }
    }

    /// Whether its instances are optimized for volumes: those of the current generation always are, but t2.
    ///
    /// Source: EC2 user guide, "Amazon EBS-optimized instance types".
    fn ebs_optimized_support(&self) -> &'static str {
        if ["m1", "t1", "t2"].contains(&self.family.name) { "unsupported" } else { "default" }
    }

    /// How many cores it has.
    pub(super) fn cores(&self) -> i32 {
        self.vcpus / self.family.threads_per_core
    }

    /// How many threads a core runs.
    pub(super) fn threads_per_core(&self) -> i32 {
        self.family.threads_per_core
    }
}

/// The type with this name, if it is one of those that are known here.
pub(super) fn find(name: &str) -> Option<InstanceType> {
    let (family, size) = name.split_once('.')?;
    InstanceType::all().find(|kind| kind.family.name == family && kind.size == size)
}

/// How instances of a type earn CPU credits, if their performance is burstable.
pub(super) fn credits(name: &str) -> Option<&'static str> {
    find(name).and_then(|kind| kind.family.credits)
}

/// The type that a launch names.
///
/// # Errors
/// `InvalidParameterValue` if it is none of those that are known here.
pub(super) fn named(name: Option<String>) -> Result<String, Failure> {
    let name = name.unwrap_or_else(|| DEFAULT.to_owned());
    if find(&name).is_some() {
        return Ok(name);
    }
    Err(refused("InvalidParameterValue", format!("Invalid value '{name}' for InstanceType.")))
}

impl Action for DescribeInstanceTypesRequest {
    type Answer = DescribeInstanceTypesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeInstanceTypesResult, Failure> {
        if self.max_results.is_some() && !self.instance_types.is_empty() {
            let message = "The parameter instanceTypes cannot be used with the parameter maxResults";
            return Err(refused("InvalidParameterCombination", message));
        }
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut kinds: Vec<(String, InstanceType)> = InstanceType::all().map(|kind| (kind.name(), kind)).collect();
        let unknown: Vec<&str> =
            self.instance_types.iter().map(String::as_str).filter(|name| find(name).is_none()).collect();
        if !unknown.is_empty() {
            let message = format!("The following supplied instance types do not exist: [{}]", unknown.join(", "));
            return Err(refused("InvalidInstanceType", message));
        }
        kinds.retain(|(name, kind)| {
            (self.instance_types.is_empty() || self.instance_types.contains(name))
                && filters.pass(|filter| values(kind, filter))
        });
        kinds.sort_by(|(a, _), (b, _)| a.cmp(b));
        let key = |(name, _): &(String, InstanceType)| name.clone();
        let page = call.page(kinds, key, self.max_results, self.next_token.as_deref(), (5, 100))?;
        let instance_types = page.items.into_iter().map(|(name, kind)| info(name, &kind)).collect();
        Ok(DescribeInstanceTypesResult { instance_types, next_token: page.next_token })
    }
}

fn values<'t>(kind: &InstanceType, filter: &str) -> Vec<Cow<'t, str>> {
    match filter {
        "bare-metal" | "hibernation-supported" | "instance-storage-supported" | "free-tier-eligible" => flag(false),
        "burstable-performance-supported" => flag(kind.family.credits.is_some()),
        "current-generation" => flag(kind.family.current),
        "instance-type" => one(kind.name()),
        "memory-info.size-in-mib" => one(kind.memory_mib.to_string()),
        "network-info.efa-supported" => flag(false),
        "network-info.ena-support" => one("supported"),
        "network-info.ipv6-addresses-per-interface" => one(kind.interfaces().addresses.to_string()),
        "network-info.ipv6-supported" => flag(true),
        "network-info.maximum-network-cards" => one("1"),
        "ebs-info.ebs-optimized-support" => one(kind.ebs_optimized_support()),
        "ebs-info.encryption-support" => one("supported"),
        "network-info.ipv4-addresses-per-interface" => one(kind.interfaces().addresses.to_string()),
        "network-info.maximum-network-interfaces" => one(kind.interfaces().interfaces.to_string()),
        "processor-info.supported-architecture" => one(kind.family.architecture),
        "supported-root-device-type" => one("ebs"),
        "supported-usage-class" => one("on-demand"),
        "supported-virtualization-type" => one("hvm"),
        "vcpu-info.default-cores" => one(kind.cores().to_string()),
        "vcpu-info.default-threads-per-core" => one(kind.threads_per_core().to_string()),
        "vcpu-info.default-vcpus" => one(kind.vcpus.to_string()),
        // The rest is of hardware that this machine need not have.
        _ => Vec::new(),
    }
}

/// A type with AWS's figures for processors, memory and interfaces, and otherwise what instances have here.
fn info(name: String, kind: &InstanceType) -> InstanceTypeInfo {
    InstanceTypeInfo {
        instance_type: Some(name),
        current_generation: Some(kind.family.current),
        free_tier_eligible: Some(false),
        supported_usage_classes: vec!["on-demand".to_owned()],
        supported_root_device_types: vec!["ebs".to_owned()],
        supported_virtualization_types: vec!["hvm".to_owned()],
        bare_metal: Some(false),
        processor_info: Some(ProcessorInfo {
            supported_architectures: vec![kind.family.architecture.to_owned()],
            ..ProcessorInfo::default()
        }),
        v_cpu_info: Some(VCpuInfo {
            default_v_cpus: Some(kind.vcpus),
            default_cores: Some(kind.cores()),
            default_threads_per_core: Some(kind.threads_per_core()),
            ..VCpuInfo::default()
        }),
        memory_info: Some(MemoryInfo { size_in_mi_b: Some(kind.memory_mib) }),
        instance_storage_supported: Some(false),
        network_info: Some(NetworkInfo {
            maximum_network_interfaces: i32::try_from(kind.interfaces().interfaces).ok(),
            ipv4_addresses_per_interface: i32::try_from(kind.interfaces().addresses).ok(),
            ipv6_addresses_per_interface: i32::try_from(kind.interfaces().addresses).ok(),
            ipv6_supported: Some(true),
            maximum_network_cards: Some(1),
            default_network_card_index: Some(0),
            ena_support: Some("supported".to_owned()),
            efa_supported: Some(false),
            ..NetworkInfo::default()
        }),
        ebs_info: Some(EbsInfo {
            ebs_optimized_support: Some(kind.ebs_optimized_support().to_owned()),
            encryption_support: Some("supported".to_owned()),
            ..EbsInfo::default()
        }),
        placement_group_info: Some(PlacementGroupInfo::default()),
        hibernation_supported: Some(false),
        burstable_performance_supported: Some(kind.family.credits.is_some()),
        dedicated_hosts_supported: Some(false),
        auto_recovery_supported: Some(false),
        ..InstanceTypeInfo::default()
    }
}

impl Action for DescribeInstanceCreditSpecificationsRequest {
    type Answer = DescribeInstanceCreditSpecificationsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeInstanceCreditSpecificationsResult, Failure> {
        let filters = Filters::read(&self.filters, &["instance-id"])?;
        let (world, scope) = (call.world(), call.scope());
        let named: Vec<InstanceId> = ids(&self.instance_ids)?;
        let mut instances = chosen(&world.instances, &named, |i| i.scope == *scope, InstanceId::not_found)?;
        let named: BTreeSet<InstanceId> = named.into_iter().collect();
        let fixed = |i: &&&Instance| named.contains(&i.id) && credits(&i.instance_type).is_none();
        if let Some(instance) = instances.iter().find(fixed) {
            let message = format!("The instance {} is not of a type with burstable performance.", instance.id);
            return Err(refused("InstanceCreditSpecification.NotSupported", message));
        }
        instances.retain(|instance| {
            credits(&instance.instance_type).is_some() && filters.pass(|_| one(instance.id.as_str()))
        });
        let key = |instance: &&Instance| instance.id.to_string();
        let page = call.page(instances, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        let shown = |instance: &Instance| InstanceCreditSpecification {
            instance_id: Some(instance.id.to_string()),
            cpu_credits: credits(&instance.instance_type).map(str::to_owned),
        };
        Ok(DescribeInstanceCreditSpecificationsResult {
            instance_credit_specifications: page.items.into_iter().map(shown).collect(),
            next_token: page.next_token,
        })
    }
}
