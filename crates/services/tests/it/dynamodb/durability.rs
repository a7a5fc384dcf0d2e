//! What is left after a restart, and what happens side by side.

use std::sync::Arc;

use super::*;

#[test]
fn tables_items_tags_and_time_to_live_are_there_after_a_restart() {
    let world = World::new();
    world.table("Music");
    world.put("Music", "a", "x");
    world.ok("TagResource", json!({"ResourceArn": arn("Music"), "Tags": [{"Key": "team", "Value": "blue"}]}));
    let before = world.ok("DescribeTable", json!({"TableName": "Music"}));
    let world = world.reopened();
    assert_eq!(world.ok("DescribeTable", json!({"TableName": "Music"})), before);
    assert_eq!(world.ok("Scan", json!({"TableName": "Music"}))["Items"], json!([item("a", "x")]));
    let tags = world.ok("ListTagsOfResource", json!({"ResourceArn": arn("Music")}));
    assert_eq!(tags["Tags"][0]["Value"], "blue");
}

#[test]
fn a_request_that_names_no_table_leaves_no_file() {
    let world = World::new();
    assert_eq!(world.ok("ListTables", json!({}))["TableNames"], json!([]));
    assert_eq!(world.code("Scan", json!({"TableName": "Music"})), "ResourceNotFoundException");
    let files = std::fs::read_dir(world.dir.path().join("dynamodb")).unwrap().count();
    assert_eq!(files, 0);
    world.table("Music");
    let expected = world.dir.path().join(format!("dynamodb/{OWNER}-us-east-1.sqlite"));
    assert!(expected.exists());
}

#[test]
fn readers_and_writers_of_one_table_and_changes_of_others_go_on_side_by_side() {
    let world = Arc::new(World::new());
    world.table("Music");
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let world = Arc::clone(&world);
            std::thread::spawn(move || {
                for n in 0..25 {
                    match thread {
                        0 => world.put("Music", "a", &n.to_string()),
                        1 => {
                            let update = json!({"TableName": "Music", "Key": key("count", "x"),
                                "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}}});
                            world.ok("UpdateItem", update);
                        }
                        2 => drop(world.ok("Scan", json!({"TableName": "Music"}))),
                        _ => {
                            world.table("Passing");
                            world.put("Passing", "a", "x");
                            assert_eq!(world.ok("Scan", json!({"TableName": "Passing"}))["Count"], 1);
                            world.ok("DeleteTable", json!({"TableName": "Passing"}));
                        }
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(world.ok("Scan", json!({"TableName": "Music"}))["Count"], 26);
    let count = world.ok("GetItem", json!({"TableName": "Music", "Key": key("count", "x")}));
    assert_eq!(count["Item"]["n"]["N"], "25");
}
