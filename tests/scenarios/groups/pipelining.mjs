// Results that are used before they have come.
import assert from 'node:assert/strict';

import { RpcTarget } from '../harness/capnweb.mjs';
import { until } from '../harness/until.mjs';
import { Api, Counter, failure } from './targets.mjs';

export const scenarios = {
  async 'a promise as an argument'({ open, own }) {
    const { api } = await open(new Api());
    assert.equal(await api.square(own(api.square(2))), 16);
  },

  async 'a property of a promise as an argument'({ open, own }) {
    const { api } = await open(new Api());
    const user = own(api.user(3));
    assert.equal(await api.square(user.friend.id), 16);
    assert.deepStrictEqual(await api.give({ list: [user.name, user.id] }), { list: ['user 3', 3] });
  },

  async 'calls on a promise'({ open, own }) {
    const { api } = await open(new Api());
    const counter = own(api.counter(4));
    const sums = [counter.add(), counter.add(4)];
    assert.deepStrictEqual(await Promise.all(sums), [5, 9]);
    assert.equal(await counter.value, 9);
  },

  async 'a chain costs one round trip'({ open, own }) {
    class Step extends RpcTarget {
      constructor(depth = 0) {
        super();
        this.#depth = depth;
      }
      #depth;
      next() {
        return new Step(this.#depth + 1);
      }
      depth() {
        return this.#depth;
      }
    }
    const link = await open(new Step());
    link.server.hold();
    const steps = [own(link.api.next())];
    for (let i = 0; i < 4; i++) steps.push(own(steps.at(-1).next()));
    const depth = steps.at(-1).depth();
    const pulled = depth.then((value) => value);
    await until(() => link.messages('client', 'sends').length === 7);
    link.server.release();
    assert.equal(await pulled, 5);
    // The server has heard all of it before it said anything, and the client asked for all of it
    // before it heard anything.
    const spoken = (end, what) => link.log.findIndex((e) => e.from.startsWith(end) && e.what === what);
    const heard = link.log.filter((e) => e.from.startsWith('server') && e.what === 'hears');
    assert.ok(link.log.indexOf(heard[6]) < spoken('server', 'sends'));
    assert.ok(spoken('client', 'hears') > link.log.indexOf(heard[6]));
  },

  async 'a promise of the client as an argument'({ open, own }) {
    const { api } = await open(new Api());
    const other = await open(new Api());
    assert.equal(await api.square(own(other.api.square(2))), 16);
  },

  async 'a method that returns a promise of its caller'({ open }) {
    const { api } = await open({
      root: (f) => f(1),
      nested: (f) => ({ here: f(2) }),
    });
    assert.equal(await api.root((x) => x + 5), 6);
    assert.deepStrictEqual(await api.nested((x) => x + 5), { here: 7 });
  },

  async 'a method that returns a promise of the main object'({ open }) {
    const { api } = await open({ call: (main, x) => ({ result: main.square(x) }), square: (x) => x * x });
    assert.deepStrictEqual(await api.call(api, 3), { result: 9 });
  },

  async 'promises that settle late and in another order'({ open }) {
    const resolvers = [];
    const { api } = await open({
      wait: () => new Promise((resolve) => resolvers.push(resolve)),
      let: (i, value) => void resolvers[i](value),
    });
    const waiting = [api.wait(), api.wait(), api.wait()].map((promise) => promise.then((value) => value));
    const order = [];
    waiting.forEach((promise, i) => promise.then(() => order.push(i)));
    for (const i of [2, 0, 1]) {
      await api.let(i, i * 10);
      await waiting[i];
    }
    assert.deepStrictEqual(await Promise.all(waiting), [0, 10, 20]);
    assert.deepStrictEqual(order, [2, 0, 1]);
  },

  async 'what a promise has given is used on'({ open, own }) {
    const { api } = await open({ make: () => ({ counter: new Counter(1), data: { x: [1, 2] } }) });
    const promise = own(api.make());
    const made = await promise;
    assert.equal(await promise.counter.add(1), 2);
    assert.equal(await made.counter.add(1), 3);
    assert.deepStrictEqual(await promise.data.x, [1, 2]);
    assert.match((await failure(promise.data.nope())).message, /is not a function/);
  },

  async 'errors of what was pipelined on'({ open, own }) {
    const { api } = await open(new Api());
    const failed = own(api.fail('no such thing'));
    assert.equal((await failure(own(failed.square(5)))).message, 'no such thing');
    assert.equal((await failure(own(api.square(failed)))).message, 'no such thing');
    assert.equal((await failure(failed.deep.down)).message, 'no such thing');
  },

  async 'failures that nobody waits for disturb nobody'({ open }) {
    const { api } = await open(new Api());
    const first = api.fail();
    const second = api.square(first);
    await api.square(1);
    assert.equal((await failure(first)).message, 'failed');
    assert.equal((await failure(second)).message, 'failed');
  },

  async 'a hundred calls at once'({ open }) {
    const { api } = await open(new Api());
    const squares = await Promise.all(Array.from({ length: 100 }, (_, i) => api.square(i)));
    assert.deepStrictEqual(squares, Array.from({ length: 100 }, (_, i) => i * i));
  },
};
