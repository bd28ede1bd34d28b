// shared_stub.hpp: handing capabilities to other threads.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <capnweb/promise.hpp>
#include <capnweb/stub.hpp>
#include <memory>

namespace capnweb {

namespace detail {

// A capability of a loop, by a number that says nothing to other threads.
class SharedHook;

// On the loop that the capability belongs to.
std::shared_ptr<const SharedHook> share(HookRef hook);
// The promise of it on the current loop.
HookRef find_shared(const std::shared_ptr<const SharedHook>& shared);

}  // namespace detail

// A stub that any thread may hold, copy and destroy, unlike the stub itself, which belongs to one
// loop. Each loop asks it for a stub of its own:
//
//   capnweb::SharedStub<Room> shared(room);           // on the loop where the room lives
//   worker.post([shared] {
//     shared.here()->say("hello").detach();           // on the worker's
//   });
//
// Calls cross the one channel that there is between two loops, made when it is first needed, and
// arrive in the order in which they were made; what a loop has been given as a stub and gives back
// is the original again. The object stays where it is: its methods and its destructor run on its
// loop. It lives as long as a SharedStub or a stub made by one does, and that loop runs; afterwards
// calls fail.
template <class T = void>
class SharedStub {
 public:
  // Empty: may only be assigned to, tested and destroyed.
  SharedStub() noexcept = default;

  // On the loop of the stub, which is the current one; throws std::logic_error if there is none.
  // REQUIRES: it is not empty.
  explicit SharedStub(const Stub<T>& stub) : shared_(detail::share(stub.hook())) {}

  // A stub for the current loop; throws std::logic_error if there is none. It may be called at
  // once, before it is there (Promise). On the loop where it was made this is the stub itself.
  // Rejects when that loop has ended. REQUIRES: it is not empty.
  Promise<Stub<T>> here() const { return Promise<Stub<T>>(detail::find_shared(shared_)); }

  explicit operator bool() const noexcept { return static_cast<bool>(shared_); }

 private:
  std::shared_ptr<const detail::SharedHook> shared_;
};
template <class T>
SharedStub(const Stub<T>&) -> SharedStub<T>;

}  // namespace capnweb
