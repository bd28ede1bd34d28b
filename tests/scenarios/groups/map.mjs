// map(): callbacks that run where the value is.
import assert from 'node:assert/strict';

import { RpcStub } from '../harness/capnweb.mjs';
import { Api, Counter, failure } from './targets.mjs';

export const scenarios = {
  async 'over nothing and over a single value'({ open, own }) {
    const { api } = await open(new Api());
    const counter = own(new RpcStub(new Counter(0)));
    assert.equal(await own(api.nothing()).map(() => counter.add(100)), null);
    assert.equal(await own(api.notDefined()).map(() => counter.add(100)), undefined);
    assert.equal(await own(api.give(2)).map((i) => counter.add(i)), 2);
    assert.equal(await own(api.give(4)).map((i) => counter.add(i)), 6);
  },

  async 'over an array, with objects of both sides'({ open, own }) {
    const { api } = await open(new Api());
    const calls = own(new RpcStub(new Counter(0)));
    const made = own(await own(api.range(6)).map((i) => {
      const counter = api.counter(i);
      const sum = counter.add(3);
      calls.add();
      return { counter, sum };
    }));
    assert.deepStrictEqual(made.map(({ sum }) => sum), [3, 4, 5, 6, 7, 8]);
    assert.deepStrictEqual(await Promise.all(made.map(({ counter }) => counter.value)), [3, 4, 5, 6, 7, 8]);
    assert.equal(await calls.value, 6);
  },

  async 'over an empty array'({ open, own }) {
    const { api } = await open(new Api());
    assert.deepStrictEqual(await own(api.range(0)).map((i) => api.square(i)), []);
  },

  async 'inside of a map'({ open, own }) {
    const { api } = await open(new Api());
    const table = await own(api.range(4)).map((i) => api.range(i).map((j) => api.square(j)));
    assert.deepStrictEqual(table, [[], [0], [0, 1], [0, 1, 4]]);
  },

  async 'over a property, to parts of each element'({ open }) {
    const { api } = await open({ teams: [{ name: 'a', size: 1 }, { name: 'b', size: 2 }], double: (x) => 2 * x });
    assert.deepStrictEqual(await api.teams.map((team) => [team.name, api.double(team.size)]), [['a', 2], ['b', 4]]);
  },

  async 'to the element itself and to constants'({ open, own }) {
    const { api } = await open(new Api());
    assert.deepStrictEqual(await own(api.range(3)).map((i) => i), [0, 1, 2]);
    assert.deepStrictEqual(await own(api.range(2)).map(() => ({ x: 5, d: new Date(7) })),
      [{ x: 5, d: new Date(7) }, { x: 5, d: new Date(7) }]);
  },

  async 'with a stub of the client captured'({ open, own }) {
    const { api } = await open(new Api());
    const log = [];
    const note = own(new RpcStub((i) => log.push(i)));
    assert.deepStrictEqual(await own(api.range(3)).map((i) => [i, note(i)]), [[0, 1], [1, 2], [2, 3]]);
    assert.deepStrictEqual(log, [0, 1, 2]);
  },

  async 'with a stub of another server captured'({ open, own }) {
    const { api } = await open(new Api());
    const other = await open(new Api());
    assert.deepStrictEqual(await own(api.range(3)).map((i) => other.api.square(i)), [0, 1, 4]);
  },

  async 'over the objects of an array'({ open, own }) {
    const { api } = await open({ counters: () => [new Counter(1), new Counter(2)] });
    assert.deepStrictEqual(await own(api.counters()).map((counter) => counter.add(10)), [11, 12]);
  },

  async 'the first failure fails it'({ open, own }) {
    const { api } = await open(new Api());
    const error = await failure(own(api.range(3)).map((i) => api.fail(i)));
    assert.ok(error instanceof RangeError);
    const empty = own(api.fail('no list'));
    assert.equal((await failure(empty.map((i) => api.square(i)))).message, 'no list');
  },

  async 'over what has already come'({ open, own }) {
    const { api } = await open(new Api());
    const range = own(api.range(3));
    await range;
    assert.deepStrictEqual(await range.map((i) => api.square(i)), [0, 1, 4]);
  },
};
