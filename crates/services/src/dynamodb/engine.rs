//! From documents to what the engine takes, and back: how it tells what is wrong with a request, and how its answers become
//! those of an account in a Region.

use dynoxide::DynoxideError;
use dynoxide::streams::{LOCAL_ACCOUNT, LOCAL_REGION};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sidegate_model::Scope;

use super::fault::Fault;
use super::operation::Act;
use super::place::Place;
use super::required;

/// A mark, and the kind of error that it stands for.
type Mark = (&'static str, fn(String) -> DynoxideError);

/// The marks by which the engine's requests tell of what kind an error is, in the order in which they are tried.
const MARKS: [Mark; 5] = [
    ("SERIALIZATION_AS_READ:", DynoxideError::SerializationException),
    ("VALIDATION_AS_READ:", DynoxideError::ValidationException),
    ("SERIALIZATION:", DynoxideError::SerializationException),
    ("VALIDATION_REQUEST:", DynoxideError::EnvelopedValidation),
    ("VALIDATION:", DynoxideError::ValidationException),
];

/// Reads a request's document as the engine takes it.
pub(super) fn request<R: DeserializeOwned>(document: Value) -> Result<R, Fault> {
    serde_json::from_value(document).map_err(|error| refusal(&error.to_string()).into())
}

/// Reads a request of an operation whose own reader tells what is wrong with it and where it stopped.
pub(super) fn request_as_sent<R: DeserializeOwned>(body: &[u8]) -> Result<R, Fault> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let is_marked = MARKS.iter().any(|(mark, _)| text.starts_with(mark));
        let is_of_value = text.contains("AttributeValue");
        let error = match text.split_once(" at line ") {
            _ if is_marked => refusal(&text),
            _ if text.starts_with("missing field") => DynoxideError::ValidationException(text),
            Some((told, _)) if is_of_value => refusal(told),
            _ => DynoxideError::SerializationException(text),
        };
        error.into()
    })
}

/// What DynamoDB says of a document that cannot be read.
fn refusal(text: &str) -> DynoxideError {
    if let Some((mark, kind)) = MARKS.iter().find(|(mark, _)| text.starts_with(mark)) {
        return kind(text.get(mark.len()..).unwrap_or_default().to_owned());
    }
    if text.contains("empty AttributeValue") {
        let message =
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes".to_owned();
        return DynoxideError::ValidationException(message);
    }
    if let Some(member) = text.strip_prefix("missing field `").and_then(|rest| rest.split('`').next()) {
        let told = required::null(&required::shown(member));
        return DynoxideError::ValidationException(format!("1 validation error detected: {told}"));
    }
    if ["Supplied AttributeValue", "unknown variant", "invalid type: null"].iter().any(|part| text.contains(part)) {
        return DynoxideError::ValidationException(text.to_owned());
    }
    DynoxideError::SerializationException(misfit(text))
}

/// A value of the wrong type, in the words of DynamoDB's reader, from those of ours: `invalid type: integer `1`, expected a
/// string`.
fn misfit(text: &str) -> String {
    let Some((found, expected)) = text.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    else {
        return text.to_owned();
    };
    let class = match expected {
        _ if expected.contains("string") => "String",
        _ if expected.contains("boolean") => "Boolean",
        _ if expected.contains("i64") || expected.contains("u64") => "Long",
        _ if expected.contains("i32") || expected.contains("u32") || expected.contains("usize") => "Integer",
        _ => "",
    };
    let is_scalar = !class.is_empty();
    match found.split([' ', '`']).next().unwrap_or_default() {
        "sequence" if is_scalar => format!("Unrecognized collection type class java.lang.{class}"),
        "map" => "Start of structure or map found where not expected".to_owned(),
        "string" if class == "Boolean" => "Unexpected token received from parser".to_owned(),
        "string" if is_scalar => format!("STRING_VALUE cannot be converted to {class}"),
        "integer" if is_scalar => format!("NUMBER_VALUE cannot be converted to {class}"),
        "floating" if is_scalar => format!("DECIMAL_VALUE cannot be converted to {class}"),
        "boolean" if is_scalar => {
            let value = if found.contains("true") { "TRUE" } else { "FALSE" };
            format!("{value}_VALUE cannot be converted to {class}")
        }
        _ => "Unexpected field type".to_owned(),
    }
}

/// Whether something is wrong with the request itself, whatever tables and items there are.
pub(super) fn is_of_request(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Engine(DynoxideError::ValidationException(_) | DynoxideError::EnvelopedValidation(_))
            | Fault::Validation(_)
    )
}

/// Whether it is about members alone, of which all are told together, before anything else.
pub(super) fn is_of_members(fault: &Fault) -> bool {
    is_of_request(fault) && fault.to_string().contains(" detected: ")
}

/// Refuses a request for its members, as an engine without tables does.
pub(super) fn check_members<R: DeserializeOwned, A>(
    nothing: &Place, document: &Value, run: Act<R, A>,
) -> Result<(), Fault> {
    let request = request(document.clone())?;
    match nothing.read(|storage| Ok(run(storage, request)?)) {
        Err(fault) if is_of_members(&fault) => Err(fault),
        _ => Ok(()),
    }
}

/// An answer of the engine about items: it has no names of accounts or Regions in it.
pub(super) fn answer(answer: &impl Serialize) -> Result<String, Fault> {
    Ok(serde_json::to_string(answer)?)
}

/// An answer of the engine about tables and streams, as an account in a Region has it.
pub(super) fn localized(answer: &impl Serialize, scope: &Scope) -> Result<Value, Fault> {
    let mut document = serde_json::to_value(answer)?;
    localize(&mut document, scope);
    Ok(document)
}

/// The ARNs of the engine are all of one account and Region.
fn localize(value: &mut Value, scope: &Scope) {
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut() {
                match member {
                    Value::String(text) if name.ends_with("Arn") => *text = local_arn(text, scope),
                    Value::String(label) if name.ends_with("StreamLabel") => *label = shown_label(label),
                    member => localize(member, scope),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| localize(item, scope)),
        _ => {}
    }
}

fn local_arn(arn: &str, scope: &Scope) -> String {
    let own = format!("{LOCAL_REGION}:{LOCAL_ACCOUNT}:");
    let arn = arn.replacen(&own, &format!("{}:{}:", scope.region, scope.account), 1);
    match arn.split_once("/stream/") {
        Some((table, label)) => format!("{table}/stream/{}", shown_label(label)),
        None => arn,
    }
}

/// The label of a stream as DynamoDB has it, an ISO 8601 time without a zone, from the engine's, seconds since 1970.
///
/// Source: API reference, "TableDescription", `LatestStreamLabel`.
pub(super) fn shown_label(label: &str) -> String {
    let time = || {
        let (seconds, fraction) = label.split_once('.')?;
        let millis = fraction.get(..3)?;
        let at = time::OffsetDateTime::from_unix_timestamp(seconds.parse().ok()?).ok()?;
        let format = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
        Some(format!("{}.{millis}", at.format(format).ok()?))
    };
    time().unwrap_or_else(|| label.to_owned())
}

/// How the engine begins to tell of a value that no expression of a scan but its filter can name.
const UNDEFINED: &str = "An expression attribute value used in expression is not defined";

/// What an operation failed with, as it answers.
///
/// Source: what DynamoDB was seen to answer, as the engine's authors have recorded it: `PutItem`, `UpdateItem` and
/// `DeleteItem` count the errors of a request's validation, other operations do not.
pub(super) fn of_operation(operation: &str, fault: Fault) -> Fault {
    let error = match (operation, fault) {
        ("SearchVectors", Fault::Engine(DynoxideError::SerializationException(told))) => return Fault::Unread(told),
        (_, Fault::Engine(error)) => error,
        (_, fault) => return fault,
    };
    let error = match error {
        DynoxideError::ValidationException(message) => DynoxideError::ValidationException(of_delete(message)),
        DynoxideError::EnvelopedValidation(message) => DynoxideError::EnvelopedValidation(of_delete(message)),
        error => error,
    };
    Fault::Engine(match (operation, error) {
        ("PutItem" | "UpdateItem" | "DeleteItem", DynoxideError::EnvelopedValidation(message)) => {
            DynoxideError::ValidationException(format!("1 validation error detected: {message}"))
        }
        ("Scan", DynoxideError::ValidationException(message)) if message.starts_with(UNDEFINED) => {
            DynoxideError::ValidationException(format!("Invalid FilterExpression: {message}"))
        }
        (_, DynoxideError::EnvelopedValidation(message)) => DynoxideError::ValidationException(message),
        ("ExecuteStatement", DynoxideError::ConditionalCheckFailedException(message, Some(item))) => {
            DynoxideError::StatementConditionalCheckFailed(message, item)
        }
        (_, error) => error,
    })
}

/// The engine tells of what DELETE takes by the name of what ADD takes.
///
/// Source: what a client was told, in the sources of zio-dynamodb.
fn of_delete(message: String) -> String {
    if !message.contains("operator: DELETE, operand type: ") {
        return message;
    }
    message.replace("typeSet: ALLOWED_FOR_ADD_OPERAND", "typeSet: ALLOWED_FOR_DELETE_OPERAND")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arns_and_labels_are_those_of_the_account_and_the_region() {
        let scope = Scope { account: "111122223333".parse().unwrap(), region: "eu-west-1".parse().unwrap() };
        let answer = json!({"TableDescription": {
            "TableArn": "arn:aws:dynamodb:dynoxide:000000000000:table/Music",
            "LatestStreamLabel": "1700000000.123456789",
            "LatestStreamArn": "arn:aws:dynamodb:dynoxide:000000000000:table/Music/stream/1700000000.123456789",
            "GlobalSecondaryIndexes": [{"IndexArn": "arn:aws:dynamodb:dynoxide:000000000000:table/Music/index/i"}]
        }});
        let table = localized(&answer, &scope).unwrap()["TableDescription"].take();
        let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/Music";
        assert_eq!(table["TableArn"], arn);
        assert_eq!(table["GlobalSecondaryIndexes"][0]["IndexArn"], format!("{arn}/index/i"));
        assert_eq!(table["LatestStreamLabel"], "2023-11-14T22:13:20.123");
        assert_eq!(table["LatestStreamArn"], format!("{arn}/stream/2023-11-14T22:13:20.123"));
    }

    #[test]
    fn a_reader_of_its_own_tells_where_it_stops() {
        use dynoxide::actions::search_vectors::SearchVectorsRequest;

        let told = |body: &str| {
            let fault = request_as_sent::<SearchVectorsRequest>(body.as_bytes()).err().unwrap();
            (fault.told().body.contains("SerializationException"), fault.to_string())
        };
        let null = r#"{"TableName":"t","IndexName":null,"SearchVector":[{"N":"1"}],"TopK":1}"#;
        assert_eq!(told(null), (true, "invalid type: null, expected a string at line 1 column 33".to_owned()));
        let (is_unread, missing) = told(r#"{"IndexName":"ab","SearchVector":[{"N":"1"}],"TopK":1}"#);
        assert!(!is_unread && missing.starts_with("missing field `TableName` at line 1 column"), "{missing}");
    }

    #[test]
    fn a_value_of_the_wrong_type_is_refused_in_the_words_of_dynamodb() {
        let told = |text: &str| match refusal(text) {
            DynoxideError::SerializationException(text) => text,
            other => panic!("{other:?}"),
        };
        let cases = [
            ("invalid type: integer `23`, expected a string", "NUMBER_VALUE cannot be converted to String"),
            ("invalid type: boolean `true`, expected a string", "TRUE_VALUE cannot be converted to String"),
            ("invalid type: sequence, expected a string", "Unrecognized collection type class java.lang.String"),
            ("invalid type: string \"x\", expected a boolean", "Unexpected token received from parser"),
            ("invalid type: map, expected a string", "Start of structure or map found where not expected"),
        ];
        for (text, expected) in cases {
            assert_eq!(told(text), expected);
        }
    }
}
