// Objects that many scenarios call.
import { RpcTarget } from '../harness/capnweb.mjs';

export class Counter extends RpcTarget {
  #count;
  constructor(count = 0) {
    super();
    this.#count = count;
  }
  add(amount = 1) {
    this.#count += amount;
    return this.#count;
  }
  get value() {
    return this.#count;
  }
}

export class Api extends RpcTarget {
  square(i) {
    return i * i;
  }
  counter(start) {
    return new Counter(start);
  }
  add(counter, amount) {
    return counter.add(amount);
  }
  async callFunction(f, ...args) {
    return { result: await f(...args) };
  }
  user(id) {
    return { id, name: `user ${id}`, tags: ['a', 'b'], friend: { id: id + 1 } };
  }
  range(length) {
    return Array.from({ length }, (_, i) => i);
  }
  give(value) {
    return value;
  }
  nothing() {
    return null;
  }
  notDefined() {}
  fail(text = 'failed') {
    throw new RangeError(text);
  }
  get title() {
    return 'the api';
  }
}

// Tells when it is disposed.
export class Disposable extends RpcTarget {
  disposals = 0;
  value() {
    return 42;
  }
  [Symbol.dispose]() {
    this.disposals++;
  }
}

// What a promise fails with.
export async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it must fail');
}

export function dispose(...disposables) {
  for (const disposable of disposables) disposable[Symbol.dispose]();
}
