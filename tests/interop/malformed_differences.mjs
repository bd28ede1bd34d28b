// Where the C++ peer and the npm package answer malformed messages differently, and why: the rules
// of docs/wire.md ("Where we differ"), and what Node's own classes make of their arguments.

const says = ({ messages }, text) => messages.some((message) => message.includes(text));
const hasAborted = ({ close }) => close?.code === 3000;
const withoutReleases = ({ messages, close }) =>
  JSON.stringify([messages.filter((message) => !message.startsWith('["release"')), close?.code]);
const differInReleases = (cpp, ts) => withoutReleases(cpp) === withoutReleases(ts);

const kindOf = (text, ...kinds) => kinds.some((kind) => text.includes(`["${kind}"`));

// [rule, why, whether it tells this difference]
const differences = [
  ['V-24', 'we read base64 strictly',
    (text, cpp) => kindOf(text, 'bytes') && says(cpp, '["abort",["error","SyntaxError"]]')],
  ['V-49', "URLs, headers, requests and responses: the engine's classes convert and refuse by their own rules",
    (text, cpp, ts) => kindOf(text, 'url', 'headers', 'request', 'response') &&
      (hasAborted(cpp) || hasAborted(ts) || /"(encodeBody|duplex)"/.test(text))],
  ['S-25', 'Node 20 cannot pass streams on, nor can the package in errors',
    (text, cpp, ts) => kindOf(text, 'readable', 'writable', 'response', 'request') &&
      (says(ts, '[object ReadableStream]') || says(ts, 'raw ReadableStream') || says(ts, 'raw WritableStream') ||
        says(ts, '["resolve",5,["error","Error","text"]]'))],
  ['M-5', 'we refuse ids of offers that are no negative integers',
    (text, cpp) => says(cpp, 'bad export ID: ') || /unknown special value: \[\\"(export|promise|writable)\\",-?[\d.]+e?/.test(cpp.messages.join())],
  ['M-23', 'we refuse release counts that are no counts', (text, cpp) => says(cpp, 'bad release count: ')],
  ['L-15', 'typed handlers check their arguments',
    (text, cpp) => text.includes('"increment"') && (says(cpp, 'Counter.increment argument 1: ') || text.includes('[null]'))],
  ['C-35', 'what comes home is a plain stub here, and a promise there',
    (text, cpp, ts) => kindOf(text, 'import') && says(ts, '["resolve",-1,')],
  ['S-7', 'a stream that is echoed outlives the call that brought it',
    (text, cpp, ts) => text.includes('["echo"],[["writable",-2') && differInReleases(cpp, ts)],
  ['M-48', 'we refuse what would wait for itself',
    (text, cpp) => text.includes('["stream"') && (says(cpp, "can't be written to itself") || kindOf(text, 'blob'))],
  ['T-20', 'the text of a reason that is no error is an engine\'s', (text, cpp, ts) =>
    text.startsWith('["abort"') && JSON.stringify(cpp.messages) === JSON.stringify(ts.messages) && hasAborted(cpp) && hasAborted(ts)],
  ['L-11', 'we bound what an error quotes', (text, cpp, ts) => hasAborted(cpp) && hasAborted(ts) &&
    ts.messages.at(-1).length > 512 && ts.messages.at(-1).startsWith(cpp.messages.at(-1).slice(0, 500))],
  ['M-46', 'behind an abort we send nothing, and before it what was offered for it is released',
    (text, cpp, ts) => hasAborted(cpp) && hasAborted(ts) && differInReleases(cpp, ts)],
  ['V-44', 'what was thrown is kept with the error', (text, cpp, ts) =>
    text.startsWith('["reject",-1,') && differInReleases(cpp, ts)],
  ['M-29', 'an answer to what nobody holds changes nothing', (text, cpp, ts) =>
    /^\["(resolve|reject)",0,/.test(text) && differInReleases(cpp, ts)],
  ['R-13', 'captures are released, also when the map is passed on', (text, cpp, ts) =>
    text.includes('["remap",4,') && differInReleases(cpp, ts)],
];

const used = new Set();

// The rule that tells the difference, if there is one.
export function differenceFor(text, cpp, ts) {
  const found = differences.find(([, , tells]) => tells(text, cpp, ts));
  if (found) used.add(found[0]);
  return found?.[0];
}

export const unusedDifferences = () => differences.map(([rule]) => rule).filter((rule) => !used.has(rule));

// A SyntaxError's text is the engine's.
export function withoutEngineWords(message) {
  if (!Array.isArray(message)) return message;
  if (message[0] === 'error' && message[1] === 'SyntaxError') return message.slice(0, 2);
  return message.map(withoutEngineWords);
}
