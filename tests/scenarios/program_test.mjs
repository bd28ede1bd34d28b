// The program itself: what it says, takes and refuses:
//   node --test-reporter=../interop/harness/report.mjs program_test.mjs <folder of the binaries>
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { after, before, test } from 'node:test';

import { ServerProcess } from '../interop/harness/server_process.mjs';
import { newHttpBatchRpcSession, newWebSocketRpcSession, WebSocket } from './harness/capnweb.mjs';
import { until } from './harness/until.mjs';
import { failure } from './groups/targets.mjs';

const [bin] = process.argv.slice(2);
const program = `${bin}/capnweb`;
const limit = { timeout: 30_000 };

async function run(...args) {
  const child = spawn(program, args);
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => (said.out += text));
  child.stderr.on('data', (text) => (said.err += text));
  const [code] = await once(child, 'close');
  return { code, ...said };
}
const proxy = (listen, upstream) =>
  ServerProcess.start(program, 'proxy', '--listen', listen, '--upstream', upstream);

let server;
before(async () => (server = await ServerProcess.startPeer('ts', bin)));
after(async () => assert.equal(await server.stop(), 0));
const upstream = (scheme) => `${scheme}://127.0.0.1:${server.port}/`;

// A proxy for the time of one test; it ends with 0.
async function withProxy(listen, to, use) {
  const it = await proxy(listen, to);
  try {
    await use(it);
  } finally {
    assert.equal(await it.stop(), 0);
  }
}

test('says its version', limit, async () => {
  const { code, out } = await run('--version');
  assert.equal(code, 0);
  assert.match(out, /^capnweb \d+\.\d+\.\d+\n$/);
});

test('says how it is used', limit, async () => {
  for (const args of [['--help'], ['proxy', '--help']]) {
    const { code, out } = await run(...args);
    assert.equal(code, 0);
    assert.match(out, /proxy/);
  }
});

const wrong = [
  ['no verb', [], /Usage/],
  ['an unknown verb', ['nope'], /nope/],
  ['an unknown option', ['proxy', '--listen', 'ws://127.0.0.1:0/', '--upstream', 'ws://h:1/', '--nope'], /--nope/],
  ['no upstream', ['proxy', '--listen', 'ws://127.0.0.1:0/'], /--upstream is required/],
  ['no port', ['proxy', '--listen', 'ws://127.0.0.1/', '--upstream', 'ws://h:1/'], /it needs a port/],
  ['no URL', ['proxy', '--listen', '127.0.0.1:8080', '--upstream', 'ws://h:1/'], /write ws:\/\/HOST:PORT\//],
  ['another scheme', ['proxy', '--listen', 'ftp://127.0.0.1:0/', '--upstream', 'ws://h:1/'], /must be ws or http/],
  ['TLS', ['proxy', '--listen', 'wss://127.0.0.1:0/', '--upstream', 'ws://h:1/'], /no TLS yet/],
  ['TLS upstream', ['proxy', '--listen', 'ws://127.0.0.1:0/', '--upstream', 'wss://h:1/'], /no TLS yet/],
  ['a query', ['proxy', '--listen', 'ws://127.0.0.1:0/x?y', '--upstream', 'ws://h:1/'], /without \? and #/],
  ['batches for WebSockets', ['proxy', '--listen', 'ws://127.0.0.1:0/', '--upstream', 'http://h:1/'],
    /WebSockets cannot go to an http:\/\/ upstream/],
];
for (const [name, args, text] of wrong)
  test(`refuses wrong arguments: ${name}`, limit, async () => {
    const { code, err } = await run(...args);
    assert.equal(code, 2);
    assert.match(err, text);
  });

test('cannot listen where somebody else does', limit, async () => {
  const { code, err } = await run('proxy', '--listen', `ws://127.0.0.1:${server.port}/`, '--upstream', 'ws://h:1/');
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^capnweb: Cannot listen on 127.0.0.1:${server.port}`));
});

function isListening(port) {
  const socket = net.connect(port, '127.0.0.1');
  return once(socket, 'connect').then(() => true, () => false).finally(() => socket.destroy());
}

for (const signal of ['SIGTERM', 'SIGINT'])
  test(`ends in order at ${signal}: calls that run are answered`, limit, async () => {
    const it = await proxy('ws://127.0.0.1:0/', upstream('ws'));
    const api = newWebSocketRpcSession(`ws://127.0.0.1:${it.port}/`);
    assert.equal(await api.square(2), 4);
    let isAsked = false;
    let finish;
    const finished = new Promise((resolve) => (finish = resolve));
    const answer = api.callFunction((i) => {
      isAsked = true;
      return finished.then(() => i * 10);
    }, 5).then((value) => value);
    const reason = new Promise((resolve) => api.onRpcBroken((error) => resolve(error.message)));
    await until(() => isAsked);
    it.signal(signal);
    while (await isListening(it.port)); // it has heard the signal then
    finish();
    assert.deepStrictEqual(await answer, { result: 50 });
    assert.match(await reason, /^Peer closed WebSocket: 1012/);
    assert.equal(await it.ended(), 0);
  });

test('an upstream that is not there: calls fail with the reason, and the proxy lives', limit, () =>
  withProxy('http://127.0.0.1:0/', 'ws://127.0.0.1:9/', async ({ port }) => {
    for (let i = 0; i < 2; i++) {
      const api = newWebSocketRpcSession(`ws://127.0.0.1:${port}/`);
      assert.match((await failure(api.square(3))).message,
        /^WebSocket connection failed\. Cannot connect to 127\.0\.0\.1:9 \(Connection refused\)/);
      const batch = newHttpBatchRpcSession(`http://127.0.0.1:${port}/`);
      assert.match((await failure(batch.square(3))).message, /^WebSocket connection failed\. Cannot connect/);
    }
  }));

test('an upstream that goes: calls fail with the reason, and the proxy finds it again', limit, async () => {
  const other = await ServerProcess.startPeer('ts', bin);
  await withProxy('ws://127.0.0.1:0/', `ws://127.0.0.1:${other.port}/`, async ({ port }) => {
    const api = newWebSocketRpcSession(`ws://127.0.0.1:${port}/`);
    assert.equal(await api.square(3), 9);
    const reason = new Promise((resolve) => api.onRpcBroken((error) => resolve(error.message)));
    other.signal('SIGKILL');
    assert.equal(await reason, 'Peer closed WebSocket: 1006 ');
    assert.equal((await failure(api.square(3))).message, 'Peer closed WebSocket: 1006 ');
  });
});

for (const scheme of ['ws', 'http'])
  test(`batches go to a ${scheme}:// upstream`, limit, () =>
    withProxy('http://127.0.0.1:0/api', upstream(scheme), async ({ port }) => {
      const url = `http://127.0.0.1:${port}/api`;
      const batch = newHttpBatchRpcSession(url);
      const counter = batch.makeCounter(2);
      assert.deepStrictEqual(await Promise.all([batch.square(6), counter.increment(3), batch.incrementCounter(counter, 4)]),
        [36, 5, 9]);
      const failing = newHttpBatchRpcSession(url);
      assert.match((await failure(failing.nope())).message, /'nope' is not a function/);
    }));

test('WebSockets and batches on one listener', limit, () =>
  withProxy('http://127.0.0.1:0/', upstream('ws'), async ({ port }) => {
    assert.equal(await newHttpBatchRpcSession(`http://127.0.0.1:${port}/`).square(3), 9);
    const api = newWebSocketRpcSession(`ws://127.0.0.1:${port}/`);
    assert.equal(await api.square(4), 16);
    api[Symbol.dispose]();
  }));

test('a ws:// listener takes no batches', limit, () =>
  withProxy('ws://127.0.0.1:0/', upstream('ws'), async ({ port }) => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '' });
    assert.equal(response.status, 405);
    assert.equal(await response.text(), 'This endpoint only accepts WebSocket requests.');
  }));

test('a proxy to batches takes no WebSockets', limit, () =>
  withProxy('http://127.0.0.1:0/', upstream('http'), async ({ port }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const [error] = await once(socket, 'error');
    assert.equal(error.message, 'Unexpected server response: 400');
  }));

test('pages and names that may call', limit, async () => {
  const serve = (...options) => ServerProcess.start(program, 'proxy', '--listen', 'http://127.0.0.1:0/',
    '--upstream', upstream('ws'), ...options);
  const call = async ({ port }, headers) =>
    (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: '', headers })).status;
  const [strict, open, named] = await Promise.all(
    [serve(), serve('--origin', 'http://good.example'), serve('--host', 'proxy.example')]);
  assert.equal(await call(strict, { origin: 'http://good.example' }), 403);
  assert.equal(await call(open, { origin: 'http://good.example' }), 200);
  assert.equal(await call(open, { origin: 'http://evil.example' }), 403);
  assert.equal(await call(strict, {}), 200);
  assert.equal(await call(named, {}), 421);
  for (const it of [strict, open, named]) assert.equal(await it.stop(), 0);
});
