// What is measured: how to start each server and which client loads it. `floor` does the same I/O
// without RPC; every other title is compared with what has that one in the same workload.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const npmFolder = fileURLToPath(new URL('../peers/npm/', import.meta.url));

export function findSystems(bin) {
  const program = (name, ...flags) => [join(bin, name), ...flags];
  const load = program('bench-load');
  const systems = {
    floor: { title: 'floor', server: program('bench-floor'), client: load },
    capnweb: { title: 'capnweb', server: program('bench-server', '--threads', '1'), client: load },
    npm: { title: 'npm capnweb', server: ['node', join(npmFolder, 'server.mjs')], client: load, isSlowToWarm: true },
    capnp: { title: "Cap'n Proto", server: program('capnp-server'), client: program('capnp-client') },
    grpc: { title: 'gRPC', server: program('grpc-server'), client: program('grpc-client') },
    echo: { title: 'floor', server: program('bench-floor', '--echo'), client: load },
    beast: { title: 'Boost.Beast', server: program('beast-echo'), client: load },
    // Clients, all against the same server.
    load: { title: 'floor', sharesServerOf: 'floor', client: load },
    client: { title: 'capnweb', sharesServerOf: 'floor', client: program('bench-client') },
    'npm-client': {
      title: 'npm capnweb',
      sharesServerOf: 'floor',
      client: ['node', join(npmFolder, 'client.mjs')],
      isSlowToWarm: true,
    },
  };
  const fileOf = ([program]) => (program === 'node' ? join(npmFolder, 'node_modules') : program);
  const isThere = ({ server, client }) =>
    [server, client].every((command) => !command || existsSync(fileOf(command)));
  return Object.fromEntries(Object.entries(systems).filter(([, system]) => isThere(system)));
}
