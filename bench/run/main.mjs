// node main.mjs BIN [--quick] [--rounds N] [--seconds S] [--only W2,W5] [--core N] [--out FOLDER] [--docs]
//
// Runs every workload on every system, one after the other, several rounds of all of them, on one
// core; prints the medians and writes them as JSON and SVG. --docs puts them into docs/ as well.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { plot } from './plot.mjs';
import { load, Server } from './processes.mjs';
import { strippedSize, timeToFirstAnswer } from './startup.mjs';
import { median } from './statistics.mjs';
import { findSystems } from './systems.mjs';
import { table } from './table.mjs';
import { workloads as allWorkloads } from './workloads.mjs';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    only: { type: 'string' },
    core: { type: 'string', default: String(cpus().length - 1) },
    out: { type: 'string', default: 'build/bench' },
    docs: { type: 'boolean', default: false },
  },
});
const [bin] = positionals;
const seconds = Number(options.seconds ?? (options.quick ? 0.2 : 1));
const rounds = Number(options.rounds);
const systems = findSystems(bin);
const chosen = options.only?.split(',');
const workloads = allWorkloads.filter(({ id }) => !chosen || chosen.includes(id));

function flagsOf(workload) {
  if (workload.needsFreshServer) return [...workload.flags, '--seconds', '1'];
  return [...workload.flags, '--seconds', seconds, '--warmup', seconds / 4];
}

async function measure(servers, workload, name) {
  const system = systems[name];
  if (!workload.needsFreshServer)
    return load(options.core, system.client, servers[system.sharesServerOf ?? name], flagsOf(workload));
  const server = await Server.start(options.core, system.server);
  const report = await load(options.core, system.client, server, flagsOf(workload));
  await server.stop();
  return report;
}

// V8 compiles what is hot, and that takes it a while.
async function warmUp(servers) {
  for (const workload of workloads.filter((each) => !each.needsFreshServer))
    for (const name of workload.systems)
      if (systems[name]?.isSlowToWarm && !systems[name].sharesServerOf)
        await load(options.core, systems[name].client, servers[name], [
          ...workload.flags,
          '--seconds',
          1.5,
        ]);
}

async function runRounds(servers) {
  const results = workloads.map((workload) => ({
    workload,
    systems: workload.systems
      .filter((name) => systems[name])
      .map((name) => ({ name, title: systems[name].title, reports: [] })),
  }));
  for (let round = 1; round <= rounds; ++round)
    for (const { workload, systems: measured } of results) {
      const figures = [];
      for (const { name, title, reports } of measured) {
        reports.push(await measure(servers, workload, name));
        figures.push(`${title} ${Math.round(reports.at(-1)[workload.metric])}`);
      }
      console.error(`round ${round}/${rounds} ${workload.id}: ${figures.join(', ')}`);
    }
  for (const { workload, systems: measured } of results)
    for (const system of measured) system.values = system.reports.map((report) => report[workload.metric]);
  return results;
}

async function measureProgram() {
  const startups = [];
  for (let i = 0; i < 5; ++i) startups.push(await timeToFirstAnswer(options.core, systems.capnweb.server));
  return {
    first_answer_ms: median(startups),
    stripped_bytes: strippedSize(join(bin, 'calculator-server')),
  };
}

function describeSetting() {
  const compiler = execFileSync('g++', ['--version']).toString().split('\n')[0];
  return `${cpus()[0].model}, ${cpus().length} cores, Linux ${release().match(/^\d+\.\d+/)[0]}, ${compiler}, Node ${process.version}`;
}

function summarize(results, program, setting) {
  const kibibytes = program.stripped_bytes && (program.stripped_bytes / 1024).toFixed(0);
  return [
    `CPU time per call in µs, of the server (C1, C2: of the client); W8 is KiB per connection. In`,
    `brackets: times the floor. "npm / ours" and so on: how many times as much as ours. Medians of`,
    `${rounds} rounds of ${seconds} s each. ${setting}.`,
    '',
    table(results),
    '',
    `From the start of the server's process to its first answer: ${program.first_answer_ms.toFixed(1)} ms.`,
    kibibytes ? `The calculator's server with the library in it, stripped: ${kibibytes} KiB.` : '',
  ].join('\n');
}

// Replaces what stands between the two marks.
function publish(summary, image) {
  const page = join(docs, 'performance.md');
  const [before, rest] = readFileSync(page, 'utf8').split('<!-- results -->\n');
  const [, after] = rest.split('<!-- end of results -->\n');
  const body = `${summary}\n\n![Cost per call, times the floor](performance.svg)\n`;
  writeFileSync(page, `${before}<!-- results -->\n${body}<!-- end of results -->\n${after}`);
  writeFileSync(join(docs, 'performance.svg'), image);
}

const servers = {};
try {
  for (const [name, { server }] of Object.entries(systems))
    if (server) servers[name] = await Server.start(options.core, server);
  await warmUp(servers);
  const results = await runRounds(servers);
  const program = await measureProgram();
  const setting = describeSetting();
  const summary = summarize(results, program, setting);
  const image = plot(results);
  mkdirSync(options.out, { recursive: true });
  const all = { setting, seconds, program, results };
  writeFileSync(join(options.out, 'results.json'), JSON.stringify(all, null, 1));
  writeFileSync(join(options.out, 'results.md'), `${summary}\n`);
  writeFileSync(join(options.out, 'plot.svg'), image);
  if (options.docs) publish(summary, image);
  console.log(summary);
} finally {
  await Promise.all(Object.values(servers).map((server) => server.stop()));
}
