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

  // `command` prints "listening on PORT" when it does.
  static async start(command, ...args) {
    const server = new ServerProcess();
    server.#process = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    server.#exited = once(server.#process, 'exit');
    server.port = await server.#readPort(command);
    return server;
  }

  // kind: 'cpp' or 'ts'; bin: the folder of the C++ programs.
  static startPeer(kind, bin) {
    if (kind === 'cpp') return ServerProcess.start(`${bin}/interop-peer`, '--port', '0');
    const script = fileURLToPath(new URL('../ts_server.mjs', import.meta.url));
    return ServerProcess.start(process.execPath, script);
  }

  async #readPort(command) {
    const lines = createInterface({ input: this.#process.stdout });
    const first = once(lines, 'line').then(([line]) => line);
    const late = new Promise((_, reject) =>
      setTimeout(reject, startWithin, new Error('it did not say where it listens')).unref());
    const gone = this.#exited.then(([code, signal]) => {
      throw new Error(`it ended with ${code ?? signal}`);
    });
    gone.catch(() => {}); // Ending later is no failure.
    try {
      const line = await Promise.race([first, late, gone]);
      return Number(/^listening on (\d+)$/.exec(line)[1]);
    } catch (error) {
      this.#process.kill('SIGKILL');
      throw new Error(`${command} did not start: ${error.message}`);
    }
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
