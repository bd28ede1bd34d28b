// Holds this library's reading and writing of values against the npm package's.
//
//   node differential.mjs <value_oracle> [seed] [count]
import {spawnSync} from 'node:child_process';
import process from 'node:process';

import {FETCH_TEXTS} from './fetch_texts.mjs';
import {mutate} from './mutation.mjs';
import {Random} from './random.mjs';
import {ValueGenerator} from './values.mjs';

const [oraclePath, ...numbers] = process.argv.slice(2);
const [seed = 1, count = 4000] = numbers.map(Number);

const {serialize, deserialize} = await import('../interop/harness/capnweb.mjs').catch(error => {
  console.error(`${error.message}\nInstall the npm package first: npm ci in tests/interop.`);
  process.exit(1);
});

const FORBIDDEN = new Set([...Object.getOwnPropertyNames(Object.prototype), 'toJSON']);

let failures = 0;
function fail(title, lines) {
  if (++failures > 10) return;
  console.error(`FAILED: ${title}`);
  // Long lines from a little before the place where they begin to differ.
  const texts = Object.values(lines);
  const same = [...texts[0]].findIndex((c, i) => texts.some(text => text[i] !== c));
  const begin = texts[0].length > 400 ? Math.max(0, same - 100) : 0;
  for (const [what, text] of Object.entries(lines))
    console.error(`  ${what}: ${begin > 0 ? '...' : ''}${text.slice(begin, begin + 400)}`);
}

function runOracle(lines, ...options) {
  const input = lines.map(line => line + '\n').join('');
  const run = spawnSync(oraclePath, options, {input, encoding: 'utf8', maxBuffer: 2 ** 30});
  if (run.error) throw run.error;
  if (run.status !== 0) throw new Error(`the oracle ended: ${run.signal ?? run.stderr}`);
  return run.stdout.split('\n').slice(0, -1);
}

// The text with its keys as JavaScript orders them (V-5), and without those that no receiver keeps
// (V-30).
function received(text) {
  return JSON.stringify(JSON.parse(text, (key, value) => FORBIDDEN.has(key) ? undefined : value));
}

// Values made there, read and written here, read again there.
function thereAndBack() {
  const sent = runOracle([], 'generate', seed, count);
  if (sent.length !== count) throw new Error(`${sent.length} values instead of ${count}`);
  const back = sent.map(text => {
    const written = serialize(deserialize(text));
    const expected = received(text);
    if (written !== expected) fail('npm reads and writes it otherwise', {expected, written});
    const parsed = JSON.stringify(JSON.parse(text));
    const isReordered = /"\d+":/.test(text);
    if (parsed !== text && !isReordered) fail('JSON.stringify prints it otherwise', {text, parsed});
    return written;
  });
  const unequal = runOracle(back, 'compare', seed, count);
  for (const i of unequal.map(Number))
    fail('a value does not come back equal', {sent: sent[i], received: back[i]});
  return sent;
}

// Values made here, read and written there.
function hereAndBack() {
  const values = new ValueGenerator(new Random(seed));
  const sent = Array.from({length: count}, () => serialize(values.next()));
  const back = runOracle(sent, 'roundtrip');
  sent.forEach((text, i) => {
    const expected = received(text);
    if (back[i] !== expected) fail('this library writes it otherwise', {expected, got: back[i]});
  });
  return sent;
}

function outcomeHere(text) {
  try {
    return serialize(deserialize(text));
  } catch (error) {
    return '!' + serialize(new Error(`${error.name}: ${error.message}`));
  }
}

// An error's text, which the library cuts where it quotes the peer (L-11).
function isSameRefusal(theirs, ours) {
  const reference = JSON.parse(theirs.slice(1))[2];
  const [, name, message] = JSON.parse(ours.slice(1));
  const text = `${name}: ${message}`;
  if (text.endsWith('...')) return reference.startsWith(text.slice(0, -3));
  return reference === text || (name === 'SyntaxError' && reference.startsWith(text.slice(0, 40)));
}

// Texts that are wrong somewhere: both must refuse them, for the same reason, or both read them the
// same way.
function refusals(texts) {
  const random = new Random(seed + 1);
  // What Node's own constructors say is not the protocol's text.
  const plain = texts.filter(text => !/\["(url|headers|request|response)"/.test(text));
  const wrong = plain.map(text => mutate(text, random));
  const answers = runOracle(wrong, 'roundtrip');
  let refused = 0;
  wrong.forEach((text, i) => {
    const expected = outcomeHere(text);
    const got = answers[i];
    if (expected.startsWith('!')) ++refused;
    if (expected === got) return;
    if (got.includes('must be sent in the standard base64 alphabet')) return;  // V-24
    if (expected.startsWith('!') && got.startsWith('!') && isSameRefusal(expected, got)) return;
    fail('a wrong text is taken otherwise', {text, expected, got});
  });
  return `${wrong.length} wrong texts, ${refused} of them refused`;
}

// Requests and the like: the same ones are refused, with an error of the same type, and the others
// are read the same way. What the engine says of them is not the protocol's text.
function fetchTexts() {
  const answers = runOracle(FETCH_TEXTS, 'roundtrip');
  FETCH_TEXTS.forEach((text, i) => {
    const expected = outcomeHere(text);
    const got = answers[i];
    if (expected === got) return;
    const isRefused = expected.startsWith('!') && got.startsWith('!');
    const type = isRefused && JSON.parse(expected.slice(1))[2].split(':')[0];
    if (isRefused && type === JSON.parse(got.slice(1))[1]) return;
    fail('Node takes it otherwise', {text, expected, got});
  });
}

const texts = [...thereAndBack(), ...hereAndBack()];
const summary = refusals(texts);
fetchTexts();
console.log(`seed ${seed}: ${count} values each way, ${summary}, ${failures} failures`);
process.exit(failures === 0 ? 0 : 1);
