// Messages that no honest peer sends. The one who sends them is told, and so is who is behind.
import assert from 'node:assert/strict';

import { deserialize } from '../harness/capnweb.mjs';
import { until } from '../harness/until.mjs';
import { Api, failure } from './targets.mjs';

const rows = [
  ['no JSON', 'foo', ['SyntaxError']],
  ['an unknown message', '["foo",1]', ['Error', 'bad RPC message: ["foo",1]']],
  ['no message', '{}', ['Error', 'bad RPC message: {}']],
  ['an unknown expression', '["push",["foo"]]', ['TypeError', 'unknown special value: ["foo"]']],
  ['an unknown id', '["push",["pipeline",5,["x"],[]]]', ['Error', 'no such entry on exports table: 5']],
  ['a pull of nothing', '["pull",7]', ['Error', 'no such export ID: 7']],
  ['a release of nothing', '["release",9,1]', ['Error', 'no such export ID: 9']],
  ['a path that is none', '["push",["pipeline",0,"square",[3]]]',
    ['TypeError', 'unknown special value: ["pipeline",0,"square",[3]]']],
  ['a bad bigint', '["push",["bigint","1.5"]]', ['SyntaxError', 'Cannot convert 1.5 to a BigInt']],
  ['a readable that is no pipe', '["push",["readable",3]]',
    ['Error', 'Export 3 is not a pipe or its readable end was already consumed.']],
  ['a value too deep', `["push",${'[['.repeat(300)}1${']]'.repeat(300)}]`,
    ['TypeError', 'Deserialization exceeded maximum allowed message depth of 256.']],
];

// One end sends the message raw; both ends hear the same reason.
async function refuse(open, sender, message, [type, text]) {
  const link = await open(new Api(), { clientMain: new Api(), ends: true });
  const heard = { client: [], server: [] };
  link.api.onRpcBroken((reason) => heard.client.push(reason));
  link.callback.onRpcBroken((reason) => heard.server.push(reason));
  await link.api.square(1);
  link[sender].socket.send(message);
  await until(() => heard.client.length + heard.server.length === 2,
    () => `client ${heard.client}, server ${heard.server}`);
  for (const reason of [...heard.client, ...heard.server]) {
    assert.equal(reason.name, type);
    if (text !== undefined) assert.equal(reason.message, text);
  }
}

export const scenarios = {
  ...Object.fromEntries(rows.flatMap(([name, message, error]) => ['client', 'server'].map((sender) =>
    [`${name}, from the ${sender}`, ({ open }) => refuse(open, sender, message, error)]))),

  async 'what came before it is answered'({ open }) {
    const link = await open(new Api(), { ends: true });
    const answer = link.api.square(3).then((value) => value);
    await link.api.square(1);
    link.client.socket.send('["push",5');
    assert.equal(await answer, 9);
    assert.equal((await failure(link.api.square(1))).name, 'SyntaxError');
  },

  async 'keys that would change what an object is'({ open }) {
    let seen;
    const link = await open({ take: (value) => void (seen = value) });
    await link.api.take({ harmless: 1 });
    link.client.socket.send(
      '["push",["pipeline",0,["take"],[{"toString":"bad","__proto__":{"x":1},"constructor":2,"fine":3}]]]');
    link.client.socket.send('["release",2,1]');
    await until(() => seen.fine === 3);
    assert.deepStrictEqual({ ...seen }, { fine: 3 });
    assert.equal(Object.getPrototypeOf(seen), Object.prototype);
  },

  async 'errors whose type is a property of all objects'({ open }) {
    let seen;
    const link = await open({ take: (value) => void (seen = value) });
    link.client.socket.send(
      '["push",["pipeline",0,["take"],[["error","constructor","x",null,{"code":1,"toString":"bad"}]]]]');
    link.client.socket.send('["release",1,1]');
    await until(() => seen !== undefined);
    assert.ok(seen instanceof Error);
    assert.deepStrictEqual([seen.name, seen.message, seen.code], ['Error', 'x', 1]);
    assert.ok(!Object.hasOwn(seen, 'toString'));
    assert.ok(deserialize('["error","toString","x"]') instanceof Error);
  },

  async 'a reason that is too long for a close frame'({ open }) {
    const link = await open(new Api(), { ends: true });
    await link.api.square(1);
    const closed = new Promise((resolve) => link.client.socket.on('close', (code, reason) => resolve([code, String(reason)])));
    const reason = 'a'.repeat(122) + 'é';
    link.server.socket.send(JSON.stringify(['abort', ['error', 'Error', reason]]));
    assert.deepStrictEqual(await closed, [3000, 'a'.repeat(122)]);
  },
};
