// Sends each variant of malformed.mjs to the C++ peer and to the npm package: both must answer alike,
// but for the differences that malformed_differences.mjs names.
//   node --test-reporter=./harness/report.mjs malformed_test.mjs <folder of the binaries>
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { once } from 'node:events';
import { WebSocket } from 'ws';

import { ServerProcess } from './harness/server_process.mjs';
import { malformed, setup } from './malformed.mjs';
import { differenceFor, unusedDifferences, withoutEngineWords } from './malformed_differences.mjs';

const [bin] = process.argv.slice(2);
const servers = {};
for (const kind of ['cpp', 'ts']) servers[kind] = await ServerProcess.startPeer(kind, bin);
after(async () => {
  for (const server of Object.values(servers)) assert.equal(await server.stop(), 0);
});

const takesAnId = (message) => Array.isArray(message) && ['push', 'stream', 'pipe'].includes(message[0]);

// What a fresh session answers to the setup and the variant: its messages, sorted, since what they
// answer may settle in another order, and how it closes, unless it lives.
async function outcome({ port }, text) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/rpc`);
  await once(socket, 'open');
  let next = 1;
  const send = (message) => {
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return takesAnId(typeof message === 'string' ? JSON.parse(message) : message) ? next++ : 0;
  };
  const heard = [];
  let hearProbe;
  socket.on('message', (data) => {
    if (!hearProbe?.(String(data))) heard.push(JSON.parse(data));
  });
  const closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }));
  for (const message of setup) send(message);
  const id = send(text);
  if (id && JSON.parse(text)[0] === 'push') send(['pull', id]);
  // Answered behind all that the variant has caused at once, the second time also behind what that
  // has caused.
  const answered = async () => {
    for (let round = 0; round < 2; ++round) {
      const probe = send(['push', ['pipeline', 0, ['square'], [1000 + round]]]);
      send(['pull', probe]);
      await new Promise((resolve) => {
        hearProbe = (answer) => answer.startsWith(`["resolve",${probe},`) && (resolve(), true);
      });
    }
  };
  const close = await Promise.race([closed, answered()]);
  socket.terminate();
  return { messages: heard.map(withoutEngineWords).map((message) => JSON.stringify(message)).sort(), close };
}

// A hundred a test: what differs is listed whole.
const size = 100;
for (let first = 0; first < malformed.length; first += size) {
  test(`variants from ${first}`, { timeout: 60_000 }, async () => {
    const different = await Promise.all(malformed.slice(first, first + size).map(async (text) => {
      const [cpp, ts] = await Promise.all([outcome(servers.cpp, text), outcome(servers.ts, text)]);
      const isSame = JSON.stringify(cpp) === JSON.stringify(ts);
      return isSame || differenceFor(text, cpp, ts) ? [] : [{ sent: text, cpp, ts }];
    }));
    assert.deepEqual(different.flat(), []);
  });
}

test('each difference that is named is one', () => assert.deepEqual(unusedDifferences(), []));
