// loop_gate.hpp: reaching a loop from other threads, also when it may be gone.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

namespace capnweb {

class ChannelLink;
enum class ChannelSide : std::uint8_t;
class LoopCore;

// Outlives its loop: other threads hold it instead of the loop. Any thread, except where it says
// otherwise.
class LoopGate {
 public:
  explicit LoopGate(LoopCore& loop) : loop_(&loop) {}

  // Runs a function in a turn of the loop; it is only destroyed, anywhere, if the loop ends before.
  // So it must own nothing that belongs to a loop.
  void post(std::function<void()> function);

  // The loop ends. Loop thread.
  void close() noexcept;

  // What joins two loops, one link for each pair, whoever asks first; and whose side of it is
  // `ours`. Once one of them has ended, a link that is at its end or will never be opened.
  static std::pair<std::shared_ptr<ChannelLink>, ChannelSide> link(const LoopGate& ours,
                                                                   const LoopGate& theirs);

  // Never given to two gates of this process.
  std::uint64_t id() const noexcept { return id_; }

 private:
  static std::uint64_t next_id() noexcept;

  const std::uint64_t id_ = next_id();
  std::mutex mutex_;
  LoopCore* loop_;  // null when it has ended
};

}  // namespace capnweb
