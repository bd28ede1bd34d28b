// program.hpp: random programs: calls, pipelines, references passed on, maps, streams, releases.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "random/choices.hpp"

namespace capnweb::testing {

// What is done with a playground. A step works on registers, each of which holds a promise.
enum class Op : std::uint8_t {
  kAdd,       // to = add(from, a)
  kMeter,     // to = meter()
  kTick,      // calls tick() of the meter in `from`, and looks at the result
  kNest,      // to = nest(from)
  kGet,       // to = the meter in `from`, a wrap if b is 1; of a nest perhaps its number
  kWrap,      // to = wrap(from)
  kEcho,      // to = echo(from)
  kApply,     // to = apply(function a, from)
  kKeep,      // keep(a, function b)
  kCallKept,  // to = callKept(a, b)
  kDropKept,  // drop(a)
  kLater,     // to = later(a)
  kSettle,    // settle(a, ...)
  kPerform,   // to = perform(our own playground, a, b)
  kFail,      // to = fail("asked to fail")
  kMissing,   // to = a method that there is not
  kTotal,     // to = total(a stream of a numbers)
  kTorn,      // to = total(a stream that fails after a numbers)
  kNumbers,   // reads numbers(a) to its end
  kUnread,    // drops numbers(a)
  kFill,      // to = fill(a stream to write to, a)
  kMap,       // to = list(a).map(e => [add(e, from), e])
  kAwait,     // looks at `from`
  kDrop,      // empties `from`
};

// What a register's promise is going to give, unless it fails.
enum class Kind : std::uint8_t { kNothing, kNumber, kMeter, kNest, kWrap, kOther };

// What apply() and keep() are given.
enum class Callback : std::uint8_t { kAdds, kFails, kCallsBack, kTakesTime };

struct Step {
  Op op;
  Kind kind = Kind::kNothing;  // of `to`; of a kSettle, of what it settles; else of `from`
  std::size_t to = 0;
  std::size_t from = 0;
  unsigned a = 0;
  unsigned b = 0;
};

inline constexpr std::size_t kRegisters = 10;
inline constexpr unsigned kSlots = 3;  // of keep()

// Who has the playground. The reference cannot pass on an object of its own that comes home (C-35).
enum class Partner : std::uint8_t { kOurs, kReference };

// Every result of a program is the same however fast messages travel: what could come in another
// order (two errors among one call's arguments, a slot that is filled by a delayed call) is left
// out.
std::vector<Step> make_program(Choices& choices, std::size_t steps, Partner partner);

}  // namespace capnweb::testing
