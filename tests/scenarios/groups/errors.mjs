// What is thrown, and what arrives of it.
import assert from 'node:assert/strict';

import { RpcStub, RpcTarget } from '../harness/capnweb.mjs';
import { Api, Counter, failure } from './targets.mjs';

// The name of this function is in the stack of what it throws, and nowhere else.
function throwInTheServer() {
  throw new RangeError('with a stack');
}

const thrower = (make) => ({
  fail() {
    throw make();
  },
});

export const scenarios = {
  async 'types and messages'({ open }) {
    const types = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];
    const { api } = await open({ fail: (i) => thrower(() => new types[i](`number ${i}`)).fail() });
    for (const [i, type] of types.entries()) {
      const error = await failure(api.fail(i));
      assert.equal(Object.getPrototypeOf(error), type.prototype);
      assert.equal(error.message, `number ${i}`);
    }
  },

  async 'own properties'({ open }) {
    const { api } = await open(thrower(() => Object.assign(new RangeError('rich'), {
      code: 'E_RICH', details: { why: ['because'], count: 7n }, when: new Date(1234),
      request: new Request('http://example.org/', { method: 'DELETE' }),
    })));
    const error = await failure(api.fail());
    assert.equal(error.code, 'E_RICH');
    assert.deepStrictEqual(error.details, { why: ['because'], count: 7n });
    assert.deepStrictEqual(error.when, new Date(1234));
    assert.equal(error.request.method, 'DELETE');
    assert.equal(error.request.url, 'http://example.org/');
  },

  async 'causes and aggregates'({ open }) {
    const { api } = await open(thrower(() => new AggregateError(
      [new TypeError('first'), new RangeError('second', { cause: 'a text' })], 'both', { cause: new URIError('deep') })));
    const error = await failure(api.fail());
    assert.ok(error instanceof AggregateError);
    assert.ok(error.errors[0] instanceof TypeError);
    assert.ok(error.errors[1] instanceof RangeError);
    assert.equal(error.errors[1].cause, 'a text');
    assert.ok(error.cause instanceof URIError);
  },

  async 'properties that cannot travel are left out'({ open }) {
    const { api } = await open({
      fail() {
        throw Object.assign(new Error('with stubs'), {
          counter: new RpcStub(new Counter(1)), mixed: { counter: new RpcStub(new Counter(2)), bad: Symbol('x') }, code: 5,
        });
      },
      wrap: () => ({ error: Object.assign(new Error('wrapped'), { mixed: { bad: Object.create(null) }, code: 6 }) }),
    });
    const thrown = await failure(api.fail());
    assert.equal(thrown.code, 5);
    assert.ok(!('counter' in thrown) && !('mixed' in thrown));
    const { error } = await api.wrap();
    assert.equal(error.code, 6);
    assert.ok(!('mixed' in error));
  },

  async 'what is thrown need not be an error'({ open }) {
    const values = ['a text', 5, null, undefined, { code: 1, list: [1] }];
    const { api } = await open({ fail: (i) => thrower(() => values[i]).fail() });
    for (const [i, value] of values.entries()) {
      const thrown = await api.fail(i).then(() => 'nothing was thrown', (reason) => reason);
      assert.deepStrictEqual(thrown, value);
    }
  },

  async 'errors as values, both ways'({ open }) {
    let seen;
    const { api } = await open({ echo: (error) => (seen = error) });
    const back = await api.echo(Object.assign(new TypeError('just a value'), { code: 3 }));
    for (const error of [seen, back]) {
      assert.ok(error instanceof TypeError);
      assert.equal(error.message, 'just a value');
      assert.equal(error.code, 3);
    }
  },

  async 'stacks are kept back'({ open }) {
    const { api } = await open({ fail: throwInTheServer });
    const error = await failure(api.fail());
    assert.equal(error.message, 'with a stack');
    assert.doesNotMatch(error.stack, /throwInTheServer/);
  },

  async 'stacks are shown if the server wants that'({ open }) {
    const { api } = await open({ fail: throwInTheServer, value: () => ({ error: new Error('x', { cause: new Error('y') }) }) },
      { options: { onSendError: (error) => error } });
    assert.match((await failure(api.fail())).stack, /throwInTheServer/);
    const { error } = await api.value();
    assert.match(error.stack, /errors\.mjs/);
    assert.match(error.cause.stack, /errors\.mjs/);
  },

  async 'errors are rewritten if the server wants that'({ open }) {
    const { api } = await open(thrower(() => Object.assign(new Error('original'), { code: 'E_ORIGINAL', secret: 1 })), {
      options: {
        onSendError() {
          const rewritten = Object.assign(new TypeError('rewritten'), { code: 'E_REWRITTEN' });
          rewritten.stack = 'a stack of its own';
          return rewritten;
        },
      },
    });
    const error = await failure(api.fail());
    assert.ok(error instanceof TypeError);
    assert.equal(error.message, 'rewritten');
    assert.equal(error.stack, 'a stack of its own');
    assert.equal(error.code, 'E_REWRITTEN');
    assert.ok(!('secret' in error));
  },

  async 'properties are taken off if the server wants that'({ open }) {
    const { api } = await open(thrower(() => Object.assign(new Error('careful'), { code: 'E_OK', secret: 1 })), {
      options: {
        onSendError(error) {
          delete error.secret;
          return error;
        },
      },
    });
    const error = await failure(api.fail());
    assert.equal(error.code, 'E_OK');
    assert.ok(!('secret' in error));
  },

  async 'errors of callbacks reach their caller'({ open }) {
    class Caller extends RpcTarget {
      async run(f) {
        const error = await failure(f());
        return { type: error.constructor.name, message: error.message, code: error.code };
      }
    }
    const { api } = await open(new Caller());
    const found = await api.run(() => {
      throw Object.assign(new SyntaxError('of the client'), { code: 9 });
    });
    assert.deepStrictEqual(found, { type: 'SyntaxError', message: 'of the client', code: 9 });
  },

  async 'misuse'({ open, own }) {
    const { api } = await open(new Api());
    assert.match((await failure(api.title.split(' '))).message, /'title\.split' is not a function/);
    assert.match((await failure(own(api.user(1)).nope())).message, /'nope' is not a function/);
    assert.match((await failure(own(api.nothing())())).message, /is not a function/);
  },
};
