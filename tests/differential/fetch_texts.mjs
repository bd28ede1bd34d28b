// Texts of URLs, Headers, Requests and Responses that Node's constructors take or refuse. Not here:
// what this library is stricter about (other things than strings where strings belong) and what it
// leaves to its users (the values of members such as "cache").
const url = text => JSON.stringify(['url', text]);
const request = (target, init = {}) => JSON.stringify(['request', target, init]);
const response = (init, body = null) => JSON.stringify(['response', body, init]);
const headers = pairs => JSON.stringify(['headers', pairs]);

export const FETCH_TEXTS = [
  ...['http://a/', 'http://[::1]/', 'mailto:x', 'data:,', 'urn:a:b', 'http://u:p@a/', '', 'foo',
    ':', '/a', '//a', '1http://a', 'http://', 'http://?q', 'http://#f', 'http://:80', 'http://u@',
    'http://a b/', 'http://a<b', 'http://a:65536', 'http://a:x', 'http://[::1', 'http://[]',
    'http://[::1]x', 'http://a^b', 'http://a|b'].flatMap(text => [url(text), request(text)]),
  ...['GET', 'get', 'pOsT', 'patch', 'X-y.1', '', 'a b', 'a\nb', 'G(T', 'CONNECT', 'trace', 'Track']
      .map(method => request('http://a/', {method})),
  request('http://a/', {signal: 1}), request('http://a/', {signal: null}),
  request('http://a/', {headers: {a: 'b'}}), request('http://a/', {headers: null}),
  request('http://a/', {headers: [['B', ' 1 '], ['a', '2'], ['b', '3']]}),
  request('http://a/', {headers: [['a', '日']]}), request('http://a/', {body: 'x'}),
  request('http://a/', {method: 'HEAD', body: 'x'}), request('http://a/', {body: null}),
  request('http://a/', {duplex: 'half', unknown: ['foo']}), request('http://a/', []),
  request('http://a/', null), request(5), '["request","http://a/"]', '["request","http://a/",{},1]',
  ...[199, 200, 204, 404, 599, 600, 0, -1, 200.7, 1e21].map(status => response({status})),
  ...['', 'OK', 'é\tx', 'a\nb', '\x7f', '日'].map(statusText => response({statusText})),
  response({status: 204}, 'x'), response({status: 304}, ''), response({}, 5), response({}, {}),
  response({}, ['bytes', 'AQ', 'ArrayBuffer']), response({}, ['foo']), response([]), response(null),
  response('x'), response({webSocket: 1}), response({webSocket: 0}), response({headers: 5}),
  '["response",null]', '["response",null,{},1]',
  headers([]), headers([['a b', '1']]), headers([['', '1']]), headers([['a', '1\n2']]),
  headers([['a', '\x00']]), headers([['a', 'ÿ']]), headers([['a', 'Ā']]), headers([['a']]),
  headers([['a', 'b', 'c']]), headers([5]), headers([['Set-Cookie', '2'], ['set-cookie', '1']]),
  '["headers",{}]', '["headers"]', '["headers",[],1]',
];
