"""Runs the handler of a Python function: asks the Runtime API for events, and tells it what came of them.

Started by Sidegate in an execution environment. Source: Lambda developer guide, "Building Lambda functions with Python".
"""

import decimal
import http.client
import importlib
import json
import logging
import os
import re
import sys
import time
import traceback

PREFIX = "/2018-06-01/runtime"
TASK_ROOT = os.environ.get("LAMBDA_TASK_ROOT", "/var/task")
# From Python 3.12 on, AWS's runtime leaves letters beyond ASCII as they are.
ESCAPES = os.environ.get("AWS_EXECUTION_ENV", "") in {f"AWS_Lambda_python3.{minor}" for minor in range(12)}
LOGS_JSON = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").lower() == "json"


class Fault(Exception):
    """What keeps a function from running, with the type that is told."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind, self.message, self.stack = kind, message, list(stack)


class ClientContext:
    """What the caller told about itself."""

    def __init__(self, document):
        client = document.get("client")
        client = client if isinstance(client, dict) else {}
        names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
        self.client = type("Client", (), {name: client.get(name) for name in names})() if client else None
        self.custom = document.get("custom")
        self.env = document.get("env")


class Identity:
    """No identity pool stands behind an invocation."""

    cognito_identity_id = None
    cognito_identity_pool_id = None


class Context:
    """What a handler gets beside its event."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers.get("Lambda-Runtime-Invoked-Function-Arn")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.identity = Identity()
        document = headers.get("Lambda-Runtime-Client-Context")
        self.client_context = ClientContext(json.loads(document)) if document else None
        self._deadline = int(headers.get("Lambda-Runtime-Deadline-Ms", 0))

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return f"LambdaContext([aws_request_id={self.aws_request_id},function_name={self.function_name}])"


class Api:
    """The Runtime API, over one connection."""

    def __init__(self):
        self._connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

    def ask(self, method, path, body=None, headers=None):
        try:
            self._connection.request(method, PREFIX + path, body, headers or {})
            response = self._connection.getresponse()
            return response.status, response.headers, response.read()
        except (http.client.HTTPException, OSError):
            self._connection.close()
            raise

    def tell_error(self, path, document):
        body = json.dumps(document).encode()
        # The name of a class may have any letters, a header has not.
        kind = re.sub(r"[^\x21-\x7e]", "?", document["errorType"])
        headers = {"Lambda-Runtime-Function-Error-Type": kind, "Content-Type": "application/json"}
        self.ask("POST", path, body, headers)


class RequestId(logging.Filter):
    """Lets lines of the log bear the id of the request that is worked on."""

    current = ""

    def filter(self, record):
        record.aws_request_id = RequestId.current
        return True


class TextForm(logging.Formatter):
    """Lines with level, time and request, and the lines of one message together."""

    converter = time.gmtime

    def __init__(self):
        super().__init__(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s", "%Y-%m-%dT%H:%M:%S"
        )

    def format(self, record):
        return super().format(record).replace("\n", "\r")


OWN_FIELDS = {*vars(logging.makeLogRecord({})), "asctime", "aws_request_id", "message"}


class JsonForm(logging.Formatter):
    """One object for each message."""

    converter = time.gmtime

    def format(self, record):
        line = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": record.aws_request_id,
        }
        if record.exc_info:
            kind, value, trace = record.exc_info
            line["stackTrace"] = traceback.format_exception(kind, value, trace)
            line["errorType"] = kind.__name__ if kind else None
            line["errorMessage"] = message_of(value)
            line["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        # What the function adds of its own.
        line.update({key: value for key, value in vars(record).items() if key not in OWN_FIELDS and key not in line})
        return json.dumps(line, default=str)


def set_up_logging():
    """Has what is logged written to the output, at warnings unless the function says otherwise."""
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(RequestId())
    handler.setFormatter(JsonForm() if LOGS_JSON else TextForm())
    root = logging.getLogger()
    root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
    if LOGS_JSON and level:
        root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))


def load(name):
    """The handler that a name such as `package/module.function` stands for."""
    try:
        path, function = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    try:
        module = importlib.import_module(path.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{path}': {error}") from None
    except SyntaxError as error:
        where = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").strip()}'
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{path}': {error}", [where]) from None
    if not hasattr(module, function):
        raise Fault("Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{path}'")
    return getattr(module, function)


def message_of(error):
    """What an error says; a class of a function's own may fail to say it."""
    try:
        return str(error)
    except Exception:
        return f"<exception str() failed: {type(error).__name__}>"


def described(error, request=""):
    """The document that tells an error."""
    if isinstance(error, Fault):
        kind, message, stack = error.kind, error.message, error.stack
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if frame.filename != __file__ and "importlib" not in frame.filename]
        kind, message, stack = type(error).__name__, message_of(error), traceback.format_list(own)
    return {"errorMessage": message, "errorType": kind, "requestId": request, "stackTrace": stack}


def log_error(document):
    if LOGS_JSON:
        line = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "log_level": "ERROR", **document}
        print(json.dumps(line), flush=True)
        return
    stack = "".join(document["stackTrace"]).rstrip("\n")
    trace = f"\nTraceback (most recent call last):\n{stack}" if stack else "\nTraceback (most recent call last):"
    print(f"[ERROR] {document['errorType']}: {document['errorMessage']}{trace}".replace("\n", "\r"), flush=True)


def encoded(value):
    def simple(other):
        if isinstance(other, decimal.Decimal):
            return float(other)
        raise TypeError(f"Object of type {type(other).__name__} is not JSON serializable")

    try:
        return json.dumps(value, ensure_ascii=ESCAPES, default=simple).encode()
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {message_of(error)}") from None


def decoded(body):
    try:
        return json.loads(body)
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {message_of(error)}") from None


def serve(api, handler):
    """Handles events for ever."""
    while True:
        status, headers, body = api.ask("GET", "/invocation/next")
        if status != 200:
            raise SystemExit(f"the Runtime API answered {status}")
        request = headers["Lambda-Runtime-Aws-Request-Id"]
        RequestId.current = request
        trace = headers.get("Lambda-Runtime-Trace-Id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        try:
            result = encoded(handler(decoded(body), Context(headers)))
        except Exception as error:
            document = described(error, request)
            log_error(document)
            sys.stderr.flush()
            api.tell_error(f"/invocation/{request}/error", document)
            continue
        sys.stdout.flush()
        sys.stderr.flush()
        api.ask("POST", f"/invocation/{request}/response", result, {"Content-Type": "application/json"})


def main():
    sys.stdout.reconfigure(line_buffering=True, errors="backslashreplace")
    sys.stderr.reconfigure(line_buffering=True, errors="backslashreplace")
    own = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [place for place in sys.path if os.path.abspath(place or ".") not in (own, TASK_ROOT)]
    sys.path.insert(0, TASK_ROOT)
    sys.argv = [""]
    set_up_logging()
    api = Api()
    try:
        handler = load(os.environ.get("_HANDLER", ""))
    except Exception as error:
        document = described(error)
        log_error(document)
        api.tell_error("/init/error", document)
        sys.exit(1)
    serve(api, handler)


if __name__ == "__main__":
    main()
