// URL, Headers, Request and Response.
import assert from 'node:assert/strict';

export const scenarios = {
  async 'Headers and URLs'({ open }) {
    const { api } = await open({
      get: () => ({ headers: new Headers({ 'Content-Type': 'text/html', 'X-Server': 'here' }), url: new URL('http://example.org/a') }),
      read: (headers, url) => [headers.get('authorization'), url.href],
    });
    const { headers, url } = await api.get();
    assert.equal(headers.get('content-type'), 'text/html');
    assert.equal(headers.get('x-server'), 'here');
    assert.equal(url.href, 'http://example.org/a');
    assert.deepStrictEqual(await api.read(new Headers({ Authorization: 'Bearer x' }), new URL('http://example.org/b')),
      ['Bearer x', 'http://example.org/b']);
  },

  async 'headers that come more than once'({ open }) {
    const { api } = await open({ echo: (headers) => headers });
    const headers = new Headers([['set-cookie', 'a=1'], ['set-cookie', 'b=2'], ['x', '1'], ['x', '2']]);
    assert.deepStrictEqual([...await api.echo(headers)], [...headers]);
  },

  async 'a Request without a body'({ open }) {
    const { api } = await open({
      see: (request) => ({ url: request.url, method: request.method, hasBody: request.body !== null }),
    });
    assert.deepStrictEqual({ ...await api.see(new Request('http://example.org')) },
      { url: 'http://example.org/', method: 'GET', hasBody: false });
  },

  async 'a Response without a body'({ open }) {
    const { api } = await open({ see: (response) => [response.status, response.body !== null] });
    assert.deepStrictEqual(await api.see(new Response(null, { status: 204 })), [204, false]);
  },

  async 'a Request with a body, both ways'({ open }) {
    const { api } = await open({
      see: async (request) => [request.url, request.method, request.headers.get('x-custom'), await request.text()],
      get: () => new Request('http://example.org/api', { method: 'PUT', headers: { 'X-Custom': 'b' }, body: 'of the server' }),
    });
    const sent = new Request('http://example.org/path', { method: 'POST', headers: { 'X-Custom': 'a' }, body: 'of the client' });
    assert.deepStrictEqual(await api.see(sent), ['http://example.org/path', 'POST', 'a', 'of the client']);
    const request = await api.get();
    assert.equal(request.method, 'PUT');
    assert.equal(request.headers.get('x-custom'), 'b');
    assert.equal(await request.text(), 'of the server');
  },

  async 'a Response with a body, both ways'({ open }) {
    const { api } = await open({
      see: async (response) => [response.status, response.statusText, response.headers.get('x-custom'), await response.text()],
      get: () => new Response('of the server', { status: 201, statusText: 'Created', headers: { 'X-Custom': 'b' } }),
    });
    const sent = new Response('of the client', { status: 404, statusText: 'Not Found', headers: { 'X-Custom': 'a' } });
    assert.deepStrictEqual(await api.see(sent), [404, 'Not Found', 'a', 'of the client']);
    const response = await api.get();
    assert.equal(response.status, 201);
    assert.equal(response.statusText, 'Created');
    assert.equal(response.headers.get('x-custom'), 'b');
    assert.equal(await response.text(), 'of the server');
  },

  async 'a Response with a large body'({ open }) {
    const body = new Uint8Array(1_000_000).map((_, i) => i);
    const { api } = await open({ get: () => new Response(body) });
    const response = await api.get();
    assert.deepStrictEqual(new Uint8Array(await response.arrayBuffer()), body);
  },
};
