// text.hpp: printing numbers, and a cursor over one JSON message.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bench {

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

// The whole of `text` as a number.
template <class Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || next != end) return std::nullopt;
  return number;
}

// Takes a message apart from the left, as far as its envelope goes. Peers print no spaces.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : left_(text) {}

  bool take(std::string_view expected) {
    if (!left_.starts_with(expected)) return false;
    left_.remove_prefix(expected.size());
    return true;
  }

  std::optional<std::int64_t> take_integer() {
    std::int64_t number = 0;
    const char* end = left_.data() + left_.size();
    const auto [next, error] = std::from_chars(left_.data(), end, number);
    if (error != std::errc{}) return std::nullopt;
    left_.remove_prefix(static_cast<std::size_t>(next - left_.data()));
    return number;
  }

  // What is left before the brackets that close the message.
  std::optional<std::string_view> before(std::string_view brackets) const {
    if (!left_.ends_with(brackets)) return std::nullopt;
    return left_.substr(0, left_.size() - brackets.size());
  }

  std::string_view left() const { return left_; }

 private:
  std::string_view left_;
};

}  // namespace bench
