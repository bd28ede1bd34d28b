// node server.mjs [PORT]: the service of the benchmarks on the reference implementation.
import http from 'node:http';
import { newWebSocketRpcSession, nodeHttpBatchRpcResponse, RpcTarget } from 'capnweb';
import { WebSocket, WebSocketServer } from 'ws';

globalThis.WebSocket ??= WebSocket; // Node before 22 has none of its own

class Profile extends RpcTarget {
  #id;
  constructor(id) {
    super();
    this.#id = id;
  }
  name() {
    return `user ${this.#id}`;
  }
}

class User extends RpcTarget {
  #id;
  constructor(id) {
    super();
    this.#id = id;
  }
  profile() {
    return new Profile(this.#id);
  }
}

const items = Array.from({ length: 100 }, (_, id) => ({ id, name: `item ${id}`, ok: id % 2 === 0 }));

class Service extends RpcTarget {
  add(a, b) {
    return a + b;
  }
  echo(text) {
    return text;
  }
  sum(numbers) {
    return numbers.reduce((total, number) => total + number, 0);
  }
  list() {
    return items;
  }
  authenticate(id) {
    return new User(id);
  }
  async callMe(fn, x) {
    return await fn(x);
  }
  openSink() {
    return new WritableStream({ write() {} });
  }
}

const server = http.createServer((request, response) =>
  nodeHttpBatchRpcResponse(request, response, new Service()).catch(() => response.writeHead(500).end()),
);
server.keepAliveTimeout = 60_000;
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => newWebSocketRpcSession(socket, new Service()));
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', 4096, () =>
  console.log(`listening on ${server.address().port}`),
);
