"""What boto3 reads from the answers of IAM and STS: every action that is served, once at least; the policy simulator's are
in simulate.py."""

import base64
import hmac
import json
import os
import struct
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["SIDEGATE_ENDPOINT"]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
ALLOW = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
TAGS = [{"Key": "team", "Value": "ä b@1"}]


def client(service, key="AKIDROOT", secret="secret", token=None):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}),
    )


def refused(code, status, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error
        return error.response["Error"]["Message"]
    raise AssertionError(f"not refused: {code}")


iam = client("iam")
sts = client("sts")
assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::111122223333:root"
assert iam.get_user()["User"]["Arn"] == "arn:aws:iam::111122223333:root"

# Users.
user = iam.create_user(UserName="alice", Path="/dev/", Tags=TAGS)["User"]
assert user["Arn"] == "arn:aws:iam::111122223333:user/dev/alice" and user["Tags"] == TAGS, user
assert user["UserId"].startswith("AIDA") and user["CreateDate"].year > 2000
refused("EntityAlreadyExists", 409, iam.create_user, UserName="Alice")
assert [u["UserName"] for u in iam.list_users(PathPrefix="/dev/")["Users"]] == ["alice"]
iam.tag_user(UserName="alice", Tags=[{"Key": "Team", "Value": "x"}, {"Key": "env", "Value": ""}])
assert iam.list_user_tags(UserName="alice")["Tags"] == [{"Key": "Team", "Value": "x"}, {"Key": "env", "Value": ""}]
iam.untag_user(UserName="alice", TagKeys=["env"])
key = iam.create_access_key(UserName="alice")["AccessKey"]
assert key["UserName"] == "alice" and len(key["SecretAccessKey"]) == 40 and len(key["AccessKeyId"]) == 20, key
assert iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"] == "N/A"
mine = client("iam", key["AccessKeyId"], key["SecretAccessKey"])
assert mine.get_user()["User"]["UserName"] == "alice"
assert len(mine.list_access_keys()["AccessKeyMetadata"]) == 1
identity = client("sts", key["AccessKeyId"], key["SecretAccessKey"]).get_caller_identity()
assert identity["UserId"] == user["UserId"] and identity["Account"] == "111122223333", identity
iam.create_login_profile(UserName="alice", Password="correct Horse 1!", PasswordResetRequired=True)
assert iam.get_login_profile(UserName="alice")["LoginProfile"]["PasswordResetRequired"] is True
iam.update_login_profile(UserName="alice", PasswordResetRequired=False)
iam.update_user(UserName="alice", NewUserName="bob", NewPath="/ops/")
assert iam.get_login_profile(UserName="bob")["LoginProfile"]["UserName"] == "bob"
assert iam.list_access_keys(UserName="bob")["AccessKeyMetadata"][0]["UserName"] == "bob"
iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Inactive")

# Groups.
group = iam.create_group(GroupName="admins", Path="/g/")["Group"]
assert group["GroupId"].startswith("AGPA")
iam.add_user_to_group(GroupName="admins", UserName="bob")
assert [u["UserName"] for u in iam.get_group(GroupName="admins")["Users"]] == ["bob"]
assert [g["GroupName"] for g in iam.list_groups_for_user(UserName="bob")["Groups"]] == ["admins"]
assert len(iam.list_groups()["Groups"]) == 1
iam.update_group(GroupName="admins", NewGroupName="Admins", NewPath="/h/")

# Policies.
policy = iam.create_policy(
    PolicyName="p", Path="/x/y/", PolicyDocument=json.dumps(ALLOW), Description="d", Tags=TAGS
)["Policy"]
arn = policy["Arn"]
assert arn == "arn:aws:iam::111122223333:policy/x/y/p" and policy["AttachmentCount"] == 0, policy
version = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(ALLOW))["PolicyVersion"]
assert version["VersionId"] == "v2" and version["IsDefaultVersion"] is False
iam.set_default_policy_version(PolicyArn=arn, VersionId="v2")
assert iam.get_policy_version(PolicyArn=arn, VersionId="v2")["PolicyVersion"]["Document"] == ALLOW
assert [v["VersionId"] for v in iam.list_policy_versions(PolicyArn=arn)["Versions"]] == ["v2", "v1"]
refused("DeleteConflict", 409, iam.delete_policy, PolicyArn=arn)
iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
assert iam.get_policy(PolicyArn=arn)["Policy"]["Description"] == "d"
iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "a", "Value": "1"}])
iam.untag_policy(PolicyArn=arn, TagKeys=["team"])
assert iam.list_policy_tags(PolicyArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
admin = "arn:aws:iam::aws:policy/AdministratorAccess"
assert iam.get_policy(PolicyArn=admin)["Policy"]["DefaultVersionId"] == "v1"
assert iam.get_policy_version(PolicyArn=admin, VersionId="v1")["PolicyVersion"]["Document"]["Statement"]

# Roles and instance profiles.
role = iam.create_role(
    RoleName="app", AssumeRolePolicyDocument=json.dumps(TRUST), Description="d", MaxSessionDuration=7200, Tags=TAGS
)["Role"]
assert role["AssumeRolePolicyDocument"] == TRUST and "MaxSessionDuration" not in role, role
assert iam.get_role(RoleName="app")["Role"]["MaxSessionDuration"] == 7200
iam.update_role(RoleName="app", Description="e")
assert iam.update_role_description(RoleName="app", Description="f")["Role"]["Description"] == "f"
iam.update_assume_role_policy(RoleName="app", PolicyDocument=json.dumps(TRUST))
assert [r["RoleName"] for r in iam.list_roles()["Roles"]] == ["app"]
iam.tag_role(RoleName="app", Tags=[{"Key": "a", "Value": "1"}])
iam.untag_role(RoleName="app", TagKeys=["TEAM"])
assert iam.list_role_tags(RoleName="app")["Tags"] == [{"Key": "a", "Value": "1"}]
profile = iam.create_instance_profile(InstanceProfileName="ip", Tags=TAGS)["InstanceProfile"]
assert profile["InstanceProfileId"].startswith("AIPA") and profile["Roles"] == []
iam.add_role_to_instance_profile(InstanceProfileName="ip", RoleName="app")
refused("LimitExceeded", 409, iam.add_role_to_instance_profile, InstanceProfileName="ip", RoleName="app")
assert iam.get_instance_profile(InstanceProfileName="ip")["InstanceProfile"]["Roles"][0]["RoleName"] == "app"
assert len(iam.list_instance_profiles()["InstanceProfiles"]) == 1
assert len(iam.list_instance_profiles_for_role(RoleName="app")["InstanceProfiles"]) == 1
iam.tag_instance_profile(InstanceProfileName="ip", Tags=[{"Key": "a", "Value": "1"}])
iam.untag_instance_profile(InstanceProfileName="ip", TagKeys=["team"])
assert iam.list_instance_profile_tags(InstanceProfileName="ip")["Tags"] == [{"Key": "a", "Value": "1"}]

# Inline policies, attachments and boundaries of each.
for name, kind in [("bob", "user"), ("Admins", "group"), ("app", "role")]:
    who = {f"{kind.capitalize()}Name": name}
    do = lambda action, **more: getattr(iam, action.format(kind))(**who, **more)
    do("put_{}_policy", PolicyName="inline", PolicyDocument=json.dumps(ALLOW))
    assert do("get_{}_policy", PolicyName="inline")["PolicyDocument"] == ALLOW
    assert do("list_{}_policies")["PolicyNames"] == ["inline"]
    do("attach_{}_policy", PolicyArn=arn)
    do("attach_{}_policy", PolicyArn=admin)
    attached = do("list_attached_{}_policies")["AttachedPolicies"]
    assert [p["PolicyName"] for p in attached] == ["AdministratorAccess", "p"], attached
    if kind != "group":
        do("put_{}_permissions_boundary", PermissionsBoundary=arn)
        boundary = getattr(iam, f"get_{kind}")(**who)[kind.capitalize()]["PermissionsBoundary"]
        assert boundary == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
entities = iam.list_entities_for_policy(PolicyArn=arn)
assert [len(entities[k]) for k in ("PolicyUsers", "PolicyGroups", "PolicyRoles")] == [1, 1, 1], entities
counts = iam.get_policy(PolicyArn=arn)["Policy"]
assert (counts["AttachmentCount"], counts["PermissionsBoundaryUsageCount"]) == (3, 2), counts
assert len(iam.list_policies(OnlyAttached=True)["Policies"]) == 2
assert len(iam.list_policies(Scope="Local")["Policies"]) == 1
every = [p for page in iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 50})
         for p in page["Policies"]]
assert len({p["Arn"] for p in every}) == len(every) > 500, len(every)
details = iam.get_account_authorization_details()
assert details["UserDetailList"][0]["GroupList"] == ["Admins"]
assert details["RoleDetailList"][0]["RolePolicyList"][0]["PolicyDocument"] == ALLOW
assert {p["PolicyName"] for p in details["Policies"]} == {"AdministratorAccess", "p"}
summary = iam.get_account_summary()["SummaryMap"]
assert summary["Users"] == 1 and summary["PoliciesQuota"] == 1500, summary

# The account.
iam.create_account_alias(AccountAlias="my-alias")
assert iam.list_account_aliases()["AccountAliases"] == ["my-alias"]
iam.delete_account_alias(AccountAlias="my-alias")
refused("NoSuchEntity", 404, iam.get_account_password_policy)
iam.update_account_password_policy(MinimumPasswordLength=10, RequireNumbers=True, MaxPasswordAge=60)
assert iam.get_account_password_policy()["PasswordPolicy"]["ExpirePasswords"] is True
refused("PasswordPolicyViolation", 400, iam.update_login_profile, UserName="bob", Password="short")
iam.delete_account_password_policy()

# Providers.
oidc = iam.create_open_id_connect_provider(
    Url="https://issuer.example.com/x", ClientIDList=["a"], ThumbprintList=["b" * 40], Tags=TAGS
)["OpenIDConnectProviderArn"]
assert oidc == "arn:aws:iam::111122223333:oidc-provider/issuer.example.com/x"
iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="c")
iam.remove_client_id_from_open_id_connect_provider(OpenIDConnectProviderArn=oidc, ClientID="a")
iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=oidc, ThumbprintList=["c" * 40])
found = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
assert found["ClientIDList"] == ["c"] and found["ThumbprintList"] == ["c" * 40] and found["Tags"] == TAGS, found
iam.tag_open_id_connect_provider(OpenIDConnectProviderArn=oidc, Tags=[{"Key": "a", "Value": "1"}])
iam.untag_open_id_connect_provider(OpenIDConnectProviderArn=oidc, TagKeys=["team"])
assert len(iam.list_open_id_connect_provider_tags(OpenIDConnectProviderArn=oidc)["Tags"]) == 1
assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": oidc}]
iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
saml = iam.create_saml_provider(Name="idp", SAMLMetadataDocument="<x/>" * 300, Tags=TAGS)["SAMLProviderArn"]
iam.update_saml_provider(SAMLProviderArn=saml, SAMLMetadataDocument="<y/>" * 300)
assert iam.get_saml_provider(SAMLProviderArn=saml)["SAMLMetadataDocument"] == "<y/>" * 300
assert iam.list_saml_providers()["SAMLProviderList"][0]["Arn"] == saml
iam.tag_saml_provider(SAMLProviderArn=saml, Tags=[{"Key": "a", "Value": "1"}])
iam.untag_saml_provider(SAMLProviderArn=saml, TagKeys=["team"])
assert len(iam.list_saml_provider_tags(SAMLProviderArn=saml)["Tags"]) == 1
iam.delete_saml_provider(SAMLProviderArn=saml)

# Service-linked roles.
linked = iam.create_service_linked_role(AWSServiceName="elasticloadbalancing.amazonaws.com")["Role"]
assert linked["RoleName"] == "AWSServiceRoleForElasticLoadBalancing", linked
refused("UnmodifiableEntity", 400, iam.delete_role, RoleName=linked["RoleName"])
task = iam.delete_service_linked_role(RoleName=linked["RoleName"])["DeletionTaskId"]
assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"

# Devices, keys and reports.
device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
serial, seed = device["SerialNumber"], base64.b32decode(device["Base32StringSeed"])


def code(steps):
    digest = hmac.new(seed, struct.pack(">Q", int(time.time()) // 30 + steps), "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06}"


iam.enable_mfa_device(UserName="bob", SerialNumber=serial, AuthenticationCode1=code(-1), AuthenticationCode2=code(0))
assert iam.list_mfa_devices(UserName="bob")["MFADevices"][0]["SerialNumber"] == serial
assert iam.get_mfa_device(UserName="bob", SerialNumber=serial)["UserName"] == "bob"
iam.resync_mfa_device(UserName="bob", SerialNumber=serial, AuthenticationCode1=code(-1), AuthenticationCode2=code(0))
iam.tag_mfa_device(SerialNumber=serial, Tags=TAGS)
assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == TAGS
iam.untag_mfa_device(SerialNumber=serial, TagKeys=["team"])
assert iam.list_virtual_mfa_devices()["VirtualMFADevices"][0]["User"]["UserName"] == "bob"
iam.deactivate_mfa_device(UserName="bob", SerialNumber=serial)
iam.delete_virtual_mfa_device(SerialNumber=serial)
body = os.environ["SIDEGATE_SSH_KEY"]
public = iam.upload_ssh_public_key(UserName="bob", SSHPublicKeyBody=body)["SSHPublicKey"]
which = {"UserName": "bob", "SSHPublicKeyId": public["SSHPublicKeyId"]}
assert iam.get_ssh_public_key(Encoding="SSH", **which)["SSHPublicKey"]["SSHPublicKeyBody"] == body
iam.update_ssh_public_key(Status="Inactive", **which)
assert iam.list_ssh_public_keys(UserName="bob")["SSHPublicKeys"][0]["Status"] == "Inactive"
iam.delete_ssh_public_key(**which)
certificate = {"CertificateBody": os.environ["SIDEGATE_CERTIFICATE"], "PrivateKey": os.environ["SIDEGATE_PRIVATE_KEY"]}
kept = iam.upload_server_certificate(ServerCertificateName="site", Tags=TAGS, **certificate)
assert kept["ServerCertificateMetadata"]["Path"] == "/" and kept["Tags"] == TAGS, kept
iam.update_server_certificate(ServerCertificateName="site", NewServerCertificateName="other")
assert iam.get_server_certificate(ServerCertificateName="other")["ServerCertificate"]["Tags"] == TAGS
assert len(iam.list_server_certificates()["ServerCertificateMetadataList"]) == 1
iam.untag_server_certificate(ServerCertificateName="other", TagKeys=["team"])
iam.tag_server_certificate(ServerCertificateName="other", Tags=TAGS)
assert iam.list_server_certificate_tags(ServerCertificateName="other")["Tags"] == TAGS
iam.delete_server_certificate(ServerCertificateName="other")
assert iam.generate_credential_report()["State"] == "STARTED"
report = iam.get_credential_report()
assert report["ReportFormat"] == "text/csv" and b"<root_account>" in report["Content"], report
iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")

# What there is none of.
assert iam.list_mfa_devices(UserName="bob")["MFADevices"] == []
assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
assert iam.list_signing_certificates(UserName="bob")["Certificates"] == []
assert iam.list_ssh_public_keys(UserName="bob")["SSHPublicKeys"] == []
assert iam.list_service_specific_credentials(UserName="bob")["ServiceSpecificCredentials"] == []
assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []
refused("NotImplemented", 501, iam.list_organizations_features)

# Sessions.
iam.update_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"], Status="Active")
bob = client("sts", key["AccessKeyId"], key["SecretAccessKey"])
refused("AccessDenied", 403, sts.assume_role, RoleArn=role["Arn"], RoleSessionName="one")
session = bob.assume_role(
    RoleArn=role["Arn"],
    RoleSessionName="one",
    DurationSeconds=900,
    Policy=json.dumps(ALLOW),
    PolicyArns=[{"arn": arn}],
    Tags=[{"Key": "k", "Value": "v"}],
    TransitiveTagKeys=["k"],
    ExternalId="ext",
    SourceIdentity="alice",
)
assert session["AssumedRoleUser"]["Arn"] == "arn:aws:sts::111122223333:assumed-role/app/one", session
assert 0 < session["PackedPolicySize"] <= 100 and session["SourceIdentity"] == "alice"
credentials = session["Credentials"]
assert credentials["AccessKeyId"].startswith("ASIA") and len(credentials["SessionToken"]) > 400
assert sts.get_access_key_info(AccessKeyId=credentials["AccessKeyId"])["Account"] == "111122223333"
inside = client("sts", credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
identity = inside.get_caller_identity()
assert identity["UserId"] == f"{role['RoleId']}:one" and identity["Arn"] == session["AssumedRoleUser"]["Arn"], identity
refused("ValidationError", 400, inside.assume_role, RoleArn=role["Arn"], RoleSessionName="two", DurationSeconds=7200)
refused("AccessDenied", 403, inside.get_session_token)
token = sts.get_session_token(DurationSeconds=900)["Credentials"]
assert client("sts", token["AccessKeyId"], "x", "y").get_caller_identity()["Arn"].endswith(":root")
federated = sts.get_federation_token(Name="fed", Policy=json.dumps(ALLOW))
assert federated["FederatedUser"]["FederatedUserId"] == "111122223333:fed", federated
refused("InvalidAuthorizationMessageException", 400, sts.decode_authorization_message, EncodedMessage="abc")
refused("ValidationError", 400, sts.assume_role, RoleArn="a" * 20, RoleSessionName="one")
refused("AccessDenied", 403, bob.assume_role, RoleArn=role["Arn"] + "x", RoleSessionName="one")

# And away again.
for name, kind in [("bob", "user"), ("Admins", "group"), ("app", "role")]:
    who = {f"{kind.capitalize()}Name": name}
    do = lambda action, **more: getattr(iam, action.format(kind))(**who, **more)
    do("detach_{}_policy", PolicyArn=arn)
    do("detach_{}_policy", PolicyArn=admin)
    do("delete_{}_policy", PolicyName="inline")
    if kind != "group":
        do("delete_{}_permissions_boundary")
iam.remove_user_from_group(GroupName="Admins", UserName="bob")
iam.delete_login_profile(UserName="bob")
iam.delete_access_key(UserName="bob", AccessKeyId=key["AccessKeyId"])
iam.delete_user(UserName="bob")
iam.delete_group(GroupName="Admins")
iam.remove_role_from_instance_profile(InstanceProfileName="ip", RoleName="app")
iam.delete_instance_profile(InstanceProfileName="ip")
iam.delete_role(RoleName="app")
iam.delete_policy(PolicyArn=arn)
refused("NoSuchEntity", 404, iam.get_user, UserName="bob")
