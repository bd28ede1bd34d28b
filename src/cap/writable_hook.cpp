#include "cap/writable_hook.hpp"

#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/plain.hpp>
#include <capnweb/detail/resolver.hpp>
#include <string>
#include <utility>

namespace capnweb::detail {

namespace {

Error invalid_state(const char* text) {
  return Error::type_error(text).set_property("code", "ERR_INVALID_STATE");
}

Value first_argument(Arguments& arguments) {
  return arguments.values.empty() ? Value() : std::move(arguments.values.front());
}

Error reason_of(Value value) {
  if (auto* error = value.get_if<Error>()) return std::move(*error);
  return Error::thrown(std::move(value));
}

}  // namespace

HookRef WritableHook::call(PathView path, Arguments arguments) {
  const auto* method = path.size() == 1 ? std::get_if<std::string>(&path.front()) : nullptr;
  if (!method) return make_rejected(Error("WritableStream stub only supports direct method calls"));
  if (*method == "write") return write(first_argument(arguments));
  if (*method == "close") return close();
  if (*method == "abort") return abort(reason_of(first_argument(arguments)));
  return make_rejected(Error("Unknown WritableStream method: " + *method));
}

// A write of text, which most are.
HookRef WritableHook::call_plain(std::string_view method, const PlainArguments& arguments) {
  const JsonView chunks = arguments.json;
  if (method != "write" || chunks.size() != 1 || !chunks[0].is_string()) return nullptr;
  return write(Value(std::string(chunks[0].string())));
}

HookRef WritableHook::get(PathView) {
  return make_rejected(Error("Cannot access properties on a WritableStream stub"));
}

HookRef WritableHook::map(PathView, MapProgram) {
  return make_rejected(Error("Cannot use map() on a WritableStream"));
}

Error not_closed() { return Error("WritableStream RPC stub was disposed without calling close()"); }

Error stream_is_closed() { return invalid_state("Invalid state: WritableStream is closed"); }

Error stream_is_closing() {
  return invalid_state("Invalid state: Failure to close WritableStream");
}

}  // namespace capnweb::detail
