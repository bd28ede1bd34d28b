// How a connection ends, and what both ends hear.
import assert from 'node:assert/strict';

import { until } from '../harness/until.mjs';
import { Api, failure } from './targets.mjs';

// What onRpcBroken() tells, with the name of what it was registered on.
function listen() {
  const heard = [];
  const on = (name, stub) => {
    stub.onRpcBroken((reason) => heard.push([name, reason instanceof Error ? reason.message : reason]));
    return stub;
  };
  return { heard, on };
}

class Main extends Api {
  hang() {
    return new Promise(() => {});
  }
}

export const scenarios = {
  async 'the server goes: everything is told, in order'({ open }) {
    const link = await open(new Main(), { ends: true });
    const { heard, on } = listen();
    on('main', link.api);
    const promise = on('promise', link.api.counter(0));
    const second = on('second', await link.api.counter(0));
    const first = on('first', await promise);
    const hanging = on('hanging', link.api.hang());
    const failed = on('failed', link.api.fail('at once'));
    await failure(failed);
    assert.deepStrictEqual(heard, [['failed', 'at once']]);
    on('late', failed);
    assert.deepStrictEqual(heard.at(-1), ['late', 'at once']);
    heard.length = 0;

    link.server.socket.close(4001, 'closing time');
    const reason = 'Peer closed WebSocket: 4001 closing time';
    assert.equal((await failure(hanging)).message, reason);
    assert.deepStrictEqual(heard, ['main', 'promise', 'second', 'first', 'hanging'].map((name) => [name, reason]));
    assert.equal((await failure(first.add(1))).message, reason);
    assert.equal((await failure(second.add(1))).message, reason);
  },

  async 'the server is cut off'({ open }) {
    const link = await open(new Main(), { ends: true });
    const hanging = failure(link.api.hang());
    await link.api.square(1);
    link.server.socket.terminate();
    assert.equal((await hanging).message, 'Peer closed WebSocket: 1006 ');
  },

  async 'the client goes: the server is told'({ open }) {
    const link = await open(new Api(), { clientMain: new Main(), ends: true });
    const { heard, on } = listen();
    on('client', link.callback);
    const hanging = failure(link.callback.hang());
    await link.callback.square(1);
    link.client.socket.close(4002, 'good night');
    assert.equal((await hanging).message, 'Peer closed WebSocket: 4002 good night');
    assert.deepStrictEqual(heard, [['client', 'Peer closed WebSocket: 4002 good night']]);
  },

  async 'an abort carries its reason, whatever it is'({ open }) {
    for (const [expression, told] of [
      ['["error","RangeError","enough"]', 'enough'],
      ['"just a text"', 'just a text'],
      ['{"code":5}', { code: 5 }],
    ]) {
      const link = await open(new Api(), { ends: true });
      const { heard, on } = listen();
      on('main', link.api);
      await link.api.square(1);
      link.server.socket.send(`["abort",${expression}]`);
      await until(() => heard.length === 1);
      assert.deepStrictEqual(heard, [['main', told]]);
    }
  },

  async 'an abort of the client, too'({ open }) {
    const link = await open(new Api(), { ends: true });
    const { heard, on } = listen();
    on('client', link.callback);
    await link.api.square(1);
    link.client.socket.send('["abort",["error","TypeError","no more"]]');
    await until(() => heard.length === 1);
    assert.deepStrictEqual(heard, [['client', 'no more']]);
  },

  async 'what was answered before the end arrives'({ open }) {
    const link = await open({ last: () => 'the last word' }, { ends: true });
    const answer = link.api.last().then((text) => text);
    await until(() => link.messages('server', 'sends').length === 1);
    link.server.socket.close(4003, 'that was all');
    assert.equal(await answer, 'the last word');
    assert.equal((await failure(link.api.last())).message, 'Peer closed WebSocket: 4003 that was all');
  },

  async 'one connection ends, the others live'({ open }) {
    const one = await open(new Main(), { ends: true });
    const other = await open(new Main());
    await one.api.square(1);
    one.server.socket.terminate();
    await failure(one.api.hang());
    assert.equal(await other.api.square(4), 16);
  },
};
