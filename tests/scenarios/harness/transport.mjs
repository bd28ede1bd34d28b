// A WebSocket that remembers what has passed, and can be held up.
import { WebSocketTransport } from './capnweb.mjs';

export class Transport {
  #inner;
  #log;
  #name;
  #held = null;
  #release;

  constructor(socket, name, log) {
    this.#inner = new WebSocketTransport(socket);
    this.#name = name;
    this.#log = log;
    this.socket = socket;
  }

  send(message) {
    this.#log.push({ from: this.#name, what: 'sends', message });
    return this.#inner.send(message);
  }
  async receive() {
    const message = await this.#inner.receive();
    await this.#held;
    this.#log.push({ from: this.#name, what: 'hears', message });
    return message;
  }
  abort(reason) {
    this.#inner.abort(reason);
  }

  // Hears nothing until release().
  hold() {
    this.#held = new Promise((resolve) => (this.#release = resolve));
  }
  release() {
    this.#held = null;
    this.#release();
  }
}
