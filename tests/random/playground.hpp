// playground.hpp: the object that random programs call; tests/interop/random_peer.mjs has the same
// in JavaScript.
#pragma once

#include <capnweb/value.hpp>

namespace capnweb::testing {

// A new one. What it counts and keeps is its own.
//
//   add(a, b), list(n), fail(text)                   plain
//   echo(x)                                          what is in x comes back
//   meter() {tick(handle, count)}                    whether `count` is one more than the last time
//   nest(x)                                          {value, meter}
//   wrap(stub)                                       {stub}: the same stub, sent back
//   apply(f, x)                                      calls f and gives its result
//   keep(slot, f), callKept(slot, x), drop(slot)     drop tells whether something was there
//   later(key), settle(key, x)                       a promise and its end
//   perform(playground, a, b)                        calls the caller's own playground
//   total(readable), numbers(n), fill(writable, n)   streams
Value make_playground();

}  // namespace capnweb::testing
