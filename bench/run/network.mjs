// node network.mjs BIN [--quick] [--rounds N] [--core N] [--docs]
//
// WebTransport beside WebSockets, with this library's server and client at both ends: on loopback,
// what a call costs the server and what an idle session holds; and on networks of 20 ms, good and
// bad (tests/network), how many calls come through and how long they take. Both take turns within a
// round. --docs puts the table into docs/performance.md.
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { ServerProcess } from '../../tests/interop/harness/server_process.mjs';
import { LossyNetwork } from '../../tests/network/lossy_network.mjs';
import { median, medianRatio, spread } from './statistics.mjs';

const run = promisify(execFile);
const page = fileURLToPath(new URL('../../docs/performance.md', import.meta.url));
const { values: options, positionals: [bin] } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    core: { type: 'string', default: String(cpus().length - 1) },
    docs: { type: 'boolean', default: false },
  },
});
const rounds = Number(options.rounds);
const scale = options.quick ? 0.2 : 1;

const loopback = { title: 'loopback', host: '127.0.0.1', atServer: [], atClient: [] };
const sharesCore = ['taskset', '-c', options.core];
const cpu = { title: "server's CPU, µs per call", of: (report) => report.server_cpu_ns / 1000 };
const rate = { title: 'calls per second', of: (report) => report.calls_per_s };
const p50 = { title: 'p50, ms', of: (report) => report.p50_us / 1000 };
const p99 = { title: 'p99, ms', of: (report) => report.p99_us / 1000 };
const memory = { title: 'KiB per session', of: (report) => report.bytes_per_connection / 1024 };

// Loss needs many calls to show in the 99th percentile, so several connections.
const w1 = { title: 'add, one at a time', flags: ['--workload', 'add'] };
const w2 = { title: 'add, 64 under way', flags: ['--workload', 'add', '--window', 64] };
const few = { title: 'add, 20 connections, one at a time', flags: ['--workload', 'add', '--connections', 20] };
const many = {
  title: 'add, 20 connections, 16 under way on each',
  flags: ['--workload', 'add', '--connections', 20, '--window', 16],
};
const idle = { title: 'idle', flags: ['--workload', 'idle', '--connections', 500] };
const take = { title: 'strings of 64 KiB, 16 under way', flags: ['--workload', 'take', '--size', 65536, '--window', 16] };
const stream = { title: 'MiB/s', of: (report) => (report.calls_per_s * 65536) / (1024 * 1024) };

// `network`: the name of one of those below; `prefix` is before both commands.
const measurements = [
  { network: 'loopback', ...w1, prefix: sharesCore, seconds: 1, figures: [cpu, rate, p50, p99] },
  { network: 'loopback', ...w2, prefix: sharesCore, seconds: 1, figures: [cpu, rate, p50, p99] },
  { network: 'loopback', ...take, prefix: [], seconds: 1, figures: [stream] },
  { network: 'loopback', ...idle, prefix: [], seconds: 0.5, figures: [memory], needsFreshServer: true },
  ...['20 ms', '20 ms, 5 % lost'].flatMap((network) => [few, many].map((workload) =>
    ({ network, ...workload, prefix: [], seconds: 3, figures: [rate, p50, p99] }))),
];

class Site {
  static async open(network) {
    const site = new Site();
    site.network = network;
    site.server = await Site.#start(network);
    return site;
  }
  static #start({ atServer, host }, prefix = []) {
    return ServerProcess.start(...[...prefix, ...atServer,
      join(bin, 'bench-server'), '--host', host, '--webtransport']);
  }

  async measure(measurement, way) {
    const { flags, seconds, prefix, needsFreshServer } = measurement;
    const { atClient, host } = this.network;
    const isPinned = prefix.length > 0;
    const server = needsFreshServer || isPinned ? await Site.#start(this.network, prefix) : this.server;
    const { port, hash } = way === 'webtransport' ? server.webtransport : server;
    const command = [...prefix, ...atClient, join(bin, 'bench-client'), '--host', host, '--port', port,
      ...(hash ? ['--path', '/rpc/wt', '--webtransport', hash] : []), '--server-pid', server.pid,
      ...flags, '--seconds', seconds * scale, '--warmup', (seconds * scale) / 4].map(String);
    try {
      const { stdout } = await run(command[0], command.slice(1), { timeout: 120_000 });
      return JSON.parse(stdout);
    } catch (error) {
      throw new Error(`${command.join(' ')}: ${error.stdout || error.stderr || error.message}`);
    } finally {
      if (server !== this.server) await server.stop();
    }
  }

  async close() {
    await this.server.stop();
    await this.network.close?.();
  }
}

async function rawStream() {
  const { stdout } = await run(join(bin, 'bench-quic'), ['--mib', String(Math.round(512 * scale))]);
  return Number(/^(\d+) MiB/.exec(stdout)[1]);
}

// Three that count.
const digits = (number) => (number >= 100 ? number.toFixed(0) : String(Number(number.toPrecision(3))));

function rows({ network, title, figures, websocket, webtransport }) {
  return figures.map((figure) => {
    const [ours, theirs] = [webtransport, websocket].map((reports) => reports.map(figure.of));
    const ratio = medianRatio(ours, theirs);
    const noise = spread(ours.map((value, round) => value / theirs[round]));
    return [network, title, figure.title, digits(median(theirs)), digits(median(ours)),
      `${digits(ratio)}x`, `±${(100 * noise).toFixed(0)} %`];
  });
}

function summarize(results, raw) {
  const head = ['network', 'workload', '', 'WebSocket', 'WebTransport', 'WebTransport / WebSocket', 'spread'];
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const rule = head.map((_, index) => (index < 3 ? '---' : '---:'));
  return [
    `Medians of ${rounds} rounds. ${cpus()[0].model}, ${cpus().length} cores, Linux ${release().match(/^\d+\.\d+/)[0]}.`, '',
    line(head), line(rule), ...results.flatMap(rows).map(line), '',
    `One stream of a QUIC connection on loopback, without messages: ${median(raw)} MiB/s.`,
  ].join('\n');
}

// Replaces what stands between the two marks.
function publish(summary) {
  const [before, rest] = readFileSync(page, 'utf8').split('<!-- network -->\n');
  const [, after] = rest.split('<!-- end of network -->\n');
  writeFileSync(page, `${before}<!-- network -->\n${summary}\n<!-- end of network -->\n${after}`);
}

const sites = {
  loopback: await Site.open(loopback),
  '20 ms': await Site.open(await LossyNetwork.open(bin, { delay: 20 })),
  '20 ms, 5 % lost': await Site.open(await LossyNetwork.open(bin, { delay: 20, loss: 0.05 })),
};
try {
  const results = measurements.map((measurement) => ({ ...measurement, websocket: [], webtransport: [] }));
  const raw = [];
  for (let round = 1; round <= rounds; ++round) {
    for (const result of results) {
      for (const way of ['websocket', 'webtransport'])
        result[way].push(await sites[result.network].measure(result, way));
      const said = result.figures.map(({ title, of }) =>
        `${title} ${digits(of(result.websocket.at(-1)))} and ${digits(of(result.webtransport.at(-1)))}`);
      console.error(`round ${round}/${rounds} ${result.network}, ${result.title}: ${said.join('; ')}`);
    }
    raw.push(await rawStream());
  }
  const summary = summarize(results, raw);
  if (options.docs) publish(summary);
  console.log(summary);
} finally {
  for (const site of Object.values(sites)) await site.close();
}
