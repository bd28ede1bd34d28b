// evaluate_data.cpp: plain data that JSON does not have (sections 1.2 to 1.7 of the rules).

#include <limits>
#include <utility>

#include "value/base64.hpp"
#include "value/utf.hpp"
#include "wire/data_rules.hpp"
#include "wire/evaluate.hpp"
#include "wire/names.hpp"

namespace capnweb {

namespace {

constexpr std::size_t kQuoted = 64;  // characters of a text in an error (L-11)

// JavaScript's typeof a JSON value.
std::string_view type_of(JsonView json) {
  switch (json.type()) {
    case JsonType::kFalse:
    case JsonType::kTrue:
      return "boolean";
    case JsonType::kNumber:
      return "number";
    case JsonType::kString:
      return "string";
    case JsonType::kNull:
    case JsonType::kArray:
    case JsonType::kObject:
      break;
  }
  return "object";
}

// The container that a ["bytes",...] names (V-21, V-22).
Expected<BytesKind> read_bytes_kind(JsonView json) {
  if (json.size() < 3) return BytesKind::kUint8Array;
  const JsonView name = json[2];
  if (!name.is_string())
    return Error::type_error("Unknown bytes type marker type: " + std::string(type_of(name)));
  if (auto kind = find_bytes_kind(name.string())) return *kind;
  return Error::type_error("Unknown bytes type marker: " +
                           std::string(clip_utf16(name.string(), kQuoted)));
}

}  // namespace

bool Evaluator::undefined(JsonView json, std::size_t, Value& out) {
  if (json.size() != 1) return fail_unknown(json);  // V-12
  out = Value();
  return true;
}

bool Evaluator::infinity(JsonView, std::size_t, Value& out) {
  out = std::numeric_limits<double>::infinity();
  return true;
}

bool Evaluator::minus_infinity(JsonView, std::size_t, Value& out) {
  out = -std::numeric_limits<double>::infinity();
  return true;
}

bool Evaluator::not_a_number(JsonView, std::size_t, Value& out) {
  out = std::numeric_limits<double>::quiet_NaN();
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
    return fail(Error::syntax_error("Cannot convert " + std::string(clip_utf16(text, kQuoted)) +
                                    " to a BigInt"));
  out = *std::move(number);
  return true;
}

bool Evaluator::date(JsonView json, std::size_t, Value& out) {
  if (json.size() < 2) return fail_unknown(json);
  const JsonView time = json[1];
  if (time.is_number()) {
    out = Date{time_clip(time.number())};
  } else if (time.type() == JsonType::kNull) {
    out = Date{};
  } else {
    return fail_unknown(json);
  }
  return true;
}

bool Evaluator::bytes(JsonView json, std::size_t, Value& out) {
  if (json.size() < 2 || !json[1].is_string()) return fail_unknown(json);
  auto kind = read_bytes_kind(json);
  if (!kind) return fail(std::move(kind.error()));
  auto data = decode_base64(json[1].string());
  if (!data)  // V-24: no honest sender writes anything else
    return fail(Error::syntax_error(
        "Bytes must be sent in the standard base64 alphabet, without or with correct padding."));
  Bytes result(*std::move(data), *kind);
  if (auto misaligned = check_alignment(result)) return fail(*std::move(misaligned));
  out = std::move(result);
  return true;
}

bool Evaluator::an_error(JsonView json, std::size_t depth, Value& out) {
  const std::size_t size = json.size();
  if (size < 3 || !json[1].is_string() || !json[2].is_string()) return fail_unknown(json);
  if (size > 4 && !json[4].is_object()) return fail_unknown(json);  // V-41
  // A name that JavaScript does not know is lost (V-37).
  const std::string_view name = json[1].string();
  Error error(is_error_name(name) ? std::string(name) : "Error", std::string(json[2].string()));
  if (size > 3 && json[3].is_string()) error.set_stack(std::string(json[3].string()));
  if (size > 4) {
    Object properties;
    if (!members(json[4], depth, fate_in_error, properties)) return false;
    for (auto& [key, value] : properties) error.set_property(std::move(key), std::move(value));
  }
  // In JavaScript this one always has them.
  if (name == "AggregateError" && !error.properties().contains("errors"))
    error.set_property("errors", Array());
  out = std::move(error);
  return true;
}

}  // namespace capnweb
