// What the scenarios use of npm, which is installed beside the interop tests.
import { createRequire } from 'node:module';

export * from '../../interop/harness/capnweb.mjs';

const require = createRequire(new URL('../../interop/', import.meta.url));
export const { WebSocket, WebSocketServer } = require('ws');
