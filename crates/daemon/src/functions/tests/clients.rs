//! What the clients of the Runtime API for Python and Node.js do with functions that do not behave.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_python_function_raises_is_told_and_the_environment_goes_on() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python(
        r#"
class Ошибка(Exception):
    pass
class Mute(Exception):
    def __str__(self):
        raise RuntimeError("no")
def handler(event, context):
    if event == 'name':
        raise Ошибка('of its own')
    if event == 'mute':
        raise Mute()
    raise ValueError('x' * int(event))
"#,
    );
    let mut environment = site.start(&blueprint).await;
    let cases = [
        (json!("name"), "Ошибка", "of its own"),
        (json!("mute"), "Mute", "<exception str() failed: Mute>"),
        (json!("2000000"), "ValueError", "xxx"),
    ];
    for (document, kind, message) in cases {
        let report = environment.invoke(event(document.clone(), 10_000)).await;
        let error = failed(&report);
        assert_eq!(error["errorType"], kind, "{document}");
        assert!(error["errorMessage"].as_str().unwrap().starts_with(message), "{document}");
        assert!(report.is_reusable, "{document}");
    }
    let report = environment.invoke(event(json!("7000000"), 10_000)).await;
    assert_eq!(failed(&report)["errorType"], "Function.ResponseSizeTooLarge");
    assert!(report.is_reusable);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_tells_of_itself_arrives_as_it_was_sent() {
    need_root!();
    let site = Site::new().await;
    let python = site.python(
        "def handler(event, context):\n    told = context.client_context\n    return [told.custom, told.env, told.client is None]\n",
    );
    let mut environment = site.start(&python).await;
    let cases = [
        ("{\"custom\":{\"a\":\"é 😀 \\\"x  y\\\"\"}}", json!([{"a": "é 😀 \"x  y\""}, null, true])),
        (
            "{\n  \"custom\": {\n    \"a\": 1\n  },\n  \"env\": {\"b\" : [1, 2]}\n}\n",
            json!([{"a": 1}, {"b": [1, 2]}, true]),
        ),
        ("{\"client\":\"x\"}", json!([null, null, true])),
    ];
    for (context, expected) in cases {
        let event = Event { client_context: Some(context.to_owned()), ..event(json!({}), 10_000) };
        assert_eq!(returned(&environment.invoke(event).await), expected, "{context}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn packages_of_layers_are_found_under_the_version_of_the_runtime() {
    need_root!();
    let site = Site::new().await;
    let layers = site.daemon.state.join("lambda").join("packaged");
    let files = [
        ("python/lib/python3.12/site-packages/own.py", "name = 'of the runtime'\n"),
        ("nodejs/node22/node_modules/own/index.js", "exports.name = 'of the runtime';\n"),
    ];
    for (file, text) in files {
        let path = layers.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let python = "import os, own, time\ndef handler(event, context):\n    return [own.name, time.tzname[0], time.localtime(0).tm_hour]\n";
    let mut blueprint = site.blueprint(Runtime::Python { minor: 12 }, "app.handler", &[("app.py", python)]);
    blueprint.layers = Some(layers.clone());
    blueprint.variables.insert("TZ".to_owned(), "XYZ-5".to_owned());
    assert_eq!(returned(&site.once(&blueprint, json!({})).await), json!(["of the runtime", "XYZ", 5]));
    if site.functions.has(Runtime::Node { major: 22 }) {
        let node = "const own = require('own'); exports.handler = async () => own.name;";
        let mut blueprint = site.blueprint(Runtime::Node { major: 22 }, "index.handler", &[("index.js", node)]);
        blueprint.layers = Some(layers);
        assert_eq!(returned(&site.once(&blueprint, json!({})).await), json!("of the runtime"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_handler_that_never_settles_answers_null_and_goes_on() {
    need_root!();
    let site = Site::new().await;
    if !site.functions.has(Runtime::Node { major: 22 }) {
        eprintln!("skipped: there is no Node.js here");
        return;
    }
    for text in [
        "exports.handler = (event, context, callback) => {};",
        "exports.handler = async () => { await new Promise(() => {}); };",
        "exports.handler = () => { setTimeout(() => {}, 20); };",
    ] {
        let blueprint = site.blueprint(Runtime::Node { major: 22 }, "index.handler", &[("index.js", text)]);
        let mut environment = site.start(&blueprint).await;
        for _ in 0..2 {
            let report = environment.invoke(event(json!({}), 10_000)).await;
            assert_eq!(returned(&report), Value::Null, "{text}");
            assert!(report.is_reusable, "{text}");
        }
    }
    let never = "exports.handler = async () => { await new Promise(() => {}); };";
    let blueprint = site.blueprint(Runtime::Node { major: 24 }, "index.handler", &[("index.js", never)]);
    let report = site.once(&blueprint, json!({})).await;
    assert!(matches!(report.completion, Completion::Crashed { .. }), "{:?}", report.completion);
    assert!(tail(&report).contains("Runtime exited without providing a reason"), "{}", tail(&report));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrapper_is_given_the_command_of_the_runtime() {
    need_root!();
    let site = Site::new().await;
    let files = [
        ("wrap", "#!/bin/sh\nexport WRAPPED=\"$#\"\nexec \"$@\"\n"),
        ("app.py", "import os\ndef handler(event, context):\n    return os.environ['WRAPPED']\n"),
    ];
    let mut blueprint = site.blueprint(Runtime::Python { minor: 11 }, "app.handler", &files);
    blueprint.variables.insert("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), "/var/task/wrap".to_owned());
    assert_eq!(returned(&site.once(&blueprint, json!({})).await), json!("2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_handler_returns_that_has_no_form_in_json_is_told_in_the_words_of_aws() {
    need_root!();
    let site = Site::new().await;
    if !site.functions.has(Runtime::Node { major: 22 }) {
        eprintln!("skipped: there is no Node.js here");
        return;
    }
    for text in [
        "exports.handler = async () => ({n: 10n});",
        "exports.handler = async () => { const circle = {}; circle.of = circle; return circle; };",
    ] {
        let blueprint = site.blueprint(Runtime::Node { major: 22 }, "index.handler", &[("index.js", text)]);
        let mut environment = site.start(&blueprint).await;
        for _ in 0..2 {
            let error = failed(&environment.invoke(event(json!({}), 10_000)).await);
            let told = (error["errorType"].as_str().unwrap(), error["errorMessage"].as_str().unwrap());
            assert_eq!(told, ("Error", "Unable to stringify response body"), "{text}");
        }
    }
}
