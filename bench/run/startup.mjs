// What does not depend on a workload: how long until a server answers, and how large it is.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from './processes.mjs';

// Milliseconds from the start of the process to the answer to its first call.
export async function timeToFirstAnswer(core, command) {
  const begin = performance.now();
  const server = await Server.start(core, command);
  const response = await fetch(`http://127.0.0.1:${server.port}/rpc`, {
    method: 'POST',
    body: '["push",["pipeline",0,["add"],[5,3]]]\n["pull",1]',
  });
  const answer = await response.text();
  const elapsed = performance.now() - begin;
  await server.stop();
  if (answer !== '["resolve",1,8]') throw new Error(`a wrong first answer: ${answer}`);
  return elapsed;
}

// Bytes of a program without its symbols.
export function strippedSize(program) {
  if (!existsSync(program)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const stripped = join(folder, 'stripped');
  execFileSync('strip', ['-o', stripped, program]);
  const { size } = statSync(stripped);
  rmSync(folder, { recursive: true });
  return size;
}
