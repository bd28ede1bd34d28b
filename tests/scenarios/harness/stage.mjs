// What a scenario plays with: connections, and what it has to give back in the end.
import { RpcSession } from './capnweb.mjs';
import { Transport } from './transport.mjs';
import { until } from './until.mjs';

// A connection and the sessions at its two ends.
class Link {
  log = [];

  constructor(sockets, number, { main, clientMain, options }) {
    this.client = new Transport(sockets.client, `client ${number}`, this.log);
    this.server = new Transport(sockets.server, `server ${number}`, this.log);
    this.serverSession = new RpcSession(this.server, main, options);
    this.clientSession = new RpcSession(this.client, clientMain);
    this.api = this.clientSession.getRemoteMain();
    this.callback = this.serverSession.getRemoteMain();
  }

  // What one end has sent or heard so far: ["push",...] and so on, parsed.
  messages(end, what) {
    return this.log.filter((entry) => entry.from.startsWith(end) && entry.what === what)
      .map(({ message }) => JSON.parse(message));
  }
  isIdle() {
    return [this.clientSession, this.serverSession].every((session) => {
      const { imports, exports } = session.getStats();
      return imports === 1 && exports === 1;
    });
  }
  stats() {
    return JSON.stringify({ client: this.clientSession.getStats(), server: this.serverSession.getStats() });
  }
  close() {
    this.client.socket.terminate();
    this.server.socket.terminate();
  }
}

// `open` and `own` may be taken off it.
export class Stage {
  #route;
  #links = [];
  #owned = [];

  constructor(route) {
    this.#route = route;
  }

  // A connection to a server with the main object `main`. `clientMain` is the client's, `options`
  // are the server's session's. `ends`: the scenario ends it, so there is nothing to check after it.
  open = async (main, { clientMain, options, ends = false } = {}) => {
    const link = new Link(await this.#route.connect(), this.#links.length + 1, { main, clientMain, options });
    link.ends = ends;
    this.#links.push(link);
    return link;
  };

  // Disposes it in the end: what `using` is for.
  own = (disposable) => {
    this.#owned.push(disposable);
    return disposable;
  };

  // Gives back, and waits until both ends hold nothing any more.
  async finish() {
    for (const disposable of this.#owned.reverse()) disposable[Symbol.dispose]();
    for (const link of this.#links)
      if (!link.ends) await until(() => link.isIdle(), () => `something is left: ${link.stats()}`);
  }
  close() {
    for (const link of this.#links) link.close();
  }

  transcript() {
    const lines = this.#links.flatMap(({ log }) => log.map(({ from, what, message }) =>
      `  ${from} ${what} ${message.length > 300 ? `${message.slice(0, 300)}...` : message}`));
    return lines.join('\n');
  }
}
