// node client.mjs PORT WINDOW SECONDS: add() through the client of the reference implementation.
// Prints the CPU time of this process per call, as bench-client does for ours.
import { newWebSocketRpcSession } from 'capnweb';
import { WebSocket } from 'ws';

globalThis.WebSocket ??= WebSocket;

const [port, window, seconds] = process.argv.slice(2).map(Number);
const api = newWebSocketRpcSession(new WebSocket(`ws://127.0.0.1:${port}/rpc`));
let calls = 0;
let errors = 0;

async function keepCalling(until) {
  for (let number = 0; performance.now() < until; ++number) {
    const a = number % 1000;
    const b = number % 77;
    if ((await api.add(a, b)) !== a + b) ++errors;
    ++calls;
  }
}

const phase = (length) => {
  const until = performance.now() + length * 1000;
  return Promise.all(Array.from({ length: window }, () => keepCalling(until)));
};

await phase(Math.max(0.5, seconds / 2)); // until V8 has compiled what is hot
calls = 0;
const begin = performance.now();
const cpu = process.cpuUsage();
await phase(seconds);
const { user, system } = process.cpuUsage(cpu);
const elapsed = (performance.now() - begin) / 1000;
console.log(
  JSON.stringify({
    calls,
    calls_per_s: Math.round(calls / elapsed),
    client_cpu_ns: ((user + system) * 1000) / calls,
    errors,
  }),
);
process.exit(errors === 0 ? 0 : 1);
