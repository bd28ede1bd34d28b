// object.cpp: a plain object's keys, searched in line while they are few and by a table beyond.
#include <algorithm>
#include <capnweb/value.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "value/keyed_hash.hpp"

namespace capnweb {
namespace {

constexpr std::size_t kSearchedInLine = 16;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

}  // namespace

// Where each key stands: open addressing, at most half full. It is kept from the moment an object
// grows too large to be searched, never made by a const function, so that threads may read one
// object at the same time.
class Object::Index {
 public:
  explicit Index(const std::vector<Entry>& entries) { rebuild(entries); }

  std::size_t find(const std::vector<Entry>& entries, std::string_view key) const {
    const auto hash = static_cast<std::uint32_t>(keyed_hash(key));
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      const Slot& slot = slots_[i];
      if (slot.position == kFree) return kNone;
      if (slot.hash == hash && entries[slot.position].first == key) return slot.position;
    }
  }

  // Takes in the last of `entries`.
  void add_last(const std::vector<Entry>& entries) {
    if (entries.size() * 2 > slots_.size()) {
      rebuild(entries);
    } else {
      place({static_cast<std::uint32_t>(keyed_hash(entries.back().first)),
             static_cast<std::uint32_t>(entries.size() - 1)});
    }
  }

  // Forgets the entry at `position`, which is about to leave the entries behind it a place nearer.
  void remove(std::size_t position) {
    std::vector<Slot> old(slots_.size());
    old.swap(slots_);
    for (Slot slot : old) {
      if (slot.position == kFree || slot.position == position) continue;
      if (slot.position > position) --slot.position;
      place(slot);
    }
  }

 private:
  static constexpr std::uint32_t kFree = static_cast<std::uint32_t>(-1);
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t position = kFree;
  };

  std::size_t mask() const { return slots_.size() - 1; }

  void rebuild(const std::vector<Entry>& entries) {
    std::size_t size = 4 * kSearchedInLine;
    while (size < entries.size() * 4) size *= 2;
    slots_.assign(size, Slot{});
    for (std::size_t i = 0; i < entries.size(); ++i)
      place({static_cast<std::uint32_t>(keyed_hash(entries[i].first)),
             static_cast<std::uint32_t>(i)});
  }

  void place(Slot slot) {
    std::size_t i = slot.hash & mask();
    while (slots_[i].position != kFree) i = (i + 1) & mask();
    slots_[i] = slot;
  }

  std::vector<Slot> slots_;
};

Object::Object() = default;
Object::Object(Object&& other) noexcept = default;
Object& Object::operator=(Object&& other) noexcept = default;
Object::~Object() = default;

Object::Object(std::initializer_list<Entry> entries) {
  reserve(entries.size());
  for (const Entry& entry : entries) (*this)[entry.first] = entry.second;
}

Object::Object(const Object& other)
    : entries_(other.entries_),
      index_(other.index_ ? std::make_unique<Index>(*other.index_) : nullptr) {}

Object& Object::operator=(const Object& other) {
  if (this != &other) *this = Object(other);
  return *this;
}

std::size_t Object::position(std::string_view key) const {
  if (index_) return index_->find(entries_, key);
  for (std::size_t i = 0; i < entries_.size(); ++i)
    if (entries_[i].first == key) return i;
  return kNone;
}

Value& Object::add(std::string key, Value value) {
  entries_.push_back({std::move(key), std::move(value)});
  if (index_) {
    index_->add_last(entries_);
  } else if (entries_.size() > kSearchedInLine) {
    index_ = std::make_unique<Index>(entries_);
  }
  return entries_.back().second;
}

const Value* Object::find(std::string_view key) const {
  const std::size_t found = position(key);
  return found == kNone ? nullptr : &entries_[found].second;
}

Value* Object::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

Value& Object::operator[](std::string_view key) {
  Value* found = find(key);
  return found ? *found : add(std::string(key), Value());
}

void Object::set(std::string key, Value value) {
  if (Value* found = find(key)) {
    *found = std::move(value);
  } else {
    add(std::move(key), std::move(value));
  }
}

bool Object::erase(std::string_view key) {
  const std::size_t found = position(key);
  if (found == kNone) return false;
  if (index_) index_->remove(found);
  // The value goes last: destroying it may run other code, which must find this object whole.
  const Value removed = std::move(entries_[found].second);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(found));
  return true;
}

std::size_t Object::size() const noexcept { return entries_.size(); }
void Object::reserve(std::size_t entries) { entries_.reserve(entries); }
Object::iterator Object::begin() noexcept { return entries_.begin(); }
Object::iterator Object::end() noexcept { return entries_.end(); }
Object::const_iterator Object::begin() const noexcept { return entries_.begin(); }
Object::const_iterator Object::end() const noexcept { return entries_.end(); }

bool operator==(const Object& a, const Object& b) {
  if (a.size() != b.size()) return false;
  return std::ranges::all_of(a, [&b](const Object::Entry& entry) {
    const Value* other = b.find(entry.first);
    return other && *other == entry.second;
  });
}

}  // namespace capnweb
