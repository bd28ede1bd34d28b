// evaluate.cpp: what all expressions have in common, and those of plain data.
#include "wire/evaluate.hpp"

#include <cmath>
#include <utility>

#include "value/base64.hpp"
#include "value/json_writer.hpp"
#include "value/utf.hpp"
#include "wire/names.hpp"

namespace capnweb {

using detail::HookRef;

Expected<Evaluated> evaluate(JsonView expression, Importer* importer, const Limits& limits) {
  Evaluator evaluator(importer, limits);
  Evaluated result;
  if (!evaluator.evaluate(expression, 0, result.value)) return std::move(evaluator.error());
  result.holds_promises = evaluator.holds_promises();
  return result;
}

bool Evaluator::fail(Error error) {
  error_ = std::move(error);
  return false;
}

bool Evaluator::fail_unknown(JsonView json) {
  return fail(Error::type_error("unknown special value: " + quote_json(json)));
}

bool Evaluator::take(Expected<HookRef> hook, HookRef& out) {
  if (!hook) return fail(std::move(hook.error()));
  out = std::move(*hook);
  return true;
}

bool Evaluator::evaluate(JsonView json, std::size_t depth, Value& out) {
  if (depth >= limits_.max_depth)
    return fail(Error::type_error("Deserialization exceeded maximum allowed message depth of " +
                                  std::to_string(limits_.max_depth) + "."));
  switch (json.type()) {
    case JsonType::kNull:
      out = nullptr;
      return true;
    case JsonType::kFalse:
    case JsonType::kTrue:
      out = json.type() == JsonType::kTrue;
      return true;
    case JsonType::kNumber:
      out = json.number();
      return true;
    case JsonType::kString:
      out = json.string();
      return true;
    case JsonType::kObject:
      return object(json, depth, out);
    case JsonType::kArray:
      break;
  }
  if (json.size() == 1 && json[0].is_array()) {  // an escaped array (V-27)
    Array items;
    if (!array(json[0], depth, items)) return false;
    out = std::move(items);
    return true;
  }
  if (json.size() > 0 && json[0].is_string())
    if (Special special = find_special(json[0].string())) return (this->*special)(json, depth, out);
  return fail_unknown(json);
}

bool Evaluator::array(JsonView json, std::size_t depth, Array& out) {
  out.reserve(json.size());
  for (JsonView item : json)
    if (!evaluate(item, depth + 1, out.emplace_back())) return false;
  return true;
}

// Of a key that stands twice, the last value counts, and only that is evaluated, as after
// JSON.parse (V-2).
bool Evaluator::object(JsonView json, std::size_t depth, Value& out) {
  constexpr std::size_t kSmall = 8;
  Object object;
  object.reserve(json.size());
  if (json.size() > kSmall) {  // the number of the entry that counts, for now
    double number = 0;
    for (auto entry = json.begin(); entry != json.end(); ++entry, ++entry, ++number)
      object.set(std::string((*entry).string()), number);
  }
  double number = 0;
  for (auto entry = json.begin(); entry != json.end(); ++number) {
    const std::string_view key = (*entry).string();
    ++entry;
    const JsonView value = *entry;
    ++entry;
    bool counts = true;
    if (json.size() > kSmall) {
      counts = *object.find(key) == Value(number);
    } else {
      for (auto later = entry; later != json.end(); ++later, ++later)
        counts = counts && (*later).string() != key;
    }
    if (counts && !property(key, value, depth + 1, object)) return false;
  }
  out = std::move(object);
  return true;
}

// V-30: forbidden keys are dropped for good (L-9), but what they hold is evaluated.
bool Evaluator::property(std::string_view key, JsonView json, std::size_t depth, Object& out) {
  if (is_forbidden_key(key)) {
    Value dropped;
    const bool promises_before = holds_promises_;
    if (!evaluate(json, depth, dropped)) return false;
    holds_promises_ = promises_before;
    out.erase(key);
    return true;
  }
  return evaluate(json, depth, out[key]);
}

Evaluator::Special Evaluator::find_special(std::string_view name) {
  struct Row {
    std::string_view name;
    Special evaluate;
  };
  static constexpr Row kRows[] = {
      {"pipeline", &Evaluator::pipeline},
      {"import", &Evaluator::import},
      {"export", &Evaluator::exported},
      {"promise", &Evaluator::promise},
      {"undefined", &Evaluator::undefined},
      {"bytes", &Evaluator::bytes},
      {"date", &Evaluator::date},
      {"bigint", &Evaluator::bigint},
      {"error", &Evaluator::an_error},
      {"remap", &Evaluator::remap},
      {"readable", &Evaluator::readable},
      {"writable", &Evaluator::writable},
      {"blob", &Evaluator::blob},
      {"inf", &Evaluator::infinity},
      {"-inf", &Evaluator::minus_infinity},
      {"nan", &Evaluator::not_a_number},
      {"url", &Evaluator::url},
      {"headers", &Evaluator::headers},
      {"request", &Evaluator::request},
      {"response", &Evaluator::response},
  };
  for (const Row& row : kRows)
    if (row.name == name) return row.evaluate;
  return nullptr;
}

// ---- Plain data

bool Evaluator::undefined(JsonView json, std::size_t, Value& out) {
  if (json.size() != 1) return fail_unknown(json);  // V-12
  out = Value();
  return true;
}

bool Evaluator::infinity(JsonView, std::size_t, Value& out) {
  out = HUGE_VAL;
  return true;
}

bool Evaluator::minus_infinity(JsonView, std::size_t, Value& out) {
  out = -HUGE_VAL;
  return true;
}

bool Evaluator::not_a_number(JsonView, std::size_t, Value& out) {
  out = std::nan("");
  return true;
}

bool Evaluator::bigint(JsonView json, std::size_t, Value& out) {
  if (json.size() < 2 || !json[1].is_string()) return fail_unknown(json);
  const std::string_view text = json[1].string();
  if (utf16_length(text) > limits_.max_bigint_digits)  // V-15
    return fail(Error::type_error("Deserialized bigint exceeds maximum length of " +
                                  std::to_string(limits_.max_bigint_digits) + " digits."));
  auto number = BigInt::parse(text);
  if (!number)
    return fail(Error::syntax_error("Cannot convert " + std::string(clip_bytes(text, 64)) +
                                    " to a BigInt"));
  out = std::move(*number);
  return true;
}

bool Evaluator::date(JsonView json, std::size_t, Value& out) {
  constexpr double kLatest = 8.64e15;
  if (json.size() < 2) return fail_unknown(json);
  Date date;
  if (json[1].is_number()) {
    if (std::abs(json[1].number()) <= kLatest) date.milliseconds = std::trunc(json[1].number());
  } else if (json[1].type() != JsonType::kNull) {
    return fail_unknown(json);
  }
  out = date;
  return true;
}

namespace {

// JavaScript's typeof a JSON value, for V-22.
std::string_view type_of(JsonView json) {
  switch (json.type()) {
    case JsonType::kFalse:
    case JsonType::kTrue:
      return "boolean";
    case JsonType::kNumber:
      return "number";
    case JsonType::kString:
      return "string";
    default:
      return "object";
  }
}

}  // namespace

bool Evaluator::bytes(JsonView json, std::size_t, Value& out) {
  if (json.size() < 2 || !json[1].is_string()) return fail_unknown(json);
  BytesKind kind = BytesKind::kUint8Array;
  if (json.size() > 2) {
    if (!json[2].is_string())
      return fail(Error::type_error("Unknown bytes type marker type: " +
                                    std::string(type_of(json[2]))));
    auto found = find_bytes_kind(json[2].string());
    if (!found)
      return fail(Error::type_error("Unknown bytes type marker: " +
                                    std::string(clip_utf16(json[2].string(), 64))));
    kind = *found;
  }
  auto data = decode_base64(json[1].string());
  if (!data) return fail(Error::syntax_error("Bytes must be sent as base64."));
  const std::size_t element = bytes_element_size(kind);
  if (data->size() % element != 0)  // V-23
    return fail(Error::type_error("Invalid byte length " + std::to_string(data->size()) + " for " +
                                  std::string(bytes_kind_name(kind)) +
                                  "; expected a multiple of " + std::to_string(element)));
  out = Bytes(std::move(*data), kind);
  return true;
}

bool Evaluator::an_error(JsonView json, std::size_t depth, Value& out) {
  const std::size_t size = json.size();
  if (size < 3 || !json[1].is_string() || !json[2].is_string()) return fail_unknown(json);
  if (size > 4 && !json[4].is_object()) return fail_unknown(json);  // V-41
  const std::string_view name = json[1].string();
  Error error(is_error_name(name) ? std::string(name) : "Error", std::string(json[2].string()));
  if (size > 3 && json[3].is_string()) error.set_stack(std::string(json[3].string()));
  if (size > 4) {
    for (auto entry = json[4].begin(); entry != json[4].end();) {
      const std::string_view key = (*entry).string();
      ++entry;
      const JsonView property = *entry;
      ++entry;
      if (key == "name" || key == "message" || key == "stack") continue;  // V-42: not evaluated
      Value value;
      if (!evaluate(property, depth + 1, value)) return false;
      if (!is_forbidden_key(key)) error.set_property(std::string(key), std::move(value));
    }
  }
  out = std::move(error);
  return true;
}

}  // namespace capnweb
