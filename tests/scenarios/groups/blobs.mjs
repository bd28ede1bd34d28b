// Blobs.
import assert from 'node:assert/strict';

import { RpcTarget } from '../harness/capnweb.mjs';
import { dispose } from './targets.mjs';

class Copier extends RpcTarget {
  async copy(blob) {
    return new Blob([await blob.arrayBuffer()], { type: blob.type });
  }
}

async function bytes(blob) {
  return new Uint8Array(await blob.arrayBuffer());
}

async function checkCopy({ open, own }, parts, type) {
  const { api } = await open(new Copier());
  const original = new Blob(parts, { type });
  const copy = own(await api.copy(original));
  assert.ok(copy instanceof Blob);
  assert.equal(copy.type, original.type);
  assert.deepStrictEqual(await bytes(copy), await bytes(original));
}

export const scenarios = {
  'of text': (stage) => checkCopy(stage, ['<h1>hello</h1>'], 'text/html; charset=utf-8'),
  'of bytes, without a type': (stage) => checkCopy(stage, [Uint8Array.from({ length: 256 }, (_, i) => i)], ''),
  'that are empty': (stage) => checkCopy(stage, [], 'application/octet-stream'),
  'of several parts': (stage) => checkCopy(stage, ['a', new Uint8Array([0, 255]), 'b'], 'x/y'),
  'of a megabyte': (stage) => checkCopy(stage, [new Uint8Array(1024 * 1024).map((_, i) => i)], 'x/y'),

  async 'in a larger result'({ open }) {
    const { api } = await open({ get: () => ({ name: 'a.txt', blob: new Blob(['content'], { type: 'text/plain' }), size: 7 }) });
    const { name, blob, size } = await api.get();
    assert.deepStrictEqual([name, blob.type, await blob.text(), size], ['a.txt', 'text/plain', 'content', 7]);
  },

  async 'several in one call and in one result'({ open }) {
    const { api } = await open({
      join: async (a, b) => `${await a.text()}|${await b.text()}`,
      get: () => ['first', 'second', 'third'].map((text) => new Blob([text])),
    });
    assert.equal(await api.join(new Blob(['hello']), new Blob(['world'])), 'hello|world');
    const texts = await Promise.all((await api.get()).map((blob) => blob.text()));
    assert.deepStrictEqual(texts, ['first', 'second', 'third']);
  },

  async 'that nobody reads'({ open }) {
    const { api } = await open({ get: () => new Blob(['unread']) });
    const blob = await api.get();
    assert.ok(blob instanceof Blob);
    dispose(blob);
  },

  async 'travel as a pipe'({ open }) {
    const link = await open({ take: () => 'ok' });
    await link.api.take(new Blob(['x'], { type: 'text/plain' }));
    // In the call itself, or, where a middle party has waited for the whole, behind it.
    const heard = link.messages('server', 'hears');
    assert.ok(heard.some(([type]) => type === 'pipe'));
    assert.match(JSON.stringify(heard), /\["blob","text\/plain",\["readable",\d+\]\]/);
  },
};
