// ref.hpp: counted references to objects that live on one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace capnweb::detail {

// Base of objects held by Ref. The count is a plain integer: an object and all its references stay
// on the thread of the session (or loop) they belong to.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

  void add_ref() const noexcept { ++count_; }
  void drop_ref() const noexcept {
    if (--count_ == 0) const_cast<RefCounted*>(this)->last_ref_gone();
  }
  // Whether the caller holds the only reference.
  bool is_unique() const noexcept { return count_ == 1; }

 protected:
  virtual ~RefCounted() = default;
  // Runs when no reference is left; destroys the object. Override to tell somebody first.
  virtual void last_ref_gone() noexcept { destroy(); }

  // Deletes the object. Objects that hold one another in a long chain, as a peer can make them, are
  // deleted one after the other instead of each inside the one before, so the stack stays small.
  void destroy() noexcept;

 private:
  mutable std::uint32_t count_ = 0;
};

// An owning pointer to a RefCounted: copying it adds a reference, destroying it drops one.
template <class T>
class Ref {
 public:
  constexpr Ref() noexcept = default;
  constexpr Ref(std::nullptr_t) noexcept {}
  explicit Ref(T* object) noexcept : object_(object) {
    if (object_) object_->add_ref();
  }
  Ref(const Ref& other) noexcept : Ref(other.object_) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Ref(const Ref<U>& other) noexcept : Ref(other.get()) {}
  template <class U>
    requires std::is_convertible_v<U*, T*>
  Ref(Ref<U>&& other) noexcept : object_(other.release()) {}
  ~Ref() {
    if (object_) object_->drop_ref();
  }
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  T* get() const noexcept { return object_; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  explicit operator bool() const noexcept { return object_ != nullptr; }
  friend bool operator==(const Ref& a, const Ref& b) noexcept { return a.object_ == b.object_; }

  // Gives the reference away without dropping it.
  [[nodiscard]] T* release() noexcept { return std::exchange(object_, nullptr); }

 private:
  T* object_ = nullptr;
};

template <class T, class... A>
Ref<T> make_ref(A&&... arguments) {
  return Ref<T>(new T(std::forward<A>(arguments)...));
}

}  // namespace capnweb::detail
