//! Dashboards.

use super::*;

#[test]
fn a_dashboard_is_kept_as_it_was_put_in_no_region() {
    let mut world = World::new();
    let body = r#"{"widgets": [{"type": "text", "properties": {"markdown": "Hi"}}]}"#;
    let put = world.ok("PutDashboard", &json!({"DashboardName": "d-1", "DashboardBody": body}));
    assert_eq!(put, json!({"DashboardValidationMessages": []}));
    world.region = "eu-west-1";
    let arn = "arn:aws:cloudwatch::111122223333:dashboard/d-1";
    assert_eq!(
        world.ok("GetDashboard", &json!({"DashboardName": "d-1"})),
        json!({"DashboardArn": arn, "DashboardBody": body, "DashboardName": "d-1"})
    );
    world.ok("PutDashboard", &json!({"DashboardName": "e", "DashboardBody": "{}"}));
    let entries = |document: Value| world.ok("ListDashboards", &document)["DashboardEntries"].clone();
    let expected =
        json!([{"DashboardName": "d-1", "DashboardArn": arn, "LastModified": seconds(NOW), "Size": body.len()}]);
    assert_eq!(entries(json!({"DashboardNamePrefix": "d"})), expected);
    assert_eq!(entries(json!({})).as_array().unwrap().len(), 2);
    assert_eq!(
        world.refused("DeleteDashboards", &json!({"DashboardNames": ["e", "none"]})).0,
        "DashboardNotFoundError"
    );
    world.ok("DeleteDashboards", &json!({"DashboardNames": ["e", "d-1"]}));
    assert_eq!(entries(json!({})), json!([]));
    let ((status, answer), _) =
        world.call_as(OWNER, &all("cloudwatch:*"), "GetDashboard", &json!({"DashboardName": "e"}));
    assert_eq!((status, text(&answer["__type"])), (404, "DashboardNotFoundError".to_owned()));
}

#[test]
fn what_is_no_dashboard_is_refused() {
    let world = World::new();
    for (name, body, code) in [
        ("a b", "{}", "InvalidParameterValueException"),
        ("", "{}", "InvalidParameterValueException"),
        ("d", "{", "DashboardInvalidInputError"),
        ("d", "[]", "DashboardInvalidInputError"),
        ("d", r#"{"widgets": 1}"#, "DashboardInvalidInputError"),
        ("d", r#"{"widgets": [{}]}"#, "DashboardInvalidInputError"),
    ] {
        let refused = world.refused("PutDashboard", &json!({"DashboardName": name, "DashboardBody": body}));
        assert_eq!(refused.0, code, "{name} {body}");
    }
    let widget = r#"{"widgets": [{"type": "text", "width": 30, "properties": {"markdown": 1}}]}"#;
    let refused = world.refused("PutDashboard", &json!({"DashboardName": "d", "DashboardBody": widget}));
    assert!(refused.1.starts_with("The dashboard body is invalid, there are 2 validation errors:\n["), "{}", refused.1);
    assert!(refused.1.contains("\"dataPath\": \"/widgets/0/properties/markdown\""), "{}", refused.1);
    let strange = json!({"DashboardName": "d", "DashboardBody": r#"{"widgets": [{"type": "strange"}]}"#});
    let told = json!([{"DataPath": "/widgets/0/type", "Message": "Should be equal to one of the allowed values"}]);
    assert_eq!(world.ok("PutDashboard", &strange)["DashboardValidationMessages"], told);
    let missing = world.refused("PutDashboard", &json!({"DashboardName": "d"}));
    assert_eq!(missing.0, "MissingRequiredParameterException");
}
