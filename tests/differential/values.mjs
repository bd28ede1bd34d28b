// JavaScript values of every kind that needs no session, at random.
const PIECES = ['"', '\\', '/', '\b\t\n\f\r', '\x00\x01\x1f\x7f', 'é', '\u2028\u2029', '日本', '😀',
  '\uffff', '\ud800', '\udfff', 'a', 'Z9', 'some words'];
const ODD_KEYS = ['', '0', '17', '4294967294', '4294967295', '-1', '01', 'constructor', 'toString',
  'toJSON', 'then', 'length', 'name'];
const CONTAINERS = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array,
  Uint32Array, BigInt64Array, BigUint64Array, Float32Array, Float64Array];
const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];
const URLS = ['http://EXAMPLE.com', 'https://a.b:443/x y?q=é#ü', 'mailto:A@b', 'data:,x',
  'http://[::1]:80/%7e/../z', 'file:///C:/x', 'urn:isbn:1', 'ws://u:p@h:1/'];

export class ValueGenerator {
  #random;

  constructor(random) {
    this.#random = random;
  }

  next() {
    return this.#value(5);
  }

  #value(levels) {
    const kind = levels > 0 ? this.#random.below(12) : 11;
    if (kind < 2) return this.#array(levels - 1);
    if (kind < 5) return this.#object(levels - 1);
    if (kind < 6) return this.#error(levels - 1);
    return this.#scalar();
  }

  #scalar() {
    switch (this.#random.below(16)) {
      case 0: return undefined;
      case 1: return null;
      case 2: return this.#random.oneIn(2);
      case 3: case 4: case 5: return this.#number();
      case 6: return this.#bigint();
      case 7: return new Date(this.#random.oneIn(8) ? NaN : this.#number());
      case 8: case 9: return this.#bytes();
      case 10: return new URL(this.#random.pick(URLS));
      case 11: return this.#headers();
      case 12: return this.#request();
      case 13: return this.#response();
      default: return this.#text();
    }
  }

  #number() {
    const r = this.#random;
    switch (r.below(5)) {
      case 0: return r.below(100) - 50;
      case 1: return (r.bits() - 2 ** 31) / 1000;
      case 2: return r.bits() * 2 ** 21;
      case 3: return r.pick([0, -0, Infinity, -Infinity, NaN, 1e21, 1e-7, 2 ** 53, 5e-324,
        Number.MAX_VALUE, 0.1 + 0.2]);
      default: return new Float64Array(new Uint32Array([r.bits(), r.bits()]).buffer)[0];
    }
  }

  #bigint() {
    let value = 0n;
    for (let words = this.#random.below(5); words > 0; --words)
      value = (value << 32n) + BigInt(this.#random.bits());
    return this.#random.oneIn(2) ? value : -value;
  }

  #text() {
    return this.#random.list(5, () => this.#random.pick(PIECES)).join('');
  }

  #bytes() {
    const r = this.#random;
    const data = Uint8Array.from(r.list(40, () => r.below(256)));
    switch (r.below(6)) {
      case 0: return data.buffer;
      case 1: return new DataView(data.buffer, Math.min(3, data.length));
      case 2: return Buffer.from(data);
      default: {
        // A view of the middle: only its own range is sent (V-19).
        const Container = r.pick(CONTAINERS);
        const size = Container.BYTES_PER_ELEMENT;
        const elements = Math.floor(data.length / size);
        const begin = Math.min(1, elements);
        return new Container(data.buffer, begin * size, elements - begin);
      }
    }
  }

  #headers() {
    // An empty value stands alone: joined to another it would lose the space on its way.
    const headers = new Headers(this.#random.oneIn(4) ? {'x-empty': ''} : {});
    this.#random.list(4, () => headers.append(
        this.#random.pick(['X-A', 'b', 'Set-Cookie', 'Content-Type']),
        this.#random.pick(['1', ' 2 ', 'a, b', 'ÿ'])));
    return headers;
  }

  #request() {
    const r = this.#random;
    const init = {};
    const maybe = (name, choices) => {
      if (r.oneIn(3)) init[name] = r.pick(choices);
    };
    maybe('method', ['get', 'POST', 'patch', 'DELETE']);
    maybe('headers', [this.#headers()]);
    maybe('cache', ['default', 'no-store', 'reload']);
    maybe('redirect', ['follow', 'manual', 'error']);
    maybe('integrity', ['', 'sha256-x']);
    maybe('mode', ['cors', 'same-origin']);
    maybe('credentials', ['same-origin', 'omit', 'include']);
    maybe('referrer', ['', 'about:client', 'http://r/']);
    maybe('referrerPolicy', ['', 'origin']);
    maybe('keepalive', [true, false]);
    return new Request(r.pick(['http://EXAMPLE.com', 'https://a.b/x?y#z', 'data:,x']), init);
  }

  #response() {
    const r = this.#random;
    return new Response(null, {status: r.pick([200, 201, 204, 404, 599]),
      statusText: r.pick(['', 'OK', 'not é']), headers: this.#headers()});
  }

  #array(levels) {
    const items = this.#random.list(5, () => this.#value(levels));
    if (this.#random.oneIn(8)) items.length += 1;  // a hole (V-12)
    return items;
  }

  #object(levels) {
    const object = {};
    this.#random.list(this.#random.oneIn(40) ? 40 : 5, () => {
      const key = this.#random.oneIn(5) ? this.#random.pick(ODD_KEYS) : 'k' + this.#text();
      object[key] = this.#value(levels);
    });
    return object;
  }

  #error(levels) {
    const r = this.#random;
    const options = r.oneIn(3) ? {cause: this.#value(levels)} : undefined;
    const error = r.oneIn(6)
        ? new AggregateError(this.#array(levels).filter(() => true), this.#text(), options)
        : new (r.pick(ERRORS))(this.#text(), options);
    r.list(2, () => { error['p' + this.#text()] = this.#value(levels); });
    return error;
  }
}
