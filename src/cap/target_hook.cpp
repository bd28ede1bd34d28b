// target_hook.cpp: a local object behind the seam that everything callable has.
#include <capnweb/detail/call_meter.hpp>
#include <capnweb/detail/local_object.hpp>
#include <capnweb/detail/outcome.hpp>
#include <capnweb/detail/resolver.hpp>
#include <string>
#include <utility>

#include "cap/map_recorder.hpp"
#include "cap/map_replay.hpp"
#include "cap/path.hpp"
#include "cap/recycled.hpp"
#include "cap/settle.hpp"
#include "cap/text_hook.hpp"

namespace capnweb::detail {

namespace {

// Runs the handler now. Whatever it throws rejects the call.
HookRef run_call(LocalObject& object, std::string_view method, PathView path, Array arguments) {
  if (CallMeter::is_full()) return make_rejected(CallMeter::refusal());
  try {
    Value result;
    const bool found = object.call(method, arguments, result);
    arguments.clear();  // O-2: what the handler did not keep is released before the answer
    return found ? make_resolved(std::move(result)) : make_rejected(not_a_function(path));
  } catch (...) {
    Error error = Error::from_exception(std::current_exception());
    arguments.clear();
    return make_rejected(std::move(error));
  }
}

// A call that waits for the promises among its arguments (C-24). Owns itself until they are
// settled; is made even if nobody waits for its result.
class WaitingCall {
 public:
  static HookRef start(std::shared_ptr<LocalObject> object, PathView path, Arguments arguments) {
    if (CallMeter::is_full()) return make_rejected(CallMeter::refusal());
    auto call = std::unique_ptr<WaitingCall>(new WaitingCall);
    call->object_ = std::move(object);
    call->path_.assign(path.begin(), path.end());
    call->arguments_ = std::move(arguments.values);
    if (call->settling_.start(call->arguments_, &WaitingCall::settled, call.get()))
      return call->run();
    call->lease_ = CallMeter::Lease::take();
    call->reply_.set_needs(&call->settling_);
    return call.release()->reply_.promise();
  }

 private:
  static void settled(void* self) noexcept {
    const std::unique_ptr<WaitingCall> call(static_cast<WaitingCall*>(self));
    const CallMeter::Scope metered(call->lease_.meter());
    call->lease_ = {};  // it does not wait any more
    HookRef result = call->run();
    call->reply_.resolve(Value(PromiseRef{std::move(result)}));
  }
  HookRef run() {
    if (settling_.error()) {
      Error error = *settling_.error();
      arguments_.clear();  // O-23
      return make_rejected(std::move(error));
    }
    std::string_view method;
    if (!path_.empty()) method = std::get<std::string>(path_.front());
    return run_call(*object_, method, path_, std::move(arguments_));
  }

  std::shared_ptr<LocalObject> object_;
  Path path_;
  Array arguments_;
  SettleAll settling_;
  Resolver reply_;
  CallMeter::Lease lease_;
};

// A method read as a property: a function bound to its object (C-14).
class BoundMethod final : public LocalObject {
 public:
  BoundMethod(std::shared_ptr<LocalObject> object, std::string_view method)
      : object_(std::move(object)), method_(method) {}
  bool call(std::string_view method, Array& arguments, Value& result) override {
    return method.empty() && object_->call(method_, arguments, result);
  }
  bool get(std::string_view, Value&) override { return false; }
  bool has_method(std::string_view) const override { return false; }

 private:
  std::shared_ptr<LocalObject> object_;
  std::string method_;
};

class TargetHook final : public Hook, public Recycled<TargetHook> {
 public:
  explicit TargetHook(std::shared_ptr<LocalObject> object) : object_(std::move(object)) {}

  HookRef call(PathView path, Arguments arguments) override {
    if (path.size() > 1) {
      Property first = read(path.front());
      if (first.error) return make_rejected(std::move(*first.error));
      // A method has no properties; the text has the whole path (C-20).
      if (first.is_method && path.size() == 2) return make_rejected(not_a_function(path));
      return call_in_value(first.value, path, 1, std::move(arguments));
    }
    std::string_view method;
    if (!path.empty()) {
      auto* name = std::get_if<std::string>(&path.front());
      if (!name || name->empty() || is_object_prototype_name(*name))
        return make_rejected(not_a_function(path));
      method = *name;
    }
    if (arguments.may_hold_promises) return WaitingCall::start(object_, path, std::move(arguments));
    return run_call(*object_, method, path, std::move(arguments.values));
  }

  HookRef call_plain(std::string_view method, const PlainArguments& arguments) override {
    if (method.empty() || is_object_prototype_name(method) || CallMeter::is_full()) return nullptr;
    try {
      PlainResult result;
      if (!object_->call_plain(method, arguments, result)) return nullptr;
      if (!result.text.empty()) return make_text_promise(std::move(result.text));
      return make_resolved(std::move(result.value));
    } catch (...) {
      return make_rejected(Error::from_exception(std::current_exception()));
    }
  }

  HookRef get(PathView path) override {
    if (path.empty()) return HookRef(this);
    Property first = read(path.front());
    if (first.error) return make_rejected(std::move(*first.error));
    if (path.size() == 1) return make_resolved(std::move(first.value));
    return get_in_value(first.value, path, 1);
  }

  HookRef map(PathView path, MapProgram program) override {
    if (path.empty()) return replay_map(Value(StubRef{HookRef(this)}), std::move(program));
    Property first = read(path.front());
    if (first.error) return make_rejected(std::move(*first.error));
    return map_in_value(first.value, path, 1, std::move(program));
  }

  bool is_stub() const override { return true; }
  Outcome* outcome() override { return nullptr; }
  void wait(Waiter&) override {}
  std::shared_ptr<void> on_broken(std::function<void(const Error&)>) override { return nullptr; }

 private:
  struct Property {
    Value value = {};
    std::optional<Error> error = {};
    bool is_method = false;
  };

  Property read(const PathPart& part) {
    auto* name = std::get_if<std::string>(&part);
    if (!name || is_object_prototype_name(*name)) return {};
    if (CallMeter::is_full()) return {.error = CallMeter::refusal()};
    try {
      Property property;
      property.is_method = !object_->get(*name, property.value) && object_->has_method(*name);
      if (property.is_method)
        property.value = Value(StubRef{make_target(std::make_shared<BoundMethod>(object_, *name))});
      return property;
    } catch (...) {
      return {.value = {}, .error = Error::from_exception(std::current_exception())};
    }
  }

  std::shared_ptr<LocalObject> object_;
};

}  // namespace

HookRef make_target(std::shared_ptr<LocalObject> object) {
  HookRef target = make_ref<TargetHook>(std::move(object));
  MapRecorder::note_target(target);
  return target;
}

}  // namespace capnweb::detail
