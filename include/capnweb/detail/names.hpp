// names.hpp: names of members, enumerators and types, as the compiler knows them.
#pragma once

#include <cstddef>
#include <string_view>

namespace capnweb {

// A string literal as a template argument.
template <std::size_t N>
struct Text {
  char chars[N];
  consteval Text(const char (&literal)[N]) {
    for (std::size_t i = 0; i < N; ++i) chars[i] = literal[i];
  }
  constexpr std::string_view view() const { return {chars, N - 1}; }
};

namespace detail {

constexpr bool is_identifier_letter(char c) {
  return c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         c < 0;
}

// The last identifier in a pretty function's text. Both compilers end it with "...::name]" or
// "...::name)}]"; g++ may add definitions of aliases behind "; ".
constexpr std::string_view last_identifier(std::string_view text) {
  text = text.substr(0, text.find("; "));
  while (!text.empty() && (text.back() == ']' || text.back() == ')' || text.back() == '}'))
    text.remove_suffix(1);
  std::size_t begin = text.size();
  while (begin > 0 && is_identifier_letter(text[begin - 1])) --begin;
  return text.substr(begin);
}

template <auto Constant>
constexpr std::string_view name_of_constant() {
  return last_identifier(__PRETTY_FUNCTION__);
}

template <class T>
constexpr std::string_view name_of_type() {
  std::string_view text = __PRETTY_FUNCTION__;
  text = text.substr(text.find("T = ") + 4);
  text = text.substr(0, text.find("; "));
  return last_identifier(text.substr(0, text.find('<')));
}

}  // namespace detail
}  // namespace capnweb
