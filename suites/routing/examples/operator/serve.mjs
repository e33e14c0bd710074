// The wire of the proxy. What goes where is said by the decision table that it is given.

import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';

import { openLedger } from './ledger.mjs';
import { rename } from './rename.mjs';
import { endToEnd, post } from './upstream.mjs';

const MAX_BODY = 32 * 1024 * 1024;
const TABLE_CHANGED = Date.UTC(2026, 9, 24) / 1000;
const KEEP_ALIVE_MS = 75_000; // longer than the pools of the usual clients, so that the client closes first

// How Portkey is told where to send a call. The plan route is not Portkey's.
const MARKS = new Map([
  ['kimi', { 'x-portkey-virtual-key': 'moonshot-kimi-84f4a1' }],
  ['default', { 'x-portkey-config': 'pc-default' }],
]);

// Never passed on: the client's own credentials, and what belongs to its connection.
const CLIENT_ONLY = new Set(['authorization', 'x-api-key', 'host', 'content-length', 'expect']);

const ERROR_TYPES = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  413: 'request_too_large',
  502: 'api_error',
};

/**
 * Serves the calls that `decide` routes, on 127.0.0.1:PORT, until the process ends. `limited` is told of every call that
 * ends in 429, with its model and what the upstream said.
 */
export function serve({ decide, models, limited }, env) {
  const writeRow = openLedger(setting(env, 'LEDGER_URL'), setting(env, 'LEDGER_KEY'));
  const portkey = { base: setting(env, 'PORTKEY_URL'), key: setting(env, 'PORTKEY_API_KEY') };
  const shortcut = { base: setting(env, 'SHORTCUT_URL'), key: setting(env, 'SHORTCUT_KEY') };

  const server = http.createServer(async (req, res) => {
    const path = req.url.split('?', 1)[0];
    const endpoint = `${req.method} ${path}`;
    if (endpoint === 'GET /health') return answer(res, 200, { status: 'ok' });
    if (!admits(env.CLIENT_KEY, req.headers)) return refuse(res, 401, 'the client key is missing or wrong');
    if (endpoint === 'GET /v1/models') return answer(res, 200, { object: 'list', data: models.map(listed) });
    if (endpoint !== 'POST /v1/chat/completions' && endpoint !== 'POST /v1/messages') {
      return refuse(res, 404, `${endpoint} is not served here`);
    }

    const body = await read(req).catch(() => undefined);
    if (body === undefined) return; // the client left before its request was whole
    if (body.length > MAX_BODY) return refuse(res, 413, `the body is larger than ${MAX_BODY} bytes`);
    const call = parse(body);
    if (call === undefined) return refuse(res, 400, 'the body must be a JSON object');

    const agent = req.headers['x-agent-id'];
    const decision = decide({ agent, model: call.model });
    if (decision.refuse) return refuse(res, 400, decision.refuse);
    const onPlan = decision.route === 'plan';
    if (onPlan && path !== '/v1/messages') return refuse(res, 400, 'the plan route serves /v1/messages only');

    const trace = req.headers['x-trace-id'] || randomUUID();
    const upstream = onPlan ? shortcut : portkey;
    const own = onPlan
      ? { 'x-api-key': shortcut.key, 'anthropic-version': req.headers['anthropic-version'] ?? '2023-06-01' }
      : { 'x-portkey-api-key': portkey.key, ...MARKS.get(decision.route) };
    const headers = withOwn(req.rawHeaders, { ...own, 'x-trace-id': trace });
    const sent = decision.rename === undefined ? body : rename(body, decision.rename);
    const said = await relay(res, (signal) => post(upstream.base, req.url, headers, sent, signal));
    if (res.statusCode === 429) limited?.(call.model, said);
    writeRow({
      trace_id: trace,
      agent_id: agent ?? null,
      model: call.model ?? null,
      status: res.headersSent ? res.statusCode : 499, // nginx's number: the client left before there was an answer
      tier: decision.tier,
      attempts: 1,
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.listen(Number(setting(env, 'PORT')), '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
  });
}

function setting(env, name) {
  if (!env[name]) throw new Error(`${name} is not set`);
  return env[name];
}

// SDKs of the two dialects send the same key in different headers.
const admits = (key, headers) => !key || headers.authorization === `Bearer ${key}` || headers['x-api-key'] === key;

const listed = (id) => ({ id, object: 'model', created: TABLE_CHANGED, owned_by: 'moonshot' });

/** The whole body, but no more of it in memory than shows that it is too large. */
async function read(req) {
  const chunks = [];
  let size = 0;
  for await (const chunk of req) {
    if (size <= MAX_BODY) chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

/** The body as an object, else undefined. Bytes that are not UTF-8 are no JSON: upstream might read another name. */
function parse(body) {
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The client's headers with ours in their place. Those that steer Portkey are ours alone. */
function withOwn(raw, own) {
  const passes = (name) => !CLIENT_ONLY.has(name) && !Object.hasOwn(own, name) && !name.startsWith('x-portkey-');
  return [...endToEnd(raw).filter(([name]) => passes(name.toLowerCase())), ...Object.entries(own)];
}

/**
 * Passes on what `send` resolves with, byte for byte as it comes. When either side leaves, so does the other. Resolves
 * with the body of a 429.
 */
async function relay(res, send) {
  const said = [];
  const gone = new AbortController();
  res.on('close', () => gone.abort());
  try {
    const response = await send(gone.signal);
    res.writeHead(response.statusCode, endToEnd(response.rawHeaders).flat());
    res.flushHeaders();
    if (response.statusCode === 429) response.on('data', (chunk) => said.push(chunk));
    await pipeline(response, res);
  } catch (error) {
    if (res.headersSent || res.destroyed) res.destroy(); // a cut stream must look cut
    else refuse(res, 502, `the upstream gave no answer (${error.code ?? error.message})`);
  }
  return Buffer.concat(said);
}

/** An error in the shape that both dialects can read. */
function refuse(res, status, message) {
  answer(res, status, { type: 'error', error: { type: ERROR_TYPES[status], message } });
}

function answer(res, status, value) {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}
