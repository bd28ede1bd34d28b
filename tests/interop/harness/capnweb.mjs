// The npm package, with the WebSocket class that Node 18 and 20 lack.
import './websocket_class.mjs';

export * from 'capnweb';
