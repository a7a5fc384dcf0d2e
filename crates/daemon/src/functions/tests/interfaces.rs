//! The network interfaces of functions, and whose sessions say which function they are of.

use sidegate_edge::gate::Credentials as _;
use sidegate_model::{Error, World};

use super::*;
use crate::engine::ChangeError;

async fn change<T: Send + 'static>(
    site: &Site, change: impl FnOnce(&mut World, &mut sidegate_model::Context<'_>) -> Result<T, Error> + Send + 'static,
) -> Result<T, ChangeError> {
    site.daemon.engine.change(site.scope.clone(), change).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_interface_of_a_function_keeps_its_subnet_and_groups_until_it_is_released() {
    need_root!();
    let site = Site::new().await;
    let made = change(&site, |world, context| {
        let vpc = world.create_vpc(context, "10.77.0.0/16".parse().unwrap(), "default")?;
        let group = world.create_security_group(context, &vpc, "functions", "of functions")?;
        let one = world.create_subnet(context, &vpc, "10.77.1.0/28".parse().unwrap(), None)?;
        let other = world.create_subnet(context, &vpc, "10.77.2.0/28".parse().unwrap(), None)?;
        Ok((group, one, other))
    });
    let (group, one, other) = made.await.unwrap();
    let network = |subnet: &sidegate_model::SubnetId| Network {
        subnets: vec![subnet.to_string()],
        security_groups: vec![group.to_string()],
        is_dual_stack: false,
    };
    let arn = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:f");
    let count = || site.daemon.engine.world().interfaces.iter().filter(|i| i.functions().is_some()).count();
    let both = [network(&one), network(&other)];
    site.functions.attach(&site.scope, &arn, &both).await.unwrap();
    site.functions.attach(&site.scope, &arn, &both).await.unwrap();
    assert_eq!(count(), 2);
    let (taken, needed) = (group.clone(), one.clone());
    let refused = change(&site, move |world, context| world.delete_security_group(context, &taken)).await;
    assert!(matches!(refused, Err(ChangeError::Refused(Error::DependencyViolation(_)))), "{refused:?}");
    let refused = change(&site, move |world, context| world.delete_subnet(context, &needed)).await;
    assert!(matches!(refused, Err(ChangeError::Refused(Error::DependencyViolation(_)))), "{refused:?}");

    site.functions.release(&site.scope, &arn, &both[1..]).await;
    assert_eq!(count(), 1);
    change(&site, move |world, context| world.delete_subnet(context, &one)).await.unwrap();
    site.functions.release(&site.scope, &arn, &[]).await;
    assert_eq!(count(), 0);
    change(&site, move |world, context| world.delete_security_group(context, &group)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_a_function_tells_the_function_and_one_of_lambda_itself_does_not() {
    need_root!();
    let site = Site::new().await;
    let source = "lambda:SourceFunctionArn";
    let pattern = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:f*");
    let policy = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "logs:*", "Resource": "*", "Condition": {"ArnLike": {source: pattern}}},
        {"Effect": "Allow", "Action": "ec2:*", "Resource": "*", "Condition": {"Null": {source: "true"}}}]});
    let (name, document) = (("RoleName", "told"), policy.to_string());
    call(&site.iam, "CreateRole", &[name, ("AssumeRolePolicyDocument", TRUST)]).await;
    call(&site.iam, "PutRolePolicy", &[name, ("PolicyName", "p"), ("PolicyDocument", &document)]).await;
    let role = format!("arn:aws:iam::{ACCOUNT}:role/told");
    let may = async |action: &str| site.functions.may(&site.scope, &role, &Requirement::new(action, "*")).await;
    assert!(may("ec2:CreateNetworkInterface").await && !may("logs:PutLogEvents").await);

    let mut function =
        site.python("import os\ndef handler(event, context):\n    return os.environ['AWS_ACCESS_KEY_ID']\n");
    function.role = role;
    let answer = returned(&site.once(&function, json!({})).await);
    let known = site.functions.0.identities.credential(answer.as_str().unwrap(), crate::clock::now_ms()).unwrap();
    let told = format!("arn:aws:lambda:us-east-1:{ACCOUNT}:function:{}", function.function);
    assert_eq!(known.grants.context.values(source).unwrap().as_slice(), [told.into_boxed_str()]);
    // What Lambda logs for it comes from it too.
    let log = site.logged_until(&function.logging.group, "REPORT RequestId").await;
    assert!(log.contains("REPORT RequestId: "), "{log}");
}
