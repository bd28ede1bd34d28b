#include "wire/message.hpp"

#include <string>
#include <string_view>

#include "value/json_writer.hpp"

namespace capnweb {

namespace {

// What stands behind the name. Extra elements are ignored (M-7).
enum class Shape { nothing, expression, optional_expression, id, id_expression, id_count };

struct Row {
  std::string_view name;
  Message::Type type;
  Shape shape;
};

constexpr Row kRows[] = {
    {"push", Message::Type::push, Shape::expression},
    {"pull", Message::Type::pull, Shape::id},
    {"resolve", Message::Type::resolve, Shape::id_expression},
    {"release", Message::Type::release, Shape::id_count},
    {"reject", Message::Type::reject, Shape::id_expression},
    {"stream", Message::Type::stream, Shape::expression},
    {"pipe", Message::Type::pipe, Shape::nothing},
    {"abort", Message::Type::abort, Shape::optional_expression},
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
    case Shape::nothing:
      return true;
    case Shape::expression:
    case Shape::optional_expression:
      message.has_expression = size > 1;
      if (message.has_expression) message.expression = json[1];
      return message.has_expression || shape == Shape::optional_expression;
    case Shape::id:
    case Shape::id_expression:
    case Shape::id_count:
      break;
  }
  if (size < 2 || !json[1].is_number()) return false;
  message.id = json[1].number();
  if (shape == Shape::id) return true;
  if (size < 3) return false;
  message.expression = json[2];
  message.has_expression = true;
  if (shape == Shape::id_expression) return true;
  if (!json[2].is_number()) return false;
  message.count = json[2].number();
  return true;
}

}  // namespace

Expected<Message> read_message(JsonView json) {
  if (const Row* row = find_row(json)) {
    Message message{.type = row->type};
    if (fill(message, row->shape, json)) return message;
  }
  return Error("bad RPC message: " + quote_json(json));
}

}  // namespace capnweb
