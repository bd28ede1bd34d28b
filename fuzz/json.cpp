// json.cpp: the JSON reader on any bytes. simdjson must agree with it, and what is printed of a
// value must read back as that value.
#include <algorithm>
#include <cmath>
#include <string>

#include "support/json_oracle.hpp"
#include "support/target.hpp"
#include "value/json_tape.hpp"
#include "value/json_writer.hpp"

namespace capnweb::fuzz {
namespace {

// simdjson counts levels a little otherwise than we do: near its limit nothing is compared.
constexpr std::size_t kComparedNesting = 1000;

std::size_t nesting(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; }));
}

// Infinite numbers are printed as null, and -0 as 0, as by JSON.stringify (V-8).
bool same_printed(JsonView value, JsonView again) {
  if (value.is_number()) {
    if (!std::isfinite(value.number())) return again.type() == JsonType::kNull;
    return again.is_number() && again.number() == value.number();
  }
  if (value.type() != again.type() || value.size() != again.size()) return false;
  if (value.is_string()) return value.string() == again.string();
  if (value.size() == 0) return true;
  auto other = again.begin();
  for (const JsonView element : value) {
    if (!same_printed(element, *other)) return false;
    ++other;
  }
  return other == again.end();
}

void compare_with_oracle(const Expected<JsonView>& ours, std::string_view text) {
  static simdjson::dom::parser parser;
  if (nesting(text) > kComparedNesting) return;
  simdjson::dom::element theirs;
  const bool they_accept = parser.parse(text.data(), text.size()).get(theirs) == simdjson::SUCCESS;
  if (!ours) {
    require(!they_accept, "simdjson reads what we refuse", text);
  } else if (!they_accept) {
    require(testing::has_known_difference(*ours), "simdjson refuses what we read", text);
  } else {
    require(testing::same(*ours, theirs) || testing::has_known_difference(*ours),
            "simdjson reads another value", text);
  }
}

void check_printing(JsonView value, std::string_view text) {
  static JsonTape tape;
  const std::string printed = quote_json(value, std::string::npos);
  const auto again = tape.parse(printed);
  require(static_cast<bool>(again), "what was printed does not read", printed);
  require(same_printed(value, *again), "what was printed reads differently", printed);

  const std::size_t room = text.size() / 2;
  const std::string quoted = quote_json(value, room);
  require(quoted.size() <= room + 3, "a quoted text is longer than allowed", quoted);
  require(is_valid_utf8(quoted), "a quoted text is no UTF-8", quoted);
}

}  // namespace
}  // namespace capnweb::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace capnweb;
  static JsonTape tape;
  const std::string_view text = fuzz::as_text(data, size);
  const auto value = tape.parse(text);
  fuzz::compare_with_oracle(value, text);
  if (value) fuzz::check_printing(*value, text);
  return 0;
}
