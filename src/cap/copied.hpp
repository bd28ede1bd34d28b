// copied.hpp: promises of what a peer has copied out of a value.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/value.hpp>

#include "cap/byte_budget.hpp"

namespace capnweb::detail {

// What the copies that one peer holds may take together (L-8): a message of few bytes reads a
// property of any size, and maps copy elements.
class CopyBudget final : public ByteBudget {
 public:
  using ByteBudget::ByteBudget;
  // What a read is rejected with that does not fit.
  Error exceeded() const;
};

// The promise of a copy. It counts as long as the promise lives, for the peer whose message is
// being handled; is there none, it is the application's own.
HookRef make_copied(const Value& value);

}  // namespace capnweb::detail
