// fixture.hpp: the main object that the transcripts call.
#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "support/object.hpp"

namespace capnweb::testing {

// What happened on our side, in order, and what handlers keep from call to call.
struct FixtureState {
  std::vector<std::string> events;          // printed as "# text" lines
  Value kept;                               // by keep()
  std::unique_ptr<detail::Resolver> later;  // of later(), settled by settle() and fail_later()
};

// add(a,b)  echo(v)  counter(n) -> {inc(by), value}  user()  nothing()  fail()  fail_with(v)
// foreign()  call_it(f, ...)  keep(v)  take_kept()  drop_kept()  later()  settle(v)  fail_later()
// nest()  read(stream) -> its chunks  sink() -> a stream that notes  count() -> a stream of 1, 2
// note(v)  greet: a function that has no name  name, list, gone: properties
Value make_fixture(std::shared_ptr<FixtureState> state);

}  // namespace capnweb::testing
