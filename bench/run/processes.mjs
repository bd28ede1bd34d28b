// Servers and clients, pinned to one core.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pinned = (core, command) => ['-c', String(core), ...command];

export class Server {
  // Starts it; returns when it listens.
  static async start(core, command) {
    const server = new Server();
    server.process = spawn('taskset', pinned(core, command), { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: server.process.stdout })) {
      const [, port] = /^listening on (\d+)$/.exec(line) ?? [];
      if (!port) continue;
      server.port = port;
      return server;
    }
    throw new Error(`${command.join(' ')} does not listen`);
  }

  // taskset becomes the server, so its process is the server's.
  get pid() {
    return this.process.pid;
  }

  async stop() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exit;
  }
}

// Runs a client to its end; what it reports. Throws if anything in it was wrong.
export async function load(core, command, server, flags) {
  const all = [...command, '--port', server.port, '--server-pid', server.pid, ...flags];
  let output;
  try {
    output = await run('taskset', pinned(core, all).map(String), { timeout: 120_000 });
  } catch (error) {
    throw new Error(`${all.join(' ')}: ${error.stdout || error.stderr || error.message}`);
  }
  return JSON.parse(output.stdout);
}
