//! A kernel that one can read: it holds [`Objects`], carries out steps as Linux would, and refuses what Linux refuses.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::diff::Step;
use super::objects::{Element, ForeignKind, LinkName, Objects, Ruleset};

/// One namespace.
#[derive(Clone, Debug, Default)]
pub(super) struct FakeKernel {
    pub(super) objects: Objects,
    /// The addresses that have tracked flows.
    pub(super) tracked: BTreeSet<IpAddr>,
}

impl FakeKernel {
    /// Carries a step out, or says why not.
    pub(super) fn carry_out(&mut self, step: &Step) -> Result<(), String> {
        let Self { objects, tracked } = self;
        let is_done = match step {
            Step::LoadRuleset(form) => {
                objects.ruleset = *form;
                objects.elements.clear();
                true
            }
            Step::ChangeRuleset(form) => {
                let has_gone = |e: &Element| matches!(e, Element::Watched(..)) && *form == Ruleset::Current;
                let is_ours = objects.ruleset.is_ours() && !objects.elements.iter().any(has_gone);
                objects.ruleset = *form;
                is_ours
            }
            Step::SetSysctl(path, value) => {
                objects.sysctls.insert(path, value.clone());
                true
            }
            Step::RaiseLoopback => {
                objects.loopback = true;
                true
            }
            Step::RemoveForeign(foreign) => {
                if foreign.kind == ForeignKind::Link {
                    let name = LinkName::new(&foreign.name);
                    objects.routes.retain(|_, kind| kind.link().is_none() || kind.link() != name);
                }
                objects.foreign.remove(foreign)
            }
            Step::Filter { remove, add } => {
                let is_counting = |e: &Element| matches!(e, Element::Watched(..));
                let counts = objects.ruleset == Ruleset::Counting || !add.iter().any(is_counting);
                objects.ruleset.is_ours()
                    && counts
                    && remove.iter().all(|element| objects.elements.remove(element))
                    && add.iter().all(|element| is_new(&objects.elements, element) && objects.elements.insert(*element))
            }
            Step::RemoveRule(rule) => objects.rules.remove(rule),
            Step::RemoveRoute(key, kind) => objects.routes.remove(key) == Some(*kind),
            Step::RemoveAddress(address) => objects.addresses.remove(address),
            Step::RemoveLink(name) => {
                objects.routes.retain(|_, kind| kind.link() != Some(*name));
                objects.links.remove(name).is_some()
            }
            Step::Forget(addresses) => {
                tracked.retain(|address| !addresses.contains(address));
                true
            }
            Step::AddLink(name, ends) => {
                let down = super::objects::LinkEnds { settled: false, ..ends.clone() };
                objects.links.insert(*name, down).is_none()
            }
            Step::SettleLink(name, ends) => match objects.links.get_mut(name) {
                Some(link) if link.is_same_link(ends) => {
                    link.clone_from(ends);
                    true
                }
                _ => false,
            },
            Step::AddAddress(address) => objects.addresses.insert(*address),
            Step::AddRoute(key, kind) => {
                let is_up = match kind.link() {
                    Some(name) => objects.links.get(&name).is_some_and(|link| link.settled),
                    None => objects.loopback,
                };
                is_up && objects.routes.insert(*key, *kind).is_none()
            }
            Step::AddRule(rule) => objects.rules.insert(*rule),
        };
        if is_done { Ok(()) } else { Err(format!("cannot {step}")) }
    }
}

/// Whether a map has no other value for the element's key yet.
fn is_new(elements: &BTreeSet<Element>, element: &Element) -> bool {
    !elements.iter().any(|other| match (element, other) {
        (Element::LinkGroup(x, a, _), Element::LinkGroup(y, b, _)) => (x, a) == (y, b),
        (Element::Source(a, x, _), Element::Source(b, y, _)) => (a, x) == (b, y),
        (Element::GroupOf(a, _), Element::GroupOf(b, _)) | (Element::Answering(a, _), Element::Answering(b, _)) => {
            a == b
        }
        _ => element == other,
    })
}
