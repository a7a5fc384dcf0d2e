//! VPCs of growing size in one site: how long each takes to be made, and one change in it; and the memory.

use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use sidegate_linux::dataplane;
use sidegate_model::{IpProtocol, Ipv4Cidr};

use super::crowd::{Crowd, rule};
use crate::bench::process::{memory_of, memory_of_kernel};
use crate::bench::report::{Bound, Cell, Goal, Report, Row, Table};
use crate::bench::sample::median_ms;
use crate::bench::site::{Change, Site};
use crate::bench::{Bench, BenchError, Step as _};

/// What of the kernel's memory grows with namespaces and their links and does not go back under pressure.
const KERNEL_MEMORY: [&str; 2] = ["SUnreclaim", "Percpu"];

/// The most that one change may take where interfaces are many, in milliseconds.
const CHANGE_GOAL: f64 = 50.0;

/// The VPCs so far, and what was measured of each.
pub(super) struct Growth {
    pub(super) crowds: Vec<Crowd>,
    steps: Vec<Step>,
    holder: u32,
}

/// What was measured of one VPC.
struct Step {
    size: usize,
    made: Change,
    render: Duration,
    changes: Changes,
    memory: Memory,
}

/// One change, measured some times.
#[derive(Default)]
struct Changes {
    permit_more: Vec<Change>,
    permit_less: Vec<Change>,
    interface_more: Vec<Change>,
    interface_less: Vec<Change>,
}

/// Bytes: of the kernel, of the holder, of this process.
#[derive(Clone, Copy)]
struct Memory([u64; 3]);

impl Memory {
    fn now(holder: u32) -> Self {
        let resident = |process| memory_of(process, "VmRSS").unwrap_or_default();
        Self([memory_of_kernel(&KERNEL_MEMORY), resident(holder), resident(std::process::id())])
    }

    fn since(self, before: Self) -> Self {
        let ([a, b, c], [x, y, z]) = (self.0, before.0);
        Self([a.saturating_sub(x), b.saturating_sub(y), c.saturating_sub(z)])
    }
}

impl Growth {
    /// Nothing yet.
    pub(super) fn new(site: &Site) -> Result<Self, BenchError> {
        Ok(Self { crowds: Vec::new(), steps: Vec::new(), holder: site.holder_process()? })
    }

    /// Adds a VPC of this size, and changes it some times.
    pub(super) fn grow(&mut self, bench: &Bench, site: &mut Site, size: u16, rounds: u32) -> Result<(), BenchError> {
        let progress = ProgressBar::new_spinner();
        progress.set_message(format!("a VPC with {size} interfaces"));
        progress.enable_steady_tick(Duration::from_millis(100));
        let before = Memory::now(self.holder);
        let number = u8::try_from(self.crowds.len()).unwrap_or(u8::MAX);
        let (crowd, made) = site.change("making a VPC", |w, c| Crowd::make(w, c, number, size))?;
        let memory = Memory::now(self.holder).since(before);

        let plan = site.plan().vpcs.get(&crowd.vpc).step("planning the VPC")?;
        let begin = Instant::now();
        let objects = dataplane::render(plan).step("rendering the VPC")?;
        let render = begin.elapsed();
        drop(objects);

        let mut changes = Changes::default();
        for round in 0..rounds {
            bench.interrupt.check()?;
            changes.take(site, &crowd, round)?;
        }
        progress.finish_and_clear();
        self.steps.push(Step { size: usize::from(size), made, render, changes, memory });
        self.crowds.push(crowd);
        Ok(())
    }

    /// What came out.
    pub(super) fn fill(&self, report: &mut Report, taken_over: Duration) {
        report.tables.extend([self.making(), self.changing(), self.memory()]);
        if let Some(Step { size, changes, .. }) = self.steps.last() {
            for (name, samples) in changes.kinds() {
                let total = median_ms(&samples.iter().map(|change| change.total()).collect::<Vec<_>>());
                report.goals.push(Goal::new(
                    format!("{name} at {size} interfaces, ms"),
                    Bound::AtMost(CHANGE_GOAL),
                    total,
                ));
            }
        }
        let all: usize = self.steps.iter().map(|step| step.size).sum();
        report.notes.push(format!(
            "After a restart, a driver that knows nothing reads all {all} interfaces in {} VPCs back and finds nothing to \
             change in {:.2} s.\nA change is the command on the world, the new plan, and the kernel; the store's \
             write comes on top of it in the daemon.",
            self.steps.len(),
            taken_over.as_secs_f64()
        ));
    }

    fn making(&self) -> Table {
        let columns = ["commands, ms", "plan, ms", "render, ms", "kernel, ms", "kernel, ms an interface"];
        let row = |step: &Step| {
            let kernel = ms(step.made.apply);
            let cells = [ms(step.made.command), ms(step.made.compile), ms(step.render)].map(|value| Cell::of(value, 1));
            let kernel = [Cell::of(kernel, 0), Cell::of(kernel / step.size as f64, 2)];
            Row { name: name(step.size), cells: [cells.as_slice(), &kernel].concat() }
        };
        Table {
            title: "Making a VPC from nothing, the namespaces of its programs with it".to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows: self.steps.iter().map(row).collect(),
        }
    }

    fn changing(&self) -> Table {
        let mut rows = Vec::new();
        for Step { size, changes, .. } in &self.steps {
            for (kind, samples) in changes.kinds() {
                let part =
                    |of: fn(&Change) -> Duration| Cell::of(median_ms(&samples.iter().map(of).collect::<Vec<_>>()), 2);
                let cells = vec![part(|c| c.command), part(|c| c.compile), part(|c| c.apply), part(|c| c.total())];
                rows.push(Row { name: format!("{}: {kind}", name(*size)), cells });
            }
        }
        let columns = ["command, ms", "plan, ms", "kernel, ms", "all, ms"].map(str::to_owned).to_vec();
        Table { title: "One change".to_owned(), columns, rows }
    }

    fn memory(&self) -> Table {
        let row = |step: &Step| {
            let each = |bytes: u64| bytes as f64 / 1024.0 / step.size as f64;
            Row { name: name(step.size), cells: step.memory.0.map(|bytes| Cell::of(each(bytes), 1)).to_vec() }
        };
        Table {
            title: "Memory for each interface with its program's namespace, KiB".to_owned(),
            columns: ["kernel", "holder", "world, plan and driver"].map(str::to_owned).to_vec(),
            rows: self.steps.iter().map(row).collect(),
        }
    }
}

impl Changes {
    fn take(&mut self, site: &mut Site, crowd: &Crowd, round: u32) -> Result<(), BenchError> {
        let group = crowd.groups.get(crowd.groups.len() / 2).step("finding a group")?;
        let port = 20_000 + i32::try_from(round).unwrap_or_default();
        let rules = [rule(IpProtocol::TCP, port, Ipv4Cidr::ANY).step("making a rule")?];
        let ((), change) = site.change("a permit more", |w, c| w.authorize(c, group, rules.to_vec()).map(drop))?;
        self.permit_more.push(change);
        let ((), change) = site.change("a permit less", |w, c| w.revoke(c, group, &rules))?;
        self.permit_less.push(change);
        let groups = std::slice::from_ref(group);
        let (made, change) = site.change("an interface more", |w, c| w.attach_program(c, &crowd.subnet, groups))?;
        self.interface_more.push(change);
        let ((), change) = site.change("an interface less", |w, _| {
            w.detach_program(&made);
            Ok(())
        })?;
        self.interface_less.push(change);
        site.sweep()
    }

    fn kinds(&self) -> [(&'static str, &[Change]); 4] {
        [
            ("a permit more", &self.permit_more),
            ("a permit less", &self.permit_less),
            ("an interface more", &self.interface_more),
            ("an interface less", &self.interface_less),
        ]
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

/// How a VPC of this size is called.
pub(super) fn name(size: usize) -> String {
    format!("{size} interfaces")
}
