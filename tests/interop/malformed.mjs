// Malformed and odd variants of every message and every expression of docs/wire.md, made by rule:
// fewer and more elements, each element replaced by what does not belong there, ids that are not
// known, used up, huge, fractional.

// What is sent before each variant, so that it has something to refer to: 1 is a pipe, 2 a counter,
// 3 plain data; the server holds -1.
export const setup = [
  ['pipe'],
  ['push', ['pipeline', 0, ['makeCounter'], [4]]],
  ['push', { a: [[1, 2]] }],
  ['push', ['pipeline', 0, ['echo'], [['export', -1]]]],
];

const expressions = [
  ['undefined'],
  ['inf'],
  ['-inf'],
  ['nan'],
  ['bigint', '12'],
  ['date', 5],
  ['bytes', 'AQID'],
  ['bytes', 'AQIDBA', 'Uint16Array'],
  ['url', 'http://a.example/b'],
  ['headers', [['a', '1'], ['b', '2']]],
  ['request', 'http://a.example/b', {}],
  ['request', 'http://a.example/b', { method: 'POST', headers: [['a', '1']], body: ['readable', 1], cache: 'no-store' }],
  ['response', null, {}],
  ['response', null, { status: 201, statusText: 'Made', headers: [['a', '1']] }],
  ['response', ['readable', 1], {}],
  ['blob', 'text/plain', ['readable', 1]],
  ['error', 'RangeError', 'text'],
  ['error', 'RangeError', 'text', 'stack', { code: 5 }],
  ['export', -2],
  ['promise', -2],
  ['writable', -2],
  ['readable', 1],
  ['import', 2],
  ['import', 2, ['increment'], [1]],
  ['pipeline', 2],
  ['pipeline', 3, ['a', 1]],
  ['pipeline', 2, ['increment'], [1]],
  ['remap', 3, ['a'], [['import', 2]], [['pipeline', -1, ['increment'], [['pipeline', 0]]], ['pipeline', 1]]],
  ['remap', 3, ['a'], [['export', -2]], [['pipeline', 0]]],
  [[1, 2]],
];

const messages = [
  ['push', 5],
  ['pull', 3],
  ['resolve', -1, 5],
  ['reject', -1, ['error', 'Error', 'text']],
  ['release', 3, 1],
  ['stream', ['pipeline', 1, ['write'], [1]]],
  ['stream', ['pipeline', 1, ['close'], []]],
  ['stream', ['pipeline', 1, ['abort'], [['error', 'Error', 'text']]]],
  ['pipe'],
  ['abort', ['error', 'Error', 'text']],
];

const wrong = [null, true, 5, -1, 0, 0.5, 1e300, '', 'x', '__proto__', [], {}, [5], ['foo'], [[]], { x: 1 }];
const wrongIds = [0, 1, 2, 3, 4, 5, 99, -2, -99, 9007199254740993, -1e300, '2', ['import', 2]];

function replaced(list, index, value) {
  const copy = [...list];
  copy[index] = value;
  return copy;
}

// Of a list whose first element is its name.
function variants(list) {
  const found = [list];
  for (let size = 1; size < list.length; ++size) found.push(list.slice(0, size));
  for (const more of wrong) found.push([...list, more]);
  found.push([...list, 1, 2, 3]);
  if (typeof list[0] === 'string')
    found.push(...[list[0].toUpperCase(), ` ${list[0]}`, '', null, 5, [list[0]]].map((name) => replaced(list, 0, name)));
  for (let index = 1; index < list.length; ++index) {
    for (const value of typeof list[index] === 'number' ? [...wrong, ...wrongIds] : wrong)
      found.push(replaced(list, index, value));
    if (Array.isArray(list[index]))
      for (const inner of innerVariants(list[index])) found.push(replaced(list, index, inner));
  }
  return found;
}

// Of a path, a list of arguments, of captures, of instructions, of pairs.
function innerVariants(list) {
  const found = wrong.map((value) => [...list, value]);
  list.forEach((_, index) => wrong.forEach((value) => found.push(replaced(list, index, value))));
  return found;
}

// Members of the objects that requests, responses and errors have.
function memberVariants(list) {
  const last = list.at(-1);
  if (last === null || typeof last !== 'object' || Array.isArray(last)) return [];
  const names = ['method', 'headers', 'body', 'cache', 'signal', 'redirect', 'duplex', 'status', 'statusText',
    'webSocket', 'encodeBody', 'code', 'name', 'message', 'stack', 'cause', 'errors', '__proto__', 'toJSON'];
  return names.flatMap((name) => wrong.map((value) =>
    [...list.slice(0, -1), { ...last, [name]: value }]));
}

const places = {
  value: (expression) => ['push', expression],
  argument: (expression) => ['push', ['pipeline', 0, ['echo'], [expression]]],
  member: (expression) => ['push', { a: [[1, expression]] }],
  resolution: (expression) => ['resolve', -1, expression],
  rejection: (expression) => ['reject', -1, expression],
  late: (expression) => ['resolve', -50, expression],
  reason: (expression) => ['abort', expression],
  chunk: (expression) => ['stream', ['pipeline', 1, ['write'], [expression]]],
  capture: (expression) => ['push', ['remap', 3, ['a'], [expression], [['pipeline', 0]]]],
  instruction: (expression) => ['push', ['remap', 3, ['a'], [['import', 2]], [expression, ['pipeline', 0]]]],
  property: (expression) => ['push', ['error', 'Error', 'text', null, { p: expression }]],
};

// An array in an array in an array...
const nested = (levels) => (levels === 0 ? 1 : [[nested(levels - 1)]]);

// In the place of a value each variant, in the other places those of another form.
function* all() {
  for (const message of messages) yield* variants(message);
  for (const put of Object.values(places)) for (const levels of [100, 254, 255, 256, 300]) yield put(nested(levels));
  for (const expression of expressions) {
    for (const variant of [...variants(expression), ...memberVariants(expression)])
      yield places.value(variant);
    for (const [name, put] of Object.entries(places)) {
      if (name === 'value') continue;
      const shapes = [expression, expression.slice(0, -1), [...expression, 1], replaced(expression, 0, 'foo'),
        replaced(expression, expression.length - 1, null), replaced(expression, 1, 99)];
      for (const shape of shapes) yield put(shape);
    }
  }
}

// Each once, as text.
export const malformed = [...new Set([...all()].map((message) => JSON.stringify(message)))];
