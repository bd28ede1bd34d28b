// local_object.hpp: a local object or function as the protocol sees it.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/detail/plain.hpp>
#include <capnweb/value.hpp>
#include <memory>
#include <string_view>

namespace capnweb::detail {

// What can be called by name. Implemented by the typed API for classes with a contract, by
// functions, and by dynamic targets. Its destructor runs when the last reference to it is released.
class LocalObject {
 public:
  LocalObject() = default;
  LocalObject(const LocalObject&) = delete;
  LocalObject& operator=(const LocalObject&) = delete;
  virtual ~LocalObject() = default;

  // Calls a method; an empty name calls the object itself, as a function. The arguments are settled
  // and belong to the call: what is still in `arguments` afterwards is released before the answer
  // goes out (O-2). `result` may be a promise, which is followed. False if there is no such method.
  // May throw whatever the handler throws.
  virtual bool call(std::string_view method, Array& arguments, Value& result) = 0;

  // The same with arguments that are still text, for methods that take them so. False: it was not
  // done, and nothing happened.
  virtual bool call_plain(std::string_view, const PlainArguments&, PlainResult&) { return false; }

  // Reads a property. False if there is none. May throw what a getter throws.
  virtual bool get(std::string_view property, Value& result) = 0;

  // Whether call() knows the method: reading it as a property gives a bound function (C-14).
  virtual bool has_method(std::string_view name) const = 0;
};

// A capability for the object; every holder shares it.
HookRef make_target(std::shared_ptr<LocalObject> object);

}  // namespace capnweb::detail
