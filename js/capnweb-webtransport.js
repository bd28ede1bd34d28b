// capnweb-webtransport.js: Cap'n Web over a browser's WebTransport, for the npm package capnweb.
//
//   import { RpcSession } from 'capnweb';
//   import { WebTransportTransport } from './capnweb-webtransport.js';
//
//   const transport = new WebTransportTransport('https://example.org:4433/rpc/wt');
//   const api = new RpcSession(transport, localMain).getRemoteMain();
//
// Messages are lines of one bidirectional stream, the first that the client opens: each ends with
// "\n", which JSON text never has in it. Needs nothing but the browser.

const connectionFailed = (why) => new Error(`WebTransport connection failed. ${why}`);

// Code of the close; the reason is the message of what ended the session.
const abortedCode = 1;
const maxReason = 300; // characters: 1024 bytes at most

// What a promise gives, or `otherwise` if that takes too long.
function within(milliseconds, promise, otherwise) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds, otherwise)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// "ab:CD..." or "abcd...": the 32 bytes of a SHA-256.
function parseHash(text) {
  const digits = text.replaceAll(':', '');
  if (!/^[0-9a-f]{64}$/i.test(digits))
    throw new TypeError(`'${text}' is no certificate hash: it has 64 hexadecimal digits`);
  return Uint8Array.from(digits.match(/../g), (byte) => parseInt(byte, 16));
}

function openSession(url, { certificateHashes, connectTimeout, closeTimeout, maxUnsent, ...options }) {
  if (typeof WebTransport === 'undefined')
    throw connectionFailed('There is no WebTransport here: not in this browser, or the page is not ' +
      'a secure context (https://, or http://localhost).');
  if (certificateHashes)
    options.serverCertificateHashes = certificateHashes.map(
      (hash) => ({ algorithm: 'sha-256', value: parseHash(hash) }));
  return new WebTransport(url, options);
}

// An RpcTransport: see capnweb-webtransport.d.ts for what can be set and called.
export class WebTransportTransport {
  #session;
  #options;
  #opening;
  #reader;
  #writer;

  #outgoing = ''; // lines that no write has taken yet
  #isSending = false;
  #sending = Promise.resolve();

  #decoder = new TextDecoder('utf-8', { fatal: true });
  #lines = []; // received, from #next on not yet asked for
  #next = 0;
  #rest = ''; // the beginning of a line

  #failure; // why there is nothing more to send or receive
  #isAborted = false;

  // Connects at once; messages wait until that is done.
  constructor(target, options = {}) {
    this.#options = { connectTimeout: 10_000, closeTimeout: 5_000, maxUnsent: 64 * 1024 * 1024, ...options };
    this.#session = typeof target === 'string' || target instanceof URL
      ? openSession(String(target), this.#options) : target;
    this.#session.closed.catch(() => {}); // told by receive()
    this.#opening = this.#open();
    this.#opening.catch(() => {}); // told by receive()
  }

  // The browser's object, for its closed, its datagrams, its further streams.
  get session() {
    return this.#session;
  }

  async #open() {
    const { connectTimeout } = this.#options;
    const late = setTimeout(() => {
      this.#failure ??= connectionFailed(`No answer within ${connectTimeout} ms.`);
      this.#session.close();
    }, connectTimeout);
    try {
      await this.#session.ready;
      const { readable, writable } = await this.#session.createBidirectionalStream();
      this.#reader = readable.getReader();
      this.#writer = writable.getWriter();
    } catch (error) {
      // A page cannot know more; the browser's console does.
      throw (this.#failure ??= connectionFailed(`${error.message} The server cannot be reached, ` +
        'its certificate is not accepted, or it refuses the session; the console says more.'));
    } finally {
      clearTimeout(late);
    }
  }

  // ---- Sending

  // Takes a message; those of a turn, and those that come while a write is under way, leave
  // together: browsers give up connections that are flooded with small writes.
  send(message) {
    if (this.#isAborted || this.#failure) return;
    if (this.#outgoing.length > this.#options.maxUnsent) {
      this.#fail(connectionFailed('The peer reads too slowly: too many messages wait for it.'));
      throw this.#failure;
    }
    this.#outgoing += message + '\n';
    if (this.#isSending) return;
    this.#isSending = true;
    this.#sending = this.#sendAll();
  }

  async #sendAll() {
    const encoder = new TextEncoder();
    try {
      await this.#opening;
      while (this.#outgoing !== '') {
        const bytes = encoder.encode(this.#outgoing);
        this.#outgoing = '';
        await this.#writer.write(bytes);
      }
    } catch (error) {
      this.#fail(this.#failure ?? (await this.#reasonOfEnd(error)));
    }
    // In the turn of the last look at #outgoing: a message in between would never leave.
    this.#isSending = false;
  }

  // ---- Receiving

  // The next message; reads from the network only when none is left, so that the peer waits for a
  // page that is slow.
  async receive() {
    await this.#opening;
    while (this.#next === this.#lines.length) {
      let piece;
      try {
        piece = await this.#reader.read();
      } catch (error) {
        throw this.#failure ?? (await this.#reasonOfEnd(error));
      }
      if (piece.done)
        throw this.#failure ?? (await this.#reasonOfEnd(new Error('The peer has ended the stream of the messages.')));
      this.#takeText(this.#decoder.decode(piece.value, { stream: true }));
    }
    return this.#lines[this.#next++];
  }

  #takeText(text) {
    const lines = text.split('\n');
    lines[0] = this.#rest + lines[0];
    this.#rest = lines.pop();
    this.#lines = lines.filter((line) => line !== '');
    this.#next = 0;
  }

  // ---- The end

  // Says what has been sent so far, then ends the session with the reason.
  abort(reason) {
    if (this.#isAborted) return;
    this.#isAborted = true;
    const why = reason instanceof Error ? reason.message : String(reason);
    this.#leave(why.slice(0, maxReason));
  }

  async #leave(reason) {
    const lastWords = async () => {
      await this.#sending;
      await this.#writer?.close();
    };
    // Closing drops what has not arrived.
    await within(this.#options.closeTimeout, lastWords().catch(() => {}));
    this.#session.close({ closeCode: abortedCode, reason });
  }

  #fail(error) {
    this.#failure ??= error;
    this.#outgoing = '';
    this.#reader?.cancel().catch(() => {}); // wakes receive()
  }

  // The stream is over; why is known to the session, mostly at once.
  #reasonOfEnd(error) {
    const told = this.#session.closed.then(
      ({ closeCode = 0, reason = '' } = {}) => new Error(`Peer closed WebTransport: ${closeCode} ${reason}`),
      (lost) => connectionFailed(lost.message));
    return within(this.#options.closeTimeout, told, connectionFailed(error.message));
  }
}
