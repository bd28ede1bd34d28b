// evaluate.cpp: what all expressions have in common.
#include "wire/evaluate.hpp"

#include <utility>

#include "value/json_writer.hpp"
#include "wire/json_entries.hpp"
#include "wire/names.hpp"

namespace capnweb {

using detail::HookRef;

Expected<Evaluated> evaluate(JsonView expression, Importer* importer, const Limits& limits) {
  Evaluator evaluator(importer, limits);
  Evaluated result;
  if (!evaluator.evaluate(expression, 0, result.value)) return evaluator.take_error();
  result.holds_promises = evaluator.holds_promises();
  return result;
}

// ---- Failing

bool Evaluator::fail(Error error) {
  error_ = std::move(error);
  return false;
}

bool Evaluator::fail_if(std::optional<Error> error) { return !error || fail(*std::move(error)); }

bool Evaluator::fail_unknown(JsonView json) {
  return fail(Error::type_error("unknown special value: " + quote_json(json)));
}

bool Evaluator::is_too_deep(std::size_t depth) {
  if (depth < limits_.max_depth) return false;
  fail(Error::type_error("Deserialization exceeded maximum allowed message depth of " +
                         std::to_string(limits_.max_depth) + "."));
  return true;
}

bool Evaluator::take(Expected<HookRef> hook, HookRef& out) {
  if (!hook) return fail(std::move(hook.error()));
  out = *std::move(hook);
  return true;
}

// ---- Any value

bool Evaluator::evaluate(JsonView json, std::size_t depth, Value& out) {
  if (is_too_deep(depth)) return false;
  switch (json.type()) {
    case JsonType::kNull:
      out = nullptr;
      return true;
    case JsonType::kFalse:
      out = false;
      return true;
    case JsonType::kTrue:
      out = true;
      return true;
    case JsonType::kNumber:
      out = json.number();
      return true;
    case JsonType::kString:
      out = json.string();
      return true;
    case JsonType::kObject: {
      Object object;
      if (!members(json, depth, fate_in_object, object)) return false;
      out = std::move(object);
      return true;
    }
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

Evaluator::Fate Evaluator::fate_in_object(std::string_view key) {
  return is_forbidden_key(key) ? Fate::kDropped : Fate::kKept;  // V-30
}

Evaluator::Fate Evaluator::fate_in_error(std::string_view key) {
  if (key == "name" || key == "message" || key == "stack") return Fate::kIgnored;  // V-42
  return fate_in_object(key);
}

// Keys first, then values: of a key that stands twice the last value counts, and only that one is
// evaluated, as after JSON.parse (V-2). Until its value is there, a key has the number of the entry
// that counts.
bool Evaluator::members(JsonView json, std::size_t depth, Fate (*fate)(std::string_view key),
                        Object& out) {
  out.reserve(json.size());
  std::size_t kept = 0;
  double number = 0;
  for (const auto [key, value] : JsonEntries(json)) {
    if (fate(key) == Fate::kKept) {
      out.set(std::string(key), number);
      ++kept;
    }
    ++number;
  }
  const bool has_twins = out.size() != kept;
  auto next = out.begin();
  number = 0;
  for (const auto [key, value] : JsonEntries(json)) {
    switch (fate(key)) {
      case Fate::kIgnored:
        break;
      case Fate::kDropped:
        if (!unused(value, depth + 1)) return false;
        break;
      case Fate::kKept: {
        Value& place = has_twins ? *out.find(key) : (next++)->second;
        const bool counts = !has_twins || place == Value(number);
        if (counts && !evaluate(value, depth + 1, place)) return false;
        break;
      }
    }
    ++number;
  }
  return true;
}

// What a forbidden key holds: calls in it are made, stubs in it released, and no promise in it
// delays anything or comes back (V-30, L-9).
bool Evaluator::unused(JsonView json, std::size_t depth) {
  const bool promises_before = holds_promises_;
  Value dropped;
  if (!evaluate(json, depth, dropped)) return false;
  holds_promises_ = promises_before;
  return true;
}

// To add a kind of expression: its function, and its row here. The frequent ones come first.
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

}  // namespace capnweb
