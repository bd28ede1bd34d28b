#include <capnweb/loop.hpp>
#include <capnweb/shared_stub.hpp>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/loop_core.hpp"
#include "net/loop_exchange.hpp"
#include "net/loop_gate.hpp"

namespace capnweb {

// Knows the way to its loop, and there the capability's number. Any thread.
class detail::SharedHook {
 public:
  SharedHook(std::shared_ptr<LoopGate> gate, std::uint64_t number) noexcept
      : gate_(std::move(gate)), number_(number) {}
  ~SharedHook() {
    gate_->post([number = number_] { LoopCore::current()->exchange().withdraw(number); });
  }
  SharedHook(const SharedHook&) = delete;
  SharedHook& operator=(const SharedHook&) = delete;

  HookRef find(LoopExchange& exchange) const { return exchange.ask(gate_, number_); }

 private:
  const std::shared_ptr<LoopGate> gate_;
  const std::uint64_t number_;
};

std::shared_ptr<const detail::SharedHook> detail::share(HookRef hook) {
  LoopCore& loop = *Loop::current().core();
  return std::make_shared<const SharedHook>(loop.gate(), loop.exchange().offer(std::move(hook)));
}

detail::HookRef detail::find_shared(const std::shared_ptr<const SharedHook>& shared) {
  HookRef found = shared->find(Loop::current().core()->exchange());
  // It must not be withdrawn before the question has come to its loop.
  Promise<Value>(found).then([shared](const Value&) {}, [shared](const Error&) {});
  return found;
}

}  // namespace capnweb
