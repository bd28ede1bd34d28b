// The way between clients and servers: none, or the proxy.
import { once } from 'node:events';

import { ServerProcess } from '../../interop/harness/server_process.mjs';
import { WebSocket, WebSocketServer } from './capnweb.mjs';

export class Route {
  #listener = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  #proxy;
  #port;

  static async open(kind, bin) {
    const route = new Route();
    await once(route.#listener, 'listening');
    route.#port = route.#listener.address().port;
    if (kind === 'proxy') {
      route.#proxy = await ServerProcess.start(`${bin}/capnweb`, 'proxy',
        '--listen', 'ws://127.0.0.1:0/', '--upstream', `ws://127.0.0.1:${route.#port}/`);
      route.#port = route.#proxy.port;
    }
    return route;
  }

  // Both ends of a new connection. One at a time, so that they belong together.
  async connect() {
    const accepted = once(this.#listener, 'connection');
    const client = new WebSocket(`ws://127.0.0.1:${this.#port}/`);
    const [[server]] = await Promise.all([accepted, once(client, 'open')]);
    return { client, server };
  }

  // The exit code of the proxy, if there is one.
  async close() {
    this.#listener.close();
    return this.#proxy ? this.#proxy.stop() : 0;
  }
}
