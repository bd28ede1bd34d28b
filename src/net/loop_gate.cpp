#include "net/loop_gate.hpp"

#include <atomic>

#include "net/channel_link.hpp"
#include "net/loop_core.hpp"

namespace capnweb {

namespace {

// Pairs of loops, by the ids of their gates, the lower one first: that loop is the first side. Kept
// until the next pair is made after its end.
struct Links {
  std::mutex mutex;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::shared_ptr<ChannelLink>> by_pair;
};
Links& links() {
  static Links all;
  return all;
}

}  // namespace

std::uint64_t LoopGate::next_id() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return ++last;
}

// Under the lock, so that the loop does not end meanwhile.
void LoopGate::post(std::function<void()> function) {
  const std::scoped_lock lock(mutex_);
  if (loop_) loop_->post(std::move(function));
}

void LoopGate::close() noexcept {
  const std::scoped_lock lock(mutex_);
  loop_ = nullptr;
}

std::pair<std::shared_ptr<ChannelLink>, ChannelSide> LoopGate::link(const LoopGate& ours,
                                                                    const LoopGate& theirs) {
  Links& all = links();
  const std::scoped_lock lock(all.mutex);
  const bool is_first = ours.id() < theirs.id();
  const auto pair =
      is_first ? std::pair(ours.id(), theirs.id()) : std::pair(theirs.id(), ours.id());
  auto found = all.by_pair.find(pair);
  if (found == all.by_pair.end()) {
    std::erase_if(all.by_pair, [](const auto& entry) {
      const ChannelLink& link = *entry.second;
      return link.is_closed(ChannelSide::kFirst) && link.is_closed(ChannelSide::kSecond);
    });
    found = all.by_pair.emplace(pair, std::make_shared<ChannelLink>()).first;
  }
  return {found->second, is_first ? ChannelSide::kFirst : ChannelSide::kSecond};
}

}  // namespace capnweb
