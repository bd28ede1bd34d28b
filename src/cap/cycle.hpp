// cycle.hpp: promises that would wait for themselves, or keep themselves alive.
//
// References are counted, so what refers to itself is never let go; and what waits for itself never
// settles. A peer can try both: it may resolve a promise with what contains or needs that very
// promise. Whoever closes such a circle by settling a promise gets an error instead.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/value.hpp>
#include <vector>

namespace capnweb::detail {

class SettlingHook;

// What an open promise needs to settle, as far as it is known.
class Needs {
 public:
  virtual void append_needs(std::vector<const Hook*>& out) const = 0;

 protected:
  ~Needs() = default;
};

// Adds all capabilities, promises and streams in a value.
void append_references(const Value& value, std::vector<const Hook*>& out);

// Whether what `promise` has been settled to leads back to it: through values, through promises
// that others follow, and through what open ones need.
bool leads_back(const SettlingHook& promise);

}  // namespace capnweb::detail
