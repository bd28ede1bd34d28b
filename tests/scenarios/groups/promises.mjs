// Promises of the application's own: new RpcPromise(promise).
import assert from 'node:assert/strict';

import { RpcPromise, RpcStub } from '../harness/capnweb.mjs';
import { until } from '../harness/until.mjs';
import { Api, Counter, Disposable, dispose, failure } from './targets.mjs';

function withResolver() {
  let resolve, reject;
  const promise = new Promise((...both) => ([resolve, reject] = both));
  return { promise, resolve, reject };
}
const pulls = (link) => link.messages('client', 'sends').filter(([type]) => type === 'pull').length;

export const scenarios = {
  async 'calls wait for it, and only their results are pulled'({ open, own }) {
    const link = await open(new Api());
    const { promise, resolve } = withResolver();
    const api = own(new RpcPromise(promise));
    const sum = own(api.counter(1)).add(2);
    resolve(link.api.dup());
    assert.equal(await sum, 3);
    assert.equal(pulls(link), 1);
  },

  async 'it may become an object, a stub, a value'({ open, own }) {
    const { api } = await open(new Api());
    assert.equal(await own(new RpcPromise(Promise.resolve(new Counter(1)))).add(), 2);
    assert.equal(await own(new RpcPromise(Promise.resolve(api.dup()))).square(3), 9);
    assert.equal(await own(new RpcPromise(Promise.resolve({ x: { y: 5 } }))).x.y, 5);
    assert.deepStrictEqual(await own(new RpcPromise(Promise.resolve({ x: 1 }))), { x: 1 });
  },

  async 'as an argument, before and after it settles'({ open, own }) {
    const { api } = await open(new Api());
    const { promise, resolve } = withResolver();
    const number = own(new RpcPromise(promise));
    const early = api.square(number);
    resolve(4);
    assert.equal(await early, 16);
    assert.equal(await api.square(number), 16);
  },

  async 'as an argument that turns out to be an object'({ open, own }) {
    const { api } = await open(new Api());
    const { promise, resolve } = withResolver();
    const sum = api.add(own(new RpcPromise(promise)), 3);
    resolve(new RpcStub(new Counter(1)));
    assert.equal(await sum, 4);
  },

  async 'inside of a result'({ open, own }) {
    const { promise, resolve } = withResolver();
    const { api } = await open({ get: () => ({ later: new RpcPromise(promise), now: 1 }) });
    const result = api.get();
    const got = result.then((value) => value);
    resolve('here');
    assert.deepStrictEqual({ ...own(await got) }, { later: 'here', now: 1 });
  },

  async 'that fails'({ open, own }) {
    const { api } = await open(new Api());
    const { promise, reject } = withResolver();
    const broken = own(new RpcPromise(promise));
    const reasons = [];
    broken.onRpcBroken((reason) => reasons.push(reason.message));
    const call = failure(broken.add());
    const argument = failure(api.square(broken));
    reject(new RangeError('nope'));
    assert.equal((await call).message, 'nope');
    assert.equal((await argument).message, 'nope');
    assert.equal((await failure(broken)).message, 'nope');
    assert.deepStrictEqual(reasons, ['nope']);
  },

  async 'that nobody uses'({ open }) {
    const object = new Disposable();
    const { promise, resolve } = withResolver();
    dispose(new RpcPromise(promise));
    resolve(object);
    await until(() => object.disposals === 1);
    const { api } = await open(new Api());
    assert.equal(await api.square(1), 1);
  },

  async 'around a promise of a call, which stays lazy'({ open, own }) {
    const link = await open(new Api());
    const counter = own(new RpcPromise(link.api.counter(1)));
    assert.equal(await counter.add(2), 3);
    assert.equal(pulls(link), 1);
  },

  async 'around a property'({ open, own }) {
    const link = await open(new Api());
    const counter = own(link.api.counter(5));
    const source = counter.value;
    const wrapped = new RpcPromise(source);
    assert.equal(await wrapped, 5);
    assert.equal(await source, 5);
  },

  async 'is broken when what it has become is'({ open, own }) {
    const link = await open(new Api(), { ends: true });
    const stub = own(new RpcPromise(Promise.resolve(link.api.dup())));
    await stub.square(1);
    const reasons = [];
    stub.onRpcBroken((reason) => reasons.push(reason.message));
    link.server.socket.terminate();
    await until(() => reasons.length === 1);
    assert.deepStrictEqual(reasons, ['Peer closed WebSocket: 1006 ']);
  },
};
