// json_entries.hpp: the entries of a parsed object, as pairs.
#pragma once

#include <string_view>

#include "value/json_tape.hpp"

namespace capnweb {

struct JsonEntry {
  std::string_view key;
  JsonView value;
};

// for (auto [key, value] : JsonEntries(object)). REQUIRES: it is an object.
class JsonEntries {
 public:
  class Iterator {
   public:
    explicit Iterator(JsonView::Iterator key) noexcept : key_(key) {}
    JsonEntry operator*() const noexcept {
      auto value = key_;
      return {(*key_).string(), *++value};
    }
    Iterator& operator++() noexcept {
      ++ ++key_;
      return *this;
    }
    friend bool operator==(Iterator a, Iterator b) noexcept { return a.key_ == b.key_; }

   private:
    JsonView::Iterator key_;
  };

  explicit JsonEntries(JsonView object) noexcept : object_(object) {}
  Iterator begin() const noexcept { return Iterator(object_.begin()); }
  Iterator end() const noexcept { return Iterator(object_.end()); }

 private:
  JsonView object_;
};

}  // namespace capnweb
