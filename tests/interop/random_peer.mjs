// The playground of random programs by the npm package; tests/random/playground.hpp tells what each
// method does.
import http from 'node:http';
import { WebSocketServer } from 'ws';

import { RpcTarget, newWebSocketRpcSession } from './harness/capnweb.mjs';
import { withOwnReferences } from './harness/own_references.mjs';

class Meter extends RpcTarget {
  #counts = new Map();
  tick(handle, count) {
    const next = (this.#counts.get(handle) ?? 0) + 1;
    this.#counts.set(handle, next);
    return count === next;
  }
}

class Playground extends RpcTarget {
  #kept = new Map();
  #open = new Map();

  add(a, b) {
    return a + b;
  }
  list(n) {
    return Array.from({ length: n }, (_, i) => i + 1);
  }
  fail(text) {
    throw new RangeError(text);
  }
  echo(value) {
    return withOwnReferences(value);
  }
  meter() {
    return new Meter();
  }
  nest(value) {
    return { value, meter: new Meter() };
  }
  wrap(stub) {
    return { stub: withOwnReferences(stub) };
  }
  apply(f, x) {
    return f(x);
  }
  keep(slot, f) {
    this.drop(slot);
    this.#kept.set(slot, f.dup());
  }
  callKept(slot, x) {
    if (!this.#kept.has(slot)) throw new RangeError('nothing is kept there');
    return this.#kept.get(slot)(x);
  }
  drop(slot) {
    this.#kept.get(slot)?.[Symbol.dispose]();
    return this.#kept.delete(slot);
  }
  later(key) {
    return new Promise((resolve) => this.#open.set(key, resolve));
  }
  settle(key, value) {
    this.#open.get(key)?.(withOwnReferences(value));
    return this.#open.delete(key);
  }
  async perform(playground, a, b) {
    const nested = playground.nest(a);
    try {
      const { meter, value } = nested;
      return await Promise.all([meter.tick(1, 1), meter.tick(1, 2), playground.add(value, b)]);
    } finally {
      nested[Symbol.dispose]();
    }
  }
  async total(numbers) {
    let sum = 0;
    for await (const number of numbers) sum += number;
    return sum;
  }
  numbers(n) {
    let next = 1;
    return new ReadableStream({
      pull(controller) {
        if (next > n) return controller.close();
        controller.enqueue(next++);
      },
    });
  }
  async fill(writable, n) {
    const writer = writable.getWriter();
    for (let i = 1; i <= n; ++i) await writer.write(i);
    await writer.close();
  }
}

const server = http.createServer();
new WebSocketServer({ server }).on('connection', (socket) =>
  newWebSocketRpcSession(socket, new Playground()));

// A stream that its reader drops fails its writer, who is not asked here.
process.on('unhandledRejection', () => {});
process.on('SIGTERM', () => process.exit(0));
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.address().port}`));
