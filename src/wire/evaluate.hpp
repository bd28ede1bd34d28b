// evaluate.hpp: one evaluation of an expression (evaluate() in expression.hpp starts it).
#pragma once

#include <optional>
#include <string>

#include "wire/expression.hpp"

namespace capnweb {

// Each function fills `out` and tells whether it could; if not, error() says why. What had been
// evaluated until then is released by the destruction of `out`.
class Evaluator {
 public:
  Evaluator(Importer* importer, const Limits& limits) : importer_(importer), limits_(limits) {}

  // `depth` levels of values lie around this one (L-2).
  bool evaluate(JsonView json, std::size_t depth, Value& out);

  bool holds_promises() const noexcept { return holds_promises_; }
  Error& error() noexcept { return *error_; }

 private:
  using Special = bool (Evaluator::*)(JsonView json, std::size_t depth, Value& out);
  static Special find_special(std::string_view name);

  bool array(JsonView json, std::size_t depth, Array& out);
  bool object(JsonView json, std::size_t depth, Value& out);
  bool property(std::string_view key, JsonView json, std::size_t depth, Object& out);

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

  bool reference(JsonView json, std::size_t depth, bool is_promise, Value& out);
  bool captures(JsonView json, std::vector<Value>& out);
  bool find_export(JsonView id, detail::HookRef& out);
  bool offered_id(JsonView json, ImportId& out);
  bool path(JsonView json, Path& out);
  bool header_pairs(JsonView json, Headers& out);
  bool body(JsonView json, std::size_t depth, std::string_view owner, Value& out);
  void put_promise(detail::HookRef hook, Value& out);

  bool fail(Error error);
  bool fail_unknown(JsonView json);  // "unknown special value: ..."
  bool take(Expected<detail::HookRef> hook, detail::HookRef& out);

  Importer* importer_;
  const Limits& limits_;
  bool holds_promises_ = false;
  std::optional<Error> error_;
};

}  // namespace capnweb
