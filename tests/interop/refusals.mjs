// What a peer must refuse, and in which words: the behaviours of the reference, by the numbers of
// docs/wire.md. Each row is sent to a fresh session; the answers to what came before the bad
// message, the abort, the close code 3000 and its reason must be as given.
//
// `error` is [type, text]; a text that is the JavaScript engine's own is left out, and only the type
// counts. `answers` come before the abort.

const longText = 'N'.repeat(80);
const unknown = (value) => ['TypeError', `unknown special value: ${JSON.stringify(value)}`];
const badMessage = (value) => ['Error', `bad RPC message: ${JSON.stringify(value)}`];

// Expressions that are no value; each is sent in a push.
function expressions(rule, ...values) {
  return values.map((value) => ({ rule, send: [JSON.stringify(['push', value])], error: unknown(value) }));
}
// Expressions with an error of their own.
function expression(rule, value, ...error) {
  return { rule, send: [JSON.stringify(['push', value])], error };
}
function messages(rule, ...values) {
  return values.map((value) => ({ rule, send: [JSON.stringify(value)], error: badMessage(value) }));
}

const text = (rule, send, ...error) => ({ rule, send: [send], error });
const noSuchEntry = (id) => ['Error', `no such entry on exports table: ${id}`];
const noSuchExport = (id) => ['Error', `no such export ID: ${id}`];
const nested = (levels, inner) => '[['.repeat(levels) + inner + ']]'.repeat(levels);
const tooDeep = ['TypeError', 'Deserialization exceeded maximum allowed message depth of 256.'];

export const refusals = [
  // JSON text
  text('V-2', 'foo', 'SyntaxError'),
  text('V-2', '', 'SyntaxError'),
  text('V-2', '["push",1', 'SyntaxError'),
  text('V-2', '["push",1]]', 'SyntaxError'),
  text('V-2', '["push",01]', 'SyntaxError'),
  text('V-2', '["push","\u0001"]', 'SyntaxError'),

  // Values
  ...expressions('V-12', ['undefined', 1]),
  expression('V-14', ['bigint', '1_0'], 'SyntaxError', 'Cannot convert 1_0 to a BigInt'),
  expression('V-14', ['bigint', '1.5'], 'SyntaxError', 'Cannot convert 1.5 to a BigInt'),
  ...expressions('V-14', ['bigint', 5], ['bigint']),
  expression('V-15', ['bigint', '1'.repeat(16385)], 'TypeError',
    'Deserialized bigint exceeds maximum length of 16384 digits.'),
  ...expressions('V-17', ['date', 'x'], ['date', ['nan']], ['date']),
  expression('V-22', ['bytes', 'AQ', 'Nope'], 'TypeError', 'Unknown bytes type marker: Nope'),
  expression('V-22', ['bytes', 'AQ', longText], 'TypeError',
    `Unknown bytes type marker: ${longText.slice(0, 64)}`),
  expression('V-22', ['bytes', 'AQ', 5], 'TypeError', 'Unknown bytes type marker type: number'),
  expression('V-22', ['bytes', 'AQ', null], 'TypeError', 'Unknown bytes type marker type: object'),
  expression('V-23', ['bytes', 'AQID', 'Uint16Array'], 'TypeError',
    'Invalid byte length 3 for Uint16Array; expected a multiple of 2'),
  expression('V-23', ['bytes', 'AQID', 'BigInt64Array'], 'TypeError',
    'Invalid byte length 3 for BigInt64Array; expected a multiple of 8'),
  ...expressions('V-22', ['bytes', 5], ['bytes']),
  ...expressions('V-27', [], [5], [[1], [2]], ['foo'], [null], [true, 1], [{}], ['Undefined']),
  ...expressions('V-41', ['error'], ['error', 'Error'], ['error', 1, 'x'], ['error', 'Error', 5],
    ['error', 'Error', 'x', null, null], ['error', 'Error', 'x', null, [[]]], ['error', 'Error', 'x', null, 'x']),
  ...expressions('V-45', ['url'], ['url', 5], ['url', 'http://a/', 1]),
  expression('V-45', ['url', 'nonsense'], 'TypeError'),
  ...expressions('V-46', ['headers'], ['headers', {}], ['headers', [], 1]),
  expression('V-46', ['headers', [['a b', '1']]], 'TypeError'),
  ...expressions('V-49', ['request'], ['request', 'http://a/'], ['request', 5, {}]),
  expression('V-49', ['request', 'http://a/', { body: 5 }], 'TypeError',
    'Request body must be of type ReadableStream.'),
  expression('V-49', ['request', 'http://a/', { headers: { x: '1' } }], 'TypeError',
    'Request headers must be serialized as an array of pairs.'),
  expression('V-49', ['request', 'http://a/', { signal: {} }], 'TypeError',
    'Request siganl must be of type AbortSignal.'),
  ...expressions('V-51', ['response'], ['response', null], ['response', null, 5]),
  expression('V-51', ['response', 5, {}], 'TypeError', 'Response body must be of type ReadableStream.'),
  expression('V-51', ['response', null, { webSocket: 1 }], 'TypeError',
    "Can't deserialize a Response containing a webSocket."),
  expression('V-51', ['response', null, { headers: {} }], 'TypeError',
    'Request headers must be serialized as an array of pairs.'),
  expression('V-51', ['response', null, { status: 99 }], 'RangeError'),
  ...expressions('V-54', ['blob'], ['blob', 'x/y'], ['blob', 5, 5]),
  expression('V-54', ['blob', 'x/y', 5], 'TypeError', 'Blob content must be serialized as a ReadableStream.'),
  ...expressions('V-60', ['export'], ['export', 'x'], ['promise', null], ['writable', '1'], ['readable', 'x']),
  expression('S-14', ['readable', 1], 'Error',
    'Export 1 is not a pipe or its readable end was already consumed.'),

  // Inside of other values, too
  text('V-27', '["push",{"a":[[1,{"b":["foo"]}]]}]', ...unknown(['foo'])),
  text('V-27', '["push",["error","Error","x",null,{"p":["foo"]}]]', ...unknown(['foo'])),
  text('V-27', '["push",["pipeline",0,["echo"],[1,["foo"]]]]', ...unknown(['foo'])),
  // A key that is dropped does not make its value good.
  text('V-30', '["push",{"__proto__":["foo"]}]', ...unknown(['foo'])),

  // Messages
  ...messages('M-42', ['foo', 1], {}, null, [['push', 1]], [], 5, 'push', true, ['push'], ['pull'],
    ['pull', '1'], ['resolve', 1], ['resolve', '1', 5], ['reject', 1], ['reject', null, 1], ['stream'],
    ['release'], ['Push', 1]),
  ...messages('M-22', ['release', 1], ['release', '1', 1], ['release', 1, '1'], ['release', 1, null]),

  // Ids
  text('M-9', '["push",["pipeline",1]]', ...noSuchEntry(1)),
  text('M-43', '["push",["pipeline",5,["x"]]]', ...noSuchEntry(5)),
  text('M-43', '["push",["pipeline",5,["x"],[]]]', ...noSuchEntry(5)),
  text('M-43', '["push",["import",5]]', ...noSuchEntry(5)),
  text('M-43', '["push",["pipeline",0,["echo"],[["import",-3]]]]', ...noSuchEntry(-3)),
  text('M-6', '["push",["pipeline",0.5]]', ...noSuchEntry(0.5)),
  text('M-13', '["pull",7]', ...noSuchExport(7)),
  text('M-22', '["release",9,1]', ...noSuchExport(9)),
  { rule: 'M-22', send: ['["push",5]', '["release",1,1]', '["release",1,1]'], error: noSuchExport(1) },
  { rule: 'M-22', send: ['["push",5]', '["release",1,2]'],
    error: ['Error', 'refcount would go negative: 1 < 2'] },
  { rule: 'M-45', send: ['["push",5]', '["pull",1]', '["release",9,1]', '["push",["foo"]]'],
    answers: ['["resolve",1,5]'], error: noSuchExport(9) },

  // Shapes
  ...expressions('M-44', ['pipeline'], ['pipeline', '0'], ['pipeline', 0, 'add', [1, 2]],
    ['pipeline', 0, ['add'], 5], ['pipeline', 0, ['add'], {}], ['pipeline', 0, ['add'], [1], 1],
    ['pipeline', 0, [{}]], ['pipeline', 0, [['a']], []], ['pipeline', 0, [null]], ['import'], ['import', '0']),
  ...expressions('R-17', ['remap', 0, [], []], ['remap', '0', [], [], [1]], ['remap', 0, 'x', [], [1]],
    ['remap', 0, [], [], 1]),
  text('R-17', '["push",["remap",5,[],[],[1]]]', ...noSuchEntry(5)),
  expression('R-5', ['remap', 0, [], [['pipeline', 0]], [1]], 'TypeError',
    'unknown map capture: ["pipeline",0]'),

  // Answers nobody waits for are read all the same.
  text('M-29', '["resolve",40,["foo"]]', ...unknown(['foo'])),
  text('M-40', '["abort",["foo"]]', ...unknown(['foo'])),

  // Limits
  text('L-1', `"${'a'.repeat(32 * 1024 * 1024 - 1)}"`, 'TypeError',
    'Incoming message exceeds maximum size of 33554432 UTF-16 code units.'),
  text('L-2', `["push",${nested(256, '1')}]`, ...tooDeep),
  text('L-3', `["push",["pipeline",0,["echo"],[${nested(255, '1')}]]]`, ...tooDeep),
];

// What looks odd and is legal: the messages, and the answers to their pulls.
export const acceptances = [
  { rule: 'V-2', send: [' [ "push" , {"a":1,"a":2} ] '], answer: '{"a":2}' },
  { rule: 'V-4', send: [String.raw`["push","\ud800 x \u00e4"]`], answer: String.raw`"\ud800 x ä"` },
  { rule: 'V-8', send: ['["push",-0]'], answer: '0' },
  { rule: 'V-9', send: ['["push",["inf",1]]'], answer: '["inf"]' },
  { rule: 'V-10', send: ['["push",[[1e400,-1e400,12345678901234567890]]]'],
    answer: '[[["inf"],["-inf"],12345678901234567000]]' },
  { rule: 'V-14', send: ['["push",[[["bigint",""],["bigint"," +5 "],["bigint","-0"],["bigint","0x10"],["bigint","0b1"]]]]'],
    answer: '[[["bigint","0"],["bigint","5"],["bigint","0"],["bigint","16"],["bigint","1"]]]' },
  { rule: 'V-15', send: [`["push",["bigint","${'1'.repeat(16384)}"]]`], answer: `["bigint","${'1'.repeat(16384)}"]` },
  { rule: 'V-17', send: ['["push",[[["date",1.7],["date",-1.7],["date",9e15],["date",5,"x"]]]]'],
    answer: '[[["date",1],["date",-1],["date",null],["date",5]]]' },
  { rule: 'V-21', send: ['["push",["bytes","AQ==","Uint8Array"]]'], answer: '["bytes","AQ"]' },
  { rule: 'V-24', send: ['["push",["bytes","AQI="]]'], answer: '["bytes","AQI"]' },
  { rule: 'V-30', send: ['["push",{"__proto__":1,"constructor":2,"toJSON":3,"a":{"valueOf":4,"b":5}}]'],
    answer: '{"a":{"b":5}}' },
  { rule: 'V-37', send: ['["push",["error","constructor","x"]]'], answer: '["error","Error","x"]' },
  { rule: 'V-41', send: ['["push",["error","TypeError","x",5,{"code":1},7]]'],
    answer: '["error","TypeError","x",null,{"code":1}]' },
  { rule: 'V-42', send: ['["push",["error","Error","x",null,{"name":["foo"],"stack":["foo"],"toString":1,"a":2}]]'],
    answer: '["error","Error","x",null,{"a":2}]' },
  { rule: 'M-7', send: ['["push",5,"surplus"]'], answer: '5' },
  { rule: 'M-23', send: ['["push",5]', '["release",1,0]'], answer: '5' },
  { rule: 'M-29', send: ['["push",5]', '["reject",40,["foo"]]'], answer: '5' },
  { rule: 'C-2', send: ['["push",["import",0,["square"],[4]]]'], answer: '16' },
  { rule: 'C-5', send: ['["push",["pipeline",0,["square"],[["pipeline",0,["square"],[2]]]]]'], answer: '16' },
  { rule: 'C-11', send: ['["push",["pipeline",0,["toString"]]]'], answer: '["undefined"]' },
  { rule: 'C-15', send: ['["push",[[1,2,3]]]', '["push",["pipeline",1,[2]]]'], answer: '3' },
  { rule: 'C-15', send: ['["push",[[1,2,3]]]', '["push",["pipeline",1,["length"]]]'], answer: '["undefined"]' },
  { rule: 'C-16', send: ['["push","text"]', '["push",["pipeline",1,["length"]]]'], answer: '["undefined"]' },
  { rule: 'L-2', send: [`["push",${nested(255, '1')}]`], answer: nested(255, '1') },
  { rule: 'L-3', send: [`["push",["pipeline",0,["echo"],[${nested(254, '1')}]]]`], answer: nested(254, '1') },
];
