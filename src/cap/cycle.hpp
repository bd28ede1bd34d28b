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

// What holds or waits for others: a settled promise for what is in its value, an open one for what
// has to settle first, as far as that is known, a stream for the chunks in it.
class Needs {
 public:
  virtual void append_needs(std::vector<const Hook*>& out) const = 0;

 protected:
  ~Needs() = default;
};

// Adds all capabilities, promises and streams in a value, or in an error.
void append_references(const Value& value, std::vector<const Hook*>& out);
void append_references(const Error& error, std::vector<const Hook*>& out);

// Whether one of `from` is `goal`, or needs it, or what it needs does, and so on.
bool lead_to(std::vector<const Hook*> from, const Hook& goal);

}  // namespace capnweb::detail
