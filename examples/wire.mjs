// node wire.mjs PORT: relays connections to a port and prints what has passed when it is told to
// end. For demo.sh.
import { Tap } from '../tests/interop/harness/tap.mjs';

const tap = await Tap.open(Number(process.argv[2]));
console.log(tap.port);

process.on('SIGTERM', () => {
  for (const { from, text } of tap.messages())
    console.log(from === 'client' ? `  --> ${text}` : `  <-- ${text}`);
  tap.close();
});
