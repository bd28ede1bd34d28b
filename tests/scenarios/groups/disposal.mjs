// Who holds what, and for how long.
import assert from 'node:assert/strict';

import { RpcTarget } from '../harness/capnweb.mjs';
import { until } from '../harness/until.mjs';
import { Api, Disposable, dispose, failure } from './targets.mjs';

export const scenarios = {
  async 'the object of a stub'({ open }) {
    const object = new Disposable();
    const { api } = await open({ get: () => object });
    const stub = await api.get();
    assert.equal(await stub.value(), 42);
    assert.equal(object.disposals, 0);
    dispose(stub);
    await until(() => object.disposals === 1);
  },

  async 'once for each appearance in a result'({ open }) {
    const object = new Disposable();
    const { api } = await open({ get: () => [object, object, object] });
    const result = await api.get();
    for (const stub of result) assert.equal(await stub.value(), 42);
    assert.ok(object.disposals < 3);
    dispose(result);
    await until(() => object.disposals === 3);
  },

  async 'an object that was an argument'({ open }) {
    const object = new Disposable();
    const { api } = await open({ use: (stub) => stub.value() });
    assert.equal(await api.use(object), 42);
    await until(() => object.disposals === 1);
  },

  async 'an argument that the server keeps'({ open }) {
    const object = new Disposable();
    let kept;
    const { api } = await open({ keep: (stub) => void (kept = stub.dup()) });
    await api.keep(object);
    assert.equal(await kept.value(), 42);
    assert.equal(object.disposals, 0);
    dispose(kept);
    await until(() => object.disposals === 1);
  },

  async 'an argument with dup() is duplicated'({ open }) {
    const copies = [];
    class Copied extends Disposable {
      dup() {
        copies.push(new Disposable());
        return copies.at(-1);
      }
    }
    const original = new Copied();
    const { api } = await open({ use: (stub) => stub.value() });
    assert.equal(await api.use(original), 42);
    assert.equal(await api.use(original), 42);
    await until(() => copies.every(({ disposals }) => disposals === 1));
    assert.equal(copies.length, 2);
    assert.equal(original.disposals, 0);
  },

  async 'the last duplicate'({ open }) {
    const object = new Disposable();
    const { api } = await open({ get: () => object, ping: () => 1 });
    const stub = await api.get();
    const copies = [stub, stub.dup(), stub.dup()];
    for (const copy of copies) {
      await api.ping();
      assert.equal(object.disposals, 0);
      dispose(copy, copy); // twice does no harm
    }
    await until(() => object.disposals === 1);
  },

  async 'a promise that nobody waits for'({ open }) {
    const object = new Disposable();
    const { api } = await open({ get: () => object });
    dispose(api.get());
    await until(() => object.disposals === 1);
  },

  async 'a promise while its call runs'({ open }) {
    let finish;
    const { api } = await open({ slow: () => new Promise((resolve) => (finish = resolve)), ping: () => 1 });
    const promise = api.slow();
    const failed = failure(promise);
    await api.ping();
    dispose(promise);
    assert.match((await failed).message, /disposed/);
    finish(5);
    assert.equal(await api.ping(), 1);
  },

  async 'all objects when the connection is cut'({ open }) {
    const main = new Disposable();
    const held = new Disposable();
    class Main extends RpcTarget {
      get() {
        return held;
      }
      hang() {
        return new Promise(() => {});
      }
      [Symbol.dispose]() {
        main.disposals++;
      }
    }
    const link = await open(new Main(), { ends: true });
    const stub = await link.api.get();
    const hanging = failure(link.api.hang());
    link.client.socket.terminate();
    assert.equal((await hanging).message, 'Peer closed WebSocket: 1006 ');
    assert.equal((await failure(stub.value())).message, 'Peer closed WebSocket: 1006 ');
    await until(() => main.disposals === 1 && held.disposals === 1);
  },

  async 'all objects of the client, too'({ open }) {
    const object = new Disposable();
    let kept;
    const link = await open({ keep: (stub) => void (kept = stub.dup()) }, { ends: true });
    await link.api.keep(object);
    link.server.socket.terminate();
    await until(() => object.disposals === 1);
    assert.equal((await failure(kept.value())).message, 'Peer closed WebSocket: 1006 ');
  },

  async 'the main stub ends the connection'({ open }) {
    const main = new Disposable();
    class Main extends Api {
      [Symbol.dispose]() {
        main.disposals++;
      }
    }
    const link = await open(new Main(), { ends: true });
    const reasons = [];
    link.callback.onRpcBroken((reason) => reasons.push(reason.message));
    const counter = await link.api.counter(0);
    dispose(link.api);
    const text = 'RPC session was shut down by disposing the main stub';
    assert.equal((await failure(counter.add(1))).message, text);
    await until(() => main.disposals === 1 && reasons.length === 1);
    assert.deepStrictEqual(reasons, [`Peer closed WebSocket: 3000 ${text}`]);
  },
};
