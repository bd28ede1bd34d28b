// The scenarios as the npm package's users would write them. Each function gets a Context
// (harness/context.mjs); client/ holds the same in C++.
import assert from 'node:assert/strict';

import { RpcPromise, RpcStub, RpcTarget, deserialize, serialize } from './harness/capnweb.mjs';

const numbers = (count) => Array.from({ length: count }, (_, i) => i);

// What a promise rejects with; it must.
async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail('it must reject');
}

async function assertRejects(promise, type, message) {
  const error = await rejection(promise);
  assert.equal(`${error.constructor.name}: ${error.message}`, `${type}: ${message}`);
}

class Counter extends RpcTarget {
  disposed = new Promise((resolve) => (this.dispose = resolve));
  #count;
  constructor(count) {
    super();
    this.#count = count;
  }
  increment(amount = 1) {
    return (this.#count += amount);
  }
  get value() {
    return this.#count;
  }
  [Symbol.dispose]() {
    this.dispose();
  }
}

// ---- Values

export async function echoes(context) {
  const value = deserialize(context.with);
  const echo = await context.main().echo(value);
  assert.equal(serialize(echo), context.with);
  assert.deepStrictEqual(Object.prototype.toString.call(echo), Object.prototype.toString.call(value));
}

export async function rejects_with(context) {
  const error = await rejection(context.main().fail(deserialize(context.with)));
  assert.equal(serialize(error), context.with);
}

export async function callback_rejects_with(context) {
  const fail = () => {
    throw deserialize(context.with);
  };
  const error = await rejection(context.main().callFunction(fail, 1));
  assert.equal(serialize(error), context.with);
}

// ---- Calls

export async function calls_methods_of_all_kinds(context) {
  const api = context.main();
  const results = await Promise.all([
    api.square(5), api.callSquare(api, 6), api.makeCounter(3).value,
    api.incrementCounter(api.makeCounter(4), 5), api.generateFibonacci(10),
  ]);
  assert.deepStrictEqual(results, [25, { result: 36 }, 3, 9, [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]]);
}

export async function calls_that_give_nothing_new(context) {
  const api = context.main();
  const results = await Promise.all([
    api.returnNull(), api.returnUndefined(), api.returnNumber(-7), api.echo('x'),
  ]);
  assert.deepStrictEqual(results, [null, undefined, -7, 'x']);
}

export async function missing_and_surplus_arguments(context) {
  const api = context.main();
  const results = await Promise.all([
    api.square(3, 'surplus', {}), api.makeCounter().increment(), api.incrementCounter(api.makeCounter(1)),
    api.echo(), api.makeCounter(undefined).value,
  ]);
  assert.deepStrictEqual(results, [9, 1, 2, undefined, 0]);
}

export async function unknown_method_is_no_function(context) {
  const api = context.main();
  await Promise.all([
    assertRejects(api.nope(1), 'TypeError', "'nope' is not a function."),
    assertRejects(api.makeCounter(1).nope(), 'TypeError', "'nope' is not a function."),
    assertRejects(api.makeCounter(1).value.deep.nope(), 'TypeError',
      "Cannot read properties of undefined (reading 'nope')"),
    assertRejects(api.generateFibonacci(3).first(), 'TypeError', "'first' is not a function."),
  ]);
}

export async function error_without_a_stack(context) {
  const error = await rejection(context.main().throwError());
  assert.ok(error instanceof RangeError);
  assert.equal(error.message, 'test error');
  assert.doesNotMatch(error.stack, /throwError|ts_server/);
}

export async function argument_of_a_wrong_type(context) {
  const api = context.main();
  const [error, after] = await Promise.all([rejection(api.square('three')), api.square(3)]);
  assert.ok(error instanceof TypeError);
  assert.match(error.message, /square/);
  assert.match(error.message, /string/);
  assert.equal(after, 9);
}

export async function thousand_calls_in_flight(context) {
  const api = context.main();
  const squares = await Promise.all(numbers(1000).map((i) => api.square(i)));
  assert.deepStrictEqual(squares, numbers(1000).map((i) => i * i));
}

export async function answers_in_order_of_settlement(context) {
  const api = context.main();
  const order = [];
  let finish;
  const finished = new Promise((resolve) => (finish = resolve));
  const slow = api.callFunction(() => finished, 1).then(() => order.push('slow'));
  await api.square(2).then(() => order.push('fast'));
  finish();
  await slow;
  assert.deepStrictEqual(order, ['fast', 'slow']);
}

export async function calls_on_one_stub_keep_their_order(context) {
  const counter = context.main().makeCounter(0);
  const values = await Promise.all(numbers(100).map(() => counter.increment()));
  assert.deepStrictEqual(values, numbers(100).map((i) => i + 1));
}

const eightMiB = 8 * 1024 * 1024;

async function echoesText(context, size) {
  const text = 'abcdefgh\n'.repeat(size / 8).slice(0, size);
  assert.ok(await context.main().echo(text) === text);
}

export async function a_mebibyte_of_text(context) {
  await echoesText(context, 1024 * 1024);
}

export async function big_strings(context) {
  await echoesText(context, eightMiB);
}

export async function big_bytes(context) {
  const bytes = new Uint8Array(eightMiB).map((_, i) => i * 31);
  assert.deepStrictEqual(new Uint8Array(await context.main().echo(bytes)), bytes);
}

// ---- Pipelining

export async function pipelines_on_a_new_counter(context) {
  const counter = context.main().makeCounter(5);
  assert.deepStrictEqual(
    await Promise.all([counter.increment(2), counter.increment(), counter.value]), [7, 8, 8]);
}

export async function pipelines_on_a_property(context) {
  const api = context.main();
  const result = api.callSquare(api, 3).result;
  assert.deepStrictEqual(await Promise.all([result, api.square(result)]), [9, 81]);
}

export async function promises_as_arguments(context) {
  const api = context.main();
  const four = api.square(2);
  const counter = api.makeCounter(four);
  assert.deepStrictEqual(
    await Promise.all([api.incrementCounter(counter, api.square(four)), api.echo({ a: [four] })]),
    [20, { a: [4] }]);
}

export async function pipelined_calls_share_the_failure(context) {
  const api = context.main();
  const failed = api.throwError();
  await Promise.all([failed, failed.deeper.call(1), api.square(failed), api.echo([failed.x])].map(
    (promise) => assertRejects(promise, 'RangeError', 'test error')));
}

export async function one_batch_is_one_request(context) {
  const api = context.main();
  const user = api.echo({ id: 7, name: 'alice' });
  assert.deepStrictEqual(
    await Promise.all([user, api.square(user.id), api.makeCounter(user.id).increment()]),
    [{ id: 7, name: 'alice' }, 49, 8]);
}

// ---- map()

export async function maps_over_an_array(context) {
  const api = context.main();
  const [squares, pairs] = await Promise.all([
    api.generateFibonacci(6).map((i) => api.square(i)),
    api.generateFibonacci(4).map((i) => ({ i, next: api.makeCounter(i).increment() })),
  ]);
  assert.deepStrictEqual(squares, [0, 1, 1, 4, 9, 25]);
  assert.deepStrictEqual(pairs, [0, 1, 1, 2].map((i) => ({ i, next: i + 1 })));
}

export async function maps_in_maps(context) {
  const api = context.main();
  const teams = api.echo([[1, 2], [], [3]]);
  assert.deepStrictEqual(
    await teams.map((team) => team.map((i) => [i, api.square(i)])), [[[1, 1], [2, 4]], [], [[3, 9]]]);
}

export async function maps_null(context) {
  const api = context.main();
  assert.deepStrictEqual(
    await Promise.all([
      api.returnNull().map((i) => api.square(i)), api.returnUndefined().map((i) => api.square(i)),
      api.returnNumber(4).map((i) => api.square(i)), api.echo([]).map((i) => api.square(i)),
    ]), [null, undefined, 16, []]);
}

export async function maps_a_property(context) {
  const api = context.main();
  const user = api.echo({ name: 'alice', marks: [1, 2] });
  assert.deepStrictEqual(
    await Promise.all([
      user.marks.map((mark) => api.square(mark)),
      api.echo([{ a: { b: 1 } }, { a: { b: 2 } }]).map((i) => i.a.b),
    ]), [[1, 4], [1, 2]]);
}

export async function map_with_an_element_that_fails(context) {
  const api = context.main();
  const all = api.echo([{ a: { b: 1 } }, {}]);
  await Promise.all([
    assertRejects(all.map((i) => i.a.b), 'TypeError',
      "Cannot read properties of undefined (reading 'b')"),
    assertRejects(all.map(() => api.throwError()), 'RangeError', 'test error'),
    assertRejects(api.throwError().map((i) => api.square(i)), 'RangeError', 'test error'),
  ]);
}

export async function map_with_a_promise_captured(context) {
  const api = context.main();
  const four = api.square(2);
  const user = api.echo({ id: 7 });
  const counter = api.makeCounter(10);
  assert.deepStrictEqual(
    await api.generateFibonacci(3).map((i) =>
      [api.square(four), api.square(user.id), counter.increment(i)]),
    [[16, 49, 10], [16, 49, 11], [16, 49, 12]]);
}

export async function map_with_an_object_of_the_client_captured(context) {
  const api = context.main();
  const own = new Counter(0);
  const local = new RpcStub(own);
  assert.deepStrictEqual(
    await api.generateFibonacci(4).map((i) => [i, local.increment(i)]),
    [[0, 0], [1, 1], [1, 2], [2, 4]]);
  assert.equal(own.value, 4);
  local[Symbol.dispose]();
}

export async function map_with_a_promise_of_the_client_captured(context) {
  const api = context.main();
  let settle;
  const promise = new RpcPromise(new Promise((resolve) => (settle = resolve)));
  const squares = api.generateFibonacci(2).map((i) => [i, api.square(promise)]);
  const overtaking = api.square(2).then(() => settle(5));
  assert.deepStrictEqual(await squares, [[0, 25], [1, 25]]);
  await overtaking;
}

export async function map_that_takes_too_many_steps(context) {
  const api = context.main();
  const many = api.echo(numbers(50_001));
  const error = await rejection(many.map((i) => api.square(i)));
  assert.ok(error instanceof RangeError);
  assert.match(error.message, /100000 steps.*Limits::max_map_steps/);
  assert.equal(await api.square(2), 4);
}

// ---- Callbacks and references

export async function server_calls_a_function(context) {
  const api = context.main();
  assert.deepStrictEqual(await api.callFunction((i) => i * 2, 21), { result: 42 });
  assert.deepStrictEqual(await api.callFunction(async (text) => `${text}!`, 'hi'), { result: 'hi!' });
}

export async function server_calls_an_object(context) {
  const counter = new Counter(4);
  assert.equal(await context.main().incrementCounter(counter, 9), 13);
  assert.equal(counter.value, 13);
}

export async function callback_calls_the_server(context) {
  const api = context.main();
  assert.deepStrictEqual(await api.callFunction((i) => api.square(i), 12), { result: 144 });
}

export async function hundred_callbacks_in_flight(context) {
  const api = context.main();
  let running = 0;
  let open;
  const all = new Promise((resolve) => (open = resolve));
  const callback = async (i) => {
    if (++running === 100) open();
    await all;
    return i + 1;
  };
  const results = await Promise.all(numbers(100).map((i) => api.callFunction(callback, i)));
  assert.deepStrictEqual(results, numbers(100).map((i) => ({ result: i + 1 })));
}

export async function callback_nobody_waits_for(context) {
  let notified;
  const called = new Promise((resolve) => {
    notified = context.main().notify(resolve, 'ping').then(() => {});
  });
  assert.equal(await called, 'ping');
  await notified;  // or the end of the session rejects it, and nobody listens
}

export async function callback_kept_by_the_server(context) {
  const api = context.main();
  let sum = 0;
  const add = (i) => (sum += i);
  const disposed = new Promise((resolve) => (add[Symbol.dispose] = resolve));
  await api.keep(context.unique, add);
  assert.equal(await api.callKept(context.unique, 5), 5);
  assert.equal(await api.callKept(context.unique, 6), 11);
  await api.dropKept(context.unique);
  await disposed;
}

export async function stub_passed_back(context) {
  const api = context.main();
  const counter = await api.makeCounter(5);
  assert.equal(await api.incrementCounter(counter, 1), 6);
  assert.equal(await api.incrementCounter(counter), 7);
  assert.equal(await counter.value, 7);
}

export async function stub_passed_back_and_returned(context) {
  const api = context.main();
  const counter = await api.makeCounter(5);
  const { same } = await api.echo({ same: counter });
  assert.equal(await same.increment(), 6);
  assert.equal(await (await api.echo(counter)).increment(), 7);
  assert.equal(await counter.value, 7);
}

export async function own_object_comes_home(context) {
  const own = new Counter(1);
  const { list: [home] } = await context.main().echo({ list: [own] });
  assert.equal(await home.increment(), 2);
  assert.equal(own.value, 2);
}

export async function own_object_comes_home_twice(context) {
  const own = new Counter(0);
  const pair = await context.main().echo([own, own]);
  assert.equal(await pair[0].increment(), 1);
  pair[0][Symbol.dispose]();
  assert.equal(await pair[1].increment(), 2);
}

export async function same_stub_twice(context) {
  const api = context.main();
  const counter = await api.makeCounter(0);
  const pair = await api.echo([counter, counter]);
  assert.equal(await pair[0].increment(), 1);
  pair[0][Symbol.dispose]();
  assert.equal(await pair[1].increment(), 2);
  assert.equal(await counter.increment(), 3);
}

export async function local_promise_as_argument(context) {
  const api = context.main();
  let settle;
  const promise = new RpcPromise(new Promise((resolve) => (settle = resolve)));
  const echo = api.echo({ promise });
  const overtaking = api.square(2).then(() => settle({ v: [1] }));
  assert.deepStrictEqual(await echo, { promise: { v: [1] } });
  await overtaking;
}

// ---- Three parties

export async function stub_of_another_server(context) {
  const counter = await context.other().makeCounter(10);
  assert.equal(await context.main().incrementCounter(counter, 5), 15);
  assert.equal(await counter.value, 15);
}

export async function promise_of_another_server(context) {
  const api = context.main();
  const other = context.other();
  assert.equal(await api.square(other.square(3)), 81);
  assert.equal(await api.incrementCounter(other.makeCounter(1), other.square(2)), 5);
  await assertRejects(api.echo(other.throwError()), 'RangeError', 'test error');
}

export async function server_between_two_clients(context) {
  const seen = [];
  await context.main().keep(context.unique, (value) => {
    seen.push(value);
    return { answer: value.length };
  });
  const second = context.main();
  assert.deepStrictEqual(await second.callKept(context.unique, 'four'), { answer: 4 });
  await second.dropKept(context.unique);
  assert.deepStrictEqual(seen, ['four']);
}

export async function third_party_goes_away(context) {
  const api = context.main();
  const counter = await context.other().makeCounter(0);
  assert.equal(await api.incrementCounter(counter, 1), 1);
  context.cutOther();
  await rejection(api.incrementCounter(counter, 1));
  assert.equal(await api.square(2), 4);
}

// ---- Streams

// Streams of these can be sent on every Node.
function streamOf(values) {
  const rest = [...values];
  return new ReadableStream({
    pull(controller) {
      if (rest.length === 0) return controller.close();
      controller.enqueue(rest.shift());
    },
  }, { highWaterMark: 0 });
}

async function collect(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

export async function reads_a_stream(context) {
  const api = context.main();
  const [numbers, none] = await Promise.all([api.countTo(5), api.countTo(0)]);
  assert.deepStrictEqual(await collect(numbers), [1, 2, 3, 4, 5]);
  assert.deepStrictEqual(await collect(none), []);
}

export async function sends_a_stream(context) {
  const api = context.main();
  const sums = await Promise.all([api.sumOf(streamOf([1, 2, 3])), api.sumOf(streamOf([]))]);
  assert.deepStrictEqual(sums, [6, 0]);
}

export async function reads_a_long_stream(context) {
  const chunks = await collect(await context.main().countTo(5000));
  assert.equal(chunks.length, 5000);
  assert.equal(chunks.at(-1), 5000);
}

export async function sends_a_long_stream(context) {
  assert.equal(await context.main().sumOf(streamOf(numbers(5000))), 4999 * 2500);
}

export async function gives_a_stream_to_write_to(context) {
  const chunks = [];
  let closed = false;
  const sink = new WritableStream({
    write: (chunk) => void chunks.push(chunk),
    close: () => (closed = true),
  });
  assert.equal(await context.main().fill(sink, 100), 'filled');
  assert.deepStrictEqual(chunks, numbers(100).map((i) => i + 1));
  assert.ok(closed);
}

export async function stream_to_write_to_is_abandoned(context) {
  const chunks = [];
  const reason = new Promise((resolve) => {
    const sink = new WritableStream({ write: (chunk) => void chunks.push(chunk), abort: resolve });
    context.main().abandon(sink).catch(resolve);
  });
  assert.equal(`${await reason}`, 'RangeError: abandoned');
  assert.deepStrictEqual(chunks, [1]);
}

export async function reader_cancels(context) {
  let next = 0;
  let cancel;
  const cancelled = new Promise((resolve) => (cancel = resolve));
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(next++), cancel });
  assert.equal(await context.main().firstOf(endless), 0);
  assert.equal((await cancelled).message, 'enough');
}

export async function stream_fails(context) {
  const reader = (await context.main().failingStream()).getReader();
  const error = await rejection((async () => {
    for (;;) await reader.read();
  })());
  assert.equal(`${error}`, 'RangeError: broke');
}

export async function sink_fails(context) {
  const sink = new WritableStream({
    write(chunk) {
      if (chunk === 2) throw new RangeError('disk full');
    },
  });
  await assertRejects(context.main().fill(sink, 100), 'RangeError', 'disk full');
}

export async function functions_in_a_stream(context) {
  const functions = [(i) => i + 10, (i) => i + 20];
  assert.deepStrictEqual(await context.main().callEach(streamOf(functions)), [10, 21]);
}

export async function sends_blobs(context) {
  const api = context.main();
  const described = await Promise.all([
    api.describeBlob(new Blob(['hello'], { type: 'x/y' })), api.describeBlob(new Blob([])),
  ]);
  assert.deepStrictEqual(described, ['x/y: hello', ': ']);
}

export async function echoes_a_blob(context) {
  const text = 'blob '.repeat(40_000);
  const blob = await context.main().echoBlob(new Blob([text], { type: 'text/plain' }));
  assert.equal(blob.type, 'text/plain');
  assert.equal(await blob.text(), text);
}

export async function sends_a_request_with_a_body(context) {
  const request = new Request('http://example.com/p', { method: 'POST', body: 'data' });
  assert.equal(await context.main().describeRequest(request), 'POST http://example.com/p data');
}

export async function reads_the_body_of_a_response(context) {
  const response = await context.main().makeResponse('a body', 201);
  assert.equal(response.status, 201);
  assert.equal(await response.text(), 'a body');
}

// ---- Release

export async function last_reference_releases(context) {
  const api = context.main();
  const held = await api.hold(context.unique);
  const second = held.dup();
  held[Symbol.dispose]();
  assert.equal(await second.name(), context.unique);
  second[Symbol.dispose]();
  await api.released(context.unique);
}

export async function dropped_promise_releases(context) {
  const api = context.main();
  api.hold(context.unique)[Symbol.dispose]();
  await api.released(context.unique);
}

export async function argument_is_released_before_the_answer(context) {
  const counter = new Counter(0);
  let disposed = false;
  counter.disposed.then(() => (disposed = true));
  await context.main().incrementCounter(counter, 1);
  assert.ok(disposed);
}

export async function closing_releases(context) {
  const first = context.main();
  assert.equal(await (await first.hold(context.unique)).name(), context.unique);
  const second = context.main();
  first[Symbol.dispose]();
  await second.released(context.unique);
}

export async function end_of_batch_releases(context) {
  assert.equal(await context.main().hold(context.unique).name(), context.unique);
  await context.main().released(context.unique);
}

// ---- Endings

export async function peer_vanishes_during_a_call(context) {
  const api = context.main();
  const started = new Promise((resolve) => {
    const never = new Promise(() => {});
    const call = api.callFunction(() => {
      resolve();
      return never;
    }, 1);
    context.pending = rejection(call);
  });
  const held = await api.hold(context.unique);
  const broken = new Promise((resolve) => held.onRpcBroken(resolve));
  await started;
  context.end();
  for (const error of [await context.pending, await broken, await rejection(api.square(2))])
    assert.match(error.message, context.vanished);
}

export async function vanished_client_is_released(context) {
  const held = await context.main().hold(context.unique);
  const broken = new Promise((resolve) => held.onRpcBroken(resolve));
  context.end();
  await broken;
  await context.main().released(context.unique);
}

export async function server_drains(context) {
  const api = context.main();
  const broken = new Promise((resolve) => api.onRpcBroken(resolve));
  const result = await api.callFunction(async (i) => {
    context.end();
    return i + 1;
  }, 1);
  assert.deepStrictEqual(result, { result: 2 });
  assert.match((await broken).message, context.drained);
}

export async function nobody_listens(context) {
  const error = await rejection(context.nobody().square(2));
  assert.match(error.message, context.unreachable);
}
