// settlement.hpp: waiting for a promise without a coroutine.
#pragma once

#include <capnweb/detail/conversion.hpp>
#include <capnweb/detail/delivery.hpp>
#include <memory>
#include <utility>

namespace capnweb::detail {

// Waits for a promise on behalf of nobody: owns itself until the promise has settled.
class Settlement {
 public:
  Settlement() = default;
  Settlement(const Settlement&) = delete;
  Settlement& operator=(const Settlement&) = delete;
  virtual ~Settlement() = default;

  static void start(std::unique_ptr<Settlement> settlement, PromiseRef promise);

 private:
  // Not noexcept to write, but an exception here has nobody to go to: the program ends.
  virtual void run(Outcome outcome) = 0;
  void finish() noexcept;

  std::unique_ptr<Delivery> delivery_;
};

// Callbacks of Promise::then().
template <class T, class OnValue, class OnError>
class Then final : public Settlement {
 public:
  Then(OnValue on_value, OnError on_error)
      : on_value_(std::move(on_value)), on_error_(std::move(on_error)) {}

 private:
  void run(Outcome outcome) override {
    if (outcome.is_error()) return void(on_error_(outcome.error()));
    if constexpr (std::is_void_v<T>) {
      on_value_();
    } else {
      Mismatch why;
      auto result = Convert<T>::decode(std::move(outcome.value()), why);
      if (!result) return void(on_error_(bad_result(why)));
      on_value_(std::move(*result));
    }
  }

  OnValue on_value_;
  OnError on_error_;
};

}  // namespace capnweb::detail
