// object.hpp: local objects written as lambdas, for tests below the typed API.
#pragma once

#include <capnweb/detail/local_object.hpp>
#include <capnweb/detail/resolver.hpp>
#include <capnweb/value.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace capnweb::testing {

// Handlers by name; the name "" makes the object callable. `log`, if given, gets "disposed" when
// the object's last reference is gone.
class TestObject final : public detail::LocalObject {
 public:
  using Handler = std::function<Value(Array&)>;
  using Getter = std::function<Value()>;

  std::map<std::string, Handler, std::less<>> methods;
  std::map<std::string, Getter, std::less<>> properties;
  std::function<void()> on_end;

  ~TestObject() override {
    if (on_end) on_end();
  }
  bool call(std::string_view method, Array& arguments, Value& result) override {
    auto found = methods.find(method);
    if (found == methods.end()) return false;
    result = found->second(arguments);
    return true;
  }
  bool get(std::string_view property, Value& result) override {
    auto found = properties.find(property);
    if (found == properties.end()) return false;
    result = found->second();
    return true;
  }
  bool has_method(std::string_view name) const override { return methods.contains(name); }
};

inline Value target(std::map<std::string, TestObject::Handler, std::less<>> methods,
                    std::function<void()> on_end = {},
                    std::map<std::string, TestObject::Getter, std::less<>> properties = {}) {
  auto object = std::make_shared<TestObject>();
  object->methods = std::move(methods);
  object->properties = std::move(properties);
  object->on_end = std::move(on_end);
  return Value(detail::StubRef{detail::make_target(std::move(object))});
}

inline Value function(TestObject::Handler handler, std::function<void()> on_end = {}) {
  return target({{"", std::move(handler)}}, std::move(on_end));
}

inline Value promise(detail::HookRef hook) { return Value(detail::PromiseRef{std::move(hook)}); }

// Calls a method of whatever a value holds; the promise of the result as a value.
inline detail::HookRef hook_of(const Value& value) {
  if (auto* stub = value.get_if<detail::StubRef>()) return stub->hook;
  return value.get_if<detail::PromiseRef>()->hook;
}
inline detail::HookRef call(const detail::HookRef& hook, Path path, Array arguments = {}) {
  return hook->call(path, detail::Arguments{std::move(arguments)});
}

}  // namespace capnweb::testing
