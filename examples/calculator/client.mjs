// node client.mjs [URL]: the client once more, in JavaScript, with the npm package capnweb. The same
// lines work in a browser.
import { newHttpBatchRpcSession, newWebSocketRpcSession } from 'capnweb';

// Node before 22 has none of its own.
globalThis.WebSocket ??= (await import('ws')).WebSocket;

const url = process.argv[2] ?? 'ws://127.0.0.1:8080/rpc';
const api = url.startsWith('ws') ? newWebSocketRpcSession(url) : newHttpBatchRpcSession(url);

// All three are on their way before the first answer is there, and the product uses the sum.
const sum = api.add(5, 3);
const [eight, fiftySix, error] = await Promise.all([
  sum,
  api.multiply(sum, 7),
  api.subtract(5, 3).catch((error) => error),
]);
console.log(`5 + 3 = ${eight}`);
console.log(`(5 + 3) * 7 = ${fiftySix}`);
console.log(`5 - 3: ${error}`);

api[Symbol.dispose](); // closes the connection
