// loop_exchange.hpp: what a loop shares with other loops of the process, and its channels to them.
#pragma once

#include <capnweb/detail/hook.hpp>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "net/channel_link.hpp"
#include "net/loop_core.hpp"

namespace capnweb {

// Capabilities of this loop by number: other threads know the number only. One channel to each loop
// that takes any. Loop thread only.
class LoopExchange final : private LoopMember {
 public:
  explicit LoopExchange(LoopCore& loop);
  ~LoopExchange();

  // Keeps a capability until it is withdrawn.
  std::uint64_t offer(detail::HookRef hook);
  void withdraw(std::uint64_t number);
  // The capability, or null.
  detail::HookRef find(std::uint64_t number) const;

  // The promise of what another loop offers under that number.
  detail::HookRef ask(const std::shared_ptr<LoopGate>& gate, std::uint64_t number);

 private:
  void on_loop_end() noexcept override;
  detail::HookRef main_of(const std::shared_ptr<LoopGate>& gate);
  detail::HookRef join(std::uint64_t gate, std::shared_ptr<ChannelLink> link, ChannelSide side);

  LoopCore& loop_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::uint64_t, detail::HookRef> offered_;
  // The main objects of other loops' exchanges, by their gates.
  std::unordered_map<std::uint64_t, detail::HookRef> mains_;
};

}  // namespace capnweb
