// A page in Chromium, with the npm package and capnweb-webtransport.js, against C++ servers:
//   node --test-reporter=../interop/harness/report.mjs webtransport_test.mjs <chromium> <folder of binaries>
// The folder may be that of another preset, of asan for example: interop-peer and browser-server are
// in it, and must exit with 0.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { ServerProcess } from '../interop/harness/server_process.mjs';
import { Stage } from '../interop/harness/stage.mjs';
import { webtransportScenariosFor } from '../interop/scenarios.mjs';

const { chromium } = createRequire(new URL('../interop/package.json', import.meta.url))('playwright-core');
const [executablePath, bin] = process.argv.slice(2);

// ---- The page

const read = (path) => readFile(new URL(path, import.meta.url));
const files = {
  '/': ['text/html', await read('page/index.html')],
  '/assert.mjs': ['text/javascript', await read('page/assert.mjs')],
  '/play.mjs': ['text/javascript', await read('page/play.mjs')],
  '/ts_client.mjs': ['text/javascript', await read('../interop/ts_client.mjs')],
  '/harness/capnweb.mjs': ['text/javascript', "export * from 'capnweb';"],
  '/capnweb.js': ['text/javascript', await read('../interop/node_modules/capnweb/dist/index.js')],
  '/capnweb-webtransport.js': ['text/javascript', await read('../../js/capnweb-webtransport.js')],
};
const pages = createServer((request, response) => {
  const [type, body] = files[request.url] ?? [];
  response.writeHead(body ? 200 : 404, { 'content-type': type ?? 'text/plain' }).end(body);
});
pages.listen(0, '127.0.0.1');
await once(pages, 'listening');
const origin = `http://127.0.0.1:${pages.address().port}`;

const profile = await mkdtemp(join(tmpdir(), 'capnweb-chromium-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage();
// The reason why a session is refused stands there, and nowhere else.
const said = [];
page.on('console', (message) => said.push(message.text()));
let stage;
await page.exposeFunction('end', () => stage.end());
await page.exposeFunction('cutOther', () => stage.cutOther());
await page.goto(origin);
await page.waitForFunction(() => globalThis.play);

// A page that waits for ever must not hold the test.
function inPage(play, argument, within = 25_000) {
  const late = new Promise((_, reject) =>
    setTimeout(reject, within, new Error(`the page took longer than ${within} ms`)).unref());
  return Promise.race([page.evaluate(play, argument), late]);
}

const startPeer = () => ServerProcess.startPeer('cpp', bin, '--webtransport');
const startServer = (...origins) => ServerProcess.start(`${bin}/browser-server`, '--webtransport', ...origins);
const main = await startPeer();
const friendly = await startServer(origin);
const strict = await startServer();

after(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  pages.close();
  for (const server of [main, friendly, strict]) assert.equal(await server.stop(), 0);
});

const limit = { timeout: 30_000 };
const at = ({ webtransport: { port, hash } }, path = '/rpc/wt', host = '127.0.0.1') =>
  ({ url: `https://${host}:${port}${path}`, options: { certificateHashes: [hash] } });

// ---- The scenarios of all transports

for (const scenario of webtransportScenariosFor('cpp', 'ts')) {
  const { name, title, with: text } = scenario;
  test(`webtransport: ${name}${title ? ` (${title})` : ''}`, limit, async () => {
    stage = await Stage.open(scenario, { main, other: main }, startPeer);
    try {
      const { urls, unique, certificateHashes } = stage;
      await inPage((it) => play(it), { name, with: text, urls, unique, certificateHashes });
      await stage.check();
    } finally {
      await stage.close();
    }
  });
}

// ---- Many, large, both ways

test('ten thousand calls of one turn, and their answers', limit, async () => {
  const sum = await inPage(async ({ url, options }) => {
    const api = new capnweb.RpcSession(new WebTransportTransport(url, options)).getRemoteMain();
    const squares = await Promise.all(Array.from({ length: 10_000 }, (_, i) => api.square(i)));
    api[Symbol.dispose]();
    return squares.reduce((a, b) => a + b);
  }, at(main));
  assert.equal(sum, 333283335000);
});

test('ten thousand calls of the page by the server', limit, async () => {
  const found = await inPage(async ({ url, options }) => {
    const api = new capnweb.RpcSession(new WebTransportTransport(url, options)).getRemoteMain();
    const double = new capnweb.RpcStub((i) => i * 2);
    const results = await Promise.all(Array.from({ length: 10_000 }, (_, i) => api.callFunction(double, i)));
    api[Symbol.dispose]();
    return results.every(({ result }, i) => result === 2 * i);
  }, at(main));
  assert.ok(found);
});

test('both of localhost\'s addresses', limit, async () => {
  for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
    const nine = await inPage(({ url, options }) => {
      const api = new capnweb.RpcSession(new WebTransportTransport(url, options)).getRemoteMain();
      return api.square(3).then((value) => value).finally(() => api[Symbol.dispose]());
    }, at(main, '/anywhere?x=1', host));
    assert.equal(nine, 9);
  }
});

// ---- Refusals

// What a call fails with, and what the console says.
async function refusal(target) {
  said.length = 0;
  const message = await inPage(({ url, options }) => {
    const api = new capnweb.RpcSession(new WebTransportTransport(url, options)).getRemoteMain();
    return api.square(3).then(() => 'connected', (error) => error.message);
  }, target);
  return { message, console: said.join('\n') };
}

test('a page of another origin is refused, a listed one is not', limit, async () => {
  const refused = await refusal(at(strict));
  assert.match(refused.message, /^WebTransport connection failed\. .*handshake failed/);
  assert.equal((await refusal(at(friendly))).message, 'connected');
});

test('a certificate of another hash is refused', limit, async () => {
  const refused = await refusal({ ...at(main), options: { certificateHashes: ['00'.repeat(32)] } });
  assert.match(refused.message, /^WebTransport connection failed\. .*handshake failed/);
  assert.match(refused.console, /CERTIFICATE/);
  assert.equal((await refusal(at(main))).message, 'connected');
});

test('a path that is not there is refused', limit, async () => {
  const refused = await refusal(at(friendly, '/elsewhere'));
  assert.match(refused.message, /^WebTransport connection failed\. .*handshake failed/);
  assert.doesNotMatch(refused.console, /CERTIFICATE/);
});

test('what is no hash is no option', limit, async () => {
  const message = await inPage((url) => {
    try {
      new WebTransportTransport(url, { certificateHashes: ['12:34'] });
    } catch (error) {
      return error.message;
    }
  }, at(main).url);
  assert.equal(message, "'12:34' is no certificate hash: it has 64 hexadecimal digits");
});

// ---- The end

test('the server hears the code and the reason of a close', limit, async () => {
  const message = await inPage(async ({ url, options }) => {
    const leaving = new WebTransportTransport(url, options);
    await new capnweb.RpcSession(leaving).getRemoteMain().keep('leaver', () => 1);
    const api = new capnweb.RpcSession(new WebTransportTransport(url, options)).getRemoteMain();
    const result = await api.callKept('leaver', 0);
    leaving.session.close({ closeCode: 1234, reason: 'näxt' });
    for (;;) {
      const failure = await api.callKept('leaver', 0).then(() => null, (error) => error.message);
      if (failure !== null) return `${result} ${failure}`;
    }
  }, at(main));
  assert.equal(message, '1 Peer closed WebTransport: 1234 näxt');
});

test('the server hears the last words of a page that aborts', limit, async () => {
  const message = await inPage(async ({ url, options }) => {
    const leaving = new WebTransportTransport(url, options);
    await new capnweb.RpcSession(leaving).getRemoteMain().keep('aborter', () => 1);
    const api = new capnweb.RpcSession(new WebTransportTransport(url, options)).getRemoteMain();
    await api.callKept('aborter', 0);
    leaving.send('["abort",["error","RangeError","last words"]]');
    leaving.abort(new RangeError('last words'));
    for (;;) {
      const failure = await api.callKept('aborter', 0).then(() => null, (error) => String(error));
      if (failure !== null) return failure;
    }
  }, at(main));
  assert.equal(message, 'RangeError: last words');
});

// Chromium hears of a close on two ways at once, and where the wrong one is faster, code and reason
// are lost; the more a machine has to do, the oftener. What was said before it is not.
test('a page hears the last words of the server, and mostly code and reason', limit, async () => {
  const ends = await inPage(async ({ url, options }) => {
    const ends = [];
    for (let i = 0; i < 20; ++i) {
      const transport = new WebTransportTransport(url, options);
      transport.send('nonsense');
      const words = await transport.receive();
      const end = await transport.receive().catch((error) => error.message);
      ends.push(`${words.slice(0, 30)}: ${end}`);
      transport.abort(new Error('done'));
    }
    return ends;
  }, at(main));
  assert.equal(ends.length, 20);
  for (const end of ends)
    assert.match(end, /^\["abort",\["error","SyntaxError: (Peer closed WebTransport: 1 Unexpected|WebTransport connection failed\. Connection lost\.)/);
  assert.ok(ends.some((end) => end.includes('Peer closed')), ends[0]);
});
