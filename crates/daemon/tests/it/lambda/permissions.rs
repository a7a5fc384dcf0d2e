//! Who may call a function, and which version a caller gets.

use super::host;
use crate::harness::{Daemon, need_root};
use crate::kms::succeeds;

// enforces: lambda:Invoke (positive)
// enforces: lambda:Invoke (negative)
// enforces: lambda:AddPermission (positive)
// enforces: lambda:AddPermission (negative)
// enforces: lambda:RemovePermission (negative)
// enforces: lambda:PublishVersion (positive)
// enforces: lambda:CreateAlias (positive)
// enforces: lambda:UpdateAlias (positive)
// enforces: lambda:DeleteAlias (negative)
#[test]
fn another_account_calls_what_the_functions_policy_lets_it_call_and_an_alias_leads_where_it_points() {
    need_root!();
    let daemon = Daemon::start();
    let (key, secret) = daemon.key_of("444455556666");
    let script = r#"
own = role("own")
code = lambda text: f"def handler(event, context):\n    return '{text}'\n"
def told(who, name):
    try:
        return json.loads(who.invoke(FunctionName=name)["Payload"].read())
    except ClientError as error:
        return error.response["Error"]["Code"]
arn = function("f", own, code("first"))["FunctionArn"]
lam.publish_version(FunctionName="f")
lam.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
lam.update_function_code(FunctionName="f", ZipFile=packed({"app.py": code("second")}))
lam.get_waiter("function_updated_v2").wait(FunctionName="f")
lam.publish_version(FunctionName="f")
print(told(lam, "f:live"), told(lam, "f:2"), told(lam, "f"))
stranger = boto3.client("lambda", aws_access_key_id="KEY", aws_secret_access_key="SECRET", config=once)
print(told(stranger, f"{arn}:live"), told(stranger, arn))
lam.add_permission(FunctionName="f", Qualifier="live", StatementId="s", Action="lambda:InvokeFunction", Principal="444455556666")
print(told(stranger, f"{arn}:live"), told(stranger, arn), told(stranger, f"{arn}:1"))
lam.update_alias(FunctionName="f", Name="live", FunctionVersion="2")
print(told(stranger, f"{arn}:live"))
lam.remove_permission(FunctionName="f", Qualifier="live", StatementId="s")
print(told(stranger, f"{arn}:live"), told(lam, "f:live"))
lam.delete_alias(FunctionName="f", Name="live")
print(told(lam, "f:live"))
"#;
    let script = script.replace("KEY", &key).replace("SECRET", &secret);
    let lines = succeeds(&daemon, &host(&daemon, None, &script));
    assert_eq!(
        lines.lines().collect::<Vec<_>>(),
        [
            "first second second",
            "AccessDeniedException AccessDeniedException",
            "first AccessDeniedException AccessDeniedException",
            "second",
            "AccessDeniedException second",
            "ResourceNotFoundException",
        ]
    );
}
