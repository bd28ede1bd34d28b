// A tap on the wire: a TCP relay that keeps what passes and can print it. The bytes arrive as they
// were sent, so that the two peers still talk to each other.
import net from 'node:net';
import { once } from 'node:events';

import { WireReader } from './wire_reader.mjs';

export class Tap {
  #server = net.createServer({ allowHalfOpen: true }, (socket) => this.#relay(socket));
  #target;
  #sockets = new Set();
  #connections = 0;
  #chunks = []; // { connection, from: 'client' | 'server', bytes }

  // Relays connections to a port of this machine.
  static async open(target) {
    const tap = new Tap();
    tap.#target = target;
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get port() {
    return this.#server.address().port;
  }

  // Cuts every connection, without a word of any protocol.
  cut() {
    for (const socket of this.#sockets) socket.destroy();
  }

  close() {
    this.#server.close();
    this.cut();
  }

  // What has passed, message by message, in the order of arrival.
  messages() {
    const readers = new Map();
    return this.#chunks.flatMap(({ connection, from, bytes }) => {
      const key = `${connection} ${from}`;
      if (!readers.has(key)) readers.set(key, new WireReader());
      return readers.get(key).read(bytes).map((text) => ({ connection, from, text }));
    });
  }

  // The same for people: ">" is from the client, "<" from the server.
  transcript() {
    const lines = this.messages().map(({ connection, from, text }) => {
      const shown = text.length > 400 ? `${text.slice(0, 400)}... (${text.length} characters)` : text;
      return `  ${connection} ${from === 'client' ? '>' : '<'} ${shown}`;
    });
    return lines.length > 0 ? lines.join('\n') : '  nothing';
  }

  #relay(client) {
    const connection = ++this.#connections;
    const server = net.connect({ port: this.#target, host: '127.0.0.1', allowHalfOpen: true });
    this.#forward(connection, 'client', client, server);
    this.#forward(connection, 'server', server, client);
  }

  #forward(connection, from, source, sink) {
    this.#sockets.add(source);
    source.on('data', (bytes) => {
      this.#chunks.push({ connection, from, bytes });
      if (!sink.write(bytes)) {
        source.pause();
        sink.once('drain', () => source.resume());
      }
    });
    source.on('end', () => sink.end());
    source.on('error', () => sink.destroy());
    source.on('close', () => this.#sockets.delete(source));
  }
}
