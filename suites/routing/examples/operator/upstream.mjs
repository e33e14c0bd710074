import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

const HOP_BY_HOP = [
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer',
  'transfer-encoding', 'upgrade',
];

/**
 * Posts `body` to `path` under `base` and resolves with the response once its head is there; rejects where none comes.
 * `headers` are pairs. Each call has a connection of its own: one from a pool may be closing at the other end, and a
 * call that may be billed must not be sent twice.
 */
export async function post(base, path, headers, body, signal) {
  const url = new URL(base);
  const request = (url.protocol === 'https:' ? https : http).request(url, {
    method: 'POST',
    path: url.pathname.replace(/\/$/, '') + path,
    headers: ['host', url.host, ...headers.flat(), 'content-length', String(body.length)],
    agent: false,
    signal,
  });
  // A connection that breaks later is told twice: on the response, where it is handled, and here.
  request.on('error', () => {});
  request.end(body);
  const [response] = await once(request, 'response');
  return response;
}

/** The pairs of `raw` (as in rawHeaders) that are meant for the other end of the line (RFC 9110, 7.6.1). */
export function endToEnd(raw) {
  const pairs = raw.flatMap((name, at) => (at % 2 ? [] : [[name, raw[at + 1]]]));
  const connection = pairs.filter(([name]) => name.toLowerCase() === 'connection').map(([, value]) => value);
  const dropped = new Set([...HOP_BY_HOP, ...connection.join().toLowerCase().split(/[\s,]+/)]);
  return pairs.filter(([name]) => !dropped.has(name.toLowerCase()));
}
