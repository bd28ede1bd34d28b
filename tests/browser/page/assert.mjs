// What the scenarios use of node:assert/strict, for a page.
const show = (value) => {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return String(value);
  }
};

function fail(message) {
  throw new Error(message);
}

function isSame(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  if (ArrayBuffer.isView(a)) return a.length === b.length && a.every((item, i) => Object.is(item, b[i]));
  if (a instanceof Date) return a.getTime() === b.getTime();
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

export default {
  fail,
  ok: (value, message = 'it must hold') => value || fail(message),
  equal: (found, expected) =>
    Object.is(found, expected) || fail(`expected ${show(expected)}, got ${show(found)}`),
  deepStrictEqual: (found, expected) =>
    isSame(found, expected) || fail(`expected ${show(expected)}, got ${show(found)}`),
  match: (text, pattern) => pattern.test(text) || fail(`expected ${pattern}, got ${show(text)}`),
  doesNotMatch: (text, pattern) => pattern.test(text) && fail(`expected not ${pattern}, got ${show(text)}`),
};
