// The scenarios that every pair of peers must pass: one list for all combinations and transports.
//
// `name` is the function of that name in each client driver: ts_client.mjs and client/*.cpp.
// `with` is a value as its wire text, for scenarios that are run with many values; `title` says
// which. `over` are the transports; what goes over WebSockets goes over WebTransport, too. `clients` and `servers` are given where only one kind can do it:
// with the reason.

const websocket = ['websocket'];
const both = ['websocket', 'batch'];
const batch = ['batch'];

// One scenario per value: { title: wire text }.
function withEach(name, over, values) {
  return Object.entries(values).map(([title, text]) => ({ name, title, with: text, over }));
}

const textOf = (text) => JSON.stringify(text);
const nestedArray = (levels) => '[['.repeat(levels) + '1' + ']]'.repeat(levels);
const allBytes = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
const base64 = (bytes) => Buffer.from(bytes).toString('base64').replace(/=+$/, '');

const plainValues = {
  undefined: '["undefined"]',
  null: 'null',
  true: 'true',
  false: 'false',
  zero: '0',
  'a negative integer': '-17',
  'a fraction': '0.1',
  '1e+21': '1e+21',
  '1e-7': '1e-7',
  'the smallest number': '5e-324',
  'the largest number': '1.7976931348623157e+308',
  '2^53': '9007199254740992',
  NaN: '["nan"]',
  Infinity: '["inf"]',
  '-Infinity': '["-inf"]',
  'an empty string': '""',
  'a string': textOf('hello'),
  'every escape': textOf('"\\/\b\t\n\f\r'),
  'control characters': textOf('\u0000\u0001\u001f\u007f'),
  'text beyond ASCII': textOf('äλ中😀\u2028\u2029\ufeff'),
  'lone surrogates': String.raw`"\ud800 \udfff"`,
  'a bigint': '["bigint","5"]',
  'a negative bigint': '["bigint","-18446744073709551616"]',
  'a bigint of 2000 digits': `["bigint","${'7'.repeat(2000)}"]`,
  'a date': '["date",1700000000123]',
  'a date before 1970': '["date",-1]',
  'an invalid date': '["date",null]',
  'an empty array': '[[]]',
  'an array': '[[1,"two",null,["undefined"]]]',
  'an array of arrays': '[[[[]],[[1]],[[[[2]]]]]]',
  'an object in an array': '[[{"a":1},{"a":[[2]]}]]',
  'an empty object': '{}',
  'an object': '{"b":1,"a":["undefined"],"":null,"a b":{"c":["nan"]}}',
  'keys of the protocol': '{"id":1,"push":2,"error":3,"then":4}',
  '250 nested arrays': nestedArray(250),
  '10000 numbers': `[[${Array.from({ length: 10000 }, (_, i) => i).join()}]]`,
  'a URL': '["url","https://user@example.com:8443/a%20b?q=1#h"]',
  headers: '["headers",[["set-cookie","a=1"],["set-cookie","b=2"],["x-a","1, 2"]]]',
  'a request': '["request","http://example.com/p",{"method":"PUT","headers":[["x","1"]],"cache":"no-store"}]',
  'a response': '["response",null,{"status":404,"statusText":"Nope","headers":[["x","1"]]}]',
};

const bytesValues = {
  'no bytes': '["bytes",""]',
  'one byte': '["bytes","/w"]',
  'two bytes': '["bytes","+/8"]',
  'three bytes': '["bytes","+//+"]',
  'every byte': `["bytes","${base64(allBytes)}"]`,
  ...Object.fromEntries(
    ['ArrayBuffer', 'DataView', 'Int8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array',
      'Int32Array', 'Uint32Array', 'BigInt64Array', 'BigUint64Array', 'Float32Array', 'Float64Array',
    ].map((type) => [type, `["bytes","${base64(allBytes)}","${type}"]`])),
};

const errorNames = ['Error', 'EvalError', 'RangeError', 'ReferenceError', 'SyntaxError', 'TypeError',
  'URIError', 'AggregateError'];
const errors = {
  ...Object.fromEntries(errorNames.map((name) =>
    [name, name === 'AggregateError'
      ? '["error","AggregateError","all",null,{"errors":[[["error","TypeError","one"],"two"]]}]'
      : `["error","${name}","text of ${name}"]`])),
  'an error without text': '["error","Error",""]',
  'an error with properties':
    '["error","RangeError","bad",null,{"code":"E_BAD","data":{"at":["date",5],"bytes":["bytes","AQ"]}}]',
  'an error with causes':
    '["error","Error","outer",null,{"cause":["error","TypeError","inner",null,{"cause":"innermost"}]}]',
  'an error with an undefined cause': '["error","Error","x",null,{"cause":["undefined"]}]',
};
const thrownValues = {
  'a string': '"oops"',
  null: 'null',
  undefined: '["undefined"]',
  'an object': '{"code":1}',
};

export const scenarios = [
  ...withEach('echoes', both, { ...plainValues, ...bytesValues, ...errors }),
  ...withEach('rejects_with', both, { ...errors, ...thrownValues }),
  ...withEach('callback_rejects_with', websocket, { ...errors, ...thrownValues }),

  // Calls
  { name: 'calls_methods_of_all_kinds', over: both },
  { name: 'calls_that_give_nothing_new', over: both },
  { name: 'missing_and_surplus_arguments', over: both },
  { name: 'unknown_method_is_no_function', over: both },
  { name: 'error_without_a_stack', over: both },
  // TypeScript does not check types at run time.
  { name: 'argument_of_a_wrong_type', over: both, servers: ['cpp'] },
  // Such names exist on every JavaScript stub.
  { name: 'names_of_all_objects_are_out_of_reach', over: both, clients: ['cpp'] },
  { name: 'thousand_calls_in_flight', over: both },
  { name: 'answers_in_order_of_settlement', over: websocket },
  { name: 'calls_on_one_stub_keep_their_order', over: both },
  { name: 'a_mebibyte_of_text', over: both, megabytes: true },
  { name: 'big_strings', over: both, megabytes: true },
  { name: 'big_bytes', over: both, megabytes: true },

  // Pipelining
  { name: 'pipelines_on_a_new_counter', over: both },
  { name: 'pipelines_on_a_property', over: both },
  { name: 'promises_as_arguments', over: both },
  { name: 'pipelined_calls_share_the_failure', over: both },
  // A JavaScript stub can only send names, and the reference finds elements by number.
  { name: 'pipelines_on_an_element', over: both, clients: ['cpp'] },
  { name: 'one_batch_is_one_request', over: batch, requests: 1 },

  // map()
  { name: 'maps_over_an_array', over: both },
  { name: 'maps_in_maps', over: both },
  { name: 'maps_null', over: both },
  { name: 'maps_a_property', over: both },
  { name: 'map_with_an_element_that_fails', over: both },
  { name: 'map_with_a_promise_captured', over: both },
  { name: 'map_with_an_object_of_the_client_captured', over: websocket },
  { name: 'map_with_a_promise_of_the_client_captured', over: websocket },
  // The reference bounds nothing.
  { name: 'map_that_takes_too_many_steps', over: websocket, servers: ['cpp'] },

  // Callbacks and references
  { name: 'server_calls_a_function', over: websocket },
  { name: 'server_calls_an_object', over: websocket },
  { name: 'callback_calls_the_server', over: websocket },
  { name: 'hundred_callbacks_in_flight', over: websocket },
  { name: 'callback_nobody_waits_for', over: both },
  { name: 'callback_kept_by_the_server', over: websocket },
  { name: 'stub_passed_back', over: websocket },
  // What the reference gets back of its own it cannot duplicate, so not return.
  { name: 'stub_passed_back_and_returned', over: websocket, servers: ['cpp'] },
  { name: 'same_stub_twice', over: websocket, servers: ['cpp'] },
  { name: 'own_object_comes_home', over: websocket },
  // Against the reference it works in an object only.
  { name: 'own_object_comes_home_as_the_result', over: websocket, clients: ['cpp'], servers: ['cpp'] },
  { name: 'own_object_comes_home_twice', over: websocket },
  { name: 'local_promise_as_argument', over: websocket },

  // Three parties
  { name: 'stub_of_another_server', over: websocket },
  { name: 'promise_of_another_server', over: websocket },
  { name: 'server_between_two_clients', over: websocket },
  { name: 'third_party_goes_away', over: websocket },

  // Streams. In the answer of a batch the reference's server cuts them off.
  { name: 'reads_a_stream', over: websocket },
  { name: 'reads_a_stream', title: 'whole, in a batch', over: batch, servers: ['cpp'] },
  { name: 'sends_a_stream', over: both },
  { name: 'reads_a_long_stream', over: websocket },
  { name: 'sends_a_long_stream', over: websocket },
  { name: 'gives_a_stream_to_write_to', over: websocket },
  { name: 'stream_to_write_to_is_abandoned', over: websocket },
  { name: 'reader_cancels', over: websocket },
  { name: 'stream_fails', over: websocket },
  { name: 'sink_fails', over: websocket },
  { name: 'functions_in_a_stream', over: websocket },
  { name: 'sends_blobs', over: both },
  { name: 'echoes_a_blob', over: websocket },
  // The reference's client does not wait for the bytes of a large one before its batch leaves.
  { name: 'echoes_a_blob', title: 'in a batch', over: batch, clients: ['cpp'], servers: ['cpp'] },
  { name: 'sends_a_request_with_a_body', over: both },
  { name: 'reads_the_body_of_a_response', over: websocket },
  { name: 'reads_the_body_of_a_response', title: 'in a batch', over: batch, servers: ['cpp'] },

  // Release
  { name: 'last_reference_releases', over: websocket },
  { name: 'dropped_promise_releases', over: websocket },
  { name: 'argument_is_released_before_the_answer', over: websocket },
  { name: 'closing_releases', over: websocket },
  // The reference keeps what a batch has made.
  { name: 'end_of_batch_releases', over: batch, servers: ['cpp'] },

  // Endings
  { name: 'peer_vanishes_during_a_call', title: 'with its connection', over: websocket, ends: 'connection' },
  { name: 'peer_vanishes_during_a_call', title: 'with its process', over: websocket, ends: 'process' },
  { name: 'vanished_client_is_released', over: websocket, ends: 'connection' },
  // The reference's server has no such thing.
  { name: 'server_drains', over: websocket, ends: 'politely', servers: ['cpp'] },
  { name: 'nobody_listens', over: both },
];

// The scenarios of one combination.
function playable(server, client) {
  return scenarios.filter(({ clients = [client], servers = [server] }) =>
    clients.includes(client) && servers.includes(server));
}

// The same, each once per transport.
export function scenariosFor(server, client) {
  return playable(server, client)
    .flatMap((scenario) => scenario.over.map((transport) => ({ ...scenario, transport })));
}

// The same over WebTransport.
export function webtransportScenariosFor(server, client) {
  return playable(server, client).filter(({ over }) => over.includes('websocket'))
    .map((scenario) => ({ ...scenario, transport: 'webtransport' }));
}
