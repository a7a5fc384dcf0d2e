//! The parameters of statements, of which the first that is wrong is told.

use serde_json::{Value, json};

use super::MORE;

/// Has the engine tell of what is reached first in the parameters of a statement: a value that is nested too deeply, or a
/// number that is none. A transaction is read as a whole.
pub(super) fn check(operation: &str, document: &mut Value) {
    let statements = match operation {
        "BatchExecuteStatement" => document.get_mut("Statements"),
        "ExecuteTransaction" => document.get_mut("TransactStatements"),
        _ => Some(document),
    };
    let statements = match statements {
        Some(Value::Array(list)) => list.as_mut_slice(),
        Some(document) => std::slice::from_mut(document),
        None => &mut [],
    };
    let mut is_reached = false;
    for statement in statements {
        is_reached &= operation == "ExecuteTransaction";
        let parameters = statement.get_mut("Parameters").and_then(Value::as_array_mut);
        for parameter in parameters.into_iter().flatten() {
            reach(parameter, MORE, &mut is_reached);
        }
    }
}

/// Goes through a value of at most so many levels, of which no more are left. Behind the end of one there are no numbers
/// that anything could be told of.
fn reach(value: &mut Value, levels: usize, is_reached: &mut bool) {
    if levels == 0 {
        *value = json!({ "S": "" });
        *is_reached = true;
        return;
    }
    if *is_reached && value.get("N").is_some() {
        *value = json!({ "N": "0" });
    }
    if *is_reached && value.get("NS").is_some() {
        *value = json!({ "NS": ["0"] });
    }
    if let Some(map) = value.get_mut("M").and_then(Value::as_object_mut) {
        map.values_mut().for_each(|value| reach(value, levels - 1, is_reached));
    }
    if let Some(list) = value.get_mut("L").and_then(Value::as_array_mut) {
        list.iter_mut().for_each(|value| reach(value, levels - 1, is_reached));
    }
}

#[cfg(test)]
mod tests {
    use super::super::{levels, nested};
    use super::*;

    #[test]
    fn what_is_reached_first_in_parameters_is_told() {
        let (deep, bad) = (|| nested(50), || json!({"N": "abc"}));
        let after = |operation: &str, statements: Value| {
            let member = if operation == "ExecuteTransaction" { "TransactStatements" } else { "Statements" };
            let mut document = json!({ member: statements });
            check(operation, &mut document);
            document[member].take()
        };
        let one = |parameters: Value| json!([{ "Parameters": parameters }]);
        let told =
            after("BatchExecuteStatement", one(json!([{"M": {"bad": bad(), "d": deep()}}])))[0]["Parameters"][0].take();
        assert_eq!((levels(&told), &told["M"]["bad"]["N"]), (MORE, &json!("abc")));
        for behind in [json!([deep(), bad()]), json!([{"L": [deep(), bad()]}]), json!([deep(), {"NS": ["abc"]}])] {
            let told = after("BatchExecuteStatement", one(behind));
            assert!(!told.to_string().contains("abc"), "{told}");
        }
        let two = || json!([{"Parameters": [deep()]}, {"Parameters": [bad()]}]);
        assert!(after("BatchExecuteStatement", two()).to_string().contains("abc"), "each fails on its own");
        assert!(!after("ExecuteTransaction", two()).to_string().contains("abc"));
        let flat = one(json!([{"M": {"n": {"N": "1"}}}, nested(32)]));
        assert_eq!(after("BatchExecuteStatement", flat.clone()), flat);
    }
}
