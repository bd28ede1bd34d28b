// Streams that the server writes to.
import assert from 'node:assert/strict';

import { RpcTarget } from '../harness/capnweb.mjs';
import { until } from '../harness/until.mjs';
import { Counter, dispose, failure } from './targets.mjs';

// A stream that keeps what is written to it.
function sink({ failAt = Infinity } = {}) {
  const seen = { chunks: [], closed: false, reason: undefined };
  seen.stream = new WritableStream({
    write(chunk) {
      if (seen.chunks.length + 1 >= failAt) throw new RangeError('the disk is full');
      seen.chunks.push(chunk);
    },
    close() {
      seen.closed = true;
    },
    abort(reason) {
      seen.reason = reason;
    },
  });
  return seen;
}

class Writer extends RpcTarget {
  async write(stream, ...chunks) {
    const writer = stream.getWriter();
    for (const chunk of chunks) await writer.write(chunk);
    await writer.close();
    return chunks.length;
  }
}

export const scenarios = {
  async 'are written and closed'({ open }) {
    const { api } = await open(new Writer());
    const out = sink();
    assert.equal(await api.write(out.stream, 'a', 'b'), 2);
    assert.deepStrictEqual(out.chunks, ['a', 'b']);
    assert.ok(out.closed);
  },

  async 'take chunks of any kind'({ open }) {
    const { api } = await open(new Writer());
    const out = sink();
    const chunks = [{ x: [1] }, [1, [2]], new Date(5), null, 7n, new Uint8Array([1, 2])];
    await api.write(out.stream, ...chunks);
    const [object, ...others] = out.chunks;
    assert.deepStrictEqual({ ...object }, chunks[0]);
    assert.deepStrictEqual([...others.slice(0, -1), new Uint8Array(others.at(-1))], chunks.slice(1));
  },

  async 'inside of an object'({ open }) {
    const { api } = await open({
      async fill({ to, label }) {
        const writer = to.getWriter();
        await writer.write(`${label}!`);
        await writer.close();
        return 'done';
      },
    });
    const out = sink();
    assert.equal(await api.fill({ to: out.stream, label: 'x' }), 'done');
    assert.deepStrictEqual(out.chunks, ['x!']);
  },

  async 'that fail tell their writer'({ open }) {
    const { api } = await open(new Writer());
    const out = sink({ failAt: 3 });
    assert.equal((await failure(api.write(out.stream, 1, 2, 3, 4))).message, 'the disk is full');
    assert.deepStrictEqual(out.chunks, [1, 2]);
  },

  async 'are aborted by their writer'({ open }) {
    const { api } = await open({
      async write(stream) {
        const writer = stream.getWriter();
        await writer.write('x');
        await writer.abort('changed my mind');
      },
    });
    const out = sink();
    await api.write(out.stream);
    await until(() => out.reason !== undefined);
    assert.equal(out.reason, 'changed my mind');
    assert.ok(!out.closed);
  },

  async 'are aborted when their writer forgets them'({ open }) {
    const { api } = await open({
      write(stream) {
        stream.getWriter().write('x');
      },
    });
    const out = sink();
    await api.write(out.stream);
    await until(() => out.reason !== undefined);
    assert.match(out.reason.message, /without calling close/);
  },

  async 'are aborted when the connection ends'({ open }) {
    const link = await open({
      async write(stream) {
        await stream.getWriter().write('x');
        await new Promise(() => {});
      },
    }, { ends: true });
    const out = sink();
    const failed = failure(link.api.write(out.stream));
    await until(() => out.chunks.length === 1);
    dispose(link.api);
    await failed;
    await until(() => out.reason !== undefined);
  },

  async 'take many chunks that nobody waits for one by one'({ open }) {
    const { api } = await open({
      async fill(stream, count) {
        const writer = stream.getWriter();
        const writes = Array.from({ length: count }, (_, i) => writer.write(i));
        await Promise.all([...writes, writer.close()]);
      },
    });
    const out = sink();
    await api.fill(out.stream, 200);
    assert.deepStrictEqual(out.chunks, Array.from({ length: 200 }, (_, i) => i));
  },

  async 'cost stream messages only'({ open }) {
    const link = await open(new Writer());
    const out = sink();
    await link.api.write(out.stream, 'a', 'b');
    const types = link.messages('client', 'hears').map(([type]) => type);
    assert.equal(types.filter((type) => type === 'stream').length, 3);
    assert.equal(types.filter((type) => type === 'push').length, 0);
    assert.equal(link.messages('client', 'sends').filter(([type]) => type === 'pull').length, 1);
  },

  async 'slow their writer down'({ open }) {
    let written = 0;
    const { api } = await open({
      async fill(stream) {
        const writer = stream.getWriter();
        for (let i = 0; i < 200; i++, written++) await writer.write('x'.repeat(40_000));
        await writer.close();
      },
    });
    let open_;
    const gate = new Promise((resolve) => (open_ = resolve));
    let chunks = 0;
    const filled = api.fill(new WritableStream({
      async write() {
        await gate;
        chunks++;
      },
    }));
    let seen = -1;
    await until(() => seen === (seen = written) && written > 0 && written < 200);
    assert.ok(written < 100, `${written} of 200 chunks were written to a sink that takes none`);
    open_();
    await filled;
    assert.equal(chunks, 200);
  },

  async 'take objects, which are called'({ open }) {
    const { api } = await open({
      async write(stream) {
        const writer = stream.getWriter();
        await writer.write(new Counter(5));
        await writer.close();
      },
    });
    const sums = [];
    await api.write(new WritableStream({
      async write(counter) {
        sums.push(await counter.add(1));
        dispose(counter);
      },
    }));
    assert.deepStrictEqual(sums, [6]);
  },
};
