#include <capnweb/detail/receiver.hpp>
#include <stdexcept>
#include <string>
#include <utility>

#include "cap/map_recorder.hpp"

namespace capnweb::detail {

namespace {

PathPart name_part(std::string_view name) { return PathPart(std::in_place_index<0>, name); }

Path extended(const Receiver& receiver, PathPart part) {
  Path path;
  if (receiver.path && *receiver.path) {
    path.reserve((*receiver.path)->size() + 1);
    path = **receiver.path;
  }
  path.push_back(std::move(part));
  return path;
}

PromiseRef member_at(Receiver receiver, PathPart part) {
  check_not_empty(*receiver.hook);
  return {*receiver.hook, std::make_shared<const Path>(extended(receiver, std::move(part)))};
}

// A call is made, or, in the callback of a map(), written down. The hook is held: what the
// call runs may reassign the stub.
HookRef make_call(const HookRef& hook, PathView path, Arguments arguments) {
  if (MapRecorder* recorder = MapRecorder::current())
    return recorder->call(*hook, path, arguments.values);
  return hook->call(path, std::move(arguments));
}

}  // namespace

void check_not_empty(const HookRef& hook) {
  if (!hook)
    throw std::logic_error(
        "capnweb: this stub or promise is empty: it was default-constructed or moved from");
}

HookRef send_call(Receiver receiver, std::string_view method, Arguments arguments) {
  check_not_empty(*receiver.hook);
  const HookRef hook = *receiver.hook;
  if (receiver.path && *receiver.path)
    return make_call(hook, extended(receiver, name_part(method)), std::move(arguments));
  const PathPart part = name_part(method);
  return make_call(hook, {&part, 1}, std::move(arguments));
}

HookRef send_call(Receiver receiver, Arguments arguments) {
  check_not_empty(*receiver.hook);
  const HookRef hook = *receiver.hook;
  if (!receiver.path || !*receiver.path) return make_call(hook, {}, std::move(arguments));
  const std::shared_ptr<const Path> path = *receiver.path;
  return make_call(hook, *path, std::move(arguments));
}

PromiseRef member_of(Receiver receiver, std::string_view name) {
  return member_at(receiver, name_part(name));
}

PromiseRef member_of(Receiver receiver, double index) {
  return member_at(receiver, PathPart(std::in_place_index<1>, index));
}

Value stub_value(const HookRef& hook) { return hook ? Value(StubRef{hook}) : Value::null(); }

std::shared_ptr<void> watch_broken(const HookRef& hook,
                                   std::function<void(const Error&)> callback) {
  check_not_empty(hook);
  refuse_placeholder(*hook);
  return hook->on_broken(std::move(callback));
}

}  // namespace capnweb::detail
