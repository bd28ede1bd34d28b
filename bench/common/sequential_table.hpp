// sequential_table.hpp: what belongs to ids that are counted up and finished in about that order.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace bench {

// A ring over the ids from the oldest unfinished one to the newest. Slots are used again, and keep
// the memory of what was in them.
template <class T>
class SequentialTable {
 public:
  // The slot of the next id, which is `next_id()` before the call; as it was left behind.
  T& add() {
    if (next_ - first_ == slots_.size()) grow();
    Slot& slot = slots_[next_++ & (slots_.size() - 1)];
    slot.is_live = true;
    return slot.value;
  }
  std::int64_t next_id() const { return static_cast<std::int64_t>(next_); }

  T* find(std::int64_t id) {
    const auto number = static_cast<std::uint64_t>(id);
    if (number < first_ || number >= next_) return nullptr;
    Slot& slot = slots_[number & (slots_.size() - 1)];
    return slot.is_live ? &slot.value : nullptr;
  }

  // REQUIRES: find(id) is not null.
  void finish(std::int64_t id) {
    slots_[static_cast<std::uint64_t>(id) & (slots_.size() - 1)].is_live = false;
    while (first_ != next_ && !slots_[first_ & (slots_.size() - 1)].is_live) ++first_;
  }

 private:
  struct Slot {
    T value = {};
    bool is_live = false;
  };

  void grow() {
    std::vector<Slot> larger(slots_.empty() ? 4 : slots_.size() * 2);
    for (std::uint64_t id = first_; id != next_; ++id)
      larger[id & (larger.size() - 1)] = std::move(slots_[id & (slots_.size() - 1)]);
    slots_.swap(larger);
  }

  std::vector<Slot> slots_;
  std::uint64_t first_ = 1;
  std::uint64_t next_ = 1;
};

}  // namespace bench
