//! Random commands on an organization leave it in order.

use super::*;
use crate::organizations::fault::Fault;

const CONTENT: &str = r#"{"Version":"2012-10-17","Statement":[]}"#;

/// A small generator of numbers, so that a failure comes again (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    fn pick<T: Clone>(&mut self, from: impl IntoIterator<Item = T>) -> Option<T> {
        let all: Vec<T> = from.into_iter().collect();
        if all.is_empty() { None } else { Some(all[self.below(all.len())].clone()) }
    }
}

fn account(parent: ParentId) -> Account {
    Account {
        name: "a".to_owned(),
        email: "a@example.com".to_owned(),
        parent,
        standing: Standing::Active,
        joined: Joined::Created,
        since: 0,
        access_role: None,
        tags: Tags::new(),
    }
}

fn organization() -> Organization {
    let root = RootId::parse("r-ab12").unwrap();
    let management: AccountId = "111122223333".parse().unwrap();
    let member = account(ParentId::Root(root.clone()));
    let id = OrganizationId::parse("o-a1b2c3d4e5").unwrap();
    let mut organization = Organization::new(id, root.clone(), management, member, FeatureSet::All);
    organization.enable_type(&root, PolicyKind::ServiceControlPolicy, 0).unwrap();
    organization
}

fn policy(kind: PolicyKind, name: String) -> Policy {
    Policy { name, description: String::new(), kind, content: CONTENT.into(), created: 0, tags: Tags::new() }
}

/// A random parent, which may not exist.
fn parent(organization: &Organization, dice: &mut Dice) -> ParentId {
    let units = organization.units.keys().cloned().map(ParentId::Unit);
    let stray = ParentId::Unit(UnitId::parse("ou-ab12-00000000").unwrap());
    dice.pick(units.chain([organization.root(), organization.root(), stray])).unwrap()
}

fn target(organization: &Organization, dice: &mut Dice) -> TargetId {
    let stray = TargetId::Account("999999999999".parse().unwrap());
    dice.pick(organization.targets().chain([stray])).unwrap()
}

fn any_policy(organization: &Organization, dice: &mut Dice) -> PolicyId {
    let stray = PolicyId::parse("p-00000000").unwrap();
    dice.pick(organization.policies.keys().chain(managed_policies().keys()).cloned().chain([stray])).unwrap()
}

fn kind(dice: &mut Dice) -> PolicyKind {
    dice.pick([PolicyKind::ServiceControlPolicy, PolicyKind::ResourceControlPolicy, PolicyKind::TagPolicy]).unwrap()
}

/// One random command. What it is refused with does not matter.
fn step(organization: &mut Organization, dice: &mut Dice, round: usize) -> Result<(), Fault> {
    let now = i64::try_from(round).unwrap();
    let root = organization.head.root.clone();
    let some_account = |dice: &mut Dice, organization: &Organization| {
        dice.pick(organization.accounts.keys().cloned().chain(["999999999999".parse().unwrap()])).unwrap()
    };
    match dice.below(16) {
        0 | 1 => {
            let id = UnitId::parse(&format!("ou-ab12-{round:08}")).unwrap();
            let parent = parent(organization, dice);
            organization.create_unit(id, parent, format!("u{}", dice.below(6)), Tags::new(), now)
        }
        2 => {
            let unit = dice.pick(organization.units.keys().cloned());
            unit.map_or(Ok(()), |unit| organization.delete_unit(&unit))
        }
        3 => {
            let id: AccountId = format!("{:012}", 200_000_000_000 + round).parse().unwrap();
            organization.add_account(id, account(organization.root()), now);
            Ok(())
        }
        4 => {
            let id = some_account(dice, organization);
            organization.remove_account(&id).map(drop)
        }
        5 | 6 => {
            let id = some_account(dice, organization);
            let source = organization.accounts.get(&id).map_or_else(|| organization.root(), |own| own.parent.clone());
            let destination = parent(organization, dice);
            organization.move_account(&id, &source, &destination)
        }
        7 => {
            let id = PolicyId::parse(&format!("p-{round:08}")).unwrap();
            organization.create_policy(id, policy(kind(dice), format!("p{}", dice.below(30))))
        }
        8 => {
            let id = any_policy(organization, dice);
            organization.delete_policy(&id)
        }
        9..=11 => {
            let (id, target) = (any_policy(organization, dice), target(organization, dice));
            organization.attach(&id, &target, now)
        }
        12 | 13 => {
            let (id, target) = (any_policy(organization, dice), target(organization, dice));
            organization.detach(&id, &target)
        }
        14 => organization.enable_type(&root, kind(dice), now),
        _ if dice.below(4) == 0 => organization.disable_type(&root, kind(dice)),
        _ => {
            let id = some_account(dice, organization);
            organization.close_account(&id)
        }
    }
}

fn check(organization: &Organization) {
    for (id, account) in &organization.accounts {
        assert!(organization.has_parent(&account.parent), "{id} is in what exists");
    }
    for (id, unit) in &organization.units {
        assert!(organization.has_parent(&unit.parent), "{id} is in what exists");
        let way = organization.way(&ParentId::Unit(id.clone()));
        assert_eq!(way[0], organization.root(), "{id} hangs at the root");
        assert!(way.len() <= 6, "{id} is too deep");
    }
    for (target, attached) in &organization.attachments {
        assert!(organization.has(target), "{target} has policies and exists");
        for id in attached.keys() {
            let kind = organization.policy(id).unwrap().kind;
            assert!(organization.head.enabled.contains(&kind), "{id} is of an enabled type");
        }
    }
    for target in organization.targets() {
        for kind in &organization.head.enabled {
            let count = organization.attached(&target, *kind).len();
            assert!(count <= kind.most_attached());
            assert!(count >= 1 || !kind.authorizes(), "{target} always has a policy of {}", kind.name());
        }
    }
    assert!(organization.accounts.contains_key(&organization.head.management));
    for id in organization.accounts.keys() {
        let membership = organization.membership(id).unwrap();
        let depth = membership.path.matches('/').count();
        let binds = *id != organization.head.management;
        for (kind, levels) in [
            (PolicyKind::ServiceControlPolicy, &membership.service_control),
            (PolicyKind::ResourceControlPolicy, &membership.resource_control),
        ] {
            let expected = if binds && organization.head.enabled.contains(&kind) { depth } else { 0 };
            assert_eq!(levels.len(), expected, "{id} has a level for each step of {}", membership.path);
            assert!(levels.iter().all(|level| !level.is_empty()));
        }
    }
}

#[test]
fn any_commands_leave_an_organization_in_order() {
    for seed in 1..25 {
        let mut dice = Dice(seed * 0x9e37_79b9);
        let mut organization = organization();
        let mut done = 0;
        for round in 0..200 {
            let before = organization.clone();
            match step(&mut organization, &mut dice, round) {
                Ok(()) => done += 1,
                Err(fault) => assert!(organization == before, "{fault} has left something behind"),
            }
            check(&organization);
        }
        assert!(done > 20, "seed {seed} has done {done} things");
    }
}

#[test]
fn the_way_to_an_account_is_that_of_its_units() {
    let mut organization = organization();
    let (root, now) = (organization.root(), 0);
    let outer = UnitId::parse("ou-ab12-11111111").unwrap();
    let inner = UnitId::parse("ou-ab12-22222222").unwrap();
    organization.create_unit(outer.clone(), root.clone(), "outer".into(), Tags::new(), now).unwrap();
    organization.create_unit(inner.clone(), ParentId::Unit(outer), "inner".into(), Tags::new(), now).unwrap();
    let id: AccountId = "222233334444".parse().unwrap();
    organization.add_account(id.clone(), account(root.clone()), now);
    organization.move_account(&id, &root, &ParentId::Unit(inner)).unwrap();
    let membership = organization.membership(&id).unwrap();
    assert_eq!(membership.path, "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/");
    assert_eq!(membership.service_control.len(), 4);
    assert!(membership.resource_control.is_empty());
}
