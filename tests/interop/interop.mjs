// Plays all scenarios between one server and one client:
//   node --test-reporter=./harness/report.mjs interop.mjs <cpp|ts> <cpp|ts> <folder of the binaries>
import assert from 'node:assert/strict';
import { after, test } from 'node:test';

import { drivers } from './harness/drivers.mjs';
import { ServerProcess } from './harness/server_process.mjs';
import { Stage } from './harness/stage.mjs';
import { scenariosFor } from './scenarios.mjs';

const [server, client, bin] = process.argv.slice(2);
const startServer = () => ServerProcess.startPeer(server, bin);

// The third party is of the other kind where both kinds take part.
const main = await startServer();
const other = server === client ? main : await ServerProcess.startPeer(client, bin);
after(async () => {
  for (const process of new Set([main, other])) assert.equal(await process.stop(), 0);
});

for (const scenario of scenariosFor(server, client)) {
  const name = `${scenario.transport}: ${scenario.name}${scenario.title ? ` (${scenario.title})` : ''}`;
  test(name, { timeout: 30_000 }, async () => {
    const stage = await Stage.open(scenario, { main, other }, startServer);
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
