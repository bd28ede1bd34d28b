#include "cap/readable_hook.hpp"

#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>

namespace capnweb::detail {

HookRef ReadableHook::read_on(const HookRef&) { return read(); }

HookRef ReadableHook::call(PathView, Arguments) {
  return make_rejected(Error("Cannot call methods on a ReadableStream stub"));
}

HookRef ReadableHook::get(PathView) {
  return make_rejected(Error("Cannot access properties on a ReadableStream stub"));
}

HookRef ReadableHook::map(PathView, MapProgram) {
  return make_rejected(Error("Cannot use map() on a ReadableStream"));
}

Error not_consumed() {
  return Error("ReadableStream RPC stub was disposed without being consumed");
}

}  // namespace capnweb::detail
