// node client.mjs --port N [--window N] [--seconds S]: add() through the client of the reference
// implementation. Reports the CPU time of this process per call, as bench-client does for ours.
import { parseArgs } from 'node:util';
import { newWebSocketRpcSession } from 'capnweb';
import { WebSocket } from 'ws';

globalThis.WebSocket ??= WebSocket;

const { values: options } = parseArgs({
  options: Object.fromEntries(
    ['port', 'window', 'seconds', 'warmup', 'workload', 'server-pid'].map((name) => [name, { type: 'string' }]),
  ),
});
const window = Number(options.window ?? 1);
const seconds = Number(options.seconds ?? 1);
const api = newWebSocketRpcSession(new WebSocket(`ws://127.0.0.1:${options.port}/rpc`));
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
