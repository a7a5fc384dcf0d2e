"""The calls that the function makes: clients with short time-outs, what each call was, and which one failed.

The clients are boto3's own, with the endpoints that the SDK chooses. Which way a request takes is decided by names,
routes and groups of the network alone.
"""

import os
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

# Seconds to wait for a connection, and for an answer. A path that is broken drops packets in silence, so the connection
# is what ends it; the SDK tries each address of a name in turn.
CONNECT = float(os.environ.get("CONNECT_SECONDS", "2"))
ANSWER = 10
# A model takes its time.
ANSWER_OF_A_MODEL = 60


class Failure(Exception):
    """A call that did not succeed, told as the function's answer tells it."""

    def __init__(self, service, operation, code, message):
        super().__init__(f"{service}: {operation}: {code}: {message}")
        self.told = {"service": service, "operation": operation, "code": code, "message": message}


class Calls:
    """Makes calls and keeps a list of them."""

    def __init__(self):
        self.list = []
        self._clients = {}

    def begin(self, fresh=False):
        """Forgets the calls of the invocation before, and if `fresh` its connections.

        A connection that is open outlives much: a change of names, and the rule of a group that once let it in.
        """
        self.list = []
        if fresh:
            for client in self._clients.values():
                client.close()
            self._clients = {}

    def client(self, service):
        """The client of a service, made once for all invocations of this environment."""
        if service not in self._clients:
            answer = ANSWER_OF_A_MODEL if service == "bedrock-runtime" else ANSWER
            config = Config(connect_timeout=CONNECT, read_timeout=answer, retries={"total_max_attempts": 1})
            client = boto3.client(service, config=config)
            client.meta.events.register("request-created", self._note_request)
            client.meta.events.register("response-received", lambda **event: self._note_answer(service, **event))
            self._clients[service] = client
        return self._clients[service]

    def call(self, service, operation, **parameters):
        """Calls an operation, such as `get_object`. Raises `Failure`."""
        name = "".join(word.capitalize() for word in operation.split("_"))
        try:
            return getattr(self.client(service), operation)(**parameters)
        except (ClientError, BotoCoreError) as error:
            raise failure(service, name, error) from error

    def read(self, service, operation, body):
        """Reads the body of an answer, which comes after the answer itself. Raises `Failure`."""
        try:
            return body.read()
        except BotoCoreError as error:
            raise failure(service, operation, error) from error

    def _note_request(self, request, operation_name, **_):
        # The context of a request comes back with its answer.
        request.context["document_qa"] = (operation_name, request.url, size(request.body), time.monotonic())

    def _note_answer(self, service, response_dict, context, exception=None, **_):
        operation, url, sent, start = context.get("document_qa", (None, "", 0, time.monotonic()))
        call = {
            "service": service,
            "operation": operation,
            "host": url.split("/")[2] if "//" in url else "",
            "bytes_out": sent,
            "bytes_in": 0,
            "ms": round((time.monotonic() - start) * 1000, 1),
        }
        if response_dict is not None:
            headers = {name.lower(): value for name, value in response_dict["headers"].items()}
            call["status"] = response_dict["status_code"]
            # The body of an object is still to be read, so its length is what the head says.
            length = headers.get("content-length", "")
            call["bytes_in"] = int(length) if length.isdigit() else size(response_dict.get("body"))
            call["request_id"] = headers.get("x-amzn-requestid") or headers.get("x-amz-request-id")
            # An emulator says here who answers in the place of a model. AWS says nothing.
            if "x-sidegate-model" in headers:
                call["answered_by"] = headers["x-sidegate-model"]
        if exception is not None:
            call["error"] = type(exception).__name__
        self.list.append(call)


def failure(service, operation, error):
    """What an error of the SDK is: the service's own code, or what became of the connection."""
    if isinstance(error, ClientError):
        told = error.response.get("Error", {})
        return Failure(service, operation, told.get("Code", "Unknown"), told.get("Message", str(error)))
    # ConnectTimeoutError, ReadTimeoutError, EndpointConnectionError, ...
    return Failure(service, operation, type(error).__name__, str(error))


def size(body):
    """The bytes of a body that is in memory; 0 for one that is read from elsewhere."""
    if isinstance(body, str):
        return len(body.encode())
    return len(body) if isinstance(body, (bytes, bytearray)) else 0
