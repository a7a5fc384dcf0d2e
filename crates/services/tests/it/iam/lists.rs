//! Lists in pages.

use super::World;

#[tokio::test]
async fn pages_have_each_item_once_and_end() {
    let world = World::new();
    let names: Vec<_> = (0..25).map(|number| format!("user-{number:02}")).collect();
    world.users(&names.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut seen = Vec::new();
    let mut marker = None;
    loop {
        let mut parameters = vec!["MaxItems=10".to_owned()];
        parameters.extend(marker.map(|marker| format!("Marker={marker}")));
        let page = world.iam("ListUsers", &parameters.iter().map(String::as_str).collect::<Vec<_>>()).await.ok();
        seen.extend(page.elements("UserName"));
        if page.element("IsTruncated") == "false" {
            assert!(page.elements("Marker").is_empty());
            break;
        }
        marker = Some(page.element("Marker"));
        // What is deleted between two pages does not confuse them.
        world.iam("DeleteUser", &[&format!("UserName={}", seen.last().unwrap())]).await.ok();
    }
    assert_eq!(seen, names);
}

#[tokio::test]
async fn a_marker_is_good_for_its_own_list_alone() {
    let world = World::new();
    world.users(&["a", "b"]).await;
    let marker = world.iam("ListUsers", &["MaxItems=1"]).await.ok().element("Marker");
    let answer = world.iam("ListRoles", &[&format!("Marker={marker}")]).await;
    assert_eq!(answer.error(), (400, "ValidationError".into(), "Invalid Marker.".into()));
}

#[tokio::test]
async fn a_path_prefix_selects() {
    let world = World::new();
    for path in ["/", "/a/", "/a/b/", "/ab/"] {
        let name = format!("UserName=u{}", path.replace('/', "-"));
        world.iam("CreateUser", &[&name, &format!("Path={path}")]).await.ok();
    }
    let listed = async |prefix: &str| {
        let answer = world.iam("ListUsers", &[&format!("PathPrefix={prefix}")]).await.ok();
        answer.elements("Path").len()
    };
    assert_eq!((listed("/").await, listed("/a/").await, listed("/a").await, listed("/x/").await), (4, 2, 3, 0));
}
