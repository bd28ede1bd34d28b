// A server in a process of its own: the C++ peer, or the TypeScript one.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const startWithin = 20_000;

export class ServerProcess {
  #process;
  #exited;
  port;
  webtransport; // { port, hash }, if it was started with --webtransport

  // `command` prints "listening on PORT" when it does, and then, with --webtransport, the line that
  // tells of that.
  static async start(command, ...args) {
    const server = new ServerProcess();
    server.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    server.#exited = once(server.#process, 'exit');
    const wanted = [/^listening on (\d+)$/];
    if (args.includes('--webtransport')) wanted.push(/^webtransport on (\d+) sha256 ([0-9a-f]{64})$/);
    const [[port], webtransport] = await server.#readLines(wanted, command);
    server.port = Number(port);
    if (webtransport) server.webtransport = { port: Number(webtransport[0]), hash: webtransport[1] };
    return server;
  }

  // kind: 'cpp' or 'ts'; bin: the folder of the C++ programs.
  static startPeer(kind, bin, ...args) {
    if (kind === 'cpp') return ServerProcess.start(`${bin}/interop-peer`, '--port', '0', ...args);
    const script = fileURLToPath(new URL('../ts_server.mjs', import.meta.url));
    return ServerProcess.start(process.execPath, script);
  }

  // What the first lines have in the groups of `patterns`, one for each line.
  async #readLines(patterns, command) {
    const found = [];
    const all = new Promise((resolve, reject) => {
      createInterface({ input: this.#process.stdout }).on('line', (line) => {
        if (found.length === patterns.length) return;
        const match = patterns[found.length].exec(line);
        if (!match) return reject(new Error(`it says: ${line}`));
        if (found.push(match.slice(1)) === patterns.length) resolve(found);
      });
    });
    const late = new Promise((_, reject) =>
      setTimeout(reject, startWithin, new Error('it did not say where it listens')).unref());
    const gone = this.#exited.then(([code, signal]) => {
      throw new Error(`it ended with ${code ?? signal}`);
    });
    gone.catch(() => {}); // Ending later is no failure.
    try {
      return await Promise.race([all, late, gone]);
    } catch (error) {
      this.#process.kill('SIGKILL');
      throw new Error(`${command} did not start: ${error.message}`);
    }
  }

  // Those that only lead to it (nsenter, taskset) have become it.
  get pid() {
    return this.#process.pid;
  }

  signal(name) {
    this.#process.kill(name);
  }

  // Its exit code, or the signal that ended it.
  async ended() {
    const [code, signal] = await this.#exited;
    return code ?? signal;
  }

  // Asks it to end; returns as ended().
  stop() {
    this.signal('SIGTERM');
    return this.ended();
  }
}
