// Where one scenario plays: the servers, and a tap in front of each.
import assert from 'node:assert/strict';
import net from 'node:net';
import { once } from 'node:events';

import { ServerProcess } from './server_process.mjs';
import { Tap } from './tap.mjs';
import { UdpTap } from './udp_tap.mjs';

let scenes = 0;

async function unusedPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Stage {
  // `servers`: the server under test and the other one, which all scenarios share; one that ends
  // its server gets a process of its own from `startServer`. `network`: how bad it is (udp_tap.mjs).
  static async open(scenario, servers, startServer, network) {
    const stage = new Stage();
    stage.scenario = scenario;
    stage.unique = `scene ${++scenes}`;
    if (scenario.ends === 'process' || scenario.ends === 'politely') stage.server = await startServer();
    const openTap = ({ port, webtransport }) =>
      scenario.transport === 'webtransport' ? UdpTap.open(webtransport.port, network) : Tap.open(port);
    const main = stage.server ?? servers.main;
    stage.tap = await openTap(main);
    stage.otherTap = await openTap(servers.other);
    stage.certificateHashes = [main, servers.other].flatMap(({ webtransport }) => webtransport?.hash ?? []);
    stage.urls = {
      main: stage.#url(stage.tap.port),
      other: stage.#url(stage.otherTap.port),
      nobody: stage.#url(await unusedPort()),
    };
    return stage;
  }

  #url(port) {
    const { transport } = this.scenario;
    if (transport === 'webtransport') return `https://127.0.0.1:${port}/rpc/wt`;
    return `${transport === 'batch' ? 'http' : 'ws'}://127.0.0.1:${port}/rpc`;
  }

  // What the scenario's `ends` says.
  end() {
    const ends = {
      connection: () => this.tap.cut(),
      process: () => this.server.signal('SIGKILL'),
      politely: () => this.server.signal('SIGTERM'),
    };
    ends[this.scenario.ends]();
  }

  cutOther() {
    this.otherTap.cut();
  }

  // What only the stage can see once the scenario has played.
  async check() {
    const { requests, ends } = this.scenario;
    if (requests !== undefined)
      assert.equal(this.tap.messages().filter(({ text }) => text.startsWith('POST ')).length, requests);
    if (ends === 'politely') assert.equal(await this.server.ended(), 0, 'the exit code of the server');
  }

  transcript() {
    const other = this.otherTap.messages().length > 0 ? `\nother server:\n${this.otherTap.transcript()}` : '';
    return `sent (>) and received (<), by connection:\n${this.tap.transcript()}${other}`;
  }

  async close() {
    this.tap.close();
    this.otherTap.close();
    this.server?.signal('SIGKILL');
    await this.server?.ended();
  }
}
