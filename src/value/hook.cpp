#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/outcome.hpp>
#include <utility>

namespace capnweb::detail {

HookRef Hook::call_plain(std::string_view, const PlainArguments&) { return nullptr; }

// Where no message is sent, a write is a call.
Written Hook::stream(PathView path, Arguments arguments) {
  return {call(path, std::move(arguments))};
}

}  // namespace capnweb::detail
