// Runs the handler of a Node.js function: asks the Runtime API for events, and tells it what came of them.
//
// Started by Sidegate in an execution environment. Source: Lambda developer guide, "Building Lambda functions with Node.js".

import fs from 'node:fs';
import http from 'node:http';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import util from 'node:util';

const PREFIX = '/2018-06-01/runtime';
const ROOT = process.env.LAMBDA_TASK_ROOT ?? '/var/task';
const LOGS_JSON = (process.env.AWS_LAMBDA_LOG_FORMAT ?? '').toLowerCase() === 'json';
const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const LEAST = LOGS_JSON ? Math.max(LEVELS.indexOf((process.env.AWS_LAMBDA_LOG_LEVEL ?? '').toUpperCase()), 0) : 0;
const [HOST, PORT] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
// Since Node.js 24 the runtime of AWS does not answer for a handler that does not.
const NEVER_AT_REST = process.env.AWS_EXECUTION_ENV === 'AWS_Lambda_nodejs24.x';
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

let current;

class Fault extends Error {
  constructor(kind, message) {
    super(message);
    this.name = kind;
  }
}

function ask(method, suffix, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) };
    const options = { host: HOST, port: PORT, method, path: PREFIX + suffix, agent, headers: { ...headers, ...length } };
    const request = http.request(options, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }));
      response.on('error', reject);
    });
    request.setTimeout(0);
    request.on('error', reject);
    request.end(body);
  });
}

// Lines are written at once: a pipe to a process that is about to end would lose them.
function write(line) {
  const bytes = Buffer.from(line.replaceAll('\n', '\r') + '\n');
  let done = 0;
  while (done < bytes.length) {
    try {
      done += fs.writeSync(1, bytes, done);
    } catch (error) {
      if (error.code !== 'EAGAIN') return;
    }
  }
}

function log(level, ...values) {
  if (LEVELS.indexOf(level) < LEAST) return;
  const time = new Date().toISOString();
  if (!LOGS_JSON) {
    write(`${time}\t${current}\t${level}\t${util.format(...values)}`);
    return;
  }
  const message = values.length === 1 && typeof values[0] === 'object' && !(values[0] instanceof Error)
    ? values[0] : util.format(...values);
  const line = { timestamp: time, level, requestId: current, message };
  const error = values.find((value) => value instanceof Error);
  if (error) {
    Object.assign(line, { errorType: error.name, errorMessage: error.message, stackTrace: (error.stack ?? '').split('\n') });
  }
  let text;
  try {
    text = JSON.stringify(line);
  } catch {
    text = JSON.stringify({ ...line, message: util.inspect(values) });
  }
  write(text);
}

for (const [method, level] of [['log', 'INFO'], ['info', 'INFO'], ['debug', 'DEBUG'], ['trace', 'TRACE'], ['warn', 'WARN'],
  ['error', 'ERROR'], ['fatal', 'FATAL']]) {
  console[method] = (...values) => log(level, ...values);
}

function described(error) {
  if (error instanceof Error || (error && error.message !== undefined && error.name !== undefined)) {
    return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

// An error as a line of the log has it: there what the answer calls `trace` is the stack.
function logged({ trace, ...told }) {
  return JSON.stringify({ ...told, stack: trace });
}

function tell(suffix, document) {
  return ask('POST', suffix, JSON.stringify(document), {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Function-Error-Type': String(document.errorType).replace(/[^\x20-\x7e]/g, '?'),
  });
}

function isModule(file) {
  for (let directory = path.dirname(file); ; directory = path.dirname(directory)) {
    const description = path.join(directory, 'package.json');
    if (fs.existsSync(description)) {
      try {
        return JSON.parse(fs.readFileSync(description, 'utf8')).type === 'module';
      } catch {
        return false;
      }
    }
    if (directory === path.dirname(directory)) return false;
  }
}

async function imported(file) {
  if (file.endsWith('.cjs') || (!file.endsWith('.mjs') && !isModule(file))) {
    return createRequire(file)(file);
  }
  return import(pathToFileURL(file).href);
}

async function load(name) {
  const base = path.basename(name);
  const dot = base.indexOf('.');
  if (dot < 1 || name.includes('..')) throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  const stem = path.join(path.dirname(name), base.slice(0, dot));
  const own = path.resolve(ROOT, stem);
  let file = ['', '.js', '.mjs', '.cjs'].map((end) => own + end).find((one) => fs.statSync(one, { throwIfNoEntry: false })?.isFile());
  let loaded;
  try {
    if (!file) file = createRequire(path.join(ROOT, 'index.js')).resolve(stem);
    loaded = await imported(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Fault('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Fault('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    throw error;
  }
  const names = base.slice(dot + 1).split('.');
  const of = (start) => names.reduce((value, key) => value?.[key], start);
  const handler = of(loaded) ?? of(loaded?.default);
  if (handler === undefined) throw new Fault('Runtime.HandlerNotFound', `${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new Fault('Runtime.HandlerNotFound', `${name} is not a function`);
  return handler;
}

function contextOf(headers, finish) {
  const deadline = Number(headers['lambda-runtime-deadline-ms'] ?? 0);
  const about = headers['lambda-runtime-client-context'];
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    clientContext: about ? JSON.parse(about) : undefined,
    identity: undefined,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
    done: (error, result) => finish(error, result),
    succeed: (result) => finish(null, result),
    fail: (error) => finish(error),
  };
}

// What is to be done once nothing is left to do.
let atRest;
process.on('beforeExit', () => {
  const next = atRest;
  atRest = undefined;
  next?.();
});

function run(handler, event, headers) {
  return new Promise((resolve, reject) => {
    const fail = (error) => {
      atRest = undefined;
      reject(error);
    };
    const succeed = (result) => {
      atRest = undefined;
      resolve(result);
    };
    const settle = (error, result) => (error !== null && error !== undefined ? fail(error) : succeed(result));
    let context;
    const callback = (error, result) => {
      if (context.callbackWaitsForEmptyEventLoop) atRest = () => settle(error, result);
      else setImmediate(() => settle(error, result));
    };
    // A handler that called nobody, or whose promise is never settled, is over when nothing is left to do.
    if (!NEVER_AT_REST) atRest = () => succeed(null);
    context = contextOf(headers, (error, result) => setImmediate(() => settle(error, result)));
    try {
      const result = handler(event, context, callback);
      if (typeof result?.then === 'function') result.then(succeed, fail);
      else if (NEVER_AT_REST && handler.length < 3) succeed(result);
    } catch (error) {
      fail(error);
    }
  });
}

// In the words of AWS's client. What has no form in JSON, such as a function, is null.
function stringified(result) {
  try {
    return JSON.stringify(result === undefined ? null : result) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

async function serve(handler) {
  for (;;) {
    const { status, headers, body } = await ask('GET', '/invocation/next');
    if (status !== 200) throw new Error(`the Runtime API answered ${status}`);
    current = headers['lambda-runtime-aws-request-id'];
    process.env._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'] ?? '';
    let answer;
    try {
      answer = stringified(await run(handler, JSON.parse(body.toString()), headers));
    } catch (error) {
      const document = described(error);
      log('ERROR', 'Invoke Error', LOGS_JSON ? error : `\t${logged(document)}`);
      await tell(`/invocation/${current}/error`, document);
      continue;
    }
    await ask('POST', `/invocation/${current}/response`, answer, { 'Content-Type': 'application/json' });
  }
}

async function die(word, error, kind, status) {
  const document = { ...described(error), ...(kind ? { errorType: kind } : {}) };
  log('ERROR', word, LOGS_JSON ? error : `\t${logged(document)}`);
  try {
    await tell(current ? `/invocation/${current}/error` : '/init/error', document);
  } finally {
    process.exit(status);
  }
}

process.on('uncaughtException', (error) => die('Uncaught Exception', error, undefined, 129));
process.on('unhandledRejection', (reason) => {
  const told = described(reason);
  die('Unhandled Promise Rejection', Object.assign(new Error(`${told.errorType}: ${told.errorMessage}`), {
    name: 'Runtime.UnhandledPromiseRejection', stack: told.trace.join('\n'),
  }), 'Runtime.UnhandledPromiseRejection', 128);
});

let handler;
try {
  handler = await load(process.env._HANDLER ?? '');
} catch (error) {
  await die('Uncaught Exception', error, undefined, 1);
}
serve(handler).catch((error) => die('Runtime Error', error, 'Runtime.Unknown', 1));
