// cycle.hpp: promises that would wait for themselves, or keep themselves alive.
//
// References are counted, so what refers to itself is never let go; and what waits for itself never
// settles. A peer can try both: it may resolve a promise with what contains or needs that very
// promise. Whoever closes such a circle by settling a promise gets an error instead.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/error.hpp>
#include <capnweb/value.hpp>
#include <optional>
#include <vector>

namespace capnweb::detail {

// What holds or waits for others: a settled promise for what is in its value, an open one for what
// has to settle first, as far as that is known, a stream for the chunks in it.
class Needs {
 public:
  virtual void append_needs(std::vector<const Hook*>& out) const = 0;
  // Whether that will not change any more.
  virtual bool is_final() const noexcept { return false; }
  // Whether it is known that all it leads to is final, so that no circle can ever be closed there
  // and no search has to look again.
  virtual bool is_closed() const noexcept { return false; }
  virtual void set_closed() const noexcept {}

 protected:
  ~Needs() = default;
};

// Adds all capabilities, promises and streams in a value, or in an error.
void append_references(const Value& value, std::vector<const Hook*>& out);
void append_references(const Error& error, std::vector<const Hook*>& out);

// What is to be refused with `text`, because one of `from` is `goal`, or needs it, or what it needs
// does, and so on; or with another, because a peer has that searched too much
// (CallMeter::searches).
std::optional<Error> find_circle(std::vector<const Hook*> from, const Hook& goal, const char* text);

}  // namespace capnweb::detail
