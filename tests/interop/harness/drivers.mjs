// How a scenario is played: by the npm package in this process, or by the C++ client in another.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { newHttpBatchRpcSession, newWebSocketRpcSession } from './capnweb.mjs';

// What the functions of ts_client.mjs get.
class Context {
  // How errors begin: of a peer that has gone without a word, of one that goes in order, of none.
  vanished = /^Peer closed WebSocket: 1006/;
  drained = /^Peer closed WebSocket: 1012/;
  unreachable = /^(WebSocket connection failed\.|fetch failed)/;
  #stage;
  #sessions = [];
  constructor(stage) {
    this.#stage = stage;
    this.with = stage.scenario.with;
    this.unique = stage.unique;
  }

  // Opens a session with the server under test, with the other server, with no server at all.
  main() {
    return this.#open(this.#stage.urls.main);
  }
  other() {
    return this.#open(this.#stage.urls.other);
  }
  nobody() {
    return this.#open(this.#stage.urls.nobody);
  }
  end() {
    this.#stage.end();
  }
  cutOther() {
    this.#stage.cutOther();
  }

  #open(url) {
    const isBatch = this.#stage.scenario.transport === 'batch';
    const main = isBatch ? newHttpBatchRpcSession(url) : newWebSocketRpcSession(url);
    this.#sessions.push(main);
    return main;
  }
  close() {
    for (const main of this.#sessions) main[Symbol.dispose]();
  }
}

async function playInTypeScript(stage) {
  const functions = await import('../ts_client.mjs');
  const context = new Context(stage);
  try {
    await functions[stage.scenario.name](context);
  } finally {
    context.close();
  }
}

// One call of square() that must fail: { type, message } of its error.
export async function callOnce(kind, url, bin) {
  if (kind === 'ts') {
    try {
      await newWebSocketRpcSession(url).square(3);
    } catch (error) {
      return { type: error.name, message: error.message };
    }
    throw new Error('the call must fail');
  }
  const client = spawn(`${bin}/interop-client`, ['call_once', url], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  client.stdout.on('data', (text) => (output += text));
  const [code, signal] = await once(client, 'close');
  if (code !== 0) throw new Error(`interop-client ended with ${code ?? signal}`);
  const [type, ...message] = output.split('\n');
  return { type, message: message.join('\n') };
}

// The C++ client is told all by its arguments; it asks by lines on its standard output, and says
// what is wrong on the other one.
async function playInCpp(stage, bin) {
  const { scenario, urls, unique } = stage;
  const [program, ...before] = [...(stage.clientPrefix ?? []), `${bin}/interop-client`];
  const client = spawn(program,
    [...before, scenario.name, urls.main, urls.other, urls.nobody, unique, scenario.with ?? '', ...stage.certificateHashes],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  createInterface({ input: client.stdout }).on('line', (line) => {
    if (line === 'end') stage.end();
    if (line === 'cut other') stage.cutOther();
  });
  let complaint = '';
  client.stderr.on('data', (text) => (complaint += text));
  const late = setTimeout(() => client.kill('SIGKILL'), 20_000);
  const [code, signal] = await once(client, 'close');
  clearTimeout(late);
  if (code !== 0) throw new Error(`interop-client ended with ${code ?? signal}: ${complaint}`);
}

export const drivers = { ts: playInTypeScript, cpp: playInCpp };
