// Sends each row of refusals.mjs to a peer:
//   node --test-reporter=./harness/report.mjs refusals_test.mjs <cpp|ts> <folder of the binaries>
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';

import { callOnce } from './harness/drivers.mjs';
import { ServerProcess } from './harness/server_process.mjs';
import { acceptances, refusals } from './refusals.mjs';

const [kind, bin] = process.argv.slice(2);
const server = await ServerProcess.startPeer(kind, bin);
after(async () => assert.equal(await server.stop(), 0));

const short = (text) => (text.length > 300 ? `${text.slice(0, 300)}... (${text.length} characters)` : text);
const limit = { timeout: 20_000 };

// What the socket's peer says until it closes.
function listen(socket) {
  const messages = [];
  socket.on('message', (data) => messages.push(String(data)));
  return once(socket, 'close').then(([code, reason]) => ({ messages, code, reason: String(reason) }));
}

// At most 123 bytes, and no part of a character (T-20).
function closeReason(message) {
  const bytes = new TextEncoder().encode(message);
  return new TextDecoder().decode(bytes.subarray(0, 123), { stream: true });
}

// ["abort",["error",type,text]] is the last of the messages, and its text the reason of the close.
function assertRefused({ send, error: [type, text], answers = [] }, { messages, code, reason }) {
  const report = `sent ${short(send.join(' '))}\nreceived ${short(messages.join(' '))}, close ${code} ${reason}`;
  assert.ok(messages.length > 0, report);
  const [name, [tag, ...found]] = JSON.parse(messages.at(-1));
  const expected = [type, text ?? found[1], ...(text === undefined ? found.slice(2) : [])];
  assert.deepStrictEqual([...messages.slice(0, -1), name, tag, ...found],
    [...answers, 'abort', 'error', ...expected], report);
  assert.deepStrictEqual([code, reason], [3000, closeReason(expected[1])], report);
}

const title = ({ rule, send }) => `${rule} ${short(send.join(' ')).slice(0, 100)}`;

for (const row of refusals) {
  test(`server: ${title(row)}`, limit, async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`);
    const heard = listen(socket);
    await once(socket, 'open');
    for (const message of row.send) socket.send(message);
    assertRefused(row, await heard);
  });
}

// A server that answers a client's first message with the row, whatever it says.
async function answerWith(row, listener) {
  const [socket] = await once(listener, 'connection');
  const heard = listen(socket);
  await once(socket, 'message');
  for (const message of row.send) socket.send(message);
  const { messages, ...close } = await heard;
  const isOurCall = (message) => /^\["(push|pull)"/.test(message);
  assertRefused(row, { messages: messages.filter((message) => !isOurCall(message)), ...close });
}

for (const row of refusals) {
  test(`client: ${title(row)}`, limit, async () => {
    const listener = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    try {
      await once(listener, 'listening');
      const call = callOnce(kind, `ws://127.0.0.1:${listener.address().port}/rpc`, bin);
      await answerWith(row, listener);
      const { type, message } = await call;
      assert.equal(type, row.error[0]);
      if (row.error[1] !== undefined) assert.equal(message, row.error[1]);
    } finally {
      listener.close();
    }
  });
}

for (const row of acceptances) {
  test(`server: ${title(row)}`, limit, async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`);
    await once(socket, 'open');
    const id = row.send.filter((message) => /^ *\[ *"push"/.test(message)).length;
    for (const message of [...row.send, `["pull",${id}]`]) socket.send(message);
    const [data] = await once(socket, 'message');
    assert.equal(short(String(data)), short(`["resolve",${id},${row.answer}]`));
    socket.terminate();
  });
}

test('server: T-18 a binary frame', limit, async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`);
  const heard = listen(socket);
  await once(socket, 'open');
  socket.send(Buffer.from('["push",1]'));
  assertRefused({ send: ['(binary)'], error: ['SyntaxError'] }, await heard);
});

// ---- Batches

async function post(...lines) {
  const response = await fetch(`http://127.0.0.1:${server.port}/rpc`, { method: 'POST', body: lines.join('\n') });
  return { status: response.status, body: await response.text() };
}

test('batch: T-33 answers up to the bad message', limit, async () => {
  const { status, body } = await post('["push",["pipeline",0,["square"],[3]]]', '["pull",1]', '["pull",7]');
  if (kind === 'cpp') {
    assert.equal(status, 200);
    assert.deepStrictEqual(body.split('\n'),
      ['["resolve",1,9]', '["abort",["error","Error","no such export ID: 7"]]']);
  } else {
    assert.equal(status, 500); // T-6
    assert.match(body, /no such export ID: 7/);
  }
});

test('batch: T-2 nothing asked, nothing answered', limit, async () => {
  assert.deepStrictEqual(await post(), { status: 200, body: '' });
});

test('batch: T-4 other methods', limit, async () => {
  const found = [];
  for (const method of ['PUT', 'OPTIONS', 'DELETE', 'GET'])
    found.push((await fetch(`http://127.0.0.1:${server.port}/rpc`, { method })).status);
  assert.deepStrictEqual(found, [405, 405, 405, 405]);
});
