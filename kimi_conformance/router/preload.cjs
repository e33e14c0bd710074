// Loaded by Node before a router's own code (NODE_OPTIONS=--require): leads its sockets to the stand-ins of the suite.
// fetch, http, https and whatever is built upon them connect by net.Socket, which Node 20 does without any proxy.

'use strict';

const net = require('node:net');
const tls = require('node:tls');

// The port of the stand-in for each host, the port where all of them answer in TLS, and that of the proxy.
const { hosts, direct, proxy } = JSON.parse(process.env.KIMI_CONFORMANCE_INTERCEPT);
const HERE = '127.0.0.1';
const LOOPBACK = /^(localhost|127\..*|::1|::ffff:127\..*|0\.0\.0\.0|::)$/i;

const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function (...given) {
  const [options, done] = Array.isArray(given[0]) ? given[0] : net._normalizeArgs(given);
  const host = options.host ?? 'localhost';
  if (options.path || LOOPBACK.test(host)) return connect.apply(this, given);
  const name = host.toLowerCase().replace(/\.$/, '');
  if (!Object.hasOwn(hosts, name)) return refuse(this, host, options.port);
  const port = this instanceof tls.TLSSocket ? direct : hosts[name];
  return connect.call(this, { ...options, host: HERE, port }, ...(done ? [done] : []));
};

/** There is no network: as if nobody listened, but the suite is told which host was called. */
function refuse(socket, host, port) {
  const telling = new net.Socket();
  telling.on('error', () => {});
  connect.call(telling, { host: HERE, port: proxy });
  telling.end(`CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  const message = `connect ECONNREFUSED ${host}:${port}`;
  const error = Object.assign(new Error(message), { code: 'ECONNREFUSED', syscall: 'connect', address: host, port });
  process.nextTick(() => socket.destroy(error));
  return socket;
}
