// headers.cpp: what the Headers class of the Fetch standard does, with Node's error texts (V-46).
#include <algorithm>
#include <capnweb/value.hpp>
#include <string>
#include <utility>

namespace capnweb {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) { return lower(c); });
  return result;
}

// The token characters of RFC 9110.
bool is_token_char(char c) {
  if ((c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z')) return true;
  return c != '\0' && std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_legal_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, is_token_char);
}

bool is_legal_value(std::string_view value) {
  return value.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

// Without the white space that HTTP does not count as part of a value.
std::string_view trim_value(std::string_view value) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = value.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return value.substr(begin, value.find_last_not_of(kSpace) - begin + 1);
}

[[noreturn]] void refuse(std::string_view method, std::string_view text, std::string_view part) {
  std::string message = "Headers.";
  message += method;
  message += ": \"";
  message += text;
  message += "\" is an invalid header ";
  message += part;
  message += '.';
  throw Error::type_error(std::move(message));
}

Headers::Pair checked(std::string_view method, std::string_view name, std::string_view value) {
  if (!is_legal_name(name)) refuse(method, name, "name");
  value = trim_value(value);
  if (!is_legal_value(value)) refuse(method, value, "value");
  return {lower(name), std::string(value)};
}

}  // namespace

Headers::Headers(std::initializer_list<Pair> pairs) {
  pairs_.reserve(pairs.size());
  for (const auto& [name, value] : pairs) append(name, value);
}

void Headers::append(std::string_view name, std::string_view value) {
  pairs_.push_back(checked("append", name, value));
}

void Headers::set(std::string_view name, std::string_view value) {
  Pair pair = checked("set", name, value);
  const auto has_name = [&pair](const Pair& other) { return other.first == pair.first; };
  const auto first = std::ranges::find_if(pairs_, has_name);
  if (first == pairs_.end()) {
    pairs_.push_back(std::move(pair));
    return;
  }
  first->second = std::move(pair.second);
  pairs_.erase(std::remove_if(first + 1, pairs_.end(), has_name), pairs_.end());
}

void Headers::erase(std::string_view name) {
  std::erase_if(pairs_, [key = lower(name)](const Pair& pair) { return pair.first == key; });
}

std::unique_ptr<std::string> Headers::get(std::string_view name) const {
  std::unique_ptr<std::string> joined;
  const std::string key = lower(name);
  for (const auto& [other, value] : pairs_) {
    if (other != key) continue;
    if (joined) {
      *joined += ", ";
      *joined += value;
    } else {
      joined = std::make_unique<std::string>(value);
    }
  }
  return joined;
}

std::vector<Headers::Pair> Headers::sorted() const {
  std::vector<const Pair*> ordered;
  ordered.reserve(pairs_.size());
  for (const Pair& pair : pairs_) ordered.push_back(&pair);
  // Values of one name stay in their order, which is that of their addresses.
  std::ranges::sort(ordered, [](const Pair* a, const Pair* b) {
    const int order = a->first.compare(b->first);
    return order != 0 ? order < 0 : a < b;
  });
  std::vector<Pair> result;
  result.reserve(ordered.size());
  for (const Pair* pair : ordered) {
    if (!result.empty() && result.back().first == pair->first && pair->first != "set-cookie") {
      result.back().second += ", ";
      result.back().second += pair->second;
    } else {
      result.push_back(*pair);
    }
  }
  return result;
}

}  // namespace capnweb
