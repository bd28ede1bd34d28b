// evaluate.hpp: one evaluation of an expression (evaluate() in expression.hpp starts it).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wire/expression.hpp"

namespace capnweb {

// Each function fills `out` and tells whether it could; if not, error() says why. What had been
// evaluated until then is released by the destruction of `out`. The order is that of the text, so
// calls start in the order in which they are written.
class Evaluator {
 public:
  // A null `importer` is a context without a session (V-66).
  Evaluator(Importer* importer, const Limits& limits) : importer_(importer), limits_(limits) {}

  // `depth` levels of values lie around this one (L-2).
  bool evaluate(JsonView json, std::size_t depth, Value& out);
  // The promise of what a call of `callee` gives.
  bool evaluate_call(detail::Hook& callee, std::string_view method, JsonView json,
                     detail::HookRef& out);

  bool holds_promises() const noexcept { return holds_promises_; }
  // REQUIRES: a function gave false.
  Error take_error() { return *std::move(error_); }

 private:
  using Special = bool (Evaluator::*)(JsonView json, std::size_t depth, Value& out);
  static Special find_special(std::string_view name);

  // What becomes of a member by its name.
  enum class Fate { kKept, kDropped, kIgnored };
  static Fate fate_in_object(std::string_view key);
  static Fate fate_in_error(std::string_view key);

  bool array(JsonView json, std::size_t depth, Array& out);
  bool members(JsonView json, std::size_t depth, Fate (*fate)(std::string_view key), Object& out);
  bool unused(JsonView json, std::size_t depth);

  // ["kind",...], one function each.
  bool undefined(JsonView json, std::size_t depth, Value& out);
  bool infinity(JsonView json, std::size_t depth, Value& out);
  bool minus_infinity(JsonView json, std::size_t depth, Value& out);
  bool not_a_number(JsonView json, std::size_t depth, Value& out);
  bool bigint(JsonView json, std::size_t depth, Value& out);
  bool date(JsonView json, std::size_t depth, Value& out);
  bool bytes(JsonView json, std::size_t depth, Value& out);
  bool an_error(JsonView json, std::size_t depth, Value& out);
  bool url(JsonView json, std::size_t depth, Value& out);
  bool headers(JsonView json, std::size_t depth, Value& out);
  bool request(JsonView json, std::size_t depth, Value& out);
  bool response(JsonView json, std::size_t depth, Value& out);
  bool blob(JsonView json, std::size_t depth, Value& out);
  bool import(JsonView json, std::size_t depth, Value& out);
  bool pipeline(JsonView json, std::size_t depth, Value& out);
  bool remap(JsonView json, std::size_t depth, Value& out);
  bool exported(JsonView json, std::size_t depth, Value& out);
  bool promise(JsonView json, std::size_t depth, Value& out);
  bool readable(JsonView json, std::size_t depth, Value& out);
  bool writable(JsonView json, std::size_t depth, Value& out);

  // Parts of those of capabilities.
  bool reference(JsonView json, std::size_t depth, bool is_promise, detail::HookRef& out);
  bool arguments(JsonView json, std::size_t depth, detail::Arguments& out);
  bool captures(JsonView json, std::vector<Value>& out);
  bool find_export(JsonView id, detail::HookRef& out);
  bool offered_id(JsonView json, ImportId& out);
  void put_promise(detail::HookRef hook, Value& out);

  // Parts of Request and Response.
  bool header_pairs(JsonView json, Headers& out);
  bool init_headers(JsonView init, Headers& out);
  bool body(JsonView json, std::size_t depth, std::string_view owner, Value& out);
  bool plain(JsonView json, std::size_t depth, Value& out);
  bool plain_members(JsonView init, std::size_t depth, std::span<const std::string_view> names,
                     Object& out);

  bool is_too_deep(std::size_t depth);
  bool fail(Error error);
  bool fail_if(std::optional<Error> error);  // true if there is none
  bool fail_unknown(JsonView json);          // "unknown special value: ..."
  bool take(Expected<detail::HookRef> hook, detail::HookRef& out);

  Importer* importer_;
  const Limits& limits_;
  bool holds_promises_ = false;
  std::optional<Error> error_;
};

}  // namespace capnweb
