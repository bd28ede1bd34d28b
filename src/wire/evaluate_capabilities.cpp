// evaluate_capabilities.cpp: expressions that refer to something, on either side (section 3.1 of
// the rules).
#include <capnweb/detail/plain.hpp>
#include <cmath>
#include <utility>

#include "value/json_writer.hpp"
#include "value/number.hpp"
#include "wire/data_rules.hpp"
#include "wire/evaluate.hpp"
#include "wire/json_entries.hpp"

namespace capnweb {

using detail::HookRef;
using detail::PromiseRef;
using detail::StubRef;

namespace {

constexpr double kLargestId = 9007199254740992.0;

// A fractional id is legal JSON, but nothing has it (M-6).
bool is_id(double number) { return std::trunc(number) == number && std::abs(number) <= kLargestId; }

// A path of names and indexes. Most are a single name, which asks for no memory.
class ReadPath {
 public:
  // False if it is no array, or other things stand in it (M-44).
  bool read(JsonView json) {
    if (!json.is_array()) return false;
    if (json.size() == 1) {
      parts_ = {&single_, 1};
      return read_part(json[0], single_);
    }
    several_.resize(json.size());
    parts_ = several_;
    auto place = several_.begin();
    for (JsonView part : json)
      if (!read_part(part, *place++)) return false;
    return true;
  }
  PathView parts() const noexcept { return parts_; }

 private:
  static bool read_part(JsonView json, PathPart& part) {
    if (json.is_string()) {
      part.emplace<std::string>(json.string());
    } else if (json.is_number()) {
      part = json.number();
    }
    return json.is_string() || json.is_number();
  }

  PathPart single_;
  Path several_;
  PathView parts_;
};

// The instructions of a map(), to be parsed again when they run: every number comes back as it was,
// also those that JSON.stringify would lose. The tape bounds the recursion.
void print_instructions(JsonView json, std::string& out) {
  bool is_first = true;
  switch (json.type()) {
    case JsonType::kNumber:
      write_exact_number(out, json.number());
      return;
    case JsonType::kString:
      write_json_string(out, json.string());
      return;
    case JsonType::kArray:
      out += '[';
      for (JsonView item : json) {
        if (!std::exchange(is_first, false)) out += ',';
        print_instructions(item, out);
      }
      out += ']';
      return;
    case JsonType::kObject:
      out += '{';
      for (const auto [key, value] : JsonEntries(json)) {
        if (!std::exchange(is_first, false)) out += ',';
        write_json_string(out, key);
        out += ':';
        print_instructions(value, out);
      }
      out += '}';
      return;
    case JsonType::kNull:
      out += "null";
      return;
    case JsonType::kFalse:
      out += "false";
      return;
    case JsonType::kTrue:
      out += "true";
      return;
  }
}

}  // namespace

// The promise of a plain capability is that capability: there is nothing to wait for.
void Evaluator::put_promise(HookRef hook, Value& out) {
  if (hook->is_stub()) {
    out = StubRef{std::move(hook)};
  } else {
    holds_promises_ = true;
    out = PromiseRef{std::move(hook)};
  }
}

// ---- Ours, named by the peer: import, pipeline, remap

bool Evaluator::find_export(JsonView id, HookRef& out) {
  const double number = id.number();
  if (importer_ && is_id(number))
    return take(importer_->find_export(static_cast<ExportId>(number)), out);
  return fail(Error("no such entry on exports table: " + number_to_string(number)));
}

bool Evaluator::import(JsonView json, std::size_t depth, Value& out) {
  HookRef hook;
  if (!reference(json, depth, false, hook)) return false;
  out = StubRef{std::move(hook)};
  return true;
}

bool Evaluator::pipeline(JsonView json, std::size_t depth, Value& out) {
  HookRef hook;
  if (!reference(json, depth, true, hook)) return false;
  put_promise(std::move(hook), out);
  return true;
}

// [kind, id], [kind, id, path], [kind, id, path, arguments] (C-1, C-2).
bool Evaluator::reference(JsonView json, std::size_t depth, bool is_promise, HookRef& hook) {
  const std::size_t size = json.size();
  if (size < 2 || size > 4 || !json[1].is_number()) return fail_unknown(json);
  if (!find_export(json[1], hook)) return false;
  if (size > 2) {
    ReadPath path;
    if (!path.read(json[2])) return fail_unknown(json);
    if (size == 3) {
      hook = hook->get(path.parts());
    } else {
      if (!json[3].is_array()) return fail_unknown(json);
      detail::Arguments values;
      if (!arguments(json[3], depth, values)) return false;
      hook = hook->call(path.parts(), std::move(values));
    }
  } else if (is_promise && hook->is_stub()) {
    hook = hook->get({});  // a promise that a map has captured came like a stub
  }
  return true;
}

bool Evaluator::evaluate_call(detail::Hook& callee, std::string_view method, JsonView json,
                              HookRef& out) {
  detail::Arguments values;
  if (is_too_deep(0) || !arguments(json, 0, values)) return false;
  const PathPart name(std::in_place_type<std::string>, method);
  out = callee.call({&name, 1}, std::move(values));
  return true;
}

Expected<HookRef> evaluate_call(detail::Hook& callee, std::string_view method, JsonView arguments,
                                Importer* importer, const Limits& limits) {
  // Many objects read plain data as their own types.
  HookRef result;
  if (limits.max_depth > 1) result = callee.call_plain(method, {arguments, limits.max_depth - 1});
  if (result) return result;
  Evaluator evaluator(importer, limits);
  if (!evaluator.evaluate_call(callee, method, arguments, result)) return evaluator.take_error();
  return result;
}

// The arguments are as deep as an array in place of their call (L-3). Whether promises stand among
// them is told for themselves alone.
bool Evaluator::arguments(JsonView json, std::size_t depth, detail::Arguments& out) {
  const bool promises_before = std::exchange(holds_promises_, false);
  if (!array(json, depth, out.values)) return false;
  out.may_hold_promises = std::exchange(holds_promises_, promises_before);
  return true;
}

bool Evaluator::remap(JsonView json, std::size_t, Value& out) {
  if (json.size() != 5 || !json[1].is_number() || !json[2].is_array() || !json[3].is_array() ||
      !json[4].is_array())
    return fail_unknown(json);
  HookRef hook;
  if (!find_export(json[1], hook)) return false;
  ReadPath path;
  if (!path.read(json[2])) return fail_unknown(json);
  detail::MapProgram program;
  if (!captures(json[3], program.captures)) return false;
  print_instructions(json[4], program.instructions);
  program.budget = importer_->map_budget();
  put_promise(hook->map(path.parts(), std::move(program)), out);
  return true;
}

// Both kinds are taken as stubs: a mapper calls them and passes them on, it never awaits.
bool Evaluator::captures(JsonView json, std::vector<Value>& out) {
  out.reserve(json.size());
  for (JsonView capture : json) {
    const bool is_pair = capture.is_array() && capture.size() == 2 && capture[0].is_string() &&
                         capture[1].is_number();
    HookRef hook;
    if (is_pair && capture[0].string() == "import") {
      if (!find_export(capture[1], hook)) return false;
    } else if (is_pair && capture[0].string() == "export") {
      ImportId id{};
      if (!offered_id(capture, id) || !take(importer_->import_stub(id), hook)) return false;
    } else {
      return fail(Error::type_error("unknown map capture: " + quote_json(capture)));
    }
    out.emplace_back(StubRef{std::move(hook)});
  }
  return true;
}

// ---- The peer's, offered to us: export, promise, readable, writable, blob

bool Evaluator::offered_id(JsonView json, ImportId& out) {
  if (json.size() < 2 || !json[1].is_number() || !is_id(json[1].number()))
    return fail_unknown(json);
  if (!importer_) return fail(Error("Cannot deserialize RPC stubs without an RPC session."));
  out = static_cast<ImportId>(json[1].number());
  return true;
}

bool Evaluator::exported(JsonView json, std::size_t, Value& out) {
  ImportId id{};
  HookRef hook;
  if (!offered_id(json, id) || !take(importer_->import_stub(id), hook)) return false;
  out = StubRef{std::move(hook)};
  return true;
}

bool Evaluator::promise(JsonView json, std::size_t, Value& out) {
  ImportId id{};
  HookRef hook;
  if (!offered_id(json, id) || !take(importer_->import_promise(id), hook)) return false;
  put_promise(std::move(hook), out);
  return true;
}

bool Evaluator::writable(JsonView json, std::size_t, Value& out) {
  ImportId id{};
  HookRef hook;
  if (!offered_id(json, id) || !take(importer_->import_writable(id), hook)) return false;
  out = detail::WritableRef{std::move(hook)};
  return true;
}

bool Evaluator::readable(JsonView json, std::size_t, Value& out) {
  if (json.size() < 2 || !json[1].is_number()) return fail_unknown(json);
  if (!importer_) return fail(Error("Cannot retrieve pipe readable without an RPC session."));
  const double id = json[1].number();
  if (!is_id(id))
    return fail(Error("Export " + number_to_string(id) +
                      " is not a pipe or its readable end was already consumed."));
  HookRef hook;
  if (!take(importer_->take_readable(static_cast<ExportId>(id)), hook)) return false;
  out = detail::ReadableRef{std::move(hook)};
  return true;
}

// Delivered when all of its bytes are there, so until then it is a promise (V-55).
bool Evaluator::blob(JsonView json, std::size_t depth, Value& out) {
  if (json.size() != 3 || !json[1].is_string()) return fail_unknown(json);
  Value content;
  if (!evaluate(json[2], depth + 1, content)) return false;
  auto* stream = content.get_if<detail::ReadableRef>();
  if (!stream)
    return fail(Error::type_error("Blob content must be serialized as a ReadableStream."));
  HookRef hook;
  if (!take(importer_->collect_blob(std::string(json[1].string()), std::move(stream->hook)), hook))
    return false;
  put_promise(std::move(hook), out);
  return true;
}

}  // namespace capnweb
