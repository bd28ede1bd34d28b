// The workloads, in the order of the table. `flags` go to the load generator; `metric` is what is
// compared, in nanoseconds or bytes. `systems` names those that can do it.
const all = ['floor', 'capnweb', 'npm', 'capnp', 'grpc'];
const websockets = ['floor', 'capnweb', 'npm'];
const withCapabilities = ['floor', 'capnweb', 'npm', 'capnp'];

const workload = (id, title, flags, systems, options = {}) => ({
  id,
  title,
  flags: flags.split(' '),
  systems,
  metric: 'server_cpu_ns',
  ...options,
});

export const workloads = [
  workload('W1', 'add, one at a time', '--workload add', all),
  workload('W2', 'add, 64 under way', '--workload add --window 64', all),
  workload('W2b', 'add, 16 under way', '--workload add --window 16', all),
  workload('W2n', 'add, 64 under way, a send for each message', '--workload add --window 64 --no-gather', websockets),
  workload('W3', 'add, 50 connections, 16 under way on each', '--workload add --window 16 --connections 50', all),
  workload('W4a', 'chain of 3, one at a time', '--workload chain', withCapabilities),
  workload('W4', 'chain of 3, 16 under way', '--workload chain --window 16', withCapabilities),
  workload('W5', 'echo of 1 KiB, 16 under way', '--workload echo --window 16', all),
  workload('W5k', 'echo of 64 KiB, 4 under way', '--workload echo --size 65536 --window 4', all),
  workload('W5m', 'echo of 1 MiB, one at a time', '--workload echo --size 1048576', all),
  workload('W5s', 'sum of 1000 numbers, 16 under way', '--workload sum --window 16', all),
  workload('W5l', 'list of 100 objects, 16 under way', '--workload list --window 16', all),
  workload('W6a', 'callback, one at a time', '--workload callback', withCapabilities),
  workload('W6', 'callback, 16 under way', '--workload callback --window 16', withCapabilities),
  workload('W7', 'HTTP batches of 10, 4 connections', '--workload batch --connections 4', websockets),
  workload('W9', 'stream of 1 KiB chunks, 16 under way', '--workload stream --window 16', websockets),
  workload('E', 'no RPC: echo of 40 bytes, 64 under way', '--workload frames --size 2 --window 64', ['echo', 'beast']),
  workload('C1', "a client's add, one at a time", '--workload add', ['load', 'client', 'npm-client'], {
    metric: 'client_cpu_ns',
  }),
  workload('C2', "a client's add, 64 under way", '--workload add --window 64', ['load', 'client', 'npm-client'], {
    metric: 'client_cpu_ns',
  }),
  workload('W8', 'memory of an idle connection', '--workload idle --connections 5000', websockets, {
    metric: 'bytes_per_connection',
    needsFreshServer: true,
  }),
];
