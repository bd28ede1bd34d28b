// Streams that one side reads and the other feeds.
import assert from 'node:assert/strict';

import { RpcTarget } from '../harness/capnweb.mjs';
import { until } from '../harness/until.mjs';
import { Counter, Disposable, dispose, failure } from './targets.mjs';

function source(...chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}

async function read(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

class Reader extends RpcTarget {
  read(stream) {
    return read(stream);
  }
  async first(stream, reason) {
    const reader = stream.getReader();
    const { value } = await reader.read();
    await reader.cancel(reason);
    return value;
  }
}

export const scenarios = {
  async 'as an argument'({ open }) {
    const { api } = await open(new Reader());
    assert.deepStrictEqual(await api.read(source('a', 'b')), ['a', 'b']);
    assert.deepStrictEqual(await api.read(source()), []);
  },

  async 'as a result'({ open }) {
    const { api } = await open({ get: () => source('from', 'the', 'server') });
    assert.deepStrictEqual(await read(await api.get()), ['from', 'the', 'server']);
  },

  async 'inside of objects, both ways'({ open }) {
    const { api } = await open({
      join: async ({ from, by }) => (await read(from)).join(by),
      get: () => ({ stream: source(1, 2), name: 'x' }),
    });
    assert.equal(await api.join({ from: source('a', 'b'), by: '-' }), 'a-b');
    const { stream, name } = await api.get();
    assert.equal(name, 'x');
    assert.deepStrictEqual(await read(stream), [1, 2]);
  },

  async 'with chunks of any kind'({ open }) {
    const { api } = await open({ get: () => source({ x: 1 }, [1, [2]], new Date(5), 7n) });
    const [object, ...others] = await read(await api.get());
    assert.equal(object.x, 1);
    assert.deepStrictEqual(others, [[1, [2]], new Date(5), 7n]);
  },

  async 'that are read in part'({ open }) {
    const { api } = await open(new Reader());
    assert.equal(await api.first(source('first', 'second')), 'first');
  },

  async 'that fail tell their reader'({ open }) {
    const { api } = await open({
      async get() {
        let count = 0;
        return new ReadableStream({
          pull(controller) {
            if (++count === 1) return controller.enqueue('fine');
            controller.error(new RangeError('the source dried up'));
          },
        }, { highWaterMark: 0 });
      },
    });
    const reader = (await api.get()).getReader();
    assert.match((await failure((async () => {
      for (;;) await reader.read();
    })())).message, /the source dried up/);
  },

  async 'that their reader cancels tell their source'({ open }) {
    let reason;
    const { api } = await open(new Reader());
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue('more'),
      cancel: (why) => (reason = why),
    });
    assert.equal(await api.first(endless, new Error('enough')), 'more');
    await until(() => reason !== undefined);
    assert.equal(reason.message, 'enough');
  },

  async 'that nobody reads are cancelled with their result'({ open }) {
    let cancelled = false;
    const { api } = await open({
      get: () => new ReadableStream({
        start(controller) {
          controller.enqueue('one');
          controller.enqueue('two');
        },
        cancel: () => void (cancelled = true),
      }),
    }, { ends: true }); // the reference leaks an entry of its own here
    const result = await api.get();
    dispose(result);
    await until(() => cancelled);
  },

  async 'of many chunks'({ open }) {
    const { api } = await open({ get: (count) => source(...Array.from({ length: count }, (_, i) => i)) });
    assert.deepStrictEqual(await read(await api.get(300)), Array.from({ length: 300 }, (_, i) => i));
  },

  async 'of large chunks, more than any window holds'({ open }) {
    const chunk = new Uint8Array(100_000).fill(7);
    let count = 0;
    const { api } = await open({
      get: () => new ReadableStream({
        pull(controller) {
          controller.enqueue(chunk);
          if (++count === 30) controller.close();
        },
      }, { highWaterMark: 0 }),
    });
    let size = 0;
    for await (const bytes of await api.get()) size += bytes.length;
    assert.equal(size, 3_000_000);
  },

  async 'slow their source down'({ open }) {
    let made = 0;
    const { api } = await open({
      get: () => new ReadableStream({
        pull(controller) {
          controller.enqueue('x'.repeat(40_000));
          if (++made === 200) controller.close();
        },
      }, { highWaterMark: 0 }),
    });
    const reader = (await api.get()).getReader();
    await reader.read();
    let seen = -1;
    await until(() => seen === (seen = made) && made < 200);
    assert.ok(made < 100, `${made} of 200 chunks were made for a reader that has read one`);
    let chunks = 1;
    while (!(await reader.read()).done) chunks++;
    assert.equal(chunks, 200);
  },

  async 'through the server back to the client'({ open }) {
    const { api } = await open({
      async double(from, to) {
        const writer = to.getWriter();
        for await (const chunk of from) await writer.write(chunk * 2);
        await writer.close();
      },
    });
    const chunks = [];
    await api.double(source(1, 2, 3), new WritableStream({ write: (chunk) => void chunks.push(chunk) }));
    assert.deepStrictEqual(chunks, [2, 4, 6]);
  },

  async 'of objects, which are called'({ open }) {
    const { api } = await open({
      async sum(stream) {
        let sum = 0;
        for await (const counter of stream) {
          sum += await counter.add(1);
          dispose(counter);
        }
        return sum;
      },
      get: () => source(new Counter(1), new Counter(2)),
    });
    assert.equal(await api.sum(source(new Counter(10), new Counter(20), new Counter(30))), 63);
    const sums = [];
    for await (const counter of await api.get()) {
      sums.push(await counter.add(1));
      dispose(counter);
    }
    assert.deepStrictEqual(sums, [2, 3]);
  },

  async 'of objects, which are disposed'({ open }) {
    const objects = [new Disposable(), new Disposable()];
    const { api } = await open({ get: () => source(...objects) });
    for await (const object of await api.get()) {
      assert.equal(await object.value(), 42);
      dispose(object);
    }
    await until(() => objects.every(({ disposals }) => disposals === 1));
  },
};
