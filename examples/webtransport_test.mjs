// The WebTransport examples, by their programs and in their pages:
//   node --test-reporter=../tests/interop/harness/report.mjs webtransport_test.mjs <folder of binaries> [<chromium>]
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const [bin, executablePath] = process.argv.slice(2);
const limit = { timeout: 60_000 };

// A server in the background, and what it says: `said(pattern)` waits for that.
class Server {
  #process;
  #exited;
  #text = '';
  #listeners = new Set();

  constructor(name) {
    this.#process = spawn(`${bin}/${name}`, ['0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#exited = once(this.#process, 'exit');
    this.#process.stdout.on('data', (text) => {
      this.#text += text;
      for (const listener of this.#listeners) listener();
    });
  }
  said(pattern) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const match = pattern.exec(this.#text);
        if (match) resolve(match);
      };
      this.#listeners.add(look);
      this.#exited.then(([code]) => reject(new Error(`ended with ${code}; it said:\n${this.#text}`)));
      look();
    });
  }
  async start() {
    [, this.url] = await this.said(/(https:\S+)/);
    [, this.hash] = await this.said(/sha256 ([0-9a-f]{64})/);
    [, this.page] = await this.said(/page on (\S+)/);
    return this;
  }
  async stop() {
    this.#process.kill('SIGTERM');
    assert.deepStrictEqual((await this.#exited)[0], 0);
    assert.match(this.#text, /\ndone\n$/);
  }
}

async function run(name, ...args) {
  const child = spawn(`${bin}/${name}`, args);
  let text = '';
  child.stdout.on('data', (piece) => (text += piece));
  child.stderr.on('data', (piece) => (text += piece));
  const [code] = await once(child, 'close');
  return { code, text };
}

let browser;
if (executablePath) {
  const require = createRequire(new URL('../tests/interop/package.json', import.meta.url));
  const { chromium } = require('playwright-core');
  const profile = await mkdtemp(join(tmpdir(), 'capnweb-chromium-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  after(async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  });
}
const inBrowser = { ...limit, skip: !browser };

const chat = await new Server('webtransport-server').start();
const integrated = await new Server('integrated-server').start();
after(async () => {
  await chat.stop();
  await integrated.stop();
});

test('chat: a client hears what it says', limit, async () => {
  const { code, text } = await run('webtransport-client', chat.url, chat.hash, 'Ann', 'hello', 'bye');
  assert.equal(text, 'Ann is here\nAnn: hello\nAnn: bye\n');
  assert.equal(code, 0);
});

test('chat: a client that expects another certificate is refused', limit, async () => {
  const { code, text } = await run('webtransport-client', chat.url, '0'.repeat(64), 'Ann');
  assert.match(text, /The server's certificate is not the expected one/);
  assert.equal(code, 1);
});

test('chat: a page and a program talk to each other', inBrowser, async () => {
  const page = await browser.newPage();
  await page.goto(`${chat.page}?name=Bob`);
  await page.getByText('you are Bob').waitFor();
  await run('webtransport-client', chat.url, chat.hash, 'Cleo', 'hello Bob');
  await page.getByText('Cleo: hello Bob').waitFor();
  await page.getByText('Cleo has left').waitFor();
  await page.fill('#text', 'good evening');
  await page.click('button');
  await page.getByText('Bob: good evening').waitFor();
  await page.close();
});

for (const [name, scheme] of [['HTTP batch', 'http'], ['WebSocket', 'ws'], ['WebTransport', 'https']])
  test(`integrated: ${name} by its URL`, limit, async () => {
    const port = /localhost:(\d+)/.exec(integrated.page)[1];
    const url = scheme === 'https' ? integrated.url : `${scheme}://localhost:${port}/rpc`;
    const { code, text } = await run('integrated-client', url, integrated.hash);
    assert.equal(text, '(5 + 3) * 7 = 56\n');
    assert.equal(code, 0);
    await integrated.said(new RegExp(`${name} at /rpc`));
  });

test('integrated: a page has the same answer from each', inBrowser, async () => {
  const page = await browser.newPage();
  await page.goto(integrated.page);
  for (const name of ['HTTP batch', 'WebSocket', 'WebTransport'])
    await page.getByText(`${name}: 56`).waitFor();
  await page.close();
});
