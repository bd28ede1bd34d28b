// Expressions that are wrong in one place, as a peer that is not ours might send them.
const INSTEAD = [null, true, 0, -1, 1.5, 1e21, '', 'x', 'undefined', 'error', '5', [], {}, [[]],
  [null], ['undefined'], ['undefined', 1], ['inf'], ['nan', 2], ['bigint', ''], ['bigint', '1_0'],
  ['bigint', 5], ['date', null], ['date', 1.7], ['date', '1'], ['bytes', 'AQI'],
  ['bytes', 'AQI', 'Nope'], ['bytes', 'AQI', 7], ['bytes', 'AQID', 'Int16Array'],
  ['error', 'Nope', 'm'], ['error', 'Error'], ['error', 'Error', 'm', 's', null],
  ['error', 'Error', 'm', 5, {stack: 1, a: 1}], ['error', 'AggregateError', 'm'], ['import', 0],
  ['pipeline', 5, ['a']], ['pipeline', 'x'], ['export', -1], ['export', 'x'], ['promise', -1],
  ['writable', -1], ['readable', 1], ['readable'], ['remap', 0, [], [], []], ['remap', 0],
  ['blob', 't', 'x'], ['blob', 't', ['readable', 1]], ['blob'], ['foo', 1], [[1], [2]],
  {toString: 1, a: 2}, {a: ['foo']}, {constructor: ['foo']}];

// Every place of a JSON tree, as [container, key].
function places(tree, found = []) {
  if (tree !== null && typeof tree === 'object') {
    for (const key of Object.keys(tree)) {
      found.push([tree, key]);
      places(tree[key], found);
    }
  }
  return found;
}

// `text` with something else in one place of it.
export function mutate(text, random) {
  const root = {tree: JSON.parse(text)};
  const [container, key] = random.pick(places(root));
  const index = Number(key);
  const choice = Array.isArray(container) ? random.below(4) : 3;
  if (choice === 0) {
    container.splice(index, 1);
  } else if (choice === 1) {
    container.splice(index, 0, random.pick(INSTEAD));
  } else if (choice === 2) {
    container.push(container[index]);
  } else {
    container[key] = random.pick(INSTEAD);
  }
  return JSON.stringify(root.tree);
}
