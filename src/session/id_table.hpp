// id_table.hpp: entries by id, for ids that are handed out in order and never used again.
//
// Most entries live for one round trip, so those in use lie close together: a ring holds that
// window. An entry that stays behind (a long-lived stub) moves to a small hash, so that it does not
// hold the window open: 10^7 calls with id 1 still held grow nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "value/keyed_hash.hpp"

namespace capnweb {

// T is movable, default-constructs to "no entry", and converts to false when it is none.
template <class T>
class IdTable {
 public:
  std::size_t size() const noexcept { return size_; }
  // Slots of the ring: what the window has cost.
  std::size_t window_capacity() const noexcept { return capacity_; }

  // The entry, or null. Valid until the table changes.
  T* find(std::uint64_t id) noexcept {
    if (id >= first_ && id < end_) {
      T& slot = slot_of(id);
      return slot ? &slot : nullptr;
    }
    if (!behind_) return nullptr;
    auto found = behind_->find(id);
    return found == behind_->end() ? nullptr : &found->second;
  }

  // Adds an entry. REQUIRES: the id is free. Ids in order cost nothing; others work as well (M-49).
  T& insert(std::uint64_t id, T entry) {
    ++size_;
    if (id < first_ || (id >= end_ && id - end_ > kMostGap))
      return behind().emplace(id, std::move(entry)).first->second;
    while (id >= end_) {
      if (end_ - first_ == capacity_) make_room();
      ++end_;
    }
    return slot_of(id) = std::move(entry);
  }

  // Removes an entry and gives it to the caller: what its end runs, runs on a consistent table.
  T take(std::uint64_t id) {
    --size_;
    if (id >= first_ && id < end_) {
      T entry = std::exchange(slot_of(id), T());
      while (first_ < end_ && !slot_of(first_)) ++first_;
      return entry;
    }
    auto found = behind_->find(id);
    T entry = std::move(found->second);
    behind_->erase(found);
    if (behind_->empty()) behind_ = nullptr;
    return entry;
  }

  // Calls `visit(entry)` for each. REQUIRES: that does not change the table.
  template <class Visit>
  void for_each(Visit visit) {
    if (behind_)
      for (auto& [id, entry] : *behind_) visit(entry);
    for (std::uint64_t id = first_; id < end_; ++id)
      if (slot_of(id)) visit(slot_of(id));
  }

  // Removes everything, in order of the ids that are in the window, then the others.
  std::vector<T> take_all() {
    std::vector<T> all;
    all.reserve(size_);
    for (; first_ < end_; ++first_)
      if (slot_of(first_)) all.push_back(std::exchange(slot_of(first_), T()));
    if (const auto behind = std::exchange(behind_, nullptr))
      for (auto& [id, entry] : *behind) all.push_back(std::move(entry));
    size_ = 0;
    return all;
  }

 private:
  static constexpr std::uint64_t kMostGap = 64;
  static constexpr std::size_t kSmallest = 2;

  // The peer chooses the ids of what it offers (M-5): it must not choose where they collide.
  struct Hash {
    std::size_t operator()(std::uint64_t id) const noexcept { return keyed_hash(id); }
  };
  using Behind = std::unordered_map<std::uint64_t, T, Hash>;

  Behind& behind() {
    if (!behind_) behind_ = std::make_unique<Behind>();
    return *behind_;
  }
  T& slot_of(std::uint64_t id) noexcept { return ring_[id & (capacity_ - 1)]; }

  // The ring is full. If few of its entries are in use, the oldest of these move behind, else it
  // doubles.
  void make_room() {
    const std::size_t in_window = size_ - (behind_ ? behind_->size() : 0);
    if (capacity_ != 0 && in_window <= capacity_ / 4) {
      const std::uint64_t middle = first_ + capacity_ / 2;
      for (; first_ < middle; ++first_)
        if (slot_of(first_)) behind().emplace(first_, std::exchange(slot_of(first_), T()));
      while (first_ < end_ && !slot_of(first_)) ++first_;
      return;
    }
    const std::size_t capacity = capacity_ == 0 ? kSmallest : capacity_ * 2;
    auto larger = std::make_unique<T[]>(capacity);
    for (std::uint64_t id = first_; id < end_; ++id)
      larger[id & (capacity - 1)] = std::move(slot_of(id));
    ring_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> ring_;
  std::size_t capacity_ = 0;  // of the ring, a power of two
  std::uint64_t first_ = 1;
  std::uint64_t end_ = 1;
  std::size_t size_ = 0;
  std::unique_ptr<Behind> behind_;  // null while it would be empty, as it nearly always is
};

}  // namespace capnweb
