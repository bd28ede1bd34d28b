// Plays all scenarios between one server and one client:
//   node --test-reporter=./harness/report.mjs interop.mjs <cpp|ts> <cpp|ts> <folder of the binaries>
// or, as both are of C++, over WebTransport, on a good network or on a bad one:
//   node --test-reporter=./harness/report.mjs interop.mjs cpp cpp <webtransport|lossy> <folder of the binaries>
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { drivers } from './harness/drivers.mjs';
import { ServerProcess } from './harness/server_process.mjs';
import { Stage } from './harness/stage.mjs';
import { scenariosFor, webtransportScenariosFor } from './scenarios.mjs';

const [server, client, ...rest] = process.argv.slice(2);
const bin = rest.pop();
const [network] = rest;
const startServer = () => ServerProcess.startPeer(server, bin, ...(network ? ['--webtransport'] : []));

// Megabytes would take minutes there, and values are all the same to a network.
const badNetwork = { loss: 0.05, reordering: 0.02, delay: 20, seed: 1 };
function chosenScenarios() {
  if (!network) return scenariosFor(server, client);
  return webtransportScenariosFor(server, client)
    .filter((scenario) => network === 'webtransport' || !(scenario.megabytes || scenario.with));
}

// The third party is of the other kind where both kinds take part.
const main = await startServer();
const other = server === client ? main : await ServerProcess.startPeer(client, bin);
after(async () => {
  for (const process of new Set([main, other])) assert.equal(await process.stop(), 0);
});

for (const scenario of chosenScenarios()) {
  const name = `${scenario.transport}: ${scenario.name}${scenario.title ? ` (${scenario.title})` : ''}`;
  test(name, { timeout: 30_000 }, async () => {
    const stage = await Stage.open(scenario, { main, other }, startServer,
      network === 'lossy' ? badNetwork : undefined);
    try {
      await drivers[client](stage, bin);
      await stage.check();
    } catch (error) {
      throw new Error(`${error.stack}\n${stage.transcript()}`);
    } finally {
      await stage.close();
    }
  });
}
