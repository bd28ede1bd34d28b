// Calls and properties.
import assert from 'node:assert/strict';

import { RpcTarget } from '../harness/capnweb.mjs';
import { Api, failure } from './targets.mjs';

class Plain {}

const sample = {
  text: 'naïve \u{1f600} \ud800', number: 1.5, huge: 2n ** 70n, yes: true, none: null,
  missing: undefined, nan: NaN, infinite: -Infinity, when: new Date(1234), list: [[1], [[2]], []],
  bytes: new Uint8Array([0, 127, 255]), floats: new Float32Array([1.5, -2]), place: new URL('http://example.org/a?b#c'),
};

export const scenarios = {
  async 'a call'({ open }) {
    const { api } = await open(new Api());
    assert.equal(await api.square(3), 9);
  },

  async 'values of every kind, both ways'({ open }) {
    let seen;
    const { api } = await open(new (class extends RpcTarget {
      echo(value) {
        seen = value;
        return value;
      }
    })());
    const back = await api.echo(sample);
    for (const value of [seen, back])
      assert.deepStrictEqual({ ...value, bytes: new Uint8Array(value.bytes) }, sample);
  },

  async 'properties, also those that are not there'({ open, own }) {
    const { api } = await open(new Api());
    assert.equal(await api.title, 'the api');
    assert.equal(await own(api.user(3)).friend.id, 4);
    assert.equal(await api.nope, undefined);
    assert.match((await failure(api.nope())).message, /'nope' is not a function/);
    assert.match((await failure(api.nope.deeper)).message, /reading 'deeper'/);
  },

  async 'instance properties stay private'({ open }) {
    class Secretive extends RpcTarget {
      secret = 5;
      #hidden = 6;
      open() {
        return this.secret + this.#hidden;
      }
    }
    const { api } = await open(new Secretive());
    assert.equal(await api.open(), 11);
    assert.match((await failure(api.secret)).message, /which is an instance property of the RpcTarget/);
  },

  async 'a plain object or a function as the main object'({ open }) {
    const object = await open({ data: [1, 2], twice: (x) => 2 * x });
    assert.deepStrictEqual(await object.api.data, [1, 2]);
    assert.equal(await object.api.twice(4), 8);
    const fn = await open((a, b) => a + b);
    assert.equal(await fn.api(1, 2), 3);
  },

  async 'the server calls the client'({ open }) {
    const { callback } = await open(new Api(), { clientMain: new Api() });
    assert.equal(await callback.square(4), 16);
  },

  async 'nobody there to be called'({ open }) {
    const { callback } = await open(new Api());
    assert.equal((await failure(callback.square(4))).message, 'This connection has no main object.');
  },

  async 'arguments and results that cannot be sent'({ open }) {
    const { api } = await open({ bad: () => new Plain(), good: () => 1 });
    assert.throws(() => api.good(new Plain()), TypeError);
    assert.ok((await failure(api.bad())) instanceof TypeError);
    assert.equal(await api.good(), 1);
  },

  async 'then, catch and finally'({ open }) {
    const { api } = await open(new Api());
    let finished = 0;
    assert.equal(await api.square(3).then((x) => x + 1), 10);
    assert.equal(await api.fail().catch((error) => error.message), 'failed');
    await api.square(3).finally(() => finished++);
    assert.ok((await failure(api.fail().finally(() => finished++))) instanceof RangeError);
    assert.equal(finished, 2);
  },

  async 'a message of a megabyte'({ open }) {
    const { api } = await open(new Api());
    const text = 'x'.repeat(1024 * 1024);
    assert.equal(await api.give(text), text);
  },
};
