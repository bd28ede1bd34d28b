// Calls on one reference arrive in the order in which they were made.
import assert from 'node:assert/strict';

import { RpcTarget } from '../harness/capnweb.mjs';

class Recorder extends RpcTarget {
  calls = [];
  note(i) {
    this.calls.push(i);
    return i;
  }
}

const upTo = (count) => Array.from({ length: count }, (_, i) => i + 1);

export const scenarios = {
  async 'on a stub'({ open }) {
    const recorder = new Recorder();
    const { api } = await open(recorder);
    await Promise.all(upTo(20).map((i) => api.note(i)));
    assert.deepStrictEqual(recorder.calls, upTo(20));
  },

  async 'on several methods of a promise'({ open, own }) {
    const calls = [];
    const { api } = await open({ get: () => ({ a: (i) => calls.push(i), b: (i) => calls.push(i) }) });
    const object = own(api.get());
    await Promise.all(upTo(8).map((i) => (i % 2 ? object.a(i) : object.b(i))));
    assert.deepStrictEqual(calls, upTo(8));
  },

  async 'on a promise while it resolves'({ open, own }) {
    const recorder = new Recorder();
    const { api } = await open({ get: async () => (await null, recorder) });
    const object = own(api.get());
    const stub = object.then((value) => value);
    const early = upTo(3).map((i) => object.note(i));
    await stub;
    const late = [4, 5, 6].map((i) => object.note(i));
    await Promise.all([...early, ...late]);
    assert.deepStrictEqual(recorder.calls, upTo(6));
  },

  async 'on a promise and then on what it has given'({ open, own }) {
    const recorder = new Recorder();
    const { api } = await open({ get: () => recorder });
    const object = own(api.get());
    const early = upTo(3).map((i) => object.note(i));
    const stub = own(await object);
    await Promise.all([...early, stub.note(4), object.note(5)]);
    assert.deepStrictEqual(recorder.calls, upTo(5));
  },

  async 'calls that wait for an argument let later ones pass'({ open, own }) {
    const recorder = new Recorder();
    let finish;
    const { api } = await open({ recorder, slow: () => new Promise((resolve) => (finish = resolve)) });
    const first = api.recorder.note(own(api.slow()));
    const second = api.recorder.note(2);
    assert.equal(await second, 2);
    finish(1);
    assert.equal(await first, 1);
    assert.deepStrictEqual(recorder.calls, [2, 1]);
  },

  async 'callbacks of the client'({ open }) {
    const { api } = await open({
      async run(f, count) {
        await Promise.all(Array.from({ length: count }, (_, i) => f(i + 1)));
      },
    });
    const calls = [];
    await api.run((i) => void calls.push(i), 20);
    assert.deepStrictEqual(calls, upTo(20));
  },

  async 'calls and answers that cross'({ open, own }) {
    const recorder = new Recorder();
    const { api } = await open({
      get: (f) => ({ recorder, heard: f('called') }),
    });
    const seen = [];
    const result = own(api.get((text) => void seen.push(text)));
    const calls = upTo(5).map((i) => result.recorder.note(i));
    await Promise.all(calls);
    await result.heard;
    assert.deepStrictEqual(seen, ['called']);
    assert.deepStrictEqual(recorder.calls, upTo(5));
  },
};
