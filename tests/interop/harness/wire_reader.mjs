// Reads one direction of a connection: HTTP requests or answers, and WebSocket frames behind an
// upgrade. It is for transcripts, so it believes what it reads.

const opcodes = { 0: 'continuation', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

export class WireReader {
  #bytes = Buffer.alloc(0);
  #upgraded = false;
  #fragments = [];

  // What is complete with these bytes: each a line of text.
  read(bytes) {
    this.#bytes = this.#bytes.length > 0 ? Buffer.concat([this.#bytes, bytes]) : bytes;
    const found = [];
    for (;;) {
      const texts = this.#upgraded ? this.#readFrame() : this.#readHttp();
      if (!texts) return found;
      found.push(...texts);
    }
  }

  #take(size) {
    const taken = this.#bytes.subarray(0, size);
    this.#bytes = this.#bytes.subarray(size);
    return taken;
  }

  #readHttp() {
    const end = this.#bytes.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const head = this.#bytes.toString('latin1', 0, end);
    const [start] = head.split('\r\n', 1);
    if (/^upgrade: *websocket/im.test(head) && (/^GET /.test(start) || / 101 /.test(start))) {
      this.#upgraded = true;
      this.#take(end + 4);
      return [start];
    }
    const body = this.#readBody(head, end + 4);
    if (body === null) return null;
    return body === '' ? [start] : [start, ...body.split('\n')];
  }

  // The body behind a head, which it takes with it; null while it is incomplete.
  #readBody(head, begin) {
    if (/^transfer-encoding: *chunked/im.test(head)) return this.#readChunks(begin);
    const size = Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
    if (this.#bytes.length < begin + size) return null;
    return this.#take(begin + size).toString('utf8', begin);
  }

  #readChunks(begin) {
    const parts = [];
    for (let at = begin; ;) {
      const line = this.#bytes.indexOf('\r\n', at);
      if (line < 0) return null;
      const size = Number.parseInt(this.#bytes.toString('latin1', at, line), 16);
      const next = line + 2 + size + 2;
      if (this.#bytes.length < next) return null;
      parts.push(this.#bytes.subarray(line + 2, line + 2 + size));
      at = next;
      if (size > 0) continue;
      this.#take(at);
      return Buffer.concat(parts).toString();
    }
  }

  #readFrame() {
    const bytes = this.#bytes;
    if (bytes.length < 2) return null;
    const masked = (bytes[1] & 0x80) !== 0;
    let size = bytes[1] & 0x7f;
    const extra = size === 126 ? 2 : size === 127 ? 8 : 0;
    const begin = 2 + extra + (masked ? 4 : 0);
    if (bytes.length < begin) return null;
    if (extra === 2) size = bytes.readUInt16BE(2);
    if (extra === 8) size = Number(bytes.readBigUInt64BE(2));
    if (bytes.length < begin + size) return null;

    const payload = Buffer.from(bytes.subarray(begin, begin + size));
    if (masked) {
      const mask = bytes.subarray(begin - 4, begin);
      for (let i = 0; i < size; i++) payload[i] ^= mask[i & 3];
    }
    this.#take(begin + size);
    return this.#describe(bytes[0], payload);
  }

  #describe(first, payload) {
    const opcode = first & 0x0f;
    if (first & 0x40) return [`(compressed ${opcodes[opcode]} frame, ${payload.length} bytes)`];
    if (opcode === 8) {
      const code = payload.length >= 2 ? payload.readUInt16BE(0) : 'without a code';
      return [`(close ${code} ${payload.toString('utf8', 2)})`];
    }
    if (opcode > 2) return [`(${opcodes[opcode] ?? opcode})`];
    this.#fragments.push(payload);
    if (!(first & 0x80)) return [];
    const text = Buffer.concat(this.#fragments).toString();
    this.#fragments = [];
    return [text];
  }
}
