// evaluate_capabilities.cpp: expressions that refer to something, on either side (section 3.1).
#include <cmath>
#include <utility>

#include "value/json_writer.hpp"
#include "value/number.hpp"
#include "wire/evaluate.hpp"

namespace capnweb {

using detail::HookRef;
using detail::PromiseRef;
using detail::StubRef;

namespace {

constexpr double kLargestId = 9007199254740992.0;

bool is_id(double number) { return std::trunc(number) == number && std::abs(number) <= kLargestId; }

}  // namespace

// A promise of a plain capability is that stub, there is nothing to wait for.
void Evaluator::put_promise(HookRef hook, Value& out) {
  if (hook->is_stub()) {
    out = Value(StubRef{std::move(hook)});
  } else {
    holds_promises_ = true;
    out = Value(PromiseRef{std::move(hook)});
  }
}

bool Evaluator::find_export(JsonView id, HookRef& out) {
  const double number = id.number();
  if (importer_ && is_id(number))
    return take(importer_->find_export(static_cast<ExportId>(number)), out);
  return fail(Error("no such entry on exports table: " + number_to_string(number)));
}

bool Evaluator::path(JsonView json, Path& out) {
  out.reserve(json.size());
  for (JsonView part : json) {
    if (part.is_string()) {
      out.emplace_back(std::string(part.string()));
    } else if (part.is_number()) {
      out.emplace_back(part.number());
    } else {
      return false;
    }
  }
  return true;
}

bool Evaluator::import(JsonView json, std::size_t depth, Value& out) {
  return reference(json, depth, false, out);
}

bool Evaluator::pipeline(JsonView json, std::size_t depth, Value& out) {
  return reference(json, depth, true, out);
}

// [name, id], [name, id, path], [name, id, path, arguments] (C-1, C-2).
bool Evaluator::reference(JsonView json, std::size_t depth, bool is_promise, Value& out) {
  const std::size_t size = json.size();
  if (size < 2 || size > 4 || !json[1].is_number()) return fail_unknown(json);
  HookRef hook;
  if (!find_export(json[1], hook)) return false;
  if (size > 2) {
    Path steps;
    if (!json[2].is_array() || !path(json[2], steps)) return fail_unknown(json);
    if (size > 3) {
      if (!json[3].is_array()) return fail_unknown(json);
      // Whether there are promises among them is asked for these arguments alone.
      const bool promises_before = std::exchange(holds_promises_, false);
      detail::Arguments arguments;
      if (!array(json[3], depth, arguments.values)) return false;
      arguments.may_hold_promises = std::exchange(holds_promises_, promises_before);
      hook = hook->call(steps, std::move(arguments));
    } else {
      hook = hook->get(steps);
    }
  }
  if (is_promise) {
    put_promise(std::move(hook), out);
  } else {
    out = Value(StubRef{std::move(hook)});
  }
  return true;
}

bool Evaluator::captures(JsonView json, std::vector<Value>& out) {
  for (JsonView capture : json) {
    const bool is_pair = capture.is_array() && capture.size() == 2 && capture[0].is_string() &&
                         capture[1].is_number();
    HookRef hook;
    if (is_pair && capture[0].string() == "import") {
      if (!find_export(capture[1], hook)) return false;
    } else if (ImportId id{}; is_pair && capture[0].string() == "export") {
      if (!offered_id(capture, id) || !take(importer_->import_stub(id), hook)) return false;
    } else {
      return fail(Error::type_error("unknown map capture: " + quote_json(capture)));
    }
    out.emplace_back(StubRef{std::move(hook)});
  }
  return true;
}

bool Evaluator::remap(JsonView json, std::size_t, Value& out) {
  if (json.size() != 5 || !json[1].is_number() || !json[2].is_array() || !json[3].is_array() ||
      !json[4].is_array())
    return fail_unknown(json);
  HookRef hook;
  if (!find_export(json[1], hook)) return false;
  Path steps;
  if (!path(json[2], steps)) return fail_unknown(json);
  detail::MapProgram program;
  if (!captures(json[3], program.captures)) return false;
  program.instructions = quote_json(json[4], std::string::npos);
  put_promise(hook->map(steps, std::move(program)), out);
  return true;
}

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
  out = Value(StubRef{std::move(hook)});
  return true;
}

bool Evaluator::promise(JsonView json, std::size_t, Value& out) {
  ImportId id{};
  HookRef hook;
  if (!offered_id(json, id) || !take(importer_->import_promise(id), hook)) return false;
  put_promise(std::move(hook), out);
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
  out = Value(detail::ReadableRef{std::move(hook)});
  return true;
}

bool Evaluator::writable(JsonView json, std::size_t, Value& out) {
  ImportId id{};
  HookRef hook;
  if (!offered_id(json, id) || !take(importer_->import_writable(id), hook)) return false;
  out = Value(detail::WritableRef{std::move(hook)});
  return true;
}

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
