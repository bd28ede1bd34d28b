// A bad network between two network namespaces (lossy-network), for tests and benchmarks.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

// This system does not let us make one.
export class NotPermitted extends Error {}

export class LossyNetwork {
  #process;
  #exited;
  #lines;
  // Where servers are, as clients see them.
  host = '198.18.0.2';
  // What is before the command of a server, and of a client.
  atServer;
  atClient;

  // bin: the folder of the C++ programs; loss, reordering: shares; delay: ms, there and back.
  static async open(bin, { loss = 0, reordering = 0, delay = 0, seed = 1 }) {
    const network = new LossyNetwork();
    network.#process = spawn(`${bin}/lossy-network`, [loss, reordering, delay, seed].map(String),
      { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaint = '';
    network.#process.stderr.on('data', (text) => (complaint += text));
    network.#exited = once(network.#process, 'close');
    network.#lines = createInterface({ input: network.#process.stdout })[Symbol.asyncIterator]();
    const { value: line } = await network.#lines.next();
    if (!line) {
      const [code] = await network.#exited;
      throw new (code === 77 ? NotPermitted : Error)(complaint.trim());
    }
    [network.atClient, network.atServer] = line.split(' ').map((path) => ['nsenter', `--net=${path}`]);
    return network;
  }

  // What became of the packets: { lost, packets }.
  async close() {
    this.#process.stdin.end();
    const { value: line } = await this.#lines.next();
    const [code, signal] = await this.#exited;
    if (code !== 0) throw new Error(`lossy-network ended with ${code ?? signal}`);
    const [lost, packets] = line.split(' ').map(Number);
    return { lost, packets };
  }
}
