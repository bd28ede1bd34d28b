// Types of capnweb-webtransport.js. TypeScript's library "dom" has WebTransport.

export interface WebTransportTransportOptions extends WebTransportOptions {
  /**
   * SHA-256 hashes of certificates to accept, in hexadecimal: a server with a certificate that no
   * authority has signed. Browsers want it to be ECDSA P-256 and valid for fourteen days at most.
   * In place of `serverCertificateHashes`.
   */
  certificateHashes?: string[];
  /** Milliseconds until the session must stand; 10 000 unless given. */
  connectTimeout?: number;
  /** Milliseconds that the last messages may take at the end; 5 000 unless given. */
  closeTimeout?: number;
  /** With more characters than this waiting for the peer, the session fails; 64 Mi unless given. */
  maxUnsent?: number;
}

/**
 * Carries one session of the npm package `capnweb` over WebTransport:
 *
 *     const transport = new WebTransportTransport('https://example.org:4433/rpc/wt');
 *     const api = new RpcSession<Api>(transport, localMain).getRemoteMain();
 *
 * It connects at once, and calls may be made before that is done. What goes wrong is an Error that
 * all calls fail with: "WebTransport connection failed. ..." or "Peer closed WebTransport: CODE REASON".
 */
export class WebTransportTransport {
  /**
   * Connects to a URL, or takes over a session on which no stream has been opened. Throws where
   * there is no WebTransport, or for options that are none.
   */
  constructor(target: string | URL | WebTransport, options?: WebTransportTransportOptions);

  /** The browser's own object. */
  readonly session: WebTransport;

  /** For the RpcSession. */
  send(message: string): void;
  receive(): Promise<string>;
  abort(reason: unknown): void;
}
