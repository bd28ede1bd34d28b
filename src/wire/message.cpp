#include "wire/message.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "value/json_writer.hpp"
#include "value/text_scan.hpp"

namespace capnweb {

namespace {

// What stands behind the name. Extra elements are ignored (M-7).
enum class Shape { kNothing, kExpression, kOptionalExpression, kId, kIdAndExpression, kIdAndCount };

struct Row {
  std::string_view name;
  Message::Type type;
  Shape shape;
};

constexpr Row kRows[] = {
    {"push", Message::Type::kPush, Shape::kExpression},
    {"pull", Message::Type::kPull, Shape::kId},
    {"resolve", Message::Type::kResolve, Shape::kIdAndExpression},
    {"release", Message::Type::kRelease, Shape::kIdAndCount},
    {"reject", Message::Type::kReject, Shape::kIdAndExpression},
    {"stream", Message::Type::kStream, Shape::kExpression},
    {"pipe", Message::Type::kPipe, Shape::kNothing},
    {"abort", Message::Type::kAbort, Shape::kOptionalExpression},
};

const Row* find_row(JsonView json) {
  if (!json.is_array() || json.size() == 0 || !json[0].is_string()) return nullptr;
  for (const Row& row : kRows)
    if (row.name == json[0].string()) return &row;
  return nullptr;
}

bool fill(Message& message, Shape shape, JsonView json) {
  const std::size_t size = json.size();
  switch (shape) {
    case Shape::kNothing:
      return true;
    case Shape::kExpression:
    case Shape::kOptionalExpression:
      message.has_expression = size > 1;
      if (message.has_expression) message.expression = json[1];
      return message.has_expression || shape == Shape::kOptionalExpression;
    case Shape::kId:
    case Shape::kIdAndExpression:
    case Shape::kIdAndCount:
      break;
  }
  if (size < 2 || !json[1].is_number()) return false;
  message.id = json[1].number();
  if (shape == Shape::kId) return true;
  if (size < 3) return false;
  if (shape == Shape::kIdAndExpression) {
    message.expression = json[2];
    message.has_expression = true;
    return true;
  }
  if (!json[2].is_number()) return false;
  message.count = json[2].number();
  return true;
}

// Both take what they find from the front of the text.
bool take(std::string_view& text, std::string_view expected) noexcept {
  if (!text.starts_with(expected)) return false;
  text.remove_prefix(expected.size());
  return true;
}
bool take_integer(std::string_view& text, double& number) noexcept {
  constexpr std::size_t kMostDigits = 15;
  const bool is_negative = take(text, "-");
  std::int64_t value = 0;
  std::size_t size = 0;
  for (; size < text.size() && text[size] >= '0' && text[size] <= '9'; ++size)
    if (size < kMostDigits) value = value * 10 + (text[size] - '0');
  if (size == 0 || size > kMostDigits) return false;
  if (text[0] == '0' && (size > 1 || is_negative)) return false;
  text.remove_prefix(size);
  number = static_cast<double>(is_negative ? -value : value);
  return true;
}

}  // namespace

std::optional<Message> read_brief_message(std::string_view text) noexcept {
  Message message;
  if (take(text, R"(["pull",)")) {
    message.type = Message::Type::kPull;
    if (!take_integer(text, message.id)) return std::nullopt;
  } else if (take(text, R"(["release",)")) {
    message.type = Message::Type::kRelease;
    if (!take_integer(text, message.id) || !take(text, ",") || !take_integer(text, message.count))
      return std::nullopt;
  } else {
    return std::nullopt;
  }
  if (text != "]") return std::nullopt;
  return message;
}

std::optional<BriefCall> read_brief_call(std::string_view text) noexcept {
  constexpr std::string_view kEnd = "]]";
  BriefCall call;
  if (take(text, R"(["stream",)")) {
    call.is_stream = true;
  } else if (!take(text, R"(["push",)")) {
    return std::nullopt;
  }
  if (!take(text, R"(["pipeline",)") || !take_integer(text, call.id) || !take(text, ",[\"") ||
      !text.ends_with(kEnd))
    return std::nullopt;
  const char* const begin = text.data();
  const char* const quote = find_not_plain_json(begin, begin, begin + text.size());
  call.method = text.substr(0, static_cast<std::size_t>(quote - begin));
  text.remove_prefix(call.method.size());
  if (!take(text, "\"],") || !text.starts_with('[')) return std::nullopt;
  call.arguments = text.substr(0, text.size() - kEnd.size());
  return call;
}

Expected<Message> read_message(JsonView json) {
  if (const Row* row = find_row(json)) {
    Message message{.type = row->type};
    if (fill(message, row->shape, json)) return message;
  }
  return Error("bad RPC message: " + quote_json(json));
}

}  // namespace capnweb
