// Plays scenarios of ../../interop in a page, over WebTransport.
import * as capnweb from 'capnweb';
import * as scenarios from '/ts_client.mjs';
import { WebTransportTransport } from '/capnweb-webtransport.js';

// What the functions of ts_client.mjs get; as in harness/drivers.mjs.
class Context {
  vanished = /^WebTransport connection failed\./;
  // Chromium sometimes forgets the code and the reason of a close.
  drained = /^(Peer closed WebTransport: 503|WebTransport connection failed\. Connection lost)/;
  unreachable = /^WebTransport connection failed\./;
  #stage;
  #sessions = [];
  constructor(stage) {
    this.#stage = stage;
    this.with = stage.with;
    this.unique = stage.unique;
  }

  main = () => this.#open(this.#stage.urls.main);
  other = () => this.#open(this.#stage.urls.other);
  nobody = () => this.#open(this.#stage.urls.nobody);
  end = () => globalThis.end();
  cutOther = () => globalThis.cutOther();

  #open(url) {
    const { certificateHashes } = this.#stage;
    const transport = new WebTransportTransport(url, { certificateHashes });
    const main = new capnweb.RpcSession(transport).getRemoteMain();
    this.#sessions.push(main);
    return main;
  }
  close() {
    for (const main of this.#sessions) main[Symbol.dispose]();
  }
}

async function play(stage) {
  const context = new Context(stage);
  try {
    await scenarios[stage.name](context);
  } finally {
    context.close();
  }
}

Object.assign(globalThis, { capnweb, WebTransportTransport, play });
