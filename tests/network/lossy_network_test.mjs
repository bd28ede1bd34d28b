// The C++ peers on a network that loses 5 % of the IP packets, lets 2 % be overtaken, and takes
// 20 ms, over WebSockets and over WebTransport:
//   node --test-reporter=../interop/harness/report.mjs lossy_network_test.mjs <folder of the binaries>
// Exits with 77 where it may not make such a network.
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';

import { drivers } from '../interop/harness/drivers.mjs';
import { ServerProcess } from '../interop/harness/server_process.mjs';
import { scenariosFor, webtransportScenariosFor } from '../interop/scenarios.mjs';
import { LossyNetwork, NotPermitted } from './lossy_network.mjs';

const [bin] = process.argv.slice(2);

async function openNetwork() {
  try {
    return await LossyNetwork.open(bin, { loss: 0.05, reordering: 0.02, delay: 20 });
  } catch (error) {
    if (!(error instanceof NotPermitted)) throw error;
    console.log(`skipped, for it needs network namespaces and TUN devices: ${error.message}`);
    process.exit(77);
  }
}

// What is about the network; one of each kind.
const names = new Set(['calls_methods_of_all_kinds', 'thousand_calls_in_flight', 'a_mebibyte_of_text',
  'pipelines_on_a_new_counter', 'promises_as_arguments', 'maps_over_an_array', 'server_calls_a_function',
  'hundred_callbacks_in_flight', 'own_object_comes_home', 'stub_of_another_server', 'reads_a_long_stream',
  'sends_a_long_stream', 'reader_cancels', 'echoes_a_blob', 'closing_releases', 'nobody_listens']);
const scenarios = [
  ...scenariosFor('cpp', 'cpp').filter(({ transport }) => transport === 'websocket'),
  ...webtransportScenariosFor('cpp', 'cpp'),
].filter(({ name }) => names.has(name));
assert.equal(scenarios.length, 2 * names.size);

const network = await openNetwork();
const server = await ServerProcess.start(...network.atServer,
  `${bin}/interop-peer`, '--port', '0', '--host', network.host, '--webtransport');
after(async () => {
  assert.equal(await server.stop(), 0);
  const { lost, packets } = await network.close();
  assert.ok(lost > packets / 40 && lost < packets / 10, `${lost} of ${packets} packets were lost`);
});

// Nobody listens on port 9, as nobody else is there.
function urlsFor(transport) {
  if (transport === 'websocket') return [`ws://${network.host}:${server.port}/rpc`, `ws://${network.host}:9/rpc`];
  return [`https://${network.host}:${server.webtransport.port}/rpc/wt`, `https://${network.host}:9/rpc/wt`];
}

describe('on a bad network', { concurrency: 4 }, () => {
  for (const [index, scenario] of scenarios.entries()) {
    const [main, nobody] = urlsFor(scenario.transport);
    const stage = {
      scenario,
      unique: `scene ${index}`,
      urls: { main, other: main, nobody },
      certificateHashes: [server.webtransport.hash],
      clientPrefix: network.atClient,
    };
    test(`${scenario.transport}: ${scenario.name}`, { timeout: 30_000 }, () => drivers.cpp(stage, bin));
  }
});
