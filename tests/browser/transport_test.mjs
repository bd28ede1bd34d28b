// capnweb-webtransport.js without a browser, over a session that is played:
//   node --test-reporter=../interop/harness/report.mjs transport_test.mjs
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

// A data: URL, as the folder of the module says nothing about its kind to Node.
const source = await readFile(new URL('../../js/capnweb-webtransport.js', import.meta.url), 'utf8');
const { WebTransportTransport } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

const limit = { timeout: 10_000 };
const turn = () => new Promise((resolve) => setImmediate(resolve));

class FakeSession {
  writes = [];
  isFinished = false;
  closedWith;
  #release = () => {};
  #gate = Promise.resolve();

  constructor() {
    this.ready = new Promise((open, refuse) => Object.assign(this, { open, refuse }));
    this.closed = new Promise((end, lose) => Object.assign(this, { end, lose }));
    this.ready.catch(() => {});
  }
  async createBidirectionalStream() {
    const readable = new ReadableStream({ start: (controller) => (this.incoming = controller) });
    const writable = new WritableStream({
      write: async (chunk) => {
        this.writes.push(new TextDecoder().decode(chunk));
        await this.#gate;
      },
      close: () => (this.isFinished = true),
    });
    return { readable, writable };
  }
  close(info) {
    this.closedWith = info;
    this.end(info);
  }

  // Writes do not end until release().
  hold() {
    this.#gate = new Promise((resolve) => (this.#release = resolve));
  }
  release() {
    this.#release();
  }
  receive(text) {
    this.incoming.enqueue(typeof text === 'string' ? new TextEncoder().encode(text) : text);
  }
}

async function open(options) {
  const session = new FakeSession();
  const transport = new WebTransportTransport(session, options);
  session.open();
  await turn();
  return { session, transport };
}

test('messages sent before the session stands leave in order, in one write', limit, async () => {
  const session = new FakeSession();
  const transport = new WebTransportTransport(session);
  transport.send('1');
  transport.send('2');
  await turn();
  assert.deepStrictEqual(session.writes, []);
  session.open();
  await turn();
  assert.deepStrictEqual(session.writes, ['1\n2\n']);
});

test('what is sent during a write leaves in one write behind it', limit, async () => {
  const { session, transport } = await open();
  session.hold();
  transport.send('first');
  await turn();
  for (let i = 0; i < 1000; ++i) transport.send(String(i));
  await turn();
  assert.deepStrictEqual(session.writes, ['first\n']);
  session.release();
  await turn();
  assert.equal(session.writes.length, 2);
  assert.equal(session.writes[1].split('\n').length, 1001);
});

test('no message is stranded, in whichever turn it is sent', limit, async () => {
  const { session, transport } = await open();
  for (let turns = 0; turns < 30; ++turns) {
    session.writes.length = 0;
    transport.send('a');
    for (let i = 0; i < turns; ++i) await null;
    transport.send('b');
    await turn();
    await turn();
    assert.equal(session.writes.join(''), 'a\nb\n', `after ${turns} microtasks`);
  }
});

test('messages cut anywhere are put together, and empty lines say nothing', limit, async () => {
  const text = '"größer 😀"\n\n[1]\n';
  const bytes = new TextEncoder().encode(text);
  for (let size = 1; size <= bytes.length; ++size) {
    const { session, transport } = await open();
    for (let at = 0; at < bytes.length; at += size) session.receive(bytes.slice(at, at + size));
    assert.deepStrictEqual([await transport.receive(), await transport.receive()], ['"größer 😀"', '[1]']);
  }
});

test('a page that does not ask lets the peer wait', limit, async () => {
  const { session, transport } = await open();
  const before = session.incoming.desiredSize;
  session.receive('1\n');
  session.receive('2\n');
  await turn();
  assert.equal(session.incoming.desiredSize, before - 2);
  assert.equal(await transport.receive(), '1');
});

test('what is not UTF-8 is refused', limit, async () => {
  const { session, transport } = await open();
  session.receive(Uint8Array.of(0x22, 0xff, 0x0a));
  await assert.rejects(transport.receive(), TypeError);
});

test('a close is told with its code and reason', limit, async () => {
  const { session, transport } = await open();
  const next = transport.receive();
  session.incoming.close();
  session.end({ closeCode: 7, reason: 'enough' });
  await assert.rejects(next, { message: 'Peer closed WebTransport: 7 enough' });
});

test('a lost connection is told', limit, async () => {
  const { session, transport } = await open();
  const next = transport.receive();
  session.incoming.error(new Error('The session is closed.'));
  session.lose(new Error('Connection lost.'));
  await assert.rejects(next, { message: 'WebTransport connection failed. Connection lost.' });
});

test('a stream that ends alone is told after a while', limit, async () => {
  const { session, transport } = await open({ closeTimeout: 20 });
  session.incoming.close();
  await assert.rejects(transport.receive(),
    { message: 'WebTransport connection failed. The peer has ended the stream of the messages.' });
});

test('a session that is refused is told', limit, async () => {
  const session = new FakeSession();
  const transport = new WebTransportTransport(session);
  transport.send('1');
  session.refuse(new Error('Opening handshake failed.'));
  await assert.rejects(transport.receive(), /^Error: WebTransport connection failed\. Opening handshake failed\./);
});

test('a session that does not open is given up in time', limit, async () => {
  const session = new FakeSession();
  const transport = new WebTransportTransport(session, { connectTimeout: 20 });
  session.close = () => session.refuse(new Error('closed'));
  await assert.rejects(transport.receive(), { message: 'WebTransport connection failed. No answer within 20 ms.' });
});

test('last words leave before the close', limit, async () => {
  const { session, transport } = await open();
  session.hold();
  transport.send('words');
  transport.send('last words');
  transport.abort(new RangeError('broken'));
  transport.send('too late');
  await turn();
  assert.equal(session.closedWith, undefined);
  session.release();
  await turn();
  assert.equal(session.writes.join(''), 'words\nlast words\n');
  assert.ok(session.isFinished);
  assert.deepStrictEqual(session.closedWith, { closeCode: 1, reason: 'broken' });
});

test('a peer that takes nothing is not waited for at the end', limit, async () => {
  const { session, transport } = await open({ closeTimeout: 20 });
  session.hold();
  transport.send('words');
  transport.abort('enough');
  await session.closed;
  assert.deepStrictEqual(session.closedWith, { closeCode: 1, reason: 'enough' });
});

test('a peer that does not read ends the session', limit, async () => {
  const { session, transport } = await open({ maxUnsent: 100, closeTimeout: 20 });
  session.hold();
  const next = transport.receive();
  next.catch(() => {});
  transport.send('first');
  await turn();
  transport.send('x'.repeat(101));
  assert.throws(() => transport.send('more'), /The peer reads too slowly/);
  await assert.rejects(next, /The peer reads too slowly/);
});

test('where there is no WebTransport it says so', limit, () => {
  assert.throws(() => new WebTransportTransport('https://localhost/'), /There is no WebTransport here/);
});
