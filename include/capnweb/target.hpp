// target.hpp: objects that take calls by name, and objects that know their own stub.
#pragma once

#include <capnweb/stub.hpp>
#include <capnweb/task.hpp>
#include <capnweb/value.hpp>
#include <memory>
#include <string>
#include <string_view>

namespace capnweb {

// Base of objects whose methods are known at run time only: a proxy, a scripting host. Held by
// std::shared_ptr; `Stub<>(std::make_shared<MyTarget>())` makes it reachable.
class RpcTarget {
 public:
  RpcTarget() = default;
  RpcTarget(const RpcTarget&) = delete;
  RpcTarget& operator=(const RpcTarget&) = delete;
  virtual ~RpcTarget() = default;

  // A call of `method`; the name is empty when the object itself is called, as a function. Names
  // that all JavaScript objects have, such as "toString", never arrive (C-11).
  virtual Task<Value> call(std::string method, Array arguments) = 0;

  // Whether there is such a method; the others are answered like a missing method in JavaScript.
  virtual bool has_method(std::string_view method) const;

  // Reading a property: undefined unless overridden.
  virtual Task<Value> get(std::string property);
};

// Base of classes with a contract that need a stub for themselves, to give it away:
//
//   struct Room : capnweb::WithSelf<Room> {
//     capnweb::Stub<Room> invite() { return self(); }
//     struct Rpc { capnweb::Method<&Room::invite> invite; };
//   };
//
// A stub that the object keeps of itself keeps it alive for ever.
template <class T>
class WithSelf : public std::enable_shared_from_this<T> {
 protected:
  // REQUIRES: the object is held by a std::shared_ptr; else (in a constructor, too) it throws
  // std::bad_weak_ptr.
  Stub<T> self() { return Stub<T>(this->shared_from_this()); }
};

}  // namespace capnweb
