// A UDP relay with the face of Tap. What passes is encrypted, so it shows nothing; but it can be a
// bad network: `loss` and `reordering` are probabilities of a datagram, `delay` is milliseconds in
// each direction, and the same `seed` draws the same.
import dgram from 'node:dgram';
import { once } from 'node:events';

// mulberry32
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class UdpTap {
  #socket = dgram.createSocket('udp4');
  #target;
  #clients = new Map(); // "address:port" of a client: the socket that speaks to the server for it
  #network;
  #random;
  #isClosed = false;

  // Relays to a UDP port of this machine.
  static async open(target, network = {}) {
    const tap = new UdpTap();
    tap.#target = target;
    tap.#network = { loss: 0, reordering: 0, delay: 0, ...network };
    tap.#random = randomNumbers(network.seed ?? 0);
    tap.#socket.on('message', (bytes, from) => tap.#forward(bytes, from));
    tap.#socket.on('error', () => {}); // a client that has gone
    tap.#socket.bind(0, '127.0.0.1');
    await once(tap.#socket, 'listening');
    return tap;
  }

  get port() {
    return this.#socket.address().port;
  }

  // From now on connections that are there are dead; new ones are not.
  cut() {
    for (const socket of this.#clients.values()) socket?.close();
    for (const client of this.#clients.keys()) this.#clients.set(client, null);
  }

  close() {
    this.cut();
    this.#isClosed = true;
    this.#socket.close();
  }

  messages() {
    return [];
  }
  transcript() {
    return '  (encrypted)';
  }

  #forward(bytes, client) {
    const key = `${client.address}:${client.port}`;
    if (!this.#clients.has(key)) this.#clients.set(key, this.#connect(client));
    const socket = this.#clients.get(key);
    if (socket) this.#pass(() => this.#clients.get(key) === socket && socket.send(bytes, this.#target, '127.0.0.1'));
  }

  #connect(client) {
    const socket = dgram.createSocket('udp4');
    socket.on('message', (bytes) =>
      this.#pass(() => !this.#isClosed && this.#socket.send(bytes, client.port, client.address)));
    socket.on('error', () => {}); // a server that has gone
    return socket;
  }

  #pass(send) {
    const { loss, reordering, delay } = this.#network;
    if (loss > 0 && this.#random() < loss) return;
    const late = reordering > 0 && this.#random() < reordering ? delay / 2 + 1 : 0;
    if (delay + late > 0) setTimeout(send, delay + late);
    else send();
  }
}
