// awaited.hpp: what a promise ended with, for tests without coroutines.
#pragma once

#include <capnweb/detail/delivery.hpp>
#include <memory>
#include <optional>
#include <string>

namespace capnweb::testing {

// Pulls a promise like an application that awaits it, from its construction on.
class Awaited {
 public:
  explicit Awaited(detail::HookRef hook)
      : delivery_(std::make_unique<detail::Delivery>(detail::PromiseRef{std::move(hook)})) {
    const auto done = [](void* self) noexcept { static_cast<Awaited*>(self)->is_done_ = true; };
    is_done_ = delivery_->start(done, this);
  }
  Awaited(const Awaited&) = delete;
  Awaited& operator=(const Awaited&) = delete;

  bool is_done() const noexcept { return is_done_; }
  // The value. REQUIRES: is_done(); throws if it was rejected.
  Value value() { return delivery_->take(); }
  // "TypeError: text" if it was rejected, "pending" while it is open, else "".
  std::string failure() {
    if (!is_done_) return "pending";
    try {
      delivery_->take();
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }

 private:
  std::unique_ptr<detail::Delivery> delivery_;
  bool is_done_ = false;
};

}  // namespace capnweb::testing
