// The npm package in Chromium against C++ servers:
//   node --test-reporter=../interop/harness/report.mjs browser_test.mjs <chromium> <folder of binaries>
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { ServerProcess } from '../interop/harness/server_process.mjs';
import { scenarios } from '../interop/scenarios.mjs';

const { chromium } = createRequire(new URL('../interop/package.json', import.meta.url))('playwright-core');
const [executablePath, bin] = process.argv.slice(2);
const npmPackage = fileURLToPath(
  new URL('../interop/node_modules/capnweb/dist/index.js', import.meta.url));

const startServer = (...origins) => ServerProcess.start(`${bin}/browser-server`, npmPackage, ...origins);

// `home` serves the page; the others are foreign to it: one knows nobody, one lists the page's
// origin, one is open to all.
const home = await startServer();
const origin = `http://127.0.0.1:${home.port}`;
const strict = await startServer();
const friendly = await startServer('https://example.org', origin);
const open = await ServerProcess.startPeer('cpp', bin);

const profile = await mkdtemp(join(tmpdir(), 'capnweb-chromium-'));
const browser = await chromium.launchPersistentContext(profile, {
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--host-resolver-rules=MAP rebound.example 127.0.0.1'],
});
const page = await browser.newPage();
await page.goto(origin);
await page.waitForFunction(() => globalThis.capnweb);

after(async () => {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
  for (const server of [home, strict, friendly, open]) assert.equal(await server.stop(), 0);
});

const limit = { timeout: 30_000 };
const transports = { WebSocket: 'ws', batch: 'http' };

// Runs a function in the page: it gets the main object of a server, and an argument.
function inPage(server, scheme, play, argument) {
  return page.evaluate(
    async ({ url, source, argument }) => {
      const { newWebSocketRpcSession, newHttpBatchRpcSession } = capnweb;
      const api = url.startsWith('ws:') ? newWebSocketRpcSession(url) : newHttpBatchRpcSession(url);
      try {
        return await (0, eval)(`(${source})`)(api, argument);
      } finally {
        api[Symbol.dispose]();
      }
    },
    { url: `${scheme}://127.0.0.1:${server.port}/rpc`, source: play.toString(), argument });
}

const callAndPipeline = async (api) => {
  const counter = api.makeCounter(5);
  return Promise.all([api.square(5), counter.increment(api.square(2)), counter.value, api.nope().catch(String)]);
};
const answers = [25, 9, 9, "TypeError: 'nope' is not a function."];

for (const [name, scheme] of Object.entries(transports)) {
  test(`${name}: calls from the server's own page`, limit, async () => {
    assert.deepStrictEqual(await inPage(home, scheme, callAndPipeline), answers);
  });

  test(`${name}: values there and back`, limit, async () => {
    const texts = scenarios.filter(({ name }) => name === 'echoes').map((scenario) => scenario.with);
    assert.ok(texts.length > 50);
    const echoes = await inPage(home, scheme, (api, texts) => {
      const { serialize, deserialize } = capnweb;
      return Promise.all(texts.map(async (text) => serialize(await api.echo(deserialize(text)))));
    }, texts);
    assert.deepStrictEqual(echoes, texts);
  });

  test(`${name}: thousand calls and eight megabytes`, limit, async () => {
    const found = await inPage(home, scheme, async (api) => {
      const numbers = Array.from({ length: 1000 }, (_, i) => i);
      const text = 'x'.repeat(8 * 1024 * 1024);
      const [echo, ...squares] = await Promise.all([api.echo(text), ...numbers.map((i) => api.square(i))]);
      return [echo === text, squares.every((square, i) => square === i * i)];
    });
    assert.deepStrictEqual(found, [true, true]);
  });

  test(`${name}: a server that lists the page's origin`, limit, async () => {
    assert.deepStrictEqual(await inPage(friendly, scheme, callAndPipeline), answers);
  });

  test(`${name}: a server open to all`, limit, async () => {
    assert.deepStrictEqual(await inPage(open, scheme, callAndPipeline), answers);
  });

  test(`${name}: a foreign server refuses, and runs nothing`, limit, async () => {
    const error = await inPage(strict, scheme, (api) => api.hold('page').name().catch(String));
    assert.match(error, /WebSocket connection failed|Peer closed WebSocket|Failed to fetch/);

    // Had the call run, its object would have been released by now: the first answer would be first.
    const order = await inPageOf(strict, async (api) => {
      const order = [];
      api.released('page').then(() => order.push('released'), () => {});
      await api.square(2).then(() => order.push('square'));
      return order;
    });
    assert.deepStrictEqual(order, ['square']);
  });
}

// The same in a page of that server itself.
async function inPageOf(server, play) {
  const own = await browser.newPage();
  try {
    await own.goto(`http://127.0.0.1:${server.port}`);
    await own.waitForFunction(() => globalThis.capnweb);
    return await own.evaluate(async (source) => {
      const api = capnweb.newWebSocketRpcSession(`ws://${location.host}/rpc`);
      return (0, eval)(`(${source})`)(api);
    }, play.toString());
  } finally {
    await own.close();
  }
}

test('WebSocket: callbacks, references and their release', limit, async () => {
  const found = await inPage(home, 'ws', async (api) => {
    const twice = await api.callFunction((i) => i * 2, 21);
    const held = await api.hold('held');
    const same = await api.echo({ held });
    const name = await same.held.name();
    held[Symbol.dispose]();
    same[Symbol.dispose]();
    await api.released('held');
    return [twice, name];
  });
  assert.deepStrictEqual(found, [{ result: 42 }, 'held']);
});

test('batch: a listed origin is named in the answer, a foreign one is not', limit, async () => {
  const allowed = async (server) => {
    const response = await fetch(`http://127.0.0.1:${server.port}/rpc`,
      { method: 'POST', headers: { origin }, body: '' });
    return [response.status, response.headers.get('access-control-allow-origin'), response.headers.get('vary')];
  };
  assert.deepStrictEqual(await allowed(friendly), [200, origin, 'Origin']);
  assert.deepStrictEqual(await allowed(open), [200, '*', null]);
  assert.deepStrictEqual((await allowed(strict)).slice(0, 2), [403, null]);
});

test('a name that only points here is no name of the server', limit, async () => {
  const rebound = await browser.newPage();
  const response = await rebound.goto(`http://rebound.example:${home.port}/`);
  assert.equal(response.status(), 421);
  assert.match(await response.text(), /host not allowed: rebound\.example/);
  await rebound.close();
});
