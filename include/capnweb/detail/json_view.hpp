// json_view.hpp: a JSON value that has been parsed and is read where it lies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace capnweb {

enum class JsonType : std::uint8_t { kNull, kFalse, kTrue, kNumber, kString, kArray, kObject };

// One value on the tape. An array's elements follow it; an object's entries follow it as key node,
// value, key node, value.
struct JsonNode {
  JsonType type;
  std::uint32_t size;  // elements of an array, entries of an object, bytes of a string
  union {
    double number;
    const char* text;    // of a string: in the message, or in the tape's buffer if it had escapes
    std::uint64_t next;  // of an array or object: nodes from this one to the one after its end
  };
};

// A value on the tape; cheap to copy.
class JsonView {
 public:
  class Iterator;
  JsonView() = default;
  explicit JsonView(const JsonNode* node) noexcept : node_(node) {}

  JsonType type() const noexcept { return node_->type; }
  bool is_string() const noexcept { return type() == JsonType::kString; }
  bool is_number() const noexcept { return type() == JsonType::kNumber; }
  bool is_array() const noexcept { return type() == JsonType::kArray; }
  bool is_object() const noexcept { return type() == JsonType::kObject; }
  // REQUIRES: it is a number; a string.
  double number() const noexcept { return node_->number; }
  std::string_view string() const noexcept { return {node_->text, node_->size}; }

  // Elements of an array, or entries of an object; 0 for every other type.
  std::size_t size() const noexcept { return is_array() || is_object() ? node_->size : 0; }
  // The elements of an array; of an object, its keys and values in turn.
  Iterator begin() const noexcept;
  Iterator end() const noexcept;
  // An array's element. Walks: for the first few only. REQUIRES: index < size().
  JsonView operator[](std::size_t index) const noexcept;

  const JsonNode* node() const noexcept { return node_; }

 private:
  const JsonNode* after() const noexcept {
    return node_ + (is_array() || is_object() ? node_->next : 1);
  }
  const JsonNode* node_ = nullptr;
};

class JsonView::Iterator {
 public:
  explicit Iterator(const JsonNode* node) noexcept : view_(node) {}
  JsonView operator*() const noexcept { return view_; }
  Iterator& operator++() noexcept {
    view_ = JsonView(view_.after());
    return *this;
  }
  friend bool operator==(Iterator a, Iterator b) noexcept {
    return a.view_.node() == b.view_.node();
  }

 private:
  JsonView view_;
};

inline JsonView::Iterator JsonView::begin() const noexcept { return Iterator(node_ + 1); }
inline JsonView::Iterator JsonView::end() const noexcept { return Iterator(after()); }
inline JsonView JsonView::operator[](std::size_t index) const noexcept {
  auto element = begin();
  while (index-- > 0) ++element;
  return *element;
}

}  // namespace capnweb
