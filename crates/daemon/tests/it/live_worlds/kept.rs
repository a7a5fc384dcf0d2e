//! Disagreements that were found: made small, kept as files, and tried again before anything else.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use sidegate_model::{Entity, Table, World};

use super::batch::live;
use super::judge::{Disagreement, judge};
use super::town::{Recipe, Town};
use super::{lived_in, made};
use crate::stored::each_table;

/// How long a disagreement is made smaller.
const LONG: Duration = Duration::from_secs(90);

/// How many smaller worlds are tried at once.
const AT_ONCE: usize = 16;

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/regressions/worlds")
}

/// The worlds that were kept, by the names of their files.
pub(super) fn all() -> Vec<(String, Town)> {
    let files = fs::read_dir(directory()).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    let read = |path: PathBuf| (path.display().to_string(), town(&fs::read_to_string(path).unwrap()));
    files.into_iter().map(read).collect()
}

/// Keeps what three answers differ about.
pub(super) fn keep(name: &str, town: &Town, at: usize, found: &Disagreement) -> PathBuf {
    fn rows<T: Entity>(table: &Table<T>) -> Value {
        table.iter().map(|own| serde_json::to_value(own).unwrap()).collect()
    }
    let mut tables = Map::new();
    macro_rules! save {
        ($($table:ident),*) => {
            $(if !town.world.$table.is_empty() {
                tables.insert(stringify!($table).to_owned(), rows(&town.world.$table));
            })*
        };
    }
    each_table!(save);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let whole = json!({
        "attempt": town.attempts[at],
        "trace": lines(&found.trace),
        "naive": lines(&found.naive),
        "happened": lines(&found.happened),
        "bucket": town.bucket,
        "world": tables,
    });
    fs::create_dir_all(directory()).unwrap();
    let path = directory().join(format!("{name}.json"));
    fs::write(&path, format!("{whole:#}\n")).unwrap();
    path
}

/// What a file has kept.
fn town(text: &str) -> Town {
    fn load<T: Entity>(rows: &Value, table: &mut Table<T>) {
        let rows = rows.as_array().into_iter().flatten();
        rows.for_each(|row| table.insert(serde_json::from_value(row.clone()).unwrap()));
    }
    let whole: Value = serde_json::from_str(text).unwrap();
    let mut world = World::default();
    macro_rules! load {
        ($($table:ident),*) => { $(load(&whole["world"][stringify!($table)], &mut world.$table);)* };
    }
    each_table!(load);
    let read = |name: &str| whole[name].clone();
    Town {
        world,
        bucket: serde_json::from_value(read("bucket")).unwrap(),
        attempts: vec![serde_json::from_value(read("attempt")).unwrap()],
        has_function: false,
    }
}

/// The same disagreement, or another one, in a world of fewer steps, as far as there is time. `None` if it does not come
/// again.
pub(super) fn shrunk(recipe: &Recipe) -> Option<(Town, usize, Disagreement)> {
    let limit = Instant::now() + LONG;
    let (mut recipe, mut found) = first_of(vec![recipe.clone()])?;
    let mut size = recipe.steps.len().div_ceil(2);
    while size > 0 && Instant::now() < limit {
        let parts: Vec<_> = (0..recipe.steps.len()).step_by(size).collect();
        let without = |from: &usize| {
            let mut steps = recipe.steps.clone();
            steps.drain(*from..(*from + size).min(steps.len()));
            Recipe { steps, ..recipe.clone() }
        };
        let smaller = parts.chunks(AT_ONCE).find_map(|some| first_of(some.iter().map(without).collect()));
        match smaller {
            Some((less, again)) => (recipe, found) = (less, again),
            None => size /= 2,
        }
    }
    Some(found)
}

/// The first of several worlds in which something disagrees.
fn first_of(recipes: Vec<Recipe>) -> Option<(Recipe, (Town, usize, Disagreement))> {
    let (mut towns, all) = made(&recipes, 0);
    let happened = live(&mut towns, all);
    towns.iter().enumerate().find_map(|(n, town)| {
        let own = (0..town.attempts.len()).find_map(|at| Some((at, judge(&happened, &towns, n, at).err()?)));
        own.map(|(at, found)| (recipes[n].clone(), (town.clone(), at, *found)))
    })
}

/// Tries what was kept once more.
pub(super) fn replay() {
    for (name, town) in all() {
        let all = town.world.clone();
        if let Some((_, found)) = lived_in(&mut [town], all).1.into_iter().next() {
            panic!("{name}: the three differ again\n{found:?}");
        }
    }
}
