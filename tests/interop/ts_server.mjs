// The server side of the scenarios, by the npm package: the interface of the reference's own test
// server, and what else the scenarios need. peer/ holds the same in C++.
import http from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

// The package looks for it even when it is given a socket.
globalThis.WebSocket = WebSocket;
const { RpcTarget, newWebSocketRpcSession, nodeHttpBatchRpcResponse } = await import('capnweb');
const { withOwnReferences } = await import('./harness/own_references.mjs');

export class Counter extends RpcTarget {
  #count;
  constructor(count = 0) {
    super();
    this.#count = count;
  }
  increment(amount = 1) {
    return (this.#count += amount);
  }
  get value() {
    return this.#count;
  }
}

// Objects whose end can be waited for, and references that outlive their session; all by name, for
// all sessions of this process.
const releases = new Map();
const kept = new Map();

function release(name) {
  if (!releases.has(name)) {
    let settle;
    const promise = new Promise((resolve) => (settle = resolve));
    releases.set(name, { promise, settle });
  }
  return releases.get(name);
}

class Held extends RpcTarget {
  #name;
  constructor(name) {
    super();
    this.#name = name;
  }
  name() {
    return this.#name;
  }
  [Symbol.dispose]() {
    release(this.#name).settle();
  }
}

export class TestTarget extends RpcTarget {
  square(i) {
    return i * i;
  }
  callSquare(self, i) {
    return { result: self.square(i) };
  }
  async callFunction(func, i) {
    return { result: withOwnReferences(await func(i)) };
  }
  throwError() {
    throw new RangeError('test error');
  }
  makeCounter(i) {
    return new Counter(i);
  }
  incrementCounter(counter, i = 1) {
    return counter.increment(i);
  }
  generateFibonacci(length) {
    const numbers = [0, 1];
    while (numbers.length < length) numbers.push(numbers.at(-1) + numbers.at(-2));
    return numbers.slice(0, length);
  }
  returnNull() {
    return null;
  }
  returnUndefined() {
    return undefined;
  }
  returnNumber(i) {
    return i;
  }
  echo(value) {
    return withOwnReferences(value);
  }

  // Throws what it was given.
  fail(error) {
    throw error;
  }
  // Calls a function and does not wait for it.
  notify(func, value) {
    func(value);
  }
  // Keeps a function past the call.
  keep(name, func) {
    kept.set(name, func.dup());
  }
  callKept(name, value) {
    return kept.get(name)(value);
  }
  dropKept(name) {
    kept.get(name)[Symbol.dispose]();
    kept.delete(name);
  }
  // Streams
  countTo(last) {
    let next = 1;
    return new ReadableStream({
      pull(controller) {
        if (next > last) return controller.close();
        controller.enqueue(next++);
      },
    });
  }
  async sumOf(numbers) {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }
  async fill(writable, last) {
    const writer = writable.getWriter();
    for (let i = 1; i <= last; ++i) await writer.write(i);
    await writer.close();
    return 'filled';
  }
  async abandon(writable) {
    const writer = writable.getWriter();
    await writer.write(1);
    await writer.abort(new RangeError('abandoned'));
  }
  async firstOf(values) {
    const reader = values.getReader();
    const { value } = await reader.read();
    await reader.cancel(new Error('enough'));
    return value;
  }
  failingStream() {
    let begun = false;
    return new ReadableStream({
      pull(controller) {
        if (begun) return controller.error(new RangeError('broke'));
        begun = true;
        controller.enqueue(1);
      },
    }, { highWaterMark: 0 });
  }
  // Calls each function of a stream with the number of its chunk.
  async callEach(functions) {
    const results = [];
    for await (const func of functions) {
      results.push(await func(results.length));
      func[Symbol.dispose]();
    }
    return results;
  }
  echoBlob(blob) {
    return blob;
  }
  async describeBlob(blob) {
    return `${blob.type}: ${await blob.text()}`;
  }
  async describeRequest(request) {
    return `${request.method} ${request.url} ${await request.text()}`;
  }
  makeResponse(text, status) {
    return new Response(text, { status });
  }

  // An object, and whether it has been released.
  hold(name) {
    return new Held(name);
  }
  async released(name) {
    await release(name).promise;
  }
}

const server = http.createServer((request, response) => {
  nodeHttpBatchRpcResponse(request, response, new TestTarget(), {
    headers: { 'Access-Control-Allow-Origin': '*' },
  }).catch((error) => response.writeHead(500).end(String(error)));
});
new WebSocketServer({ server }).on('connection', (socket) =>
  newWebSocketRpcSession(socket, new TestTarget()));

// A client that goes while it is being called leaves rejections nobody waits for.
process.on('unhandledRejection', () => {});
process.on('SIGTERM', () => process.exit(0));
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
