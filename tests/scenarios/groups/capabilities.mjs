// Objects and functions that travel.
import assert from 'node:assert/strict';

import { RpcStub, RpcTarget } from '../harness/capnweb.mjs';
import { until } from '../harness/until.mjs';
import { Api, Counter, dispose, failure } from './targets.mjs';

export const scenarios = {
  async 'an object as a result'({ open, own }) {
    const { api } = await open(new Api());
    const counter = own(await api.counter(4));
    assert.equal(await counter.add(), 5);
    assert.equal(await counter.add(4), 9);
    assert.equal(await counter.value, 9);
  },

  async 'a stub passed back to its owner'({ open, own }) {
    const { api } = await open(new Api());
    const counter = own(await api.counter(4));
    assert.equal(await api.add(counter, 1), 5);
    assert.equal(await api.add(counter, 4), 9);
  },

  async 'a stub that comes home'({ open, own }) {
    const { api } = await open({ wrap: (counter) => ({ counter: counter.dup() }) });
    const counter = new Counter(1);
    const { counter: back } = own(await api.wrap(counter));
    assert.equal(await back.add(2), 3);
    assert.equal(counter.value, 3);
  },

  async 'an object of the client'({ open }) {
    const { api } = await open(new Api());
    const counter = new Counter(10);
    assert.equal(await api.add(counter, 3), 13);
    assert.equal(counter.value, 13);
  },

  async 'functions, also asynchronous ones and such that fail'({ open }) {
    const { api } = await open(new Api());
    assert.deepStrictEqual(await api.callFunction((a, b) => a + b, 1, 2), { result: 3 });
    assert.deepStrictEqual(await api.callFunction(async (a) => (await null, a * a), 3), { result: 9 });
    const error = await failure(api.callFunction(() => {
      throw new TypeError('not today');
    }));
    assert.deepStrictEqual([error.name, error.message], ['TypeError', 'not today']);
  },

  async 'functions inside of results'({ open, own }) {
    const { api } = await open({ make: (by) => ({ times: (x) => x * by, deep: [{ plus: (x) => x + by }] }) });
    const made = own(await api.make(3));
    assert.equal(await made.times(5), 15);
    assert.equal(await made.deep[0].plus(5), 8);
  },

  async 'a callback that the server keeps'({ open }) {
    let kept;
    const { api } = await open({
      keep: (f) => void (kept = f.dup()),
      use: (x) => kept(x),
      drop: () => dispose(kept),
    });
    const heard = [];
    await api.keep((x) => heard.push(x));
    await api.use('a');
    await api.use('b');
    await api.drop();
    assert.deepStrictEqual(heard, ['a', 'b']);
  },

  async 'the same stub twice in one call'({ open, own }) {
    const { api } = await open({ both: async (a, b) => [await a.add(1), await b.add(1)] });
    const counter = own(new RpcStub(new Counter(0)));
    assert.deepStrictEqual(await api.both(counter, counter), [1, 2]);
  },

  async 'the main object as an argument'({ open }) {
    const { api } = await open({ ask: (main) => main.name(), name: () => 'main' });
    assert.equal(await api.ask(api), 'main');
  },

  async 'three parties'({ open, own }) {
    const alice = await open({ counter: () => new Counter(10) });
    const bob = await open(new Api());
    const counter = own(await alice.api.counter());
    assert.equal(await bob.api.add(counter, 3), 13);
    assert.equal(await bob.api.add(own(alice.api.counter()), 5), 15);
  },

  async 'three parties in a row'({ open, own }) {
    const alice = await open(new Api());
    class Bob extends RpcTarget {
      async counter(start) {
        return await alice.api.counter(start);
      }
      counterPromise(start) {
        return alice.api.counter(start);
      }
      add(counter, amount) {
        return alice.api.add(counter, amount);
      }
    }
    const bob = await open(new Bob());
    for (const counter of [await bob.api.counter(4), bob.api.counter(4), bob.api.counterPromise(4)])
      assert.equal(await own(counter).add(2), 6);
    const counter = new Counter(10);
    assert.equal(await bob.api.add(counter, 3), 13);
    assert.equal(counter.add(1), 14);
  },

  async 'a stub of another connection as the main object'({ open, own }) {
    const alice = await open(new Api());
    const bob = await open(alice.api.dup());
    assert.equal(await bob.api.square(5), 25);
    assert.deepStrictEqual(await own(bob.api.user(1)).friend, { id: 2 });
  },

  async 'each side calls the other in turn'({ open }) {
    class Player extends RpcTarget {
      async count(down, other) {
        return down === 0 ? [] : [down, ...await other.count(down - 1, this)];
      }
    }
    const { api } = await open(new Player());
    assert.deepStrictEqual(await api.count(6, new Player()), [6, 5, 4, 3, 2, 1]);
  },

  async 'a subscription that ends with its handle'({ open }) {
    const subscribers = new Set();
    class Subscription extends RpcTarget {
      constructor(callback) {
        super();
        this.#callback = callback;
        subscribers.add(callback);
      }
      #callback;
      [Symbol.dispose]() {
        subscribers.delete(this.#callback);
        dispose(this.#callback);
      }
    }
    const { api } = await open({ subscribe: (callback) => new Subscription(callback.dup()) });
    const heard = [];
    const subscription = await api.subscribe((text) => heard.push(text));
    for (const callback of subscribers) await callback('news');
    dispose(subscription);
    await until(() => subscribers.size === 0);
    assert.deepStrictEqual(heard, ['news']);
  },
};
